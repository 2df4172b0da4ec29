"""A way to a PostgreSQL server that can say what a server says, at the moment that a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from typing import Self
from urllib.parse import urlsplit

TERMINATED = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
"""The fields of the error in which a backend that is being terminated says so."""


class Between:
    """Passes on what client and server say, while it is entered. `dsn` is the server's. While it is `silent` nothing gets through."""

    def __init__(self, dsn: str) -> None:
        self.silent = False
        self._server = urlsplit(dsn)
        self._clients: list[asyncio.StreamWriter] = []
        self._ends: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.close()
        for client in self._clients:
            client.close()
        await asyncio.gather(*self._ends)

    @property
    def dsn(self) -> str:
        """The server's DSN by this way."""
        who, port = self._server.netloc.rpartition("@")[0], self._listening.sockets[0].getsockname()[1]
        return self._server._replace(netloc=f"{who}@127.0.0.1:{port}").geturl()

    def last_word(self) -> None:
        """Tells the newest client that its backend is being terminated; the connection stays open for now."""
        self._clients[-1].write(b"E" + struct.pack("!i", len(TERMINATED) + 4) + TERMINATED)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(self._server.hostname, self._server.port)
        self._clients.append(writer)
        for source, target in ((reader, to_server), (from_server, writer)):
            self._ends.append(asyncio.create_task(self._pass_on(source, target)))

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """Until one of them ends."""
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                if not self.silent:
                    target.write(data)
        target.close()
