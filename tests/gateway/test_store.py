"""What is kept is bounded, by how much it weighs."""

from __future__ import annotations

from gateway.store import Bounded


def test_what_was_not_used_for_longest_goes_first() -> None:
    kept: Bounded[str, int] = Bounded(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]


def test_what_weighs_more_takes_the_places_of_several() -> None:
    kept: Bounded[str, int] = Bounded(5)
    for place, key in enumerate("abcde"):
        kept.put(key, place)
    kept.put("large", 9, 4)
    assert [kept.get(key) for key in "abcde"] == [None, None, None, None, 4]
    assert len(kept) == 2


def test_a_place_is_free_again_when_its_entry_has_gone_or_is_another() -> None:
    kept: Bounded[str, int] = Bounded(5)
    kept.put("a", 1, 4)
    kept.put("a", 2)
    kept.put("b", 3, 4)
    assert (kept.get("a"), kept.get("b")) == (2, 3)
    kept.drop(lambda key: key == "b")
    kept.put("c", 4, 4)
    assert (kept.get("a"), kept.get("c")) == (2, 4)


def test_what_weighs_more_than_there_is_room_for_is_not_kept() -> None:
    kept: Bounded[str, int] = Bounded(2)
    assert kept.put("a", 1, 3) == 1
    kept.put("b", 2)
    assert (kept.get("a"), kept.get("b"), len(kept)) == (None, 2, 1)
