"""Subscriptions: streams of answers, one event after the other, whatever they are sent over.

    woken  →  the token is still good  →  the engine answers from the last cursor on  →  recorded  →  sent

A stream holds nothing but its cursor: what it has not sent yet is in the database. So a slow reader costs one event, and a reader
that was cut off goes on where it was. A notice wakes all streams at once; the questions of those that are alike become one
statement in `datasources.database`, as those of queries do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import orjson

from auth.binding import Scheme
from auth.errors import KeysUnavailable, Unauthenticated
from auth.tokens import TokenVerifier
from auth.viewer import AccessRequest, Viewer
from datasources.deadlines import DEADLINE
from datasources.urgency import URGENCY
from gateway.challenges import ask_to_step_up, refusal_of
from gateway.errors import ErrorCode, GatewayError
from gateway.leaving import moment
from gateway.observe import REQUEST_ID, event
from gateway.patience import PATIENCE, Patience
from gateway.recorder import Recorder
from gateway.request import Answer, Engine, GraphQLRequest, refused, too_large
from gateway.settings import Settings
from gateway.subscribed import Batch, batch_of
from gateway.subscriptions_stream import Asked, Disconnected, Sink, Stalled, Stream
from gateway.urgency import urgency_of

AT_ONCE = 50
"""Streams that are answered at the same time: a thousand that wake together must not keep the event loop from everybody else."""
DRAIN_SECONDS = 2.0
"""How long streams may take to end when the process does."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many streams of a process and of one caller; seconds between signs of life, and in which a client must take what is sent;
    how long one event may take to be made, and of how many bytes it may be.
    """

    process: int = 2_000
    caller: int = 20
    beat: float = 15.0
    write: float = 10.0
    patience: Patience = PATIENCE
    answer: int = 2 * 1024 * 1024

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Those of the settings."""
        return cls(
            process=settings.subscriptions,
            caller=settings.subscriptions_caller,
            beat=settings.subscription_beat,
            write=settings.write_timeout,
            patience=Patience.of(settings),
            answer=settings.answer_limit,
        )


S = TypeVar("S", bound=Stream)


class Subscriptions:
    """The streams of a process. `follow` calls what it is given whenever there may be something new, until it is cancelled."""

    engine: Engine
    recorder: Recorder | None = None

    def __init__(
        self,
        verifier: TokenVerifier,
        limits: Limits,
        follow: Callable[[Callable[[], None]], Awaitable[None]] | None = None,
    ) -> None:
        self.limits = limits
        self.closing = False
        self._verifier = verifier
        self._follow = follow
        self._following: asyncio.Future[None] | None = None
        self._streams: set[Stream] = set()
        self._callers: Counter[tuple[str, ...]] = Counter()
        self._empty = asyncio.Event()
        self._empty.set()
        self._gate = asyncio.Semaphore(AT_ONCE)
        verifier.revocations.tell(self._look)

    # --- who is there ----------------------------------------------------------------------------

    @contextlib.contextmanager
    def place(self, viewer: Viewer, made: type[S]) -> Iterator[S]:
        """A place for one stream of a caller, or for one connection that streams go over. Raises GatewayError."""
        caller = (made.__name__, viewer.issuer, viewer.client, viewer.subject)
        self.check_room()
        if self._callers[caller] >= self.limits.caller:
            raise GatewayError(ErrorCode.RATE_LIMITED)
        if self._following is None and self._follow is not None:
            self._following = asyncio.ensure_future(self._follow(self._wake))
        stream = made()
        self._streams.add(stream)
        self._empty.clear()
        self._callers[caller] += 1
        try:
            yield stream
        finally:
            self._streams.discard(stream)
            self._callers[caller] -= 1
            if not self._callers[caller]:
                del self._callers[caller]
            if not self._streams:
                self._empty.set()

    def check_room(self) -> None:
        """Raises GatewayError when no stream can be taken."""
        if self.closing or len(self._streams) >= self.limits.process:
            raise GatewayError(ErrorCode.OVERLOADED)

    def __len__(self) -> int:
        return len(self._streams)

    def _wake(self) -> None:
        for stream in self._streams:
            stream.wake()

    def _look(self) -> None:
        for stream in self._streams:
            stream.look()

    async def emptied(self) -> None:
        """Waits until there is no stream."""
        await self._empty.wait()

    async def drain(self) -> None:
        """Ends every stream, so that its client goes on elsewhere; no new one begins."""
        self.closing = True
        self._look()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await self.emptied()

    async def close(self) -> None:
        """Ends what wakes the streams."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    # --- one stream ------------------------------------------------------------------------------

    async def run(self, stream: Stream, asked: Asked, sink: Sink) -> ErrorCode | None:
        """Sends what comes until there is nothing more to come. Gives the code of the refusal that ended it, if one did.

        Raises Stalled.
        """
        REQUEST_ID.set(request_id := secrets.token_hex(8))
        try:
            await self._repeat(stream, asked, sink)
        except (GatewayError, Unauthenticated, KeysUnavailable) as error:
            refusal = error if isinstance(error, GatewayError) else refusal_of(error)
        except Stalled:
            event(logging.WARNING, "subscriber stalled")
            raise
        except Disconnected:
            return None
        except Exception as error:  # noqa: BLE001 - whatever it is, its text stays here
            event(logging.ERROR, "internal", error=error)
            refusal = GatewayError(ErrorCode.INTERNAL, id=request_id)
        else:
            return None
        payload = await self.refusal(refusal, asked.viewer, asked.access)
        if not stream.left():
            await sink.refuse(payload)
        return refusal.code

    async def refusal(self, error: GatewayError, viewer: Viewer | None, access: AccessRequest | None) -> dict[str, Any]:
        """What is said of a refusal, once it is recorded; where that fails, refusing is all that is left to do."""
        answer = refused([error])
        if self.recorder is not None and error.code is not ErrorCode.AUDIT_UNAVAILABLE:
            with contextlib.suppress(GatewayError):
                await self.recorder.record(viewer, access, {}, answer, orjson.dumps(answer.payload))
        return answer.payload

    async def _repeat(self, stream: Stream, asked: Asked, sink: Sink) -> None:
        request = replace(asked.request, streamed=True)
        while not (stream.left() or self.closing):
            viewer, good_for = await self._verifier.again(asked.token)
            if stream.changed:
                stream.changed = False
                batch = await self._event(stream, request, asked, viewer, sink)
                if batch is None:
                    return
                request = replace(request, after=batch.cursor, repeated=True)
                if not batch.caught_up:
                    stream.changed = True
                    continue
            if not await stream.wait(min(self.limits.beat, good_for)):
                await sink.beat()
        if not stream.left():
            await sink.complete()

    async def _event(
        self, stream: Stream, request: GraphQLRequest, asked: Asked, viewer: Viewer, sink: Sink
    ) -> Batch | None:
        """Asks once, and sends what is new. None when no other answer follows: then that has been said too."""
        epoch = self._verifier.revocations.epoch
        async with self._gate:
            self.limits.patience.begin(request.patience)
            URGENCY.set("batch" if request.repeated or asked.background else urgency_of(viewer, {}))
            answer = await self._answer(request, viewer, asked.access)
            DEADLINE.set(None)
        if self._verifier.revocations.epoch != epoch:  # revoked while it was made: then it does not leave
            self._verifier.check_revoked(viewer)
        batch = batch_of(answer)
        if batch is not None and (stream.left() or batch.cursor == request.after):
            return batch  # nothing was changed, and nothing leaves
        body = orjson.dumps(answer.payload)
        if len(body) > self.limits.answer:
            answer = too_large(answer)
            body = orjson.dumps(answer.payload)
        if self.recorder is not None:
            await self.recorder.record(viewer, asked.access, asked.request.variables, answer, body)
        await moment(answer)
        if stream.left():
            return None
        if answer.status_hint == "refused":
            await sink.refuse(answer.payload)
            return None
        await sink.next(body, batch.cursor if batch is not None else None)
        if batch is None:
            await sink.complete()
        return batch

    async def _answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        try:
            answer = await self.engine.answer(request, viewer, access)
        except GatewayError as error:
            return refused([error])
        ask_to_step_up(answer, viewer, Scheme.BEARER)
        return answer
