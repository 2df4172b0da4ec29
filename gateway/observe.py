"""What the process says about itself: one JSON object a line on stderr.

A line names an event and ids, never a value: of a foreign logger's record only its name and the type of an exception
are kept, since libraries put values into their texts.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
import warnings
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
TRACE_ID: ContextVar[str | None] = ContextVar("trace_id", default=None)
"""Of the trace that a request belongs to, as its caller named it or we did."""

log = logging.getLogger("tongcha")

OURS = frozenset({"tongcha", "gateway", "resolvers", "datasources", "auth"})
"""The packages whose events and fields are written as they are: they hold no values."""

SILENT = ("strawberry", "strawberry.execution", "graphql", "uvicorn.access")
"""Loggers that would print documents, variables or exceptions as they are."""

_ROOT = Path(__file__).parent.parent
_STANDARD = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})


class JsonLines(logging.Formatter):
    """The form of a line: time, level, event, request, trace, and for exceptions their type and where they were raised.

    `worker` is the number of the process among several, in every line of it.
    """

    def __init__(self, worker: int | None = None) -> None:
        super().__init__()
        self._worker = worker

    def format(self, record: logging.LogRecord) -> str:
        ours = record.name.partition(".")[0] in OURS
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.msg if ours else record.name,
        }
        if request_id := REQUEST_ID.get():
            line["request"] = request_id
        if trace_id := TRACE_ID.get():
            line["trace"] = trace_id
        if self._worker is not None:
            line["worker"] = self._worker
        if ours:
            line.update((name, value) for name, value in vars(record).items() if name not in _STANDARD)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__qualname__
            line["where"] = _where(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _where(error: BaseException) -> str | None:
    """The last place in our own code that the exception came through."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
            return f"{path.relative_to(_ROOT)}:{frame.lineno}"
    return None


def event(level: int, name: str, /, *, error: BaseException | None = None, **fields: str | float | bool) -> None:
    """Log one event. `fields` hold ids, counts and words of ours."""
    log.log(level, name, extra=fields, exc_info=error)


def configure_logging(level: int = logging.INFO, *, worker: int | None = None) -> None:
    """Set up logging for a process that serves, `worker` of several."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(worker))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for name in SILENT:
        logging.getLogger(name).disabled = True


def tell_of_everything() -> None:
    """From now on warnings, and exceptions that nobody caught in whichever thread, are lines too: Python would print their texts."""
    logging.captureWarnings(capture=True)
    # graphql-core's own steps of what nobody had begun to resolve when its request was cancelled.
    warnings.filterwarnings("ignore", r"coroutine 'Executor\..*' was never awaited", RuntimeWarning)
    sys.excepthook = _uncaught
    threading.excepthook = lambda uncaught: _told(uncaught.exc_value)
    sys.unraisablehook = lambda uncaught: _told(uncaught.exc_value)


def _uncaught(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    _told(error)


def _told(error: BaseException | None) -> None:
    event(logging.ERROR, "uncaught", error=error)
