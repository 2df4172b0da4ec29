from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from auth.audit import verify
from auth.audit.checkpoint import Checkpoint, Checkpoints, Signer
from auth.audit.segments import Segments
from auth.audit.witness import EndpointWitness, FileWitness, Witness
from tests.auth.audit.samples import Events, commit, entry, segments, verified
from tests.datasources.soon import soon

KEYS: dict[str, EllipticCurvePrivateKey | Ed25519PrivateKey] = {
    "ES256": generate_private_key(SECP256R1()),
    "Ed25519": Ed25519PrivateKey.generate(),
}


def pem(algorithm: str) -> bytes:
    return (
        KEYS[algorithm]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


@pytest.fixture
def log(tmp_path: Path) -> Segments:
    log = segments(tmp_path / "log")
    commit(log, [entry(number) for number in range(5)])
    return log


class Shelf:
    """A witness that the test can make fail or hang."""

    def __init__(self, name: str = "shelf") -> None:
        self.name = name
        self.lines: list[bytes] = []
        self.broken = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def take(self, line: bytes) -> None:
        await self.gate.wait()
        if self.broken:
            raise ConnectionError
        self.lines.append(line)

    async def known(self) -> list[bytes]:
        return self.lines[-1:]

    def sizes(self) -> list[int]:
        return [json.loads(line)["checkpoint"]["size"] for line in self.lines]


@pytest.mark.parametrize("algorithm", KEYS)
def test_the_independent_check_takes_the_signature(tmp_path: Path, log: Segments, algorithm: str) -> None:
    signer = Signer(KEYS[algorithm])
    line = signer.sign(Checkpoint.of(log.snapshot, "2026-11-24T08:00:00Z"))
    assert json.loads(line)["algorithm"] == algorithm
    assert json.loads(line)["key"] == signer.key_id
    (tmp_path / "checkpoints").write_bytes(line * 2)
    checkpoints = verify.read_checkpoints(tmp_path / "checkpoints", pem(algorithm))
    assert verified(tmp_path / "log", checkpoints).count == checkpoints[0]["size"] == log.snapshot.head.sequence


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_changed_checkpoint_is_refused(tmp_path: Path, log: Segments, algorithm: str) -> None:
    line = Signer(KEYS[algorithm]).sign(Checkpoint.of(log.snapshot, "2026-11-24T08:00:00Z"))
    (tmp_path / "checkpoints").write_bytes(line.replace(b'"size":', b'"size":1'))
    with pytest.raises(InvalidSignature):
        verify.read_checkpoints(tmp_path / "checkpoints", pem(algorithm))


def test_other_curves_are_refused() -> None:
    with pytest.raises(ValueError, match="P-256"):
        Signer(generate_private_key(SECP384R1()))


async def test_a_checkpoint_is_made_only_when_the_log_grew(log: Segments) -> None:
    shelf = Shelf()
    checkpoints = Checkpoints(lambda: log.snapshot, Signer(KEYS["ES256"]), [shelf])
    for number in range(3):
        checkpoints.turn()
        checkpoints.turn()
        await checkpoints.finish()
        commit(log, [entry(number)])
    assert len(shelf.lines) == 3
    assert shelf.sizes() == sorted(set(shelf.sizes()))


async def test_a_witness_that_fails_gets_the_newest_later(log: Segments) -> None:
    shelf, other, events = Shelf(), Shelf("other"), Events()
    shelf.broken = True
    checkpoints = Checkpoints(lambda: log.snapshot, Signer(KEYS["ES256"]), [shelf, other], report=events)
    await checkpoints.finish()
    await checkpoints.finish()
    assert events.names == ["audit_witness_failed"]
    assert events.fields == [{"witness": "shelf", "error": "ConnectionError"}]
    assert checkpoints.behind()["shelf"] > 0
    assert checkpoints.behind()["other"] == 0
    commit(log, [entry(1)])
    shelf.broken = False
    await checkpoints.finish()
    assert shelf.sizes() == [log.snapshot.head.sequence]
    assert len(other.lines) == 2
    assert checkpoints.behind() == {"shelf": 0, "other": 0}
    assert events.names == ["audit_witness_failed", "audit_witness_resumed"]


async def test_a_witness_that_hangs_holds_up_nobody(log: Segments) -> None:
    slow, other = Shelf("slow"), Shelf("other")
    slow.gate.clear()
    checkpoints = Checkpoints(lambda: log.snapshot, Signer(KEYS["ES256"]), [slow, other], seconds=0.001, patience=0.01)
    running = asyncio.create_task(checkpoints.run())
    for number in range(5):
        commit(log, [entry(number)])
        await soon(lambda: other.sizes()[-1:] == [log.snapshot.head.sequence])
    assert slow.lines == []
    slow.gate.set()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert slow.sizes()[-1] == other.sizes()[-1] == log.snapshot.head.sequence


async def test_a_file_and_an_endpoint_are_witnesses(tmp_path: Path, log: Segments) -> None:
    posted: list[bytes] = []

    async def post(body: bytes) -> None:
        posted.append(body)

    async def fetch() -> bytes:
        return posted[-1]

    witnesses: list[Witness] = [FileWitness(tmp_path / "witness"), EndpointWitness("partner", post, fetch)]
    checkpoints = Checkpoints(lambda: log.snapshot, Signer(KEYS["ES256"]), witnesses)
    await checkpoints.finish()
    commit(log, [entry(1)])
    await checkpoints.finish()
    path = tmp_path / "witness" / f"{log.snapshot.log}.jsonl"
    assert path.read_bytes() == b"".join(posted)
    assert len(verify.read_checkpoints(path, pem("ES256"))) == 2
    assert [await witness.known() for witness in witnesses] == [posted[-1:], posted[-1:]]


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_signer_reads_what_it_signed_and_nothing_else(log: Segments, algorithm: str) -> None:
    made = Checkpoint.of(log.snapshot, "2026-11-24T08:00:00Z")
    signer = Signer(KEYS[algorithm])
    line = signer.sign(made)
    assert signer.read(line) == made
    (other,) = KEYS.keys() - {algorithm}
    for bad in (line.replace(b'"size":', b'"size":1'), Signer(KEYS[other]).sign(made), b"{}", b"no", b"[]", b"\xff"):
        assert signer.read(bad) is None


@pytest.mark.parametrize("algorithm", KEYS)
def test_the_key_is_read_from_a_file(tmp_path: Path, algorithm: str) -> None:
    path = tmp_path / "key.pem"
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(KEYS[algorithm].private_bytes(encoding, form, serialization.NoEncryption()))
    assert Signer.load(path).key_id == Signer(KEYS[algorithm]).key_id
    assert Signer.load(path).public_key == pem(algorithm)


@pytest.mark.parametrize("content", [b"", b"no key", pem("ES256")])
def test_what_is_no_private_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.pem").write_bytes(content)
    with pytest.raises(ValueError, match=r".+"):
        Signer.load(tmp_path / "key.pem")


async def test_a_torn_line_of_a_witness_is_passed_over(tmp_path: Path) -> None:
    witness = FileWitness(tmp_path)
    await witness.take(b'{"checkpoint":{"log":"a"},"n":1}\n')
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(b'{"checkpoint":{"lo')
    assert await witness.known() == [b'{"checkpoint":{"log":"a"},"n":1}\n']
