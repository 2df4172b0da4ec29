"""Who waits is looked at when their moment has come, whoever came first."""

from __future__ import annotations

import asyncio
import time

from datasources.deadlines import Deadlines, Waiter
from datasources.work import Work
from tests.datasources.soon import soon


def waiter(name: int) -> Waiter:
    future = asyncio.get_running_loop().create_future()
    return Waiter(future, (name,), Work("", (), 1.0), 0.0)


async def looked_at(*moments: float, done: int = -1) -> list[int]:
    """The waiters in the order in which they are looked at; `done` is the one that waits no more."""
    seen: list[int] = []
    deadlines = Deadlines(lambda one: seen.append(one.keys[0]))
    made = [waiter(number) for number in range(len(moments))]
    begin = time.monotonic()
    for one, moment in zip(made, moments, strict=True):
        deadlines.watch(one, begin + moment)
    if done >= 0:
        made[done].give(None)
    await soon(lambda: len(seen) == len(moments) - (done >= 0))
    deadlines.close()
    return seen


async def test_the_shortest_time_is_over_first_whoever_came_first() -> None:
    assert await looked_at(0.06, 0.02, 0.04, 0.08) == [1, 2, 0, 3]


async def test_who_has_an_answer_is_not_looked_at() -> None:
    assert await looked_at(0.04, 0.01, 0.03, done=1) == [2, 0]


async def test_those_in_front_that_are_done_are_forgotten() -> None:
    deadlines = Deadlines(lambda _: None)
    for number in range(1_000):
        one = waiter(number)
        deadlines.watch(one, time.monotonic() + 100)
        one.give(None)
    assert len(deadlines._watched) == 1
    deadlines.close()
