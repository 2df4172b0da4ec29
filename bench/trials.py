"""What one run does not show: how a hog weighs on others, what is added to the time of an answer where the processor is not what everybody
waits for, how cost grows with the city, and what a million requests leave behind."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import uvloop

from bench.load import Load, percentile
from bench.measure import SEED, measure
from bench.operations import MIXED
from bench.servers import HOG, SERVERS, Running, running
from bench.world import running_world

SIZES = ("S", "M", "L")
OTHERS, HOGS = 16, 4
"""Connections that ask for points, and of the one caller who asks for long lists."""
CALLERS = 32
EVERY = 0.1
"""Seconds between two questions of one caller: together they ask for a fifth of what the server can."""
PARTS = ("neither", "no-access", "no-audit", "tongcha")
"""Ours without some of its parts, and whole."""
SOAKERS = 32
STEPS = 50
"""Readings of the memory in a soak."""

Say = Callable[[str], None]


def fair(size: str, seconds: float, say: Say) -> dict[str, Any]:
    """Point look-ups alone, and beside one caller's lists of 500 rows."""
    with running_world(size, SEED) as world, running(SERVERS["tongcha"], world) as server:
        rounds = [uvloop.run(_beside(server, hogs, seconds)) for _ in range(3) for hogs in (0, HOGS)]
    alone, beside = sorted(rounds[0::2])[1], sorted(rounds[1::2])[1]
    say(f"point look-ups: p99 {alone:.2f} ms alone, {beside:.2f} ms beside a hog: {beside / alone:.2f} times")
    return {"size": size, "others": OTHERS, "hogs": HOGS, "alone": alone, "beside": beside}


async def _beside(server: Running, hogs: int, seconds: float) -> float:
    """The p99 of the others, milliseconds."""
    hog, others = Load(), Load()
    try:
        await hog.start(server.url, server.requests("rows", HOG), hogs, SEED)
        await others.start(server.url, server.requests("point"), OTHERS, SEED)
        await others.wait(1.0)
        others.forget()
        await others.wait(seconds)
        await hog.wait(0)
        return percentile(others.latencies, 0.99)
    finally:
        hog.stop()
        others.stop()


def added(size: str, seconds: float, say: Say) -> dict[str, Any]:
    """The p50 of a look-up, milliseconds, by what is on; callers who ask at a pace."""
    found: dict[str, list[float]] = {name: [] for name in PARTS}
    with running_world(size, SEED) as world:
        for _ in range(3):
            for name in PARTS:
                with running(SERVERS[name], world) as server:
                    found[name].append(uvloop.run(_paced(server, seconds)))
    medians = {name: statistics.median(runs) for name, runs in found.items()}
    for name, p50 in medians.items():
        say(f"{SERVERS[name].title}: p50 {p50:.2f} ms")
    return {"size": size, "callers": CALLERS, "every": EVERY, "p50": medians}


async def _paced(server: Running, seconds: float) -> float:
    load = Load()
    try:
        await load.start(server.url, server.requests("lookup"), CALLERS, SEED, EVERY)
        await load.wait(2.0)
        load.forget()
        await load.wait(seconds)
        return percentile(load.latencies, 0.5)
    finally:
        load.stop()


def growth(sizes: tuple[str, ...], seconds: float, say: Say) -> list[dict[str, Any]]:
    """The look-up in cities of growing size; a city is built when it is not there."""
    found = []
    for size in sizes:
        with running_world(size, SEED) as world, running(SERVERS["tongcha"], world) as server:
            for connections in (1, 32, 64):
                runs = sorted(
                    (measure(server, "lookup", connections, seconds) for _ in range(3)), key=lambda run: run.cpu
                )
                sample = runs[1]
                say(f"{size}, {connections} connections: {sample.cpu:.3f} ms of CPU, p50 {sample.p50:.2f} ms")
                found.append(
                    {
                        "size": size,
                        "connections": connections,
                        "cpu": sample.cpu,
                        "database_cpu": sample.database_cpu,
                        "p50": sample.p50,
                        "p99": sample.p99,
                    }
                )
    return found


def soak(size: str, requests: int, say: Say) -> dict[str, Any]:
    """So many mixed requests, and the memory of the server meanwhile."""
    with running_world(size, SEED) as world, running(SERVERS["tongcha"], world) as server:
        readings = uvloop.run(_soak(server, requests, say))
    return {"size": size, "connections": SOAKERS, "readings": readings}


async def _soak(server: Running, requests: int, say: Say) -> list[tuple[int, float]]:
    """Megabytes after so many requests."""
    readings = [(0, server.megabytes())]
    load = Load()
    await load.start(server.url, server.requests(MIXED), SOAKERS, SEED)
    try:
        while (done := readings[-1][0]) < requests:
            await load.wait(0.05)
            while len(load.latencies) < requests / STEPS:
                await load.wait(0.05)
            readings.append((done + len(load.latencies), server.megabytes()))
            load.forget()
            say(f"{readings[-1][0]:,} requests, {readings[-1][1]:.0f} MB")
    finally:
        load.stop()
    return readings
