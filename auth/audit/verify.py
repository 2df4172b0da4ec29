#!/usr/bin/env python3
"""Checks an audit log without the program that wrote it: Python's standard library, and cryptography only for signatures.

    python verify.py DIRECTORY [--checkpoint FILE] [--key FILE] [--from SEQUENCE]

A directory holds segments ``<sequence of the first record>.log``, one record a line: ``<hash> <length> <record> <subjects>``.
Each record holds the hash of the one before; the root over its subject lines; the first of a segment also the Merkle tree
(RFC 9162) over all before it. A checkpoint, one line of JSON each, signs the root over the first `size` records.
Ends with 0 when all of that holds, with 1 and the first bad record when it does not.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

LINE = 1 << 20


class Bad(Exception):
    """The first bad record is `first`, or, where only the checkpoints tell, one of `first` to `last`."""

    def __init__(self, first: int, reason: str, last: int | None = None) -> None:
        super().__init__(reason)
        self.first, self.last, self.reason = first, last or first, reason


@dataclass
class Log:
    """What was found: the number of the last good record, and what an auditor should know."""

    count: int = 0
    head: str = "0" * 64
    name: str = ""
    digest: str = ""
    tree: list[bytes] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def hash(self, data: bytes) -> bytes:
        if self.digest == "sm3" and "sm3" not in hashlib.algorithms_available:
            from cryptography.hazmat.primitives import hashes  # noqa: PLC0415

            state = hashes.Hash(hashes.SM3())
            state.update(data)
            return state.finalize()
        return hashlib.new(self.digest, data).digest()

    def grow(self, tree: list[bytes], size: int, leaf: bytes) -> None:
        """Add a leaf to a tree of `size` leaves, kept as the roots of its full subtrees."""
        node = self.hash(b"\0" + leaf)
        while size & 1:
            node, size = self.hash(b"\1" + tree.pop() + node), size >> 1
        tree.append(node)

    def root(self, tree: list[bytes]) -> str:
        nodes = list(tree)
        while len(nodes) > 1:
            right = nodes.pop()
            nodes.append(self.hash(b"\1" + nodes.pop() + right))
        return nodes[0].hex()


def canonical(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def parse(line: bytes, log: Log, number: int) -> dict[str, Any]:
    """The record of a line, checked alone: its hash, its form, its subjects' root."""
    try:
        _, length, rest = line.split(b" ", 2)
        record, beside = rest[: int(length)], rest[int(length) + 1 : -1]
        document, subjects = json.loads(record), json.loads(beside)
        log.digest = log.digest or str(document["entry"]["digest"])
        tree: list[bytes] = []
        for index, subject in enumerate(subjects):
            log.grow(tree, index, canonical(subject))
        held = document["entry"].get("subjects", {}).get("root")
        whole = b"%s %d %s %s\n" % (log.hash(record).hex().encode(), len(record), record, canonical(subjects))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Bad(number, "is not a record") from None
    if whole != line:
        raise Bad(number, "does not match its hash")
    if held != (log.root(tree) if tree else None):
        raise Bad(number, "has other subjects than it had")
    return {**document, "hash": line[:64].decode()}


def check(record: dict[str, Any], log: Log, *, opens: bool) -> None:
    """Whether the record follows; then the log has grown by it."""
    number, entry = log.count + 1, record["entry"]
    if record["sequence"] != number:
        raise Bad(number, f"is missing: record {record['sequence']} is in its place")
    if record["previous"] != log.head:
        raise Bad(max(number - 1, 1), f"is not the one that was there: record {number} holds another hash of it")
    if opens != (entry["kind"] == "segment"):
        raise Bad(number, "does not belong there")
    if opens:
        log.name = log.name or entry["log"]
        if [log.name, log.digest, [node.hex() for node in log.tree]] != [entry["log"], entry["digest"], entry["tree"]]:
            raise Bad(number, "begins another log")
        if entry["lost"]:
            log.notes.append(f"{entry['lost']} bytes behind record {log.count} were lost in a crash")
    if entry["kind"] == "clock":
        log.notes.append(f"at record {number} the clock went back from {entry['from']} to {entry['to']}")
    log.grow(log.tree, log.count, bytes.fromhex(record["hash"]))
    log.count, log.head = number, record["hash"]


def blank(file: BinaryIO, line: bytes) -> bool:
    """Whether the rest of a file is space that was only reserved."""
    return not line.strip(b"\0") and not any(block.strip(b"\0") for block in iter(lambda: file.read(LINE), b""))


def records(directory: Path, log: Log, start: int) -> Iterator[None]:
    """Checks record by record; yields after each. Before `start`, the first record there is taken on trust."""
    segments = sorted((int(path.stem), path) for path in directory.glob("[0-9]*.log"))
    while len(segments) > 1 and segments[1][0] <= start:
        del segments[0]
    excess = 0
    for index, (first, path) in enumerate(segments):
        final, opens = index + 1 == len(segments), True
        with path.open("rb") as file:
            while line := file.readline(LINE + 1):
                if blank(file, line) if line[0] == 0 else final and not line.endswith(b"\n") and len(line) <= LINE:
                    if line[0]:
                        log.notes.append(f"{len(line)} bytes behind record {log.count} are torn")
                    break
                if not final and log.count + 1 == segments[index + 1][0]:
                    excess = log.count + 1
                    break
                record = parse(line, log, log.count + 1 if log.count or start == 1 else first)
                if opens:
                    if start > 1 and not log.count:
                        log.count, log.head = first - 1, str(record["previous"])
                        log.tree = [bytes.fromhex(node) for node in record["entry"]["tree"]]
                    if excess and record["entry"].get("reason") != "error":
                        raise Bad(excess, "stands behind the end of its segment")
                    excess = 0
                check(record, log, opens=opens)
                opens = False
                yield
        if first > log.count:
            raise Bad(log.count + 1, f"is missing: {path.name} does not have it")


def verify(
    directory: Path, checkpoints: list[dict[str, Any]], start: int = 1, progress: Callable[[int], object] | None = None
) -> Log:
    """Checks all records against each other and against the checkpoints. Raises Bad."""
    log, good = Log(), 0
    waiting = sorted(checkpoints, key=lambda checkpoint: int(checkpoint["size"]))
    for _ in records(directory, log, start):
        if progress is not None:
            progress(log.count)
        while waiting and waiting[0]["size"] <= log.count:
            checkpoint = waiting.pop(0)
            if checkpoint["size"] == log.count:
                if [checkpoint["log"], checkpoint["root"]] != [log.name, log.root(log.tree)]:
                    raise Bad(good + 1, f"is not what the checkpoint of {checkpoint['time']} has", log.count)
                good = log.count
    if waiting:
        raise Bad(
            log.count + 1, f"is missing: the checkpoint of {waiting[-1]['time']} has {waiting[-1]['size']} records"
        )
    return log


def read_checkpoints(path: Path, key: bytes | None) -> list[dict[str, Any]]:
    """The checkpoints of a file, one a line, with their signatures checked when there is a key (PEM)."""
    signed = [json.loads(line) for line in path.read_bytes().splitlines()]
    if key is not None:
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415

        public: Any = serialization.load_pem_public_key(key)
        for each in signed:
            body, signature = canonical(each["checkpoint"]), base64.urlsafe_b64decode(each["signature"] + "==")
            if isinstance(public, ec.EllipticCurvePublicKey):
                numbers = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
                public.verify(utils.encode_dss_signature(*numbers), body, ec.ECDSA(hashes.SHA256()))
            else:
                public.verify(signature, body)
    return [each["checkpoint"] for each in signed]


def main() -> int:
    parser = argparse.ArgumentParser(description="Checks an audit log.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--checkpoint", type=Path, help="checkpoints as a witness has them, one a line")
    parser.add_argument("--key", type=Path, help="the public key of the checkpoints (PEM)")
    parser.add_argument("--from", dest="start", type=int, default=1, help="begin with the segment of this record")
    given = parser.parse_args()
    key = given.key.read_bytes() if given.key else None
    try:
        checkpoints = read_checkpoints(given.checkpoint, key) if given.checkpoint else []
    except Exception as error:  # noqa: BLE001 - InvalidSignature is cryptography's
        sys.stdout.write(f"BAD: a checkpoint cannot be used: {type(error).__name__}\n")
        return 1
    try:
        log = verify(given.directory, checkpoints, given.start)
    except Bad as bad:
        which = f"record {bad.first}" if bad.last == bad.first else f"one of records {bad.first} to {bad.last}"
        sys.stdout.write(f"BAD: {which} {bad.reason}\n")
        return 1
    notes = [*log.notes, *([] if checkpoints else ["no checkpoint: records cut off at the end would not be missed"])]
    sys.stdout.write("".join(f"note: {note}\n" for note in notes))
    signed = (
        "" if not checkpoints else f", {len(checkpoints)} checkpoints hold" + ("" if key else ", signatures unchecked")
    )
    sys.stdout.write(f"ok: {log.count} records{signed}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
