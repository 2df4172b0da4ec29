"""The town in its databases, asked through both engines by an officer whose task names everybody."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import asyncpg
import orjson
import pytest
from sqlalchemy import MetaData, Table
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from auth.terms import Terms
from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.database import Database
from datasources.tables import DATABASES
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from gateway.tasks import NOBODY
from gateway.thirds import NamedSubjects
from resolvers.schema import catalog
from tests.policies import every_row, everybody, open_policies
from tests.resolvers import affairs, town

DIALECT = dialect()  # type: ignore[no-untyped-call]
OFFICER = Viewer(subject="s", client="c", kind=CallerKind.OFFICER, cert_no="1")
ACCESS = AccessRequest(purpose=Purpose.INSPECTION, task_no="T", reason="test", co_officer_cert_no="2")


class Trusting:
    """A look-up for which every task is open: these tests are about what is found, not about who may see it."""

    until = 0.0
    """Believed for the request at hand."""

    def dated(self, _access: AccessRequest | None) -> Trusting:
        return self

    async def open_task(self, _task_no: str, _cert_no: str) -> bool:
        return True

    async def in_jurisdiction(self, _task_no: str, _cert_no: str) -> bool:
        return True

    async def named(self, _viewer: Viewer, _access: AccessRequest | None) -> NamedSubjects:
        return NOBODY

    async def agreement_in_force(self, _agreement_no: str, _client: str, _purpose: str) -> Terms:
        return Terms()


class Ask(Protocol):
    """Asks both engines and gives the payload on which they agree."""

    async def __call__(self, query: str, **variables: Any) -> dict[str, Any]: ...


@pytest.fixture(scope="session")
async def ask(scratch: Callable[[str], Awaitable[str]]) -> AsyncIterator[Ask]:
    """The town, behind the gateway's two engines."""
    databases = {}
    for name, metadata in DATABASES.items():
        dsn = await scratch(name)
        await _fill(dsn, metadata)
        databases[name] = Database(name, dsn)
    pipelines = []
    for engine in ("compiled", "resolvers"):
        pipeline = Pipeline(
            catalog,
            databases,
            engine=engine,
            seal_key=b"k" * 64,
            policies=open_policies(catalog),
            row_rules=every_row,
            naming=everybody,
            now=lambda: town.NOW,
        )
        pipeline.reception.lookup = Trusting()  # type: ignore[assignment]
        pipelines.append(pipeline)

    async def both(query: str, **variables: Any) -> dict[str, Any]:
        compiled, fieldwise = [
            (await pipeline.answer(GraphQLRequest(query=query, variables=variables), OFFICER, ACCESS)).payload
            for pipeline in pipelines
        ]
        compiled, fieldwise = orjson.loads(orjson.dumps([compiled, fieldwise]))
        assert compiled == fieldwise
        agreed: dict[str, Any] = compiled
        return agreed

    yield both
    for database in databases.values():
        await database.close()


async def _fill(dsn: str, metadata: MetaData) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.set_type_codec(
        "jsonb", encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.loads, schema="pg_catalog"
    )
    await connection.execute("CREATE EXTENSION pg_trgm")
    for schema in sorted({table.schema for table in metadata.sorted_tables if table.schema}):
        await connection.execute(f'CREATE SCHEMA "{schema}"')
    for table in metadata.sorted_tables:
        await connection.execute(str(CreateTable(table, include_foreign_key_constraints=()).compile(dialect=DIALECT)))
        for index in table.indexes:
            await connection.execute(str(CreateIndex(index).compile(dialect=DIALECT)))
        await _copy(connection, table, town.ROWS.get(table, []) + affairs.ROWS.get(table, []))
    await connection.close()


async def _copy(connection: asyncpg.Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    def names(row: dict[str, Any]) -> tuple[str, ...]:
        return tuple(row)

    for columns, group in itertools.groupby(rows, key=names):
        statement = (
            f"INSERT INTO {DIALECT.identifier_preparer.format_table(table)} ({', '.join(columns)})"
            f" VALUES ({', '.join(f'${place + 1}' for place in range(len(columns)))})"
        )
        await connection.executemany(statement, [tuple(row.values()) for row in group])
