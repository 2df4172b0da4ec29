"""Several processes that serve on one socket, and the one that starts them, starts again what died, and ends them all.

A worker is a fork of the supervisor: what takes long to start is done once, and shared. The supervisor has no thread and no event
loop, so that a fork of it is whole; signals wait until it asks for them. One worker at a time is on its way, the others serve.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from gateway.commands.serving import MAKE_ROOM, stop_on_sigterm
from gateway.observe import event

START_SECONDS = 60.0
"""In which a worker has to serve, or it is killed."""
END_SECONDS = 30.0
"""In which a worker has to end once it is told to, or it is killed. Ten of these are for running requests."""
LOOK_SECONDS = 0.05
"""Between two looks at a worker that is starting."""
AGAIN_SECONDS = 1.0
"""Until one that was killed and has not ended is killed again."""
REST_SECONDS = 3600.0
FIRST_PAUSE, LAST_PAUSE = 0.1, 10.0
"""Seconds before a worker that died is started again: twice as long after each death."""
STEADY_SECONDS = 10.0
"""Who has lived for so long begins with the first pause again."""

ENDING = frozenset({signal.SIGTERM, signal.SIGINT})
SIGNALS = ENDING | {signal.SIGHUP, signal.SIGCHLD, MAKE_ROOM}


@dataclass(frozen=True, kw_only=True)
class Line:
    """What joins a worker to its supervisor: two file descriptors."""

    ready: int
    """A byte in it says that the worker serves."""
    alone: int
    """Ends when the supervisor is gone, however it went; that of the one who ends last, when all others are gone too."""
    supervisor: int
    """Its process id."""

    def say_ready(self) -> None:
        """Tells the supervisor; one that is gone does not hear it."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self.ready, b".")

    def ask_for_another(self) -> None:
        """Asks for another worker in the place of this one; may be asked again and again."""
        if os.getppid() == self.supervisor:
            os.kill(self.supervisor, MAKE_ROOM)


Work = Callable[[int, Line], None]
"""What the worker of a number does until SIGTERM or the end of its line. SystemExit: it cannot."""


@dataclass
class _Worker:
    """A place for a process. `pid` is 0 while nobody has it."""

    number: int
    pid: int = 0
    told: int = -1
    """The other end of `Line.ready`."""
    serves: bool = False
    proven: bool = False
    """Somebody has served in this place."""
    begun: float = 0.0
    due: float = 0.0
    """When it is to be started, by the monotonic clock."""
    pause: float = FIRST_PAUSE
    stale: bool = False
    """Another one is to take its place."""
    gone_by: float = math.inf
    """It was told to end, for another one, and is killed then, by the monotonic clock."""

    @property
    def leaves(self) -> bool:
        """Whether it was told to end, for another one."""
        return self.gone_by < math.inf


@dataclass(frozen=True, kw_only=True)
class _End:
    """How a worker ended: its exit status, negative for a signal, and whether it had served."""

    code: int
    served: bool


class Supervisor:
    """Keeps `count` workers on the listener.

    Who makes room for another one has `end_seconds`; at the end they go on for `delay` seconds more after they were told.
    With `last` the one of the highest number serves nobody: it is not renewed, and ends when it sees that the others have.
    """

    def __init__(
        self,
        listener: socket.socket,
        count: int,
        work: Work,
        *,
        delay: float = 0.0,
        last: bool = False,
        end_seconds: float = END_SECONDS,
    ) -> None:
        self._listener = listener
        self._delay = delay
        self._end_seconds = end_seconds
        self._workers = [_Worker(number) for number in range(count)]
        self._work = work
        self._last = self._workers[-1] if last else None
        self._serving = self._workers[:-1] if last else self._workers
        self._alone, self._alive = os.pipe()
        self._deserted, self._present = os.pipe()
        """All but the last one have the second, so the first has an end when none of them is there."""

    def run(self) -> int:
        """Until SIGTERM or SIGINT; the exit status. SIGHUP puts a new worker in the place of each, one after the other.

        MAKE_ROOM of a worker puts one in its place.
        """
        stop_on_sigterm()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        while True:
            self._go_on()
            told = signal.sigtimedwait(SIGNALS, self._rest())
            if told is not None and told.si_signo in ENDING:
                return self._end(0)
            if told is not None and told.si_signo in {signal.SIGHUP, MAKE_ROOM}:
                for worker in self._serving:
                    asked = told.si_signo == signal.SIGHUP or told.si_pid == worker.pid
                    worker.stale = worker.stale or (worker.pid > 0 and asked)
            ended = self._ended()
            if any(end.code and not end.served for end in ended) and not self._complete():
                return self._end(1)

    # --- who is there ----------------------------------------------------------------------------

    def _starting(self) -> _Worker | None:
        return next((worker for worker in self._workers if worker.pid and not worker.serves), None)

    def _complete(self) -> bool:
        """Whether all have served once. Before that, one that cannot start is a reason to end; later it is tried again."""
        return all(worker.proven or _serves(worker) for worker in self._workers)

    def _rest(self) -> float:
        """Seconds in which there is nothing to do, unless a signal comes."""
        if self._starting() is not None:
            return LOOK_SECONDS
        now = time.monotonic()
        next_ones = (worker.gone_by if worker.pid else worker.due for worker in self._workers)
        return max(0.0, min(REST_SECONDS, min(next_ones) - now))

    def _go_on(self) -> None:
        """The next thing: look at the worker that is starting, start one, or send one away that is to be replaced.

        One that was sent away and does not go is killed: the others wait for their turn behind it.
        """
        now = time.monotonic()
        for worker in self._workers:
            if worker.pid and worker.gone_by <= now:
                worker.gone_by = now + AGAIN_SECONDS
                os.kill(worker.pid, signal.SIGKILL)
        starting = self._starting()
        if starting is not None and not _serves(starting):
            if now - starting.begun > START_SECONDS:
                os.kill(starting.pid, signal.SIGKILL)
            return
        absent = [worker for worker in self._workers if not worker.pid]
        due = next((worker for worker in absent if worker.due <= now), None)
        if due is not None:
            self._start(due)
        elif not absent and not any(worker.leaves for worker in self._workers):
            stale = next((worker for worker in self._workers if worker.stale), None)
            if stale is not None:
                stale.gone_by = now + self._end_seconds
                os.kill(stale.pid, MAKE_ROOM)

    # --- beginning and end -----------------------------------------------------------------------

    def _start(self, worker: _Worker) -> None:
        worker.told, ready = os.pipe()
        os.set_blocking(worker.told, False)
        worker.begun = time.monotonic()
        worker.serves = worker.stale = False
        worker.gone_by = math.inf
        alone = self._deserted if worker is self._last else self._alone
        line = Line(ready=ready, alone=alone, supervisor=os.getpid())
        worker.pid = os.fork()
        if worker.pid == 0:
            self._become(worker, line)
        os.close(ready)

    def _become(self, one: _Worker, line: Line) -> NoReturn:
        """In the fork: the worker's life."""
        status = 1
        try:
            os.close(self._alive)
            if one is self._last:
                os.close(self._present)
            for worker in self._workers:
                if worker.told >= 0:
                    os.close(worker.told)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.signal(MAKE_ROOM, signal.getsignal(signal.SIGTERM))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            self._work(one.number, line)
            status = 0
        except KeyboardInterrupt:  # told to end before it served
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
            if isinstance(end.code, str):
                print(end.code, file=sys.stderr)
        except Exception as error:  # noqa: BLE001 - whatever it is, the supervisor hears of it
            event(logging.ERROR, "worker failed", error=error)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _ended(self) -> list[_End]:
        """Those that have ended since: their places are free, to be taken again after a pause."""
        found = []
        for worker in self._workers:
            pid, status = os.waitpid(worker.pid, os.WNOHANG) if worker.pid else (0, 0)
            if not pid:
                continue
            end = _End(code=os.waitstatus_to_exitcode(status), served=_serves(worker))
            found.append(end)
            os.close(worker.told)
            now = time.monotonic()
            if worker.leaves or now - worker.begun >= STEADY_SECONDS:
                worker.pause = FIRST_PAUSE
            worker.due = now if worker.leaves else now + worker.pause
            worker.pause = min(LAST_PAUSE, 2 * worker.pause)
            worker.pid, worker.told, worker.serves = 0, -1, False
            event(logging.WARNING if end.code else logging.INFO, "worker ended", worker=worker.number, code=end.code)
        return found

    def _end(self, status: int) -> int:
        """Tells all to end and waits for them. What it is told once more, it tells them too."""
        self._listener.close()
        os.close(self._present)
        self._tell(signal.SIGTERM)
        until = time.monotonic() + self._end_seconds + self._delay
        while self._running():
            left = until - time.monotonic()
            if left <= 0:
                until += AGAIN_SECONDS
                self._tell(signal.SIGKILL)
            told = signal.sigtimedwait(ENDING | {signal.SIGCHLD}, max(0.0, left))
            if told is not None and told.si_signo in ENDING:
                self._tell(signal.SIGTERM)
            if any(end.code for end in self._ended()):
                status = 1
        return status

    def _running(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.pid]

    def _tell(self, number: signal.Signals) -> None:
        """Tells all who are there. The last one sees that it is to end; it is killed only when it alone is left."""
        running = self._running()
        for worker in running:
            if worker is not self._last or (running == [worker] and number == signal.SIGKILL):
                os.kill(worker.pid, number)


def _serves(worker: _Worker) -> bool:
    """Whether a worker has said that it serves."""
    if worker.pid and not worker.serves:
        with contextlib.suppress(BlockingIOError):
            worker.serves = os.read(worker.told, 1) == b"."
    worker.proven = worker.proven or worker.serves
    return worker.serves
