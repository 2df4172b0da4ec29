"""Server-sent events as GraphQL over SSE wants them (distinct connections mode), over a socket."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import httpx
import orjson
import pytest

from auth.binding import Scheme
from tests.gateway.following import AGREED, FOLLOW, Feed, Start, end_of, events, numbers_in


async def test_the_response_is_an_event_stream_that_nobody_keeps(feed: Feed) -> None:
    async with events(feed) as stream:
        headers = stream.response.headers
        assert stream.response.status_code == 200
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        assert headers["cache-control"] == "no-store"
        assert headers["x-accel-buffering"] == "no"


async def test_an_event_has_its_cursor_as_its_id(feed: Feed) -> None:
    end = end_of(await feed.publish(3))
    async with events(feed) as stream:
        event = await stream.next()
    assert event is not None
    assert (event["event"], event.get("id")) == ("next", end), event


async def test_the_cursor_is_there_whatever_is_selected(feed: Feed) -> None:
    end = end_of(await feed.publish(2))
    async with events(feed, "subscription { feed: disclosureChanges { changes { op } } }") as stream:
        event = await stream.next()
    assert event is not None
    assert orjson.loads(event["data"])["data"] == {"feed": {"changes": [{"op": "UPDATE"}] * 2}}
    assert event["id"] == end


async def test_who_comes_back_with_the_last_id_goes_on_behind_it(feed: Feed) -> None:
    end = end_of(await feed.publish(2))
    async with events(feed, headers={"last-event-id": end}) as stream:
        written = await feed.publish(2)
        assert await stream.changes(2) == written


ENDS: list[tuple[str, str, dict[str, Any], str]] = [
    ("a syntax error", "subscription {", {}, "GRAPHQL_PARSE_FAILED"),
    ("an unknown field", "subscription { cases { caseNo } }", {}, "GRAPHQL_VALIDATION_FAILED"),
    ("a cursor of nothing", FOLLOW, {"after": "x"}, "BAD_USER_INPUT"),
    ("a variable of another type", FOLLOW, {"after": ["x"]}, "BAD_USER_INPUT"),
]


@pytest.mark.parametrize(("query", "variables", "code"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
async def test_a_refused_document_is_one_event_and_the_end(
    feed: Feed, query: str, variables: dict[str, Any], code: str
) -> None:
    async with events(feed, query, **variables) as stream:
        assert stream.response.status_code == 200
        assert (await stream.told())["errors"][0]["extensions"]["code"] == code
        assert await stream.next() == {"event": "complete", "data": ""}
        assert await stream.next() is None


async def test_a_query_is_one_event_and_the_end(feed: Feed) -> None:
    async with events(feed, "{ disclosureChanges(first: 1) { caughtUp } }") as stream:
        event = await stream.next()
        assert event is not None
        assert orjson.loads(event["data"])["data"] == {"disclosureChanges": {"caughtUp": True}}
        assert "id" not in event
        assert await stream.next() == {"event": "complete", "data": ""}


async def test_an_event_is_of_so_many_bytes_at_the_most(gateway: Start) -> None:
    async with (
        gateway(answer_limit=100) as feed,
        events(feed, "{ disclosureChanges(first: 1) { caughtUp } }") as stream,
    ):
        (error,) = (await stream.told())["errors"]
        assert error["extensions"] == {"code": "TOO_COMPLEX", "limit": "answer"}
        assert await stream.next() == {"event": "complete", "data": ""}


REFUSED: list[tuple[str, dict[str, str], int, str]] = [
    ("no token", {"authorization": ""}, 401, "UNAUTHENTICATED"),
    ("another kind of body", {"content-type": "text/plain"}, 415, "BAD_REQUEST"),
    ("a stated purpose that is none", {}, 400, "BAD_REQUEST"),
]


@pytest.mark.parametrize(("headers", "status", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_what_is_no_request_is_refused_in_json(
    feed: Feed, headers: dict[str, str], status: int, code: str
) -> None:
    access = AGREED if headers else {"purpose": "CURIOSITY"}
    async with events(feed, headers=headers, access=access) as stream:
        body = orjson.loads(await stream.response.aread())
        assert stream.response.status_code == status
        assert stream.response.headers["content-type"] == "application/json; charset=utf-8"
        assert body["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/event-stream, application/json", None])
async def test_a_client_that_wants_json_gets_no_stream(feed: Feed, accept: str | None) -> None:
    headers = {"authorization": f"Bearer {feed.token()}", **({"accept": accept} if accept else {})}
    async with httpx.AsyncClient(base_url=feed.address, verify=False) as client:
        answer = await client.post("/graphql", json={"query": FOLLOW}, headers=headers)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "event stream" in answer.json()["errors"][0]["extensions"]["reason"]


@pytest.mark.parametrize("accept", ["text/event-stream, multipart/mixed", "application/json;q=0.5, text/event-stream"])
async def test_a_client_that_likes_a_stream_best_gets_one(feed: Feed, accept: str) -> None:
    async with events(feed, headers={"accept": accept}) as stream:
        assert stream.response.headers["content-type"] == "text/event-stream; charset=utf-8"


async def test_comments_keep_a_quiet_stream_alive(gateway: Start) -> None:
    async with gateway(subscription_beat=0.05) as feed, events(feed) as stream:
        await stream.told()
        asked = feed.desk.databases["gateway"].statements
        assert [await anext(stream.lines) for _ in range(6)] == [":", ""] * 3
        assert feed.desk.databases["gateway"].statements == asked


async def test_a_client_that_goes_away_leaves_its_place(feed: Feed) -> None:
    async with events(feed) as stream:
        await stream.told()
        assert len(feed.app.subscriptions) == 1
    await feed.app.subscriptions.emptied()


async def test_e10_a_client_that_reads_nothing_loses_its_place_and_no_event(
    gateway: Start, caplog: pytest.LogCaptureFixture
) -> None:
    async with gateway(write_timeout=0.2) as feed:
        written = await feed.publish(2_000)
        body = orjson.dumps({"query": LONG, "extensions": {"access": AGREED}})
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.setblocking(False)
            await asyncio.get_running_loop().sock_connect(slow, feed.place)
            await asyncio.get_running_loop().sock_sendall(slow, _request(feed, body))
            assert await asyncio.get_running_loop().sock_recv(slow, 1)
            await feed.app.subscriptions.emptied()
            assert "subscriber stalled" in caplog.messages
        async with events(feed) as stream:
            assert await stream.changes(2_000) == written


LONG = (
    "subscription { disclosureChanges { "
    + " ".join(
        f"c{number}: changes {{ seq disclosureId changedAt record {{ facts content basis }} }}" for number in range(20)
    )
    + " } }"
)


def _request(feed: Feed, body: bytes) -> bytes:
    lines = [
        "POST /graphql HTTP/1.1",
        "host: gateway",
        f"authorization: {Scheme.BEARER.value.decode()} {feed.token()}",
        "content-type: application/json",
        "accept: text/event-stream",
        f"content-length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def test_a_process_that_ends_completes_its_streams_and_says_when_to_come_back(gateway: Start) -> None:
    async with gateway() as feed:
        async with events(feed) as stream:
            await stream.told()
            await feed.app.drain()
            last = await stream.next()
            assert last is not None
            assert 500 <= int(last.pop("retry")) <= 3_000
            assert last == {"event": "complete", "data": ""}
            assert await stream.next() is None
        async with events(feed) as stream:
            assert stream.response.status_code == 503


async def test_two_last_ids_are_refused(feed: Feed) -> None:
    headers = [("last-event-id", "a"), ("last-event-id", "b"), ("authorization", f"Bearer {feed.token()}")]
    async with httpx.AsyncClient(base_url=feed.address, verify=False) as client:
        answer = await client.post("/graphql", json={"query": FOLLOW}, headers=headers)
    assert answer.status_code == 400


async def test_two_streams_of_one_caller_are_apart(feed: Feed) -> None:
    four = await feed.publish(4)
    async with events(feed, after=end_of(four[:1])) as one, events(feed, after=end_of(four[:3])) as other:
        assert (numbers_in(await one.told()), numbers_in(await other.told())) == (four[1:], four[3:])
