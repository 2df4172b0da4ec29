"""WebSockets as the subprotocol graphql-transport-ws wants them, with a client library of others at the other end."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from gateway import antechamber
from tests.gateway.following import AGREED, FOLLOW, PROTOCOL, Feed, Socket, Start, end_of, numbers_in, socket

Act = Callable[[Socket], Awaitable[None]]


# --- what closes a socket ------------------------------------------------------------------------


def saying(**message: Any) -> Act:
    return lambda socket: socket.say(**message)


def sending(data: str | bytes) -> Act:
    return lambda socket: socket.connection.send(data)


async def subscribing_twice(socket: Socket) -> None:
    await socket.subscribe("1")
    await socket.subscribe("1")


BEFORE: list[tuple[str, Act, int]] = [
    ("a12 no first message, but an operation", lambda socket: socket.subscribe("1"), 4401),
    ("a12 the first message of the old protocol", saying(type="start", id="1", payload={"query": FOLLOW}), 4401),
    ("a12 a forged caller", saying(type="connection_init", payload={"jwt": {"sub": "chief"}}), 4401),
    ("no payload", saying(type="connection_init"), 4401),
    ("a token that is none", saying(type="connection_init", payload={"Authorization": "Bearer x"}), 4401),
    ("a token without its scheme", saying(type="connection_init", payload={"Authorization": "x"}), 4401),
    ("a payload that is no object", saying(type="connection_init", payload=["Bearer x"]), 4401),
    ("no JSON", sending("hello"), 4400),
    ("no object", sending("[]"), 4400),
    ("no type", sending('{"id": "1"}'), 4400),
    ("bytes", sending(b'{"type": "connection_init"}'), 4400),
]


@pytest.mark.parametrize(("act", "code"), [row[1:] for row in BEFORE], ids=[row[0] for row in BEFORE])
async def test_before_the_caller_is_known_a_wrong_message_closes(feed: Feed, act: Act, code: int) -> None:
    async with socket(feed, begin=False) as one:
        await act(one)
        assert (await one.closed())[0] == code


AFTER: list[tuple[str, Act, int]] = [
    ("the first message again", saying(type="connection_init"), 4429),
    ("an id that is taken", subscribing_twice, 4409),
    ("a type of the old protocol", saying(type="start", id="1", payload={"query": FOLLOW}), 4400),
    ("a type of the server's", saying(type="next", id="1", payload={}), 4400),
    ("no id", saying(type="subscribe", payload={"query": FOLLOW}), 4400),
    ("an empty id", saying(type="subscribe", id="", payload={"query": FOLLOW}), 4400),
    ("an id of a kilobyte", saying(type="subscribe", id="1" * 1024, payload={"query": FOLLOW}), 4400),
    ("no payload", saying(type="subscribe", id="1"), 4400),
    ("no document", saying(type="subscribe", id="1", payload={}), 4400),
    ("variables that are none", saying(type="subscribe", id="1", payload={"query": FOLLOW, "variables": []}), 4400),
    ("no JSON", sending("{"), 4400),
]


@pytest.mark.parametrize(("act", "code"), [row[1:] for row in AFTER], ids=[row[0] for row in AFTER])
async def test_a_wrong_message_closes_with_its_code(feed: Feed, act: Act, code: int) -> None:
    async with socket(feed) as one:
        await act(one)
        assert (await one.closed())[0] == code


async def test_e10_a_socket_that_says_nothing_is_closed(gateway: Start) -> None:
    async with gateway(body_timeout=0.1) as feed, socket(feed, begin=False) as one:
        assert await one.closed() == (4408, "Connection initialisation timeout")


async def test_e10_pings_do_not_put_off_the_first_message(gateway: Start) -> None:
    async with gateway(body_timeout=0.2) as feed, socket(feed, begin=False) as one:
        await one.say(type="ping")
        assert await one.told() == {"type": "pong"}
        assert (await one.closed())[0] == 4408


async def test_e10_a_crowd_that_says_nothing_keeps_out_nobody_who_does(
    gateway: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(antechamber, "WAITING", 3)
    async with gateway(body_timeout=60) as feed, contextlib.AsyncExitStack() as silent:
        crowd = [await silent.enter_async_context(socket(feed, begin=False)) for _ in range(5)]
        assert [(await one.closed())[0] for one in crowd[:2]] == [4408, 4408]
        async with socket(feed) as one:
            await one.say(type="ping")
            assert await one.told() == {"type": "pong"}


async def test_e10_a_message_beyond_the_limit_closes(feed: Feed) -> None:
    async with socket(feed) as one:
        await one.connection.send(json.dumps({"type": "ping", "payload": {"x": "x" * 70_000}}))
        assert (await one.closed())[0] == 1009


@pytest.mark.parametrize("offered", [["graphql-ws"], ["graphql-ws", "json"], None], ids=["old", "others", "none"])
async def test_a12_another_subprotocol_is_refused_in_the_handshake(feed: Feed, offered: Any) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(feed.address.replace("http", "ws") + "/graphql", subprotocols=offered):
            pass
    assert refused.value.response.status_code == 403


async def test_the_subprotocol_is_chosen_among_several(feed: Feed) -> None:
    offered: Any = ["graphql-ws", PROTOCOL]
    async with connect(feed.address.replace("http", "ws") + "/graphql", subprotocols=offered) as connection:
        assert connection.subprotocol == PROTOCOL
        assert connection.response is not None
        assert "sec-websocket-extensions" not in connection.response.headers


async def test_other_paths_have_no_sockets(feed: Feed) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(feed.address.replace("http", "ws") + "/healthz", subprotocols=[PROTOCOL]):  # type: ignore[list-item]
            pass
    assert refused.value.response.status_code == 403


async def test_a12_who_is_not_let_in_is_recorded_and_nothing_is_asked(feed: Feed) -> None:
    before = feed.desk.databases["gateway"].statements
    async with socket(feed, begin=False) as one:
        await one.say(type="connection_init", payload={"jwt": {"sub": "chief"}})
        await one.closed()
    assert [(record["outcome"], record["code"]) for record in feed.recorded()] == [("DENIED", "UNAUTHENTICATED")]
    assert feed.desk.databases["gateway"].statements == before


# --- operations ----------------------------------------------------------------------------------


async def test_what_was_there_comes_first_and_then_what_happens(feed: Feed) -> None:
    before = await feed.publish(2)
    async with socket(feed) as one:
        await one.subscribe("1")
        told = await one.told()
        assert (told["id"], told["type"], numbers_in(told["payload"])) == ("1", "next", before)
        after = await feed.publish()
        assert numbers_in((await one.told())["payload"]) == after


async def test_a_query_is_answered_and_complete(feed: Feed) -> None:
    async with socket(feed) as one:
        await one.subscribe("q", "{ disclosureChanges(first: 1) { caughtUp } }")
        told = await one.told()
        assert (told["type"], told["payload"]["data"]) == ("next", {"disclosureChanges": {"caughtUp": True}})
        assert await one.told() == {"id": "q", "type": "complete"}


async def test_a_refused_document_is_an_error_and_the_socket_stays(feed: Feed) -> None:
    async with socket(feed) as one:
        await one.subscribe("1", "subscription { nothing }")
        told = await one.told()
        assert (told["id"], told["type"]) == ("1", "error")
        assert told["payload"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        await one.subscribe("1", "{ disclosureChanges(first: 1) { caughtUp } }")
        assert (await one.told())["type"] == "next"


async def test_what_is_withheld_is_said_beside_the_errors(feed: Feed) -> None:
    async with socket(feed, token=feed.token("auditor")) as one:
        await one.subscribe("1", access={"purpose": "AUDIT", "onWithheld": "REJECT"})
        told = await one.told()
        assert told["type"] == "next"
        assert told["payload"]["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert told["payload"]["extensions"]["access"]["withheld"][0]["coordinate"] == "Query.disclosureChanges"
        assert await one.told() == {"id": "1", "type": "complete"}


async def test_a_completed_operation_says_no_more_and_its_id_is_free(feed: Feed) -> None:
    async with socket(feed) as one:
        await one.subscribe("1")
        await one.told()
        await one.say(id="1", type="complete")
        end = end_of(await feed.publish())
        await one.subscribe("1", after=end)
        assert (await one.told())["payload"]["data"]["disclosureChanges"]["changes"] == []


async def test_an_unknown_id_may_be_completed(feed: Feed) -> None:
    async with socket(feed) as one:
        await one.say(id="7", type="complete")
        await one.say(type="ping", payload={"any": "thing"})
        assert await one.told() == {"type": "pong"}


async def test_e10_twenty_subscriptions_and_no_more(gateway: Start) -> None:
    async with gateway(subscriptions_caller=100) as feed, socket(feed) as one:
        for number in range(20):
            await one.subscribe(str(number))
            await one.told()
        await one.subscribe("20")
        told = await one.told()
        assert (told["id"], told["type"]) == ("20", "error")
        assert told["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_e10_a_caller_has_so_many_sockets(gateway: Start) -> None:
    async with (
        gateway(subscriptions_caller=1) as feed,
        socket(feed),
        socket(feed, begin=False) as two,
    ):
        await two.say(type="connection_init", payload={"Authorization": f"Bearer {feed.token()}"})
        assert await two.closed() == (4429, "Too many connections")


async def test_a_stated_purpose_of_no_known_word_is_an_error(feed: Feed) -> None:
    async with socket(feed) as one:
        await one.subscribe("1", access={**AGREED, "purpose": "CURIOSITY"})
        assert (await one.told())["payload"][0]["extensions"] == {
            "code": "BAD_REQUEST",
            "field": "extensions.access.purpose",
        }


# --- the caller ----------------------------------------------------------------------------------


async def test_a11_revoked_in_the_middle_every_stream_says_so_and_the_socket_is_closed(feed: Feed) -> None:
    async with socket(feed) as one:
        for id_ in ("1", "2"):
            await one.subscribe(id_)
            await one.told()
        feed.revoke()
        told = [await one.told() for _ in range(2)]
        assert sorted((message["id"], message["type"]) for message in told) == [("1", "error"), ("2", "error")]
        assert {message["payload"][0]["extensions"]["code"] for message in told} == {"TOKEN_REVOKED"}
        assert (await one.closed())[0] == 4401


async def test_a11_an_idle_socket_of_a_revoked_caller_is_closed(feed: Feed) -> None:
    async with socket(feed) as one:
        feed.revoke()
        assert (await one.closed())[0] == 4401


async def test_a_process_that_ends_sends_its_clients_elsewhere(gateway: Start) -> None:
    async with gateway() as feed:
        async with socket(feed) as idle, socket(feed) as one:
            await one.subscribe("1")
            await one.told()
            await feed.app.drain()
            with pytest.raises(ConnectionClosed):
                await one.told()
            assert await one.closed() == (1001, "Going away")
            assert await idle.closed() == (1001, "Going away")
        async with socket(feed, begin=False) as late:
            assert await late.closed() == (1013, "Try again later")


async def test_a_client_that_goes_away_leaves_its_places(feed: Feed) -> None:
    async with socket(feed) as one:
        await one.subscribe("1")
        await one.told()
        assert len(feed.app.subscriptions) == 2
    await feed.app.subscriptions.emptied()
