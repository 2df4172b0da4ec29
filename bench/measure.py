"""One run: a server, an operation, so many connections, for so long; and what it cost."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, fields

import uvloop

from bench.load import Load, percentile
from bench.servers import Running
from bench.world import cpu_seconds

SEED = 20261105
LEAST = 20
"""Answers of one run, and one for each connection: a slow server gets longer."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One run. CPU is in milliseconds a request, of the server and of all processes of the database."""

    server: str
    operation: str
    size: str
    connections: int
    requests: int
    cpu: float
    database_cpu: float
    statements: float
    per_second: float
    p50: float
    p99: float
    megabytes: float
    busy: float
    """Share of its core that the server used."""
    load: float
    """Share of the other core that the load generator used."""

    @property
    def per_cpu_second(self) -> float:
        """Requests for a second of the server's CPU."""
        return 1000 / self.cpu


@dataclass
class Meter:
    """What one run has used, from :func:`metered`."""

    seconds: float = 0.0
    own: float = 0.0
    server: float = 0.0
    database: float = 0.0
    statements: int = 0


@contextlib.asynccontextmanager
async def metered(running: Running) -> AsyncIterator[Meter]:
    """Reads all meters before and after."""
    meter, world = Meter(), running.world
    statements, database = await world.statements(), world.database_cpu()
    own, server, begun = time.process_time(), _cpu(running), time.perf_counter()
    try:
        yield meter
    finally:
        meter.seconds = time.perf_counter() - begun
        meter.own, meter.server = time.process_time() - own, _cpu(running) - server
        meter.database = sum(cpu - database.get(pid, 0.0) for pid, cpu in world.database_cpu().items())
        meter.statements = await world.statements() - statements


def _cpu(running: Running) -> float:
    found = cpu_seconds(running.pid)
    assert found is not None, "the server is gone"
    return found


def measure(running: Running, operation: str, connections: int, seconds: float, *, warm: float = 0.5) -> Sample:
    """Asks for `warm` seconds without looking, then for `seconds`. Raises BadAnswer."""
    return uvloop.run(_measure(running, operation, connections, seconds, warm))


async def _measure(running: Running, operation: str, connections: int, seconds: float, warm: float) -> Sample:
    load = Load()
    await load.start(running.url, running.requests(operation), connections, SEED)
    try:
        await load.wait(warm)
        async with metered(running) as meter:
            load.forget()
            await load.wait(seconds)
            while len(load.latencies) < max(LEAST, connections):
                await load.wait(0.1)
            latencies = load.latencies
            load.forget()
    finally:
        load.stop()
    count = len(latencies)
    return Sample(
        server=running.server.name,
        operation=operation,
        size=running.world.size,
        connections=connections,
        requests=count,
        cpu=1000 * meter.server / count,
        database_cpu=1000 * meter.database / count,
        statements=meter.statements / count,
        per_second=count / meter.seconds,
        p50=percentile(latencies, 0.5),
        p99=percentile(latencies, 0.99),
        megabytes=running.megabytes(),
        busy=meter.server / meter.seconds,
        load=meter.own / meter.seconds,
    )


def median(samples: Iterable[Sample]) -> Sample:
    """Of several runs of the same thing, the median of each figure."""
    given = list(samples)
    first = given[0]
    middle = {
        one.name: statistics.median(getattr(sample, one.name) for sample in given)
        if one.name not in {"server", "operation", "size", "connections"}
        else getattr(first, one.name)
        for one in fields(Sample)
    }
    return Sample(**middle)
