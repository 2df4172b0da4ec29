"""Group commit: many requests wait, one thread writes what has collected and syncs once for all of them.

An idle disk is written to at once, and what comes meanwhile makes the next batch. Only on a loop that is busy all the time
syncs keep a distance (`spacing`).
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from auth.audit.chain import LINE_SIZE
from auth.audit.digests import DIGESTS
from auth.audit.files import Files
from auth.audit.lock import AuditLocked, locked
from auth.audit.record import Encoded, Loggable
from auth.audit.repair import BATCH_SIZE
from auth.audit.segments import Prepared, Segments
from auth.audit.spacing import ENOUGH, Spacing
from auth.audit.terms import AuditUnavailable, Limits, Receipt, Report, Snapshot, State, now

SLOTS = 256
"""Processes that can write below one directory at the same time."""
ENVELOPE = 1024
"""Bytes: more than a line has around an entry and its subjects."""


class _Waiting(NamedTuple):
    encoded: Encoded
    receipt: asyncio.Future[Receipt]


class _Batch(NamedTuple):
    loop: asyncio.AbstractEventLoop
    waiting: list[_Waiting]
    prepared: Prepared


def _unheard(_event: str, /, **_fields: Any) -> None:
    """The report of a log that nobody listens to."""


class AuditLog:
    """The log of one process. Made anywhere, appended to from one event loop.

    `digest` is sha256 or sm3; a log keeps the one it began with. `at_least` is, by the name of a log, the size that a
    checkpoint vouches for: fewer records than that at the start are damage. `report` is called, from whichever thread, with
    the names of events: audit_tail_lost, audit_segment_failed, audit_reserve_in_use, audit_reserve_missing,
    audit_unavailable.

    Raises AuditLocked, AuditDamaged, OSError, and ValueError for a log that is kept with another digest. A disk that takes
    no record raises nothing here: the log is then unavailable until it does.
    """

    def __init__(
        self,
        directory: Path,
        *,
        digest: str = "sha256",
        limits: Limits = Limits(),  # noqa: B008 - frozen
        at_least: Mapping[str, int] = MappingProxyType({}),
        files: Files | None = None,
        clock: Callable[[], datetime.datetime] = now,
        report: Report = _unheard,
        spacing: Spacing | None = None,
    ) -> None:
        self._digest = DIGESTS[digest]
        self._lock = locked(directory)
        try:
            self._segments = Segments(
                directory,
                digest=digest,
                limits=limits,
                at_least=at_least,
                files=files or Files(),
                clock=clock,
                report=report,
            )
        except BaseException:
            os.close(self._lock)
            raise
        self.directory = directory
        self._report = report
        self._room = asyncio.Semaphore(limits.waiting)
        self._waiting: deque[_Waiting] = deque()
        self._idle = asyncio.Event()
        self._idle.set()
        self._queue: SimpleQueue[_Batch | None] = SimpleQueue()
        self._spacing = spacing or Spacing()
        self._collecting: asyncio.TimerHandle | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="audit", daemon=True)
        self._thread.start()

    @classmethod
    def claim(cls, root: Path, *, first: int = 0, **options: Any) -> Self:
        """A log in the first directory below `root` (``0``, ``1`` …) that no other process writes to, from `first` on."""
        for slot in (*range(first, SLOTS), *range(first)):
            with contextlib.suppress(AuditLocked):
                return cls(root / str(slot), **options)
        raise AuditLocked(root)

    @property
    def state(self) -> State:
        """How the log stands."""
        return self._segments.state

    @property
    def snapshot(self) -> Snapshot:
        """The log as it is on the disk."""
        return self._segments.snapshot

    async def append(self, entry: Loggable) -> Receipt:
        """Writes an entry down; returns once it is on the disk. Raises AuditUnavailable: nothing may be released then.

        A caller that is cancelled here may find its entry written all the same.
        """
        try:
            encoded = entry.encode(self._digest)
        except (TypeError, ValueError) as error:
            raise AuditUnavailable("not JSON") from error
        if len(encoded.entry) + len(encoded.subjects) > LINE_SIZE - ENVELOPE:
            raise AuditUnavailable("too large for a record")
        await self._room.acquire()
        if self._closed:
            self._room.release()
            raise AuditUnavailable("closed")
        loop = asyncio.get_running_loop()
        receipt: asyncio.Future[Receipt] = loop.create_future()
        self._waiting.append(_Waiting(encoded, receipt))
        if self._idle.is_set():
            self._idle.clear()
            if self._spacing.busy:
                loop.call_soon(self._next, loop)  # whoever else is about to append comes along
            else:
                self._next(loop)
        elif self._collecting is not None and len(self._waiting) >= ENOUGH:
            self._collecting.cancel()
            self._next(loop)
        return await receipt

    async def close(self) -> None:
        """Writes what waits, then ends the thread and gives the directory free."""
        if not self._closed:
            self._closed = True
            await self._idle.wait()
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
            self._segments.close()
            os.close(self._lock)

    # --- between the loop and the writer's thread: while a batch is on its way, the segments are the thread's -----------

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hands what has collected to the thread, or lets it collect for a moment more."""
        self._collecting = None
        if 0 < len(self._waiting) < ENOUGH and not self._closed and (pause := self._spacing.pause()):
            self._collecting = loop.call_later(pause, self._next, loop)
            return
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and size < BATCH_SIZE:
            waiting = self._waiting.popleft()
            batch.append(waiting)
            size += len(waiting.encoded.entry) + len(waiting.encoded.subjects) + ENVELOPE
        if not batch:
            self._idle.set()
            return
        try:
            prepared = self._segments.prepare([waiting.encoded for waiting in batch])
        except Exception as error:  # noqa: BLE001 - whatever it is, who waits must hear of it
            self._report("audit_unavailable", error=type(error).__name__)
            self._deliver(loop, batch, None)
        else:
            self._queue.put(_Batch(loop, batch, prepared))

    def _work(self) -> None:
        """The thread: one batch after the other."""
        while (batch := self._queue.get()) is not None:
            receipts: list[Receipt] | None = None
            try:
                receipts = self._segments.commit(batch.prepared)
            except AuditUnavailable:
                pass  # who waits hears of it
            except Exception as error:  # noqa: BLE001 - the thread outlives whatever it is
                self._report("audit_unavailable", error=type(error).__name__)
            with contextlib.suppress(RuntimeError):  # the loop is gone, and everyone who waited with it
                batch.loop.call_soon_threadsafe(self._deliver, batch.loop, batch.waiting, receipts)

    def _deliver(self, loop: asyncio.AbstractEventLoop, batch: list[_Waiting], receipts: list[Receipt] | None) -> None:
        self._next(loop)
        for index, waiting in enumerate(batch):
            self._room.release()
            if waiting.receipt.done():
                continue
            if receipts is None:
                waiting.receipt.set_exception(AuditUnavailable())
            else:
                waiting.receipt.set_result(receipts[index])
