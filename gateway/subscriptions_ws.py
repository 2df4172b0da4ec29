"""Streams over a WebSocket, by the subprotocol ``graphql-transport-ws`` and no other.

    connection_init   the token, in the payload: ``{"Authorization": "Bearer …"}``
    subscribe         a request; answered by next …, complete or error
    complete          no more of it
    ping, pong        from either side, at any time

What is not as the protocol wants it closes the socket with the protocol's codes.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import Any

import orjson
from starlette.types import Message, Receive, Scope, Send

from auth.errors import KeysUnavailable, Unauthenticated
from auth.viewer import Viewer
from gateway.antechamber import Antechamber
from gateway.errors import ErrorCode, GatewayError
from gateway.identity import Identity
from gateway.observe import REQUEST_ID
from gateway.stating import read_access
from gateway.subscriptions import Subscriptions
from gateway.subscriptions_protocol import (
    AGAIN,
    GOING_AWAY,
    INVALID,
    PROTOCOL,
    TAKEN,
    TOO_LATE,
    TOO_MANY,
    TOO_SLOW,
    TRY_AGAIN,
    UNAUTHORIZED,
    Closed,
    id_of,
    identified,
    read_message,
    request_in,
    unknown,
)
from gateway.subscriptions_stream import Asked, Disconnected, Stalled, Stream
from gateway.urgency import is_background

AT_ONCE = 20
"""Operations of one socket that may be under way."""
END_SECONDS = 1.0
"""How long the streams of a socket may take to say why they end."""
TOKEN_CODES = frozenset({ErrorCode.UNAUTHENTICATED, ErrorCode.TOKEN_EXPIRED, ErrorCode.TOKEN_REVOKED})


class Connection(Stream):
    """A socket's own place among the streams: it hears of what happens to its caller, and of nothing else."""

    def wake(self) -> None:
        """What is new is for those that go over it."""


class SocketEndpoint:
    """The ASGI application behind ``/graphql`` for WebSockets. `init_timeout` is the seconds for the first message."""

    def __init__(self, identity: Identity, subscriptions: Subscriptions, *, init_timeout: float) -> None:
        self._identity = identity
        self._subscriptions = subscriptions
        self._init_timeout = init_timeout
        self._antechamber = Antechamber()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        REQUEST_ID.set(secrets.token_hex(8))
        await receive()
        if PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.close"})  # in the handshake: 403
            return
        socket = _Socket(self._identity, self._subscriptions, receive, send)
        with contextlib.suppress(Disconnected, Stalled):
            try:
                await socket.serve(scope, self._antechamber.wait(self._init_timeout))
            except Closed as closed:
                await socket.close(closed)
            finally:
                await socket.end()


class _Socket:
    """One socket."""

    def __init__(self, identity: Identity, subscriptions: Subscriptions, receive: Receive, send: Send) -> None:
        self._verifier = identity.verifier
        self._holdings = identity.holdings
        self._subscriptions = subscriptions
        self._receive = receive
        self._send = send
        self._background = False
        self._running: dict[str, Stream] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed: asyncio.Future[Closed] = asyncio.get_running_loop().create_future()

    # --- the connection --------------------------------------------------------------------------

    async def serve(self, scope: Scope, waiting: contextlib.AbstractAsyncContextManager[None]) -> None:
        """Goes on until the client has gone (Disconnected) or the socket is to be closed (Closed). `waiting` is for the first message."""
        self._background = is_background(dict(scope["headers"]).get(b"priority"))
        await self._out({"type": "websocket.accept", "subprotocol": PROTOCOL})
        try:
            self._subscriptions.check_room()
        except GatewayError:
            raise Closed(*TRY_AGAIN) from None
        try:
            async with waiting:
                payload = await self._initialised()
        except TimeoutError:
            raise Closed(*TOO_LATE) from None
        try:
            token, viewer = await identified(payload, scope, self._holdings, self._verifier)
        except (Unauthenticated, KeysUnavailable) as error:
            raise unknown(error) from None
        with contextlib.ExitStack() as places:
            try:
                place = places.enter_context(self._subscriptions.place(viewer, Connection))
            except GatewayError as error:
                raise Closed(*TOO_MANY, error) from None
            await self.say({"type": "connection_ack"})
            while True:
                await self._handle(await self._next(place, token), viewer, token)

    async def _initialised(self) -> Any:
        """The payload of the first message that is not a ping."""
        while True:
            message = read_message(await self._receive())
            kind = message["type"]
            if kind == "ping":
                await self.say({"type": "pong"})
            elif kind == "connection_init":
                return message.get("payload")
            elif kind != "pong":
                raise Closed(*UNAUTHORIZED, GatewayError(ErrorCode.UNAUTHENTICATED))

    async def _next(self, place: Stream, token: str) -> dict[str, Any]:
        """The next message, while the token is good and the process goes on."""
        receiving = asyncio.ensure_future(self._receive())
        try:
            while not receiving.done():
                if self._subscriptions.closing:
                    raise Closed(*GOING_AWAY)
                try:
                    _, good_for = await self._verifier.again(token)
                except (Unauthenticated, KeysUnavailable) as error:
                    raise unknown(error) from None
                looking = asyncio.ensure_future(place.wait(good_for))
                heard: set[asyncio.Future[Any]] = {receiving, looking, self._closed}
                await asyncio.wait(heard, return_when=asyncio.FIRST_COMPLETED)
                looking.cancel()
                if self._closed.done():
                    raise self._closed.result()
            return read_message(receiving.result())
        finally:
            receiving.cancel()

    async def close(self, closed: Closed) -> None:
        """Closes the socket, once the streams that end for the same reason have said so. Raises Stalled."""
        if closed.error is not None:
            await self._subscriptions.refusal(closed.error, None, None)
        if self._tasks and closed.code in {UNAUTHORIZED[0], GOING_AWAY[0]}:
            await asyncio.wait(self._tasks, timeout=END_SECONDS)
        await self._out({"type": "websocket.close", "code": closed.code, "reason": closed.reason})

    async def end(self) -> None:
        """Ends what is still under way."""
        for stream in self._running.values():
            stream.leave()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def leave(self, closed: Closed) -> None:
        """A stream has found a reason to close the socket."""
        if not self._closed.done():
            self._closed.set_result(closed)

    async def say(self, message: dict[str, Any]) -> None:
        """Raises Stalled."""
        await self._out({"type": "websocket.send", "text": orjson.dumps(message).decode()})

    async def _out(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._subscriptions.limits.write):
                await self._send(message)
        except TimeoutError:
            raise Stalled from None
        except OSError:  # what an ASGI server raises once the client has gone
            raise Disconnected from None

    # --- operations ------------------------------------------------------------------------------

    async def _handle(self, message: dict[str, Any], viewer: Viewer, token: str) -> None:
        kind = message["type"]
        if kind == "subscribe":
            await self._subscribe(id_of(message), message.get("payload"), viewer, token)
        elif kind == "complete":
            if (stream := self._running.pop(id_of(message), None)) is not None:
                stream.leave()
        elif kind == "ping":
            await self.say({"type": "pong"})
        elif kind == "connection_init":
            raise Closed(*AGAIN)
        elif kind != "pong":
            raise Closed(*INVALID)

    async def _subscribe(self, id_: str, payload: Any, viewer: Viewer, token: str) -> None:
        if id_ in self._running:
            raise Closed(*TAKEN)
        places = contextlib.ExitStack()
        try:
            request = request_in(payload)
            stated = request.extensions.get("access")
            access = None if stated is None else read_access(stated)
            if len(self._running) >= AT_ONCE:
                raise GatewayError(ErrorCode.RATE_LIMITED)  # noqa: TRY301
            stream = places.enter_context(self._subscriptions.place(viewer, Stream))
        except GatewayError as error:
            refused = await self._subscriptions.refusal(error, viewer, None)
            await self.say({"id": id_, "type": "error", "payload": refused["errors"]})
            return
        self._running[id_] = stream
        asked = Asked(request=request, access=access, viewer=viewer, token=token, background=self._background)
        task = asyncio.create_task(self._run(id_, stream, asked, places))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, id_: str, stream: Stream, asked: Asked, places: contextlib.ExitStack) -> None:
        with places:
            try:
                code = await self._subscriptions.run(stream, asked, _Messages(self, id_, stream))
            except Stalled:
                self.leave(Closed(*TOO_SLOW))
            else:
                if code in TOKEN_CODES:
                    self.leave(Closed(*UNAUTHORIZED))
            finally:
                self.forget(id_, stream)

    def forget(self, id_: str, stream: Stream) -> None:
        """The id is free again."""
        if self._running.get(id_) is stream:
            del self._running[id_]

    def is_going_away(self) -> bool:
        """Whether the client is to go on elsewhere: then no stream is told to be complete."""
        return self._subscriptions.closing


class _Messages:
    """The sink of one operation."""

    def __init__(self, socket: _Socket, id_: str, stream: Stream) -> None:
        self._socket = socket
        self._id = id_
        self._stream = stream

    async def next(self, body: bytes, cursor: str | None) -> None:  # noqa: ARG002 - it is in the answer, for who selects it
        await self._socket.say({"id": self._id, "type": "next", "payload": orjson.Fragment(body)})

    async def refuse(self, payload: dict[str, Any]) -> None:
        if payload.keys() != {"errors"}:  # what is withheld is said beside the errors, and an error has no place for it
            await self.next(orjson.dumps(payload), None)
            await self.complete()
            return
        self._socket.forget(self._id, self._stream)
        await self._socket.say({"id": self._id, "type": "error", "payload": payload["errors"]})

    async def complete(self) -> None:
        if not self._socket.is_going_away():
            self._socket.forget(self._id, self._stream)
            await self._socket.say({"id": self._id, "type": "complete"})

    async def beat(self) -> None:
        """The server's own pings are the signs of life of a socket."""
