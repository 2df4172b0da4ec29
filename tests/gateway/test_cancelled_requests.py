"""A request that is cancelled, at whatever turn of the event loop, leaves nothing behind that was begun."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping

import pytest

from datasources.database import Database
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from resolvers.schema import catalog
from tests.test_cases import CASES, read
from tests.world import CALLERS, MOMENT, SEAL_KEY

TURNS = 40
ASKED = {
    "03_disclosure_list": "partner",
    "05_supervision_stats": "supervisor",
    "07_case_timeline": "officer",
    "10_person_relations": "officer",
}


@pytest.mark.parametrize("operation", ASKED)
@pytest.mark.parametrize("engine", ["compiled", "resolvers"])
async def test_at_whatever_turn_it_is_cancelled_it_leaves_nothing(
    city: Mapping[str, str], engine: str, operation: str
) -> None:
    databases = {name: Database(name, dsn) for name, dsn in city.items()}
    pipeline = Pipeline(catalog, databases, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)
    query, variables, _ = read(CASES / "operations" / operation)
    request, asking = GraphQLRequest(query=query, variables=variables), CALLERS[ASKED[operation]]
    whole = await pipeline.answer(request, *asking)
    assert whole.payload["data"]
    cancelled = 0
    for turns in range(TURNS):
        task = asyncio.create_task(pipeline.answer(request, *asking))
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled += task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert cancelled > TURNS // 2
    for database in databases.values():
        while (standing := database.standing())["idle"] < standing["connections"]:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        await database.close()
    gc.collect()
