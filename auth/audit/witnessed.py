"""What witnesses know of the logs below a directory, held against what is there: before a process goes on with one of them.

A log that was cut, replaced by another, or written anew up to a checkpoint of a witness is found here, at the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from auth.audit.chain import HASH_TEXT, LineInvalid, parse_line
from auth.audit.checkpoint import Checkpoint
from auth.audit.reader import digest_in, lines_of, log_of, segments_of
from auth.audit.tree import Peaks


class AuditContradicted(Exception):
    """A log is not as a witness knows it."""


def newest(checkpoints: Iterable[Checkpoint]) -> Mapping[str, Checkpoint]:
    """The largest checkpoint of each log."""
    found: dict[str, Checkpoint] = {}
    for checkpoint in checkpoints:
        if checkpoint.log not in found or found[checkpoint.log].size < checkpoint.size:
            found[checkpoint.log] = checkpoint
    return found


def confirm(root: Path, known: Mapping[str, Checkpoint]) -> list[str]:
    """Holds the logs below `root` against their checkpoints; the names of those that were set aside.

    A log is set aside when its directory has another name than a number: it is there to be looked at, and nobody writes it.
    Raises AuditContradicted, OSError.
    """
    directories = _logs(root)
    aside = []
    for log, checkpoint in known.items():
        directory = directories.get(log)
        if directory is None:
            raise AuditContradicted(f"log {log}, of which a witness knows {checkpoint.size} records, is not there")
        if not directory.name.isdigit():
            aside.append(log)
            continue
        found = root_at(directory, checkpoint.size)
        if found is None:
            raise AuditContradicted(
                f"{directory}: a witness knows {checkpoint.size} records, and there are not as many"
            )
        if found != checkpoint.root:
            raise AuditContradicted(
                f"{directory}: the first {checkpoint.size} records are not those that a witness knows"
            )
    return aside


def _logs(root: Path) -> dict[str, Path]:
    found = {}
    for directory in sorted(root.iterdir()) if root.is_dir() else ():
        if directory.is_dir() and segments_of(directory):
            try:
                found[log_of(directory)] = directory
            except LineInvalid:
                continue  # then its log is the one that is not there
    return found


def root_at(directory: Path, size: int) -> str | None:
    """The root over the first `size` records, by the hashes that stand before them; None when there are not as many.

    Reads one segment: the tree up to it stands in its first record.
    """
    path = max(((first, path) for first, path in segments_of(directory) if first <= size), default=(0, None))[1]
    if path is None:
        return None
    peaks = None
    try:
        for line in lines_of(path):
            if peaks is None:
                opening = parse_line(line, digest_in(line))
                nodes = [bytes.fromhex(node) for node in opening.entry["tree"]]
                peaks = Peaks(digest_in(line), opening.sequence - 1, nodes)
            peaks.add(bytes.fromhex(line[:HASH_TEXT].decode()))
            if peaks.size == size:
                return peaks.root().hex() if line.endswith(b"\n") else None
    except (LineInvalid, ValueError, KeyError):
        pass  # then they are not there
    return None
