"""A socket, a signal and uvicorn: what ``serve`` and ``demo`` share."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

import uvicorn
from starlette.types import ASGIApp

COLLECT = (20_000, 20, 20)
"""When garbage is looked for. A request leaves next to none that only the collector finds, and makes thousands of objects: at
Python's own 700 a tenth of its CPU goes into looking. What the start made stays, and is not looked through again."""

GRACE = 10
"""Seconds that running requests have to end when the process is told to stop."""

HTTP: Mapping[str, Any] = MappingProxyType(
    {
        "http": "httptools",
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


def run(app: ASGIApp, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, then let running requests end. `announce` is called when requests are taken."""
    config = uvicorn.Config(app, **HTTP, loop="uvloop", lifespan="on", timeout_graceful_shutdown=GRACE)
    server = _Server(config)
    server.announce = announce
    stop_on_sigterm()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return  # uvicorn gives the signal on after it has ended everything
