"""Long work in pieces, of which the event loop runs one per turn: who waits for a little waits for one piece, not for a list of 500.

While others have something to do, a piece is followed by as much of theirs as `OTHERS` times what it takes. It adds no timer: in a turn
in which nobody else did anything, the next piece runs.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from typing import TypeAlias, TypeVar

LONG = 100
"""More rows, or subjects, than this are long work."""
ITEM = 2.5e-6
"""Seconds that one of them takes in one piece, with its share of what is not done in pieces: of 500 rows, 5 ms in four pieces."""
OTHERS = 3.0
"""Of a busy event loop, long work gets a quarter."""
IDLE = 50e-6
"""Seconds. A turn of the event loop that is shorter did nothing but look."""

T = TypeVar("T")
Pieces: TypeAlias = Generator[None, None, T]
"""Work that is done a piece at a time: it yields between two, and returns what it made."""


def at_once(work: Pieces[T]) -> T:
    """What the work makes, without a break: for whoever has no event loop to keep, or little work."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            made: T = done.value
            return made


async def in_turns(work: Pieces[T], turn: Callable[[], Awaitable[None]]) -> T:
    """The same with a turn between two pieces."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            made: T = done.value
            return made
        await turn()


class Pace:
    """Whoever has long work to do waits for a turn before each piece of it. In one event loop."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()
        self._goes = False
        self._clock = clock
        self._until = 0.0
        """Until then the others go before, if there are any."""
        self._looked = 0.0

    async def turn(self, size: int, piece: int | None = None) -> None:
        """Of work on so many items: returns in a turn of the event loop in which no other piece is run, when the others have had
        theirs; at once when they are few. `piece` is how many of them the piece takes, when not all.
        """
        if size > LONG:
            await self.next(piece or size)

    async def next(self, piece: int = LONG) -> None:
        """The same of work that is long whatever it is on; `piece` is as how many items it counts."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append((turn, piece))
        if not self._goes:
            self._goes = True
            loop.call_soon(self._next, loop)
        await turn

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        now = self._clock()
        if now >= self._until or now - self._looked < IDLE:
            self._go(now)
        self._looked = now
        self._goes = bool(self._waiting)
        if self._goes:
            loop.call_soon(self._next, loop)

    def _go(self, now: float) -> None:
        while self._waiting:
            turn, size = self._waiting.popleft()
            if not turn.done():  # else who waited is gone
                self._until = now + size * ITEM * (1 + OTHERS)
                turn.set_result(None)
                return
