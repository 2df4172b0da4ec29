"""Proof that one record is in a checkpoint: at most 1 kB for up to a billion records, and nothing of the others is shown.

8 bytes sequence, 8 bytes size of the checkpoint, then the hashes beside the way to the root, 32 bytes each
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auth.audit.chain import Stored
from auth.audit.digests import DIGESTS, HASH_SIZE, Digest
from auth.audit.reader import records
from auth.audit.record import canonical
from auth.audit.tree import Peaks, Span, root_from_path, root_of, spans_beside


class NotInLog(Exception):
    """The log has no such record, or not as many as the checkpoint says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """Where record `sequence` is among the first `size`."""

    sequence: int
    size: int
    path: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The form that is handed out."""
        return self.sequence.to_bytes(8) + self.size.to_bytes(8) + b"".join(self.path)

    @classmethod
    def decode(cls, data: bytes) -> Proof:
        """Raises ValueError."""
        if len(data) < 16 or (len(data) - 16) % HASH_SIZE:
            raise ValueError("not a proof")
        hashes = tuple(data[start : start + HASH_SIZE] for start in range(16, len(data), HASH_SIZE))
        return cls(sequence=int.from_bytes(data[:8]), size=int.from_bytes(data[8:16]), path=hashes)

    def holds(self, record_hash: str, root: str, digest: Digest) -> bool:
        """Whether the record of this hash is in the tree of this root, at its place."""
        found = root_from_path(self.sequence - 1, self.size, bytes.fromhex(record_hash), self.path, digest)
        return found is not None and found.hex() == root


def prove(directory: Path, sequence: int, size: int) -> Proof:
    """The proof of a record for a checkpoint of `size`. Raises NotInLog, LineInvalid.

    Reads the log from its first segment that is there: the roots over older ones stand in its first record.
    """
    if not 1 <= sequence <= size:
        raise NotInLog
    spans = spans_beside(sequence - 1, size)
    trees: dict[Span, Peaks] = {}
    waiting = sorted(spans)
    found = False
    for stored in records(directory, until=size):
        if not trees:
            trees = _begun(spans, stored)
        found = found or stored.sequence == sequence
        while waiting and waiting[0][1] < stored.sequence:
            waiting.pop(0)
        if waiting and waiting[0][0] < stored.sequence:
            trees[waiting[0]].add(bytes.fromhex(stored.hash))
    if not found or any(trees[start, end].size != end - start for start, end in spans):
        raise NotInLog
    return Proof(sequence=sequence, size=size, path=tuple(trees[span].root() for span in spans))


def prove_subject(stored: Stored, pseudonym: str, digest: Digest) -> tuple[Mapping[str, str], Proof]:
    """The line of a subject in a record, and the proof that it is among them; the others are not shown. Raises NotInLog.

    Its root is in the entry (``subjects.root``); the lines count from 1.
    """
    lines = [canonical(subject) for subject in stored.subjects]
    place = next((at for at, line in enumerate(stored.subjects) if line["pseudonym"] == pseudonym), None)
    if place is None:
        raise NotInLog
    path = tuple(root_of(lines[start:end], digest) for start, end in spans_beside(place, len(lines)))
    return stored.subjects[place], Proof(sequence=place + 1, size=len(lines), path=path)


def _begun(spans: Sequence[Span], first: Stored) -> dict[Span, Peaks]:
    """A tree for each span, with what the first record of a segment says about the leaves before it."""
    digest = DIGESTS[first.entry["digest"]]
    before = Peaks(digest, first.sequence - 1, [bytes.fromhex(node) for node in first.entry["tree"]]).spans()
    trees = {}
    for start, end in spans:
        inside = {span: node for span, node in before.items() if start <= span[0] and span[1] <= end}
        trees[start, end] = Peaks(digest, sum(to - at for at, to in inside), list(inside.values()))
    return trees
