"""Coroutines side by side without tasks: all end, the first exception is raised, a cancellation reaches everyone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.side_by_side import side_by_side


async def test_nobody_is_done_at_once() -> None:
    await side_by_side([])


@pytest.mark.parametrize("count", [1, 2, 5])
async def test_all_run_side_by_side_to_their_end(count: int) -> None:
    futures: list[asyncio.Future[int]] = [asyncio.get_running_loop().create_future() for _ in range(count)]
    began: list[int] = []
    ended: list[int] = []

    async def one(number: int) -> None:
        began.append(number)
        await asyncio.sleep(0)
        ended.append(await futures[number])

    task = asyncio.create_task(side_by_side([one(number) for number in range(count)]))
    await asyncio.sleep(0)
    assert began == list(range(count))
    for number in reversed(range(count)):
        futures[number].set_result(number)
    await task
    assert sorted(ended) == list(range(count))


async def test_who_runs_side_by_side_may_do_the_same() -> None:
    ended: list[str] = []

    async def leaf(name: str) -> None:
        await asyncio.create_task(asyncio.sleep(0))
        ended.append(name)

    async def branch(name: str) -> None:
        await side_by_side([leaf(f"{name}{number}") for number in range(2)])

    await side_by_side([branch("a"), branch("b")])
    assert sorted(ended) == ["a0", "a1", "b0", "b1"]


@pytest.mark.parametrize("late", [False, True])
async def test_the_first_exception_is_raised_and_ends_the_others(late: bool) -> None:
    ended: list[str] = []

    async def fails() -> None:
        if late:
            await asyncio.sleep(0)
        raise ValueError("first")

    async def waits() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(ValueError, match="first"):
        await side_by_side([waits(), fails(), waits()])
    await asyncio.sleep(0)
    assert ended == ["cancelled", "cancelled"]


async def test_a_cancellation_reaches_everyone() -> None:
    ended: list[str] = []

    async def waits(future: asyncio.Future[Any]) -> None:
        try:
            await future
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    loop = asyncio.get_running_loop()
    task = asyncio.create_task(side_by_side([waits(loop.create_future()), waits(loop.create_future())]))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert ended == ["cancelled", "cancelled"]
