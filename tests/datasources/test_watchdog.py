"""The watchdog: the command ends when its owner does, whatever ends the owner."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from datasources import watchdog

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SLEEP = ["/bin/sleep", "60"]


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    file = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    yield file
    os.close(file)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[int]:
    file = os.open(tmp_path / "log", os.O_RDWR | os.O_CREAT)
    yield file
    os.close(file)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with contextlib.suppress(OSError):  # a zombie that nobody has waited for yet
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    return True


def ends(pid: int, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_alive(pid):
            return True
        time.sleep(0.01)
    return False


def close(process: subprocess.Popen[bytes]) -> int:
    assert process.stdin is not None
    process.stdin.close()
    return process.wait(10)


def test_the_command_ends_when_its_owner_lets_go(lock: int, log: int) -> None:
    process, pid = watchdog.start(SLEEP, lock=lock, user=None, log=log)
    assert is_alive(pid)
    close(process)
    assert not is_alive(pid)


def test_the_command_ends_when_the_watchdog_is_told_to(lock: int, log: int) -> None:
    process, pid = watchdog.start(SLEEP, lock=lock, user=None, log=log)
    process.terminate()
    process.wait(10)
    assert not is_alive(pid)
    close(process)


def test_a_keyboard_interrupt_does_not_reach_the_command(lock: int, log: int) -> None:
    process, pid = watchdog.start(SLEEP, lock=lock, user=None, log=log)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    assert is_alive(pid)
    close(process)


if sys.platform == "linux":

    def test_the_command_ends_when_the_watchdog_is_killed(lock: int, log: int) -> None:
        process, pid = watchdog.start(SLEEP, lock=lock, user=None, log=log)
        process.kill()
        assert ends(pid)
        close(process)


def test_the_watchdog_ends_with_the_command(lock: int, log: int) -> None:
    process, _ = watchdog.start(["/bin/sh", "-c", "exit 3"], lock=lock, user=None, log=log)
    assert process.wait(10) == 1
    close(process)


def test_a_command_that_cannot_start_has_no_id(lock: int, log: int, tmp_path: Path) -> None:
    process, pid = watchdog.start([str(tmp_path / "nothing")], lock=lock, user=None, log=log)
    assert pid == 0
    assert close(process) == 1
    assert "No such file" in (tmp_path / "log").read_text(encoding="utf-8")


OWNER = """
import os, sys, time
from datasources import watchdog
lock = os.open(os.devnull, os.O_RDONLY)
process, pid = watchdog.start(["/bin/sleep", "60"], lock=lock, user=None, log=lock)
heir = os.fork() if sys.argv[1] == "heir" else 0
if heir or sys.argv[1] != "heir":
    print(pid, heir, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("kind", ["alone", "heir"])
def test_the_command_ends_when_its_owner_is_killed(kind: str) -> None:
    """Also when a child of the owner, which inherited the pipe to the watchdog, lives on."""
    with subprocess.Popen([sys.executable, "-c", OWNER, kind], cwd=ROOT, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        pid, heir = (int(part) for part in owner.stdout.readline().split())
        owner.kill()
        assert ends(pid)
        if heir:
            os.kill(heir, signal.SIGKILL)


def test_a_command_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "_ENDINGS", ((signal.SIGINT, 0.05), (signal.SIGQUIT, 0.05), (signal.SIGKILL, 5.0)))
    deaf = "import signal, time; [signal.signal(s, signal.SIG_IGN) for s in (2, 3)]; print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-S", "-c", deaf], stdout=subprocess.PIPE) as command:
        assert command.stdout is not None
        command.stdout.readline()
        watchdog._end(command)
        assert command.returncode == -signal.SIGKILL
