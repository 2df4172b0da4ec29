"""More than a server can answer: callers who ask when they have to, whether or not the others were answered."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import uvloop

from bench.load import ERRORS, Load, percentile, place, split
from bench.measure import SEED
from bench.servers import LIMITED, SERVERS, Running, running
from bench.world import running_world

CONNECTIONS = 16
"""Of the peak: no more than are always let in."""
POOL = 400
"""Connections that those who have to ask find. Who finds none that is free is not heard."""
TICK = 0.002
"""Seconds between two looks at who has to ask."""

Say = Callable[[str], None]


def overload(size: str, operation: str, times: float, seconds: float, say: Say) -> dict[str, Any]:
    """Answers a second and p99 at the peak, and at so many times of it."""
    with running_world(size, SEED) as world, running(SERVERS[LIMITED], world) as server:
        peak = uvloop.run(_peak(server, operation, min(10.0, seconds)))
        over = uvloop.run(_over(server, operation, times * peak["rate"], seconds))
    say(f"peak: {peak['rate']:.0f}/s, p99 {peak['p99']:.1f} ms")
    say(f"{times:g} times: {over['rate']:.0f}/s, p99 {over['p99']:.1f} ms")
    say(", ".join(f"{over[name]:.0f} {name}/s" for name in ("refused", "lacking", "unsent")))
    return {
        "size": size,
        "operation": operation,
        "connections": CONNECTIONS,
        "times": times,
        "seconds": seconds,
        "peak": peak,
        "over": over,
    }


async def _peak(server: Running, operation: str, seconds: float) -> dict[str, float]:
    load = Load()
    try:
        await load.start(server.url, server.requests(operation), CONNECTIONS, SEED)
        await load.wait(2.0)
        load.forget()
        await load.wait(seconds)
        return {"rate": len(load.latencies) / seconds, "p99": percentile(load.latencies, 0.99)}
    finally:
        load.stop()


async def _over(server: Running, operation: str, rate: float, seconds: float) -> dict[str, float]:
    crowd = _Crowd(server.requests(operation))
    host, port = place(server.url)
    loop = asyncio.get_running_loop()
    for _ in range(POOL):
        await loop.create_connection(lambda: _Caller(crowd), host, port)
    await crowd.ask(rate, min(5.0, seconds))
    crowd.forget()
    await crowd.ask(rate, seconds)
    return {
        "rate": len(crowd.latencies) / seconds,
        "p99": percentile(crowd.latencies, 0.99),
        "refused": crowd.refused / seconds,
        "unsent": crowd.unsent / seconds,
        "lacking": crowd.lacking / seconds,
        "asked": crowd.asked / seconds,
    }


class _Crowd:
    """The callers that are free, and what became of those who were not: `lacking` are answers that are not whole, and none at all."""

    def __init__(self, requests: Sequence[bytes]) -> None:
        self.free: deque[_Caller] = deque()
        self._requests = requests
        self._dice = random.Random(SEED)
        self.forget()

    def forget(self) -> None:
        """Begins to count anew."""
        self.latencies: list[float] = []
        self.refused = self.unsent = self.lacking = self.asked = 0

    async def ask(self, rate: float, seconds: float) -> None:
        """So many requests a second, as chance has it."""
        due = begun = time.perf_counter()
        while (now := time.perf_counter()) - begun < seconds:
            while due <= now:
                due += self._dice.expovariate(rate)
                self.asked += 1
                if self.free:
                    self.free.popleft().ask(self._dice.choice(self._requests))
                else:
                    self.unsent += 1
            await asyncio.sleep(TICK)


class _Caller(asyncio.Protocol):
    """A connection: free, or waiting for an answer."""

    def __init__(self, crowd: _Crowd) -> None:
        self._crowd = crowd
        self._buffer = b""
        self._sent = 0.0
        self._asks = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._crowd.free.append(self)

    def ask(self, request: bytes) -> None:
        self._sent = time.perf_counter()
        self._asks = True
        self._transport.write(request)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """What was asked is not answered, and nobody asks on it again."""
        if self._asks:
            self._crowd.lacking += 1
        elif self in self._crowd.free:
            self._crowd.free.remove(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answer = split(self._buffer)
        if answer is None:
            return
        self._buffer = b""
        self._asks = False
        status, body = answer
        if status == 503:
            self._crowd.refused += 1
        elif status == 200 and ERRORS not in body:
            self._crowd.latencies.append(time.perf_counter() - self._sent)
        else:
            self._crowd.lacking += 1
        self._crowd.free.append(self)
