"""What starts workers and starts them again, with workers that do nothing: ``test_serving_together.py`` has real ones."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0
"""Seconds after which what does not happen has failed."""


class Supervised:
    """The process of `tests.gateway.commands.supervised`."""

    def __init__(self, obstacle: Path, *options: str, end_seconds: float = PATIENCE) -> None:
        self.obstacle = obstacle
        self._begun: list[int] = []
        arguments = ["2", str(obstacle), str(end_seconds), *options]
        command = [sys.executable, "-m", "tests.gateway.commands.supervised", *arguments]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def next(self) -> tuple[int, int]:
        """The number and the process id of the worker that begins next."""
        assert self._process.stdout is not None
        number, pid = map(int, self._process.stdout.readline().split())
        self._begun.append(pid)
        return number, pid

    def until_said(self, line: str) -> None:
        """Reads standard error up to this line."""
        assert self._process.stderr is not None
        assert f"{line}\n" in self._process.stderr

    def tell(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> tuple[int, str]:
        """The exit status, and what was said on standard error."""
        _, errors = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, errors

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pid in self._begun:  # whoever was stopped goes on, and sees that it is alone
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self._process.communicate()


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    made = Supervised(tmp_path / "obstacle")
    yield made
    made.close()


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return False
    return True


def until_gone(*pids: int) -> None:
    end = time.monotonic() + PATIENCE
    while not all(map(gone, pids)):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_workers_begin_one_after_the_other_and_end_with_their_supervisor(supervised: Supervised) -> None:
    (first, one), (second, other) = supervised.next(), supervised.next()
    assert (first, second) == (0, 1)
    assert len({one, other}) == 2
    supervised.tell(signal.SIGTERM)
    assert supervised.end() == (0, "")
    assert gone(one)
    assert gone(other)


def test_a_worker_that_died_is_started_again(supervised: Supervised) -> None:
    supervised.next()
    _, pid = supervised.next()
    for _ in range(3):
        os.kill(pid, signal.SIGKILL)
        number, pid = supervised.next()
        assert number == 1
    supervised.tell(signal.SIGINT)
    assert supervised.end()[0] == 0


def test_a_worker_that_cannot_start_ends_all(tmp_path: Path) -> None:
    (tmp_path / "obstacle").touch()
    supervised = Supervised(tmp_path / "obstacle")
    status, errors = supervised.end()
    assert (status, errors.splitlines()[0]) == (1, "worker 0 cannot")
    assert "worker 1" not in errors


def test_a_worker_that_cannot_start_again_is_tried_until_it_can(supervised: Supervised) -> None:
    _, pid = supervised.next()
    supervised.next()
    supervised.obstacle.touch()
    os.kill(pid, signal.SIGKILL)
    for _ in range(2):
        supervised.until_said("worker 0 cannot")
    supervised.obstacle.unlink()
    assert supervised.next()[0] == 0
    supervised.tell(signal.SIGTERM)
    assert supervised.end()[0] == 0


def test_workers_are_renewed_one_after_the_other(supervised: Supervised) -> None:
    before = [supervised.next() for _ in range(2)]
    supervised.tell(signal.SIGHUP)
    for number, pid in before:
        assert supervised.next()[0] == number
        assert gone(pid)
    supervised.tell(signal.SIGTERM)
    assert supervised.end()[0] == 0


def test_a_worker_that_asks_for_it_is_renewed_and_the_other_stays(supervised: Supervised) -> None:
    (_, other), (number, pid) = supervised.next(), supervised.next()
    os.kill(pid, signal.SIGUSR2)
    assert supervised.next()[0] == number
    assert (gone(pid), gone(other)) == (True, False)
    supervised.tell(signal.SIGTERM)
    assert supervised.end()[0] == 0


def test_a_worker_that_hangs_is_killed_and_the_next_one_is_renewed(tmp_path: Path) -> None:
    with contextlib.closing(Supervised(tmp_path / "obstacle", end_seconds=0.5)) as supervised:
        (_, hanging), (_, other) = supervised.next(), supervised.next()
        os.kill(hanging, signal.SIGSTOP)
        supervised.tell(signal.SIGHUP)
        until_gone(hanging)
        assert [supervised.next()[0], supervised.next()[0]] == [0, 1]
        assert gone(other)
        supervised.tell(signal.SIGTERM)
        assert supervised.end()[0] == 0


def test_the_last_one_is_not_renewed(tmp_path: Path) -> None:
    with contextlib.closing(Supervised(tmp_path / "obstacle", "last")) as supervised:
        (_, one), (_, last) = supervised.next(), supervised.next()
        supervised.tell(signal.SIGHUP)
        assert supervised.next()[0] == 0
        supervised.tell(signal.SIGHUP)
        assert supervised.next()[0] == 0
        assert (gone(one), gone(last)) == (True, False)


def test_the_last_one_ends_when_no_other_is_there(tmp_path: Path) -> None:
    with contextlib.closing(Supervised(tmp_path / "obstacle", "last")) as supervised:
        (_, one), (_, last) = supervised.next(), supervised.next()
        os.kill(one, signal.SIGSTOP)
        supervised.tell(signal.SIGTERM)
        time.sleep(0.3)
        assert not gone(last)
        os.kill(one, signal.SIGCONT)
        assert supervised.end() == (0, "")
        assert gone(last)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_last_one_does_not_outlive_all(tmp_path: Path, number: signal.Signals) -> None:
    with contextlib.closing(Supervised(tmp_path / "obstacle", "last", end_seconds=0.5)) as supervised:
        (_, one), (_, last) = supervised.next(), supervised.next()
        if number == signal.SIGTERM:  # hangs, and is killed
            os.kill(one, signal.SIGSTOP)
        supervised.tell(number)
        until_gone(one, last)


def test_workers_do_not_outlive_a_supervisor_that_is_killed(supervised: Supervised) -> None:
    workers = [supervised.next()[1] for _ in range(2)]
    supervised.tell(signal.SIGKILL)
    until_gone(*workers)
