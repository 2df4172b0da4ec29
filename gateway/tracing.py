"""Which requests are traced, and how their spans get to a collector: OTLP over HTTP, as JSON, behind the requests.

W3C Trace Context: the trace of a request that brings ``traceparent`` is gone on with, and recorded when its sender records it, for
`OUTSIDE` requests a second: whoever sends it takes nothing from those that are chosen here, which have `OWN` of theirs. A collector
that is down costs the spans, and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from datasources.fetch import Document
from gateway.observe import event
from gateway.passage import Passage
from gateway.rate import Rate
from gateway.settings import Settings
from gateway.spans import Parent, Recording, Side, Span

OWN, OUTSIDE = 50, 20
"""Requests that a process records in a second, and at once: of those that it chooses, and of those that their senders choose."""
WAITING = 1_000
"""Requests whose spans wait to be sent; the oldest go when there are more."""
BATCH = 100
"""Requests of one message."""
SEND_SECONDS = 2.0
"""Between two messages."""
TAKE_SECONDS = 5.0
"""What the collector may take for one."""
LAST_SECONDS = 1.0
"""What it may take for the last one, when the process ends."""
ANSWER_SIZE = 64 * 1024
"""Bytes of what it says."""

_TRACEPARENT = re.compile(rb"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_KINDS: dict[Side, int] = {"inside": 1, "server": 2, "client": 3}
_FAILED = 2


def parent_of(header: bytes | None) -> Parent | None:
    """What ``traceparent`` names; None for one that cannot be read, as Trace Context wants it (section 3.2)."""
    found = _TRACEPARENT.fullmatch(header) if header is not None else None
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == b"ff" or (version == b"00" and more is not None) or not int(trace_id, 16) or not int(span_id, 16):
        return None
    return Parent(trace_id=trace_id.decode(), span_id=span_id.decode(), sampled=bool(int(flags, 16) & 1))


class Tracer:
    """Decides for each request, and sends what was recorded. `ratio` is the share of requests that bring no decision."""

    def __init__(
        self,
        collector: Document,
        ratio: float,
        *,
        worker: int = 0,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._collector = collector
        self._ratio = ratio
        self._resource = {"service.name": "tongcha", "service.instance.id": f"worker {worker}"}
        self._steady = steady
        self._own, self._outside = Rate(OWN, OWN, steady()), Rate(OUTSIDE, OUTSIDE, steady())
        self._done: deque[Recording] = deque(maxlen=WAITING)
        self._failing = False
        self._sending: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, settings: Settings) -> Tracer | None:
        """As the settings want it; None where nobody collects."""
        if not settings.traces:
            return None
        collector = Document(settings.traces, limit=ANSWER_SIZE, loopback=True)
        return cls(collector, settings.trace_ratio, worker=settings.worker)

    def begin(self, parent: Parent | None) -> Recording | None:
        """The recording of a request that is to be traced."""
        if parent is not None:
            wanted, rate = parent.sampled, self._outside
        else:
            wanted, rate = random.random() < self._ratio, self._own  # noqa: S311
        return Recording(parent) if wanted and rate.take(self._steady()) else None

    def end(self, recording: Recording, passage: Passage, request_id: str | None) -> None:
        """The request is over: its spans are sent with the next message."""
        attributes = {
            "http.response.status_code": str(passage.status),
            "tongcha.caller.kind": passage.kind,
            "tongcha.request": request_id or "",
        }
        error = min(passage.codes, default=None)
        recording.end(passage.begun, attributes, error)
        self._done.append(recording)

    def open(self) -> None:
        """Begins to send."""
        self._sending = asyncio.create_task(self._send_all())

    async def close(self) -> None:
        """Ends, with a last message."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.wait([self._sending])
            await self._send(LAST_SECONDS)

    async def _send_all(self) -> None:
        while True:
            await asyncio.sleep(SEND_SECONDS)
            while self._done and await self._send():
                pass

    async def _send(self, seconds: float = TAKE_SECONDS) -> bool:
        """Sends a message, if there is anything to send. Whether it was taken: else it is gone."""
        batch = [self._done.popleft() for _ in range(min(BATCH, len(self._done)))]
        if not batch:
            return True
        try:
            async with asyncio.timeout(seconds):
                await self._collector.post(message(self._resource, batch))
        except (OSError, TimeoutError) as error:
            if not self._failing:
                event(logging.WARNING, "spans not taken", cause=type(error).__name__)
            self._failing = True
            return False
        self._failing = False
        return True


def message(resource: dict[str, str], recordings: Iterable[Recording]) -> bytes:
    """An ExportTraceServiceRequest, in the JSON of OTLP 1.0: ids in hexadecimal, times as texts of nanoseconds."""
    spans = [_span(recording, span) for recording in recordings for span in recording.spans]
    scope = {"scope": {"name": "tongcha"}, "spans": spans}
    return orjson.dumps({"resourceSpans": [{"resource": {"attributes": _told(resource)}, "scopeSpans": [scope]}]})


def _span(recording: Recording, span: Span) -> dict[str, Any]:
    made: dict[str, Any] = {
        "traceId": recording.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": _KINDS[span.side],
        "startTimeUnixNano": str(int((recording.since + span.begun) * 1e9)),
        "endTimeUnixNano": str(int((recording.since + span.ended) * 1e9)),
        "attributes": _told(span.attributes),
    }
    if span.parent:
        made["parentSpanId"] = span.parent
    if span.error is not None:
        made["status"] = {"code": _FAILED}
        made["attributes"] += _told({"error.type": span.error})
    return made


def _told(attributes: dict[str, str]) -> list[dict[str, Any]]:
    return [{"key": name, "value": {"stringValue": value}} for name, value in attributes.items()]
