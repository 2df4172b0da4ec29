"""A client that others wrote: gql, over a WebSocket. Those of JavaScript are in ``tests/clients``."""

from __future__ import annotations

import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from tests.gateway.following import FOLLOW, PROTOCOL, Feed, numbers_in


def client(feed: Feed, token: str | None = None) -> Client:
    transport = WebsocketsTransport(
        url=feed.address.replace("http", "ws") + "/graphql",
        init_payload={"Authorization": f"Bearer {token or feed.token()}"},
        subprotocols=[PROTOCOL],
    )
    return Client(transport=transport)


async def test_it_follows_the_feed_and_ends_when_it_likes(feed: Feed) -> None:
    written, received = await feed.publish(3), []
    async with client(feed) as connection:
        async for data in connection.subscribe(gql(FOLLOW)):
            received += numbers_in({"data": data})
            if len(received) == 5:
                break
            written += await feed.publish(2)
    assert received == written[:5]


async def test_it_is_told_why_it_is_refused(feed: Feed) -> None:
    async with client(feed) as connection:
        with pytest.raises(TransportQueryError) as refused:
            async for _ in connection.subscribe(gql("subscription { nothing }")):
                pass
    assert refused.value.errors is not None
    assert refused.value.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_it_is_not_let_in_with_a_wrong_token(feed: Feed) -> None:
    with pytest.raises(TransportConnectionFailed):
        async with client(feed, "wrong"):
            pass
