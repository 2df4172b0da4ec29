"""F-19: kill -9 under load; whoever got an answer finds its record.

TONGCHA_AUDIT_KILLS and TONGCHA_AUDIT_KILL_SECONDS: how many rounds of how long at most.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from auth.audit.reader import records
from tests.auth.audit.samples import segments, verified

ROUNDS = int(os.environ.get("TONGCHA_AUDIT_KILLS", "5"))
SECONDS = float(os.environ.get("TONGCHA_AUDIT_KILL_SECONDS", "0.2"))
ROOT = Path(__file__).parents[3]


def test_no_answer_without_its_record_survives_a_kill(tmp_path: Path) -> None:
    chance = random.Random(5)
    ledger: list[tuple[int, str]] = []
    for _ in range(ROUNDS):
        ledger += answers_until_killed(tmp_path / "log", chance.uniform(0.0, SECONDS))
    segments(tmp_path / "log")
    written = {record.sequence: record.hash for record in records(tmp_path / "log")}
    assert [answer for answer in ledger if written.get(answer[0]) != answer[1]] == []
    assert len(ledger) > ROUNDS
    assert verified(tmp_path / "log").count == max(written)


def answers_until_killed(directory: Path, seconds: float) -> list[tuple[int, str]]:
    """What the process released before it was killed, `seconds` after its first answer."""
    command = [sys.executable, "-m", "tests.auth.audit.killed", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.kill()
        lines = [first, *process.stdout.read().splitlines(keepends=True)]
    return [(int(line.split()[0]), line.split()[1].decode()) for line in lines if line.endswith(b"\n")]
