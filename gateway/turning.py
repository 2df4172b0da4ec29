"""An eye on the event loop: whether it turns, and when it does not, where it stands.

Everything of a process waits for one loop. A call that blocks it (a name that is looked up, a disk that hangs, an endless
computation) stops all requests and says nothing of itself. So a thread looks at a beat of the loop, and writes down where the loop's
thread is when the beat is missing: names of functions and lines, nothing that they hold.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from gateway.observe import event

BEAT = 0.1
"""Seconds between two beats, and between two looks."""
BLOCKED = 0.5
"""Seconds without a beat, after which the loop is said to be blocked."""
FRAMES = 30
"""The innermost calls that are written down."""


class Turning:
    """Looks after the loop it is started in, until it is closed."""

    def __init__(self, *, blocked: float = BLOCKED, steady: Callable[[], float] = time.monotonic) -> None:
        self.count = 0
        """How often the loop was blocked since the start."""
        self.longest = 0.0
        """Seconds, of those times that are over."""
        self._blocked = blocked
        self._steady = steady
        self._beaten = steady()
        self._since: float | None = None
        """The last beat before the loop was found blocked, until it is found turning."""
        self._thread_id = 0
        self._timer: asyncio.TimerHandle | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="turning", daemon=True)

    def start(self) -> None:
        """Begins, in the thread of the running loop."""
        self._thread_id = threading.get_ident()
        self._beat(asyncio.get_running_loop())
        self._thread.start()

    async def close(self) -> None:
        """Ends."""
        if self._timer is not None:
            self._timer.cancel()
            self._stop.set()
            await asyncio.to_thread(self._thread.join)

    def turns(self) -> bool:
        """Whether the loop turns, as far as is known: to other threads, and to the first requests after it was blocked."""
        return self._since is None and self._steady() - self._beaten <= self._blocked

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        self._beaten = self._steady()
        self._timer = loop.call_later(BEAT, self._beat, loop)

    def _watch(self) -> None:
        while not self._stop.wait(BEAT):
            beaten, since = self._beaten, self._since
            if since is None and self._steady() - beaten > self._blocked:
                self._since = beaten
                self.count += 1
                event(logging.ERROR, "event loop blocked", where=stack(self._thread_id))
            elif since is not None and beaten > since:
                self._since = None
                self.longest = max(self.longest, beaten - since)
                event(logging.WARNING, "event loop turns again", seconds=round(beaten - since, 1))


def stack(thread_id: int) -> str:
    """Where a thread is, the innermost call first: ``file:line function``."""
    frame = sys._current_frames().get(thread_id)
    calls = [] if frame is None else list(traceback.walk_stack(frame))[:FRAMES]
    return " < ".join(f"{_short(one.f_code.co_filename)}:{line} {one.f_code.co_name}" for one, line in calls)


def _short(path: str) -> str:
    """The last two names of a path: enough to find the file, and nothing of where it lies."""
    return "/".join(Path(path).parts[-2:])
