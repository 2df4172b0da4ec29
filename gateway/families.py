"""What can be measured from outside, as a table: names, units, labels. Every label has a closed list of values.

Nothing of a caller, of a subject or of a document is a label: a number tells of nobody, and there are never more series than these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import product
from types import MappingProxyType

from auth.audit.terms import State
from auth.viewer import CallerKind
from datasources.sent import OUTCOMES
from datasources.tables import DATABASES
from gateway.errors import ErrorCode
from gateway.passage import GONE, NOBODY, STAGES


class Kind(Enum):
    """How Prometheus takes a number."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Across(Enum):
    """What the numbers of several workers make together."""

    SUM = "sum"
    LEAST = "least"
    MOST = "most"
    EACH = "each"
    """Each worker's stands for itself, under a label."""
    AGE = "age"
    """The same, of a moment of the monotonic clock: how long ago it was."""


SHORT = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Seconds: from a tenth of what a look-up takes to the longest that a statement may."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """All series of a name. `told` is what Prometheus shows beside it."""

    name: str
    kind: Kind
    told: str
    labels: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))
    across: Across = Across.SUM
    bounds: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """Cells of one series."""
        return len(self.bounds) + 2 if self.kind is Kind.HISTOGRAM else 1


def _counter(name: str, told: str, across: Across = Across.SUM, **labels: Sequence[str]) -> Family:
    return Family(name=f"tongcha_{name}_total", kind=Kind.COUNTER, told=told, across=across, labels=labels)


def _gauge(name: str, told: str, across: Across = Across.SUM, **labels: Sequence[str]) -> Family:
    return Family(name=f"tongcha_{name}", kind=Kind.GAUGE, told=told, across=across, labels=labels)


def _seconds(name: str, told: str, **labels: Sequence[str]) -> Family:
    return Family(name=f"tongcha_{name}_seconds", kind=Kind.HISTOGRAM, told=told, labels=labels, bounds=SHORT)


KINDS = (*(kind.value for kind in CallerKind), NOBODY)
STATUSES = ("2xx", "3xx", "4xx", "5xx", GONE)
DATABASE = tuple(DATABASES)
CODES = tuple(code.name for code in ErrorCode)

FAMILIES: tuple[Family, ...] = (
    # requests
    _counter("requests", "Requests over HTTP, by who asked and what became of them.", kind=KINDS, status=STATUSES),
    _counter("errors", "Answers with an error of this code in them, or refused with it.", code=CODES),
    _seconds("request_duration", "From the first byte of a request that was begun to the last of its answer.", kind=KINDS),
    _seconds("stage_duration", "Time spent in a stage, of every eighth request.", stage=STAGES),
    _counter("plans_kept", "Requests whose bound plan was there."),
    _counter("plans_made", "Requests that had theirs made, or are not compiled."),
    _gauge("subscriptions", "Subscriptions and WebSockets that are open."),
    # databases
    _counter("statements", "Statements by how they ended.", database=DATABASE, outcome=OUTCOMES),
    _counter("statement_requests", "Requests that statements were for: more than statements where these are shared.", database=DATABASE),
    _counter("statement_rows", "Rows that statements gave.", database=DATABASE),
    _seconds("statement_wait", "How long a statement waited for its turn.", database=DATABASE),
    _seconds("statement_duration", "How long a statement took once it was its turn.", database=DATABASE),
    _gauge("database_up", "1 where every worker had an answer of the database when it last looked.", Across.LEAST, database=DATABASE),
    _gauge("database_breaker_open", "Workers that leave a database alone for the moment, for it is down.", database=DATABASE),
    _gauge("database_connections", "Connections that are open.", database=DATABASE),
    _gauge("database_connections_idle", "Connections with nothing to do.", database=DATABASE),
    _gauge("database_waiting", "Statements that wait for their turn.", database=DATABASE),
    _counter("database_connects", "Connections that were made.", database=DATABASE),
    _gauge("database_behind_seconds", "By how much the rows that are read may be older than the owner's.", Across.MOST, database=DATABASE),
    # the access log
    _counter("log_records", "Records that are on the disk."),
    _seconds("log_sync_duration", "How long the disk took to have a batch of records."),
    _gauge("log_state", "1 for the state that a worker's log is in.", Across.EACH, state=tuple(state.value for state in State)),
    _gauge("log_disk_used_ratio", "Share of the log's disk that is used.", Across.MOST),
    _gauge("log_unshipped_records", "Records that the gateway's database lacks."),
    _gauge("log_unshipped_seconds", "For how long it has lacked any.", Across.MOST),
    _gauge("log_unwitnessed_seconds", "For how long the witness that is furthest behind has lacked something.", Across.MOST),
    # who is believed, by which rules
    _gauge("keys_age_seconds", "Since the keys of an issuer were last fetched: the oldest.", Across.MOST),
    _gauge("issuers_without_keys", "Issuers whose tokens cannot be checked.", Across.MOST),
    _gauge("revocations_begun_anew", "1 where a process began in the last day without any, and nobody knew more.", Across.MOST),
    _gauge("revocations_stale", "1 where revocations may have been missed for half a minute.", Across.MOST),
    _gauge("policies_epoch", "The first 48 bits of the digest over the policies in force: gateways that agree say the same.", Across.EACH),
    _counter("redis_failures", "Commands that Redis did not answer in time, or not as it should."),
    # processes
    _gauge("worker_ready", "1 where the worker says of itself that it is ready.", Across.EACH),
    _gauge("worker_draining", "1 where the worker is about to end, with its supervisor or alone.", Across.EACH),
    _gauge("worker_silent_seconds", "Since the worker last said anything: its event loop writes this twice a second.", Across.AGE),
    _counter("worker_starts", "How often the worker was started.", Across.EACH),
    _seconds("event_loop_lag", "By how much the event loop came later than it was asked to."),
)  # fmt: skip


def _laid() -> tuple[dict[str, dict[tuple[str, ...], int]], int]:
    """Where each series begins, by its name and the values of its labels; and how many cells there are."""
    places: dict[str, dict[tuple[str, ...], int]] = {}
    at = 0
    for family in FAMILIES:
        places[family.name] = {}
        for values in product(*family.labels.values()):
            places[family.name][values] = at
            at += family.width
    return places, at


PLACES, SIZE = _laid()
