"""Where the server's time goes: samples of the event loop's thread, by part and by function.

`py-spy` reads the stack from outside 400 times a second; the server runs as it always does. What is native (the event loop, sockets, the
driver's protocol) counts to the Python function that called it.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import uvloop

from bench.budgets import CONNECTIONS
from bench.load import Load
from bench.measure import SEED
from bench.operations import OPERATIONS
from bench.servers import SERVERS, Running, running
from bench.world import cpu_seconds, running_world

SPY = Path(sys.executable).parent / "py-spy"
RATE = 400
TOP = 10
LOOP = "Runner.run (asyncio/runners.py"
"""In the stack of the event loop's thread, and of no other; whoever calls is below it."""

PARTS: Sequence[tuple[str, str]] = (
    (r"uvicorn/|starlette/", "HTTP, uvicorn"),
    (r"asyncpg/|datasources/connection\.py", "the driver"),
    (r"gateway/(recorder|trace|subjects)\.py|auth/audit/|reference", "the record and its subjects"),
    (r"datasources/", "sharing of statements"),
    (r"gateway/(shap\w+|forms|rows)\.py|<row>", "rows to JSON"),
    (r"gateway/(run|side_by_side|thirds|compiled)\.py", "running the steps"),
    (r"gateway/(arguments|bound|sql|variables)\.py", "arguments"),
    (r"auth/|gateway/(asking|standing|identity|budgets)\.py", "token, decision, budgets"),
    (r"gateway/(http|app|request|leaving|media)\.py", "HTTP, the endpoint"),
    (r"gateway/", "the rest of the pipeline"),
    (r"", "event loop and sockets"),
)
"""Whose a sample is: that of the innermost function that one of these knows, in this order for each function."""

Say = Callable[[str], None]


class SpyMissing(Exception):
    """There is no py-spy beside this Python, or it may not look."""


def profiles(size: str, seconds: float, say: Say) -> dict[str, Any]:
    """Shares of the event loop's thread for every operation. Raises SpyMissing."""
    if not SPY.exists():
        raise SpyMissing(f"{SPY} is not there: install the extra `dev`")
    found: dict[str, Any] = {}
    with running_world(size, SEED) as world:
        for operation in OPERATIONS:
            with running(SERVERS["tongcha"], world) as server:
                cpu, stacks = uvloop.run(_watched(server, operation, seconds))
            found[operation] = {
                "cpu": cpu,
                "parts": _shares(by_part(stacks)),
                "top": _shares(by_function(stacks))[:TOP],
            }
            say(
                f"{operation}: {cpu:.3f} ms; "
                + ", ".join(f"{part} {share:.0%}" for part, share in found[operation]["parts"])
            )
    return {"size": size, "connections": CONNECTIONS, "operations": found}


async def _watched(server: Running, operation: str, seconds: float) -> tuple[float, list[tuple[list[str], int]]]:
    """Milliseconds of CPU a request, and the stacks with how often each was seen."""
    load = Load()
    await load.start(server.url, server.requests(operation), CONNECTIONS, SEED)
    try:
        await load.wait(2.0)
        load.forget()
        begun = cpu_seconds(server.pid) or 0.0
        with tempfile.NamedTemporaryFile("r", encoding="utf-8") as raw:
            spy = await asyncio.create_subprocess_exec(
                SPY,
                "record",
                *("--pid", str(server.pid), "--duration", str(round(seconds)), "--rate", str(RATE)),
                *("--format", "raw", "--output", raw.name),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            while spy.returncode is None:
                await load.wait(0.1)
            used = (cpu_seconds(server.pid) or 0.0) - begun
            stacks = list(stacks_of(raw.read()))
        if not stacks:
            raise SpyMissing("py-spy may not look into another process here")
        return 1000 * used / len(load.latencies), stacks
    finally:
        load.stop()


def stacks_of(raw: str) -> Iterator[tuple[list[str], int]]:
    """Stacks of the event loop's thread, outermost first: ``function (file)``, without lines."""
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        if LOOP in stack:
            yield [re.sub(r":\d+\)$", ")", frame) for frame in stack.split(";")], int(count)


def by_part(stacks: Sequence[tuple[list[str], int]]) -> Counter[str]:
    """How many samples each part has."""
    found: Counter[str] = Counter()
    for frames, count in stacks:
        found[_part(frames)] += count
    return found


def _part(frames: Sequence[str]) -> str:
    after = next(index for index, frame in enumerate(frames) if LOOP in frame) + 1
    for frame in reversed(frames[after:]):
        for pattern, part in PARTS[:-1]:
            if re.search(pattern, frame):
                return part
    return PARTS[-1][1]


def by_function(stacks: Sequence[tuple[list[str], int]]) -> Counter[str]:
    """By the function that was running."""
    found: Counter[str] = Counter()
    for frames, count in stacks:
        found[frames[-1]] += count
    return found


def _shares(counted: Counter[str]) -> list[tuple[str, float]]:
    whole = sum(counted.values())
    return [(name, round(count / whole, 4)) for name, count in counted.most_common()]
