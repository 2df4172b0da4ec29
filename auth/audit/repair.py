"""Where a log ends after a crash: its last good record. What stands behind it is put aside and reported.

Only what a crash can leave is repaired: at most one batch, which nobody was told is written. Anything else is damage, and
a person has to look at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from auth.audit.chain import LINE_SIZE, Head, LineInvalid, follows, parse_line
from auth.audit.files import Files
from auth.audit.reader import digest_in, lines_of, segments_of
from auth.audit.tree import Peaks

BATCH_SIZE = 1 << 20
"""Bytes that are written at once, if there is more than one record."""
TORN_SIZE = BATCH_SIZE + LINE_SIZE + 64 * 1024
"""Bytes: a batch, the record that overflows it, a segment's first record. More than this is not torn, it is damaged."""


class AuditDamaged(Exception):
    """The log is not as it was written, and not for a crash."""

    def __init__(self, path: Path, sequence: int) -> None:
        super().__init__(f"{path}: the log is damaged behind record {sequence}")
        self.path = path
        self.sequence = sequence


@dataclass(frozen=True, kw_only=True)
class Tail:
    """The end of a log that is there: its name, its last record, the tree up to it."""

    log: str
    digest: str
    head: Head
    peaks: Peaks


def repair(directory: Path, files: Files) -> tuple[Tail | None, int]:
    """Cuts the log behind its last good record and syncs what is kept; the end, and how many bytes were behind it.

    Raises AuditDamaged, OSError.
    """
    lost = 0
    for first, path in reversed(segments_of(directory)):
        size, tail = _scan(path)
        torn = _used(path) - size
        if torn > TORN_SIZE:
            raise AuditDamaged(path, tail.head.sequence if tail else first - 1)
        if torn > 0:
            _put_aside(path, size, torn)
            lost += torn
        if tail is not None:
            _cut(path, size, files)
            return tail, lost
        files.remove(path)
        files.sync_directory(directory)
    return None, lost


def _scan(path: Path) -> tuple[int, Tail | None]:
    """How far a segment is good: in bytes, and the end that makes. Its first record carries the state before it."""
    size, head, peaks, first = 0, Head(), None, None
    try:
        for line in lines_of(path):
            digest = peaks.digest if peaks else digest_in(line)
            stored = parse_line(line, digest)
            if peaks is None:
                first = stored.entry
                head = Head(stored.sequence - 1, stored.previous)
                peaks = Peaks(digest, head.sequence, [bytes.fromhex(node) for node in first["tree"]])
            if not follows(stored, head):
                break
            peaks.add(bytes.fromhex(stored.hash))
            head = Head(stored.sequence, stored.hash, stored.time)
            size += len(line)
    except (LineInvalid, KeyError, ValueError):
        pass  # torn: the good part ends here
    if peaks is None or first is None:
        return 0, None
    return size, Tail(log=first["log"], digest=first["digest"], head=head, peaks=peaks)


def _used(path: Path) -> int:
    """The size of a file without the zeros at its end: space that was reserved, or that a power cut left."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        while end:
            start = max(0, end - LINE_SIZE)
            file.seek(start)
            used = len(file.read(end - start).rstrip(b"\0"))
            if used:
                return start + used
            end = start
    return 0


def _put_aside(path: Path, start: int, size: int) -> None:
    """Keeps a copy of what is cut, beside the segment."""
    with path.open("rb") as file:
        file.seek(start)
        path.with_suffix(f".{start}.torn").write_bytes(file.read(size))


def _cut(path: Path, size: int, files: Files) -> None:
    files.truncate(path, size)
    descriptor = files.open(path)
    try:
        files.sync(descriptor)
    finally:
        files.close(descriptor)
