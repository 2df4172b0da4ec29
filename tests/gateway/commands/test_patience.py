"""Connections that do not get to the point, and requests that two servers would read differently: E10, J2 over a socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextvars import ContextVar
from typing import Any

import pytest

from gateway.commands.patience import HEADER_BYTES, UNANSWERED, PatientProtocol
from tests.gateway.serving import LONG, lifespan, said, serving

_BEGIN = PatientProtocol.on_message_begin
HEAD = b"POST / HTTP/1.1\r\nhost: gateway\r\n"
WAITING = b"POST /read HTTP/1.1\r\nhost: gateway\r\ncontent-length: 0\r\n\r\n"
SOON = 0.15
"""Seconds that the server of these tests is patient for."""
BEFORE: ContextVar[bytes] = ContextVar("before", default=b"nobody")


async def app(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """Answers at once, or once the body has been read where the path says so, with the number of its bytes, with the headers, or
    with what an earlier request has left in the context."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    before = BEFORE.get()
    BEFORE.set(b"somebody")
    size, more = 0, scope["path"] == "/read"
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    told = {"/headers": b" ".join(name for name, _ in scope["headers"]), "/before": before}
    body = told.get(scope["path"], b"%d" % size)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[str, int]]:
    monkeypatch.setattr(PatientProtocol, "header_seconds", SOON)
    async with serving(app) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        yield host, int(port)


SLOW: Mapping[str, tuple[bytes, ...]] = {
    "nothing at all": (),
    "half a line": (b"POST / HT",),
    "headers without an end": (HEAD, b"a: b\r\n", b"c: d\r\n"),
    "half of a second request": (HEAD + b"content-length: 0\r\n\r\n", HEAD),
    "the rest of a body that nobody reads": (HEAD + b"content-length: 1000\r\n\r\n", b"x", b"x"),
}


@pytest.mark.parametrize("name", SLOW)
async def test_E10_who_does_not_get_to_the_point_is_closed(place: tuple[str, int], name: str) -> None:
    answers = await said(place, *SLOW[name], pause=0.01)
    assert answers.count(b"HTTP/1.1 200") == ("request" in name or "body" in name)


async def test_E10_one_byte_after_the_other_puts_nothing_off(place: tuple[str, int]) -> None:
    reader, writer = await asyncio.open_connection(*place)

    async def drip() -> None:
        writer.write(HEAD)
        while True:
            await asyncio.sleep(SOON / 10)
            writer.write(b"x")

    dripping = asyncio.create_task(drip())
    async with asyncio.timeout(LONG):
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
    dripping.cancel()
    writer.close()


async def test_E10_headers_are_no_longer_than_this(place: tuple[str, int]) -> None:
    answer = await said(place, HEAD, *(b"x: " + b"y" * 8192 + b"\r\n" for _ in range(HEADER_BYTES // 8192 + 1)))
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


CHUNKED = b"host: gateway\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
ENDLESS: Mapping[str, tuple[bytes, bytes]] = {
    "fields": (b"0\r\n", b"x: " + b"y" * 1000 + b"\r\n"),
    "one field": (b"0\r\nx: ", b"y" * 1000),
    "an extension": (b"1;x=", b"y" * 1000),
}


@pytest.mark.parametrize("path", [b"/", b"/read"])
@pytest.mark.parametrize("name", ENDLESS)
async def test_E10_nor_is_what_stands_between_and_behind_chunks(
    place: tuple[str, int], monkeypatch: pytest.MonkeyPatch, name: str, path: bytes
) -> None:
    monkeypatch.setattr(PatientProtocol, "header_seconds", LONG * 10)
    begun, more = ENDLESS[name]
    reader, writer = await asyncio.open_connection(*place)
    writer.write(b"POST " + path + b" HTTP/1.1\r\n" + CHUNKED.replace(b"connection: close\r\n", b"") + begun)

    async def pour() -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(more * 20)
                await writer.drain()

    pouring = asyncio.create_task(pour())
    async with asyncio.timeout(LONG):
        with contextlib.suppress(ConnectionError):
            await reader.read()
    pouring.cancel()
    writer.close()


async def test_J2_what_comes_behind_a_body_is_no_header(place: tuple[str, int]) -> None:
    chunks = b"2\r\nab\r\n0\r\nauthorization: Bearer x\r\nclient-cert: x\r\n\r\n"
    answer = await said(place, b"POST /headers HTTP/1.1\r\n" + CHUNKED + chunks)
    assert answer.endswith(b"host connection transfer-encoding")
    assert (await said(place, b"POST /read HTTP/1.1\r\n" + CHUNKED + chunks)).endswith(b"2")


async def test_small_chunks_are_a_body(place: tuple[str, int]) -> None:
    chunks = b"1\r\nx\r\n" * (HEADER_BYTES // 4)
    answer = await said(place, b"POST /read HTTP/1.1\r\n" + CHUNKED, chunks, chunks, b"0\r\n\r\n")
    assert answer.endswith(b"%d" % (HEADER_BYTES // 2))


async def test_a_slow_body_that_is_waited_for_is_not_the_protocol_s_to_end(place: tuple[str, int]) -> None:
    head = b"POST /read HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-length: 3\r\n\r\n"
    assert (await said(place, head, b"a", b"b", b"c", pause=SOON)).endswith(b"3")


async def test_requests_one_after_the_other_are_answered(place: tuple[str, int]) -> None:
    one, last = HEAD + b"content-length: 0\r\n\r\n", HEAD + b"content-length: 0\r\nconnection: close\r\n\r\n"
    assert (await said(place, one + one, last, pause=0.02)).count(b"HTTP/1.1 200") == 3


async def test_g3_a_request_begins_in_a_context_of_its_own(place: tuple[str, int]) -> None:
    one = b"POST /before HTTP/1.1\r\nhost: gateway\r\ncontent-length: 0\r\n"
    answers = await said(place, 3 * (one + b"\r\n") + one + b"connection: close\r\n\r\n")
    assert (answers.count(b"nobody"), answers.count(b"somebody")) == (4, 0)


@pytest.mark.parametrize("at_once", [True, False])
async def test_E10_so_many_requests_wait_for_an_answer_and_no_more(at_once: bool) -> None:
    """Two kilobytes at a time end where a request ends: of none that has come is a part missing."""
    begun: list[str] = []
    waiting: list[int] = []
    ended = asyncio.Event()

    async def holding(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
        else:
            begun.append(scope["path"])
            await ended.wait()

    def begin(self: PatientProtocol) -> None:
        waiting.append(len(self.pipeline))
        _BEGIN(self)

    one = b"GET /aaaaaaaaaaaaaa HTTP/1.1\r\n\r\n"
    pieces = [one * 6400] if at_once else [one * 64] * 100
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PatientProtocol, "on_message_begin", begin)
        async with serving(holding) as address:
            host, _, port = address.removeprefix("http://").partition(":")
            try:
                assert await said((host, int(port)), *pieces) == b""
            finally:
                ended.set()
    assert begun == ["/aaaaaaaaaaaaaa"]
    assert waiting == [0, 0, *range(1, UNANSWERED + 1)]


OUT_OF_TURN: Mapping[str, tuple[bytes, ...]] = {
    "no request behind one": (WAITING + b"GARBAGE\r\n\r\n",),
    "an address that is none behind one": (WAITING + b"GET http://a:99999/ HTTP/1.1\r\nhost: gateway\r\n\r\n",),
    "a chunk that is none behind an answer": (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"zz\r\n"),
}


@pytest.mark.parametrize("name", OUT_OF_TURN)
async def test_J2_a_400_is_never_taken_for_another_answer(place: tuple[str, int], name: str) -> None:
    assert b"HTTP/1.1 400" not in await said(place, *OUT_OF_TURN[name], pause=0.03)


SMUGGLED: Mapping[str, bytes] = {
    "a length and chunks": b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nhost: x\r\n\r\n",
    "chunks and a length": b"transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\nGET /hidden HTTP/1.1\r\nhost: x\r\n\r\n",
    "two lengths": b"content-length: 0\r\ncontent-length: 44\r\n\r\nGET /hidden HTTP/1.1\r\nhost: x\r\n\r\n",
    "a length with a sign": b"content-length: +4\r\n\r\nabcd",
    "a length in hexadecimal": b"content-length: 0x4\r\n\r\nabcd",
    "a length that is none": b"content-length: 4 4\r\n\r\nabcd",
    "an encoding that is none": b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked before another one": b"transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
    "a line that goes on": b"transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a chunk size that is none": b"transfer-encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
    "a chunk size with a sign": b"transfer-encoding: chunked\r\n\r\n-2\r\nab\r\n0\r\n\r\n",
    "a chunk that is longer than it says": b"transfer-encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
    "a chunk size beyond all sizes": b"transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nab\r\n0\r\n\r\n",
    "a NUL in a header": b"x: a\0b\r\ncontent-length: 0\r\n\r\n",
    "a line that ends in CR alone": b"x: a\rtransfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n",
}


@pytest.mark.parametrize("name", SMUGGLED)
async def test_J2_what_two_servers_would_read_differently_is_refused_and_closed(
    place: tuple[str, int], name: str
) -> None:
    answer = await said(place, b"POST /read HTTP/1.1\r\nhost: gateway\r\n" + SMUGGLED[name])
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"connection: close" in answer
    assert answer.count(b"HTTP/1.1") == 1
