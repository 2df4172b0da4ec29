"""Who waits for a statement, and until when: one timer for all who wait for a database. Moments are of ``time.monotonic()``."""

from __future__ import annotations

import asyncio
import heapq
import math
import time
from collections.abc import Callable, Sequence
from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasources.work import Work

DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)
"""Until when the request of this context has time; None: it has none to keep. Set once per request."""

SOONEST = 0.001
"""Seconds: what the clocks of event loops tell apart."""


class Waiter:
    """One request that waits for a work, with the keys that are its own. `until` is when it waits no longer. `context` is the
    request's, for when its keys are asked for alone; None when it waits no more.
    """

    __slots__ = ("context", "future", "keys", "until", "work")

    def __init__(self, future: asyncio.Future[Any], keys: Sequence[Any], work: Work, until: float) -> None:
        self.future: asyncio.Future[Any] | None = future
        self.keys = keys
        self.work = work
        self.until = until
        self.context: Context | None = copy_context()

    @property
    def waiting(self) -> bool:
        """Whether the result is still wanted and not there."""
        return self.future is not None and not self.future.done()

    def give(self, result: Any) -> None:
        """Ends the waiting."""
        if self.future is not None and not self.future.done():
            self.future.set_result(result)

    def fail(self, error: Exception) -> None:
        """Ends the waiting without a result."""
        if self.future is not None and not self.future.done():
            self.future.set_exception(error)


class Deadlines:
    """Tells `look` of each waiter whose moment has come and who still waits."""

    def __init__(self, look: Callable[[Waiter], None]) -> None:
        self._look = look
        self._watched: list[tuple[float, int, Waiter]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = math.inf

    def watch(self, waiter: Waiter, at: float) -> None:
        """Tells of the waiter at a moment, once; forgets those in front that are done."""
        watched = self._watched
        while watched and ((future := watched[0][2].future) is None or future.done()):
            heapq.heappop(watched)
        self._count += 1
        heapq.heappush(watched, (at, self._count, waiter))
        if at < self._timer_at:
            self._set(at)

    def close(self) -> None:
        """Ends the timer."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = None, math.inf

    def _set(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        seconds = max(SOONEST, at - time.monotonic())
        self._timer, self._timer_at = asyncio.get_running_loop().call_later(seconds, self._come), at

    def _come(self) -> None:
        self._timer, self._timer_at = None, math.inf
        watched, now = self._watched, time.monotonic()
        while watched and (watched[0][0] <= now or not watched[0][2].waiting):
            waiter = heapq.heappop(watched)[2]
            if waiter.waiting:
                self._look(waiter)
        if watched:
            self._set(watched[0][0])
