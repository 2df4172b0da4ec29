"""A socket, a signal and uvicorn: what ``serve`` and ``demo`` share."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

import uvicorn
from starlette.types import ASGIApp

from gateway.commands.patience import PatientProtocol

COLLECT = (20_000, 20, 20)
"""When garbage is looked for. A request leaves next to none that only the collector finds, and makes thousands of objects: at
Python's own 700 a tenth of its CPU goes into looking. What the start made stays, and is not looked through again."""

GRACE = 10
"""Seconds that running requests have to end when the process is told to stop."""

STEP_BACK = 0.001
"""Seconds for which a server that shares a socket leaves it to the others after a connection."""

HTTP: Mapping[str, Any] = MappingProxyType(
    {
        "http": PatientProtocol,
        "ws": "websockets-sansio",
        "ws_max_size": 64 * 1024,
        "ws_per_message_deflate": False,
        "ws_ping_interval": 15.0,
        "ws_ping_timeout": 15.0,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
    }
)
"""How uvicorn serves: nothing of the environment, no log of its own, no header that says who the client is. Messages of a
WebSocket are small and not compressed, and who does not answer a ping is gone."""

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


@runtime_checkable
class Draining(Protocol):
    """An application with requests that do not end by themselves."""

    async def drain(self) -> None:
        """End them."""
        ...


class DrainingServer(uvicorn.Server):
    """Lets such an application end them before running requests are waited for."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app: object = self.config.app
        if isinstance(app, Draining):
            await app.drain()
        await super().shutdown(sockets)


class _Server(DrainingServer):
    announce: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT)
        self.announce()


class _Sharing(_Server):
    """One of several servers on a socket. It ends when the file descriptor `alone` has an end to read."""

    alone: int

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(self.alone, self._leave, loop)
        self._shared = sockets or []
        for one in self._shared:
            one.listen(self.config.backlog)
            one.setblocking(False)
        await super().startup([])
        for one in self._shared:
            self._attend(loop, one)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002
        loop = asyncio.get_running_loop()
        for one in self._shared:
            loop.remove_reader(one)
        await super().shutdown(self._shared)

    def _attend(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        if not self.should_exit:
            loop.add_reader(listener, self._take, loop, listener)

    def _take(self, loop: asyncio.AbstractEventLoop, listener: socket.socket) -> None:
        """Takes one connection and leaves the next ones to the others for a moment: else the first to wake has them all."""
        loop.remove_reader(listener)
        loop.call_later(STEP_BACK, self._attend, loop, listener)
        try:
            connection, _ = listener.accept()
        except OSError:  # another one was faster, or there is no room for more
            return
        task = loop.create_task(self._connect(loop, connection))
        self.server_state.tasks.add(task)
        task.add_done_callback(self.server_state.tasks.discard)

    async def _connect(self, loop: asyncio.AbstractEventLoop, connection: socket.socket) -> None:
        try:
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.connect_accepted_socket(self._protocol, connection)
        except OSError:  # whoever called has gone
            connection.close()

    def _protocol(self) -> asyncio.Protocol:
        """What uvicorn makes for a connection."""
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made

    def _leave(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.remove_reader(self.alone)
        self.should_exit = True


def run(app: ASGIApp, listener: socket.socket, announce: Callable[[], None], *, alone: int | None = None) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests end. `announce` is called when requests are taken.

    With `alone` the listener is shared with other processes, and the end of that file descriptor is an end too.
    """
    config = uvicorn.Config(app, **HTTP, loop="uvloop", lifespan="on", timeout_graceful_shutdown=GRACE)
    server: _Server
    if alone is None:
        server = _Server(config)
    else:
        server = _Sharing(config)
        server.alone = alone
    server.announce = announce
    stop_on_sigterm()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return  # uvicorn gives the signal on after it has ended everything
