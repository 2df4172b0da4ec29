"""A channel of a database (LISTEN), heard over a connection of its own, and a number looked at beside it every second.

A notice is only ever a hint that the number has grown: one that is lost, a writer that gives none, and whatever was written
while there was no connection are seen at the next look.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from datasources.connection import Lost, connect, fetch, first_of, listen
from datasources.errors import SourceError

LOOK_SECONDS = 1.0
BUDGET = 5.0
"""Seconds in which the database must answer a look."""
PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Seconds until the next attempt after a first failure, a second …; the last one stays."""
TOLERATED = 4
"""Failures in a row, some four seconds, of which nobody is told."""

log = logging.getLogger("tongcha")


class Notices:
    """Calls `heard` when the number that `statement` gives may be another one than before.

    Also when the database cannot be asked for a while: whoever then asks learns that it is not there, and does not take the
    silence for quiet.
    """

    def __init__(self, name: str, dsn: str, channel: str, statement: str, heard: Callable[[], None]) -> None:
        self._name = name
        self._dsn = dsn
        self._channel = channel
        self._statement = statement
        self._heard = heard
        self._seen: int | None = None
        self._failures = 0

    async def follow(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            try:
                await self._over_one_connection()
            except (Lost, SourceError, TimeoutError):
                self._failures += 1
                if self._failures == TOLERATED:
                    log.warning("notices not heard", extra={"database": self._name})
                if self._failures >= TOLERATED:
                    self._heard()
            await asyncio.sleep(PAUSES[min(self._failures, len(PAUSES)) - 1])

    async def _over_one_connection(self) -> None:
        connection, _ = await first_of(self._dsn, lambda url, part: connect(self._name, url, BUDGET * part))
        try:
            async with asyncio.timeout(BUDGET):
                await listen(self._name, connection, self._channel, self._notice)
            while True:
                async with asyncio.timeout(BUDGET):
                    rows = await fetch(self._name, connection, self._statement, ())
                self._failures = 0
                self._tell(rows[0][0])
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            connection.terminate()

    def _notice(self, payload: str) -> None:
        if payload.isascii() and payload.isdigit():
            self._tell(int(payload))
        else:
            self._heard()

    def _tell(self, number: int | None) -> None:
        if number != self._seen:
            self._seen = number
            self._heard()
