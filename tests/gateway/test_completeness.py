"""F-36, D20: what an answer says of its databases: whether each gave all, and of which moment."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

from datasources.database import Database, Grouped
from datasources.errors import SourceTimeout
from gateway.by_get import tag_of
from gateway.completeness import Completeness, lacking, moment_of
from gateway.errors import ErrorCode, GatewayError
from gateway.pipeline import Pipeline
from gateway.request import Answer, GraphQLRequest
from gateway.shareable import is_whole
from tests.gateway import shelf
from tests.gateway.hearing import Heard
from tests.world import CALLERS, MOMENT, World

ENGINES = ("compiled", "resolvers")
NOW = "2026-11-05T09:00:00Z"


class Failing(Heard):
    """A database that does not answer in time where a statement reads a table of a certain name."""

    table = "nothing"

    async def rows(self, text: str, parameters: Sequence[Any], *, budget: float | None = None) -> list[Any]:
        if self.table in text:
            raise SourceTimeout(self.name)
        return await super().rows(text, parameters, budget=budget)

    async def keyed(
        self, text: str, keys: Sequence[Any], parameters: Sequence[Any], places: Sequence[int], *, key_at: int
    ) -> Grouped:
        if self.table in text:
            raise SourceTimeout(self.name)
        return await super().keyed(text, keys, parameters, places, key_at=key_at)


@pytest.fixture(scope="module")
async def inner(scratch: Callable[[str], Awaitable[str]]) -> AsyncIterator[Database]:
    dsn = await scratch("completeness")
    await shelf.fill(dsn)
    made = Database("shelf", dsn)
    yield made
    await made.close()


@pytest.fixture
def database(inner: Database) -> Failing:
    return Failing(inner, [])


async def answered(database: Database, engine: str, query: str) -> Answer:
    pipeline = Pipeline(
        shelf.make_catalog(), {"shelf": database}, engine=engine, seal_key=b"k" * 64, now=lambda: MOMENT
    )
    return await pipeline.answer(GraphQLRequest(query=query), shelf.PUBLIC, None)


def told(**said: Any) -> list[dict[str, Any]]:
    return [{"source": "shelf", **said}]


@pytest.mark.parametrize("engine", ENGINES)
async def test_what_gave_all_is_complete_as_of_the_request(database: Failing, engine: str) -> None:
    answer = await answered(database, engine, "{ author(id: 1) { name } }")
    assert answer.payload["extensions"]["sources"] == told(status="COMPLETE", asOf=NOW)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("behind", "status", "at"), [(30, "COMPLETE", "08:59:30"), (30.5, "STALE", "08:59:29")])
async def test_what_lags_behind_says_so_beyond_the_bound(
    database: Failing, engine: str, behind: float, status: str, at: str
) -> None:
    database.behind = behind
    answer = await answered(database, engine, "{ author(id: 1) { name } }")
    assert answer.payload["extensions"]["sources"] == told(status=status, asOf=f"2026-11-05T{at}Z")
    assert answer.trace is not None
    assert answer.trace.statuses == ({"shelf": "STALE"} if status == "STALE" else {})


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_value_that_cannot_be_shown_makes_it_partial(database: Failing, engine: str) -> None:
    answer = await answered(database, engine, "{ lenientAuthors { authorId mood } }")
    assert [row["authorId"] for row in answer.payload["data"]["lenientAuthors"]] == [1, 2, 3]
    assert answer.payload["extensions"]["sources"] == told(status="PARTIAL", asOf=NOW, code="DATA_ERROR")


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_statement_that_failed_beside_one_that_did_not_makes_it_partial(database: Failing, engine: str) -> None:
    database.table = "shelf.book"
    answer = await answered(database, engine, "{ authors { authorId books { title } } }")
    assert [row["books"] for row in answer.payload["data"]["authors"]] == [None] * 3
    assert answer.payload["extensions"]["sources"] == told(status="PARTIAL", asOf=NOW, code="SOURCE_TIMEOUT")
    assert answer.trace is not None
    assert answer.trace.statuses == {"shelf": "PARTIAL"}


@pytest.mark.parametrize("engine", ENGINES)
async def test_what_gave_nothing_stands_for_no_moment(database: Failing, engine: str) -> None:
    database.table = "shelf"
    answer = await answered(database, engine, "{ authors { name } books { totalCount } }")
    assert answer.payload["extensions"]["sources"] == told(status="UNAVAILABLE", asOf=None, code="SOURCE_TIMEOUT")


@pytest.mark.parametrize("engine", ENGINES)
async def test_values_that_cannot_be_shown_are_counted(database: Failing, engine: str) -> None:
    pipeline = Pipeline(shelf.make_catalog(), {"shelf": database}, engine=engine, seal_key=b"k" * 64)
    for _ in range(2):
        await pipeline.answer(GraphQLRequest(query="{ lenientAuthors { mood } }"), shelf.PUBLIC, None)
    assert pipeline.standing()["unshown"] == {"shelf": 2}


@pytest.mark.parametrize("status", ["PARTIAL", "STALE", "UNAVAILABLE"])
async def test_what_is_not_complete_is_not_shared(status: str) -> None:
    payload = {"data": {}, "extensions": {"sources": told(status=status, asOf=NOW)}}
    assert not is_whole(Answer(status_hint="executed", http_status=200, payload=payload))


def test_the_moment_is_in_no_entity_tag_and_the_status_is() -> None:
    def tag(at: str, status: str = "COMPLETE") -> bytes:
        return tag_of({"data": {}, "extensions": {"sources": told(status=status, asOf=at)}}, b"application/json")

    assert tag(NOW) == tag("2026-11-05T09:00:07Z") != tag(NOW, "STALE")
    assert tag(NOW).startswith(b'W/"')


def test_the_moment_is_told_in_utc_and_whole_seconds() -> None:
    china = datetime.timezone(datetime.timedelta(hours=8))
    assert moment_of(datetime.datetime(2026, 11, 5, 17, 0, 2, 900_000, china), 1.0) == "2026-11-05T09:00:01Z"


def test_only_what_lacks_something_is_recorded() -> None:
    sources = [{"source": "a", "status": "COMPLETE"}, {"source": "b", "status": "STALE"}]
    assert lacking(sources) == {"b": "STALE"}


TEXT = """{ case(caseNo: "ZHXZ-CX-2026-CF-0003071") { no: caseNo org { name } causeName }
  vehicles(first: 1) { edges { cursor node { plateNo owner { ... on Person { name } ... on LegalEntity { name } } } } } }"""
PLACES: Mapping[str, tuple[list[str | int], set[str]]] = {
    "a value of the record": (["case", "no"], {"enforcement"}),
    "a value of a linked record": (["case", "org", "name"], {"personnel"}),
    "a name that is looked up": (["case", "causeName"], {"matter"}),
    "a value in a page": (["vehicles", "edges", 0, "node", "plateNo"], {"vehicle"}),
    "a cursor": (["vehicles", "edges", 0, "cursor"], {"vehicle"}),
    "types with one key": (["vehicles", "edges", 0, "node", "owner", "name"], {"population", "legal_entity"}),
    "what is nowhere": (["nothing"], set()),
}


@pytest.mark.parametrize("name", PLACES)
async def test_a_value_is_of_the_database_that_its_path_leads_to(world: World, name: str) -> None:
    path, databases = PLACES[name]
    pipeline = world.pipeline()
    operation = await pipeline.plans.read(GraphQLRequest(query=TEXT))
    asking = await pipeline.reception.asking(*CALLERS["officer"])
    plan: Any = pipeline.plans.plan(operation, {})
    bound = await pipeline.plans.bound(operation, {}, plan, asking)
    errors = [GatewayError(ErrorCode.DATA_ERROR, path=path)]
    assert set(Completeness(world.databases).count(bound.plan, errors, {})) == databases


class Together(Heard):
    """One of several databases that answer once all of them were asked."""

    def __init__(self, inner: Database, asked: asyncio.Barrier) -> None:
        super().__init__(inner, [])
        self._asked = asked

    async def answers(self) -> bool:
        await self._asked.wait()
        return True


async def test_a_database_that_hangs_keeps_nobody_from_hearing_of_the_others(inner: Database) -> None:
    asked = asyncio.Barrier(3)
    databases = {name: Together(inner, asked) for name in ("shelf", "attic", "cellar")}
    pipeline = Pipeline(shelf.make_catalog(), databases, seal_key=b"k" * 64)
    async with asyncio.timeout(5):
        assert await pipeline.readiness() == {"shelf": True, "attic": True, "cellar": True}
