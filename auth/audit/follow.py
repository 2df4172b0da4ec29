"""The records of a log as it grows, batch by batch, each checked to follow on the one before: for shipping."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from auth.audit.chain import LINE_SIZE, Head, LineInvalid, Stored, follows, parse_line
from auth.audit.digests import DIGESTS, Digest
from auth.audit.reader import digest_in, segments_of


class Follower:
    """Goes on behind `head`, the last record that was taken before; without one, it begins with the first that is there."""

    def __init__(self, directory: Path, head: Head = Head()) -> None:  # noqa: B008 - a tuple
        self.head = head
        self._directory = directory
        self._file: BinaryIO | None = None
        """Open only while records are taken."""
        self._first, self._place = 0, 0
        """The segment that is being read, by its first record, and how far it was read, in bytes."""
        self._digest: Digest = DIGESTS["sha256"]

    def take(self, count: int, until: int | None = None) -> list[Stored]:
        """The next records, `count` at most. None behind `until`, up to which all is known to be on the disk; without it, up to
        what is torn.

        Raises LineInvalid where a record is missing, damaged, or not the one that follows; OSError.
        """
        segments = dict(segments_of(self._directory))
        taken: list[Stored] = []
        try:
            while len(taken) < count and (until is None or self.head.sequence < until):
                stored = self._next(segments)
                if stored is None:
                    if until is not None:
                        raise LineInvalid
                    break
                self.head = Head(stored.sequence, stored.hash, stored.time)
                taken.append(stored)
        finally:
            self._close()
        return taken

    def _next(self, segments: Mapping[int, Path]) -> Stored | None:
        expected = self.head.sequence + 1
        if self._first != expected and expected in segments:
            self._open(expected, segments)  # what stands behind the last record of the one before, a failed sync left
        elif self._file is None and not (self._open_again(segments) if self._first else self._find(segments)):
            return None
        line = self._line()
        if line is None:
            return None
        stored = parse_line(line, self._digest)
        if not follows(stored, self.head):
            raise LineInvalid
        return stored

    def _find(self, segments: Mapping[int, Path]) -> bool:
        """Opens the segment that has the next record, behind those that were taken before; False when there is no segment."""
        if not segments:
            return False
        if self.head.sequence == 0:
            first = min(segments)
            self.head = Head(first - 1, parse_line(self._open(first, segments), self._digest).previous)
            return True
        first = max((first for first in segments if first <= self.head.sequence), default=0)
        if not first:
            raise LineInvalid  # records that nobody took are gone
        self._open(first, segments)
        line = b""
        for _ in range(self.head.sequence - first + 1):
            line = self._line() or b""
        taken = parse_line(line, self._digest)
        if (taken.sequence, taken.hash) != (self.head.sequence, self.head.hash):
            raise LineInvalid
        return True

    def _open(self, first: int, segments: Mapping[int, Path]) -> bytes:
        """The first line of a segment, which is at its beginning again afterwards."""
        self._close()
        self._first, self._place = first, 0
        self._open_again(segments)
        line = self._line() or b""
        self._digest = digest_in(line)
        self._open_at(0)
        return line

    def _open_again(self, segments: Mapping[int, Path]) -> bool:
        if self._first not in segments:
            raise LineInvalid
        self._file = segments[self._first].open("rb")
        self._open_at(self._place)
        return True

    def _open_at(self, place: int) -> None:
        assert self._file is not None
        self._file.seek(place)
        self._place = place

    def _line(self) -> bytes | None:
        """The next line; None where no whole one stands yet."""
        assert self._file is not None
        line = self._file.readline(LINE_SIZE + 1)
        if line.endswith(b"\n"):
            self._place += len(line)
            return line
        if len(line) > LINE_SIZE:
            raise LineInvalid
        self._open_at(self._place)
        return None

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
