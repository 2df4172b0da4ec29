"""Requests that would change the protocol of their connection: J2 over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from gateway.commands.patience import PatientProtocol
from tests.gateway.serving import lifespan, said, serving

HEAD = b"POST /read HTTP/1.1\r\nhost: gateway\r\n"
H2C = b"connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAEAAEAAAAIAAAAB\r\n"
LAST = b"GET /headers HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\nhost: gateway\r\n\r\n"
SOCKET = (
    b"GET /socket HTTP/1.1\r\nhost: gateway\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n"
)
SOON = 0.15


class Site:
    """Answers with the bytes of a body, or with the names of the headers; `begun` is what has begun. A WebSocket says "later" a while
    after it was opened."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go = asyncio.Event()
        self.go.set()
        self.place = ("", 0)

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        self.begun.append(scope["path"])
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await asyncio.sleep(3 * SOON)
            await send({"type": "websocket.send", "text": "later"})
            await send({"type": "websocket.close"})
            return
        await self.go.wait()
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        if scope["path"] == "/headers":
            body = b" ".join(b"=".join(one) for one in scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    async def said(self, *pieces: bytes, until: bytes = b"") -> bytes:
        """All that is answered until the server closes, or until this is."""
        return await said(self.place, *pieces, pause=0.03, until=until)


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr(PatientProtocol, "header_seconds", SOON)
    made = Site()
    async with serving(made) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        made.place = (host, int(port))
        yield made
        made.go.set()


LENGTH = HEAD + H2C + b"content-length: %d\r\n\r\n" % len(HIDDEN)
CHUNKED = HEAD + H2C + b"transfer-encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"
BODIES: Mapping[str, tuple[bytes, ...]] = {
    "in one piece": (LENGTH + HIDDEN + LAST,),
    "behind its head": (LENGTH, HIDDEN, LAST),
    "its head in two": (LENGTH[:70], LENGTH[70:] + HIDDEN[:5], HIDDEN[5:] + LAST),
    "in chunks": (CHUNKED + CHUNK + LAST,),
    "in chunks, behind its head": (CHUNKED, CHUNK[:20], CHUNK[20:], LAST),
}


@pytest.mark.parametrize("name", BODIES)
async def test_J2_a_body_is_a_body_whatever_protocol_is_wished_for(site: Site, name: str) -> None:
    answers = await site.said(*BODIES[name])
    assert site.begun == ["/read", "/headers"]
    assert answers.count(b"HTTP/1.1 200") == 2
    assert HIDDEN in answers


async def test_what_is_not_offered_is_as_if_not_wished_for(site: Site) -> None:
    wished = LAST.replace(b"connection: close", b"connection: close, Upgrade, HTTP2-Settings\r\nupgrade: h2c")
    answer = await site.said(wished)
    assert answer.endswith(b"host=gateway connection=close")
    assert (await site.said(HIDDEN.replace(b"\r\n\r\n", b"\r\n" + H2C + b"\r\n") * 40)).count(b"HTTP/1.1") == 0


@pytest.mark.parametrize("body", [b"content-length: 5\r\n\r\nhello", b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n"])
async def test_J2_a_websocket_has_no_body(site: Site, body: bytes) -> None:
    answer = await site.said(SOCKET + body)
    assert answer.startswith(b"HTTP/1.1 400")
    assert site.begun == []


async def test_J2_nobody_is_connected_to_somebody_else(site: Site) -> None:
    answer = await site.said(b"CONNECT gateway:80 HTTP/1.1\r\nhost: gateway\r\n\r\n" + HIDDEN)
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1
    assert site.begun == []


async def test_J2_a_websocket_waits_for_its_turn(site: Site) -> None:
    site.go.clear()
    assert await site.said(HIDDEN + SOCKET + b"\r\n") == b""
    site.go.set()
    assert site.begun == ["/hidden"]


@pytest.mark.parametrize("before", [(), (HIDDEN,)], ids=["the first", "after a request"])
async def test_a_websocket_is_not_late(site: Site, before: tuple[bytes, ...]) -> None:
    answer = await site.said(*before, SOCKET + b"content-length: 0\r\n\r\n", until=b"later")
    assert b"HTTP/1.1 101" in answer
