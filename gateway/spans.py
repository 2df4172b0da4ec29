"""What is kept of one request that is traced: a span for it, one for each stage, one for each statement.

A span has a name of ours, two moments, and words of closed lists. Of a statement that is the coordinate of its link and its
database: no text of it, no value, no variable, and nothing of who asked but the kind.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

from datasources.errors import SourceError
from gateway.passage import PASSAGE

T = TypeVar("T")

FIELD_BY_FIELD = "field by field"
"""In place of a coordinate where resolvers ask, which share their statements among the fields of a request."""

Side: TypeAlias = Literal["server", "inside", "client"]
"""What a span is of: a request of others, work of ours, or a request of ours to others."""


class Span(NamedTuple):
    """A part of a trace. `begun` and `ended` are moments of `time.perf_counter`; `error` is a code of ours."""

    name: str
    span_id: str
    parent: str
    side: Side
    begun: float
    ended: float
    attributes: dict[str, str]
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Parent:
    """Where a trace comes from: the ids of ``traceparent``, and whether who sent it records it."""

    trace_id: str
    span_id: str
    sampled: bool


class Recording:
    """The spans of one request."""

    def __init__(self, parent: Parent | None) -> None:
        self.trace_id = parent.trace_id if parent is not None else secrets.token_hex(16)
        self.spans: list[Span] = []
        self.since = time.time() - time.perf_counter()
        """Seconds since 1970 at the beginning of `time.perf_counter`."""
        self._parent = parent.span_id if parent is not None else ""
        self._root = secrets.token_hex(8)

    def stage(self, name: str, begun: float, ended: float) -> None:
        """A stage of the request."""
        self._add(name, "inside", begun, ended)

    async def statement(self, coordinate: str, database: str, asking: Awaitable[T]) -> T:
        """Awaits a statement: its turn, and its rows."""
        begun = time.perf_counter()
        error: str | None = "canceled"
        try:
            found = await asking
            error = None
        except SourceError as failure:
            error = failure.code
            raise
        finally:
            attributes = {"db.system.name": "postgresql", "db.namespace": database, "tongcha.coordinate": coordinate}
            self._add(coordinate, "client", begun, time.perf_counter(), attributes, error)
        return found

    def end(self, begun: float, attributes: dict[str, str], error: str | None) -> None:
        """The request is over."""
        ended = time.perf_counter()
        self.spans.append(Span("POST /graphql", self._root, self._parent, "server", begun, ended, attributes, error))

    def _add(
        self,
        name: str,
        side: Side,
        begun: float,
        ended: float,
        attributes: dict[str, str] | None = None,
        error: str | None = None,
    ) -> None:
        self.spans.append(Span(name, secrets.token_hex(8), self._root, side, begun, ended, attributes or {}, error))


def watched(coordinate: str, database: str, asking: Coroutine[Any, Any, T]) -> Awaitable[T]:
    """The same, with a span of it where the request at hand is traced."""
    passage = PASSAGE.get()
    if passage is None or passage.recording is None:
        return asking
    return passage.recording.statement(coordinate, database, asking)
