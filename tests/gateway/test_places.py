"""Who gets in when not everybody can."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from datasources.urgency import Urgency
from gateway.places import Places

LIMIT = 100
PERSON = 3


def crowd(places: Places, wanted: Sequence[Urgency]) -> dict[Urgency, int]:
    """How many of them are in after all have tried."""
    for urgency in wanted:
        if places.has_room(urgency, LIMIT):
            places.take(urgency)
    return places.taken


@pytest.mark.parametrize("urgency", ["officer", "partner", "batch"])
def test_alone_one_may_have_everything(urgency: Urgency) -> None:
    assert crowd(Places(PERSON), [urgency] * 300)[urgency] == LIMIT


def test_a_share_is_there_at_once_though_all_was_lent() -> None:
    places = Places(PERSON)
    crowd(places, ["partner"] * 300)
    assert crowd(places, ["officer"] * 300) == {"officer": 60, "partner": 100, "batch": 0}


def test_when_all_want_more_each_has_its_share() -> None:
    places = Places(PERSON)
    for _ in range(50):
        crowd(places, ["batch", "partner", "officer"] * 100)
        for urgency in ("officer", "partner", "batch"):
            for _ in range(places.taken[urgency] // 2):
                places.give_back(urgency)
        places.turn()
    assert crowd(places, ["batch", "partner", "officer"] * 100) == {"officer": 60, "partner": 30, "batch": 10}


def test_what_another_has_not_used_lately_is_lent() -> None:
    places = Places(PERSON)
    crowd(places, ["officer"] * 20)
    places.turn()
    assert crowd(places, ["partner"] * 300) == {"officer": 20, "partner": 80, "batch": 0}


def test_what_another_used_lately_is_kept_for_it() -> None:
    places = Places(PERSON)
    crowd(places, ["officer"] * 60)
    places.turn()
    for _ in range(60):
        places.give_back("officer")
    assert crowd(places, ["partner"] * 300)["partner"] == 40


def test_who_is_shed_gets_in_nowhere() -> None:
    places = Places(PERSON)
    places.shed = frozenset({"batch"})
    assert crowd(places, ["batch", "partner"]) == {"officer": 0, "partner": 1, "batch": 0}


def test_one_person_has_so_many_and_gets_others_as_they_come_back() -> None:
    places = Places(PERSON)
    for _ in range(PERSON):
        assert not places.has_enough("a")
        places.take("officer", "a")
    assert places.has_enough("a")
    assert not places.has_enough("b")
    places.give_back("officer", "a")
    assert not places.has_enough("a")


def test_of_systems_nobody_counts_and_nothing_is_kept_of_who_has_gone() -> None:
    places = Places(PERSON)
    for _ in range(PERSON + 1):
        places.take("partner")
    assert not places.has_enough("")
    places.take("officer", "a")
    places.give_back("officer", "a")
    assert places._persons == {}
