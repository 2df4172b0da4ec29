"""So many in a second, in one process: what is not taken in time is not there later, beyond so many at once."""

from __future__ import annotations


class Rate:
    """Times are seconds of a clock that only goes forward."""

    def __init__(self, per_second: float, at_once: float, now: float) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._left = at_once
        self._at = now

    def has(self, now: float) -> bool:
        """Whether there is one more."""
        self._left = min(self._at_once, self._left + (now - self._at) * self._per_second)
        self._at = now
        return self._left >= 1

    def take(self, now: float) -> bool:
        """Whether there was one more, which is taken."""
        if not self.has(now):
            return False
        self._left -= 1
        return True
