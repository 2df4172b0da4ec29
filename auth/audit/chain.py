"""One line per record, each holding the hash of the one before: what was written cannot change unseen.

    <hash> <length> <record> <subjects>\\n

`record` is canonical JSON of `length` bytes: ``{"entry":…,"previous":…,"sequence":…,"time":…}``; `hash` is the digest of a zero
byte and the record, in hexadecimal: the leaf of the Merkle tree over all records; `subjects` is the JSON array of the
entry's subject lines, whose Merkle root the entry holds. A line has no line feed inside, for JSON escapes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from auth.audit.digests import HASH_SIZE, Digest
from auth.audit.record import Encoded, canonical
from auth.audit.tree import leaf_hash, root_of

HASH_TEXT = 2 * HASH_SIZE
"""Characters: a hash in hexadecimal."""
GENESIS = "0" * HASH_TEXT
"""What stands for the hash before the first record."""

LINE_SIZE = 1 << 20
"""Bytes. No line is longer."""


class LineInvalid(Exception):
    """These bytes are not a record as it was written."""


class Head(NamedTuple):
    """The end of a chain: the last record's sequence (from 1), hash and time."""

    sequence: int = 0
    hash: str = GENESIS
    time: str = ""


@dataclass(kw_only=True, slots=True)  # one is made per record that is read: a frozen one takes twice as long
class Stored:
    """A record as it is read back. `time` is UTC, RFC 3339 with microseconds."""

    sequence: int
    time: str
    previous: str
    hash: str
    entry: Mapping[str, Any]
    subjects: Sequence[Mapping[str, str]]


def link(head: Head, time: str, encoded: Encoded, digest: Digest) -> tuple[bytes, Head]:
    """The line of an entry behind `head`, and the head that it makes."""
    sequence = head.sequence + 1
    record = b'{"entry":%b,"previous":"%b","sequence":%d,"time":"%b"}' % (
        encoded.entry,
        head.hash.encode(),
        sequence,
        time.encode(),
    )
    hashed = leaf_hash(record, digest).hex()
    return b"%b %d %b %b\n" % (hashed.encode(), len(record), record, encoded.subjects), Head(sequence, hashed, time)


def parse_line(line: bytes, digest: Digest) -> Stored:
    """The record of a line, checked against its own hash and root. Raises LineInvalid."""
    hashed, _, rest = line.partition(b" ")
    length, _, rest = rest.partition(b" ")
    if not length.isdigit() or len(length) > 7 or not rest.endswith(b"\n"):
        raise LineInvalid
    record, beside = rest[: int(length)], rest[int(length) : -1]
    if leaf_hash(record, digest).hex().encode() != hashed or beside[:1] != b" ":
        raise LineInvalid
    try:
        document, subjects = orjson.loads(record), orjson.loads(beside)
        entry = document["entry"]
        lines = [canonical(subject) for subject in subjects]
        held = entry["subjects"]["root"] if entry.get("subjects") else None
        stored = Stored(
            sequence=document["sequence"],
            time=document["time"],
            previous=document["previous"],
            hash=hashed.decode(),
            entry=entry,
            subjects=subjects,
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise LineInvalid from error
    if beside != b" [%b]" % b",".join(lines) or held != (root_of(lines, digest).hex() if lines else None):
        raise LineInvalid
    return stored


def follows(stored: Stored, head: Head) -> bool:
    """Whether the record is the next one behind `head`."""
    return stored.sequence == head.sequence + 1 and stored.previous == head.hash
