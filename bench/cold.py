"""The disclosure list when nothing of it is in memory, and when all is: the server of the databases was just started and the system has
forgotten its files, then the same questions once more.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvloop

from bench.load import BadAnswer, percentile, place, split
from bench.measure import SEED
from bench.servers import SERVERS, Running, running
from bench.world import STATE, forgotten_world, running_world

OPERATION = "list"
CHUNK = 1 << 16
QUESTIONS = 200
"""Different ones, one after the other."""

Say = Callable[[str], None]


def cold(size: str, say: Say) -> dict[str, Any]:
    """Milliseconds and statements of the same questions, cold and warm."""
    with running_world(size, SEED) as world:
        pools = world.pools
    forget(STATE / size)
    with forgotten_world(size, pools) as world, running(SERVERS["tongcha"], world) as server:
        runs = [uvloop.run(_asked(server)) for _ in range(2)]
    for name, run in zip(("cold", "warm"), runs, strict=True):
        say(f"{name}: p50 {run['p50']:.2f} ms, p99 {run['p99']:.2f} ms, {run['statements']:.2f} statements a request")
    return {"size": size, "operation": OPERATION, "questions": QUESTIONS, "cold": runs[0], "warm": runs[1]}


def forget(directory: Path) -> None:
    """Lets the system forget what it holds of the files below a directory (POSIX_FADV_DONTNEED)."""
    os.sync()
    for path in directory.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


async def _asked(server: Running) -> dict[str, float]:
    """The first questions in their order, each once."""
    before, latencies = await server.world.statements(), []
    reader, writer = await asyncio.open_connection(*place(server.url))
    for asked in server.requests(OPERATION)[:QUESTIONS]:
        begun = time.perf_counter()
        writer.write(asked)
        data = await reader.read(CHUNK)
        while (answer := split(data)) is None:
            data += await reader.read(CHUNK)
        latencies.append(time.perf_counter() - begun)
        if answer[0] != 200:
            raise BadAnswer(str(answer[0]))
    writer.close()
    statements = await server.world.statements() - before
    return {
        "first": 1000 * latencies[0],
        "p50": percentile(latencies, 0.5),
        "p99": percentile(latencies, 0.99),
        "statements": statements / QUESTIONS,
    }
