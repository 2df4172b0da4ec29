"""Hours of mixed requests at a share of what the server can do, with faults meanwhile: what stays flat, minute by minute.

Databases and Redis fail as `bench.disturbing` makes them, and callers go away in the middle of a request. What an answer lacks is
counted and not held against the server; a request that is lost is.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop

from bench.disturbing import disturb, redis_beside
from bench.load import END, ERRORS, percentile, place, split
from bench.measure import SEED, measure
from bench.operations import MIXED
from bench.servers import SERVERS, Running, running
from bench.world import running_world
from tests.redis_server import RedisServer

CALLERS = 32
SHARE = 0.6
"""Of what the server answers when all callers ask as fast as they can."""
MINUTE = 60.0
GOES_AWAY = 0.005
"""Share of requests whose caller goes away before the answer."""
NEVER = 30.0
"""Seconds after which an answer that has not come is lost: the gateway's own longest time is twelve."""
PROBE_EVERY = 0.05
"""Seconds between two looks at how long the event loop takes to get to something that is no work."""
PROBE = b"GET /healthz HTTP/1.1\r\nhost: gateway\r\n\r\n"

Say = Callable[[str], None]


@dataclass
class Tally:
    """What became of requests, and how long the probes took, since the last reading. Seconds."""

    outcomes: Counter[str] = field(default_factory=Counter)
    probes: list[float] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One minute. `lag` is the 99th percentile of the probes, in milliseconds; `descriptors` are open files and sockets."""

    minute: int
    megabytes: float
    descriptors: int
    lag: float
    faults: int
    whole: int
    partial: int
    refused: int
    away: int
    lost: int

    @property
    def row(self) -> list[Any]:
        """As it is kept."""
        return [getattr(self, name) for name in COLUMNS]


COLUMNS = tuple(Reading.__dataclass_fields__)


def endurance(size: str, hours: float, say: Say) -> dict[str, Any]:
    """So many hours; a reading a minute. Without a ``redis-server`` on the PATH there is no Redis, and none that fails."""
    faults: Counter[str] = Counter()
    with (
        running_world(size, SEED) as world,
        redis_beside() as redis,
        running(SERVERS["tongcha"], world, redis=redis.url if redis is not None else "") as server,
    ):
        most = measure(server, MIXED, CALLERS, 5.0, warm=3.0).per_second
        say(f"{most:,.0f} requests a second at the most: {SHARE * most:,.0f} are asked")
        readings = uvloop.run(_endure(server, redis, hours * 3600, CALLERS / (SHARE * most), faults, say))
    return {
        "size": size,
        "callers": CALLERS,
        "faults": dict(sorted(faults.items())),
        "columns": list(COLUMNS),
        "readings": [one.row for one in readings],
    }


async def _endure(
    server: Running, redis: RedisServer | None, seconds: float, every: float, faults: Counter[str], say: Say
) -> list[Reading]:
    tally, readings = Tally(), [_read(server, 0, Tally())]
    requests = server.requests(MIXED)
    tasks = [
        asyncio.create_task(_ask(server.url, requests, random.Random(f"{SEED} {number}"), every, tally))
        for number in range(CALLERS)
    ]
    tasks += [asyncio.create_task(_probe(server.url, tally))]
    tasks += [asyncio.create_task(disturb(server.world, redis, lambda fault: tally.faults.update([fault])))]
    say(" ".join(f"{name:>12}" for name in COLUMNS))
    try:
        for minute in range(1, max(1, round(seconds / MINUTE)) + 1):
            done, _ = await asyncio.wait(tasks, timeout=min(MINUTE, seconds), return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
            readings.append(_read(server, minute, tally))
            faults.update(tally.faults)
            tally.outcomes, tally.probes, tally.faults = Counter(), [], Counter()
            say(
                " ".join(
                    f"{value:>12,.1f}" if isinstance(value, float) else f"{value:>12,}" for value in readings[-1].row
                )
            )
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return readings


def _read(server: Running, minute: int, tally: Tally) -> Reading:
    return Reading(
        minute=minute,
        megabytes=server.megabytes(),
        descriptors=sum(1 for _ in Path(f"/proc/{server.pid}/fd").iterdir()),
        lag=percentile(tally.probes, 0.99) if tally.probes else 0.0,
        faults=tally.faults.total(),
        **{name: tally.outcomes[name] for name in ("whole", "partial", "refused", "away", "lost")},
    )


async def _ask(url: str, requests: Sequence[bytes], dice: random.Random, every: float, tally: Tally) -> None:
    """One caller, at a pace; connects again when the connection is lost."""
    due = time.monotonic() + dice.random() * every
    while True:
        try:
            reader, writer = await asyncio.open_connection(*place(url))
        except OSError:
            tally.outcomes["lost"] += 1
            await asyncio.sleep(every)
            continue
        with contextlib.closing(writer):
            while True:
                await asyncio.sleep(due - time.monotonic())
                due += every
                writer.write(dice.choice(requests))
                if dice.random() < GOES_AWAY:
                    await asyncio.sleep(dice.random() / 500)
                    tally.outcomes["away"] += 1
                    break
                outcome = await _outcome(reader)
                tally.outcomes[outcome] += 1
                if outcome == "lost":
                    break


async def _outcome(reader: asyncio.StreamReader) -> str:
    try:
        async with asyncio.timeout(NEVER):
            answer = await _answer(reader)
    except (OSError, asyncio.IncompleteReadError):
        return "lost"
    if answer is None:
        return "lost"
    status, body = answer
    if status != 200:
        return "refused" if status in {429, 503} else "lost"
    return "partial" if ERRORS in body else "whole"


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes] | None:
    data = b""
    while piece := await reader.read(1 << 18):
        data += piece
        if END in data and (answer := split(data)) is not None:
            return answer
    return None


async def _probe(url: str, tally: Tally) -> None:
    """How long what is no work takes: that is how long the event loop was busy with something else."""
    reader, writer = await asyncio.open_connection(*place(url))
    with contextlib.closing(writer):
        while True:
            begun = time.perf_counter()
            writer.write(PROBE)
            if await _answer(reader) is None:
                tally.outcomes["lost"] += 1
                return
            tally.probes.append(time.perf_counter() - begun)
            await asyncio.sleep(PROBE_EVERY)
