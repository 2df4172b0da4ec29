"""A Redis of the tests' own, on a socket in a directory of its own."""

from __future__ import annotations

import ctypes
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAM = "redis-server"
START_SECONDS = 10
PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """So that a run that is killed leaves no server behind, where the system can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class RedisServer:
    """One server, which can be stopped, started again, and made to hang. What it held is gone when it stops."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="tongcha-redis-"))
        self._socket = self._directory / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"

    @staticmethod
    def can_be_started() -> bool:
        """Whether there is a program to start."""
        return shutil.which(PROGRAM) is not None

    def start(self) -> None:
        """Returns when it takes connections."""
        self._process = subprocess.Popen(
            [PROGRAM, "--port", "0", "--unixsocket", str(self._socket), "--save", "", "--dir", str(self._directory)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  # it takes no lock
        )
        end = time.monotonic() + START_SECONDS
        while not self._socket.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("redis-server did not start")
            time.sleep(0.01)

    def stop(self) -> None:
        """Returns when it has ended."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None
        self._socket.unlink(missing_ok=True)

    def hang(self) -> None:
        """Takes connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """After hanging."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """Stops it and takes its directory away."""
        self.stop()
        shutil.rmtree(self._directory, ignore_errors=True)
