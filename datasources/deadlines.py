"""Who waits for a statement, and until when: one timer for all who wait, since all may wait for the same time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasources.work import Work


class Waiter:
    """One request that waits for a work, with the keys that are its own. `until` is a time of the event loop."""

    __slots__ = ("future", "keys", "until", "work")

    def __init__(self, future: asyncio.Future[Any], keys: Sequence[Any], work: Work) -> None:
        self.future: asyncio.Future[Any] | None = future
        self.keys = keys
        self.work = work
        self.until = 0.0

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
    """Tells `expire` of each waiter whose time is over. Waiters come in the order of their deadlines, so one timer will do."""

    def __init__(self, budget: float, expire: Callable[[Waiter], None]) -> None:
        """`budget` is in seconds."""
        self._budget = budget
        self._expire = expire
        self._watched: deque[Waiter] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, waiter: Waiter, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to watch a waiter; forgets those in front that are done."""
        watched = self._watched
        while watched and not watched[0].waiting:
            watched.popleft()
        waiter.until = loop.time() + self._budget
        watched.append(waiter)
        if self._timer is None:
            self._timer = loop.call_at(waiter.until, self._look, loop)

    def close(self) -> None:
        """Ends the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        watched, now = self._watched, loop.time()
        while watched and (watched[0].until <= now or not watched[0].waiting):
            waiter = watched.popleft()
            if waiter.waiting:
                self._expire(waiter)
        self._timer = loop.call_at(watched[0].until, self._look, loop) if watched else None
