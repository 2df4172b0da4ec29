"""One database: a few connections, prepared statements, shared steps. Driver errors end here.

Nothing of what the driver or the server said leaves this module: messages carry table, column and
value texts.

**Sharing.** While every connection is at work, what is asked collects. Requests that wait for the
same statement text with the same parameters but the keys join one batch, which asks for all their
keys at once; each gets the rows of its own keys and no others. An idle database is asked at once:
nothing ever waits for a timer. What a statement may show was decided when its text was made, and the
caller's row scope is among its parameters: two callers share only what is the same for both.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeAlias

import asyncpg
import orjson

from datasources.deadlines import Deadlines, Waiter
from datasources.errors import SourceBusy, SourceError, SourceFault, SourceTimeout, SourceUnavailable
from datasources.work import Work, signature_of

logger = logging.getLogger("tongcha")

RECONNECT_PAUSE = 0.5
"""Seconds between two attempts to connect to a database that is down: at most two a second."""
MAX_BATCH = 2_000
"""Keys of one shared statement; a batch that is full goes as it is and the next one opens."""


LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TooManyConnectionsError,
    OSError,
)
"""What the driver raises when there is no database to talk to."""


class _StillDown(OSError):
    """The database was found down a moment ago and is not tried again yet."""


Connection: TypeAlias = "asyncpg.Connection[Any]"
Grouped = Mapping[Any, list[asyncpg.Record]]


class Database:
    """Connections to one database. `dsn` is a PostgreSQL URL; `budget` is seconds, waiting included."""

    def __init__(self, name: str, dsn: str, *, connections: int = 2, budget: float = 5.0, sharing: bool = True) -> None:
        self.name = name
        self._dsn = dsn
        self._budget = budget
        self._limit = connections
        self._sharing = sharing
        self._open = 0
        self._idle: list[Connection] = []
        self._queue: deque[Work] = deque()
        self._joinable: dict[Hashable, Work] = {}
        self._deadlines = Deadlines(budget, self._expire)
        self._down_until = 0.0
        self.statements = 0
        """Statements sent since the start."""

    # --- asking ----------------------------------------------------------------------------------

    async def rows(self, text: str, parameters: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of a statement without keys. Raises SourceError."""
        work = self._joined(text, parameters)
        if work is None:
            work = self._submit(Work(text, parameters))
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
        work = self._joined(text, parameters)
        if work is None or work.keys is None or len(work.keys) + len(keys) > MAX_BATCH:
            work = Work(text, parameters)
            work.keys, work.places, work.key_at, work.key_width = dict.fromkeys(keys), places, key_at, len(places)
            self._submit(work)
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

    def _joined(self, text: str, parameters: Sequence[Any]) -> Work | None:
        """The waiting work that asks the same, if there is one."""
        if not self._sharing or not self._joinable:
            return None
        return self._joinable.get(signature_of(text, parameters))

    def _submit(self, work: Work, *, joinable: bool = True) -> Work:
        """Starts the work when a connection is free or may be opened; else it waits, and others may join."""
        if self._idle or self._open < self._limit:
            self._start(work)
        else:
            self._queue.append(work)
            if self._sharing and joinable:
                work.signature = signature_of(work.text, work.parameters)
                self._joinable[work.signature] = work
        return work

    def _start(self, work: Work) -> None:
        work.started = True
        self._close_to_others(work)
        work.task = asyncio.get_running_loop().create_task(self._run(work, self._take()))

    def _close_to_others(self, work: Work) -> None:
        if self._joinable.get(work.signature) is work:
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
        """A connection is free, or there may be one more: the longest waiting work goes."""
        while self._queue and (self._idle or self._open < self._limit):
            work = self._queue.popleft()
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
        try:
            records = await self._fetch(work, connection)
        except SourceFault as fault:
            if len(work.waiters) > 1 and work.keys is not None:
                self._apart(work)
            else:
                work.fail(fault)
        except SourceError as error:
            work.fail(error)
        else:
            work.deliver(records)

    def _apart(self, work: Work) -> None:
        """One bad key must not fail the others: every waiter is asked for alone."""
        for waiter in work.waiters:
            if waiter.waiting:
                alone = Work(work.text, work.parameters)
                alone.keys, alone.places = dict.fromkeys(waiter.keys), work.places
                alone.key_at, alone.key_width = work.key_at, work.key_width
                alone.waiters.append(waiter)
                waiter.work = alone
                self._submit(alone, joinable=False)

    # --- connections -----------------------------------------------------------------------------

    async def _fetch(self, work: Work, connection: Connection | None) -> list[asyncpg.Record]:
        """Runs the statement. A read on a connection that turns out to be dead is repeated once on a fresh one, and one that
        is called off in its time once more."""
        fresh, called_off = connection is None, False
        try:
            while True:
                if connection is None:
                    connection = await self._connect()
                try:
                    self.statements += 1
                    return await connection.fetch(work.text, *work.filled())
                except asyncpg.QueryCanceledError:
                    # Perhaps meant for the statement before, whose callers went away: the server does not tell.
                    if called_off:
                        raise
                    called_off = True
                except LOST:
                    connection.terminate()
                    connection = None
                    if fresh:
                        raise
                    fresh = True
        except (TimeoutError, asyncpg.QueryCanceledError):
            raise SourceTimeout(self.name) from None
        except LOST as error:
            if not isinstance(error, _StillDown):
                self._down_until = time.monotonic() + RECONNECT_PAUSE
            raise SourceUnavailable(self.name) from None
        except (asyncpg.PostgresError, asyncpg.DataError, ValueError, OverflowError) as error:
            logger.error(  # noqa: TRY400 - a traceback of the driver carries values
                "statement refused", extra={"fields": {"database": self.name, "error": type(error).__name__}}
            )
            raise SourceFault(self.name) from None
        finally:
            self._give_back(connection)

    def _give_back(self, connection: Connection | None) -> None:
        if connection is None or connection.is_closed():
            self._open -= 1
        else:
            self._idle.append(connection)
        self._next()

    async def _connect(self) -> Connection:
        """A new connection; a database that was just found down is not tried again at once."""
        if time.monotonic() < self._down_until:
            raise _StillDown
        connection = await asyncpg.connect(
            self._dsn,
            timeout=self._budget,
            statement_cache_size=1000,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings={"application_name": "tongcha", "TimeZone": "UTC", "jit": "off"},
        )
        try:
            for kind in ("json", "jsonb"):
                await connection.set_type_codec(
                    kind, encoder=_encode, decoder=orjson.loads, schema="pg_catalog", format="text"
                )
        except BaseException:  # whoever waited may be gone: then nobody else would close it
            connection.terminate()
            raise
        return connection


def _end_unwanted(work: Work) -> None:
    """Ends a statement that nobody waits for any more, on the server too."""
    if work.task is not None and not work.wanted():
        work.task.cancel()


def _encode(value: Any) -> str:
    return orjson.dumps(value).decode()
