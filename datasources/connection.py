"""One connection to a database: how it is made, what is sent over it, and what becomes of the driver's errors.

Nothing of what the driver or the server said leaves this module: messages carry table, column and value texts.

    Lost              there is no database to talk to, or not over this connection any more
    SourceError       of a statement: it took too long (SourceTimeout), or was refused (SourceFault)
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import asyncpg
import orjson
from asyncpg.connect_utils import SessionAttribute

from datasources.addresses import addresses
from datasources.errors import SourceFault, SourceTimeout

logger = logging.getLogger("tongcha")

Connection: TypeAlias = "asyncpg.Connection[Any]"

LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what was sent between the server's last word and the end of the connection
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.DatabaseDroppedError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientResourcesError,  # too many connections, no memory, no disk
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,  # what was the primary is none any more
    asyncpg.SerializationError,  # a replica had to take away the rows that were being read
    OSError,
)
"""What the driver raises when there is no database to talk to."""

MARGIN = 0.2
"""Seconds by which the server's own limit of a statement is later than ours, which tells why: it is for when we are gone."""
UNANSWERED = 5_000
"""Milliseconds after which the system ends a connection whose server takes nothing of what was sent."""
QUIET, BETWEEN, TIMES = 5, 2, 3
"""Seconds of silence after which the system asks whether the server is there, seconds between two such questions, and how many."""


class Lost(Exception):
    """There is no database to talk to. Its text is the kind of what the driver said, for the log."""


async def first_of(
    text: str, dial: Callable[[str, float], Awaitable[Connection]], first: int = 0, *, only: bool = False
) -> tuple[Connection, int]:
    """A connection to the first of the addresses that can be connected to, from the one at `first` on, and its place.

    `dial` is given an address and which part of the time is its own; with `only` no other is tried. Raises what `dial` raised
    last; Lost when there is no address.
    """
    try:
        urls = addresses(text)
    except (ValueError, OSError):
        raise Lost from None
    places = [(first + place) % len(urls) for place in range(1 if only else len(urls))]
    for place in places[:-1]:
        try:
            return await dial(urls[place], 1 / len(places)), place
        except (Lost, SourceTimeout, *LOST):
            continue
    return await dial(urls[places[-1]], 1 / len(places)), places[-1]


async def connect(
    name: str, url: str, seconds: float, *, longest: float | None = None, writable: bool = True
) -> Connection:
    """A new connection, made within so many seconds. Raises Lost, SourceTimeout.

    `longest` is how long the server lets a statement take. With `writable` it must be the primary, else nothing can be written.
    """
    settings = {"application_name": "tongcha", "TimeZone": "UTC", "jit": "off"}
    if longest is not None:
        settings["statement_timeout"] = str(round((longest + MARGIN) * 1000))
    if not writable:
        settings["default_transaction_read_only"] = "on"
    try:
        connection = await asyncpg.connect(
            url,
            timeout=seconds,
            statement_cache_size=1000,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings=settings,
            target_session_attrs=SessionAttribute.primary if writable else SessionAttribute.any,
        )
        try:
            _notice_silence(connection)
            for kind in ("json", "jsonb"):
                await connection.set_type_codec(
                    kind, encoder=_encode, decoder=orjson.loads, schema="pg_catalog", format="text"
                )
        except BaseException:  # whoever waited may be gone: then nobody else would close it
            connection.terminate()
            raise
    except TimeoutError:
        raise SourceTimeout(name) from None
    except LOST as error:
        raise Lost(type(error).__name__) from None
    except (asyncpg.PostgresError, ValueError) as error:
        raise Lost(type(error).__name__) from None
    return connection


def _notice_silence(connection: Connection) -> None:
    """Has the system end the connection when the server is not there any more and has not said so."""
    ours = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]
    if ours is None or ours.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", QUIET),
        ("TCP_KEEPINTVL", BETWEEN),
        ("TCP_KEEPCNT", TIMES),
        ("TCP_USER_TIMEOUT", UNANSWERED),
    ):
        if hasattr(socket, option):  # Linux
            ours.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


async def is_quiet(connection: Connection, seconds: float) -> bool:
    """Whether the server says within so many seconds that a statement which was ended has ended."""
    try:
        async with asyncio.timeout(seconds):
            try:
                await connection.execute("SELECT 1")
            except asyncpg.QueryCanceledError:  # the word to end came late
                await connection.execute("SELECT 1")
    except (TimeoutError, asyncpg.PostgresError, *LOST):
        return False
    return True


_LAG = """
SELECT CASE
    WHEN NOT pg_is_in_recovery() THEN NULL
    WHEN pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
    ELSE greatest(0, extract(epoch FROM clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time())))
END::float8
"""


async def lag(name: str, connection: Connection) -> float | None:
    """Seconds by which a replica may lag behind its primary; None of a primary. Raises Lost, SourceError.

    One that has replayed all it has received, from a primary that it is connected to, does not lag.
    """
    ((seconds,),) = await fetch(name, connection, _LAG, ())
    behind: float | None = seconds
    return behind


async def fetch(name: str, connection: Connection, text: str, parameters: Sequence[Any]) -> list[asyncpg.Record]:
    """The rows of a statement. Raises SourceError; Lost when there may be an answer over another connection, for this one is closed."""
    try:
        return await connection.fetch(text, *parameters)
    except asyncpg.QueryCanceledError:
        raise SourceTimeout(name) from None
    except LOST:
        connection.terminate()
        raise Lost from None
    except (asyncpg.PostgresError, ValueError, OverflowError) as error:
        raise fault(name, error) from None


async def listen(name: str, connection: Connection, channel: str, heard: Callable[[str], None]) -> None:
    """Calls `heard` with the payload of each notice of a channel from now on. Raises Lost, SourceError."""

    def notice(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        heard(str(payload))

    try:
        await connection.add_listener(channel, notice)
    except LOST:
        raise Lost from None
    except asyncpg.PostgresError as error:
        raise fault(name, error) from None


def fault(name: str, error: Exception) -> SourceFault:
    """What the waiters are told of an error of which only the kind is written down: a traceback would carry values."""
    logger.error("statement refused", extra={"database": name, "error": type(error).__name__})
    return SourceFault(name)


def _encode(value: Any) -> str:
    return orjson.dumps(value).decode()
