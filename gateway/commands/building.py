"""Databases out of nothing: tables, the synthetic city, indexes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import asyncpg

from datasources import provision
from datasources.embedded import EmbeddedPostgres
from datasources.provision import database_dsn, role_name
from datasources.tables import DATABASES
from gateway.commands.state import State

Say = Callable[[str], None]


def build_city(state: State, postgres: EmbeddedPostgres, size: str, seed: int, say: Say) -> None:
    """Drop what is there and build city `size` with `seed`, saying how far it is. What is cut off is built anew."""
    started = time.monotonic()
    state.forget_city()
    asyncio.run(_build(postgres, size, seed, say))
    state.remember_city(size, seed)
    say(f"City built ({time.monotonic() - started:.0f} s).")


async def _build(postgres: EmbeddedPostgres, size: str, seed: int, say: Say) -> None:
    from datasources.city.load import load

    passwords = {name: postgres.password(role_name(name)) for name in DATABASES}
    await provision.drop(postgres.admin_dsn)
    await provision.create(postgres.admin_dsn, passwords=passwords)
    say(f"{len(DATABASES)} databases made; building city {size} with seed {seed}.")
    await load(postgres.admin_dsn, size=size, seed=seed, say=say)
    for name in DATABASES:
        await provision.create_indexes(postgres.admin_dsn, name)
    await _checkpoint(postgres)


async def sizes(postgres: EmbeddedPostgres) -> dict[str, float]:
    """Megabytes of each database."""
    connection = await asyncpg.connect(postgres.admin_dsn)
    try:
        rows = await connection.fetch(
            "SELECT datname, pg_database_size(datname) / 1e6 AS size FROM pg_database WHERE datname = ANY($1)",
            list(DATABASES),
        )
        return {row["datname"]: row["size"] for row in rows}
    finally:
        await connection.close()


async def _checkpoint(postgres: EmbeddedPostgres) -> None:
    """To disk, before the note that everything is there."""
    connection = await asyncpg.connect(database_dsn(postgres.admin_dsn, next(iter(DATABASES))))
    try:
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
