"""A thousand subscribers of the change feed on one process: what each costs in memory, and how long a change takes to reach them.

Every subscriber is a stream of server-sent events of its own; one change at a time is committed, with a notice, and the clock runs
from the commit to the arrival of its event. The changes are taken out again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, cast

import asyncpg
import orjson
import uvloop

from auth.issuer import DemoIssuer
from bench.load import END, BadAnswer, percentile, place, request
from bench.measure import SEED
from bench.servers import SERVERS, Running, running
from bench.world import STATE, running_world
from gateway.waking import CHANNEL
from resolvers.feed import cursor_at

SUBSCRIBERS = (1, 100, 1_000)
CHANGES = 20
"""Changes that are measured for each number of subscribers."""
PAUSE = 0.3
"""Seconds between two changes."""
SECONDS = 60.0
"""In which all must have arrived."""
EVENT = b"event: next\n"
QUERY = (
    "subscription($after: Cursor) { disclosureChanges(after: $after) "
    "{ changes { seq op record { documentNo subjectName causeName decidedOn } } nextCursor } }"
)
CHANGE = """
INSERT INTO gw.change_log
SELECT (jsonb_populate_record(c, jsonb_build_object('seq', $1::bigint, 'op', 'UPDATE', 'changed_at', now()))).*
FROM gw.change_log AS c WHERE op = 'PUBLISH' ORDER BY seq LIMIT 1
"""

Say = Callable[[str], None]


class Subscribers:
    """Open streams, and when the latest event came to each (seconds of ``time.perf_counter``)."""

    def __init__(self, asked: bytes) -> None:
        self._asked = asked
        self._expected = 0
        self._arrived: list[float] = []
        self._all: asyncio.Future[None]
        self.streams: list[asyncio.Transport] = []

    def expect(self) -> None:
        """The next event of every stream is waited for."""
        self._expected, self._arrived = len(self.streams), []
        self._all = asyncio.get_running_loop().create_future()

    async def arrived(self) -> list[float]:
        """When it came to each. Raises TimeoutError, BadAnswer."""
        async with asyncio.timeout(SECONDS):
            await self._all
        return self._arrived

    async def open(self, url: str, count: int) -> None:
        """So many streams, each past its first event."""
        loop = asyncio.get_running_loop()
        while len(self.streams) < count:
            await loop.create_connection(lambda: _Stream(self), *place(url))
            self.streams[-1].write(self._asked)
            self._expected, self._arrived, self._all = 1, [], loop.create_future()
            await self.arrived()

    def came(self, data: bytes) -> None:
        """What one stream received."""
        if EVENT in data and b'"errors"' not in data:
            self._arrived.append(time.perf_counter())
            if len(self._arrived) == self._expected:
                self._all.set_result(None)
        elif END in data and not data.startswith(b"HTTP/1.1 200"):
            self._all.set_exception(BadAnswer(data[:200].decode(errors="replace")))

    def close(self) -> None:
        """Closes the streams."""
        for stream in self.streams:
            stream.abort()


class _Stream(asyncio.Protocol):
    def __init__(self, subscribers: Subscribers) -> None:
        self._subscribers = subscribers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._subscribers.streams.append(cast(asyncio.Transport, transport))

    def data_received(self, data: bytes) -> None:
        self._subscribers.came(data)


def subscribers(size: str, say: Say) -> dict[str, Any]:
    """Memory and delay with few and with many subscribers."""
    with running_world(size, SEED) as world, running(SERVERS["tongcha"], world) as server:
        found = uvloop.run(_measured(server, say))
    return {"size": size, "changes": CHANGES, "runs": found}


async def _measured(server: Running, say: Say) -> list[dict[str, float]]:
    writer = await asyncpg.connect(server.world.databases["gateway"])
    last = await writer.fetchval("SELECT coalesce(max(seq), 0) FROM gw.change_log")
    body = orjson.dumps({"query": QUERY, "variables": {"after": cursor_at(last)}})
    token = DemoIssuer.open(STATE / server.world.size).mint("public")
    asked = request(server.url, "/graphql", body, token).replace(
        b"accept: application/json", b"accept: text/event-stream"
    )
    streams, number, found = Subscribers(asked), last, []
    try:
        await streams.open(server.url, 1)  # what the first one starts is nobody's own
        empty = server.megabytes()
        for count in SUBSCRIBERS:
            await streams.open(server.url, count)
            megabytes, delays = server.megabytes(), []
            for _ in range(CHANGES):
                number += 1
                delays += await _delays(writer, streams, number)
                await asyncio.sleep(PAUSE)
            run = {
                "subscribers": count,
                "kilobytes": 1000 * (megabytes - empty) / max(1, count - 1),
                "p50": percentile(delays, 0.5),
                "p99": percentile(delays, 0.99),
            }
            say(
                f"{count:,} subscribers: {run['kilobytes']:.0f} kB each, "
                f"delay p50 {run['p50']:.1f} ms, p99 {run['p99']:.1f} ms"
            )
            found.append(run)
    finally:
        streams.close()
        await writer.execute("DELETE FROM gw.change_log WHERE seq > $1", last)
        await writer.close()
    return found


async def _delays(writer: asyncpg.Connection[Any], streams: Subscribers, number: int) -> list[float]:
    """Seconds from one commit to each arrival."""
    streams.expect()
    change = writer.transaction()
    await change.start()
    await writer.execute(CHANGE, number)
    await writer.execute("SELECT pg_notify($1, $2)", CHANNEL, str(number))
    committed = time.perf_counter()
    await change.commit()
    return [at - committed for at in await streams.arrived()]
