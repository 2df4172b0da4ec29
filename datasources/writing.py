"""A connection of one's own to the gateway's database, for whoever writes there beside the requests: publisher, shipping of the log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from datasources.connection import LOST, Connection, Lost, first_of
from datasources.errors import SourceFault, SourceTimeout, SourceUnavailable

NAME = "gateway"
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 30.0

Found = TypeVar("Found")


class Writing:
    """Made when first used, and again after it was lost; `application` is what the server calls it."""

    def __init__(self, dsn: str, application: str) -> None:
        self._dsn = dsn
        self._application = application
        self._connection: Connection | None = None

    @property
    def alive(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None and not self._connection.is_closed()

    async def run(self, work: Callable[[Connection], Awaitable[Found]]) -> Found:
        """What `work` finds over the connection. Raises SourceError; the connection is ended then."""
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection, _ = await first_of(self._dsn, self._connected)
            return await work(self._connection)
        except (TimeoutError, asyncpg.QueryCanceledError):
            self.end()
            raise SourceTimeout(NAME) from None
        except (Lost, *LOST):
            self.end()
            raise SourceUnavailable(NAME) from None
        except (asyncpg.PostgresError, asyncpg.DataError, ValueError) as error:
            self.end()
            raise SourceFault(NAME) from error

    async def _connected(self, url: str, part: float) -> Connection:
        return await asyncpg.connect(
            url,
            timeout=CONNECT_SECONDS * part,
            command_timeout=STATEMENT_SECONDS,
            server_settings={"application_name": self._application, "TimeZone": "UTC", "jit": "off"},
            target_session_attrs=SessionAttribute.primary,
        )

    def end(self) -> None:
        """Ends the connection, and what is held with it."""
        connection: Any = self._connection
        self._connection = None
        if connection is not None:
            connection.terminate()
