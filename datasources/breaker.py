"""Whether a database is asked at all: after failures it is left alone, and looked after until it answers.

    closed ──── 5 failures in a row, or 10 of the last 20 ───→ open
    open ─────────────── about a second later ───────────────→ half-open: one probe, by nobody's request
    half-open ── it fails → open            it answers → closed, on trial: one failure opens again

While it is not closed nothing is sent and nothing waits. A failure is a connection that cannot be made or breaks, and a statement
that had its time. A statement that is refused, one whose callers went away, and a turn that did not come are none.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias

logger = logging.getLogger("tongcha")

State: TypeAlias = Literal["closed", "open", "half-open"]

IN_A_ROW = 5
OF_THE_LAST = 10
LAST = 20
PAUSE = 1.0
"""Seconds between the begins of two probes, and up to a third more: many processes look after the same database."""
BREATH = 0.2
"""Seconds between the end of a probe and the next."""


class Breaker:
    """Of one database. `probe` returns when it answers and raises when it does not; `opened` is called when it is left alone."""

    def __init__(self, name: str, probe: Callable[[], Awaitable[None]], opened: Callable[[], None]) -> None:
        self._name = name
        self._probe = probe
        self._opened = opened
        self._row = 0
        self._last = 0
        """A bit for each of the last statements, set where it failed."""
        self._timer: asyncio.TimerHandle | None = None
        self._probing: asyncio.Task[None] | None = None
        self.state: State = "closed"
        self.transitions = 0
        """How often the state has changed."""

    def good(self) -> None:
        """The database has answered."""
        if self._last:
            self._row = 0
            self._last = (self._last << 1) & ((1 << LAST) - 1)

    def bad(self) -> None:
        """The database has failed."""
        self._row += 1
        self._last = (self._last << 1 | 1) & ((1 << LAST) - 1)
        if self.state == "closed" and (self._row >= IN_A_ROW or self._last.bit_count() >= OF_THE_LAST):
            self._become("open")
            self._look_later(PAUSE)
            logger.warning("database left alone", extra={"database": self._name})
            self._opened()

    def close(self) -> None:
        """Ends the looking after."""
        if self._timer is not None:
            self._timer.cancel()
        if self._probing is not None:
            self._probing.cancel()

    def _become(self, state: State) -> None:
        self.state = state
        self.transitions += 1

    def _look_later(self, seconds: float) -> None:
        apart = seconds * random.uniform(1.0, 1.3)  # noqa: S311 - so that processes do not go in step
        self._timer = asyncio.get_running_loop().call_later(apart, self._begin)

    def _begin(self) -> None:
        self._become("half-open")
        self._probing = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        began = time.monotonic()
        try:
            await self._probe()
        except Exception:  # noqa: BLE001 - whatever it is, the database has not answered
            self._become("open")
            self._look_later(max(BREATH, PAUSE - (time.monotonic() - began)))
        else:
            self._row, self._last = IN_A_ROW - 1, 1
            self._become("closed")
            logger.warning("database asked again", extra={"database": self._name})
