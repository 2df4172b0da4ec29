from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from auth.audit.digests import sha256
from auth.audit.proof import NotInLog, Proof, prove
from auth.audit.reader import records, segments_of
from tests.auth.audit.samples import verified, write


def test_every_record_is_proved_for_a_checkpoint(tmp_path: Path) -> None:
    checkpoints = write(tmp_path, 70, batch=7)
    hashes = {record.sequence: record.hash for record in records(tmp_path)}
    for checkpoint in (checkpoints[2], checkpoints[-1]):
        for sequence in range(1, checkpoint["size"] + 1):
            proof = Proof.decode(prove(tmp_path, sequence, checkpoint["size"]).encode())
            assert proof.holds(hashes[sequence], checkpoint["root"], sha256)
            assert not proof.holds(hashes[sequence % 70 + 1], checkpoint["root"], sha256)
            assert not proof.holds(hashes[sequence], checkpoints[0]["root"], sha256)


def test_a_record_is_proved_when_older_segments_are_gone(tmp_path: Path) -> None:
    checkpoint = write(tmp_path, 70, batch=7)[-1]
    for _, path in segments_of(tmp_path)[:7]:
        path.unlink()
    for record in records(tmp_path):
        assert prove(tmp_path, record.sequence, checkpoint["size"]).holds(record.hash, checkpoint["root"], sha256)
    assert verified(tmp_path, [checkpoint], start=record.sequence).count == checkpoint["size"]


@pytest.mark.parametrize(("sequence", "size"), [(0, 5), (6, 5), (5, 1_000)])
def test_what_is_not_there_is_not_proved(tmp_path: Path, sequence: int, size: int) -> None:
    write(tmp_path, 10)
    with pytest.raises(NotInLog):
        prove(tmp_path, sequence, size)


def test_a_record_that_is_gone_is_not_proved(tmp_path: Path) -> None:
    checkpoint = write(tmp_path, 70, batch=6)[-1]
    segments = segments_of(tmp_path)
    for (_, path), (kept, _) in itertools.pairwise(segments):
        path.unlink()
        with pytest.raises(NotInLog):
            prove(tmp_path, kept - 1, checkpoint["size"])
