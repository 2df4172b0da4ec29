"""The access log from the command line: checked, exported, proved, and asked whose data were given out."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auth.audit import verify as independent
from auth.audit.checkpoint import Checkpoint, Signer
from auth.audit.digests import sha256
from auth.audit.proof import Proof
from auth.audit.reader import records, segments_of
from auth.audit.record import Caller, Outcome, canonical
from auth.audit.segments import Segments
from auth.audit.terms import Limits, now, timestamp
from auth.audit.tree import leaf_hash, root_from_path
from auth.audit.writer import AuditLog
from gateway.cli import app
from gateway.commands.state import State
from gateway.shipping import PACE, Shipper
from tests.auth.audit.samples import ENTRY, Unsynced, commit, segments
from tests.gateway.ledger import make_tables

LIMITS = Limits(segment_bytes=8192, reserve_bytes=4096)
BY = {"a": Caller(subject="a", client="c1", kind="officer"), "b": Caller(subject="b", client="c2", kind="partner")}
SUBJECTS = ENTRY.subjects


def write_all(log: Segments, signer: Signer, witness: Path) -> None:
    """60 answers: a of c1 sees both subjects, b of c2 the first; every third is refused. A checkpoint after each five."""
    lines = b""
    for number in range(60):
        by = "ab"[number % 2]
        outcome = Outcome.DENIED if number % 3 == 0 else Outcome.RELEASED
        subjects = SUBJECTS if by == "a" else SUBJECTS[:1]
        commit(log, [dataclasses.replace(ENTRY, caller=BY[by], outcome=outcome, subjects=subjects)])
        if number % 5 == 4:
            lines += signer.sign(Checkpoint.of(log.snapshot, timestamp(now())))
    witness.mkdir()
    (witness / f"{log.snapshot.log}.jsonl").write_bytes(lines)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of a log; the settings name it, its key and its witness."""
    directory = tmp_path / "audit" / "0"
    directory.parent.mkdir()
    key = State(tmp_path).signing_key()
    made = segments(directory, limits=LIMITS)
    write_all(made, Signer.load(key), tmp_path / "witness")
    made.close()
    for name, value in {
        "AUDIT_DIR": directory.parent, "AUDIT_SIGNING_KEY": key, "AUDIT_WITNESS_DIR": tmp_path / "witness",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"TONGCHA_{name}", str(value))
    return directory


Run = Callable[..., tuple[Any, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """How the command ends, and what it prints."""

    def call(*arguments: object) -> tuple[Any, str]:
        try:
            code = app(["audit", *map(str, arguments)], result_action="return_value")
        except SystemExit as end:
            code = end.code
        return code, capsys.readouterr().out

    return call


def test_a_good_log_is_said_to_be_good(log: Path, run: Run) -> None:
    count = len(list(records(log)))
    assert run("verify") == (None, f"{log}: ok, {count} records, 12 checkpoints\n")
    assert run("verify", log) == (None, f"{log}: ok, {count} records, 12 checkpoints\n")


def test_the_first_bad_record_is_named(log: Path, run: Run) -> None:
    first, path = segments_of(log)[2]
    lines = path.read_bytes().splitlines()
    bad = next(number for number, line in enumerate(lines, first) if b"RELEASED" in line)
    path.write_bytes(path.read_bytes().replace(b"RELEASED", b"FINISHED", 1))
    code, output = run("verify")
    assert code == 1
    assert output.startswith(f"{log}: BAD: record {bad} is not as it was written ({path.name})\n")


def test_a_log_that_was_cut_is_bad_by_its_checkpoints(log: Path, run: Run) -> None:
    path = segments_of(log)[-1][1]
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"\n", 0, -1) + 1])
    code, output = run("verify")
    assert code == 1
    assert "is missing: the checkpoint of" in output


def test_signatures_by_another_key_are_bad(log: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_bytes(Signer.load(State(tmp_path / "other").signing_key()).public_key)
    assert run("verify", "--key", tmp_path / "other.pem") == (1, f"{log}: BAD: InvalidSignature\n")


@pytest.mark.parametrize(("first", "last"), [(1, None), (20, 33), (33, 33)])
def test_a_part_is_checked_without_the_gateway(
    log: Path, run: Run, tmp_path: Path, first: int, last: int | None
) -> None:
    into = tmp_path / "part"
    code, output = run("export", log, "--into", into, "--from", first, *(["--to", last] if last else []))
    assert code is None
    _, _, command = output.strip().partition("To check: python3 auth/audit/verify.py ")
    done = subprocess.run(
        [sys.executable, "-I", independent.__file__, *command.split()], capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[0] == "ok"
    shown = [json.loads(line) for line in (into / "records.jsonl").read_bytes().splitlines()]
    whole = list(records(log, after=first - 1, until=last))
    assert [one["hash"] for one in shown] == [stored.hash for stored in whole]


def test_what_a_log_does_not_have_is_not_exported(log: Path, run: Run, tmp_path: Path) -> None:
    code, _ = run("export", log, "--into", tmp_path / "part", "--from", 5000)
    assert "does not have records" in code
    assert not (tmp_path / "part").exists()


def test_a_record_and_a_subject_of_it_are_proved(log: Path, run: Run) -> None:
    name = SUBJECTS[1].pseudonym
    code, output = run("prove", log, 4, "--subject", name)
    assert code is None
    said = json.loads(output)
    proof = Proof.decode(base64.b64decode(said["proof"]))
    hashed = leaf_hash(canonical(said["record"]), sha256)
    assert hashed.hex() == said["hash"]
    assert proof.holds(said["hash"], said["checkpoint"]["checkpoint"]["root"], sha256)
    line = Proof.decode(base64.b64decode(said["subject"]["proof"]))
    leaf = leaf_hash(canonical(said["subject"]["line"]), sha256)
    root = root_from_path(line.sequence - 1, line.size, leaf, line.path, sha256)
    assert root is not None
    assert root.hex() == said["record"]["entry"]["subjects"]["root"]
    assert said["subject"]["line"]["pseudonym"] == name
    assert SUBJECTS[0].pseudonym not in output
    assert len(base64.b64decode(said["proof"])) < 1024


@pytest.mark.parametrize(("sequence", "subject"), [(5000, None), (3, "nobody")])
def test_what_is_not_there_is_not_proved(log: Path, run: Run, sequence: int, subject: str | None) -> None:
    code, output = run("prove", log, sequence, *(["--subject", subject] if subject else []))
    assert "cannot be proved" in code
    assert output == ""


def expected(log: Path, **by: str) -> list[str]:
    """Type, pseudonym and answers of each subject, counted here."""
    released = [one for one in records(log) if one.entry.get("outcome") == "RELEASED"]
    mine = [one for one in released if all(one.entry["caller"][name] == value for name, value in by.items())]
    found = {(line["type"], line["pseudonym"]) for one in mine for line in one.subjects}
    counted = [
        (kind, name, sum({"type": kind, "pseudonym": name} in one.subjects for one in mine)) for kind, name in found
    ]
    return ["\t".join(map(str, one)) for one in sorted(counted, key=lambda one: (-one[2], one))]


@pytest.mark.parametrize(
    "by", [{"client": "c1"}, {"client": "c2"}, {"subject": "b"}, {"client": "c1", "subject": "a"}, {"client": "x"}]
)
@pytest.mark.parametrize("place", ["segments", "database"])
async def test_whose_data_were_given_out(
    log: Path,
    capsys: pytest.CaptureFixture[str],
    dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    by: dict[str, str],
) -> None:
    monkeypatch.setenv("TONGCHA_DATABASE_GATEWAY", dsn)
    options = ["--from", "2020-01-01", *(["--segments", str(log.parent)] if place == "segments" else [])]
    for word, value in by.items():
        options += ["--client" if word == "client" else "--caller", value]
    if place == "database":
        await shipped(log, dsn)
    await asyncio.to_thread(app, ["audit", "affected", *options], result_action="return_value")
    lines = [line.rsplit("\t", 2)[0] for line in capsys.readouterr().out.splitlines()]
    wanted = expected(log, **by)
    assert (lines if place == "segments" else [line for line in lines if line in wanted]) == wanted
    assert len(lines) == len(wanted)


def test_nobody_was_affected_in_another_period(log: Path, run: Run) -> None:
    assert run("affected", "--client", "c1", "--from", "2020-01-01", "--to", "2020-02-01", "--segments", log) == (
        None,
        "",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["affected", "--from", "2020-01-01"], "tongcha: say --client or --caller"),
        (
            ["affected", "--from", "2020-01-01", "--client", "c"],
            "tongcha: not set: TONGCHA_DATABASE_GATEWAY (or say --segments)",
        ),
        (["verify"], "tongcha: name a directory, or set TONGCHA_AUDIT_DIR"),
        (["verify", "/nowhere"], "tongcha: no log in /nowhere"),
    ],
)
def test_what_is_missing_is_said(run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str) -> None:
    monkeypatch.delenv("TONGCHA_DATABASE_GATEWAY", raising=False)
    monkeypatch.delenv("TONGCHA_AUDIT_DIR", raising=False)
    assert run(*arguments)[0] == said


@pytest.fixture
async def dsn(scratch: Any) -> str:
    made = await scratch("affected")
    await make_tables(str(made))
    return str(made)


async def shipped(directory: Path, dsn: str) -> None:
    log = AuditLog(directory, limits=LIMITS, files=Unsynced())
    shipper = Shipper(directory, lambda: log.snapshot, dsn, pace=PACE)
    shipper.start()
    await shipper.close()
    await log.close()
