"""A way to a PostgreSQL server that fails as networks and servers fail: seeded, and switched while it is in use.

async with FaultProxy(dsn, seed=7) as proxy:
    database = Database("vehicle", proxy.dsn)
    await proxy.switch(BLACK_HOLE)
    …
    await proxy.switch(FINE)
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

PIECE = 65_536
"""Bytes that are read at once."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What becomes of what client and server say. Seconds and bytes; what is left out is as it should be."""

    latency: float = 0.0
    """Before each piece of what the server says."""
    jitter: float = 0.0
    """Up to so much more, by the seed."""
    drip: float = 0.0
    """Between one byte of what the server says and the next."""
    reset_at: int | None = None
    """The connection is reset (RST) after so many bytes of what the server says from the switch on."""
    silent: bool = False
    """Nothing arrives on either side, and nobody is told: a black hole. What is under way arrives once it is over."""
    half_open: bool = False
    """The server is gone and the client is not told."""
    cut: bool = False
    """Connections are reset when it begins, as they are when the server's process is killed."""
    refused: bool = False
    """Nothing listens."""
    rejected: tuple[str, str] | None = None
    """What a server says to whoever connects, and closes: SQLSTATE and message."""


FINE = Fault()
LATE = Fault(latency=0.02, jitter=0.02)
SLOW = Fault(latency=10.0)
BLACK_HOLE = Fault(silent=True)
HALF_OPEN = Fault(half_open=True)
DRIP = Fault(drip=0.1)
RESET = Fault(reset_at=60)
KILLED = Fault(cut=True, refused=True)
WRONG_PASSWORD = Fault(cut=True, rejected=("28P01", "password authentication failed"))
TOO_MANY = Fault(cut=True, rejected=("53300", "sorry, too many clients already"))


class _Way:
    """One connection of a client, and the one to the server behind it. `said` counts the server's bytes since the switch."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        self.said = 0

    def reset(self) -> None:
        """Ends both sides, the client's with an RST."""
        reset(self.client)
        self.server.transport.abort()


class FaultProxy:
    """Passes on what client and server say, while it is entered, and does to it what `fault` says. `dsn` is the server's."""

    def __init__(self, dsn: str, *, seed: int = 0) -> None:
        self.fault = FINE
        self.connects = 0
        """Connections that were taken since the start."""
        self._server = urlsplit(dsn)
        self._dice = random.Random(seed)
        self._switched = asyncio.Event()
        self.ports: list[int] = []
        """From which the server was connected to since the start."""
        self._ways: set[_Way] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        await self._listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.switch(KILLED)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def dsn(self) -> str:
        """The server's DSN by this way."""
        who = self._server.netloc.rpartition("@")[0]
        return self._server._replace(netloc=f"{who}@127.0.0.1:{self._port}").geturl()

    @property
    def database(self) -> str:
        """The name that the server has for the database."""
        return self._server.path.lstrip("/")

    async def switch(self, fault: Fault) -> None:
        """From now on this becomes of what is said; what the fault before held up goes on."""
        self.fault = fault
        self._switched.set()
        self._switched = asyncio.Event()
        for way in list(self._ways):
            way.said = 0
            if fault.cut:
                way.reset()
            if fault.half_open:
                way.server.transport.abort()
        if fault.refused and self._listening is not None:
            self._listening.close()
            self._listening = None
        elif not fault.refused and self._listening is None:
            await self._listen()

    async def _listen(self) -> None:
        self._listening = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._listening.sockets[0].getsockname()[1]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects += 1
        task = asyncio.create_task(self._take(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError):
                if self.fault.rejected is not None:
                    await _reject(reader, writer, *self.fault.rejected)
                else:
                    await self._serve(reader, writer)
        finally:
            writer.close()

    async def _serve(self, from_client: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        from_server, server = await asyncio.open_connection(self._server.hostname, self._server.port)
        self.ports.append(server.get_extra_info("sockname")[1])
        way = _Way(client, server)
        self._ways.add(way)
        sides = [asyncio.create_task(one) for one in (self._ask(from_client, way), self._answer(from_server, way))]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)
            self._ways.discard(way)
            server.transport.abort()

    # --- one direction each ----------------------------------------------------------------------

    async def _ask(self, source: asyncio.StreamReader, way: _Way) -> None:
        """What the client says, until it ends."""
        while data := await source.read(PIECE):
            await self._audible()
            if not self.fault.half_open and not way.server.is_closing():
                way.server.write(data)

    async def _answer(self, source: asyncio.StreamReader, way: _Way) -> None:
        """What the server says, until it ends; of an end that the client is not told of there is none."""
        with contextlib.suppress(OSError):
            while data := await source.read(PIECE):
                await self._say(data, way)
        while self.fault.half_open:
            await self._until_switched(None)

    async def _say(self, data: bytes, way: _Way) -> None:
        fault = self.fault
        if fault.latency or fault.jitter:
            await self._until_switched(fault.latency + fault.jitter * self._dice.random())
        await self._audible()
        if fault.reset_at is not None and way.said + len(data) >= fault.reset_at:
            way.client.write(data[: fault.reset_at - way.said])
            await asyncio.sleep(0)
            way.reset()
            raise ConnectionResetError
        way.said += len(data)
        while data and fault.drip and self.fault is fault:
            way.client.write(data[:1])
            data = data[1:]
            await self._until_switched(fault.drip)
        way.client.write(data)
        await way.client.drain()

    async def _audible(self) -> None:
        while self.fault.silent:
            await self._until_switched(None)

    async def _until_switched(self, seconds: float | None) -> None:
        """So long, or until there is another fault."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._switched.wait()


def reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection with an RST: what was not sent yet is lost."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _reject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, state: str, message: str) -> None:
    """Hears who wants to connect, and says no as a server does."""
    await reader.read(PIECE)
    fields = f"SFATAL\0VFATAL\0C{state}\0M{message}\0\0".encode()
    writer.write(b"E" + struct.pack("!i", len(fields) + 4) + fields)
    await writer.drain()


def named_faults() -> Mapping[str, Fault]:
    """The faults of the matrix, by the words of the table in ``docs/reliability.md``."""
    return {
        "killed": KILLED,
        "refused": KILLED,
        "slow, 10 s": SLOW,
        "black hole": BLACK_HOLE,
        "reset in the result": RESET,
        "one byte in 100 ms": DRIP,
        "wrong password": WRONG_PASSWORD,
    }
