"""Connections as they come in: who takes them, and when nobody does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import socket
from collections.abc import Awaitable, Callable

from gateway.observe import event

STEP_BACK = 0.001
"""Seconds for which a server that shares a socket leaves it to the others after a connection."""
AT_ONCE = 64
"""Connections that a server of its own takes in one turn of the loop."""
PAUSE = 0.1
"""Seconds after which it is looked for room again."""
KEPT = 128
"""File descriptors that are left for the log's next segment, databases, Redis and key sets: what is let in has to be answered."""

Connect = Callable[[socket.socket], Awaitable[None]]


def most_connections() -> int:
    """For how many connections this process has file descriptors."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1_000_000 if soft == resource.RLIM_INFINITY else max(soft - KEPT, soft // 2)


class Acceptor:
    """Takes connections from a listener and hands each to `connect`. `open_now` tells how many are open.

    While there are as many as there is room for, or the system has no file descriptor left, connections wait where they are.
    """

    def __init__(self, listener: socket.socket, connect: Connect, open_now: Callable[[], int], *, shared: bool) -> None:
        self._listener = listener
        self._connect = connect
        self._open_now = open_now
        self._most = most_connections()
        self._shared = shared
        self._paused = False
        self._ended = False
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, backlog: int) -> None:
        """From now on, in the running loop."""
        self._listener.listen(backlog)
        self._listener.setblocking(False)
        self._attend(asyncio.get_running_loop())

    async def end(self) -> None:
        """Takes no more, but for those that wait already: who knows whether somebody else will."""
        self._ended = True
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._listener)
        with contextlib.suppress(OSError):
            while self._has_room() and self._take_one(loop):
                pass
        self._listener.close()
        await asyncio.gather(*self._tasks)

    def _attend(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._ended:
            loop.add_reader(self._listener, self._take, loop)

    def _rest(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        loop.remove_reader(self._listener)
        loop.call_later(seconds, self._attend, loop)

    def _take(self, loop: asyncio.AbstractEventLoop) -> None:
        """Takes what waits. Of a shared listener one connection, and then it is the others' for a moment: else who wakes first has all."""
        try:
            for _ in range(1 if self._shared else AT_ONCE):
                if not self._has_room():
                    self._pause(loop)
                    return
                if not self._take_one(loop):
                    break
        except OSError:  # no file descriptor is left
            self._pause(loop)
            return
        if self._shared:
            self._rest(loop, STEP_BACK)

    def _has_room(self) -> bool:
        return self._open_now() + len(self._tasks) < self._most

    def _pause(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._paused:
            self._paused = True
            event(logging.WARNING, "connections wait", open=self._open_now())
        self._rest(loop, PAUSE)

    def _take_one(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether a connection was there to be taken. Raises OSError when there is no room for it."""
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another one was faster, or whoever called has gone
            return False
        self._paused = False
        task = loop.create_task(self._hand_over(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _hand_over(self, connection: socket.socket) -> None:
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._connect(connection)
        except OSError:  # whoever called has gone
            connection.close()
