"""Databases made on a real server: each role reaches its own database, reads it, and writes only where it may."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import pytest_asyncio

from datasources import provision
from datasources.embedded import EmbeddedPostgres
from datasources.tables import DATABASES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

NAMES = ("population", "personnel", "matter", "gateway")


@pytest.fixture(scope="module")
def admin_dsn() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        server = EmbeddedPostgres(Path(directory))
        yield server.start()
        server.remove()


@pytest_asyncio.fixture(scope="module")
async def dsns(admin_dsn: str) -> AsyncIterator[dict[str, str]]:
    addresses = await provision.create(admin_dsn, NAMES, passwords={"population": "it's/a p@ss"})
    for name in NAMES:
        await provision.create_indexes(admin_dsn, name)
    yield addresses
    await provision.drop(admin_dsn, NAMES)


async def ask(dsn: str, *statements: str) -> Any:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            answer = await connection.fetchval(statement)
        return answer
    finally:
        await connection.close()


async def test_each_database_has_its_address(dsns: dict[str, str]) -> None:
    assert tuple(dsns) == NAMES
    for name, dsn in dsns.items():
        assert await ask(dsn, "SELECT current_database() || ' ' || current_user") == f"{name} tongcha_{name}"


async def test_every_table_is_there_and_readable(dsns: dict[str, str]) -> None:
    for name, dsn in dsns.items():
        for table in DATABASES[name].sorted_tables:
            assert await ask(dsn, f"SELECT count(*) FROM {provision.quoted(table)}") == 0


@pytest.mark.parametrize("other", ["personnel", "gateway", "postgres", "template1"])
async def test_a_role_reaches_no_other_database(dsns: dict[str, str], other: str) -> None:
    dsn = dsns["population"].replace("/population", f"/{other}")
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.InvalidAuthorizationSpecificationError)):
        await ask(dsn, "SELECT 1")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO pop.household (household_no) VALUES ('1')",
        "UPDATE pop.person SET name = ''",
        "DELETE FROM pop.person",
        "TRUNCATE pop.person",
        "DROP TABLE pop.person",
        "CREATE TABLE pop.more (n int)",
        "CREATE TABLE public.more (n int)",
        "CREATE TEMPORARY TABLE more (n int)",
        "CREATE SCHEMA more",
    ],
)
async def test_an_owners_database_is_never_written(dsns: dict[str, str], statement: str) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await ask(dsns["population"], statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(dsns["population"], "SET default_transaction_read_only = off", statement)


async def test_the_gateways_own_database_is_written(dsns: dict[str, str]) -> None:
    await ask(
        dsns["gateway"],
        "INSERT INTO gw.holiday VALUES ('2026-10-01', false, '国庆节')",
        "UPDATE gw.holiday SET name = '国庆'",
        "DELETE FROM gw.holiday",
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(dsns["gateway"], "DROP TABLE gw.holiday")


async def test_indexes_and_foreign_keys_come_after_the_load(admin_dsn: str) -> None:
    name = "vehicle"
    expected = {str(index.name) for table in DATABASES[name].sorted_tables for index in table.indexes}
    indexes = "SELECT array_agg(indexname::text) FROM pg_indexes WHERE schemaname = 'veh' AND indexname !~ '^pk_'"
    keys = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"
    await provision.create(admin_dsn, [name])
    try:
        dsn = provision.database_dsn(admin_dsn, name)
        assert await ask(dsn, indexes) is None
        assert await ask(dsn, keys) == 0
        await provision.create_indexes(admin_dsn, name)
        assert set(await ask(dsn, indexes)) == expected
        assert await ask(dsn, keys) == sum(
            len(table.foreign_key_constraints) for table in DATABASES[name].sorted_tables
        )
    finally:
        await provision.drop(admin_dsn, [name])


async def test_a_reference_that_leads_nowhere_is_found(admin_dsn: str) -> None:
    name = "regulation"
    await provision.create(admin_dsn, [name])
    try:
        await ask(
            provision.database_dsn(admin_dsn, name),
            "INSERT INTO reg.article (article_id, regulation_id, article_no, text, effective_from)"
            " VALUES (gen_random_uuid(), gen_random_uuid(), '一', '', '2026-01-01')",
        )
        with pytest.raises(asyncpg.ForeignKeyViolationError):
            await provision.create_indexes(admin_dsn, name)
    finally:
        await provision.drop(admin_dsn, [name])


async def test_one_current_record_per_key_and_any_number_of_past_ones(admin_dsn: str, dsns: dict[str, str]) -> None:
    dsn = provision.database_dsn(admin_dsn, "population")
    insert = (
        "INSERT INTO pop.person (person_id, id_type, id_no, name, protection_flag, source_system, fetched_at, valid_to)"
        " VALUES (gen_random_uuid(), '111', '440499198603120178', '张伟', 0, '人口库', now(), {})"
    )
    await ask(dsn, insert.format("NULL"), insert.format("'2020-01-01'"), insert.format("'2021-01-01'"))
    with pytest.raises(asyncpg.UniqueViolationError):
        await ask(dsn, insert.format("NULL"))
    assert await ask(dsns["population"], "SELECT count(*) FROM pop.person") == 3
    await ask(dsn, "TRUNCATE pop.person CASCADE")


async def test_a_name_is_searched_by_its_trigrams(admin_dsn: str, dsns: dict[str, str]) -> None:
    dsn = provision.database_dsn(admin_dsn, "matter")
    plan = await ask(
        dsn, "SET enable_seqscan = off", "EXPLAIN (FORMAT JSON) SELECT 1 FROM mat.matter WHERE name LIKE '%未经许可%'"
    )
    assert "tg_matter_name" in plan


async def test_nothing_is_overwritten(admin_dsn: str, dsns: dict[str, str]) -> None:
    with pytest.raises(asyncpg.DuplicateDatabaseError):
        await provision.create(admin_dsn, ["population"])


@pytest.mark.parametrize("call", [provision.grant, provision.create_indexes])
async def test_an_unknown_database_is_refused(call: Any) -> None:
    with pytest.raises(ValueError, match="unknown database"):
        await call("postgresql://127.0.0.1:1/postgres", 'x"; DROP DATABASE y')


def test_addresses_keep_host_port_and_options() -> None:
    admin = "postgresql://admin:secret@/postgres?host=/run/pg"
    assert provision.database_dsn(admin, "matter") == "postgresql://admin:secret@/matter?host=/run/pg"
    assert (
        provision.database_dsn("postgresql://admin@db:5433/postgres", "matter", password="p/w")
        == "postgresql://tongcha_matter:p%2Fw@db:5433/matter"
    )
