"""A village: the city's generator at its smallest, as rows in memory and as one database that holds every schema."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from datasources.city.feeds import GROUPS
from datasources.city.sizes import SEED, Size
from datasources.tables import DATABASES

SIZE = Size(
    name="village", blocks=8, collective=40, others=80, entities=90, matters=600, regulations=120, orgs=40, officers=120,
    units=200, vehicles=150, personal_certificates=100, inspections=60, penalties=60, coercions=10, transfers=4,
)  # fmt: skip

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = Mapping[str, list[Row]]
"""The rows of every table, by ``schema.table``. A row is replaced, never changed."""

TABLES: Mapping[str, Table] = {
    table.fullname: table for metadata in DATABASES.values() for table in metadata.sorted_tables
}

_DIALECT = dialect()  # type: ignore[no-untyped-call]


@functools.cache
def village() -> Rows:
    """The village's rows; texts of JSON are what goes into its columns."""
    rows: dict[str, list[Row]] = {name: [] for name in TABLES}
    for group in GROUPS:
        for feed in group.feeds:
            made = feed.rows(SIZE, SEED, 0, group.total(SIZE))
            rows[feed.table] += [dict(zip(feed.columns, record, strict=True)) for record in made]
    return rows


async def make(dsn: str, rows: Rows) -> None:
    """Makes every table, with its indexes and without foreign keys, and fills it."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE EXTENSION pg_trgm")
    for schema in sorted({str(table.schema) for table in TABLES.values()}):
        await connection.execute(f'CREATE SCHEMA "{schema}"')
    for table in TABLES.values():
        await connection.execute(str(CreateTable(table, include_foreign_key_constraints=()).compile(dialect=_DIALECT)))
        for index in table.indexes:
            await connection.execute(str(CreateIndex(index).compile(dialect=_DIALECT)))
    await _fill(connection, rows, TABLES)
    await connection.close()


async def refill(dsn: str, rows: Rows, tables: Iterable[str]) -> None:
    """Puts other rows into some of the tables."""
    connection = await asyncpg.connect(dsn)
    names = ", ".join(_DIALECT.identifier_preparer.format_table(TABLES[table]) for table in sorted(tables))
    await connection.execute(f"TRUNCATE {names}")
    await _fill(connection, rows, tables)
    await connection.close()


async def _fill(connection: asyncpg.Connection[Any], rows: Rows, tables: Iterable[str]) -> None:
    for name in tables:
        table = TABLES[name]
        columns = table.c.keys()
        records = [tuple(row.get(column) for column in columns) for row in rows[name]]
        await connection.copy_records_to_table(table.name, schema_name=table.schema, columns=columns, records=records)
