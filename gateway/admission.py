"""Who is let in: before the token is checked and before the body is read, for a refusal has to cost next to nothing.

    how urgent is it   by the token, if it was checked before (`gateway.urgency`)
    is there a place   of a limit that follows how long requests take (`gateway.gradient`), by shares (`gateway.places`)
    nobody knows       so many tokens a second are checked though there is a place for officers only (`UNKNOWN`)
    who has enough     a person with 32 requests in flight gets 429 RATE_LIMITED for one more
    no                 503 OVERLOADED, come back in one to four seconds; counted for the log, which nobody waits for
    yes                the place is given back as the answer begins to leave

While there are refusals, the server asks before it makes a request of what has come (`Admission.turned_away`): that costs a fifth of
one that is begun, without the sockets. What is let in by that is decided once more, when it begins: by then others may have begun.

A request, by POST or GET, has its place from when its token was good and it is whole, and has it as who it is of: whoever is not
known holds none, nor does whoever sends or reads slowly, and a stream has one only until it begins. When there is no place by then, it
is refused then.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth.tokens import TokenVerifier
from datasources.urgency import URGENCY, Urgency
from gateway.challenges import RETRY_AFTER, Header
from gateway.errors import ErrorCode, GatewayError, TransportError
from gateway.gradient import Gradient
from gateway.http import CLOSE, CONTENT_TYPES, MEDIA_HEADER_SIZE
from gateway.media import MediaType, negotiate
from gateway.passage import went_wrong
from gateway.places import Places
from gateway.rate import Rate
from gateway.recorder import Recorder
from gateway.urgency import PERSON, urgency_before

COME_BACK: Sequence[bytes] = (b"1", b"2", b"3", b"4")
"""Seconds, one of them drawn each time: who is refused together does not come back together."""
UNKNOWN, UNKNOWN_AT_ONCE = 200, 20
"""In a second, and at once: tokens that nobody knows and that are checked while partners have no place. A bad one costs 0.4 ms with
what is written down of it, so all of them a tenth of a core."""
RECENT = 1.0
"""Seconds after a refusal for which the next one is expected."""
REFUSED = GatewayError(ErrorCode.OVERLOADED)
BODY = orjson.dumps({"errors": [REFUSED.render()]})
FIXED = (
    (b"content-length", str(len(BODY)).encode()),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)

Turned: TypeAlias = tuple[int, Sequence[Header], bytes]
"""An answer: its status, headers and body."""


class Admission:
    """An ASGI application before the one that answers. `most` is the largest number of requests in flight, `person` of one person."""

    def __init__(
        self,
        endpoint: ASGIApp,
        verifier: TokenVerifier,
        *,
        most: int,
        person: int,
        recorder: Recorder | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.endpoint = endpoint
        self.steady = steady
        self.gradient = Gradient(most, steady())
        self.places = Places(person)
        self.refused: dict[Urgency | None, int] = dict.fromkeys((*self.places.taken, None), 0)
        """Since the start. None stands for those that nobody knows."""
        self.leaving = False
        """Whether the process takes no new connections: then every answer is the last one of its connection."""
        self._verifier = verifier
        self._recorder = recorder
        self._unknown = Rate(UNKNOWN, UNKNOWN_AT_ONCE, steady())
        self._until = 0.0
        """When refusals are not expected any more."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        urgency = urgency_before(self._verifier, headers)
        if not self._lets_in(urgency):
            self._refuse(urgency)
            went_wrong((REFUSED.code.name,))
            extra = (CLOSE,) if self.leaving else ()
            start = {"type": "http.response.start", "status": REFUSED.http_status}
            await send({**start, "headers": (*_headers(headers.get(b"accept")), *extra)})
            await send({"type": "http.response.body", "body": BODY})
            return
        passage = _Passage(self, receive, send)
        try:
            await self.endpoint(scope, passage.receive, passage.send)
        finally:
            passage.end()

    def turned_away(self, named: Sequence[Header]) -> Turned | None:
        """The refusal of a request that has these headers, of which nothing has begun; None when it is to begin, or may have to."""
        if self.leaving or self.steady() >= self._until:
            return None
        headers = dict(named)
        urgency = urgency_before(self._verifier, headers)
        if self._has_room(urgency):
            return None
        self._refuse(urgency)
        return REFUSED.http_status, _headers(headers.get(b"accept")), BODY

    def refuses(self, urgency: Urgency | None) -> None:
        """One is refused: the next may be, too."""
        self._until = self.steady() + RECENT
        self.refused[urgency] += 1

    def _refuse(self, urgency: Urgency | None) -> None:
        self.refuses(urgency)
        if self._recorder is not None:
            self._recorder.count(REFUSED.code)

    def _has_room(self, urgency: Urgency | None) -> bool:
        limit = self.gradient.limit
        if urgency is not None:
            return self.places.has_room(urgency, limit)
        if self.places.has_room("partner", limit):
            return True
        return self.places.has_room("officer", limit) and self._unknown.has(self.steady())

    def _lets_in(self, urgency: Urgency | None) -> bool:
        if not self._has_room(urgency):
            return False
        known = urgency is not None or self.places.has_room("partner", self.gradient.limit)
        return known or self._unknown.take(self.steady())

    def took(self, begun: float) -> None:
        """A request that began then was answered, and still has its place."""
        if self.gradient.took(begun, self.steady(), self.places.total):
            self.places.turn()


class _Passage:
    """One request on its way through."""

    __slots__ = ("_admission", "_begun", "_person", "_place", "_receive", "_send")

    def __init__(self, admission: Admission, receive: Receive, send: Send) -> None:
        self._admission = admission
        self._receive = receive
        self._send = send
        self._begun: float | None = None
        self._place: Urgency | None = None
        self._person = ""

    def begin(self) -> None:
        """The request is whole, and who it is of is known. Raises TransportError when there is no place for it any more."""
        admission, urgency, person = self._admission, URGENCY.get(), PERSON.get()
        if admission.places.has_enough(person):
            raise TransportError(429, code=ErrorCode.RATE_LIMITED)
        if not admission.places.has_room(urgency, admission.gradient.limit):
            admission.refuses(urgency)
            raise TransportError(503, _come_back(), code=REFUSED.code)
        self._begun = admission.steady()
        self._place, self._person = urgency, person
        admission.places.take(urgency, person)

    def end(self) -> None:
        """Gives the place back, if it has not been."""
        if self._place is not None:
            self._admission.places.give_back(self._place, self._person)
            self._place = None

    async def receive(self) -> Message:
        message = await self._receive()
        if self._begun is None and message["type"] == "http.request" and not message.get("more_body", False):
            self.begin()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if self._begun is not None and self._place is not None and _is_an_answer(message):
                self._admission.took(self._begun)
            self.end()
            if self._admission.leaving:
                message["headers"].append(CLOSE)
        await self._send(message)


def _is_an_answer(message: Message) -> bool:
    """Whether something was answered, and in one piece: how long that took says how long requests take."""
    return message["status"] == 200 and any(name == b"content-length" for name, _ in message["headers"])


def _come_back() -> Header:
    return RETRY_AFTER, random.choice(COME_BACK)  # noqa: S311 - nobody gains by guessing it


def _headers(accept: bytes | None) -> tuple[Header, ...]:
    """Those of a refusal."""
    accepted = negotiate(accept) if accept is None or len(accept) <= MEDIA_HEADER_SIZE else None
    media_type = MediaType.GRAPHQL_RESPONSE if accepted is MediaType.GRAPHQL_RESPONSE else MediaType.JSON
    request_id = (b"x-request-id", secrets.token_hex(8).encode())
    return (b"content-type", CONTENT_TYPES[media_type]), *FIXED, _come_back(), request_id
