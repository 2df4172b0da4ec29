"""A village whose cases are published: the publisher, the gateway before it, and what an administrator does to its cases."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from datasources.database import Database
from datasources.published import Published
from datasources.tables import DATABASES
from gateway.pipeline import Pipeline
from gateway.publishing import Counts, Publisher
from resolvers.feed import cursor_at
from resolvers.schema import catalog
from tests.gateway.asking import Asker, told
from tests.world import CALLERS, MOMENT, SEAL_KEY

PARTNER = CALLERS["partner-disclosure"]
BATCH = """query($after: Cursor, $first: Int!) { disclosureChanges(after: $after, first: $first) { nextCursor caughtUp
  changes { seq op disclosureId withdrawReason publicReason record { disclosureId subjectName facts content version } } } }"""
EVERYTHING = """query($after: Cursor) { disclosures(first: 200, after: $after) {
  nodes { disclosureId subjectName facts content version } pageInfo { hasNextPage endCursor } } }"""
PENALTY = """SELECT disclosure_id FROM gw.disclosure WHERE state = '2' AND kind = '2' AND subject_uscc IS NULL = $1
  ORDER BY disclosure_id LIMIT 1"""


class Town:
    """The village as it is published."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.now = MOMENT
        self._begin()
        self.admin: asyncpg.Connection[Any]
        self.first: Counts

    @classmethod
    async def of(cls, dsn: str) -> Town:
        """A village that nobody has published anything of."""
        made = cls(dsn)
        made.admin = await asyncpg.connect(dsn)
        made.first = await made.look()
        return made

    def _begin(self) -> None:
        self.databases = {name: Database(name, self.dsn) for name in DATABASES}
        self.pipelines = {
            engine: Pipeline(catalog, self.databases, engine=engine, seal_key=SEAL_KEY, now=lambda: self.now)
            for engine in ("compiled", "resolvers")
        }
        self.published = Published(self.dsn)
        self.publisher = Publisher(self.databases, self.published, lambda: self.now)

    async def _end(self) -> None:
        await self.published.close()
        for database in self.databases.values():
            await database.close()

    async def restart(self) -> None:
        """The gateways and the publisher end, and others begin with what the databases have."""
        await self._end()
        self._begin()
        while not await self.published.hold():
            pass

    async def look(self) -> Counts:
        """The publisher looks at everything, an hour later than before."""
        self.now += datetime.timedelta(hours=1)
        counts = await self.publisher.run(everything=True)
        assert counts is not None
        return counts

    async def penalty(self, *, person: bool = False) -> str:
        """A published penalty of an organisation, or of a natural person."""
        found: str = await self.admin.fetchval(PENALTY, person)
        return found

    async def change(self, key: str, table: str, what: str) -> None:
        """The case system changes something of a case whose disclosure has this number."""
        case = "case_id = (SELECT case_id FROM cas.disclosure WHERE disclosure_id = $1)"
        await self.admin.execute(f"UPDATE {table} SET {what} WHERE {case}", key)

    async def head(self) -> int:
        """The number of the last change."""
        found: int = await self.admin.fetchval("SELECT coalesce(max(seq), 0) FROM gw.change_log")
        return found

    async def changes(self, after: int | str | None, caller: Asker = PARTNER, engine: str = "compiled") -> list[Any]:
        """All that the feed says from somewhere on."""
        found: list[Any] = []
        cursor = cursor_at(after) if isinstance(after, int) else after
        while True:
            batch = await self.batch(cursor, 500, caller, engine)
            found += batch["changes"]
            cursor = batch["nextCursor"]
            if batch["caughtUp"]:
                return found

    async def batch(self, after: str | None, first: int, caller: Asker = PARTNER, engine: str = "compiled") -> Any:
        """One batch of the feed."""
        variables = {"after": after, "first": first}
        return (await told(self.pipelines[engine], BATCH, caller, variables))["data"]["disclosureChanges"]

    async def everything(self, caller: Asker = PARTNER, engine: str = "compiled") -> dict[str, Any]:
        """All published records, by number."""
        found: dict[str, Any] = {}
        after, more = None, True
        while more:
            page = (await told(self.pipelines[engine], EVERYTHING, caller, {"after": after}))["data"]["disclosures"]
            found |= {node["disclosureId"]: node for node in page["nodes"]}
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        return found

    @contextlib.asynccontextmanager
    async def anew(self) -> AsyncIterator[Town]:
        """The same village behind gateways that believe nothing yet."""
        made = Town(self.dsn)
        yield made
        await made._end()

    async def close(self) -> None:
        """Closes the connections."""
        await self.admin.close()
        await self._end()
