"""The gateway's own tables of the access log in a database of their own, and a way to it that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from datasources.tables.access_log import access_record, access_shipped, access_subject

TABLES = (access_record, access_subject, access_shipped)
DIALECT: Any = postgresql.dialect()  # type: ignore[no-untyped-call]


async def make_tables(dsn: str) -> None:
    """The three tables with their indexes."""
    statements: list[Any] = [CreateTable(table) for table in TABLES]
    statements += [CreateIndex(index) for table in TABLES for index in table.indexes]
    await execute(dsn, "CREATE SCHEMA gw", *(str(statement.compile(dialect=DIALECT)) for statement in statements))


async def execute(dsn: str, *statements: str) -> None:
    """Runs statements."""
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def rows(dsn: str, statement: str, *parameters: Any) -> list[dict[str, Any]]:
    """The rows of a statement."""
    connection = await asyncpg.connect(dsn)
    try:
        return [dict(row) for row in await connection.fetch(statement, *parameters)]
    finally:
        await connection.close()


async def sequences(dsn: str, log: str) -> list[int]:
    """Which records of a log are there, in order."""
    found = await rows(dsn, "SELECT seq FROM gw.access_record WHERE log_id = $1 ORDER BY seq", log)
    return [row["seq"] for row in found]


class Line:
    """A TCP relay to the server of a DSN. While it is cut nothing connects, and what was connected is dropped."""

    def __init__(self, dsn: str) -> None:
        self._target = urlsplit(dsn)
        self._writers: set[asyncio.StreamWriter] = set()
        self.cut = False
        self.dsn = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if self.cut:
            writer.close()
            return
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._writers |= {writer, back}
        with contextlib.suppress(OSError):
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        self._writers -= {writer, back}

    def drop(self) -> None:
        """Cuts it."""
        self.cut = True
        for writer in self._writers:
            writer.transport.abort()

    @classmethod
    @contextlib.asynccontextmanager
    async def to(cls, dsn: str) -> AsyncIterator[Line]:
        """The relay, with a DSN that leads through it."""
        line = cls(dsn)
        server = await asyncio.start_server(line.handle, "127.0.0.1", 0)
        parts = line._target
        port = server.sockets[0].getsockname()[1]
        user = parts.netloc.rpartition("@")[0]
        line.dsn = urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{port}"))
        try:
            yield line
        finally:
            server.close()
            line.drop()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Returns once it holds."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - what it asks is in a database
            await asyncio.sleep(0.02)
