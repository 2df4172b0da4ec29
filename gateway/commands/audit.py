"""``tongcha audit verify``, ``export`` and ``prove``: check the access log, hand out a part of it, or one record with proof."""

from __future__ import annotations

import base64
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
from cyclopts import Parameter

from auth.audit import verify as independent
from auth.audit.chain import LineInvalid
from auth.audit.checkpoint import Signer
from auth.audit.digests import DIGESTS
from auth.audit.proof import NotInLog, Proof, prove_subject
from auth.audit.proof import prove as prove_record
from auth.audit.reader import lines_of, log_of, records, segments_of
from gateway.commands.serve import read_settings
from gateway.commands.serving import Refusal

BAR = 40
SEQUENCE = re.compile(rb'"previous":"[0-9a-f]{64}","sequence":(\d+),"time":"')

Directory = Annotated[Path | None, Parameter(show_default=False)]


def verify(directory: Directory = None, /, *, checkpoints: Path | None = None, key: Path | None = None) -> None:
    """Check every record of a log, or of all logs below a directory. Ends with 1 when one is not as it was written.

    Parameters
    ----------
    directory: of a log, or with logs in it; TONGCHA_AUDIT_DIR unless given.
    checkpoints: directory of a witness, a file for each log; TONGCHA_AUDIT_WITNESS_DIR unless given.
    key: public key of the checkpoints (PEM); that of TONGCHA_AUDIT_SIGNING_KEY unless given.
    """
    logs = logs_of(directory)
    pem = _public_key(key)
    good = [_verified(log, _checkpoints_of(log, checkpoints), pem) for log in logs]
    if not all(good):
        sys.exit(1)


def export(
    directory: Path,
    /,
    *,
    into: Path,
    first: Annotated[int, Parameter(name="--from")] = 1,
    last: Annotated[int | None, Parameter(name="--to")] = None,
    checkpoints: Path | None = None,
    key: Path | None = None,
) -> None:
    """Copy a part of a log, with the checkpoints over it, to where it can be checked without the gateway.

    Parameters
    ----------
    directory: of the log.
    into: new directory: segments, checkpoints.jsonl, key.pem, and records.jsonl for reading.
    first: sequence of the first record wanted; the copy begins with its segment.
    last: sequence of the last record wanted; the copy ends with the next checkpoint.
    checkpoints: directory of a witness; TONGCHA_AUDIT_WITNESS_DIR unless given.
    key: public key of the checkpoints (PEM); that of TONGCHA_AUDIT_SIGNING_KEY unless given.
    """
    (log,) = logs_of(directory)
    lines = _lines(_checkpoints_of(log, checkpoints))
    sizes = sorted(orjson.loads(line)["checkpoint"]["size"] for line in lines)
    end = _last(log)
    until = next((size for size in sizes if size >= (last or end)), end)
    begin = max((start for start, _ in segments_of(log) if start <= first), default=None)
    if begin is None or not first <= (last or end) <= end:
        raise Refusal(f"tongcha: {log} does not have records {first} to {last or end}")
    into.mkdir(parents=True)
    _copy_segments(log, into, begin, until)
    kept = [line for line in lines if begin <= orjson.loads(line)["checkpoint"]["size"] <= until]
    (into / "checkpoints.jsonl").write_bytes(b"".join(kept))
    if (pem := _public_key(key)) is not None:
        (into / "key.pem").write_bytes(pem)
    with (into / "records.jsonl").open("wb") as file:
        for stored in records(log, after=first - 1, until=last or end):
            shown = {name: getattr(stored, name) for name in stored.__slots__}
            file.write(orjson.dumps(shown, option=orjson.OPT_APPEND_NEWLINE))
    print(f"Records {begin} to {until}, {len(kept)} checkpoints. To check: {_check(into, begin, pem is not None)}")


def prove(directory: Path, sequence: int, /, *, subject: str | None = None, checkpoints: Path | None = None) -> None:
    """Print the proof that a record is in the newest checkpoint, and perhaps that a subject's line is in the record, as JSON.

    Parameters
    ----------
    directory: of the log.
    sequence: of the record.
    subject: pseudonym of a subject of the record: its line is proved, and those of others are not shown.
    checkpoints: directory of a witness; TONGCHA_AUDIT_WITNESS_DIR unless given.
    """
    (log,) = logs_of(directory)
    lines = _lines(_checkpoints_of(log, checkpoints))
    if not lines:
        raise Refusal(f"tongcha: no checkpoint of the log in {log}")
    signed = orjson.loads(lines[-1])
    try:
        (stored,) = records(log, after=sequence - 1, until=sequence)
        proof = prove_record(log, sequence, signed["checkpoint"]["size"])
        digest = DIGESTS[signed["checkpoint"]["digest"]]
        shown = prove_subject(stored, subject, digest) if subject is not None else None
    except (NotInLog, LineInvalid, ValueError) as error:
        raise Refusal(f"tongcha: record {sequence} cannot be proved: {type(error).__name__}") from None
    if not proof.holds(stored.hash, signed["checkpoint"]["root"], digest):
        raise Refusal(f"tongcha: record {sequence} is not in the checkpoint of {signed['checkpoint']['time']}")
    said: dict[str, Any] = {
        "record": {name: getattr(stored, name) for name in ("entry", "previous", "sequence", "time")},
        "hash": stored.hash,
        "proof": _text(proof),
        "checkpoint": signed,
    }
    if shown is not None:
        said["subject"] = {"line": shown[0], "proof": _text(shown[1])}
    print(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())


# --- logs and witnesses ------------------------------------------------------------------------------


def logs_of(directory: Path | None) -> list[Path]:
    """The directory when it has a log, else those in it that have."""
    root = directory or read_settings().audit_directory
    if root is None:
        raise Refusal("tongcha: name a directory, or set TONGCHA_AUDIT_DIR")
    found = [root] if segments_of(root) else [path for path in sorted(root.glob("*")) if segments_of(path)]
    if not found:
        raise Refusal(f"tongcha: no log in {root}")
    return found


def _checkpoints_of(log: Path, directory: Path | None) -> Path | None:
    directory = directory or read_settings().audit_witness_directory
    try:
        path = directory / f"{log_of(log)}.jsonl" if directory is not None else None
    except LineInvalid:
        return None  # the check says what is wrong with its beginning
    return path if path is not None and path.exists() else None


def _public_key(path: Path | None) -> bytes | None:
    signing = read_settings().audit_signing_key
    try:
        if path is not None:
            return path.read_bytes()
        return Signer.load(signing).public_key if signing is not None else None
    except (OSError, ValueError) as error:
        raise Refusal(f"tongcha: {path or signing}: {type(error).__name__}") from None


def _lines(path: Path | None) -> list[bytes]:
    return [line for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")] if path else []


def _last(log: Path) -> int:
    """The last record, by what stands at the end of the last segment."""
    path = segments_of(log)[-1][1]
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 2 * independent.LINE))
        found = SEQUENCE.findall(file.read())
    return int(found[-1]) if found else segments_of(log)[-1][0]


# --- checking ----------------------------------------------------------------------------------------


def _verified(directory: Path, checkpoints: Path | None, key: bytes | None) -> bool:
    """Says whether a log is good, and which is its first bad record when it is not."""
    log, bar = independent.Log(), Bar(_last(directory))
    try:
        known = independent.read_checkpoints(checkpoints, key) if checkpoints else []
        for count in independent.verify(log, directory, known):
            bar.show(count)
    except Exception as error:  # noqa: BLE001 - whatever stands in the way, the log is not shown to be good
        verdict = f"BAD: {error}" if isinstance(error, independent.Bad) else f"BAD: {type(error).__name__}"
    else:
        verdict = f"ok, {log.count - log.begins + 1} records, {len(known)} checkpoints"
    bar.end()
    notes = [
        *log.notes,
        *(["no checkpoint: what is missing at the end would not be noticed"] if not checkpoints else []),
    ]
    notes += ["no key: signatures were not checked"] if checkpoints and key is None else []
    print("\n".join([f"{directory}: {verdict}", *(f"  {note}" for note in notes)]))
    return verdict.startswith("ok")


class Bar:
    """How far a check is, on a terminal."""

    def __init__(self, total: int) -> None:
        self._total = max(total, 1)
        self._shown = -1 if sys.stderr.isatty() else 100

    def show(self, count: int) -> None:
        """Draws it when it has grown by a hundredth."""
        if (part := min(count * 100 // self._total, 99)) > self._shown:
            self._shown = part
            sys.stderr.write(f"\r  {'█' * (part * BAR // 100):░<{BAR}} {part:3d} % {count:>12,} records")
            sys.stderr.flush()

    def end(self) -> None:
        """Wipes it away."""
        if 0 <= self._shown < 100:
            sys.stderr.write("\r" + " " * (BAR + 40) + "\r")


# --- exporting and proving ---------------------------------------------------------------------------


def _copy_segments(log: Path, into: Path, begin: int, until: int) -> None:
    for first, path in segments_of(log):
        if not begin <= first <= until:
            continue
        if first <= until < first + sum(1 for _ in lines_of(path)):
            with (into / path.name).open("wb") as file:
                for number, line in enumerate(lines_of(path), first):
                    if number <= until:
                        file.write(line)
        else:
            shutil.copyfile(path, into / path.name)


def _check(into: Path, begin: int, signed: bool) -> str:
    options = f" --checkpoint {into}/checkpoints.jsonl" + (f" --key {into}/key.pem" if signed else "")
    return f"python3 auth/audit/verify.py {into}{options} --from {begin}"


def _text(proof: Proof) -> str:
    return base64.b64encode(proof.encode()).decode()
