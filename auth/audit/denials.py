"""Refusals are written down too, one by one up to a rate per caller, and above it as sums: a flood must not fill the disk.

Nothing is dropped, and no refusal leaves before it is written: one that is summed up waits for the sum, which slows down
whoever makes the flood. Only what is refused because there is too much of everything is counted and not waited for: there a place
to wait in is what is lacking.
"""

from __future__ import annotations

import asyncio
import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from auth.audit.record import Caller, DeniedSummary, Entry, Loggable
from auth.audit.terms import AuditUnavailable, Receipt, now, timestamp

PER_SECOND = 100
"""Refusals of one caller in a second that are written one by one."""
SUM_SECONDS = 0.1
"""How long refusals above that are summed up before the sum is written."""

_Key: TypeAlias = tuple[str, str]
UNREAD: _Key = ("", "unread")
"""Of refusals that were made before anything was read of the request."""


class Appender(Protocol):
    """Where entries go: an AuditLog."""

    async def append(self, entry: Loggable) -> Receipt:
        """Writes an entry down."""
        ...


@dataclass
class _Sum:
    caller: Caller | None
    since: datetime.datetime
    written: asyncio.Task[Receipt]
    codes: Counter[str] = field(default_factory=Counter)


class Denials:
    """Takes the entries of refused requests. All without a caller count as one caller."""

    def __init__(
        self, log: Appender, *, per_second: int = PER_SECOND, clock: Callable[[], datetime.datetime] = now
    ) -> None:
        self._log = log
        self._per_second = per_second
        self._clock = clock
        self._second = 0
        self._counts: Counter[_Key] = Counter()
        self._sums: dict[_Key, _Sum] = {}
        self._unwritten: Counter[str] = Counter()
        """What was counted, and the log did not take: it is in the next sum."""

    async def append(self, entry: Entry) -> Receipt:
        """Writes the refusal down, alone or in a sum; returns once that is on the disk. Raises AuditUnavailable."""
        key = (entry.caller.subject, entry.caller.client) if entry.caller else ("", "")
        at = self._clock()
        second = int(at.timestamp())
        if second != self._second:
            self._second = second
            self._counts.clear()
        self._counts[key] += 1
        if self._counts[key] <= self._per_second:
            return await self._log.append(entry)
        held = self._held(key, entry.caller, at)
        held.codes[entry.code or entry.outcome.value] += 1
        return await asyncio.shield(held.written)

    def count(self, code: str) -> None:
        """Counts a refusal that has left before anything was read of the request; it is written with the next sum."""
        held = self._held(UNREAD, None, self._clock())
        held.codes[code] += 1

    def _held(self, key: _Key, caller: Caller | None, at: datetime.datetime) -> _Sum:
        held = self._sums.get(key)
        if held is None:
            held = _Sum(caller, at, asyncio.create_task(self._write(key)))
            held.written.add_done_callback(_heard)
            self._sums[key] = held
        return held

    async def finish(self) -> None:
        """Returns when no sum is left to write: before the log is closed."""
        await asyncio.gather(*(held.written for held in self._sums.values()), return_exceptions=True)

    async def _write(self, key: _Key) -> Receipt:
        await asyncio.sleep(SUM_SECONDS)
        held = self._sums.pop(key)
        if key == UNREAD:
            held.codes += self._unwritten
            self._unwritten = Counter()
        summary = DeniedSummary(
            caller=held.caller, codes=held.codes, since=timestamp(held.since), until=timestamp(self._clock())
        )
        try:
            return await self._log.append(summary)
        except AuditUnavailable:
            if key == UNREAD:
                self._unwritten += held.codes
            raise


def _heard(task: asyncio.Task[Receipt]) -> None:
    """A sum whose callers have all gone away may fail unheard: the log reports that itself."""
    if not task.cancelled():
        task.exception()
