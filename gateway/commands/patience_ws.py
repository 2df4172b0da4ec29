"""WebSockets as uvicorn serves them, but a piece at a time, and not for whoever takes nothing of what is sent.

uvicorn reads all frames that have come at once, and answers every ping, whoever reads the pongs. A quarter of a megabyte of empty
frames held the event loop for 0.4 seconds, and pings that are sent and never read grew in memory by 5 MB a second.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

PIECE = 1024
"""Bytes that are read in one turn of the event loop: of the smallest frames that is some 10 ms of work."""


class PatientSocket(WebSocketsSansIOProtocol):
    """One socket. What has come and has not been read yet waits, and nothing more is taken meanwhile."""

    _unread = b""
    _goes = False

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated:
            super().data_received(data)
            return
        self._unread += data
        if not self._goes:
            self._next()

    def _next(self) -> None:
        self._goes = False
        if self.transport.is_closing() or self.disconnected:
            self._unread = b""
        elif self.writable.is_set():
            piece, self._unread = self._unread[:PIECE], self._unread[PIECE:]
            super().data_received(piece)
            if self._unread:
                self._goes = True
                self.loop.call_soon(self._next)
        self._hold()

    def _hold(self) -> None:
        """Takes more from the client when there is nothing left of what came, and the application waits for it."""
        if self.transport.is_closing() or self.disconnected:
            return
        if self._unread or self.read_paused or not self.writable.is_set():
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.handshake_initiated and not self._goes:
            self._next()

    async def receive(self) -> Any:
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.read_paused = False
            self._hold()
        return message
