"""The gateway over the city with a way that can fail before each of the nine owners' databases, and a question to each."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

import asyncpg

from datasources.database import Database
from datasources.deadlines import DEADLINE
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from resolvers.schema import catalog
from tests.faults.proxy import FINE, Fault, FaultProxy
from tests.world import CALLERS, MOMENT, SEAL_KEY

QUESTIONS: Mapping[str, str] = {
    "population": "persons(first: $n) { totalCount nodes { subjectRef } }",
    "legal_entity": "legalEntities(first: $n) { totalCount nodes { name } }",
    "matter": "matters(first: $n) { totalCount nodes { name } }",
    "regulation": "regulations(first: $n) { totalCount nodes { title } }",
    "personnel": "divisions(first: $n) { totalCount nodes { name } }",
    "property": "realEstateUnits(first: $n) { totalCount nodes { unitNo } }",
    "vehicle": "vehicles(first: $n) { totalCount nodes { plateNo } }",
    "certificate": "certificates(first: $n) { totalCount nodes { certId } }",
    "enforcement": "cases(first: $n) { totalCount nodes { caseNo } }",
}
"""A list of each owner's database, and of no other."""
UNAVAILABLE = frozenset({"SOURCE_UNAVAILABLE", "SOURCE_TIMEOUT", "SOURCE_BUSY"})


def text_of(*names: str) -> str:
    """One operation that asks these databases, each under its name."""
    return f"query($n: Int!) {{ {' '.join(f'{name}: {QUESTIONS[name]}' for name in names)} }}"


class Ring:
    """A gateway of one's own. `budgets` are seconds per statement of some databases, `options` those of all."""

    def __init__(
        self,
        dsns: Mapping[str, str],
        proxies: Mapping[str, FaultProxy],
        budgets: Mapping[str, float] = MappingProxyType({}),
        **options: Any,
    ) -> None:
        self.proxies = proxies
        self.databases = {
            name: Database(
                name,
                proxies[name].dsn if name in proxies else dsn,
                **{**options, **({"budget": budgets[name]} if name in budgets else {})},
            )
            for name, dsn in dsns.items()
        }
        self._pipelines = {
            engine: Pipeline(catalog, self.databases, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)
            for engine in ("compiled", "resolvers")
        }

    async def ask(
        self, *names: str, first: int = 2, engine: str = "compiled", seconds: float | None = None
    ) -> dict[str, Any]:
        """The answer to the questions of these databases in one operation, which has so many seconds."""
        DEADLINE.set(None if seconds is None else time.monotonic() + seconds)
        request = GraphQLRequest(query=text_of(*names), variables={"n": first})
        answer = await self._pipelines[engine].answer(request, *CALLERS["officer"])
        return answer.payload

    async def switch(self, fault: Fault, *names: str) -> None:
        """The fault on the way to these databases."""
        await asyncio.gather(*(self.proxies[name].switch(fault) for name in names))

    async def whole(self, *names: str, seconds: float = 60.0) -> dict[str, Any]:
        """The answer of these databases, once they all answer: one that has little time for a statement may want it on a busy day."""
        end = time.monotonic() + seconds
        while True:
            answer = await self.ask(*names)
            if all(told["status"] == "COMPLETE" for told in sources_of(answer)):
                return answer
            assert time.monotonic() < end
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def ringed(
    dsns: Mapping[str, str], budgets: Mapping[str, float] = MappingProxyType({}), **options: Any
) -> AsyncIterator[Ring]:
    """A gateway whose ways are as they should be, with every question asked once."""
    async with contextlib.AsyncExitStack() as stack:
        proxies = {
            name: await stack.enter_async_context(FaultProxy(dsns[name], seed=index))
            for index, name in enumerate(QUESTIONS)
        }
        ring = Ring(dsns, proxies, budgets, **options)
        await asyncio.gather(*(ring.ask(name) for name in QUESTIONS))
        yield ring
        await ring.switch(FINE, *QUESTIONS)
        await asyncio.gather(*(database.close() for database in ring.databases.values()))


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 60.0) -> None:
    """Returns once it holds."""
    end = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def sources_of(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the answer says of its databases."""
    return list(payload["extensions"]["sources"])


def emptied(payload: Mapping[str, Any], whole: Mapping[str, Any]) -> list[str]:
    """The lists that have less than in the whole answer, and are not null."""
    return [
        name for name, shown in (payload["data"] or {}).items() if shown is not None and shown != whole["data"][name]
    ]


async def backends_of(admin: asyncpg.Connection[Any], proxy: FaultProxy) -> int:
    """How many connections the server has that came by this way. Ports are used again, by others to other databases."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE client_port = ANY($1::int[]) AND datname = $2"
    return int(await admin.fetchval(query, proxy.ports, proxy.database))
