"""HTTP/1.1 as uvicorn serves it, but for a request that is refused by its head: of that one no more is made than an answer.

uvicorn makes a scope, a cycle, an event and a task of every request before the application hears of it. Of one that is refused
because there are too many that is four fifths of the cost without sockets, and they come by thousands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from gateway.commands.patience import PatientProtocol

METHODS = frozenset({b"POST", b"GET"})

Headers = Sequence[tuple[bytes, bytes]]


@runtime_checkable
class Door(Protocol):
    """An application that refuses by the head of a request, while it has no room."""

    def turned_away(self, target: bytes, headers: Headers) -> tuple[int, Headers, bytes] | None:
        """Status, headers and body of the refusal, the length of the body among the headers; None when the request is to begin."""
        ...


class DoorProtocol(PatientProtocol):
    """One connection. A request that the application turns away is answered as its head ends, and its body read and dropped.

    Only one that stands alone: nothing before it is unanswered, nothing that was sent is untaken, and the connection goes on. Any
    other begins, and is refused as it does. Of what has come in one piece that is the first at most, so that many in a piece are no
    way to keep the event loop busy.
    """

    _turned = False
    """Whether this request was answered so."""
    _whole = True
    _once = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        app: object = self.config.app
        self._door = app if isinstance(app, Door) else None

    def data_received(self, data: bytes) -> None:
        self._once = False
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._unset_keepalive_if_required()  # of one that was turned away in the same piece
        self._turned = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if self._door is not None and self._stands_alone():
            turned = self._door.turned_away(self.url, self.headers)
            if turned is not None:
                self._answer(*turned)
                return
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._turned:
            self._beside_bytes = 0
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self._turned:
            self._whole = True
        else:
            super().on_message_complete()

    def _is_late(self) -> bool:
        if self._turned:
            return not self._whole or self.timeout_keep_alive_task is None
        return super()._is_late()

    def _is_answered(self) -> bool:
        return self._turned or super()._is_answered()

    def _stands_alone(self) -> bool:
        parser = self.parser
        return (
            not self._once
            and not self._is_busy()
            and not self.flow.write_paused
            and not self.expect_100_continue
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and parser.get_method() in METHODS
        )

    def _answer(self, status: int, headers: Headers, body: bytes) -> None:
        self._begin_body()
        self._stop_waiting()
        self._turned = self._once = True
        self._whole = False
        lines = [b": ".join(one) for one in (*self.server_state.default_headers, *headers)]
        self.transport.write(b"\r\n".join((STATUS_LINE[status] + lines[0], *lines[1:], b"", body)))
        self.on_response_complete()
