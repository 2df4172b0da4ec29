"""When the next sync may begin: at once, unless the loop has no time to spare.

A sync costs the processor much the same for one record as for twenty. On a loop that has nothing else to do it begins at once. On a
loop that is busy all the time everybody waits for the processor, not for the disk: there syncs keep a distance, and each takes
along what has collected.
"""

from __future__ import annotations

import time

DISTANCE = 0.004
"""Seconds between two syncs on a busy loop."""
ENOUGH = 8
"""Records that are worth a sync whenever the last one was."""
BUSY = 0.8
"""The share of the time from which on a loop's thread is busy."""
WINDOW = 0.02
"""Seconds over which that is looked at."""


class Spacing:
    """Belongs to one thread: it is asked before every sync."""

    def __init__(self) -> None:
        self._began = self._looked_at = float("-inf")
        self._used = 0.0
        self.busy = False
        """Whether the thread had no time to spare when it was last looked at."""

    def pause(self) -> float:
        """Seconds that the next sync has to wait still; 0 says that it begins now."""
        return self.pause_at(time.monotonic(), time.thread_time())

    def pause_at(self, at: float, used: float) -> float:
        """The same at a moment, by the seconds of processor that the thread has `used` until then."""
        if at - self._looked_at >= WINDOW:
            self.busy = used - self._used > BUSY * (at - self._looked_at)
            self._looked_at, self._used = at, used
        rest = self._began + DISTANCE - at
        if self.busy and rest > 0:
            return rest
        self._began = at
        return 0.0
