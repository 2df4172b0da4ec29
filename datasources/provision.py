"""Makes the databases of the demo and the tests on a server of our own; an owner's database is never made by us.

Each database gets one role, ``tongcha_<database>``, that reaches this database and no other: it may read the tables,
and write only in the gateway's own. Load as the administrator between :func:`create`, which leaves out secondary
indexes and foreign keys because a bulk load is several times faster without, and :func:`create_indexes`.
"""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import AddConstraint, CreateIndex, CreateTable

from datasources.tables import DATABASES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from sqlalchemy import Dialect, MetaData, Table
    from sqlalchemy.schema import ExecutableDDLElement

WRITABLE = frozenset({"gateway"})
"""Databases whose role may write: the gateway's own."""

_DIALECT: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]

# One index at a time may sort this much in memory before it goes to disk.
_INDEX_SETTINGS = {"maintenance_work_mem": "512MB", "max_parallel_maintenance_workers": "2"}


def role_name(name: str) -> str:
    """The role that the gateway uses for a database."""
    return f"tongcha_{name}"


def quoted(table: Table) -> str:
    """The name of a table as PostgreSQL reads it: schema and keywords (``cas."case"``) included."""
    return str(_DIALECT.identifier_preparer.format_table(table))


def database_dsn(admin_dsn: str, name: str, *, password: str | None = None) -> str:
    """The address of a database on the same server: for the administrator, or with a password for its role."""
    parts = urlsplit(admin_dsn)
    host = parts.netloc.rpartition("@")[2]
    user = f"{role_name(name)}:{quote(password, safe='')}@{host}" if password else parts.netloc
    return urlunsplit(parts._replace(netloc=user, path=f"/{name}"))


async def create(
    admin_dsn: str, names: Iterable[str] = tuple(DATABASES), *, passwords: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Create databases with their roles and empty tables; the address of each for its role.

    ``passwords`` are by database name; one that is not given is made up. A database or a role that exists already is an
    ``asyncpg.PostgresError``: nothing is ever overwritten (see :func:`drop`).
    """
    chosen = {_known(name): (passwords or {}).get(name) or secrets.token_urlsafe(32) for name in names}
    for name, password in chosen.items():
        await _create_one(admin_dsn, name, password)
    return {name: database_dsn(admin_dsn, name, password=password) for name, password in chosen.items()}


async def grant(admin_dsn: str, name: str) -> None:
    """Give the role of a database what it may do there: read every table, and write where the database is our own."""
    role, read_only = role_name(name), "off" if name in WRITABLE else "on"
    rights = "SELECT, INSERT, UPDATE, DELETE" if name in WRITABLE else "SELECT"
    async with _connected(database_dsn(admin_dsn, _known(name))) as database, database.transaction():
        await database.execute(f'GRANT CONNECT ON DATABASE "{name}" TO "{role}"')
        await database.execute(f'ALTER ROLE "{role}" SET default_transaction_read_only = {read_only}')
        for schema in _schemas(DATABASES[name]):
            await database.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO "{role}"')
            await database.execute(f'GRANT {rights} ON ALL TABLES IN SCHEMA "{schema}" TO "{role}"')


async def create_indexes(admin_dsn: str, name: str) -> None:
    """Add what :func:`create` left out, after the load, and bring the planner's statistics up to date.

    A key that is not unique, or a reference that leads nowhere, is an ``asyncpg.IntegrityConstraintViolationError``.
    """
    tables = DATABASES[_known(name)].sorted_tables
    async with _connected(database_dsn(admin_dsn, name)) as database:
        for setting, value in _INDEX_SETTINGS.items():
            await database.execute(f"SET {setting} = '{value}'")
        for table in tables:
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                await database.execute(_sql(CreateIndex(index)))
        for table in tables:
            for key in sorted(table.foreign_key_constraints, key=lambda key: str(key.name)):
                await database.execute(_sql(AddConstraint(key, isolate_from_table=False)))
        await database.execute(f"VACUUM (ANALYZE) {', '.join(map(quoted, tables))}")


async def drop(admin_dsn: str, names: Iterable[str] = tuple(DATABASES)) -> None:
    """Remove databases with everything in them, and their roles; what does not exist is passed over."""
    async with _connected(admin_dsn) as server:
        for name in names:
            await server.execute(f'DROP DATABASE IF EXISTS "{_known(name)}" WITH (FORCE)')
            await server.execute(f'DROP ROLE IF EXISTS "{role_name(name)}"')


async def _create_one(admin_dsn: str, name: str, password: str) -> None:
    async with _connected(admin_dsn) as server:
        await server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        await server.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')
        await server.execute(f'CREATE ROLE "{role_name(name)}" LOGIN PASSWORD {_literal(password)}')
    async with _connected(database_dsn(admin_dsn, name)) as database, database.transaction():
        await _create_tables(database, DATABASES[name])
    await grant(admin_dsn, name)


async def _create_tables(database: asyncpg.Connection, metadata: MetaData) -> None:
    if any(
        index.dialect_options["postgresql"]["using"] == "gin"
        for table in metadata.sorted_tables
        for index in table.indexes
    ):
        await database.execute("CREATE EXTENSION pg_trgm")
    for schema in _schemas(metadata):
        await database.execute(f'CREATE SCHEMA "{schema}"')
    for table in metadata.sorted_tables:
        await database.execute(_sql(CreateTable(table, include_foreign_key_constraints=[])))


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


def _known(name: str) -> str:
    if name not in DATABASES:
        raise ValueError(f"unknown database {name!r}")
    return name


def _schemas(metadata: MetaData) -> list[str]:
    return sorted({str(table.schema) for table in metadata.sorted_tables})


def _sql(statement: ExecutableDDLElement) -> str:
    return str(statement.compile(dialect=_DIALECT))


def _literal(text: str) -> str:
    """A string constant: a role's password cannot be a parameter."""
    return "'" + text.replace("'", "''") + "'"
