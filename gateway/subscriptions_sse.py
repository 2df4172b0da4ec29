"""Streams as server-sent events: one request, one stream (GraphQL over SSE, distinct connections mode).

    next       an answer; its id is the cursor after it, which a client that comes back hands over as Last-Event-ID
    complete   nothing more will come; from a process that ends, with the milliseconds after which to come back (``retry``)
    :          a comment, so that nobody in between takes the connection for dead

https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverSSE.md
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.types import Receive, Send

from gateway.media import MediaType
from gateway.passage import streams
from gateway.request import GraphQLRequest
from gateway.subscriptions import Subscriptions
from gateway.subscriptions_stream import Asked, Stalled, Stream

AGAIN_AFTER = (500, 3_000)
"""Milliseconds, between which a client is told to come back: all streams of a process end at once, and are not to begin at once."""

HEADERS = (
    (b"content-type", f"{MediaType.EVENT_STREAM.value}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
)


async def send_events(
    subscriptions: Subscriptions, asked: Asked, receive: Receive, send: Send, request_id: str
) -> None:
    """Answers one request with a stream, until it ends or the client goes away. Raises GatewayError before anything is sent."""
    with subscriptions.place(asked.viewer, Stream) as stream:
        streams()
        events = _Events(send, subscriptions)
        watching = asyncio.create_task(_watch(receive, stream))
        try:
            with contextlib.suppress(Stalled):
                await events.begin(request_id)
                await subscriptions.run(stream, asked, events)
        finally:
            watching.cancel()


def resumed(request: GraphQLRequest, headers: Mapping[bytes, bytes]) -> GraphQLRequest:
    """The request of a client whose stream was cut off, from where its last event ended."""
    last = headers.get(b"last-event-id")
    return request if last is None else dataclasses.replace(request, after=last.decode("latin-1"))


async def _watch(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.leave()


class _Events:
    """The sink of one response."""

    def __init__(self, send: Send, subscriptions: Subscriptions) -> None:
        self._send = send
        self._subscriptions = subscriptions

    async def begin(self, request_id: str) -> None:
        headers = [*HEADERS, (b"x-request-id", request_id.encode())]
        await self._out({"type": "http.response.start", "status": 200, "headers": headers})
        await self.beat()

    async def next(self, body: bytes, cursor: str | None) -> None:
        place = b"id: %s\n" % cursor.encode() if cursor is not None else b""
        await self._body(b"event: next\n%sdata: %s\n\n" % (place, body))

    async def refuse(self, payload: dict[str, Any]) -> None:
        await self.next(orjson.dumps(payload), None)
        await self.complete()

    async def complete(self) -> None:
        again = b"retry: %d\n" % random.randint(*AGAIN_AFTER) if self._subscriptions.closing else b""  # noqa: S311 - spreads them
        await self._body(b"%sevent: complete\ndata:\n\n" % again, more=False)

    async def beat(self) -> None:
        await self._body(b":\n\n")

    async def _body(self, body: bytes, *, more: bool = True) -> None:
        await self._out({"type": "http.response.body", "body": body, "more_body": more})

    async def _out(self, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(self._subscriptions.limits.write):
                await self._send(message)
        except TimeoutError:
            raise Stalled from None
