"""Who is let in: before the token is checked and before the body is read, for a refusal has to cost next to nothing.

    how urgent is it   by the token, if it was checked before, else as of somebody unknown (`gateway.urgency`)
    is there a place   of a limit that follows how long requests take (`gateway.gradient`), by shares (`gateway.places`)
    no                 503 OVERLOADED, come back in one to four seconds; counted for the log, which nobody waits for
    yes                the place is given back as the answer begins to leave

A request, by POST or GET, has its place from when its token was good and it is whole: whoever is not known holds none, nor does
whoever sends or reads slowly, and a stream has one only until it begins. When there is no place any more once a slow request is
whole, it is refused then.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth.tokens import TokenVerifier
from datasources.urgency import Urgency
from gateway.challenges import RETRY_AFTER
from gateway.errors import ErrorCode, GatewayError, TransportError
from gateway.gradient import Gradient
from gateway.http import CLOSE, CONTENT_TYPES, MEDIA_HEADER_SIZE
from gateway.media import MediaType, negotiate
from gateway.passage import went_wrong
from gateway.places import Places
from gateway.recorder import Recorder
from gateway.urgency import urgency_before

COME_BACK: Sequence[bytes] = (b"1", b"2", b"3", b"4")
"""Seconds, one of them drawn each time: who is refused together does not come back together."""
REFUSED = GatewayError(ErrorCode.OVERLOADED)
BODY = orjson.dumps({"errors": [REFUSED.render()]})
FIXED = (
    (b"content-length", str(len(BODY)).encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)


class Admission:
    """An ASGI application before the one that answers. `most` is the largest number of requests in flight."""

    def __init__(
        self,
        endpoint: ASGIApp,
        verifier: TokenVerifier,
        *,
        most: int,
        recorder: Recorder | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.endpoint = endpoint
        self.steady = steady
        self.gradient = Gradient(most, steady())
        self.places = Places()
        self.refused: dict[Urgency, int] = dict.fromkeys(self.places.taken, 0)
        """Since the start."""
        self.leaving = False
        """Whether the process takes no new connections: then every answer is the last one of its connection."""
        self._verifier = verifier
        self._recorder = recorder

    def standing(self) -> Mapping[str, Any]:
        """For the operator: the limit, requests in flight and refused by urgency, what a request takes when there are few."""
        return {
            "limit": self.gradient.limit,
            "inFlight": dict(self.places.taken),
            "refused": dict(self.refused),
            "seconds": self.gradient.base,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        urgency = urgency_before(self._verifier, headers)
        if not self.places.has_room(urgency, self.gradient.limit):
            self.refused[urgency] += 1
            if self._recorder is not None:
                self._recorder.count(REFUSED.code)
            went_wrong((REFUSED.code.name,))
            await _refuse(send, headers.get(b"accept"), last=self.leaving)
            return
        passage = _Passage(self, urgency, receive, send)
        try:
            await self.endpoint(scope, passage.receive, passage.send)
        finally:
            passage.end()

    def took(self, begun: float) -> None:
        """A request that began then was answered, and still has its place."""
        if self.gradient.took(begun, self.steady(), self.places.total):
            self.places.turn()


class _Passage:
    """One request on its way through."""

    __slots__ = ("_admission", "_begun", "_has_place", "_receive", "_send", "_urgency")

    def __init__(self, admission: Admission, urgency: Urgency, receive: Receive, send: Send) -> None:
        self._admission = admission
        self._urgency = urgency
        self._receive = receive
        self._send = send
        self._begun: float | None = None
        self._has_place = False

    def begin(self) -> None:
        """The request is whole. Raises TransportError when there is no place for it any more."""
        admission = self._admission
        if not admission.places.has_room(self._urgency, admission.gradient.limit):
            admission.refused[self._urgency] += 1
            raise TransportError(503, _come_back(), code=REFUSED.code)
        self._begun = admission.steady()
        self._has_place = True
        admission.places.take(self._urgency)

    def end(self) -> None:
        """Gives the place back, if it has not been."""
        if self._has_place:
            self._has_place = False
            self._admission.places.give_back(self._urgency)

    async def receive(self) -> Message:
        message = await self._receive()
        if self._begun is None and message["type"] == "http.request" and not message.get("more_body", False):
            self.begin()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self._begun is not None and self._has_place and _is_an_answer(message):
                self._admission.took(self._begun)
            self.end()
            if self._admission.leaving:
                message["headers"].append(CLOSE)
        await self._send(message)


def _is_an_answer(message: Message) -> bool:
    """Whether something was answered, and in one piece: how long that took says how long requests take."""
    return message["status"] == 200 and any(name == b"content-length" for name, _ in message["headers"])


def _come_back() -> tuple[bytes, bytes]:
    return RETRY_AFTER, random.choice(COME_BACK)  # noqa: S311 - nobody gains by guessing it


async def _refuse(send: Send, accept: bytes | None, *, last: bool) -> None:
    accepted = negotiate(accept) if accept is None or len(accept) <= MEDIA_HEADER_SIZE else None
    media_type = MediaType.GRAPHQL_RESPONSE if accepted is MediaType.GRAPHQL_RESPONSE else MediaType.JSON
    headers = [
        (b"content-type", CONTENT_TYPES[media_type]),
        *FIXED,
        _come_back(),
        (b"x-request-id", secrets.token_hex(8).encode()),
        *((CLOSE,) if last else ()),
    ]
    await send({"type": "http.response.start", "status": REFUSED.http_status, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})
