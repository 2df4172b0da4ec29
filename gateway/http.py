"""``POST /graphql`` as the GraphQL over HTTP draft wants it, and GET for registered documents: from ASGI messages to an engine
and back.

    method and media types → token → body or address → parameters → engine → status and bytes
                                                       └→ a stream of events, where the client wants one

Written on ASGI itself: a Starlette Request and Response cost a fifth more per request.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import secrets
import time
from typing import Any, TypeAlias

import orjson
from starlette.types import Receive, Scope, Send

from auth.errors import KeysUnavailable, Unauthenticated
from auth.tokens import credentials
from auth.viewer import AccessRequest, Viewer
from datasources.deadlines import DEADLINE
from datasources.urgency import URGENCY
from gateway.by_get import GRAPHQL, SHARED, asked_by_get, is_current, tag_of
from gateway.challenges import AUTHENTICATE, CHALLENGES, RETRY_AFTER, Header, ask_to_step_up, come_back, refusal_of
from gateway.errors import ErrorCode, GatewayError, TransportError
from gateway.identity import Identity
from gateway.inflight import End, Flight, Flights
from gateway.leaving import Dice, draw, moment
from gateway.media import MediaType, is_json, negotiate
from gateway.observe import REQUEST_ID, event
from gateway.passage import asked_by, passed, went_wrong
from gateway.patience import PATIENCE, Patience, stated
from gateway.recorder import Recorder
from gateway.request import ABANDONED, Answer, Engine, GraphQLRequest, parse_request, refused, too_large
from gateway.stating import access_of
from gateway.subscriptions import Subscriptions
from gateway.subscriptions_sse import resumed, send_events
from gateway.subscriptions_stream import Asked
from gateway.urgency import PERSON, is_background, person_of, urgency_of

READ_ONCE = frozenset({b"authorization", b"content-type", b"content-length", b"content-encoding", b"last-event-id"})
"""Headers that decide something: two of one name could be read differently by a proxy, and are refused."""

MEDIA_HEADER_SIZE = 1024
"""Bytes. What was read of these headers is remembered."""

CLOSE = (b"connection", b"close")
ALLOW = b"allow"
ALLOW_POST = (ALLOW, b"POST")
NOT_KEPT: tuple[Header, ...] = ((b"cache-control", b"no-store"),)

LAST = 2.0
"""Seconds that an answer has to be written down, and a request beyond its own time before it is given up."""
NOTED = 2.0
"""Seconds that a refusal has to be written down before it is sent all the same."""
NO_BODY = TransportError(408, CLOSE)
NO_ANSWER = GatewayError(ErrorCode.OVERLOADED)
NO_RECORD = GatewayError(ErrorCode.AUDIT_UNAVAILABLE)

Asking: TypeAlias = tuple[Viewer, AccessRequest | None, GraphQLRequest]
Reply: TypeAlias = tuple[int, bytes, tuple[Header, ...]]
"""Status, body, and headers beside those that every answer has."""

CONTENT_TYPES = {media_type: f"{media_type.value}; charset=utf-8".encode() for media_type in MediaType}


class Disconnected(Exception):
    """The client went away before its request was complete."""


class _Exchange:
    """What is known of a request while it is answered: how to say no, and who has asked once that is known."""

    __slots__ = ("asked", "flight", "media_type")

    def __init__(self, flight: Flight) -> None:
        self.flight = flight
        self.media_type = MediaType.JSON
        self.asked: Asking | None = None


class GraphQLEndpoint:
    """The ASGI application behind ``/graphql`` and ``/d/``. `engine` is set once the databases are open."""

    engine: Engine
    subscriptions: Subscriptions
    """Where streams have their places; set beforehand."""
    recorder: Recorder | None = None
    """Where answers are written down before they leave; set with the engine."""
    dice: Dice = staticmethod(draw)
    """How long an answer waits that found nothing."""

    def __init__(
        self,
        identity: Identity,
        *,
        body_limit: int,
        body_timeout: float,
        answer_limit: int,
        patience: Patience = PATIENCE,
    ) -> None:
        """`body_limit` and `answer_limit` are in bytes, `body_timeout` in seconds."""
        self._verifier = identity.verifier
        self._holdings = identity.holdings
        self._read_once = READ_ONCE | identity.holdings.read_once
        self._body_limit = body_limit
        self._body_timeout = body_timeout
        self._answer_limit = answer_limit
        self._patience = patience
        self._flights = Flights()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = secrets.token_hex(8)
        REQUEST_ID.set(request_id)
        exchange = _Exchange(self._flights.begin(self._body_timeout, NO_BODY))
        try:
            reply = await self._reply(exchange, scope, receive, send, request_id)
        except Disconnected:
            return
        except asyncio.CancelledError:
            ended = exchange.flight.ended()
            if ended is None:
                raise
            if ended is End.GONE:
                await self._record_abandoned(exchange)
                return
            reply = await self._refused(exchange, exchange.flight.late)
        except (GatewayError, Unauthenticated, KeysUnavailable) as error:
            reply = await self._refused(exchange, error if isinstance(error, GatewayError) else refusal_of(error))
        except Exception as error:  # the last line of defence: whatever it is, its text stays here
            event(logging.ERROR, "internal", error=error)
            reply = await self._refused(exchange, GatewayError(ErrorCode.INTERNAL, id=request_id))
        finally:
            self._flights.end(exchange.flight)
        if reply is None:
            return
        status, body, extra = reply
        if status in CHALLENGES and all(name not in (AUTHENTICATE, RETRY_AFTER) for name, _ in extra):
            extra = (*extra, CHALLENGES[status])
        if status == 405 and ALLOW not in {name for name, _ in extra}:
            extra = (*extra, ALLOW_POST)
        await _send(send, status, body, exchange.media_type, request_id, extra)

    async def _reply(
        self, exchange: _Exchange, scope: Scope, receive: Receive, send: Send, request_id: str
    ) -> Reply | None:
        """The answer to a request; None when it was streamed. Raises what refuses it."""
        headers = read_headers(scope, self._read_once)
        accepted = negotiate(headers.get(b"accept"))
        if accepted is not None and accepted is not MediaType.EVENT_STREAM:
            exchange.media_type = accepted
        asked = _check_form(scope, accepted, headers)
        scheme, token = credentials(headers.get(b"authorization"))
        viewer = await self._verifier.verify(token, self._holdings.read(scheme, scope, headers))
        asked_by(viewer.kind.value)
        URGENCY.set(urgency_of(viewer, headers))
        PERSON.set(person_of(viewer))
        epoch = self._verifier.revocations.epoch
        sent = await self._body(headers, receive)  # of a GET too: it has its place from then on, as a POST has
        request = asked or parse_request(sent)
        said = stated(headers)
        if said is not None:
            request = dataclasses.replace(request, patience=said)
        access = access_of(request)
        if accepted is MediaType.EVENT_STREAM:
            self._flights.end(exchange.flight)
            following = Asked(
                request=resumed(request, headers),
                access=access,
                viewer=viewer,
                token=token,
                background=is_background(headers.get(b"priority")),
            )
            await send_events(self.subscriptions, following, receive, send, request_id)
            return None
        exchange.asked = (viewer, access, request)
        exchange.flight.listen(receive, self._patience.report + LAST, NO_ANSWER)
        self._patience.begin(said)
        answer = await self._answer(request, viewer, access, exchange.media_type)
        DEADLINE.set(None)
        exchange.flight.conclude(LAST, NO_RECORD)
        if self._verifier.revocations.epoch != epoch:  # revoked while it was made: then it does not leave
            self._verifier.check_revoked(viewer)
        extra = (*ask_to_step_up(answer, viewer, scheme), *come_back(answer, time.time()))
        body = orjson.dumps(answer.payload)
        if len(body) > self._answer_limit:
            answer = _in_form(too_large(answer), exchange.media_type)
            body = orjson.dumps(answer.payload)
        status = answer.http_status
        await self._release(request, viewer, access, answer, body)
        kept = NOT_KEPT
        if request.by_get and answer.shareable:
            tag = tag_of(answer.payload, CONTENT_TYPES[exchange.media_type])
            kept = (*SHARED, (b"etag", tag))
            if is_current(headers, tag):
                status, body = 304, b""
        return status, body, (*kept, *extra)

    async def _release(
        self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None, answer: Answer, body: bytes
    ) -> None:
        """Returns when the answer may leave. Raises GatewayError: it may not."""
        passed("budget")
        if self.recorder is not None:
            await self.recorder.record(viewer, access, request.variables, answer, body)
        passed("record")
        await moment(answer, self.dice)
        passed("leave")

    async def _refused(self, exchange: _Exchange, refusal: GatewayError) -> Reply:
        """What is sent of a refusal. It is recorded too, of whom, where rows may have been read, whatever the request's own time;
        where that fails, refusing is all that is left to do.
        """
        self._flights.end(exchange.flight)
        went_wrong((refusal.code.name,))
        body = orjson.dumps({"errors": [refusal.render()]})
        asked = exchange.asked
        if self.recorder is not None and refusal.code is not ErrorCode.AUDIT_UNAVAILABLE:
            viewer, access, variables = (asked[0], asked[1], asked[2].variables) if asked else (None, None, {})
            try:
                async with asyncio.timeout(NOTED):
                    await self.recorder.record(viewer, access, variables, refused([refusal]), body)
            except (GatewayError, TimeoutError):
                pass
            except Exception as error:  # whatever it is, its text stays here
                event(logging.ERROR, "internal", error=error)
        extra = refusal.headers if isinstance(refusal, TransportError) else ()
        return refusal.http_status, body, (*NOT_KEPT, *extra)

    async def _record_abandoned(self, exchange: _Exchange) -> None:
        """Nothing has left, and it is written down who had asked."""
        if self.recorder is not None and exchange.asked is not None:
            viewer, access, request = exchange.asked
            with contextlib.suppress(GatewayError, TimeoutError):
                async with asyncio.timeout(NOTED):
                    await self.recorder.record(viewer, access, request.variables, ABANDONED, b"")

    async def _body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        passed("token")
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self._body_limit:
            raise TransportError(413)
        body, more = await _chunk(receive)
        if more:
            chunks, size = [body], len(body)
            while more and size <= self._body_limit:
                body, more = await _chunk(receive)
                chunks.append(body)
                size += len(body)
            body = b"".join(chunks)
        if len(body) > self._body_limit:
            raise TransportError(413)
        return body

    async def _answer(
        self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None, media_type: MediaType
    ) -> Answer:
        """The engine's answer with the status that the media type wants."""
        passed("body")
        try:
            answer = await self.engine.answer(request, viewer, access)
        except GatewayError as error:
            answer = refused([error])
        if "errors" in answer.payload:
            went_wrong(error["extensions"]["code"] for error in answer.payload["errors"])
        return _in_form(answer, media_type)


def _in_form(answer: Answer, media_type: MediaType) -> Answer:
    """The answer with the status that the media type wants.

    To a client of ``application/json`` a well-formed request that is refused for its document or variables is 200:
    such clients take another status for a failure of the transport (draft, 6.4.1).
    """
    if answer.status_hint == "refused" and answer.http_status == 400 and media_type is MediaType.JSON:
        return dataclasses.replace(answer, http_status=200)
    return answer


async def _chunk(receive: Receive) -> tuple[bytes, bool]:
    """The next part of the body, and whether there is more."""
    message = await receive()
    if message["type"] != "http.request":
        raise Disconnected
    return message.get("body", b""), message.get("more_body", False)


def read_headers(scope: Scope, read_once: frozenset[bytes]) -> dict[bytes, bytes]:
    """The headers by name. Raises TransportError for two of those that must not be read differently, and for one that is too long."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name not in headers:
            headers[name] = value
        elif name in read_once:
            raise TransportError(400)
        else:
            headers[name] += b"," + value
    if (
        len(headers.get(b"accept", b"")) > MEDIA_HEADER_SIZE
        or len(headers.get(b"content-type", b"")) > MEDIA_HEADER_SIZE
    ):
        raise TransportError(400)
    return headers


def _check_form(scope: Scope, accepted: MediaType | None, headers: dict[bytes, bytes]) -> GraphQLRequest | None:
    """Only what a browser cannot send across sites without asking first: a POST of JSON, or a GET that has a token in a header.

    The request, where the address has all of it.
    """
    asked = asked_by_get(scope["path"], scope["query_string"]) if scope["method"] == "GET" else None
    if asked is None and (scope["method"] != "POST" or scope["path"] != GRAPHQL):
        raise TransportError(405, ALLOW_POST if scope["path"] == GRAPHQL else (ALLOW, b"GET"))
    if accepted is None or (asked is not None and accepted is MediaType.EVENT_STREAM):
        raise TransportError(406)
    content_type = headers.get(b"content-type")
    if asked is not None and content_type is None:
        return asked
    if not is_json(content_type) or headers.get(b"content-encoding", b"identity") != b"identity":
        raise TransportError(415)
    return asked


async def _send(
    send: Send,
    status: int,
    body: bytes,
    media_type: MediaType,
    request_id: str,
    extra: tuple[tuple[bytes, bytes], ...],
) -> None:
    described = [
        (b"content-type", CONTENT_TYPES[media_type]),
        (b"content-length", str(len(body)).encode()),
    ]
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            *(described if status != 304 else ()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-request-id", request_id.encode()),
            *extra,
        ],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})
