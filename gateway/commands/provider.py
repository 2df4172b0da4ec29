"""The demo's identity provider, and a witness of the access log, in a thread of their own: the gateway goes there as to anybody."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn

from auth.issuer import DemoIssuer
from auth.revocation import Revocation, Revocations
from gateway.commands.serving import HTTP
from gateway.commands.state import WITNESS_PATH, State
from gateway.idp import create_provider
from gateway.revocations import tell
from gateway.settings import Settings
from gateway.witness import witness_routes

HOST = "127.0.0.1"


@contextlib.contextmanager
def running_provider(state: State, settings: Settings, revocations: Revocations) -> Iterator[DemoIssuer]:
    """Serves on the port of the state, or on another one when that is taken. What it revokes goes to every gateway."""

    async def revoke(revocation: Revocation) -> None:
        if settings.redis:
            await tell(settings.redis, revocation)
        else:
            revocations.add(revocation)

    with _listener(state) as listener:
        issuer = state.issuer()
        app = create_provider(issuer, revoke)
        app.router.routes += witness_routes(state.witness_directory / "endpoint", WITNESS_PATH)
        server = uvicorn.Server(uvicorn.Config(app, **HTTP, loop="asyncio"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="provider")
        thread.start()
        try:
            yield issuer
        finally:
            server.should_exit = True
            thread.join()


def _listener(state: State) -> socket.socket:
    try:
        return socket.create_server((HOST, state.provider_port()))
    except OSError:
        listener = socket.create_server((HOST, 0))
        state.remember_provider_port(listener.getsockname()[1])
        return listener
