"""One process seen from outside: what it counts, and what it traces. With neither wanted nothing here is on a request's way.

Seen.over      around the endpoint: a passage begins, and is counted and sent when it is over
Seen.watch     the databases and the pipeline, once they are there
Seen.open      looks at everything else from then on
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth.audit.files import Files
from datasources.sent import Sent
from gateway import readings
from gateway.board import Board, Cells, Meter, observe
from gateway.errors import ErrorCode
from gateway.families import DATABASE, PLACES, SHORT
from gateway.identity import Identity
from gateway.observe import REQUEST_ID, TRACE_ID
from gateway.passage import GONE, NOBODY, PASSAGE, Passage
from gateway.pipeline import Pipeline
from gateway.recorder import LogRecorder
from gateway.sampler import Readiness, Sampler
from gateway.settings import Settings
from gateway.subscriptions import Subscriptions
from gateway.tracing import Tracer, parent_of

TIMED = 8
"""Of so many requests one is timed stage by stage: that costs more than all the rest."""

_REQUESTS = PLACES["tongcha_requests_total"]
_ERRORS = PLACES["tongcha_errors_total"]
_REQUEST = PLACES["tongcha_request_duration_seconds"]
_STAGE = PLACES["tongcha_stage_duration_seconds"]
_STATEMENTS = PLACES["tongcha_statements_total"]
_OF = {
    name: tuple(
        PLACES[f"tongcha_statement_{what}"][name,]
        for what in ("requests_total", "rows_total", "wait_seconds", "duration_seconds")
    )
    for name in DATABASE
}
"""Of each database: for how many requests, rows, waiting, running."""
_SYNC = PLACES["tongcha_log_sync_duration_seconds"][()]


class Seen:
    """What is told of a process: numbers when there is a `meter`, spans when there is a `tracer`."""

    def __init__(self, meter: Meter | None = None, tracer: Tracer | None = None) -> None:
        self._meter = meter
        self._tracer = tracer
        self._sampler = Sampler(meter) if meter is not None else None
        self._begun = 0

    @classmethod
    def of(cls, settings: Settings, board: Board | None) -> Seen:
        """As the settings want it, on this process's part of the board."""
        return cls(board.meter(settings.worker) if board is not None else None, Tracer.of(settings))

    # --- requests --------------------------------------------------------------------------------

    def over(self, app: ASGIApp) -> ASGIApp:
        """The endpoint, with each request that comes by noted; the endpoint itself where nobody wants to know."""
        if self._meter is None and self._tracer is None:
            return app

        async def noted(scope: Scope, receive: Receive, send: Send) -> None:
            passage = self._begin(scope)

            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    passage.status = message["status"]
                await send(message)

            try:
                await app(scope, receive, sending)
            finally:
                self._end(passage)

        return noted

    def turned_away(self, code: ErrorCode) -> None:
        """A request was refused before it began: counted, but neither timed nor traced."""
        if self._meter is not None:
            self._meter.cells[_REQUESTS[NOBODY, "5xx"]] += 1
            self._meter.cells[_ERRORS[code.name,]] += 1

    def _begin(self, scope: Scope) -> Passage:
        recording = None
        if self._tracer is not None:
            parent = parent_of(next((value for name, value in scope["headers"] if name == b"traceparent"), None))
            recording = self._tracer.begin(parent)
            TRACE_ID.set(recording.trace_id if recording else parent.trace_id if parent else None)
        passage = Passage(timed=self._begun % TIMED == 0 or recording is not None, recording=recording)
        self._begun += 1
        PASSAGE.set(passage)
        return passage

    def _end(self, passage: Passage) -> None:
        PASSAGE.set(None)
        passage.end()
        if self._meter is not None:
            _count(self._meter.cells, passage)
        if self._tracer is not None and passage.recording is not None:
            self._tracer.end(passage.recording, passage, REQUEST_ID.get())

    # --- everything else -------------------------------------------------------------------------

    def files(self) -> Files:
        """The file system as the access log is to use it: how long a sync takes is counted."""
        return _Timed(self._meter) if self._meter is not None else Files()

    def watch(self, pipeline: Pipeline) -> None:
        """Looks at the databases and the plans, and hears of every statement."""
        if self._meter is None or self._sampler is None:
            return
        databases = {name: one for name, one in pipeline.databases.items() if name in _OF}
        for database in databases.values():
            database.told = partial(_hear, self._meter.cells)
        self._sampler.watch(
            partial(readings.of_databases, databases), partial(readings.counted_by_databases, databases)
        )
        self._sampler.watch(partial(readings.of_pipeline, pipeline), partial(readings.counted_by_pipeline, pipeline))

    def watch_log(self, recorder: LogRecorder, standing: Callable[[], Mapping[str, Any]]) -> None:
        """Looks at the access log."""
        if self._sampler is not None:
            counts = partial(readings.counted_by_log, recorder)
            self._sampler.watch(lambda: readings.of_log(standing()), counts, from_now=True)

    def open(
        self, identity: Identity, subscriptions: Subscriptions, readiness: Callable[[], Awaitable[Readiness]]
    ) -> None:
        """Begins, in the loop of the server."""
        if self._sampler is not None:
            self._sampler.watch(partial(readings.of_identity, identity))
            self._sampler.watch(partial(readings.of_subscriptions, subscriptions), readings.counted_by_redis)
            self._sampler.open(readiness)
        if self._tracer is not None:
            self._tracer.open()

    def leave(self) -> None:
        """Says that the process is about to end."""
        if self._sampler is not None:
            self._sampler.leave()

    async def close(self) -> None:
        """Ends, before what it looks at does."""
        if self._sampler is not None:
            await self._sampler.close()
        if self._tracer is not None:
            await self._tracer.close()


UNSEEN = Seen()
"""Of a process that nobody looks at."""


class _Timed(Files):
    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def sync(self, descriptor: int) -> None:
        began = time.perf_counter()
        super().sync(descriptor)
        observe(self._meter.cells, _SYNC, time.perf_counter() - began, SHORT)


def _count(cells: Cells, passage: Passage) -> None:
    cells[_REQUESTS[passage.kind, f"{passage.status // 100}xx" if passage.status else GONE]] += 1
    for code in passage.codes:
        if (place := _ERRORS.get((code,))) is not None:
            cells[place] += 1
    if passage.streams or not passage.status:
        return
    observe(cells, _REQUEST[passage.kind,], passage.at - passage.begun, SHORT)
    for stage, seconds in passage.spent.items():
        observe(cells, _STAGE[stage,], seconds, SHORT)


def _hear(cells: Cells, sent: Sent) -> None:
    asked_for, rows, waited, ran = _OF[sent.database]
    cells[_STATEMENTS[sent.database, sent.outcome]] += 1
    cells[asked_for] += sent.requests
    observe(cells, waited, sent.waited, SHORT)
    if sent.outcome != "busy":
        cells[rows] += sent.rows
        observe(cells, ran, sent.ran, SHORT)
