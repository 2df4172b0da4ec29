"""Databases out of nothing: tables, the synthetic city, indexes."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping

import asyncpg

from datasources import provision
from datasources.city.load import load
from datasources.city.sizes import SIZES
from datasources.embedded import EmbeddedPostgres
from datasources.provision import database_dsn, role_name
from datasources.tables import DATABASES
from gateway.commands.state import State

Say = Callable[[str], None]
BAR = 40


def build_city(state: State, postgres: EmbeddedPostgres, size: str, seed: int, say: Say) -> None:
    """Drop what is there and build city `size` with `seed`, saying how far it is. What is cut off is built anew."""
    started = time.monotonic()
    state.forget_city()
    passwords = {name: postgres.password(role_name(name)) for name in DATABASES}
    rows = asyncio.run(_build(postgres.admin_dsn, passwords, size, seed, say))
    state.remember_city(size, seed)
    say(f"City built: {rows:,} rows in {time.monotonic() - started:.0f} s.")


def build_city_on(server: str, password: str, size: str, seed: int, say: Say) -> None:
    """The same on a server that somebody else runs, by the address of a superuser. One password for the roles of all databases."""
    started = time.monotonic()
    rows = asyncio.run(_build(server, dict.fromkeys(DATABASES, password), size, seed, say))
    say(f"City built: {rows:,} rows in {time.monotonic() - started:.0f} s.")


async def sizes(server: str) -> dict[str, float]:
    """Megabytes of each database of the city on a server."""
    connection = await asyncpg.connect(server)
    try:
        rows = await connection.fetch(
            "SELECT datname, pg_database_size(datname) / 1e6 AS size FROM pg_database WHERE datname = ANY($1) ORDER BY 1",
            list(DATABASES),
        )
        return {row["datname"]: row["size"] for row in rows}
    finally:
        await connection.close()


async def _build(admin: str, passwords: Mapping[str, str], size: str, seed: int, say: Say) -> int:
    await provision.drop(admin)
    await provision.create(admin, passwords=passwords)
    say(f"{len(DATABASES)} databases made; building city {size} with seed {seed}.")

    async def loaded(name: str) -> None:
        await provision.create_indexes(admin, name)

    addresses = {name: database_dsn(admin, name) for name in DATABASES}
    rows = await load(addresses, SIZES[size], seed, _Bar(say), loaded=loaded)
    connection = await asyncpg.connect(admin)
    try:
        await connection.execute("CHECKPOINT")  # to disk, before the note that everything is there
    finally:
        await connection.close()
    return rows


class _Bar:
    """How far the load is: a bar on a terminal, elsewhere a line for each tenth."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._terminal = sys.stderr.isatty()
        self._tenth = 0

    def __call__(self, group: str, part: float) -> None:
        if self._terminal:
            end = "\r" + " " * (BAR + 30) + "\r" if part >= 1 else ""
            sys.stderr.write(f"\r  {'█' * round(part * BAR):░<{BAR}} {part:4.0%} {group:<20.20}{end}")
            sys.stderr.flush()
        elif int(part * 10) > self._tenth:
            self._tenth = int(part * 10)
            self._say(f"  {self._tenth * 10:3d} %")
