"""A server over an engine that answers when it is told, with a log: for the tests of how a process ends.

SIGUSR2 lets every request go that is held, then and later; SIGALRM makes the event loop stand still for a second.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

from auth.audit.record import Pseudonyms
from auth.audit.terms import Limits
from auth.audit.writer import AuditLog
from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from auth.viewer import AccessRequest, Viewer
from gateway.app import create_app
from gateway.commands.serving import bind, run
from gateway.identity import Identity
from gateway.observe import configure_logging
from gateway.recorder import LogRecorder
from gateway.request import Answer, GraphQLRequest
from gateway.settings import Settings

LIMITS = Limits(segment_bytes=1 << 20, reserve_bytes=1 << 20)


class Holding:
    """Answers with the operation's text, once it may."""

    def __init__(self) -> None:
        self._go = asyncio.Event()

    @classmethod
    async def open(cls, _: Settings) -> Holding:
        made, loop = cls(), asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR2, made._go.set)
        loop.add_signal_handler(signal.SIGALRM, stand_still)
        return made

    async def answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        del viewer, access
        await self._go.wait()
        return Answer(status_hint="executed", http_status=200, payload={"data": {"asked": request.query}})

    async def readiness(self) -> dict[str, bool]:
        return {"vehicle": True}

    def standing(self) -> dict[str, bool]:
        return {}

    async def close(self) -> None:
        """Nothing to close."""


def stand_still() -> None:
    time.sleep(1)


def serve(directory: Path, delay: float, files: int, told: Connection) -> None:
    """Serves, and tells the port. `files` is how many file descriptors it may have, 0: as many as anybody."""
    if files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    os.dup2(os.open(directory / "errors", os.O_WRONLY | os.O_CREAT, 0o600), 2)
    configure_logging()
    recorder = LogRecorder(AuditLog.claim(directory / "audit", limits=LIMITS), Pseudonyms(b"k" * 64))
    identity = Identity(TokenVerifier(DemoIssuer.open(directory).trusted()))
    listener = bind("127.0.0.1", 0)
    app = create_app(Settings(), Holding.open, identity, recorder)
    run(app, listener, lambda: told.send(listener.getsockname()[1]), delay=delay)
