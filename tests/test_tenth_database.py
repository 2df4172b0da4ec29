"""A tenth database is a table file, a resolver file and a setting: here it is added, asked and linked to another."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import asyncpg
import strawberry
from sqlalchemy.schema import CreateTable
from strawberry.schema.config import StrawberryConfig

from datasources.database import Database
from datasources.tables import DATABASES
from gateway.dialect import DIALECT
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from gateway.settings import Settings
from resolvers.catalog import Catalog
from resolvers.query import Query
from resolvers.scalars import SCALARS
from resolvers.types import value
from tests.tenth import resolver, table
from tests.world import CALLERS, SEAL_KEY

HYDRANTS = """query($prefix: String) { hydrants(filter: {divisionPrefix: $prefix}, first: 2) { totalCount nodes {
  __typename hydrantNo checkedOn keeperPhone division { name level } } } hydrant(hydrantNo: "X3") { hydrantNo } }"""


@value("查询", name="Query")
class WiderQuery(Query, resolver.HydrantQuery):
    """Everything that can be asked, and hydrants."""


async def test_a_tenth_database(city: Mapping[str, str], scratch: Callable[[str], Awaitable[str]]) -> None:
    dsn = await scratch("hydrant")
    admin = await asyncpg.connect(dsn)
    await admin.execute("CREATE SCHEMA hyd")
    await admin.execute(str(CreateTable(table.hydrant).compile(dialect=DIALECT)))
    await admin.copy_records_to_table(
        "hydrant",
        schema_name="hyd",
        records=[
            ("X1", "440402005000", datetime.date(2026, 1, 2), "19900001111"),
            ("X2", "440402001000", None, None),
            ("X3", "440403100000", None, None),
        ],
    )
    await admin.close()

    settings = Settings.from_environment(
        {f"TONGCHA_DATABASE_{name.upper()}": address for name, address in {**city, "hydrant": dsn}.items()}
    )
    schema = strawberry.Schema(WiderQuery, config=StrawberryConfig(scalar_map=dict(SCALARS)))
    catalog = Catalog(schema, {**DATABASES, "hydrant": table.metadata})
    databases = {name: Database(name, address) for name, address in settings.databases.items()}
    for engine in ("compiled", "resolvers"):
        pipeline = Pipeline(catalog, databases, engine=engine, seal_key=SEAL_KEY)
        request = GraphQLRequest(query=HYDRANTS, variables={"prefix": "440402"})
        payload = (await pipeline.answer(request, *CALLERS["public"])).payload
        assert payload["data"] == {
            "hydrants": {
                "totalCount": 2,
                "nodes": [
                    {
                        "__typename": "Hydrant",
                        "hydrantNo": "X1",
                        "checkedOn": None,
                        "keeperPhone": None,
                        "division": {"name": "拱北街道", "level": 4},
                    },
                    {
                        "__typename": "Hydrant",
                        "hydrantNo": "X2",
                        "checkedOn": None,
                        "keeperPhone": None,
                        "division": {"name": "翠香街道", "level": 4},
                    },
                ],
            },
            "hydrant": {"hydrantNo": "X3"},
        }
        withheld = {entry["coordinate"] for entry in payload["extensions"]["access"]["withheld"]}
        assert withheld == {"Hydrant.checkedOn", "Hydrant.keeperPhone"}
    for database in databases.values():
        await database.close()


def test_it_takes_few_lines() -> None:
    lines = sum(
        len([line for line in Path(module.__file__ or "").read_text().splitlines() if line.strip()])
        for module in (table, resolver)
    )
    assert lines < 90
