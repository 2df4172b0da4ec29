"""Long work in pieces: one per turn of the event loop, and none for what is short."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from gateway.pace import IDLE, ITEM, LONG, OTHERS, Pace

LISTS = "abc"
PIECES = 3


async def long_work(pace: Pace, name: str, order: list[str]) -> None:
    for _ in range(PIECES):
        await pace.turn(LONG + 1)
        order.append(name)


async def turns(order: list[str]) -> None:
    """Marks every turn of the event loop while there is work."""
    while order.count(".") < 100 and sum(map(order.count, LISTS)) < PIECES * len(LISTS):
        order.append(".")
        await asyncio.sleep(0)


async def test_between_two_pieces_everybody_else_has_a_turn() -> None:
    pace, order = Pace(), [""]
    await asyncio.gather(turns(order), *(long_work(pace, name, order) for name in LISTS))
    text = "".join(order)
    assert sorted(text.replace(".", "")) == sorted(LISTS * PIECES)
    assert [part for part in text.split(".") if len(part) > 1] == []


async def test_long_work_goes_on_in_the_order_in_which_it_came() -> None:
    pace, order = Pace(), [""]
    await asyncio.gather(*(long_work(pace, name, order) for name in LISTS))
    assert "".join(order) == LISTS * PIECES


async def test_what_is_short_waits_for_nobody() -> None:
    pace = Pace()
    waiting = asyncio.ensure_future(pace.turn(LONG + 1))
    coroutine = pace.turn(LONG)
    with pytest.raises(StopIteration):
        coroutine.send(None)
    await waiting


async def test_who_gave_up_keeps_nobody_waiting() -> None:
    pace, order = Pace(), [""]
    gone = asyncio.ensure_future(long_work(pace, "x", order))
    left = asyncio.ensure_future(long_work(pace, "a", order))
    await asyncio.sleep(0)
    gone.cancel()
    await left
    await long_work(pace, "b", order)
    assert "".join(order) == "aaabbb"


async def test_while_others_work_they_have_three_times_as_long_as_a_piece() -> None:
    now, pieces = 0.0, 20
    pace = Pace(clock=lambda: now)
    begun: list[float] = []

    async def busy() -> None:
        nonlocal now
        while len(begun) < pieces:
            now += 10 * IDLE
            await asyncio.sleep(0)

    async def long() -> None:
        for _ in range(pieces):
            await pace.turn(1000)
            begun.append(now)

    await asyncio.gather(busy(), long())
    least = 1000 * ITEM * (1 + OTHERS)
    assert all(later - earlier >= least - 11 * IDLE for earlier, later in itertools.pairwise(begun))
    assert begun[-1] <= (pieces + 1) * (least + 10 * IDLE)


async def test_where_nobody_else_works_the_next_piece_runs_in_the_next_turn_but_one() -> None:
    now = 0.0
    pace = Pace(clock=lambda: now)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while not work.done():
            turns += 1
            await asyncio.sleep(0)

    work = asyncio.ensure_future(long_work(pace, "a", []))
    await count()
    assert turns <= 2 * PIECES + 2
