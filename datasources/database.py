"""One database: a few connections, prepared statements, shared steps.

**Sharing.** While every connection is at work, what is asked collects. Requests that wait for the
same statement text with the same parameters but the keys join one batch, which asks for all their
keys at once; each gets the rows of its own keys and no others. An idle database is asked at once:
nothing ever waits for a timer. At once is when the event loop comes to it: what others ask in the same
turn of the loop goes along. What a statement may show was decided when its text was made, and the
caller's row scope is among its parameters: two callers share only what is the same for both.

**Turns.** What waits goes by turns of the callers, so that nobody's hundred lists stand before another's look-up.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import asyncpg

from datasources.connection import Connection, Lost, connect, fault, fetch
from datasources.deadlines import Deadlines, Waiter
from datasources.errors import SourceBusy, SourceError, SourceFault, SourceTimeout, SourceUnavailable
from datasources.turns import Turns
from datasources.work import Work, signature_of

RECONNECT_PAUSE = 0.5
"""Seconds between two attempts to connect to a database that is down: at most two a second."""
MAX_BATCH = 2_000
"""Keys of one shared statement; a batch that is full goes as it is and the next one opens."""

Grouped = Mapping[Any, list[asyncpg.Record]]


class Database:
    """Connections to one database. `dsn` is a PostgreSQL URL; `budget` is seconds, waiting included."""

    behind: float = 0.0
    """Seconds that its rows may lag behind the owner's primary."""

    def __init__(self, name: str, dsn: str, *, connections: int = 2, budget: float = 5.0, sharing: bool = True) -> None:
        self.name = name
        self._dsn = dsn
        self._budget = budget
        self._limit = connections
        self._sharing = sharing
        self._open = 0
        self._idle: list[Connection] = []
        self._turns = Turns()
        self._joinable: dict[Hashable, Work] = {}
        self._deadlines = Deadlines(budget, self._expire)
        self._down_until = 0.0
        self.statements = 0
        """Statements sent since the start."""

    # --- asking ----------------------------------------------------------------------------------

    async def rows(self, text: str, parameters: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of a statement without keys. Raises SourceError."""
        signature = signature_of(text, parameters) if self._sharing else None
        work = self._joined(signature)
        if work is None:
            work = self._submit(Work(text, parameters), signature)
        found: list[asyncpg.Record] = await self._wait(work, ())
        return found

    async def keyed(
        self,
        text: str,
        keys: Sequence[Any],
        parameters: Sequence[Any],
        places: Sequence[int],
        *,
        key_at: int,
    ) -> Grouped:
        """The rows of a statement that asks by key, grouped by key. Raises SourceError.

        `keys` are values, or tuples of as many values as there are `places`; `places` are the
        positions of the key arrays among the parameters, which have a gap (None) there; in a row the
        key stands at `key_at`.
        """
        signature = signature_of(text, parameters) if self._sharing else None
        work = self._joined(signature)
        if work is None or work.keys is None or len(work.keys) + len(keys) > MAX_BATCH:
            work = Work(text, parameters)
            work.keys, work.places, work.key_at, work.key_width = dict.fromkeys(keys), places, key_at, len(places)
            self._submit(work, signature)
        else:
            for key in keys:
                work.keys[key] = None
        grouped: Grouped = await self._wait(work, keys)
        return grouped

    async def answers(self) -> bool:
        """Whether the database answers now."""
        try:
            return bool(await self.rows("SELECT 1", ()))
        except SourceError:
            return False

    async def close(self) -> None:
        """Closes the idle connections."""
        self._deadlines.close()
        while self._idle:
            await self._idle.pop().close()
            self._open -= 1

    # --- sharing ---------------------------------------------------------------------------------

    def _joined(self, signature: Hashable) -> Work | None:
        """The work that asks the same and was not sent yet, if there is one; where it waits, it may now go with this caller's turn too."""
        work = self._joinable.get(signature)
        if work is not None and work.task is None:
            self._turns.add(work)
        return work

    def _submit(self, work: Work, signature: Hashable = None) -> Work:
        """Starts the work when a connection is free or may be opened, else it waits. With a signature others may join until it is sent."""
        if signature is not None:
            work.signature = signature
            self._joinable[signature] = work
        if self._idle or self._open < self._limit:
            self._start(work)
        else:
            self._turns.add(work)
        return work

    def _start(self, work: Work) -> None:
        work.task = asyncio.get_running_loop().create_task(self._run(work, self._take()))

    def _close_to_others(self, work: Work) -> None:
        if work.signature is not None and self._joinable.get(work.signature) is work:
            del self._joinable[work.signature]

    def _take(self) -> Connection | None:
        """An idle connection, or None with leave to open one."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._open -= 1
        self._open += 1
        return None

    def _next(self) -> None:
        """A connection is free, or there may be one more: the work goes whose turn it is."""
        while (self._idle or self._open < self._limit) and (work := self._turns.take()) is not None:
            if work.wanted():
                self._start(work)
            else:
                self._close_to_others(work)

    async def _wait(self, work: Work, keys: Sequence[Any]) -> Any:
        """Waits for a work's result. Who stops waiting hurts nobody else."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        waiter = Waiter(future, keys, work)
        work.waiters.append(waiter)
        self._deadlines.watch(waiter, loop)
        try:
            return await future
        except asyncio.CancelledError:
            _end_unwanted(waiter.work)
            raise
        finally:
            waiter.future = None  # the deadline may hold the waiter for longer than the answer lives

    def _expire(self, waiter: Waiter) -> None:
        waiter.fail((SourceTimeout if waiter.work.started else SourceBusy)(self.name))
        _end_unwanted(waiter.work)

    async def _run(self, work: Work, connection: Connection | None) -> None:
        work.started = True
        self._close_to_others(work)
        if not work.wanted():
            self._give_back(connection)
            return
        try:
            work.deliver(await self._fetch(work, connection))
        except SourceFault as error:
            if len(work.waiters) > 1 and work.keys is not None:
                self._apart(work)
            else:
                work.fail(error)
        except SourceError as error:
            work.fail(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, who waits is told
            work.fail(fault(self.name, error))

    def _apart(self, work: Work) -> None:
        """One bad key must not fail the others: every waiter is asked for alone."""
        for waiter in work.waiters:
            if waiter.waiting:
                alone = Work(work.text, work.parameters)
                alone.keys, alone.places = dict.fromkeys(waiter.keys), work.places
                alone.key_at, alone.key_width = work.key_at, work.key_width
                alone.waiters.append(waiter)
                waiter.work = alone
                self._submit(alone)

    # --- connections -----------------------------------------------------------------------------

    async def _fetch(self, work: Work, connection: Connection | None) -> list[asyncpg.Record]:
        """Runs the statement. A read on a connection that turns out to be dead is repeated once on a fresh one."""
        try:
            if connection is not None:
                with contextlib.suppress(Lost):
                    return await self._send(work, connection)
            connection = None
            connection = await self._connect()
            return await self._send(work, connection)
        except Lost:
            self._down_until = time.monotonic() + RECONNECT_PAUSE
            raise SourceUnavailable(self.name) from None
        finally:
            self._give_back(connection)

    async def _send(self, work: Work, connection: Connection) -> list[asyncpg.Record]:
        self.statements += 1
        return await fetch(self.name, connection, work.text, work.filled())

    def _give_back(self, connection: Connection | None) -> None:
        if connection is None or connection.is_closed():
            self._open -= 1
        else:
            self._idle.append(connection)
        self._next()

    async def _connect(self) -> Connection:
        """A new connection; a database that was just found down is not tried again at once."""
        if time.monotonic() < self._down_until:
            raise SourceUnavailable(self.name)
        return await connect(self.name, self._dsn, self._budget)


def _end_unwanted(work: Work) -> None:
    """Ends a statement that nobody waits for any more, on the server too. One that has not begun finds out by itself."""
    if work.task is not None and work.started and not work.wanted():
        work.task.cancel()
