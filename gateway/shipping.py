"""The access log follows into the gateway's own database, behind the answers: a thread with a loop and a connection of its own.

What it sends is read from the segments, up to what is known to be on the disk, and checked to follow on what it sent before: by
sequence and by the chain. The database says how far it has come, so it goes on after any outage or restart, without a gap. Logs
that no process writes any more are looked after too, under their lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from auth.audit.chain import Head, LineInvalid, Stored
from auth.audit.follow import Follower
from auth.audit.lock import AuditLocked, locked
from auth.audit.reader import log_of, segments_of
from auth.audit.terms import Snapshot
from datasources.errors import SourceError
from datasources.shipped import Position, Shipped
from gateway.logrows import record_row, subject_rows
from gateway.observe import event

BATCH = 2_000
"""Records of one transaction."""
CHUNK = 100
"""Records that are read at a stretch, a millisecond: so long the batch before them waits when the database has answered."""
STRETCH = 500
"""Records between two breaths: some milliseconds, in which the interpreter goes back and forth between them and requests."""
BREATH = 0.0005
"""Seconds of a breath."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How often, in seconds."""

    poll: float = 1.0
    """Between two looks at the log of this process."""
    others: float = 30.0
    """Between two looks at the logs that other processes have left; the first one is that long after the start."""
    rest: float = 5.0
    """After a failure."""
    last: float = 5.0
    """What the last push, at the end of the process, may take."""


PACE = Pace()


class Lag(NamedTuple):
    """How much of the log of this process the database lacks: records, and for how many seconds it has lacked any."""

    records: int
    seconds: float


class _Overtaken(Exception):
    """Somebody else ships this log: where it ends in the database has to be asked anew."""


class Shipper:
    """Ships the log in `directory`, which this process writes, and those beside it that nobody writes."""

    def __init__(self, directory: Path, snapshot: Callable[[], Snapshot], dsn: str, *, pace: Pace = PACE) -> None:
        self._directory = directory
        self._snapshot = snapshot
        self._database = Shipped(dsn)
        self._pace = pace
        self._follower: Follower | None = None
        self._sent = 0
        self._level_at = time.monotonic()
        self._failing = self._ending = False
        self._left: dict[Path, tuple[tuple[str, int], ...]] = {}
        self._loop = uvloop.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="shipper", daemon=True)

    def start(self) -> None:
        """Begins, in the background."""
        self._thread.start()

    async def close(self) -> None:
        """A last push, which may take some seconds; then the thread ends."""
        with contextlib.suppress(RuntimeError):  # it has ended
            self._loop.call_soon_threadsafe(self._stop.set)
        await asyncio.to_thread(self._thread.join, 2 * self._pace.last)

    def lag(self) -> Lag:
        """How far the database is behind."""
        behind = max(0, self._snapshot().head.sequence - self._sent)
        return Lag(behind, time.monotonic() - self._level_at if behind else 0.0)

    @property
    def sent(self) -> int:
        """The last record that is known to be in the database."""
        return self._sent

    # --- the thread ------------------------------------------------------------------------------

    def _work(self) -> None:
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._run())

    async def _run(self) -> None:
        others_at = time.monotonic() + self._pace.others
        while not self._stop.is_set():
            good = await self._tried(self._own())
            if good and time.monotonic() >= others_at:
                good = await self._tried(self._others())
                others_at = time.monotonic() + self._pace.others
            await self._rest(self._pace.poll if good else self._pace.rest)
        self._ending = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pace.last):
                while await self._tried(self._own()) and self.lag().records:
                    pass
        await self._database.close()

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()

    async def _tried(self, work: Coroutine[Any, Any, None]) -> bool:
        """Whether it went well; the first of several failures is told, and the end of them."""
        try:
            await work
        except _Overtaken:
            self._follower, self._sent = None, 0
        except (SourceError, LineInvalid, OSError) as error:
            self._follower = None
            if not self._failing:
                event(logging.WARNING, "audit_shipping_failed", cause=_cause(error))
            self._failing = True
            return False
        if self._failing:
            event(logging.INFO, "audit_shipping_resumed")
        self._failing = False
        return True

    def _goes_on(self) -> bool:
        return self._ending or not self._stop.is_set()

    async def _own(self) -> None:
        while self._goes_on():
            snapshot = self._snapshot()
            at = time.monotonic()
            if self._sent >= snapshot.head.sequence:
                self._level_at = at
                return
            if self._follower is None:
                self._follower = await self._follow(self._directory, snapshot.log)
            if self._follower.head.sequence > snapshot.head.sequence:
                raise LineInvalid  # the database has records that the log has lost
            await self._ship(self._follower, snapshot.log, snapshot.head.sequence)
            self._sent = self._follower.head.sequence

    async def _others(self) -> None:
        for directory in sorted(self._directory.parent.iterdir()):
            if directory == self._directory or not directory.name.isdigit():
                continue
            seen = tuple((path.name, path.stat().st_size) for _, path in segments_of(directory))
            if seen and self._left.get(directory) != seen:
                with contextlib.suppress(AuditLocked):
                    await self._left_behind(directory)
                    self._left[directory] = seen

    async def _left_behind(self, directory: Path) -> None:
        """Ships the log of a process that has ended."""
        lock = locked(directory)
        try:
            await asyncio.to_thread(_sync, segments_of(directory)[-1][1])  # its writer may have died before its sync
            log = log_of(directory)
            follower = await self._follow(directory, log)
            await self._ship(follower, log, None)
        finally:
            os.close(lock)

    # --- shipping --------------------------------------------------------------------------------

    async def _follow(self, directory: Path, log: str) -> Follower:
        """Behind what the database has."""
        position = await self._database.position(log)
        return Follower(directory, Head(position.sequence, position.hash) if position else Head())

    async def _ship(self, follower: Follower, log: str, until: int | None) -> None:
        """Ships all that there is up to `until`: while the database takes one batch, the next one is read."""
        sending: asyncio.Task[None] | None = None
        try:
            while self._goes_on():
                before = follower.head.sequence
                batch = await self._read(follower, until)
                if sending is not None:
                    await sending
                if not batch:
                    return
                sending = asyncio.create_task(self._send(log, before or None, batch))
                await asyncio.sleep(0)  # it begins
        finally:
            if sending is not None:
                await sending

    async def _read(self, follower: Follower, until: int | None) -> list[Stored]:
        batch: list[Stored] = []
        while len(batch) < BATCH and (chunk := follower.take(CHUNK, until)):
            batch += chunk
            await asyncio.sleep(0 if len(batch) % STRETCH else BREATH)
        return batch

    async def _send(self, log: str, after: int | None, batch: Sequence[Stored]) -> None:
        to = Position(batch[-1].sequence, batch[-1].hash)
        records = [record_row(log, stored) for stored in batch]
        subjects = [row for stored in batch for row in subject_rows(log, stored)]
        if not await self._database.push(log, after, to, records, subjects):
            raise _Overtaken


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cause(error: Exception) -> str:
    return error.code if isinstance(error, SourceError) else type(error).__name__
