"""Lets a server live no longer than the process that asked for it, whatever ends that process, ``SIGKILL`` included.

Run as a script of its own: ``python -I -S watchdog.py PARENT LOCK_FD UID GID COMMAND…``. It starts the command (as UID
and GID, or ``-`` for its own user), writes its process id to standard output, and ends it when standard input closes,
when PARENT is no longer its parent, or on SIGTERM: first SIGINT, then SIGQUIT, then SIGKILL. The command inherits the
file descriptor LOCK_FD, so a lock on it is held until the last process of the server is gone.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
"""Nothing of the caller's: PostgreSQL would take its PG* and LC_* variables for its own."""

_POLL_SECONDS = 1.0
_ENDINGS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
_PR_SET_PDEATHSIG = 1


def start(
    command: list[str], *, lock: int, user: tuple[int, int] | None, log: int
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a watchdog over the command: its process, whose ``stdin`` ends it when closed, and the command's id.

    The id is 0 when the command could not be started; the file ``log`` then says why.
    """
    ids = [str(part) for part in user] if user else ["-", "-"]
    watchdog = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(lock), *ids, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        pass_fds=(lock,),
        start_new_session=True,
        cwd="/",
        env=ENVIRONMENT,
    )
    if watchdog.stdout is None:
        return watchdog, 0
    with watchdog.stdout as told:
        return watchdog, int(told.readline() or 0)


def watch(command: list[str], *, parent: int, lock: int, user: tuple[int, int] | None) -> int:
    """Run the command until it ends or has to end; its return code, negative for a signal."""
    wake = _wake_on(signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    uid, gid = user or (None, None)
    with subprocess.Popen(  # noqa: S603 - the caller's own command
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
        pass_fds=(lock,),
        user=uid,
        group=gid,
        extra_groups=[] if user else None,
        preexec_fn=_die_with_parent(),  # noqa: PLW1509 - one thread
    ) as child:
        try:
            os.write(1, f"{child.pid}\n".encode())
            while child.poll() is None:
                ready, _, _ = select.select([0, wake], [], [], _POLL_SECONDS)
                told = wake in ready and signal.SIGTERM in os.read(wake, 64)
                if told or 0 in ready or os.getppid() != parent:
                    break
        finally:
            _end(child)
        return child.returncode


def _end(child: subprocess.Popen[bytes]) -> None:
    for ending, patience in _ENDINGS:
        if child.poll() is not None:
            return
        child.send_signal(ending)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def _wake_on(*signals: signal.Signals) -> int:
    """A file descriptor that becomes readable, with the number of the signal, when one of them arrives.

    They do nothing else here, and unlike ignored signals they are the default again in the command.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in signals:
        signal.signal(number, lambda *_: None)
    return reader


def _die_with_parent() -> Callable[[], None] | None:
    """Between fork and exec on Linux: ask the kernel for SIGINT when this process is killed before it could act."""
    if sys.platform != "linux":
        return None
    prctl, watchdog = ctypes.CDLL(None).prctl, os.getpid()

    def die_with_parent() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != watchdog:
            os._exit(1)

    return die_with_parent


if __name__ == "__main__":
    _parent, _lock, _uid, _gid, *_command = sys.argv[1:]
    _user = None if _uid == "-" else (int(_uid), int(_gid))
    sys.exit(watch(_command, parent=int(_parent), lock=int(_lock), user=_user) != 0)
