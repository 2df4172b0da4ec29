"""Whose statement goes next: everybody in turn, and what is shared with the first of those who share it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datasources.turns import ON_BEHALF, Turns
from datasources.work import Work


class Queue:
    """Turns, with works that are called by a letter and a number: whose and which."""

    def __init__(self, *asked: str) -> None:
        self.turns = Turns()
        self.works: dict[str, Work] = {}
        for one in asked:
            self.ask(one[0], one)

    def ask(self, caller: str, name: str) -> None:
        token = ON_BEHALF.set(caller)
        self.turns.add(self.works.setdefault(name, Work(name, ())))
        ON_BEHALF.reset(token)

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
