"""How many requests a process has in flight at once, found out from how long they take.

The idea is that of Envoy's adaptive concurrency filter and of the gradient limits of Netflix' concurrency-limits: the time that a
request takes when there are few (the base) is compared with what it takes now. As long as it takes as long, more may be in flight;
what takes several times as long waits for others, and fewer may.

    limit ← limit × gradient + √limit        gradient = tolerance × base / now, from ½ to 1

- A time is that under which a fifth of a window's answers came. What this process makes wait, waits with every request, the quick
  ones too; what a slow database makes wait does not, and databases have limits of their own.
- While the event loop has used up its core, it is that under which half of them came too: whoever joins a statement that is about
  to be sent overtakes hundreds that wait, and a fifth of them is always lucky. What waits for a database meanwhile is not told apart
  then; it does not wait longer for it.
- √limit is what may wait: without it the limit would never grow.
- The base is measured whenever few requests are in flight, and whenever a window was faster. Under load that does not end it would
  grow old: then few are let in for one window, and it is measured anew.
- A limit that stays at its least while requests go on taking long is not what they wait for (the disk is slow, a database that all
  need is): then what they take is the base.

https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/adaptive_concurrency_filter
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

LEAST = 16
"""Of the limit: so many always are let in, whatever was measured."""
FIRST = 256
"""The limit at the start, and to which it comes back by itself when nothing waits."""
QUIET = 4
"""Requests in flight that hardly wait for each other: what is measured with no more is a base."""
WINDOW = 0.1
"""Seconds of a window at least."""
ENOUGH, MANY = 20, 1_000
"""Answers in a window at least, and how many of them are looked at."""
SHARE = 5
"""One of so many answers came within what is called the time of a window."""
TOLERANCE = 2.0
"""How many times the base a request may take before the limit is lowered: requests share statements and syncs, and some waiting
makes all of them cheaper."""
USED_UP = 0.9
"""Of a window: for so much of it the event loop has had the core."""
PATIENCE = 6.0
"""How many times its base the half may take while the core is used up. Of more the core has no use, and all wait longer."""
LOWEST = 0.5
"""Of the gradient: one bad window does not close the door."""
OLD = 30.0
"""Seconds after which a base is measured anew, when requests are refused by it."""
STUCK = 5
"""Windows at the least limit, after which it is believed to be of no use."""


class Times(NamedTuple):
    """Seconds within which a fifth of the answers came, and half of them."""

    fifth: float
    half: float


class Gradient:
    """The limit of one process. `most` is the largest; times are seconds of a clock that only goes forward, `core` seconds of CPU that
    the event loop has had."""

    def __init__(self, most: int, now: float, core: Callable[[], float] = time.thread_time) -> None:
        self.limit = self._first = min(FIRST, most)
        self.base: Times | None = None
        """What requests take when there are few; None as long as nobody knows."""
        self._core, self._had = core, core()
        self._most = most
        self._least = min(LEAST, most)
        self._based_at = now
        self._probing: float | None = None
        """Since when few are let in, for the base."""
        self._before = self.limit
        self._stuck = 0
        self._since, self._busiest = now, 0
        self._times: list[float] = []

    def took(self, begun: float, now: float, in_flight: int) -> bool:
        """A request took from `begun` until `now`, and was one of so many. Whether a window ended with it."""
        self._busiest = max(self._busiest, in_flight)
        if self._probing is not None and begun < self._probing:
            return False
        if len(self._times) < MANY:
            self._times.append(now - begun)
        if now - self._since < WINDOW or len(self._times) < ENOUGH:
            return False
        ordered = sorted(self._times)
        self._end(Times(ordered[len(ordered) // SHARE], ordered[len(ordered) // 2]), now)
        self._begin(now, in_flight)
        return True

    def _begin(self, now: float, in_flight: int) -> None:
        self._since, self._busiest, self._had = now, in_flight, self._core()
        self._times = []

    def _end(self, times: Times, now: float) -> None:
        used_up = self._core() - self._had >= USED_UP * (now - self._since)
        if self._probing is not None:
            self._probing, self.limit = None, self._before
            self._measured(times, now)
        elif self.base is None or self._busiest <= QUIET or self._stuck >= STUCK:
            known = self.base is not None or self._busiest <= QUIET
            self._measured(times, now)
            if not known:  # the process began in the middle of a rush
                self._based_at = now - OLD
        else:
            if times.fifth < self.base.fifth:
                self._based_at = now
            self.base = _no_less(Times(*map(min, times, self.base)))
        self._stuck = 0 if self.limit > self._least or used_up else self._stuck + 1
        self._set(times, used_up=used_up)
        if now - self._based_at >= OLD and self._busiest >= self.limit:
            self._probing, self._before, self.limit = now, self.limit, QUIET

    def _measured(self, times: Times, now: float) -> None:
        self.base, self._based_at = _no_less(times), now

    def _set(self, times: Times, *, used_up: bool) -> None:
        assert self.base is not None
        gradient = min(1.0, TOLERANCE * self.base.fifth / max(times.fifth, self.base.fifth))
        if used_up:
            gradient = min(gradient, PATIENCE * self.base.half / max(times.half, self.base.half))
        gradient = max(LOWEST, gradient)
        limit = int(self.limit * gradient + self.limit**0.5)
        if limit > self.limit and self._busiest < self.limit // 2:  # nobody would have needed more
            limit = max(self.limit, min(limit, self._first))
        self.limit = max(self._least, min(limit, self._most))


def _no_less(times: Times) -> Times:
    """So that nothing is divided by nothing."""
    return Times(*(max(one, 1e-6) for one in times))
