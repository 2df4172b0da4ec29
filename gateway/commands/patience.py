"""HTTP/1.1 as uvicorn serves it, but not for ever for whoever does not get to the point: slow, endless and idle headers, requests
without end that wait for no answer.

A body has a time limit of its own (`gateway.http`) while it is waited for, and uvicorn has one between two requests. What is left
is the time to the end of the headers, and that in which a client goes on with a request that was answered already. What stands between
chunks and behind the last one is as long as headers may be, and no header (RFC 9110, 6.5.1): what a proxy takes away or adds must not
come in by that way.

Requests that are sent without waiting for the answers before them (RFC 9112, 9.3.2) are so many and no more. uvicorn makes of each what
it makes of one that it answers, and reads on with every answer: 64 in two kilobytes, again and again, took a gigabyte in ten seconds.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from gateway.commands.upgrades import UpgradingProtocol

HEADER_SECONDS = 5.0
"""From the connection, from the first byte of a request, or from what comes behind an answer, to the end of the next headers."""
HEADER_BYTES = 64 * 1024
"""Of a request's line and headers, as far as they come in pieces; and of what comes after them and is no body."""
UNANSWERED = 32
"""Requests of one connection that wait for the one that is being answered."""


class PatientProtocol(UpgradingProtocol):
    """One connection. Without headers in time it is closed without a word, as one that is idle; beyond their size with 400.

    With more `UNANSWERED` it is closed without a word too, and wherever a 400 would be taken for the answer to another request.
    """

    header_seconds = HEADER_SECONDS
    _late: asyncio.TimerHandle | None = None
    _in_headers = True
    """From the connection on, and from the first byte of each request, to the end of its headers."""
    _header_bytes = 0
    _beside_bytes = 0
    """Since the last byte of the body."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._beside_bytes += len(data)
        super().data_received(data)
        if self._in_headers:
            self._header_bytes += len(data)
            if self._header_bytes > HEADER_BYTES and not self.transport.is_closing():
                self.send_400_response("Headers are too large.")
        elif self._beside_bytes > HEADER_BYTES:
            self.transport.close()
        if self._is_late():
            self._wait()  # uvicorn's own limit ended with the first byte
        else:
            self._stop_waiting()

    def _is_late(self) -> bool:
        """Whether what comes next are headers, or is behind an answer."""
        cycle: RequestResponseCycle | None = self.cycle  # none before the first request, nor of a WebSocket
        return self._in_headers or (cycle is not None and cycle.response_complete)

    def send_400_response(self, msg: str) -> None:
        if self.pipeline or (self._is_busy() if self._in_headers else self._is_answered()):
            self.transport.close()
        else:
            super().send_400_response(msg)

    def _is_answered(self) -> bool:
        """Whether the request whose body is read has an answer, or the beginning of one."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and cycle.response_started

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= UNANSWERED:
            raise ConnectionAbortedError  # the parser stops, and says that the request was invalid
        self._in_headers = True
        self._header_bytes = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_headers:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._begin_body()

    def _begin_body(self) -> None:
        self._in_headers = False
        self._beside_bytes = 0

    def on_body(self, body: bytes) -> None:
        self._beside_bytes = 0
        super().on_body(body)

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(self.header_seconds, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
