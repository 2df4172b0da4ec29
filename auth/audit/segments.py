"""One batch of records → one write and one sync. What to do when the disk refuses: another segment, or nothing at all.

An error is fatal for the segment it came from: after a failed sync the kernel may count lost pages as written, so the same
descriptor is never asked again. The batch goes to a new segment; when the disk is full, that is the reserve, whose space
was taken before.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from auth.audit.chain import Head, link
from auth.audit.digests import DIGESTS
from auth.audit.files import Files
from auth.audit.reader import segment_name
from auth.audit.record import NO_SUBJECTS, Encoded, canonical
from auth.audit.repair import AuditDamaged, repair
from auth.audit.terms import AuditUnavailable, Limits, Receipt, Report, Snapshot, State, timestamp
from auth.audit.tree import Peaks

FORMAT = 1
RESERVE = "reserve"
ATTEMPTS = 3
"""The segment at hand, a new one, the reserve."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
RENEW_SECONDS = 10.0
"""How often a full disk is asked for a new reserve."""


@dataclass
class _Segment:
    path: Path
    descriptor: int
    limit: int
    reserved: bool = False
    size: int = 0
    """Bytes that are known to be on the disk."""


class Prepared(NamedTuple):
    """A batch as bytes, whether they open a segment, and the state that they make once they are written."""

    batch: Sequence[Encoded]
    opens: bool
    data: bytes
    head: Head
    peaks: Peaks
    receipts: list[Receipt]


class Segments:
    """The log in a directory, for one thread at a time. The caller holds the directory's lock."""

    def __init__(
        self,
        directory: Path,
        *,
        digest: str,
        limits: Limits,
        at_least: Mapping[str, int],
        files: Files,
        clock: Callable[[], datetime.datetime],
        report: Report,
    ) -> None:
        self._directory = directory
        self._digest_name = digest
        self._digest = DIGESTS[digest]
        self._limits = limits
        self._files = files
        self._clock = clock
        self._report = report
        self._segment: _Segment | None = None
        self._reason = "start"
        """Why the next segment is opened, unless the last one is full."""
        self._debris: Path | None = None
        self._has_reserve = False
        self._full = False
        self._renew_at = 0.0
        self._retry_at = 0.0
        self.state = State.NORMAL
        tail, self._lost = repair(directory, files)
        if tail is not None and tail.digest != digest:
            raise ValueError(f"{directory} holds a log that is kept with {tail.digest}")
        self._log = tail.log if tail else secrets.token_hex(16)
        self._head = tail.head if tail else Head()
        self._peaks = tail.peaks if tail else Peaks(self._digest)
        if self._head.sequence < at_least.get(self._log, 0):
            raise AuditDamaged(directory, self._head.sequence)
        self.snapshot = self._taken()
        if self._lost:
            report("audit_tail_lost", bytes=self._lost, after=self._head.sequence)
        self._renew_reserve()
        with contextlib.suppress(AuditUnavailable):
            self.commit(self.prepare(()))

    # --- writing ---------------------------------------------------------------------------------

    def prepare(self, batch: Sequence[Encoded]) -> Prepared:
        """The bytes of a batch as they follow on the last one. Touches no file; only the last one prepared is committed."""
        segment = self._segment
        opens = segment is None or segment.size >= segment.limit
        at = timestamp(self._clock())
        own = [self._opening("size" if segment else self._reason)] if opens else []
        if at < self._head.time:
            own.append(Encoded(canonical({"kind": "clock", "from": self._head.time, "to": at}), NO_SUBJECTS))
        head, peaks, lines, receipts = self._head, self._peaks.copy(), [], []
        for encoded in (*own, *batch):
            line, head = link(head, at, encoded, self._digest)
            peaks.add(bytes.fromhex(head.hash))
            lines.append(line)
            receipts.append(Receipt(head.sequence, head.hash))
        return Prepared(batch, opens, b"".join(lines), head, peaks, receipts[len(own) :])

    def commit(self, prepared: Prepared) -> list[Receipt]:
        """Writes a batch; returns when it is on the disk. Raises AuditUnavailable, and then none of it counts as written."""
        if time.monotonic() < self._retry_at:
            raise AuditUnavailable
        failure: Exception | None = None
        for attempt in range(ATTEMPTS):
            try:
                if attempt:
                    prepared = self.prepare(prepared.batch)
                self._write(prepared)
            except Exception as error:  # noqa: BLE001 - half a batch may be in the segment: nothing goes behind it
                failure = error
                self._abandon(error)
            else:
                self._settle()
                return prepared.receipts
        self.state = State.UNAVAILABLE
        self._retry_at = time.monotonic() + self._limits.retry_seconds
        self._report("audit_unavailable", error=_name(failure))
        raise AuditUnavailable from failure

    def _write(self, prepared: Prepared) -> None:
        if prepared.opens:
            if self._segment is not None:
                self._finish(self._segment)
            self._segment = self._create()
        segment = self._segment
        assert segment is not None
        self._put(segment, prepared.data, opens=prepared.opens)
        segment.size += len(prepared.data)
        self._head, self._peaks, self._lost = prepared.head, prepared.peaks, 0
        self._reason = "error"
        self.snapshot = self._taken()

    def _put(self, segment: _Segment, data: bytes, *, opens: bool) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._files.write(segment.descriptor, rest) :]
        self._files.sync(segment.descriptor)
        if opens:
            self._files.sync_directory(self._directory)

    def _opening(self, reason: str) -> Encoded:
        """The first record of a segment: all that a reader needs to begin here."""
        document = {
            "kind": "segment",
            "format": FORMAT,
            "log": self._log,
            "digest": self._digest_name,
            "reason": reason,
            "lost": self._lost,
            "tree": [node.hex() for node in self._peaks.nodes],
        }
        return Encoded(canonical(document), NO_SUBJECTS)

    def _taken(self) -> Snapshot:
        return Snapshot(self._log, self._digest_name, self._head, tuple(self._peaks.nodes))

    # --- segments --------------------------------------------------------------------------------

    def _create(self) -> _Segment:
        self._clear()
        path = self._directory / segment_name(self._head.sequence + 1)
        if self._full and self._has_reserve:
            return self._adopt(path)
        try:
            return _Segment(path, self._files.create(path), self._limits.segment_bytes)
        except OSError as error:
            if not _is_full(error) or not self._has_reserve:
                raise
            return self._adopt(path)

    def _clear(self) -> None:
        """Removes a segment that failed before anything in it counted: its name is needed."""
        if self._debris is not None:
            self._files.remove(self._debris)
            self._debris = None

    def _adopt(self, path: Path) -> _Segment:
        """The reserve becomes the segment."""
        self._has_reserve = False
        self._full = True
        self._files.rename(self._directory / RESERVE, path)
        try:
            segment = _Segment(path, self._files.open(path), self._limits.reserve_bytes, reserved=True)
        except OSError:
            self._debris = path
            raise
        self.state = State.RESERVE
        self._report("audit_reserve_in_use", bytes=self._limits.reserve_bytes)
        return segment

    def _finish(self, segment: _Segment) -> None:
        """Closes a segment that is whole. Whatever fails here, its records are on the disk."""
        self._segment = None
        with contextlib.suppress(OSError):
            self._files.close(segment.descriptor)
        if segment.reserved:
            with contextlib.suppress(OSError):
                self._files.truncate(segment.path, segment.size)

    def _abandon(self, error: Exception) -> None:
        """Leaves a segment after an error. What was not synced is cut off, or else the next segment's reason excuses it."""
        self._full = self._full or _is_full(error)
        segment, self._segment = self._segment, None
        if segment is not None:
            with contextlib.suppress(OSError):
                self._files.close(segment.descriptor)
            self._debris = segment.path if segment.size == 0 else None
            with contextlib.suppress(OSError):
                if segment.size:
                    self._files.truncate(segment.path, segment.size)
                else:
                    self._clear()
        self._report("audit_segment_failed", error=_name(error))

    # --- the reserve -----------------------------------------------------------------------------

    def _settle(self) -> None:
        """After a success: how the log stands, and a new reserve where the old one is used."""
        if not self._has_reserve and time.monotonic() >= self._renew_at:
            self._renew_reserve()
        if self._has_reserve or not self._full:
            self._full = False
            self.state = State.NORMAL
        else:
            self.state = State.RESERVE

    def _renew_reserve(self) -> None:
        path = self._directory / RESERVE
        self._renew_at = time.monotonic() + RENEW_SECONDS
        try:
            self._files.remove(path)  # one that a crash left in use has records in it
            descriptor = self._files.create(path)
            try:
                self._files.allocate(descriptor, self._limits.reserve_bytes)
                self._files.sync(descriptor)
            finally:
                self._files.close(descriptor)
            self._files.sync_directory(self._directory)
        except OSError as error:
            with contextlib.suppress(OSError):
                self._files.remove(path)
            self._full = self._full or _is_full(error)
            self._report("audit_reserve_missing", error=_name(error))
        else:
            self._has_reserve = True

    def close(self) -> None:
        """Nothing is written after it."""
        self._retry_at = float("inf")
        self.state = State.UNAVAILABLE
        if self._segment is not None:
            self._finish(self._segment)


def _is_full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in FULL


def _name(error: Exception | None) -> str:
    """EIO, ENOSPC …: never a path."""
    return errno.errorcode.get(getattr(error, "errno", None) or 0, type(error).__name__)
