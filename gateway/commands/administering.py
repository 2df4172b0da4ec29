"""The admin port of a process that serves alone: in a thread of its own, which answers while the event loop hangs."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Iterator

import uvicorn

from gateway.admin import create_admin
from gateway.board import Board
from gateway.commands.serving import HTTP, bind
from gateway.observe import event
from gateway.settings import Settings

GRACE = 1
"""Seconds that whoever asks has when the process ends."""


def admin_of(settings: Settings) -> tuple[socket.socket, Board] | None:
    """The bound port and the board that is shown there; None where nobody wants one. Raises Refusal."""
    if settings.admin_port is None:
        return None
    return bind(settings.admin_host, settings.admin_port), Board(settings.workers)


def announce(listener: socket.socket) -> None:
    """Logs where the admin port is."""
    host, port = listener.getsockname()[:2]
    event(logging.INFO, "administering", host=host, port=port)


@contextlib.contextmanager
def administered(admin: tuple[socket.socket, Board] | None) -> Iterator[Board | None]:
    """Serves the admin port, where there is one; gives its board."""
    if admin is None:
        yield None
        return
    listener, board = admin
    server = uvicorn.Server(
        uvicorn.Config(create_admin(board), **HTTP, loop="asyncio", timeout_graceful_shutdown=GRACE)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="admin")
    thread.start()
    announce(listener)
    try:
        yield board
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
