#!/usr/bin/env python3
"""Checks an audit log without the program that wrote it: Python's standard library, and cryptography only for signatures.

    python verify.py DIRECTORY [--checkpoint FILE] [--key FILE] [--from SEQUENCE]

A directory holds segments ``<sequence of the first record>.log``, one record a line: ``<hash> <length> <record> <subjects>``.
The hash is that of a leaf in RFC 9162. Each record holds the hash of the one before and the root over its subject lines; the
first of a segment also the Merkle tree over all before it. A checkpoint signs the root over the first `size` records.
A log whose oldest segments were removed is good when one of its records says so and a checkpoint is over the rest.
Ends with 0 when all of that holds, with 1 and the first bad record when it does not.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

LINE = 1 << 20
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Bad(Exception):
    """The first bad record is `first`, or, where only the checkpoints tell, one of `first` to `last`."""

    def __init__(self, first: int, reason: str, last: int | None = None) -> None:
        self.first, self.last = first, last or first
        which = f"record {first}" if self.last == first else f"one of records {first} to {last}"
        super().__init__(f"{which} {reason}")


def canonical(document: Any) -> bytes:
    return ENCODER.encode(document).encode()


class Log:
    """What has been checked so far: up to record `count`, whose hash is `head`; the tree as the roots of its full subtrees."""

    def __init__(self) -> None:
        self.count, self.head, self.name, self.digest = 0, "0" * 64, "", ""
        self.tree: list[bytes] = []
        self.begins, self.retained = 1, {1: 0}  # the record that says from where on the log was kept, by that place
        self.notes: list[str] = []
        self.hash: Callable[[bytes], Any] = hashlib.sha256

    def grow(self, tree: list[bytes], size: int, node: bytes) -> None:
        """Adds a leaf's hash to a tree of `size` leaves."""
        while size & 1:
            node, size = self.hash(b"\1" + tree.pop() + node).digest(), size >> 1
        tree.append(node)

    def root(self, tree: list[bytes]) -> str:
        node = tree[-1]
        for left in tree[-2::-1]:
            node = self.hash(b"\1" + left + node).digest()
        return node.hex()

    def read(self, line: bytes) -> dict[str, Any]:
        """The record of a line, checked alone: its hash, its length, the root over its subjects."""
        hashed, length, rest = line.split(b" ", 2)
        record, beside = rest[: int(length)], rest[int(length) + 1 : -1]
        document, leaves = json.loads(record), [canonical(subject) for subject in json.loads(beside)]
        if not self.digest:
            self.digest = document["entry"]["digest"]
            self.hash = partial(hashlib.new, self.digest) if self.digest != "sha256" else hashlib.sha256
        tree: list[bytes] = []
        for index, leaf in enumerate(leaves):
            self.grow(tree, index, self.hash(b"\0" + leaf).digest())
        found = self.hash(b"\0" + record).hexdigest().encode()
        proper = b"%s %d %s [%s]\n" % (found, len(record), record, b",".join(leaves))
        if proper != line or document["entry"].get("subjects", {}).get("root") != (self.root(tree) if tree else None):
            raise ValueError
        return {**document, "hash": hashed.decode()}

    def take(self, record: dict[str, Any], *, opens: bool) -> None:
        """Checks that the record follows on the last one."""
        number, entry = self.count + 1, record["entry"]
        if record["sequence"] != number:
            raise Bad(number, f"is missing: record {record['sequence']} is in its place")
        if record["previous"] != self.head:
            raise Bad(max(self.count, 1), f"is not the one that was there: record {number} holds another hash of it")
        if opens != (entry["kind"] == "segment"):
            raise Bad(number, "is not where it belongs")
        if opens:
            self.name = self.name or entry["log"]
            tree = [node.hex() for node in self.tree]
            if [entry["log"], entry["digest"], entry["tree"]] != [self.name, self.digest, tree]:
                raise Bad(number, "begins another log")
        if entry.get("lost"):
            self.notes.append(f"{entry['lost']} bytes behind record {self.count} were lost in a crash")
        if entry["kind"] == "retained":
            self.retained[entry["first"]] = number
            self.notes.append(f"at record {number} those before {entry['first']} were removed: their term had passed")
        if entry["kind"] == "clock":
            self.notes.append(f"at record {number} the clock went back from {entry['from']} to {entry['to']}")
        self.grow(self.tree, self.count, bytes.fromhex(record["hash"]))
        self.count, self.head = number, record["hash"]

    def agree(self, checkpoint: dict[str, Any], good: int) -> None:
        """Checks the tree against a checkpoint of its size."""
        if [checkpoint["log"], checkpoint["root"]] != [self.name, self.root(self.tree)]:
            raise Bad(good + 1, f"is not what the checkpoint of {checkpoint['time']} has", self.count)


def is_end(file: BinaryIO, line: bytes) -> bool:
    """Whether a line begins the space that a segment reserved and has not used."""
    return line[0] == 0 and not any(block.strip(b"\0") for block in (line, *iter(lambda: file.read(LINE), b"")))


def records(directory: Path, log: Log, start: int) -> Iterator[None]:
    """Checks record by record; yields after each. The first segment there is, or the one that has `start`, is taken on trust to follow."""
    segments = sorted((int(path.stem), path) for path in directory.glob("[0-9]*.log"))
    while len(segments) > 1 and segments[1][0] <= start:
        del segments[0]
    if not segments:
        raise Bad(1, "is missing: there is no log")
    log.begins = segments[0][0]
    trusted = log.begins > 1
    log.count = log.begins - 1
    excess = False
    for (_, path), after in zip(segments, [*(first for first, _ in segments[1:]), None], strict=True):
        opens = True
        with path.open("rb") as file:
            while (line := file.readline(LINE + 1)) and not is_end(file, line):
                if log.count + 1 == after:
                    excess = True
                    break
                if after is None and not line.endswith(b"\n") and len(line) <= LINE:
                    log.notes.append(f"{len(line)} bytes behind record {log.count} are torn")
                    break
                try:
                    record = log.read(line)
                    if trusted:
                        log.head = record["previous"]
                        log.tree = [bytes.fromhex(node) for node in record["entry"]["tree"]]
                    if excess and record["entry"]["reason"] != "error":  # what a failed sync may leave
                        raise Bad(log.count + 1, f"stands twice: before {path.name} too")
                    log.take(record, opens=opens)
                except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                    raise Bad(log.count + 1, f"is not as it was written ({path.name})") from None
                trusted = excess = opens = False
                yield


def verify(log: Log, directory: Path, checkpoints: list[dict[str, Any]], start: int = 1) -> Iterator[int]:
    """Checks all records against each other and the checkpoints; yields how many are good so far. Raises Bad."""
    good = 0
    waiting = sorted(checkpoints, key=lambda checkpoint: int(checkpoint["size"]), reverse=True)
    found: Bad | None = None
    try:
        for _ in records(directory, log, start):
            while waiting and waiting[-1]["size"] <= log.count:
                checkpoint = waiting.pop()
                if checkpoint["size"] == log.count:
                    log.agree(checkpoint, good)
                    good = log.count
            yield log.count
    except Bad as bad:
        found = bad
    if start < log.begins and not 0 <= log.retained.get(log.begins, good + 1) <= good:
        raise Bad(1, "is missing, and no record in a checkpoint says that its term had passed", log.begins - 1)
    if found is not None:
        raise found
    if waiting:
        raise Bad(log.count + 1, f"is missing: the checkpoint of {waiting[0]['time']} has {waiting[0]['size']} records")


def read_checkpoints(path: Path, key: bytes | None) -> list[dict[str, Any]]:
    """The checkpoints of a file, their signatures checked when there is a key (PEM). Raises what cryptography raises."""
    signed = [json.loads(line) for line in path.read_bytes().splitlines()]
    if key is not None:
        from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415

        public: Any = serialization.load_pem_public_key(key)
        for each in signed:
            body, signature = canonical(each["checkpoint"]), base64.urlsafe_b64decode(each["signature"] + "==")
            if isinstance(public, ec.EllipticCurvePublicKey):
                r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
                public.verify(utils.encode_dss_signature(r, s), body, ec.ECDSA(hashes.SHA256()))
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
    log, verdict = Log(), "ok"
    try:
        key = given.key.read_bytes() if given.key else None
        checkpoints = read_checkpoints(given.checkpoint, key) if given.checkpoint else []
        for _ in verify(log, given.directory, checkpoints, given.start):
            pass
        if not key:
            log.notes.append("no key: the checkpoints' signatures were not checked")
        if not checkpoints:
            log.notes.append("no checkpoint: records that are missing at the end would not be noticed")
    except Exception as error:  # noqa: BLE001 - whatever stands in the way, the log is not shown to be good
        verdict = f"BAD: {error}" if isinstance(error, Bad) else f"BAD: {type(error).__name__}: {error}"
    lines = [*(f"note: {note}" for note in log.notes), verdict, f"{log.count} records are good"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return int(verdict != "ok")


if __name__ == "__main__":
    sys.exit(main())
