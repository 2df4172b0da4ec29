"""F-12: a table that is not as it is declared takes out its own type, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from datasources.breaker import IN_A_ROW
from datasources.database import Database
from datasources.tables import DATABASES
from gateway import drift
from gateway.drift import Drift, kind_of
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from tests.datasources.soon import soon
from tests.faults.proxy import FINE, KILLED, FaultProxy
from tests.gateway import shelf
from tests.world import World

ENGINES = ("compiled", "resolvers")
AUTHORS = "{ authors { authorId } }"
BOOKS = "{ books { totalCount } }"
BORROWED = "{ author(id: 1) { authorId lastBorrowed { title } } }"
GONE = {"code": "SOURCE_UNAVAILABLE", "source": "shelf"}


@pytest.fixture(scope="module")
async def dsn(scratch: Callable[[str], Awaitable[str]]) -> str:
    return await scratch("drift")


Opened = Callable[[str, str], Awaitable[Pipeline]]


@pytest.fixture
async def opened(dsn: str) -> AsyncIterator[Opened]:
    """Gives a gateway with an engine, over tables that were changed before it started."""
    await shelf.fill(dsn)
    database = Database("shelf", dsn)
    given: list[Pipeline] = []

    async def open_one(engine: str, change: str) -> Pipeline:
        await alter(dsn, change)
        pipeline = Pipeline(shelf.make_catalog(), {"shelf": database}, engine=engine, seal_key=b"k" * 64)
        await pipeline.drift.open({"shelf": shelf.metadata})
        given.append(pipeline)
        return pipeline

    yield open_one
    for pipeline in given:
        await pipeline.drift.close()
    await database.close()


async def alter(dsn: str, change: str) -> None:
    """What the owner does."""
    admin = await asyncpg.connect(dsn)
    await admin.execute(change)
    await admin.close()


async def ask(pipeline: Pipeline, query: str) -> dict[str, Any]:
    return (await pipeline.answer(GraphQLRequest(query=query), shelf.PUBLIC, None)).payload


CHANGES: Mapping[str, tuple[str, list[str]]] = {
    "a column is gone": ("ALTER TABLE shelf.author DROP COLUMN mood", ["shelf.author.mood"]),
    "a column has another type": (
        "ALTER TABLE shelf.author ALTER gender TYPE int USING gender::int",
        ["shelf.author.gender"],
    ),
    "a list became a text": (
        "ALTER TABLE shelf.author ALTER nicknames TYPE text USING nicknames[1]",
        ["shelf.author.nicknames"],
    ),
    "the table is gone": (
        "DROP TABLE shelf.author",
        [f"shelf.author.{column.name}" for column in shelf.author_table.columns],
    ),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CHANGES)
async def test_the_type_is_out_and_the_others_are_served(opened: Opened, engine: str, name: str) -> None:
    change, columns = CHANGES[name]
    pipeline = await opened(engine, change)
    before = pipeline.databases["shelf"].statements
    authors = await ask(pipeline, AUTHORS)
    assert pipeline.databases["shelf"].statements == before
    assert (authors["data"], authors["errors"][0]["extensions"]) == ({"authors": None}, GONE)
    assert authors["extensions"]["sources"][0]["status"] == "UNAVAILABLE"
    assert (await ask(pipeline, BOOKS))["data"] == {"books": {"totalCount": 6}}
    assert pipeline.standing()["drifted"] == {"shelf": sorted(columns)}


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE shelf.author ADD COLUMN remark text",
        "ALTER TABLE shelf.author ALTER name TYPE text",
        "ALTER TABLE shelf.author ALTER author_id TYPE bigint",
        "ALTER TABLE shelf.author RENAME TO author_of_old; CREATE VIEW shelf.author AS SELECT * FROM shelf.author_of_old",
    ],
)
async def test_what_is_read_alike_has_not_drifted(opened: Opened, change: str) -> None:
    pipeline = await opened("compiled", change)
    assert pipeline.standing()["drifted"] == {}
    assert len((await ask(pipeline, AUTHORS))["data"]["authors"]) == 3


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_table_in_between_takes_out_the_links_over_it(opened: Opened, engine: str) -> None:
    pipeline = await opened(engine, "ALTER TABLE shelf.loan ALTER item TYPE text")
    payload = await ask(pipeline, BORROWED)
    assert payload["data"] == {"author": {"authorId": 1, "lastBorrowed": None}}
    assert [(error["path"], error["extensions"]) for error in payload["errors"]] == [(["author", "lastBorrowed"], GONE)]
    assert payload["extensions"]["sources"][0]["status"] == "PARTIAL"


async def test_the_columns_are_logged_by_name(opened: Opened, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        await opened("compiled", "ALTER TABLE shelf.book DROP COLUMN price, ALTER title TYPE bytea USING NULL")
    (record,) = [record for record in caplog.records if record.msg == "schema drift"]
    assert (vars(record)["missing"], vars(record)["retyped"]) == ("shelf.book.price", "shelf.book.title")


async def test_a_resolver_of_one_s_own_is_kept_from_it_too(opened: Opened) -> None:
    pipeline = await opened("compiled", "ALTER TABLE shelf.author DROP COLUMN mood")
    assert pipeline.drift.takes_out_of("shelf", select(shelf.author_table.c.mood))
    assert not pipeline.drift.takes_out_of("shelf", select(shelf.book_table.c.title))


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_database_that_was_down_at_the_start_is_compared_before_it_is_asked(dsn: str, engine: str) -> None:
    await shelf.fill(dsn)
    async with FaultProxy(dsn) as proxy:
        await proxy.switch(KILLED)
        database = Database("shelf", proxy.dsn)
        pipeline = Pipeline(shelf.make_catalog(), {"shelf": database}, engine=engine, seal_key=b"k" * 64)
        await pipeline.drift.open({"shelf": shelf.metadata}, seconds=0.05)
        await alter(dsn, "ALTER TABLE shelf.author DROP COLUMN mood")
        await proxy.switch(FINE)
        assert (await ask(pipeline, BOOKS))["errors"][0]["extensions"] == GONE
        assert pipeline.standing()["unchecked"] == ["shelf"]
        await soon(lambda: not pipeline.drift.unchecked)
        assert (await ask(pipeline, AUTHORS))["errors"][0]["extensions"] == GONE
        assert (await ask(pipeline, BOOKS))["data"] == {"books": {"totalCount": 6}}
        await pipeline.drift.close()
        await database.close()


@pytest.mark.parametrize("engine", ENGINES)
async def test_what_the_owner_changes_later_is_found_and_so_is_that_it_is_right_again(
    dsn: str, opened: Opened, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "AGAIN_SECONDS", 0.0)
    pipeline = await opened(engine, "SELECT 1")
    assert len((await ask(pipeline, AUTHORS))["data"]["authors"]) == 3
    await alter(dsn, "ALTER TABLE shelf.author ALTER mood TYPE varchar(9)[] USING ARRAY[mood]")
    await soon(lambda: bool(pipeline.standing()["drifted"]))
    assert (await ask(pipeline, AUTHORS))["errors"][0]["extensions"] == GONE
    assert (await ask(pipeline, BOOKS))["data"] == {"books": {"totalCount": 6}}
    await alter(dsn, "ALTER TABLE shelf.author ALTER mood TYPE varchar(9) USING mood[1]")
    await soon(lambda: not pipeline.standing()["drifted"])
    payload = await ask(pipeline, AUTHORS)
    assert (len(payload["data"]["authors"]), payload.get("errors")) == (3, None)


async def test_a_statement_that_is_refused_is_a_reason_to_compare(dsn: str, opened: Opened) -> None:
    pipeline = await opened("compiled", "SELECT 1")
    await alter(dsn, "ALTER TABLE shelf.author DROP COLUMN name")
    assert (await ask(pipeline, "{ authors { name } }"))["errors"][0]["extensions"]["code"] == "DATA_ERROR"
    await soon(lambda: bool(pipeline.standing()["drifted"]))
    assert (await ask(pipeline, AUTHORS))["errors"][0]["extensions"] == GONE


async def test_a_database_that_was_away_is_compared_before_it_is_asked_again(dsn: str) -> None:
    await shelf.fill(dsn)
    async with FaultProxy(dsn) as proxy:
        database = Database("shelf", proxy.dsn)
        pipeline = Pipeline(shelf.make_catalog(), {"shelf": database}, seal_key=b"k" * 64)
        await pipeline.drift.open({"shelf": shelf.metadata})
        await proxy.switch(KILLED)
        for _ in range(IN_A_ROW):
            await database.answers()
        await soon(lambda: bool(pipeline.standing()["unchecked"]))
        await alter(dsn, "ALTER TABLE shelf.author ALTER gender TYPE int USING gender::int")
        await proxy.switch(FINE)
        await soon(lambda: not database.left_alone)
        assert (await ask(pipeline, AUTHORS))["errors"][0]["extensions"] == GONE
        await soon(lambda: not pipeline.drift.unchecked)
        assert (await ask(pipeline, BOOKS))["data"] == {"books": {"totalCount": 6}}
        assert (await ask(pipeline, AUTHORS))["errors"][0]["extensions"] == GONE
        await pipeline.drift.close()
        await database.close()


async def test_the_city_has_not_drifted(world: World) -> None:
    found = Drift(world.databases)
    await found.open(DATABASES)
    assert found.standing() == {"unchecked": [], "drifted": {}}
    await found.close()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("character varying(18)[]", "text[]"),
        ("varchar(18)", "text"),
        ("numeric(14, 2)", "numeric"),
        ("timestamp with time zone", "timestamp with time zone"),
        ("timestamp(3) without time zone", "timestamp without time zone"),
        ("smallint", "integer"),
    ],
)
def test_a_type_is_read_by_its_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind
