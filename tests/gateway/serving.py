"""An application on a socket, in the test's own event loop; and the demo's identity provider there."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from auth.issuer import DemoIssuer
from auth.revocation import Revocation
from gateway.commands.serving import HTTP, DrainingServer
from gateway.idp import create_provider


class _Server(DrainingServer):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.begun.set()


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket | None = None) -> AsyncIterator[str]:
    """The address at which `app` is served."""
    listener = listener or socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(app, **HTTP, lifespan="on"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    await server.begun.wait()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()


async def lifespan(receive: Any, send: Any) -> None:
    """The life of an application that has nothing to begin or to end."""
    for kind in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{kind}.complete"})


LONG = 20.0
"""Seconds after which a server will not close any more."""


async def said(place: tuple[str, int], *pieces: bytes, pause: float = 0.0, until: bytes = b"") -> bytes:
    """All that is answered to these bytes until the server closes, or until it has said that. `pause` are seconds behind each."""
    reader, writer = await asyncio.open_connection(*place)
    try:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(pause)
        async with asyncio.timeout(LONG):
            return await reader.readuntil(until) if until else await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


class RunningProvider:
    """The identity provider with a client of it. `revoked` is what it told."""

    def __init__(self, issuer: DemoIssuer, client: httpx.AsyncClient) -> None:
        self.issuer = issuer
        self.client = client
        self.revoked: list[Revocation] = []
        self.tell: Callable[[Revocation], Awaitable[None]] | None = None
        self.asked: list[str] = []
        """Every path that was asked for."""

    async def revoke(self, revocation: Revocation) -> None:
        self.revoked.append(revocation)
        if self.tell is not None:
            await self.tell(revocation)

    async def post(self, path: str, headers: dict[str, str] | None = None, /, **form: str) -> httpx.Response:
        return await self.client.post(path, data=form, headers=headers)

    async def token(self, caller: str, realm: str = "staff", **form: str) -> str:
        """A token, as a client gets one."""
        grant = "urn:tongcha:params:oauth:grant-type:demo-caller"
        response = await self.post(f"/{realm}/token", grant_type=grant, caller=caller, **form)
        return str(response.json()["access_token"])


@contextlib.asynccontextmanager
async def running_provider(directory: Path) -> AsyncIterator[RunningProvider]:
    """The identity provider, its keys in `directory`."""
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    issuer = DemoIssuer.open(directory, base)
    async with httpx.AsyncClient(base_url=base) as client:
        provider = RunningProvider(issuer, client)
        app = create_provider(issuer, provider.revoke)

        async def counted(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
            if scope["type"] == "http":
                provider.asked.append(scope["path"])
            await app(scope, receive, send)

        async with serving(counted, listener):
            yield provider
