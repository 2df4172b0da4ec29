"""The budgets, as ratios in one run, and whether they are met."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.measure import Sample
from bench.operations import OPERATIONS

CONNECTIONS = 32
MEGABYTES = 250
FLAT = 1.05
"""Memory at the end of a soak over that after a tenth of it."""
DESCRIPTORS = 1.2
LAG = 2.0
"""The same of open files, and of the time that the event loop takes to get to what is no work, by the minute."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """One budget with its figure."""

    what: str
    figure: float
    limit: float
    least: float = 0.0
    unit: str = "×"

    @property
    def met(self) -> bool:
        """Whether the figure is within the limit."""
        return self.least <= self.figure <= self.limit


@dataclass(frozen=True, kw_only=True)
class Against:
    """Our CPU per request over that of the best of some servers, by operation."""

    whom: str
    servers: tuple[str, ...]
    limits: Mapping[str, float]


AGAINST = (
    Against(
        whom="the best peer without access (Mercurius, PostGraphile, Yoga)",
        servers=("mercurius", "postgraphile", "yoga"),
        limits={"lookup": 1 / 1.5, "list": 1 / 3, "rows": 1 / 2, "point": 1.5},
    ),
    Against(
        whom="Strawberry + DataLoader",
        servers=("strawberry",),
        limits={"lookup": 1 / 8, "list": 1 / 20, "rows": 1 / 15},
    ),
    Against(
        whom="Starlette with hand-written SQL",
        servers=("handwritten",),
        limits={"lookup": 1.0, "list": 1.0, "point": 1.3, "rows": 1.3},
    ),
)
SHARES = (
    ("token check, decision and audit", "neither", 0.25),
    ("token check and decision", "no-access", 0.15),
    ("audit", "no-audit", 0.15),
)
"""What is on in ours and off beside it: its share of the CPU of a warm look-up."""
ADDED = 0.5
"""Milliseconds that the audit may add to the p50 of a look-up. Not where connections ask as soon as they were answered: there the p50
is the CPU of them all, and says nothing of its own."""


def verdicts(samples: Sequence[Sample], results: Mapping[str, Any]) -> list[Verdict]:
    """Every budget that there are figures for."""
    at = {(one.server, one.operation): one for one in samples if one.connections == CONNECTIONS}
    found = [*_ratios(at), *_statements(at), *_shares(at)]
    for part, judge in PARTS.items():
        if part in results:
            found += judge(results[part]["figures"])
    return found


At = Mapping[tuple[str, str], Sample]


def _ratios(at: At) -> Iterator[Verdict]:
    for against in AGAINST:
        for operation, limit in against.limits.items():
            ours = at.get(("tongcha", operation))
            others = [at[server, operation].cpu for server in against.servers if (server, operation) in at]
            if ours is not None and others:
                yield Verdict(
                    what=f"{operation}: CPU against {against.whom}", figure=ours.cpu / min(others), limit=limit
                )


def _statements(at: At) -> Iterator[Verdict]:
    for operation in OPERATIONS.values():
        if ours := at.get(("tongcha", operation.name)):
            what = f"{operation.name}: statements of a request, by steps ({operation.steps})"
            yield Verdict(what=what, figure=ours.statements / operation.steps, limit=0.5)


def _shares(at: At) -> Iterator[Verdict]:
    ours = at.get(("tongcha", "lookup"))
    for what, without, limit in SHARES:
        if ours is not None and (other := at.get((without, "lookup"))):
            yield Verdict(
                what=f"lookup: share of {what} in the CPU",
                figure=1 - other.cpu / ours.cpu,
                limit=limit,
                least=-1,
                unit="",
            )


def _added(figures: Mapping[str, Any]) -> Iterable[Verdict]:
    p50 = figures["p50"]
    added = p50["tongcha"] - p50["no-audit"]
    yield Verdict(
        what="lookup: p50 added by audit, callers at a pace", figure=added, limit=ADDED, least=-ADDED, unit="ms"
    )


def _fair(figures: Mapping[str, Any]) -> Iterable[Verdict]:
    yield Verdict(what="point: p99 beside a hog over p99 alone", figure=figures["beside"] / figures["alone"], limit=3)


def _growth(figures: Sequence[Mapping[str, Any]]) -> Iterable[Verdict]:
    at = {(one["size"], one["connections"]): one for one in figures}
    for size in ("M", "L"):
        if (size, CONNECTIONS) in at and ("S", CONNECTIONS) in at:
            ratio = at[size, CONNECTIONS]["cpu"] / at["S", CONNECTIONS]["cpu"]
            yield Verdict(what=f"lookup: CPU in city {size} over city S", figure=ratio, limit=1.15, least=0.85)
    if ("S", 64) in at and ("S", 1) in at:
        ratio = at["S", 64]["p50"] / 64 / at["S", 1]["p50"]
        yield Verdict(what="lookup: p50 at 64 connections, by connection, over p50 at 1", figure=ratio, limit=2.5)


def _soak(figures: Mapping[str, Any]) -> Iterable[Verdict]:
    readings = figures["readings"]
    count, last = readings[-1]
    yield Verdict(what=f"memory after {count:,} mixed requests", figure=last, limit=MEGABYTES, unit="MB")
    early = readings[len(readings) // 10][1]
    yield Verdict(what="memory at the end over that after a tenth", figure=last / early, limit=FLAT)


def _endurance(figures: Mapping[str, Any]) -> Iterable[Verdict]:
    readings = [dict(zip(figures["columns"], row, strict=True)) for row in figures["readings"]]
    early, last = readings[max(1, len(readings) // 10)], readings[-1]
    minutes = last["minute"]
    for name, limit in (("megabytes", FLAT), ("descriptors", DESCRIPTORS), ("lag", LAG)):
        yield Verdict(
            what=f"{name} after {minutes} minutes with faults over that after a tenth",
            figure=last[name] / early[name],
            limit=limit,
        )
    lost = sum(one["lost"] for one in readings)
    yield Verdict(what=f"requests lost in {minutes} minutes with faults", figure=lost, limit=0, unit="")


PARTS: Mapping[str, Callable[[Any], Iterable[Verdict]]] = {
    "added": _added,
    "fair": _fair,
    "growth": _growth,
    "soak": _soak,
    "endurance": _endurance,
}
