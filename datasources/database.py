"""One database: a few connections, prepared statements, a deadline. Driver errors end here.

    SourceError               a database could not give an answer; `code` is one of the gateway's own
    ├── SourceUnavailable     it is down, refuses, or dropped the connection
    ├── SourceTimeout         it did not answer within the budget
    ├── SourceBusy            every connection is taken and the wait is over
    └── SourceFault           it refused the statement itself (a column is gone, a value is broken)

Nothing of what the driver or the server said leaves this module: messages carry table, column and
value texts.

`Database.keyed` is where concurrent requests will share one statement: it takes the statement, the
keys and the other parameters apart, so that the keys of all requests waiting for the same statement
with the same other parameters can run as one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson

logger = logging.getLogger(__name__)

RECONNECT_PAUSE = 0.5
"""Seconds between two attempts to connect to a database that is down: at most two a second."""


class SourceError(Exception):
    """A database could not give an answer."""

    code = "SOURCE_UNAVAILABLE"

    def __init__(self, database: str) -> None:
        super().__init__(database)
        self.database = database


class SourceUnavailable(SourceError):
    """The database is down, refuses, or dropped the connection."""


class SourceTimeout(SourceError):
    """The database did not answer within the budget."""

    code = "SOURCE_TIMEOUT"


class SourceBusy(SourceError):
    """Every connection is taken and the wait is over."""

    code = "SOURCE_BUSY"


class SourceFault(SourceError):
    """The database refused the statement."""

    code = "DATA_ERROR"


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


class Database:
    """Connections to one database. `dsn` is a PostgreSQL URL; `budget` and `wait` are seconds."""

    def __init__(self, name: str, dsn: str, *, connections: int = 4, budget: float = 5.0, wait: float = 1.0) -> None:
        self.name = name
        self._dsn = dsn
        self._budget = budget
        self._wait = wait
        self._limit = connections
        self._open = 0
        self._idle: list[asyncpg.Connection[Any]] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._down_until = 0.0
        self.statements = 0
        """Statements sent since the start."""

    # --- asking ----------------------------------------------------------------------------------

    async def rows(self, text: str, parameters: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of a statement. Raises SourceError.

        Reads are repeated once on a fresh connection when the old one turns out to be dead.
        """
        try:
            async with asyncio.timeout(self._budget):
                for attempt in (1, 2):
                    connection = await self._take()
                    try:
                        self.statements += 1
                        result = await connection.fetch(text, *parameters)
                    except LOST as error:
                        self._discard(connection)
                        if attempt == 2 or not self._was_stale(error):
                            raise
                    except BaseException:
                        self._give_back(connection)
                        raise
                    else:
                        self._give_back(connection)
                        return list(result)
        except TimeoutError:
            raise SourceTimeout(self.name) from None
        except LOST:
            raise SourceUnavailable(self.name) from None
        except asyncpg.QueryCanceledError:
            raise SourceTimeout(self.name) from None
        except (asyncpg.PostgresError, asyncpg.DataError, ValueError, OverflowError) as error:
            logger.error("statement refused", extra={"database": self.name, "error": type(error).__name__})
            raise SourceFault(self.name) from None
        raise SourceUnavailable(self.name)

    async def keyed(
        self, text: str, keys: Sequence[Sequence[Any]], parameters: Sequence[Any], places: Sequence[int]
    ) -> list[asyncpg.Record]:
        """The rows of a statement that asks by key.

        `keys` are the key arrays and `places` their positions among the parameters; `parameters` has
        a gap (None) there.
        """
        filled = list(parameters)
        for place, array in zip(places, keys, strict=True):
            filled[place] = array
        return await self.rows(text, filled)

    async def answers(self) -> bool:
        """Whether the database answers now."""
        try:
            return bool(await self.rows("SELECT 1", ()))
        except SourceError:
            return False

    async def close(self) -> None:
        """Closes the idle connections."""
        while self._idle:
            await self._idle.pop().close()
            self._open -= 1

    # --- connections -----------------------------------------------------------------------------

    async def _take(self) -> asyncpg.Connection[Any]:
        until = time.monotonic() + self._wait
        while True:
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection
                self._open -= 1
            if self._open < self._limit:
                return await self._connect()
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            try:
                await asyncio.wait_for(waiter, until - time.monotonic())
            except TimeoutError:
                raise SourceBusy(self.name) from None
            finally:
                if waiter in self._waiting:
                    self._waiting.remove(waiter)

    async def _connect(self) -> asyncpg.Connection[Any]:
        now = time.monotonic()
        if now < self._down_until:
            raise SourceUnavailable(self.name)
        self._open += 1
        try:
            connection = await asyncpg.connect(
                self._dsn,
                timeout=self._budget,
                statement_cache_size=1000,
                max_cached_statement_lifetime=0,
                server_settings={"application_name": "tongcha", "TimeZone": "UTC", "jit": "off"},
            )
            for kind in ("json", "jsonb"):
                await connection.set_type_codec(
                    kind, encoder=_encode, decoder=orjson.loads, schema="pg_catalog", format="text"
                )
        except BaseException as error:
            self._open -= 1
            if isinstance(error, Exception):
                self._down_until = time.monotonic() + RECONNECT_PAUSE
            self._wake()
            raise
        return connection

    def _give_back(self, connection: asyncpg.Connection[Any]) -> None:
        if connection.is_closed():
            self._discard(connection)
            return
        self._idle.append(connection)
        self._wake()

    def _discard(self, connection: asyncpg.Connection[Any]) -> None:
        self._open -= 1
        connection.terminate()
        self._wake()

    def _wake(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def _was_stale(self, error: Exception) -> bool:
        return not isinstance(error, asyncpg.InvalidAuthorizationSpecificationError)


def _encode(value: Any) -> str:
    return orjson.dumps(value).decode()
