"""HTTP/1.1 as uvicorn serves it, but for requests that would change the protocol.

Its parser takes whatever stands behind the head of such a request for another protocol, whether or not one is changed to. A body of
which nothing is taken for one was the next request then: what a proxy lets through as one request, the server read as two.

a WebSocket    in its turn, and without a body; else the connection is closed, or 400
CONNECT        400
anything else  is not offered: the request is read as if it had not been asked for (RFC 9110, 7.8). Clients in Java ask for h2c with
               their first request, which may have a body
"""

from __future__ import annotations

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

NOT_FORWARDED = frozenset({b"upgrade", b"http2-settings"})
CONNECT = b"CONNECT"


class UpgradingProtocol(HttpToolsProtocol):
    """One connection."""

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._read(data)

    def _read(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            else:
                self._read_plainly(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.logger.warning("Invalid HTTP request received.")
            self.send_400_response("Invalid HTTP request received.")

    def _read_plainly(self, rest: bytes) -> None:
        """Reads the request once more, without what it asks for beside an answer."""
        kept = [(name, value) for name, value in self.headers if name not in NOT_FORWARDED]
        lines = [
            b": ".join((name, _without_upgrade(value) if name == b"connection" else value)) + b"\r\n"
            for name, value in kept
        ]
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self._read(b"".join((method, b" ", self.url, b" HTTP/", version, b"\r\n", *lines, b"\r\n", rest)))

    def on_headers_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_headers_complete()
        elif self.parser.get_method() == CONNECT or (self._should_upgrade() and self._has_body()):
            raise ConnectionAbortedError  # the parser stops, and says that the request was invalid
        else:
            self.scope["method"] = self.parser.get_method().decode("ascii")

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        if self.pipeline or self._is_busy():
            self.transport.close()  # its answer would come before that to an earlier request
            return
        self._unset_keepalive_if_required()
        self.cycle = None  # type: ignore[assignment]
        super().handle_websocket_upgrade()

    def _is_busy(self) -> bool:
        """Whether a request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle  # none before the first request, nor of a WebSocket
        return cycle is not None and not cycle.response_complete

    def _has_body(self) -> bool:
        return any(
            name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0"))
            for name, value in self.headers
        )


def _without_upgrade(connection: bytes) -> bytes:
    tokens = (token.strip() for token in connection.split(b","))
    return b", ".join(token for token in tokens if token.lower() not in NOT_FORWARDED)
