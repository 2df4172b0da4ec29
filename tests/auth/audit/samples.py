"""Entries and logs to test with."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from auth.audit import verify
from auth.audit.checkpoint import Checkpoint
from auth.audit.digests import DIGESTS
from auth.audit.files import Files
from auth.audit.record import Caller, Coordinates, Entry, Grounds, Outcome, Pseudonyms
from auth.audit.segments import Segments
from auth.audit.terms import Limits, Receipt, now

PSEUDONYMS = Pseudonyms(bytes(range(32)))
SMALL = Limits(segment_bytes=4096, reserve_bytes=16384, retry_seconds=0.0)
WIDE = Limits(segment_bytes=1 << 24, reserve_bytes=16384, retry_seconds=0.0)

CALLER = Caller(subject="u-1", client="yuezhifa", kind="officer", cert_no="19040130215", device="d-7")
ENTRY = Entry(
    caller=CALLER,
    grounds=Grounds(purpose="INSPECTION", task_no="ZHJT-2026-JC-0004127", reason="路面检查"),
    outcome=Outcome.RELEASED,
    operation_name="VehicleByPlate",
    operation_sha256="ab" * 32,
    variables=PSEUDONYMS.variables({"plateNo": "粤C12A34"}),
    coordinates=Coordinates(clear=("Vehicle.plateNo",), masked=("Person.idNo",), withheld=("Person.religion",)),
    subjects=(PSEUDONYMS.subject("Person", "p_7QK2M9"), PSEUDONYMS.subject("LegalEntity", "e_2HV0TC")),
    rows={"vehicle": 1, "population": 1},
    failed={"property": "SOURCE_TIMEOUT"},
    policy_epoch="7",
    pseudonym_key=PSEUDONYMS.key_id,
    response_sha256="cd" * 32,
)


def entry(number: int) -> Entry:
    """One of many different entries, with 0 to 2 subjects."""
    return dataclasses.replace(ENTRY, operation_name=f"Op{number}", subjects=ENTRY.subjects[: number % 3])


class Unsynced(Files):
    """Files without waiting for the disk: for tests that crash no machine."""

    def sync(self, descriptor: int) -> None:
        pass

    def sync_directory(self, path: Path) -> None:
        pass


class Events:
    """Takes reports."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.fields: list[dict[str, Any]] = []

    def __call__(self, name: str, /, **fields: Any) -> None:
        self.names.append(name)
        self.fields.append(fields)


def segments(directory: Path, **options: Any) -> Segments:
    """The log of a directory, opened without waiting for the disk."""
    directory.mkdir(exist_ok=True)
    given = {"digest": "sha256", "limits": SMALL, "at_least": {}, "files": Unsynced(), "clock": now, "report": Events()}
    return Segments(directory, **{**given, **options})


def commit(log: Segments, entries: Sequence[Entry]) -> list[Receipt]:
    """Writes entries as one batch."""
    digest = DIGESTS[log.snapshot.digest]
    return log.commit(log.prepare([entry.encode(digest) for entry in entries]))


def write(directory: Path, count: int, *, batch: int = 50, **options: Any) -> list[dict[str, Any]]:
    """A log of at least `count` records with a checkpoint after each batch and one before the last record."""
    log = segments(directory, **options)
    checkpoints: list[dict[str, Any]] = []
    while (have := log.snapshot.head.sequence) < count:
        for size in (1,) if count - have <= 1 else (min(batch, count - have - 1),):
            commit(log, [entry(have + number) for number in range(size)])
        checkpoints.append(checkpoint_of(log))
    log.close()
    return checkpoints


def checkpoint_of(log: Segments) -> dict[str, Any]:
    """A checkpoint as a witness has it."""
    made = Checkpoint.of(log.snapshot, "2026-11-24T08:00:00.000000Z")
    return {name: getattr(made, name) for name in made.__slots__}


def verified(directory: Path, checkpoints: list[dict[str, Any]] | None = None, start: int = 1) -> verify.Log:
    """Runs the independent check. Raises verify.Bad."""
    log = verify.Log()
    for _ in verify.verify(log, directory, checkpoints or [], start):
        pass
    return log
