"""Long work in pieces, of which the event loop runs one per turn: who waits for a little waits for one piece, not for a list of 500.

It adds no timer: when nobody else has anything to do, one turn follows on the other at once.
"""

from __future__ import annotations

import asyncio
from collections import deque

LONG = 100
"""More rows, or subjects, than this are long work. Each takes some microseconds."""


class Pace:
    """Whoever has long work to do waits for a turn before each piece of it. In one event loop."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._goes = False

    async def turn(self, size: int) -> None:
        """Of work on so many items: returns in a turn of the event loop in which no other piece is run; at once when they are few."""
        if size > LONG:
            await self.next()

    async def next(self) -> None:
        """The same of work that is long whatever it is on."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        if not self._goes:
            self._goes = True
            loop.call_soon(self._next, loop)
        await turn

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # else who waited is gone
                turn.set_result(None)
                break
        self._goes = bool(self._waiting)
        if self._goes:
            loop.call_soon(self._next, loop)
