"""A socket, a signal and uvicorn: what ``serve`` and ``demo`` share."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import time
from collections.abc import Callable, Mapping
from enum import Enum
from types import FrameType, MappingProxyType
from typing import Any, Protocol, runtime_checkable

import uvicorn
from starlette.types import ASGIApp

from gateway.commands.accepting import Acceptor
from gateway.commands.patience_ws import PatientSocket
from gateway.commands.turning_away import DoorProtocol

COLLECT = (20_000, 20, 20)
"""When garbage is looked for. A request leaves next to none that only the collector finds, and makes thousands of objects: at
Python's own 700 a tenth of its CPU goes into looking. What the start made stays, and is not looked through again."""

GRACE = 10
"""Seconds that running requests have to end when the process is told to stop."""
LINGER = 5
"""Of them, the seconds for which a connection on which nothing is asked stays: as long as uvicorn leaves one anyway."""
ONCE_MORE = 1.0
"""Seconds after which a second signal means to end at once. Sooner it is the first one again: a terminal and a service manager tell
every process of a group, and the supervisor tells its workers too."""
LOOK_SECONDS = 0.02
"""Between two looks at what is left."""

HTTP: Mapping[str, Any] = MappingProxyType(
    {
        "http": DoorProtocol,
        "ws": PatientSocket,
        "ws_max_size": 64 * 1024,
        "ws_per_message_deflate": False,
        "ws_ping_interval": 15.0,
        "ws_ping_timeout": 15.0,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "reset_contextvars": True,
    }
)
"""How uvicorn serves: nothing of the environment, no log of its own, no header that says who the client is. Messages of a
WebSocket are small and not compressed, and who does not answer a ping is gone. A request begins in a context of its own: one that came
close behind another would be in that one's, for it is begun where that one ends, and a connection of a proxy has requests of many."""

UNSENT = 20_000
"""Milliseconds after which the system ends a connection whose client takes nothing of what was sent."""


class Refusal(SystemExit):
    """Ends the command with a line on standard error and status 1."""


def bind(host: str, port: int) -> socket.socket:
    """Take the address now, so that a taken one is known before any other work. Raises Refusal."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; what is accepted inherits it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNSENT)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Refusal(f"tongcha: cannot listen on {host} port {port}: {error.strerror}") from None
    return listener


def address(listener: socket.socket) -> str:
    """The base URL of a bound socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def stop_on_sigterm() -> None:
    """Take SIGTERM as Ctrl-C is taken, so that what was started is stopped on the way out.

    By way of SIGINT, which asyncio turns into a cancellation where it runs. A shell starts background jobs with SIGINT
    ignored, hence its own line.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


MAKE_ROOM = signal.SIGUSR1
"""To a worker from its supervisor: another one is to take its place. To the supervisor from a worker: so it asks."""


@runtime_checkable
class Draining(Protocol):
    """An application that can be told that its process is about to end."""

    def leave(self) -> None:
        """Say that it is not ready any more, and go on."""
        ...

    async def drain(self) -> None:
        """Make every answer the last of its connection, and end what does not end by itself."""
        ...


class Stage(Enum):
    """What a server is about."""

    SERVING = "serving"
    LEAVING = "leaving"
    """Not ready any more, by its own word, while whoever spreads the load still finds that out."""
    DRAINING = "draining"
    """No connection is taken. What is asked on those that are there is answered, and each ends with its next answer."""
    ENDING = "ending"
    """What is left of them is closed, and running requests are waited for; then the application ends: its log last."""


class DrainingServer(uvicorn.Server):
    """A server whose end nobody notices who has asked something: see `Stage`.

    `delay` is the seconds of LEAVING, `linger` the most of DRAINING. A client that has asked on a connection as it was closed gets
    no answer: so a connection on which nothing is asked is left alone for as long as it would have been anyway.
    """

    delay = 0.0
    linger = 0.0
    replaced = False
    """Whether another one takes its connections at once: then nobody has to find anything out, and there is no LEAVING."""
    stage = Stage.SERVING
    _told: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Told for the first time, it ends in order; told once more, at once: requests that run are dropped, records are not."""
        now = time.monotonic()
        self._told = now if self._told is None else self._told
        self.force_exit = self.force_exit or now - self._told > ONCE_MORE
        super().handle_exit(signal.SIGTERM, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app: object = self.config.app
        if isinstance(app, Draining):
            if not self.replaced:
                await self._leave(app)
            await self._drain(app)
        else:
            await self.stop_accepting()
        self.stage = Stage.ENDING
        await super().shutdown(sockets)

    async def stop_accepting(self) -> None:
        """Takes no more connections."""
        for server in self.servers:
            server.close()

    async def _leave(self, app: Draining) -> None:
        self.stage = Stage.LEAVING
        app.leave()
        await self._until(lambda: False, self.delay)

    async def _drain(self, app: Draining) -> None:
        self.stage = Stage.DRAINING
        begun = time.monotonic()
        await self.stop_accepting()
        await app.drain()
        state = self.server_state
        await self._until(lambda: not (state.connections or state.tasks), self.linger - (time.monotonic() - begun))

    async def _until(self, holds: Callable[[], bool], seconds: float) -> None:
        """Waits so long at most, and no longer once it is told to end at once."""
        end = time.monotonic() + seconds
        while not (holds() or self.force_exit):
            if time.monotonic() >= end:
                return
            await asyncio.sleep(LOOK_SECONDS)


def _settle() -> None:
    """What there is stays, and is not looked through again."""
    gc.collect()
    gc.freeze()


class _Server(DrainingServer):
    """Serves on a listener, which it may share: then it ends when the file descriptor `alone` has an end to read, too."""

    linger = LINGER

    def __init__(self, config: uvicorn.Config, listener: socket.socket, alone: int | None) -> None:
        super().__init__(config)
        self.announce: Callable[[], None] = lambda: None
        self._alone = alone
        self._acceptor = Acceptor(
            listener, self._connect, lambda: len(self.server_state.connections), shared=alone is not None
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        loop = asyncio.get_running_loop()
        if self._alone is not None:
            loop.add_reader(self._alone, self._leave_alone, loop, self._alone)
            loop.add_signal_handler(MAKE_ROOM, self._make_room)
        _settle()  # before the eye on the loop opens: it takes half a second on a busy machine
        await super().startup([])
        self._acceptor.begin(self.config.backlog)
        _settle()
        gc.set_threshold(*COLLECT)
        self.announce()

    async def stop_accepting(self) -> None:
        await self._acceptor.end()

    async def _connect(self, connection: socket.socket) -> None:
        await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        """What uvicorn makes for a connection."""
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    def _make_room(self) -> None:
        self.replaced = True
        self.should_exit = True

    def _leave_alone(self, loop: asyncio.AbstractEventLoop, alone: int) -> None:
        loop.remove_reader(alone)
        self.should_exit = True


class _LastServer(_Server):
    """One that ends by `alone` only. A terminal and a service manager tell it as they tell the others, which it outlives."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        pass


def run(
    app: ASGIApp,
    listener: socket.socket,
    announce: Callable[[], None],
    *,
    alone: int | None = None,
    delay: float = 0.0,
    last: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests end. `announce` is called when requests are taken.

    With `alone` the listener is shared with other processes, and the end of that file descriptor is an end too. For `delay` seconds
    it goes on serving after it was told to end, and says that it is not ready. With `last` the end of `alone` is the only one.
    """
    config = uvicorn.Config(app, **HTTP, loop="uvloop", lifespan="on", timeout_graceful_shutdown=GRACE - LINGER)
    server = (_LastServer if last else _Server)(config, listener, alone)
    server.announce = announce
    server.delay = delay
    stop_on_sigterm()
    try:
        server.run()
    except KeyboardInterrupt:
        return  # uvicorn gives the signal on after it has ended everything
