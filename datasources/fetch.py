"""A small document from another system or to it, over HTTPS: once, whole, bounded in size, and at the given address only.

    FetchFailed       no good answer; an OSError, as those of the connection are

Whoever asks bounds the time (``asyncio.timeout``). A redirect is not followed: the address is trusted, not what it points at.
"""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

import httptools

HEAD_SIZE = 16 * 1024
"""Bytes of a status line and headers."""
CHUNK = 16 * 1024
FETCHED = frozenset({200})
TAKEN = frozenset({200, 201, 202, 204})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class FetchFailed(OSError):
    """There was no good answer. Says what was wrong with it, never what was in it."""


class Document:
    """A document at a URL. Raises ValueError for one that is not HTTPS; HTTP to this machine is taken when `loopback` says so."""

    def __init__(self, url: str, *, limit: int, loopback: bool = False, context: ssl.SSLContext | None = None) -> None:
        """`limit` is in bytes; `context` what certificates are believed, those of the system unless given."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._secure = parts.scheme == "https"
        if not self._host or parts.username is not None or parts.fragment or not url.isascii() or not url.isprintable():
            raise ValueError("not an address of a document")
        if not self._secure and not (parts.scheme == "http" and loopback and self._host in LOOPBACK):
            raise ValueError("not HTTPS")
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._authority = host if self._port is None else f"{host}:{self._port}"
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._limit = limit
        self._context = context

    async def fetch(self) -> bytes:
        """The bytes of the document. Raises OSError."""
        return await self._exchange("GET", b"", FETCHED)

    async def post(self, body: bytes) -> None:
        """Sends JSON there; returns once it was taken. Raises OSError."""
        await self._exchange("POST", body, TAKEN)

    async def _exchange(self, method: str, body: bytes, good: frozenset[int]) -> bytes:
        if self._secure and self._context is None:
            self._context = await asyncio.to_thread(ssl.create_default_context)  # reads the system's certificates
        reader, writer = await asyncio.open_connection(
            self._host, self._port or (443 if self._secure else 80), ssl=self._context if self._secure else None
        )
        try:
            sent = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
            writer.write(
                f"{method} {self._target} HTTP/1.1\r\nHost: {self._authority}\r\nAccept: application/json\r\n"
                f"Accept-Encoding: identity\r\n{sent}Connection: close\r\n\r\n".encode()
                + body
            )
            answer = _Answer(self._limit, good)
            while not answer.complete:
                data = await reader.read(CHUNK)
                if not data:
                    raise FetchFailed("cut off")
                answer.feed(data)
            return bytes(answer.body)
        finally:
            writer.transport.abort()


class _Answer:
    """What httptools calls back, and how much there may be of it."""

    def __init__(self, limit: int, good: frozenset[int]) -> None:
        self.body = bytearray()
        self.complete = False
        self._limit = limit
        self._good = good
        self._head = 0
        self._in_body = False
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """The next bytes from the connection. Raises FetchFailed."""
        if not self._in_body:
            self._head += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            reason = error.__context__ if isinstance(error.__context__, FetchFailed) else FetchFailed("not HTTP")
            raise reason from None
        if not self._in_body and self._head > HEAD_SIZE:
            raise FetchFailed("too large")

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-encoding" and value.lower() != b"identity":
            raise FetchFailed("encoded")
        if name.lower() == b"content-length" and (not value.isdigit() or int(value) > self._limit):
            raise FetchFailed("too large")

    def on_headers_complete(self) -> None:
        self._in_body = True
        if self._parser.get_status_code() not in self._good:
            raise FetchFailed(f"status {self._parser.get_status_code()}")

    def on_body(self, data: bytes) -> None:
        if len(self.body) + len(data) > self._limit:
            raise FetchFailed("too large")
        self.body += data

    def on_message_complete(self) -> None:
        self.complete = True
