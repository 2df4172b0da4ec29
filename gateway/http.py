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
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from auth.errors import KeysUnavailable, Unauthenticated
from auth.tokens import credentials
from auth.viewer import AccessInvalid, AccessRequest, Viewer, parse_access
from gateway.by_get import GRAPHQL, SHARED, asked_by_get, is_current, tag_of
from gateway.challenges import AUTHENTICATE, CHALLENGES, RETRY_AFTER, Header, ask_to_step_up, come_back, refusal_of
from gateway.errors import ErrorCode, GatewayError, TransportError
from gateway.identity import Identity
from gateway.leaving import Dice, draw, moment
from gateway.media import MediaType, is_json, negotiate
from gateway.observe import REQUEST_ID, event
from gateway.recorder import Recorder
from gateway.request import Answer, Engine, GraphQLRequest, parse_request, refused, too_large
from gateway.store import Bounded
from gateway.subscriptions import Subscriptions
from gateway.subscriptions_sse import send_events
from gateway.subscriptions_stream import Asked

READ_ONCE = frozenset({b"authorization", b"content-type", b"content-length", b"content-encoding", b"last-event-id"})
"""Headers that decide something: two of one name could be read differently by a proxy, and are refused."""

MEDIA_HEADER_SIZE = 1024
"""Bytes. What was read of these headers is remembered."""

CLOSE = (b"connection", b"close")
ALLOW_POST = (b"allow", b"POST")
NOT_KEPT: tuple[Header, ...] = ((b"cache-control", b"no-store"),)

CONTENT_TYPES = {media_type: f"{media_type.value}; charset=utf-8".encode() for media_type in MediaType}


class Disconnected(Exception):
    """The client went away before its request was complete."""


class GraphQLEndpoint:
    """The ASGI application behind ``/graphql`` and ``/d/``. `engine` is set once the databases are open."""

    engine: Engine
    subscriptions: Subscriptions
    """Where streams have their places; set beforehand."""
    recorder: Recorder | None = None
    """Where answers are written down before they leave; set with the engine."""
    dice: Dice = staticmethod(draw)
    """How long an answer waits that found nothing."""

    def __init__(self, identity: Identity, *, body_limit: int, body_timeout: float, answer_limit: int) -> None:
        """`body_limit` and `answer_limit` are in bytes, `body_timeout` in seconds."""
        self._verifier = identity.verifier
        self._holdings = identity.holdings
        self._read_once = READ_ONCE | identity.holdings.read_once
        self._body_limit = body_limit
        self._body_timeout = body_timeout
        self._answer_limit = answer_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = secrets.token_hex(8)
        REQUEST_ID.set(request_id)
        media_type = MediaType.JSON
        extra: tuple[Header, ...] = ()
        kept = NOT_KEPT
        try:
            headers = read_headers(scope, self._read_once)
            accepted = negotiate(headers.get(b"accept"))
            if accepted is not None and accepted is not MediaType.EVENT_STREAM:
                media_type = accepted
            asked = _check_form(scope, accepted, headers)
            scheme, token = credentials(headers.get(b"authorization"))
            viewer = await self._verifier.verify(token, self._holdings.read(scheme, scope, headers))
            epoch = self._verifier.revocations.epoch
            request = asked or parse_request(await self._body(headers, receive))
            access = access_of(request)
            if accepted is MediaType.EVENT_STREAM:
                following = Asked(request=resumed(request, headers), access=access, viewer=viewer, token=token)
                await send_events(self.subscriptions, following, receive, send, request_id)
                return
            answer, body = await self._answer(request, viewer, access, media_type)
            if self._verifier.revocations.epoch != epoch:  # revoked while it was made: then it does not leave
                self._verifier.check_revoked(viewer)
            extra = (*ask_to_step_up(answer, viewer, scheme), *come_back(answer, time.time()))
            status = answer.http_status
            if self.recorder is not None:
                await self.recorder.record(viewer, access, request.variables, answer, body)
            await moment(answer, self.dice)
            if request.by_get and answer.shareable:
                tag = tag_of(answer.payload, CONTENT_TYPES[media_type])
                kept = (*SHARED, (b"etag", tag))
                if is_current(headers, tag):
                    status, body = 304, b""
        except Disconnected:
            return
        except (GatewayError, Unauthenticated, KeysUnavailable) as error:
            refusal = error if isinstance(error, GatewayError) else refusal_of(error)
            status, body = refusal.http_status, orjson.dumps({"errors": [refusal.render()]})
            extra = refusal.headers if isinstance(refusal, TransportError) else ()
            await self._record_refusal(refusal, body)
        except Exception as error:  # the last line of defence: whatever it is, its text stays here
            event(logging.ERROR, "internal", error=error)
            failure = GatewayError(ErrorCode.INTERNAL, id=request_id)
            status, body = failure.http_status, orjson.dumps({"errors": [failure.render()]})
        if status in CHALLENGES and all(name not in (AUTHENTICATE, RETRY_AFTER) for name, _ in extra):
            extra = (*extra, CHALLENGES[status])
        if status == 405 and not extra:
            extra = (ALLOW_POST,)
        await _send(send, status, body, media_type, request_id, (*kept, *extra))

    async def _record_refusal(self, refusal: GatewayError, body: bytes) -> None:
        """A refusal is recorded too; where that fails, refusing is all that is left to do."""
        if self.recorder is not None and refusal.code is not ErrorCode.AUDIT_UNAVAILABLE:
            with contextlib.suppress(GatewayError):
                await self.recorder.record(None, None, {}, refused([refusal]), body)

    async def _body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self._body_limit:
            raise TransportError(413)
        limit = _TimeLimit(self._body_timeout)
        try:
            body, more = await _chunk(receive)
            if more:
                chunks, size = [body], len(body)
                while more and size <= self._body_limit:
                    body, more = await _chunk(receive)
                    chunks.append(body)
                    size += len(body)
                body = b"".join(chunks)
        except asyncio.CancelledError:
            if limit.is_over():
                raise TransportError(408, CLOSE) from None
            raise
        finally:
            limit.end()
        if len(body) > self._body_limit:
            raise TransportError(413)
        return body

    async def _answer(
        self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None, media_type: MediaType
    ) -> tuple[Answer, bytes]:
        """The engine's answer with the status that the media type wants, and its bytes."""
        try:
            answer = await self.engine.answer(request, viewer, access)
        except GatewayError as error:
            answer = refused([error])
        body = orjson.dumps(answer.payload)
        if len(body) > self._answer_limit:
            answer = too_large(answer)
            body = orjson.dumps(answer.payload)
        return _in_form(answer, media_type), body


def _in_form(answer: Answer, media_type: MediaType) -> Answer:
    """The answer with the status that the media type wants.

    To a client of ``application/json`` a well-formed request that is refused for its document or variables is 200:
    such clients take another status for a failure of the transport (draft, 6.4.1).
    """
    if answer.status_hint == "refused" and answer.http_status == 400 and media_type is MediaType.JSON:
        return dataclasses.replace(answer, http_status=200)
    return answer


class _TimeLimit:
    """What asyncio.timeout does, at a third of its cost: every request reads a body."""

    def __init__(self, seconds: float) -> None:
        self._task = asyncio.current_task()
        self._over = False
        self._timer = asyncio.get_running_loop().call_later(seconds, self._cancel)

    def _cancel(self) -> None:
        self._over = True
        if self._task is not None:
            self._task.cancel()

    def is_over(self) -> bool:
        """Whether this limit, and nobody else, has cancelled the task."""
        return self._over and self._task is not None and self._task.uncancel() == 0

    def end(self) -> None:
        self._timer.cancel()


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
        raise TransportError(405, ALLOW_POST if scope["path"] == GRAPHQL else (b"allow", b"GET"))
    if accepted is None or (asked is not None and accepted is MediaType.EVENT_STREAM):
        raise TransportError(406)
    content_type = headers.get(b"content-type")
    if asked is not None and content_type is None:
        return asked
    if not is_json(content_type) or headers.get(b"content-encoding", b"identity") != b"identity":
        raise TransportError(415)
    return asked


def resumed(request: GraphQLRequest, headers: Mapping[bytes, bytes]) -> GraphQLRequest:
    """The request of a client whose stream was cut off, from where its last event ended."""
    last = headers.get(b"last-event-id")
    return request if last is None else dataclasses.replace(request, after=last.decode("latin-1"))


def parse_parameters(body: bytes) -> tuple[GraphQLRequest, AccessRequest | None]:
    """The request in a body, and why it says it asks. Raises GatewayError."""
    request = parse_request(body)
    return request, access_of(request)


def access_of(request: GraphQLRequest) -> AccessRequest | None:
    """What ``extensions.access`` of a request states. Raises GatewayError."""
    stated = request.extensions.get("access")
    return None if stated is None else read_access(stated)


def read_access(stated: Any) -> AccessRequest:
    """What ``extensions.access`` states; the same object every time that the same is stated. Raises GatewayError."""
    key = tuple(stated.items()) if type(stated) is dict else ()
    try:
        found = _READ.get(key)
    except TypeError:  # a list or an object in it, which is refused
        found = None
    if found is not None:
        return found
    try:
        access = parse_access(stated)
    except AccessInvalid as error:
        raise GatewayError(ErrorCode.BAD_REQUEST, field=f"extensions.{error.field}") from None
    assert access is not None
    return _READ.put(key, access)


_READ: Bounded[tuple[tuple[str, Any], ...], AccessRequest] = Bounded(10_000)
"""What was stated and could be used: texts and nulls, for nothing else can be."""


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
