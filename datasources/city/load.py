"""Puts the city into empty tables: generated in chunks by a few processes, sent with COPY, never held as a whole."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count

import asyncpg

from datasources.city.feeds import GROUPS
from datasources.city.sizes import SEED, SIZES, Size

Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Job:
    """A chunk of one group of tables: the things `start` to `stop` of its numbering."""

    group: int
    dsn: str
    size: str
    seed: int
    start: int
    stop: int


def jobs(admin_dsns: Mapping[str, str], size: Size, seed: int) -> list[Job]:
    """The work, in the order of `GROUPS`: what cannot be split comes first."""
    made = []
    for place, group in enumerate(GROUPS):
        if group.database in admin_dsns:
            total = group.total(size)
            made += [
                Job(group=place, dsn=admin_dsns[group.database], size=size.name, seed=seed, start=start,
                    stop=min(start + group.chunk, total))
                for start in range(0, total, group.chunk)
            ]  # fmt: skip
    return made


async def copy(job: Job) -> int:
    """Generate and send one chunk; the number of rows. Errors are `asyncpg.PostgresError` or `OSError`."""
    group, size = GROUPS[job.group], SIZES[job.size]
    rows = 0
    connection = await asyncpg.connect(job.dsn)
    try:
        for table, maker in group.feeds:
            schema, name = table.split(".")
            done = await connection.copy_records_to_table(
                name, schema_name=schema, columns=group.columns(table), records=maker(size, job.seed, job.start, job.stop)
            )
            rows += int(done.rsplit(" ", 1)[1])
    finally:
        await connection.close()
    return rows


def run(job: Job) -> int:
    """`copy` for a process of its own."""
    return asyncio.run(copy(job))


async def load(
    admin_dsns: Mapping[str, str],
    size: Size,
    seed: int = SEED,
    progress: Progress | None = None,
    *,
    loaded: Callable[[str], Awaitable[None]] | None = None,
    workers: int = 2,
) -> int:
    """Fill the databases named in `admin_dsns` (name → administrator's address) and return the number of rows.

    `progress` hears the name of a group of tables and the part of all work done (0 to 1). `loaded` is awaited for a
    database as soon as all its rows are there, which lets indexes be built while others still load. `workers` is the
    number of processes; 0 generates in this one. The tables must exist and be empty.
    """
    work = jobs(admin_dsns, size, seed)
    left = {name: 0 for name in admin_dsns}
    for job in work:
        left[GROUPS[job.group].database] += 1
    finished = count(1)
    following: list[asyncio.Task[None]] = []

    def done(job: Job) -> None:
        group = GROUPS[job.group]
        left[group.database] -= 1
        if progress:
            progress(group.name, next(finished) / len(work))
        if loaded and not left[group.database]:
            following.append(asyncio.ensure_future(_follow(loaded, group.database)))

    rows = await (_in_processes(work, done, workers) if workers else _here(work, done))
    await asyncio.gather(*following)
    return rows


async def _follow(loaded: Callable[[str], Awaitable[None]], database: str) -> None:
    await loaded(database)


async def _here(work: list[Job], done: Callable[[Job], None]) -> int:
    rows = 0
    for job in work:
        rows += await copy(job)
        done(job)
    return rows


async def _in_processes(work: list[Job], done: Callable[[Job], None], workers: int) -> int:
    # Spawned, not forked: the caller has an event loop, and perhaps threads, that a fork would break.
    context = multiprocessing.get_context("spawn")
    loop = asyncio.get_running_loop()
    waiting = iter(work)

    async def lane(pool: ProcessPoolExecutor) -> int:
        rows = 0
        for job in waiting:
            rows += await loop.run_in_executor(pool, run, job)
            done(job)
        return rows

    with ProcessPoolExecutor(max_workers=workers, mp_context=context) as pool:
        return sum(await asyncio.gather(*(lane(pool) for _ in range(workers))))
