"""More than a server can answer: what counts as an answer, and what becomes of the rest."""

from __future__ import annotations

import asyncio

import pytest

from bench.overload import _Caller, _Crowd
from tests.datasources.soon import soon


def answer(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n" % (status, len(body)) + body


WHOLE = answer(200, b'{"data":{}}')
PARTIAL = answer(200, b'{"errors":[],"data":{}}')


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        (WHOLE, (1, 0, 0)),
        (answer(503, b"{}"), (0, 1, 0)),
        (PARTIAL, (0, 0, 1)),
        (answer(500, b"{}"), (0, 0, 1)),
        (b"HTTP/1.1 2", (0, 0, 1)),
    ],
)
async def test_only_whole_answers_are_goodput_and_only_503_is_a_refusal(
    said: bytes, counted: tuple[int, int, int]
) -> None:
    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        await writer.drain()
        writer.close()

    crowd = _Crowd([b"GET / HTTP/1.1\r\n\r\n"])
    server = await asyncio.start_server(one, "127.0.0.1", 0)
    async with server:
        loop = asyncio.get_running_loop()
        _, caller = await loop.create_connection(lambda: _Caller(crowd), *server.sockets[0].getsockname())
        crowd.free.popleft().ask(b"GET / HTTP/1.1\r\n\r\n")
        await soon(lambda: bool(crowd.latencies or crowd.refused or crowd.lacking))
        await soon(lambda: caller not in crowd.free)
    assert (len(crowd.latencies), crowd.refused, crowd.lacking) == counted
