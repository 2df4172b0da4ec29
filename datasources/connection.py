"""One connection to a database: how it is made, what is sent over it, and what becomes of the driver's errors.

Nothing of what the driver or the server said leaves this module: messages carry table, column and value texts.

    Lost              there is no database to talk to, or not over this connection any more
    SourceError       of a statement: it took too long (SourceTimeout), or was refused (SourceFault)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import asyncpg
import orjson

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
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.TooManyConnectionsError,
    OSError,
)
"""What the driver raises when there is no database to talk to."""


class Lost(Exception):
    """There is no database to talk to."""


async def connect(name: str, dsn: str, budget: float) -> Connection:
    """A new connection. Raises Lost, SourceError."""
    try:
        connection = await asyncpg.connect(
            dsn,
            timeout=budget,
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
    except TimeoutError:
        raise SourceTimeout(name) from None
    except LOST:
        raise Lost from None
    except asyncpg.PostgresError as error:
        raise fault(name, error) from None
    return connection


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
    logger.error("statement refused", extra={"fields": {"database": name, "error": type(error).__name__}})
    return SourceFault(name)


def _encode(value: Any) -> str:
    return orjson.dumps(value).decode()
