"""F-20: the power is cut at any call; chance decides what of the unsynced reached the disk.

TONGCHA_AUDIT_POWER_CUTS: how often.
"""

from __future__ import annotations

import contextlib
import os
import random
from pathlib import Path

import pytest

from auth.audit.reader import records
from auth.audit.segments import Segments
from auth.audit.terms import AuditUnavailable, Receipt
from tests.auth.audit.disk import Disk, Stopped
from tests.auth.audit.samples import commit, entry, segments, verified

CUTS = int(os.environ.get("TONGCHA_AUDIT_POWER_CUTS", "100"))
PER_LOG = 12


@pytest.mark.parametrize("failures", [0.0, 0.1])
@pytest.mark.parametrize("seed", range(CUTS // PER_LOG // 2))
def test_nothing_that_was_receipted_is_lost(tmp_path: Path, seed: int, failures: float) -> None:
    chance = random.Random(seed)
    ledger: list[Receipt] = []
    directory = tmp_path / "0"
    directory.mkdir()
    for cut in range(PER_LOG):
        disk = Disk(chance, failures)
        disk.know(directory)
        for _ in range(chance.randint(1, 3)):  # processes that die, before the power goes
            disk.run(chance.randint(5, 120))
            with contextlib.suppress(Stopped):
                write_until_stopped(directory, disk, ledger)
            disk.release()
        image = tmp_path / str(cut + 1)
        image.mkdir()
        disk.image(image)
        directory = image
    segments(directory)
    written = {record.sequence: record.hash for record in records(directory)}
    assert [receipt for receipt in ledger if written.get(receipt.sequence) != receipt.hash] == []
    assert verified(directory).count == max(written)


def write_until_stopped(directory: Path, disk: Disk, ledger: list[Receipt]) -> None:
    log = opened(directory, disk)
    for number in range(1_000):
        try:
            ledger += commit(log, [entry(number + place) for place in range(number % 3 + 1)])
        except AuditUnavailable:
            continue


def opened(directory: Path, disk: Disk) -> Segments:
    while True:
        try:
            return segments(directory, files=disk)
        except OSError:
            continue
