"""Whose statement goes next: everybody in turn, and what is shared with the first of those who share it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.turns import ON_BEHALF, Turns
from datasources.urgency import URGENCY, Urgency
from datasources.work import Work

CLASSES: dict[str, Urgency] = {"o": "officer", "p": "partner", "b": "batch"}


class Queue:
    """Turns, with works that are called by a letter and a number: whose and which."""

    def __init__(self, *asked: str, room: int = 100) -> None:
        self.turns = Turns(room)
        self.works: dict[str, Work] = {}
        for one in asked:
            self.ask(one[0], one)

    def ask(self, caller: str, name: str) -> None:
        token = ON_BEHALF.set(caller)
        self.turns.add(self.works.setdefault(name, Work(name, (), 1.0)))
        ON_BEHALF.reset(token)

    def ask_as(self, kind: str, name: str) -> bool:
        """The same by a caller of that name and class; whether there was a place."""
        of, urgency = ON_BEHALF.set(kind), URGENCY.set(CLASSES[kind])
        placed = self.turns.add(self.works.setdefault(name, Work(name, (), 1.0)))
        ON_BEHALF.reset(of)
        URGENCY.reset(urgency)
        return placed

    def taken(self, count: int = 100) -> list[str]:
        found: list[str] = []
        while len(found) < count and (work := self.turns.take()) is not None:
            found.append(work.text)
        return found


def test_everybody_has_one_turn_and_then_the_next() -> None:
    assert Queue("a1", "a2", "a3", "b1", "c1", "c2").taken() == ["a1", "b1", "c1", "a2", "c2", "a3"]


def test_who_comes_later_is_next_after_those_who_wait() -> None:
    queue = Queue("a1", "a2", "a3", "a4")
    assert queue.taken(2) == ["a1", "a2"]
    queue.ask("b", "b1")
    assert queue.taken() == ["a3", "b1", "a4"]


def test_what_several_wait_for_goes_once_with_the_first_turn_of_any() -> None:
    queue = Queue("a1", "a2", "a3", "b1")
    queue.ask("c", "a3")
    queue.ask("c", "a3")
    assert queue.taken() == ["a1", "b1", "a3", "a2"]


def test_a_turn_that_went_with_another_s_is_not_lost() -> None:
    queue = Queue("a1", "b1")
    queue.ask("b", "a1")
    queue.ask("b", "b2")
    queue.ask("a", "b1")
    assert queue.taken() == ["a1", "b1", "b2"]


def test_nobody_waits_in_the_end() -> None:
    queue = Queue("a1")
    assert (queue.taken(), queue.taken()) == (["a1"], [])


def classes(*, partners: bool = True, batches: bool = True, without: str = "") -> str:
    """The first ten turns when everybody has enough to ask, by class."""
    queue = Queue()
    for kind in CLASSES:
        for number in range(0 if kind == without else 20):
            queue.ask_as(kind, f"{kind}{number}")
    taken = [queue.turns.take(partners=partners, batches=batches) for _ in range(10)]
    return "".join(work.text[0] for work in taken if work is not None)


@pytest.mark.parametrize(
    ("asked", "counts"),
    [
        ({}, {"o": 6, "p": 3, "b": 1}),
        ({"without": "o"}, {"p": 8, "b": 2}),
        ({"without": "p"}, {"o": 9, "b": 1}),
        ({"batches": False}, {"o": 7, "p": 3}),
        ({"batches": False, "partners": False}, {"o": 10}),
    ],
)
def test_turns_are_shared_out_to_classes_and_none_is_lost(asked: dict[str, Any], counts: dict[str, int]) -> None:
    assert Counter(classes(**asked)) == Counter(counts)


def test_a_class_does_not_have_its_turns_in_a_bunch() -> None:
    assert "oooo" not in classes()


def test_what_officers_and_batches_wait_for_goes_once_and_with_the_officers() -> None:
    queue = Queue()
    for number in range(3):
        queue.ask_as("b", f"b{number}")
    queue.ask_as("o", "b2")
    assert queue.taken(1) == ["b2"]
    assert sorted(queue.taken()) == ["b0", "b1"]


def test_a_class_has_so_many_places_and_others_have_theirs() -> None:
    queue = Queue(room=2)
    assert [queue.ask_as("b", name) for name in ("b1", "b2", "b3")] == [True, True, False]
    assert queue.ask_as("o", "o1")
    assert queue.turns.waiting() == {"officer": 1, "partner": 0, "batch": 2}


def test_whose_work_is_wanted_no_more_leaves_the_place_to_another() -> None:
    queue = Queue(room=1)
    queue.ask_as("b", "b1")
    queue.turns.leave(queue.works["b1"])
    assert queue.ask_as("b", "b2")
    assert queue.taken() == ["b2"]


@given(st.lists(st.one_of(st.tuples(st.sampled_from("abcde"), st.integers(0, 8)), st.none()), max_size=60))
def test_every_work_goes_once_and_nobody_is_forgotten(steps: list[tuple[str, int] | None]) -> None:
    """Whoever asks in whatever order, and whenever one goes: each that was asked for goes once, and then nobody waits."""
    queue, asked, gone = Queue(), [], []
    for step in steps:
        if step is None:
            gone += queue.taken(1)
        else:
            name = f"w{step[1]}"
            if name not in gone:
                queue.ask(step[0], name)
                asked.append(name)
    gone += queue.taken()
    assert sorted(gone) == sorted(set(asked))
    assert queue.turns.take() is None
