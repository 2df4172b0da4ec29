"""A subscriber who is cut off again and again ends with the whole feed, each change once and in order.

``TONGCHA_SUBSCRIBERS`` is how many seeds are tried over each transport, ``TONGCHA_SEED`` the first.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import Awaitable, Callable

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from tests.gateway.following import Feed, events, numbers_in, socket

SEEDS = int(os.environ.get("TONGCHA_SUBSCRIBERS", "5"))
FIRST = int(os.environ.get("TONGCHA_SEED", "1"))
WRITTEN, LIVES = 80, 6
"""Changes in a feed, and connections that a subscriber loses before the one that reaches the end."""


class Subscriber:
    """What has come so far, and where to go on."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.got: list[str] = []
        self.cursor: str | None = None

    def take(self, payload: dict[str, dict[str, dict[str, str]]]) -> None:
        self.got += numbers_in(payload)
        self.cursor = payload["data"]["disclosureChanges"]["nextCursor"]


async def over_events(feed: Feed, one: Subscriber, wanted: Callable[[], bool]) -> None:
    """One life over server-sent events; it resumes by Last-Event-ID or by the argument."""
    by_header = one.cursor is not None and one.dice.random() < 0.5
    headers = {"last-event-id": one.cursor} if by_header and one.cursor is not None else None
    async with events(feed, headers=headers, after=None if by_header else one.cursor) as stream:
        while wanted():
            one.take(await stream.told())


async def over_socket(feed: Feed, one: Subscriber, wanted: Callable[[], bool]) -> None:
    """One life over a WebSocket."""
    async with socket(feed) as connection:
        await connection.subscribe("1", after=one.cursor)
        while wanted():
            one.take((await connection.told())["payload"])


Life = Callable[[Feed, Subscriber, Callable[[], bool]], Awaitable[None]]


async def write(feed: Feed, dice: random.Random) -> list[str]:
    """The feed grows in bursts, some of which nobody is told of."""
    written: list[str] = []
    while len(written) < WRITTEN:
        written += await feed.publish(dice.randint(1, 9), notify=dice.random() < 0.8)
        await asyncio.sleep(dice.random() * 0.01)
    return written


@pytest.mark.parametrize("life", [over_events, over_socket])
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
async def test_through_random_disconnects_nothing_is_lost_and_nothing_comes_twice(
    feed: Feed, life: Life, seed: int
) -> None:
    dice = random.Random(seed)
    writing = asyncio.create_task(write(feed, random.Random(-seed)))
    one = Subscriber(dice)
    for _ in range(LIVES):
        upto = len(one.got) + dice.randint(0, 30)
        with contextlib.suppress(TimeoutError, httpx.HTTPError, ConnectionClosed):
            async with asyncio.timeout(dice.random() * 0.1):
                await life(feed, one, lambda upto=upto: len(one.got) < upto)  # type: ignore[misc]
    written = await writing
    await life(feed, one, lambda: len(one.got) < len(written))
    assert one.got == written
