"""The time, by a clock that somebody may set: durations run on the steady one, and a jump of the other ends no token early."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

JUMP = 30.0
"""Seconds by which the wall clock must move against the steady one to count as set. Less is drift, and followed."""
SETTLED = 600.0
"""Seconds for which both times count after a jump: which of them was wrong cannot be told from here."""

log = logging.getLogger(__name__)


class Clock:
    """Wall-clock time in seconds since 1970, and steady seconds that nobody sets."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self.steady = steady
        self._wall = wall
        self._offset = wall() - steady()
        self._jumped_at: float | None = None

    def readings(self) -> tuple[float, ...]:
        """What time it may be: one reading, or for a while after a jump the new and the one before it."""
        wall, steady = self._wall(), self.steady()
        kept = steady + self._offset
        if abs(wall - kept) < JUMP:
            self._follow(wall - steady)
            return (wall,)
        if self._jumped_at is None:
            self._jumped_at = steady
            log.warning("clock jumped", extra={"seconds": round(wall - kept)})
        elif steady - self._jumped_at >= SETTLED:
            self._follow(wall - steady)
            return (wall,)
        return (wall, kept)

    def _follow(self, offset: float) -> None:
        self._offset = offset
        self._jumped_at = None
