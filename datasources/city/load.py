"""Puts the city into empty tables: generated in chunks by a few processes, sent with COPY, never held as a whole."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import count
from multiprocessing.process import BaseProcess

import asyncpg

from datasources.city.feeds import GROUPS
from datasources.city.sizes import SEED, SIZES, Size

Progress = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Job:
    """A chunk of one group of tables: the things `start` to `stop` of its numbering, for the databases in `dsns`."""

    group: int
    dsns: Mapping[str, str]
    size: str
    seed: int
    start: int
    stop: int


def jobs(admin_dsns: Mapping[str, str], size: Size, seed: int) -> list[Job]:
    """The work, in the order of `GROUPS`: what cannot be split comes first."""
    made = []
    for place, group in enumerate(GROUPS):
        dsns = {feed.database: admin_dsns[feed.database] for feed in group.feeds if feed.database in admin_dsns}
        total = group.total(size) if dsns else 0
        made += [
            Job(group=place, dsns=dsns, size=size.name, seed=seed, start=start, stop=min(start + group.chunk, total))
            for start in range(0, total, group.chunk)
        ]
    return made


async def copy(job: Job) -> int:
    """Generate and send one chunk; the number of rows. Errors are `asyncpg.PostgresError` or `OSError`."""
    group, size = GROUPS[job.group], SIZES[job.size]
    rows = 0
    for database, dsn in job.dsns.items():
        connection = await asyncpg.connect(dsn)
        try:
            for feed in group.feeds:
                if feed.database == database:
                    schema, name = feed.table.split(".")
                    records = feed.rows(size, job.seed, job.start, job.stop)
                    done = await connection.copy_records_to_table(
                        name, schema_name=schema, columns=feed.columns, records=records
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
    left = Counter(name for job in work for name in job.dsns)
    finished = count(1)
    following: list[asyncio.Task[None]] = []

    def done(job: Job) -> None:
        if progress:
            progress(GROUPS[job.group].name, next(finished) / len(work))
        left.subtract(list(job.dsns))
        if loaded:
            following.extend(asyncio.ensure_future(_follow(loaded, name)) for name in job.dsns if not left[name])

    try:
        rows = await (_in_processes(work, done, workers) if workers else _here(work, done))
        await asyncio.gather(*following)
    finally:
        for task in following:
            task.cancel()
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
    waiting = deque(work)

    async def lane(pool: ProcessPoolExecutor) -> int:
        rows = 0
        try:
            while waiting:
                job = waiting.popleft()
                rows += await loop.run_in_executor(pool, run, job)
                done(job)
        except BaseException:
            # The other lanes end with the job they have.
            waiting.clear()
            raise
        return rows

    with ProcessPoolExecutor(max_workers=workers, mp_context=context, initializer=_prepare_worker) as pool:
        return sum(await asyncio.gather(*(lane(pool) for _ in range(workers))))


def _prepare_worker() -> None:
    """The caller alone answers Ctrl-C, and when it is killed no worker stays behind waiting for work."""
    # Rows are tuples without cycles: looking for garbage in the caches costs a tenth of the time and finds none.
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if (parent := multiprocessing.parent_process()) is not None:
        threading.Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
