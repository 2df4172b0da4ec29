"""Sockets that send more than anybody reads: E10 over a socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from gateway.commands.patience_ws import PIECE, PatientSocket
from tests.gateway.serving import lifespan, serving

OPENING = (
    b"GET / HTTP/1.1\r\nhost: gateway\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
TEXT, PING = 1, 9
MUCH = 32 * 1024 * 1024
"""Bytes that are not taken from whoever reads nothing."""


def frame(kind: int, data: bytes) -> bytes:
    """A whole frame of a client, whose mask changes nothing."""
    return bytes([0x80 | kind, 0x80 | len(data)]) + bytes(4) + data


async def app(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """Sends every text back."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": message["text"]})


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async with serving(app) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(OPENING)
        await reader.readuntil(b"\r\n\r\n")
        yield reader, writer
        writer.transport.abort()


async def test_e10_a_socket_is_read_a_piece_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, pings = 0, Counter[int]()

    async def turns() -> None:
        nonlocal turn
        while True:
            await asyncio.sleep(0)
            turn += 1

    handle = PatientSocket.handle_ping

    def counted(socket: PatientSocket) -> None:
        pings[turn] += 1
        handle(socket)

    monkeypatch.setattr(PatientSocket, "handle_ping", counted)
    ping, count = frame(PING, b""), 20_000
    async with opened() as (reader, writer):
        turning = asyncio.create_task(turns())
        writer.write(ping * count + frame(TEXT, b"end"))
        await reader.readuntil(b"end")
        turning.cancel()
    assert pings.total() == count
    assert max(pings.values()) <= 2 * (PIECE // len(ping) + 1)


async def test_e10_of_who_reads_nothing_no_more_is_taken() -> None:
    async with opened() as (_, writer):
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < MUCH:
                writer.write(frame(PING, bytes(120)) * 1_000)
                async with asyncio.timeout(2):
                    await writer.drain()
                sent += 126_000
    assert sent < MUCH


async def test_all_texts_are_taken_in_their_order() -> None:
    texts = [b"%06d" % number for number in range(5_000)]
    async with opened() as (reader, writer):
        writer.write(b"".join(frame(TEXT, text) for text in texts))
        told = await reader.readexactly(len(texts) * 8)
    assert [told[at + 2 : at + 8] for at in range(0, len(told), 8)] == texts
