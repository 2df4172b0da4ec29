"""Requests that are refused by their head, over a socket: F-33, E10."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest

from gateway.commands.patience import PatientProtocol
from gateway.commands.turning_away import DoorProtocol
from tests.gateway.serving import LONG, lifespan, said, serving

HEAD = b"POST /turned HTTP/1.1\r\nhost: gateway\r\n"
EMPTY = b"content-length: 0\r\n"
LAST = b"POST /let-in HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
SOON = 0.15


class Refusing:
    """Turns away what is asked for at one address, and answers everything with its method and path; `begun` is what has begun."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.asked: list[bytes] = []
        self.go = asyncio.Event()
        self.go.set()

    def turned_away(
        self, target: bytes, headers: Sequence[tuple[bytes, bytes]]
    ) -> tuple[int, Sequence[tuple[bytes, bytes]], bytes] | None:
        self.asked.append(target)
        if target != b"/turned":
            return None
        return 503, [(b"content-length", b"6"), (b"saw", dict(headers)[b"host"])], b"turned"

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        self.begun.append(scope["path"])
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"begun"})


class Site:
    def __init__(self, app: Refusing, place: tuple[str, int]) -> None:
        self.app = app
        self.place = place

    async def said(self, *pieces: bytes, pause: float = 0.02) -> bytes:
        """All that is answered until the server closes."""
        return await said(self.place, *pieces, pause=pause)


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    monkeypatch.setattr(PatientProtocol, "header_seconds", LONG * 10)
    app = Refusing()
    async with serving(app) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        yield Site(app, (host, int(port)))
        app.go.set()


def statuses(answers: bytes) -> list[bytes]:
    return [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]]


async def test_f33_what_is_turned_away_never_begins_and_the_connection_goes_on(site: Site) -> None:
    answers = await site.said(*[HEAD + EMPTY + b"\r\n"] * 3, LAST)
    assert statuses(answers) == [b"503"] * 3 + [b"200"]
    assert site.app.begun == ["/let-in"]
    first = answers.partition(b"turned")[0].split(b"\r\n")
    assert first[0] == b"HTTP/1.1 503 Service Unavailable"
    assert first[1].startswith(b"date: ")
    assert first[2:] == [b"content-length: 6", b"saw: gateway", b"", b""]


BODIES: Mapping[str, tuple[bytes, ...]] = {
    "with its head": (HEAD + b"content-length: 6\r\n\r\nabcdef" + LAST,),
    "piece by piece": (HEAD + b"content-length: 6\r\n", b"\r\n", b"abc", b"def", LAST),
    "and the next head with its end": (HEAD + b"content-length: 6\r\n\r\nabc", b"def" + LAST[:20], LAST[20:]),
    "in chunks": (HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\nab\r\n", b"4\r\ncdef\r\n", b"0\r\n\r\n", LAST),
    "that looks like a request": (HEAD + b"content-length: %d\r\n\r\n" % len(LAST), LAST, LAST),
}


@pytest.mark.parametrize("name", BODIES)
async def test_J2_the_body_of_what_is_turned_away_is_no_request(site: Site, name: str) -> None:
    assert statuses(await site.said(*BODIES[name])) == [b"503", b"200"]
    assert site.app.begun == ["/let-in"]


BEGIN: Mapping[str, bytes] = {
    "HTTP/1.0": HEAD.replace(b"1.1", b"1.0") + EMPTY,
    "the last of its connection": HEAD + EMPTY + b"connection: close\r\n",
    "who waits to be told to go on": HEAD + b"content-length: 1\r\nexpect: 100-continue\r\nconnection: close\r\n",
    "another method": HEAD.replace(b"POST", b"PUT") + EMPTY + b"connection: close\r\n",
}


@pytest.mark.parametrize("name", BEGIN)
async def test_what_is_out_of_the_ordinary_begins(site: Site, name: str) -> None:
    assert statuses(await site.said(BEGIN[name] + b"\r\n")) == [b"200"]
    assert site.app.begun == ["/turned"]


async def test_an_answer_never_overtakes_the_one_before_it(site: Site) -> None:
    site.app.go.clear()
    asked = asyncio.create_task(site.said(LAST.replace(b"connection: close\r\n", b"") + HEAD + EMPTY + b"\r\n" + LAST))
    while not site.app.begun:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)
    site.app.go.set()
    assert statuses(await asked) == [b"200"] * 3
    assert site.app.begun == ["/let-in", "/turned", "/let-in"]


async def test_e10_one_at_most_of_what_has_come_in_one_piece(site: Site) -> None:
    answers = await site.said(5 * (HEAD + EMPTY + b"\r\n") + LAST)
    assert statuses(answers) == [b"503", b"200", b"200", b"200", b"200", b"200"]
    assert site.app.begun == ["/turned"] * 4 + ["/let-in"]


async def test_who_does_not_take_what_was_sent_is_not_sent_more(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[DoorProtocol] = []
    begin = DoorProtocol.connection_made

    def connection_made(one: DoorProtocol, transport: asyncio.Transport) -> None:
        made.append(one)
        begin(one, transport)

    monkeypatch.setattr(DoorProtocol, "connection_made", connection_made)
    asked = asyncio.create_task(site.said(b"", HEAD + EMPTY + b"connection: keep-alive\r\n\r\n", LAST, pause=0.1))
    while not made:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)
    made[0].flow.pause_writing()
    while not site.app.begun:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.01)
    made[0].flow.resume_writing()
    assert statuses(await asked) == [b"200"] * 2


async def test_E10_a_body_that_does_not_end_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PatientProtocol, "header_seconds", SOON)
    assert statuses(await site.said(HEAD + b"content-length: 1000\r\n\r\n", b"x", b"x", pause=0.01)) == [b"503"]


async def test_a_connection_that_is_turned_away_again_and_again_is_not_late(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PatientProtocol, "header_seconds", SOON)
    answers = await site.said(*[HEAD + EMPTY + b"\r\n"] * 10, LAST, pause=SOON / 4)
    assert statuses(answers) == [b"503"] * 10 + [b"200"]


LATE: Mapping[str, tuple[bytes, ...]] = {
    "its body behind its head": (HEAD + b"content-length: 3\r\n\r\n", b"abc"),
    "an empty line behind it": (HEAD + EMPTY + b"\r\n", b"\r\n"),
}


@pytest.mark.parametrize("name", LATE)
async def test_E10_whoever_was_turned_away_does_not_stay_for_ever(
    site: Site, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(PatientProtocol, "header_seconds", SOON)
    assert statuses(await site.said(*LATE[name])) == [b"503"]


async def test_a_request_behind_one_that_was_turned_away_has_its_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = DoorProtocol.connection_made

    def connection_made(one: DoorProtocol, transport: asyncio.Transport) -> None:
        one.timeout_keep_alive = 0
        begin(one, transport)

    monkeypatch.setattr(DoorProtocol, "connection_made", connection_made)
    site.app.go.clear()
    asked = asyncio.create_task(site.said(HEAD + EMPTY + b"\r\n" + LAST))
    await asyncio.sleep(SOON)
    site.app.go.set()
    assert statuses(await asked) == [b"503", b"200"]


BAD: Mapping[str, bytes] = {
    "an encoding that is none": b"transfer-encoding: gzip\r\n\r\nabc",
    "a chunk that is none": b"transfer-encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("name", BAD)
async def test_J2_one_request_has_one_answer(site: Site, name: str) -> None:
    assert statuses(await site.said(HEAD + BAD[name])) == [b"503"]
