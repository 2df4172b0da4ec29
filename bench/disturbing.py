"""What fails during a soak: one database after the other, and Redis, each in the ways of its own, at moments that chance names."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeAlias

import asyncpg

from bench.measure import SEED
from bench.world import World
from tests.redis_server import RedisServer

EVERY = (15.0, 45.0)
"""Seconds between two faults, at least and at most."""
SILENT = 3.0
"""Seconds for which a database or Redis does not answer."""
SHUT = 5.0
"""Seconds for which a database takes no connection."""

Admin: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Fault: TypeAlias = "Callable[[Admin, str], contextlib.AbstractAsyncContextManager[float]]"
"""Begins a fault of a database, gives the seconds that it lasts, and ends it."""

_CONNECTIONS = "FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"


async def disturb(world: World, redis: RedisServer | None, tell: Callable[[str], None]) -> None:
    """Faults without end, until cancelled; each is told by its name when it begins."""
    dice = random.Random(SEED)
    admin: Admin = await asyncpg.connect(world.admin)
    try:
        while True:
            await asyncio.sleep(dice.uniform(*EVERY))
            if redis is not None and dice.random() < 1 / (len(world.databases) + 1):
                name, fail = dice.choice(sorted(REDIS.items()))
                tell(name)
                await fail(redis)
                continue
            database = world.databases[dice.choice(sorted(world.databases))].rsplit("/", 1)[-1].split("?")[0]
            name, fault = dice.choice(sorted(DATABASE.items()))
            tell(name)
            async with fault(admin, database) as lasts:
                await asyncio.sleep(lasts)
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def _restarted(admin: Admin, database: str) -> AsyncIterator[float]:
    await admin.execute(f"SELECT pg_terminate_backend(pid) {_CONNECTIONS}", database)
    yield 0.0


@contextlib.asynccontextmanager
async def _shut(admin: Admin, database: str) -> AsyncIterator[float]:
    await admin.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
    try:
        await admin.execute(f"SELECT pg_terminate_backend(pid) {_CONNECTIONS}", database)
        yield SHUT
    finally:
        await admin.execute(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true')


@contextlib.asynccontextmanager
async def _silent(admin: Admin, database: str) -> AsyncIterator[float]:
    stopped = [row["pid"] for row in await admin.fetch(f"SELECT pid {_CONNECTIONS}", database)]
    _signal(stopped, signal.SIGSTOP)
    try:
        yield SILENT
    finally:
        _signal(stopped, signal.SIGCONT)


def _signal(processes: list[int], number: signal.Signals) -> None:
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


async def _hangs(redis: RedisServer) -> None:
    redis.hang()
    try:
        await asyncio.sleep(SILENT)
    finally:
        redis.go_on()


async def _emptied(redis: RedisServer) -> None:
    redis.stop()
    redis.start()


async def _gone(redis: RedisServer) -> None:
    redis.stop()
    try:
        await asyncio.sleep(SHUT)
    finally:
        redis.start()


DATABASE: dict[str, Fault] = {
    "a database ended its connections": _restarted,
    "a database took no connection": _shut,
    "a database did not answer": _silent,
}
REDIS = {
    "Redis did not answer": _hangs,
    "Redis was restarted, and was empty": _emptied,
    "Redis was gone": _gone,
}


@contextlib.contextmanager
def redis_beside() -> Iterator[RedisServer | None]:
    """A Redis of the benchmark's own, or None where there is no program."""
    if not RedisServer.can_be_started():
        yield None
        return
    redis = RedisServer()
    redis.start()
    try:
        yield redis
    finally:
        redis.remove()
