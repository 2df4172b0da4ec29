"""The connections to one database: those at hand, those that may be opened, and where.

**A server that fails.** Of several addresses the one that was good last is tried first, and the others after it. While none
can be connected to, two attempts a second are made and no more. A connection whose statement was ended is used again once the
server has confirmed it, and dropped when it does not.

**A replica** serves readers only; how far it lags is looked at every few seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from datasources.connection import LOST, Connection, Lost, connect, first_of, is_quiet, lag
from datasources.errors import SourceError, SourceTimeout

logger = logging.getLogger("tongcha")

ATTEMPTS, SECOND = 2, 1.0
"""So many attempts to connect begin in so many seconds while they fail."""
SETTLE = 0.5
"""Seconds in which a server must confirm that a statement has ended."""
LOOK = 3.0
"""Seconds between two looks at how far a replica lags."""
HOME = 15.0
"""Seconds between two attempts to go back to the first address."""


class Pool:
    """At most `limit` connections. `seconds` are for connecting, `longest` is what a server lets a statement take.

    `text` is as in `datasources.addresses`. With `writable` a server must be the primary.
    """

    def __init__(
        self,
        name: str,
        text: str,
        *,
        limit: int,
        seconds: float,
        longest: float,
        writable: bool,
    ) -> None:
        self.text = text
        self.limit = limit
        self.open = 0
        self.connects = 0
        """Attempts to connect since the start."""
        self.behind = 0.0
        """Seconds that the rows may lag behind the primary, as last looked at."""
        self.idle: list[Connection] = []
        self._name = name
        self.freed: Callable[[], None] = _nobody
        """Called when a connection has come back, or may be opened."""
        self._seconds = seconds
        self._longest = longest
        self._writable = writable
        self._attempts: deque[float] = deque(maxlen=ATTEMPTS)
        self._failing = False
        self._address = 0
        self._here: set[Connection] = set()
        self._left: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._home_at = 0.0
        self._closed = False

    def has_room(self) -> bool:
        """Whether a connection may be taken. While no more can be made, those that there are have to do."""
        if self.idle:
            return True
        return self.open < self.limit and (self.open == 0 or not self._is_held_back())

    def take(self) -> Connection | None:
        """An idle connection, or None with leave to open one."""
        while self.idle:
            connection = self.idle.pop()
            if not connection.is_closed():
                return connection
            self._drop(connection)
        self.open += 1
        return None

    def give_back(self, connection: Connection | None) -> None:
        """What was taken. A connection that is closed, or to a server that was left, leaves room for another; so do all in the end."""
        if connection is None:
            self.open -= 1
        elif self._closed or connection.is_closed() or (self._left and connection in self._left):
            self._drop(connection)
        else:
            self.idle.append(connection)
        self.freed()

    def lose(self, connection: Connection) -> None:
        """One that is dead; whoever took it has leave to open another."""
        self._end(connection)

    def settle(self, connection: Connection) -> None:
        """Gives back a connection whose statement was ended, when the server has confirmed it."""
        self._do(self._settle(connection))

    async def connect(self) -> Connection:
        """A new connection, for who has leave. Raises Lost, SourceTimeout; Lost at once when there were attempts enough."""
        if self._is_held_back():
            raise Lost
        return await self._connect(time.monotonic())

    async def probe(self) -> None:
        """Connects and asks, and keeps the connection if there is room. Raises Lost, SourceError, TimeoutError."""
        connection = await self._connect(time.monotonic())
        try:
            async with asyncio.timeout(self._seconds):
                await lag(self._name, connection)
        except BaseException:
            self._end(connection)
            raise
        if self.open < self.limit:
            self.open += 1
            self.give_back(connection)
        else:
            self._end(connection)

    async def close(self) -> None:
        """Closes the idle connections; one at work is closed when it comes back."""
        self._closed = True
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self.idle:
            connection = self.idle.pop()
            with contextlib.suppress(*LOST):
                await connection.close(timeout=SETTLE)
            self._drop(connection)

    def _is_held_back(self) -> bool:
        """Whether there were attempts enough."""
        return self._failing and len(self._attempts) == ATTEMPTS and time.monotonic() - self._attempts[0] < SECOND

    # --- where -----------------------------------------------------------------------------------

    async def _connect(self, now: float, *, first: bool = False) -> Connection:
        """With `first` to the first address and no other."""
        self._attempts.append(now)
        self.connects += 1
        try:
            connection = await self._made(0 if first else self._address, only=first)
        except asyncio.CancelledError:  # nobody waited to the end: that is no failure, unless it has lasted
            self._failing |= time.monotonic() - now >= self._seconds / 2
            raise
        except (Lost, SourceError) as error:
            if not (first or self._failing):
                self._failing = True
                fields = {"database": self._name, "error": str(error) if isinstance(error, Lost) else error.code}
                logger.warning("not connected", extra=fields)
            raise
        self._failing = False
        return connection

    async def _made(self, first: int, *, only: bool) -> Connection:
        """One that is known and can be used. All of it has its time: a server may take a connection and say nothing on it."""
        try:
            async with asyncio.timeout(self._seconds):
                connection, address = await first_of(self.text, self._dial, first, only=only)
                try:
                    await self._arrived(connection, address)
                except BaseException:
                    self._end(connection)
                    raise
        except TimeoutError:
            raise SourceTimeout(self._name) from None
        return connection

    async def _dial(self, url: str, part: float) -> Connection:
        seconds = self._seconds * part
        return await connect(self._name, url, seconds, longest=self._longest, writable=self._writable)

    async def _arrived(self, connection: Connection, address: int) -> None:
        """Others may be at another server still: then they are not used again."""
        behind = None if self._writable else await lag(self._name, connection)
        if address != self._address:
            self._address = address
            self._left, self._here = self._left | self._here, set()
            while self.idle:
                self._drop(self.idle.pop())
        self._here.add(connection)
        self.behind = behind or 0.0
        if self._timer is None and (behind is not None or address):
            self._look_later()

    def _drop(self, connection: Connection) -> None:
        """One that was taken is no more."""
        self.open -= 1
        self._end(connection)

    def _end(self, connection: Connection) -> None:
        self._here.discard(connection)
        self._left.discard(connection)
        connection.terminate()

    async def _settle(self, connection: Connection) -> None:
        try:
            if not await is_quiet(connection, SETTLE):
                connection.terminate()
        except BaseException:
            connection.terminate()
            raise
        finally:
            self.give_back(connection)

    # --- looking at a replica ----------------------------------------------------------------------

    def _look_later(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(LOOK, self._begin)

    def _begin(self) -> None:
        self._timer = None
        self._do(self._look())

    async def _look(self) -> None:
        """Goes back to the first address when it can, and looks at how far this one lags."""
        now = time.monotonic()
        if self._address and now - self._home_at >= HOME:
            self._home_at = now
            with contextlib.suppress(Lost, SourceError):
                connection = await self._connect(now, first=True)
                self.open += 1
                self.give_back(connection)
        behind: float | None = self.behind
        if self.idle:
            connection = self.idle.pop()
            try:
                async with asyncio.timeout(self._seconds):
                    behind = await lag(self._name, connection)
            except (Lost, SourceError, TimeoutError):
                connection.terminate()
            finally:
                self.give_back(connection)
        self.behind = behind or 0.0
        if self._timer is None and self.open and (behind is not None or self._address):
            self._look_later()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _nobody() -> None:
    """Nobody waits for connections yet."""
