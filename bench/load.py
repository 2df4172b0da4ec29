"""The load: keep-alive connections, each of which asks again as soon as it was answered, or at a pace.

HTTP/1.1 as far as the servers speak it.

Written on asyncio's protocols: a client library would need more of the core than the servers do.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import cast
from urllib.parse import urlsplit

ERRORS = b'"errors":'
END = b"\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
CONTENT_LENGTH = b"content-length: "
CHUNKED = b"transfer-encoding: chunked"
DRAWN = 1_024
"""Requests of one connection, after which it begins again."""


class BadAnswer(Exception):
    """A server answered something else than 200 without errors."""


def place(url: str) -> tuple[str, int]:
    """The host and the port of a server."""
    host, _, port = urlsplit(url).netloc.partition(":")
    return host, int(port)


def request(url: str, path: str, body: bytes, token: str = "") -> bytes:
    """The bytes of a POST of JSON."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"host: {urlsplit(url).netloc}",
        "content-type: application/json",
        "accept: application/json",
        f"content-length: {len(body)}",
        *([f"authorization: Bearer {token}"] if token else []),
    ]
    return "\r\n".join(lines).encode() + END + body


def split(data: bytes) -> tuple[int, bytes] | None:
    """The status and the body of an answer; None while it is not whole."""
    at = data.find(END)
    if at < 0:
        return None
    head, body = data[:at].lower(), data[at + len(END) :]
    if CHUNKED in head:
        return (int(data[9:12]), _joined(body)) if body.endswith(LAST_CHUNK) else None
    start = head.find(CONTENT_LENGTH)
    if start < 0:
        raise BadAnswer("an answer without its length")
    size = int(head[start + len(CONTENT_LENGTH) :].split(b"\r\n", 1)[0])
    return (int(data[9:12]), body) if len(body) >= size else None


def _joined(chunks: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while True:
        end = chunks.index(b"\r\n", at)
        size = int(chunks[at:end].split(b";")[0], 16)
        if not size:
            return b"".join(parts)
        parts.append(chunks[end + 2 : end + 2 + size])
        at = end + 2 + size + 2


class Connection(asyncio.Protocol):
    """One caller: a request at a time, the next one when the answer is whole, and not before `every` seconds are over."""

    def __init__(self, load: Load, requests: Sequence[bytes], every: float) -> None:
        self._load = load
        self._requests = requests
        self._every = every
        self._due = asyncio.get_running_loop().time()
        self._next = 0
        self._buffer = b""
        self._sent = 0.0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by name
        self._ask()

    def _ask(self) -> None:
        if self._transport.is_closing():
            return
        asked = self._requests[self._next]
        self._next = (self._next + 1) % len(self._requests)
        self._sent = time.perf_counter()
        self._transport.write(asked)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        try:
            answer = split(self._buffer)
        except BadAnswer as error:
            self._load.fail(error)
            return
        if answer is None:
            return
        self._buffer = b""
        status, body = answer
        if status != 200 or ERRORS in body:
            self._load.fail(BadAnswer(f"{status} {body[:300].decode(errors='replace')}"))
            return
        self._load.latencies.append(time.perf_counter() - self._sent)
        if self._every:
            self._due += self._every
            asyncio.get_running_loop().call_at(self._due, self._ask)
        else:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.fail(BadAnswer(f"the connection was lost: {exc}"))

    def close(self) -> None:
        self._transport.abort()


class Load:
    """Connections at work. ``latencies`` are seconds, one per answer since the last :meth:`forget`."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self._connections: list[Connection] = []
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self, url: str, requests: Sequence[bytes], connections: int, seed: int, every: float = 0.0) -> None:
        """Opens the connections. Each draws its own requests, the same ones for every server. `every` is in seconds."""
        host, port = place(url)
        loop = asyncio.get_running_loop()
        for number in range(connections):
            dice = random.Random(f"{seed} {number}")
            drawn = dice.choices(requests, k=DRAWN)

            def made(drawn: list[bytes] = drawn) -> Connection:
                return Connection(self, drawn, every)

            await asyncio.sleep(every / connections)
            _, connection = await loop.create_connection(made, host, port)
            self._connections.append(connection)

    def fail(self, error: BadAnswer) -> None:
        """The first wrong answer ends the load."""
        if not self._done.done():
            self._done.set_exception(error)

    async def wait(self, seconds: float) -> None:
        """Lets the load go on for so long. Raises BadAnswer."""
        await asyncio.wait([self._done], timeout=seconds)
        if self._done.done():
            self._done.result()

    def forget(self) -> None:
        """Begin to count anew."""
        self.latencies = []

    def stop(self) -> None:
        """Closes the connections."""
        if not self._done.done():
            self._done.set_result(None)
        for connection in self._connections:
            connection.close()


def percentile(latencies: Sequence[float], share: float) -> float:
    """Milliseconds under which `share` of the answers came; they need not be in order."""
    ordered = sorted(latencies)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
