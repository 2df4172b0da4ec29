"""The city beside a gateway's own database that has the agreements and nothing else: where changes are tried."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from datasources.city.gateway import agreement_rows
from datasources.city.sizes import SEED, SIZES
from datasources.database import Database
from datasources.tables.gateway import agreement
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.owntables import make_own
from tests.world import MOMENT, SEAL_KEY

ENGINES = ("compiled", "resolvers")
CHANGED = ("transfer", "transfer_report", "payment_report", "outbox", "idempotency")
"""The tables that changes write to."""


async def make_desk(dsn: str) -> None:
    """Makes the gateway's own tables, with the city's agreements."""
    await make_own(dsn)
    connection = await asyncpg.connect(dsn)
    rows = list(agreement_rows(SIZES["S"], SEED, 0, 0))
    columns = agreement.c.keys()
    await connection.copy_records_to_table("agreement", schema_name="gw", columns=columns, records=rows)
    await connection.close()


@dataclass
class Desk:
    """The city with a gateway's own database that has the agreements and nothing else, and a clock that is moved."""

    databases: Mapping[str, Database]
    now: datetime.datetime = MOMENT

    def __post_init__(self) -> None:
        self._gateways = {engine: self.another(engine) for engine in ENGINES}

    def gateway(self, engine: str = "compiled") -> Pipeline:
        """One that has answered before."""
        return self._gateways[engine]

    def another(self, engine: str = "compiled") -> Pipeline:
        """One that has not asked anything yet."""
        return Pipeline(catalog, self.databases, engine=engine, seal_key=SEAL_KEY, now=lambda: self.now)

    async def cleared(self) -> None:
        """With nothing changed, on the day of the tests."""
        self.now = MOMENT
        for table in CHANGED:
            await self.databases["gateway"].rows(f"DELETE FROM gw.{table}", ())

    async def count(self, table: str) -> int:
        """How many rows one of the gateway's tables has."""
        ((count,),) = await self.databases["gateway"].rows(f"SELECT count(*) FROM gw.{table}", ())
        return int(count)
