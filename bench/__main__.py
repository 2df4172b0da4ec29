"""``scripts/bench``: measure, compare, render."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from bench import trials
from bench.check import check, expected
from bench.cold import cold as measured_cold
from bench.endurance import endurance
from bench.measure import SEED, Sample, measure, median
from bench.operations import MIXED, OPERATIONS
from bench.overload import overload as overloaded
from bench.profiles import profiles
from bench.report import write
from bench.results import HERE, PUBLISHED, keep, load, to_figures
from bench.servers import LIMITED, NODE, SERVERS, Server, copy_node_peers, install_node_peers, running
from bench.subscribers import subscribers as measured
from bench.world import STATE, World, running_world
from gateway.commands.serving import stop_on_sigterm

Size = Literal["S", "M", "L"]
Names = Annotated[str, Parameter(show_default=False)]
CONNECTIONS = {"S": "1,8,32,128", "M": "32", "L": "32"}
"""What a larger city changes is the databases' share; how cost goes with connections is seen in the small one, and in `growth`."""
PARTIAL = STATE / "partial"
"""Where the report of a run goes that did not measure everything."""

app = App(name="scripts/bench", help="Measure Tongcha against what a user would pick instead.", version_flags=[])


def _command() -> str:
    return " ".join(["scripts/bench", *sys.argv[1:]])


def _say(text: str) -> None:
    print(text, flush=True)


@app.default
def bench(
    *,
    size: Size = "S",
    quick: bool = False,
    render: bool = False,
    only: Names = "",
    operations: Names = "",
    connections: Names = "",
    seconds: float | None = None,
    rounds: int = 3,
) -> None:
    """Run every operation on every server, and write bench/RESULTS.md. What does not measure everything is reported below .state/bench.

    Parameters
    ----------
    size: of the city: S, M or L.
    quick: three minutes: 32 connections, short rounds, no mixed workload, Node peers only where they are installed.
    render: measure nothing; write the report anew.
    only: names of servers, with commas.
    operations: names of operations, with commas.
    connections: how many, with commas.
    seconds: of one run.
    rounds: runs of everything, interleaved; the figures are medians.
    """
    stop_on_sigterm()
    if render:
        write(load(PUBLISHED), HERE)
        return
    begun = time.monotonic()
    counts = [int(one) for one in (connections or ("32" if quick else CONNECTIONS[size])).split(",")]
    asked = operations.split(",") if operations else [*OPERATIONS, *([] if quick else [MIXED])]
    pace = (seconds or (0.4 if quick else 2.0), 0.25 if quick else 0.5)
    servers = _servers(only.split(",") if only else [name for name in SERVERS if name != LIMITED], quick=quick)
    with running_world(size, SEED) as world:
        samples = _rounds(world, servers, [(one, count) for one in asked for count in counts], pace, rounds)
    whole = not (quick or only or operations or connections or seconds or rounds < 3)
    folder, path = (HERE, PUBLISHED) if whole else (PARTIAL, PARTIAL / "results.json")
    if not whole:
        path.unlink(missing_ok=True)
    keep(path, f"runs {size}", to_figures(samples), _command())
    text = write(load(path), folder)
    _say(text if not whole else "")
    _say(f"{folder / 'RESULTS.md'} after {time.monotonic() - begun:.0f} s.")


def _servers(names: list[str], *, quick: bool) -> list[Server]:
    chosen = [SERVERS[name] for name in names]
    if any(server.command[0] == NODE for server in chosen):
        if quick and Path(NODE).exists():
            copy_node_peers()
        elif not quick:
            install_node_peers()
    for server in chosen:
        if not server.installed():
            _say(f"{server.title} is left out: not installed.")
    return [server for server in chosen if server.installed()]


def _rounds(
    world: World, servers: list[Server], runs: list[tuple[str, int]], pace: tuple[float, float], rounds: int
) -> list[Sample]:
    """The medians. In the first round every server has to give the same answers before it is measured."""
    found: dict[tuple[str, str, int], list[Sample]] = defaultdict(list)
    seconds, warm = pace
    with running(SERVERS["tongcha"], world) as ours:
        wanted = expected(ours)
    for number in range(rounds):
        for server in servers:
            begun = time.monotonic()
            with running(server, world) as one:
                if number == 0:
                    check(one, wanted)
                for operation, count in runs:
                    if server.answers(operation):
                        sample = measure(one, operation, count, seconds, warm=warm)
                        found[server.name, operation, count].append(sample)
            _say(f"round {number + 1}, {server.name}: {time.monotonic() - begun:.1f} s")
    return [median(one) for one in found.values()]


@app.command
def fair(*, size: Size = "S", seconds: float = 10.0) -> None:
    """Point look-ups alone, and beside one caller's lists of 500 rows."""
    stop_on_sigterm()
    _keep("fair", trials.fair(size, seconds, _say))


@app.command
def added(*, size: Size = "S", seconds: float = 5.0) -> None:
    """What token check, decision and record add to the time of a look-up, for callers who ask at a pace."""
    stop_on_sigterm()
    _keep("added", trials.added(size, seconds, _say))


@app.command
def growth(*, sizes: Names = "S,M,L", seconds: float = 5.0) -> None:
    """The look-up in cities of growing size. A city that is not there is built first."""
    stop_on_sigterm()
    _keep("growth", trials.growth(tuple(sizes.split(",")), seconds, _say))


@app.command
def cold(*, size: Size = "L") -> None:
    """The disclosure list when nothing of it is in memory, and when all is."""
    stop_on_sigterm()
    _keep("cold", measured_cold(size, _say))


@app.command
def soak(*, size: Size = "S", requests: int = 1_000_000, hours: float | None = None) -> None:
    """So many mixed requests, and the memory of the server meanwhile; or so many hours of them with faults.

    Parameters
    ----------
    size: of the city: S, M or L.
    requests: how many.
    hours: at three fifths of what the server can, while databases end their connections and callers go away.
    """
    stop_on_sigterm()
    if hours is None:
        _keep("soak", trials.soak(size, requests, _say))
    else:
        _keep("endurance", endurance(size, hours, _say))


@app.command
def overload(*, size: Size = "S", operation: str = "list", times: float = 5.0, seconds: float = 60.0) -> None:
    """So many times of what the server can answer, from callers who do not wait for each other."""
    stop_on_sigterm()
    _keep("overload", overloaded(size, operation, times, seconds, _say))


@app.command
def subscribers(*, size: Size = "S") -> None:
    """A thousand subscribers of the change feed on one process: memory of each, delay from commit to delivery."""
    stop_on_sigterm()
    _keep("subscribers", measured(size, _say))


@app.command
def profile(*, size: Size = "S", seconds: float = 10.0) -> None:
    """Where the server's time goes, by part and by function, for every operation."""
    stop_on_sigterm()
    _keep("profile", profiles(size, seconds, _say))


def _keep(part: str, figures: object) -> None:
    keep(PUBLISHED, part, figures, _command())
    write(load(PUBLISHED), HERE)


if __name__ == "__main__":
    app()
