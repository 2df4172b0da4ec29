"""The gateway's own tables in a database of their own, empty."""

from __future__ import annotations

from typing import Any

import asyncpg
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from datasources.tables.gateway import metadata

DIALECT: Any = postgresql.dialect()  # type: ignore[no-untyped-call]


async def make_own(dsn: str) -> None:
    """Makes schema and tables, without foreign keys."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE EXTENSION pg_trgm")
    await connection.execute("CREATE SCHEMA gw")
    made: list[Any] = [CreateTable(table, include_foreign_key_constraints=[]) for table in metadata.sorted_tables]
    made += [CreateIndex(index) for table in metadata.sorted_tables for index in table.indexes]
    for statement in made:
        await connection.execute(str(statement.compile(dialect=DIALECT)))
    await connection.close()
