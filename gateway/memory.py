"""What a process does as its memory runs short, before the system ends it: it takes less, and then asks to be replaced.

80 %    no more batch work is let in
90 %    nor partners
100 %   the supervisor is asked for another process in the place of this one, which ends as at every renewal
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from datasources.urgency import Urgency
from gateway.observe import event
from gateway.places import Places

LOOK_SECONDS = 1.0
FIRST_SECONDS = 60.0
"""Of its life, in which a process does not ask for another one: that one would be no smaller."""
STEPS: tuple[tuple[float, frozenset[Urgency]], ...] = (
    (0.9, frozenset({"batch", "partner"})),
    (0.8, frozenset({"batch"})),
    (0.0, frozenset()),
)
"""From which share of the limit on who is not let in."""
STATM = Path("/proc/self/statm")


def resident() -> int:
    """Bytes of memory that the process has; 0 where the system does not say."""
    try:
        return int(STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


class Memory:
    """Looks at the memory every second. `limit` is in bytes; `renew` asks for another process, and may be called again and again."""

    def __init__(
        self,
        limit: int,
        places: Places,
        renew: Callable[[], None] | None = None,
        used: Callable[[], int] = resident,
    ) -> None:
        self._limit = limit
        self._places = places
        self._renew = renew
        self._used = used
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begins, in the running loop. Without a limit there is nothing to look at."""
        if self._limit:
            loop = asyncio.get_running_loop()
            self._look(loop, loop.time())

    async def close(self) -> None:
        """Ends."""
        if self._timer is not None:
            self._timer.cancel()

    def look(self, age: float) -> None:
        """What follows from the memory that is used now, by a process that has lived for so many seconds."""
        share = self._used() / self._limit
        shed = next(whom for least, whom in STEPS if share >= least)
        if shed != self._places.shed:
            self._places.shed = shed
            event(
                logging.WARNING if shed else logging.INFO,
                "memory",
                percent=int(100 * share),
                shed=" ".join(sorted(shed)),
            )
        if share >= 1 and self._renew is not None and age >= FIRST_SECONDS:
            self._renew()

    def _look(self, loop: asyncio.AbstractEventLoop, since: float) -> None:
        self.look(loop.time() - since)
        self._timer = loop.call_later(LOOK_SECONDS, self._look, loop, since)
