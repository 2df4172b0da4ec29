"""From the raw figures to ``RESULTS.md`` and its plots. The same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.budgets import CONNECTIONS, verdicts
from bench.measure import Sample
from bench.operations import MIXED, OPERATIONS, SHARES
from bench.plots import bars, lines
from bench.results import samples
from bench.servers import SERVERS

SIZES = ("S", "M", "L")
WHAT = {
    "lookup": "A vehicle by its plate, its owner, the owner's certificates and their issuers, real property: five databases.",
    "list": "Fifty public records with four links each.",
    "point": "One organisation by its number.",
    "rows": "Five hundred organisations of ten columns, in three lists.",
    MIXED: f"All of them at once: {', '.join(f'{share} % {name}' for name, share in SHARES.items())}.",
}
OVER_CONNECTIONS = {
    "cpu": ("CPU of the server", "ms a request"),
    "database_cpu": ("CPU of the database", "ms a request"),
    "statements": ("Statements", "a request"),
    "p50": ("Half of the answers within", "ms"),
    "p99": ("99 of 100 answers within", "ms"),
}
SWEPT = ("tongcha", "unshared", "handwritten", "mercurius", "yoga", "postgraphile")

HEAD = """\
# Results

Rendered by `scripts/bench --render` from [results.json](results.json), which `scripts/bench` writes. The server has one core to
itself; PostgreSQL and the load share the other. Every connection asks again as soon as it was answered, with keys drawn at random
from those that exist, the same ones for every server. Before anything is measured, every server has to give the same answers. Each
figure is the median of at least three interleaved runs, each on a freshly started server.

CPU is the server's own, in milliseconds a request. Tongcha checks a token, decides about every field and syncs a record of every
answer to the disk; the peers do none of the three. The peers ask hand-written statements by pools and drivers as their
documentation recommends, PostGraphile its own.
"""


def write(results: Mapping[str, Any], folder: Path) -> str:
    """Writes the report and its plots into a folder; the report."""
    plots = folder / "plots"
    plots.mkdir(parents=True, exist_ok=True)
    for old in plots.glob("*.svg"):
        old.unlink()
    text = "\n".join(_report(results, plots))
    (folder / "RESULTS.md").write_text(text, encoding="utf-8")
    return text


TOLD = 20
"""Minutes of hours that are shown."""


def _report(results: Mapping[str, Any], plots: Path) -> Iterator[str]:
    yield HEAD
    found = {size: samples(results, size) for size in SIZES}
    first = next((size for size in SIZES if found[size]), None)
    yield from _budgets(found[first] if first else [], results)
    for size in SIZES:
        if found[size]:
            yield from _size(size, found[size], plots)
    shows = (
        ("profile", _profile),
        ("growth", _growth),
        ("cold", _cold),
        ("added", _added),
        ("fair", _fair),
        ("overload", _overload),
        ("soak", _soak),
        ("endurance", _endurance),
        ("subscribers", _subscribers),
    )
    for part, show in shows:
        if part in results:
            yield from show(results[part]["figures"], plots)
    yield from _where(results)


def _budgets(given: Sequence[Sample], results: Mapping[str, Any]) -> Iterator[str]:
    judged = verdicts(given, results)
    if not judged:
        return
    yield f"## Budgets\n\nAt {CONNECTIONS} connections unless said.\n"
    yield from _table(
        ("budget", "limit", "figure", ""),
        (
            (
                one.what,
                f"{one.least:.3g} to {one.limit:.3g} {one.unit}" if one.least > 0 else f"≤ {one.limit:.3g} {one.unit}",
                f"{one.figure:.3g} {one.unit}",
                "met" if one.met else "**not met**",
            )
            for one in judged
        ),
    )


def _size(size: str, given: Sequence[Sample], plots: Path) -> Iterator[str]:
    for operation, what in WHAT.items():
        shown = [one for one in given if one.operation == operation and one.connections == CONNECTIONS]
        if not shown:
            continue
        yield f"## City {size}: {operation}\n\n{what} {CONNECTIONS} connections.\n"
        yield from _table(
            (
                "server",
                "CPU ms",
                "requests a CPU second",
                "requests/s",
                "p50 ms",
                "p99 ms",
                "statements",
                "database CPU ms",
                "MB",
                "busy",
                "load",
            ),
            (
                (
                    SERVERS[one.server].title,
                    f"{one.cpu:.3f}",
                    f"{one.per_cpu_second:,.0f}",
                    f"{one.per_second:,.0f}",
                    f"{one.p50:.2f}",
                    f"{one.p99:.2f}",
                    f"{one.statements:.2f}",
                    f"{one.database_cpu:.3f}",
                    f"{one.megabytes:.0f}",
                    f"{one.busy:.0%}",
                    f"{one.load:.0%}",
                )
                for one in sorted(shown, key=lambda one: one.cpu)
            ),
        )
        lacking = {server.title: server.lacks[operation] for server in SERVERS.values() if operation in server.lacks}
        yield from (f"{title} is left out: {reason}.\n" for title, reason in lacking.items())
        ordered = {SERVERS[one.server].title: one.cpu for one in sorted(shown, key=lambda one: one.cpu)}
        name = f"{size}-{operation}-cpu.svg"
        yield _plot(
            plots, name, bars(f"{operation}: CPU of the server a request", "ms", ordered, SERVERS["tongcha"].title)
        )
        yield from _over_connections(size, operation, given, plots)


def _over_connections(size: str, operation: str, given: Sequence[Sample], plots: Path) -> Iterator[str]:
    swept = [one for one in given if one.operation == operation and one.server in SWEPT]
    counts = sorted({one.connections for one in swept})
    if len(counts) < 2:
        return
    at = {(one.server, one.connections): one for one in swept}
    yield "Over connections:\n"
    yield from _table(
        ("server", "", *(str(count) for count in counts)),
        (
            (
                SERVERS[server].title,
                f"{title.lower()}, {unit}",
                *(f"{getattr(at[server, count], name):.3g}" for count in counts),
            )
            for server in SWEPT
            if all((server, count) in at for count in counts)
            for name, (title, unit) in OVER_CONNECTIONS.items()
        ),
    )
    for name in ("statements", "p99"):
        title, unit = OVER_CONNECTIONS[name]
        series = {
            SERVERS[server].title: [
                (count, getattr(at[server, count], name)) for count in counts if (server, count) in at
            ]
            for server in SWEPT
            if any(key == server for key, _ in at)
        }
        yield _plot(
            plots, f"{size}-{operation}-{name}.svg", lines(f"{operation}: {title.lower()}", "connections", unit, series)
        )


def _profile(figures: Mapping[str, Any], _: Path) -> Iterator[str]:
    operations = figures["operations"]
    yield "## Where the time goes\n"
    yield (
        f"The event loop's thread in city {figures['size']}, {figures['connections']} connections; what is native counts to the "
        "Python function that called it. What was taken from the path so far stands in [hot-path.md](hot-path.md).\n"
    )
    parts = sorted(
        {part for one in operations.values() for part, _ in one["parts"]},
        key=lambda part: (-dict(operations["lookup"]["parts"]).get(part, 0.0), part),
    )
    yield from _table(
        ("part", *(f"{name}, µs" for name in operations)),
        (
            (part, *(f"{1000 * one['cpu'] * dict(one['parts']).get(part, 0.0):.0f}" for one in operations.values()))
            for part in parts
        ),
    )
    yield "The ten functions that were running most often:\n"
    yield from _table(
        tuple(operations),
        zip(*([f"`{name}` {share:.1%}" for name, share in one["top"]] for one in operations.values()), strict=True),
    )


def _growth(figures: Sequence[Mapping[str, Any]], plots: Path) -> Iterator[str]:
    yield "## Growth\n\nThe five-database look-up in cities of 25 thousand (S), 250 thousand (M) and 2.5 million (L) persons.\n"
    yield from _table(
        ("city", "connections", "CPU ms", "database CPU ms", "p50 ms", "p99 ms"),
        (
            (
                one["size"],
                str(one["connections"]),
                *(f"{one[name]:.3f}" for name in ("cpu", "database_cpu", "p50", "p99")),
            )
            for one in figures
        ),
    )
    persons = {"S": 25_000.0, "M": 250_000.0, "L": 2_500_000.0}
    series = {
        f"{count} connections": [(persons[one["size"]], one["cpu"]) for one in figures if one["connections"] == count]
        for count in sorted({one["connections"] for one in figures})
    }
    yield _plot(plots, "growth.svg", lines("lookup: CPU of the server", "persons in the city", "ms a request", series))


def _cold(figures: Mapping[str, Any], _: Path) -> Iterator[str]:
    yield "## Cold and warm\n"
    yield (
        f"{figures['questions']} different questions of the operation `{figures['operation']}` in city {figures['size']}, one after the "
        "other: first with nothing in the memory of the database or of the system, then again.\n"
    )
    yield from _table(
        ("", "first ms", "p50 ms", "p99 ms", "statements"),
        (
            (name, *(f"{figures[name][one]:.2f}" for one in ("first", "p50", "p99", "statements")))
            for name in ("cold", "warm")
        ),
    )


def _added(figures: Mapping[str, Any], _: Path) -> Iterator[str]:
    yield "## What is added\n"
    yield (
        f"{figures['callers']} callers ask a five-database look-up every {1000 * figures['every']:.0f} ms in city {figures['size']}; "
        "the server has time to spare.\n"
    )
    yield from _table(
        ("server", "p50 ms"), ((SERVERS[name].title, f"{p50:.2f}") for name, p50 in figures["p50"].items())
    )


def _fair(figures: Mapping[str, Any], _: Path) -> Iterator[str]:
    alone, beside = figures["alone"], figures["beside"]
    yield "## Beside a hog\n"
    yield (
        f"{figures['others']} connections ask for points in city {figures['size']}: p99 {alone:.2f} ms.\n"
        f"Beside one caller who asks for lists of 500 rows on {figures['hogs']} connections: {beside:.2f} ms, "
        f"{beside / alone:.2f} times as long.\n"
    )


def _overload(figures: Mapping[str, Any], _: Path) -> Iterator[str]:
    peak, over = figures["peak"], figures["over"]
    lacking = f", {over['lacking']:.0f}/s that lacked something" if "lacking" in over else ""
    yield "## More than can be answered\n"
    yield (
        f"{figures['connections']} connections ask for {figures['operation']} as soon as they were answered: "
        f"{peak['rate']:.0f} answers/s, p99 {peak['p99']:.1f} ms.\n"
        f"{figures['times']:g} times as many requests, from callers who do not wait for each other, for {figures['seconds']:g} s: "
        f"{over['rate']:.0f} answers/s ({over['rate'] / peak['rate']:.0%} of the peak), "
        f"p99 {over['p99']:.1f} ms ({over['p99'] / peak['p99']:.1f} times), "
        f"{over['refused']:.0f} refusals/s{lacking}; {over['unsent']:.0f} requests/s found no connection that was free.\n"
    )


def _soak(figures: Mapping[str, Any], plots: Path) -> Iterator[str]:
    readings = figures["readings"]
    first, early, (count, last) = readings[0][1], readings[len(readings) // 10][1], readings[-1]
    yield "## Memory\n"
    yield (
        f"{count:,} mixed requests in city {figures['size']} on {figures['connections']} connections: "
        f"{first:.0f} MB at the start, {early:.0f} MB after a tenth, {last:.0f} MB at the end.\n"
    )
    yield _plot(plots, "soak.svg", lines("memory of the server", "requests", "MB", {"resident": readings}))


def _endurance(figures: Mapping[str, Any], _: Path) -> Iterator[str]:
    yield "## Hours with faults\n"
    yield (
        f"{figures['callers']} callers in city {figures['size']}, together at three fifths of what the server can; callers go away in the "
        "middle of a request, and one thing after the other fails: "
        f"{'; '.join(f'{name} ({count} ×)' for name, count in figures['faults'].items())}. Of every minute: memory in MB, open "
        "files, the 99th percentile in ms of the time to get to what is no work, faults, and answers.\n"
    )
    readings = figures["readings"]
    step = max(1, len(readings) // TOLD)
    yield from _table(
        figures["columns"],
        ([f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" for value in row] for row in readings[::step]),
    )


def _subscribers(figures: Mapping[str, Any], _: Path) -> Iterator[str]:
    yield "## Subscribers of the change feed\n"
    yield f"{figures['changes']} changes, one at a time, in city {figures['size']}; every subscriber has a stream of its own.\n"
    yield from _table(
        ("subscribers", "kB each", "from commit to delivery, p50 ms", "p99 ms"),
        (
            (f"{one['subscribers']:,}", *(f"{one[name]:.1f}" for name in ("kilobytes", "p50", "p99")))
            for one in figures["runs"]
        ),
    )


def _where(results: Mapping[str, Any]) -> Iterator[str]:
    yield "## Where, when, how\n"
    yield from _table(
        ("part", "command", "date", "commit"),
        ((part, f"`{one['command']}`", one["when"], one["commit"]) for part, one in sorted(results.items())),
    )
    last = next(iter(results.values()), None)
    if last is not None:
        yield from _table(("what", "version"), sorted(last["where"].items()))
    steps = ", ".join(f"{one.name} {one.steps}" for one in OPERATIONS.values())
    yield f"Statements that one request needs when nothing is shared: {steps}.\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def _plot(plots: Path, name: str, svg: str) -> str:
    (plots / name).write_text(svg, encoding="utf-8")
    return f"![{name.removesuffix('.svg')}](plots/{name})\n"
