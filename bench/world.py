"""The city that is asked, and the keys that exist in it.

The databases are the demo's, in a directory of the benchmark's own, with ``pg_stat_statements`` beside them: it counts the statements
of every server alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from bench.operations import Variables
from bench.pins import DATABASE_CORE, pin, pinned
from datasources.city.sizes import SEED
from datasources.embedded import ADMIN, EmbeddedPostgres
from gateway.commands.building import build_city
from gateway.commands.state import ROOT, State, addresses_of, running_postgres

STATE = Path(os.environ.get("TONGCHA_BENCH_STATE") or ROOT / ".state" / "bench")
DAY = "2026-11-05"
"""The city's reference day: every server takes it for today."""
POOL = 1_000
"""Keys of one operation."""
FUNCTIONS = Path(__file__).parent / "peers" / "node" / "postgraphile.sql"
COUNTED = "pg_stat_statements"


@dataclass(frozen=True, kw_only=True)
class World:
    """A running city."""

    size: str
    databases: Mapping[str, str]
    """DSN by the database's name."""
    admin: str
    postmaster: int
    pools: Mapping[str, Sequence[Variables]]
    """Variables by operation: the same for all servers, in the same order."""

    async def statements(self) -> int:
        """Statements that were run so far, by whomever, but for this one."""
        return int(
            await _value(self.admin, f"SELECT coalesce(sum(calls), 0) FROM {COUNTED} WHERE query !~ '{COUNTED}'")
        )

    def database_cpu(self) -> dict[int, float]:
        """CPU seconds of every process of the database server, by its id."""
        return {pid: cpu for pid in _family(self.postmaster) if (cpu := cpu_seconds(pid)) is not None}


def cpu_seconds(pid: int) -> float | None:
    """CPU seconds that a process has used, all its threads together; None when it is gone."""
    with contextlib.suppress(OSError):
        return time.clock_gettime(~pid << 3 | 2)  # Linux: the CPU clock of another process
    return None


def _family(parent: int) -> list[int]:
    found = [parent]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


@contextlib.contextmanager
def running_world(size: str, seed: int) -> Iterator[World]:
    """The city of `size`, built when it is not there, on the database's core. `seed` is of the keys."""
    state = State(STATE / size)
    with pinned(DATABASE_CORE), _counting(state) as postgres:
        for pid in _family(postgres.pid):
            pin(pid, DATABASE_CORE)
        if state.city() is None:
            build_city(state, postgres, size, SEED, print)
        asyncio.run(_value(postgres.dsn("legal_entity", ADMIN), FUNCTIONS.read_text(encoding="utf-8")))
        yield _world(size, postgres, asyncio.run(keys_of(addresses_of(postgres), seed)))


@contextlib.contextmanager
def forgotten_world(size: str, pools: Mapping[str, Sequence[Variables]]) -> Iterator[World]:
    """The city of `size`, which is there, asked for nothing yet; `pools` are the keys that were found in it before."""
    with pinned(DATABASE_CORE), _counting(State(STATE / size)) as postgres:
        for pid in _family(postgres.pid):
            pin(pid, DATABASE_CORE)
        yield _world(size, postgres, pools)


def _world(size: str, postgres: EmbeddedPostgres, pools: Mapping[str, Sequence[Variables]]) -> World:
    return World(
        size=size,
        databases=addresses_of(postgres),
        admin=postgres.admin_dsn,
        postmaster=postgres.pid,
        pools=pools,
    )


@contextlib.contextmanager
def _counting(state: State) -> Iterator[EmbeddedPostgres]:
    """The server with the module that counts; the first time it has to start twice."""
    with running_postgres(state) as postgres:
        if asyncio.run(_value(postgres.admin_dsn, "SHOW shared_preload_libraries")) == COUNTED:
            asyncio.run(_value(postgres.admin_dsn, f"CREATE EXTENSION IF NOT EXISTS {COUNTED}"))
            yield postgres
            return
        asyncio.run(_value(postgres.admin_dsn, f"ALTER SYSTEM SET shared_preload_libraries = '{COUNTED}'"))
    with _counting(state) as postgres:
        yield postgres


async def _value(dsn: str, text: str) -> Any:
    connection = await asyncpg.connect(dsn)
    try:
        if ";" in text:
            return await connection.execute(text)
        return await connection.fetchval(text)
    finally:
        await connection.close()


async def _rows(dsn: str, text: str, *parameters: Any) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(text, *parameters)]
    finally:
        await connection.close()


# --- keys ------------------------------------------------------------------------------------------

# What only an access decision would take away is not asked for: the servers beside ours have none.

_VEHICLES = f"""
SELECT v.plate_no, o.owner_type, o.owner_ref FROM veh.vehicle v JOIN veh.ownership o USING (vehicle_id)
WHERE v.plate_type = '02' AND NOT v.sealed AND o.owner_type IN ('1', '2')
  AND (o.valid_from IS NULL OR o.valid_from <= DATE '{DAY}') AND (o.valid_to IS NULL OR o.valid_to >= DATE '{DAY}')
  AND NOT EXISTS (SELECT FROM veh.vehicle w WHERE w.plate_no = v.plate_no AND w.plate_type = '02' AND w.vehicle_id <> v.vehicle_id)
  AND NOT EXISTS (SELECT FROM veh.ownership p WHERE p.vehicle_id = v.vehicle_id AND p.ctid <> o.ctid
                  AND (p.valid_to IS NULL OR p.valid_to >= DATE '{DAY}'))
ORDER BY md5(v.plate_no || $1) LIMIT $2
"""
_PERSONS = """
SELECT person_id, id_no FROM pop.person
WHERE person_id = ANY ($1) AND id_type = '111' AND NOT sealed AND NOT is_minor_14 AND protection_flag = 0
"""
_OWNERS = "SELECT entity_id, uscc FROM ent.entity WHERE entity_id = ANY ($1) AND NOT sealed"
_HOLDERS = f"""
SELECT DISTINCT holder_id_no FROM lic.certificate
WHERE holder_id_no = ANY ($1) AND NOT sealed AND status_code = '1' AND (valid_to IS NULL OR valid_to >= DATE '{DAY}')
"""
_ENTITIES = "SELECT uscc FROM ent.entity WHERE NOT sealed ORDER BY md5(uscc || $1) LIMIT $2"
_DAYS = """
SELECT DISTINCT established_on FROM ent.entity
WHERE NOT sealed AND established_on < (SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY established_on) FROM ent.entity)
ORDER BY 1
"""
_LISTS = f"""
SELECT kinds, division, until::text FROM
  (VALUES (ARRAY['1']), (ARRAY['2']), (ARRAY['1', '2'])) AS k(kinds),
  (VALUES ('4404'), ('440402'), ('440403'), ('440404')) AS p(division),
  generate_series(DATE '2025-01-05', DATE '{DAY}', interval '1 week') AS u(until),
  LATERAL (SELECT count(*) AS found FROM (
    SELECT FROM gw.disclosure d
    WHERE d.state = '2' AND d.publish_until >= DATE '{DAY}' AND NOT d.sealed
      AND d.kind = ANY (kinds) AND d.division_code LIKE division || '%' AND d.decided_on <= until LIMIT 50) AS first_page) AS n
WHERE found = 50
"""
_KINDS = {"1": "INSPECTION", "2": "PENALTY"}


async def keys_of(databases: Mapping[str, str], seed: int) -> dict[str, list[Variables]]:
    """Variables by operation, the same for the same city and seed."""
    dice, salt = random.Random(seed), str(seed)
    days = [row[0].isoformat() for row in await _rows(databases["legal_entity"], _DAYS)]
    lists = await _rows(databases["gateway"], _LISTS)
    pools: dict[str, list[Variables]] = {
        "lookup": [{"plateNo": plate} for plate in await _plates(databases, salt)],
        "list": [
            {"kinds": [_KINDS[kind] for kind in kinds], "division": division, "until": until[:10]}
            for kinds, division, until in lists
        ],
        "point": [{"uscc": row[0]} for row in await _rows(databases["legal_entity"], _ENTITIES, salt, POOL)],
        "rows": [dict(zip("abc", dice.choices(days, k=3), strict=True)) for _ in range(POOL)],
    }
    for pool in pools.values():
        dice.shuffle(pool)
    return pools


async def _plates(databases: Mapping[str, str], salt: str) -> list[str]:
    """Plates whose owner holds a certificate: then five databases have something to say."""
    vehicles = await _rows(databases["vehicle"], _VEHICLES, salt, 5 * POOL)
    keys = [key for _, _, key in vehicles]
    numbers = dict(await _rows(databases["population"], _PERSONS, keys))
    numbers |= dict(await _rows(databases["legal_entity"], _OWNERS, keys))
    holders = {row[0] for row in await _rows(databases["certificate"], _HOLDERS, list(numbers.values()))}
    return [plate for plate, _, key in vehicles if numbers.get(key) in holders][:POOL]
