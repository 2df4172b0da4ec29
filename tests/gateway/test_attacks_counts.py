"""Attacks by counting: to the end, how many there are is told to staff alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import pytest

from datasources.database import Database
from datasources.tables import DATABASES
from gateway.asking import COUNTED
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.asking import told
from tests.gateway.hearing import Heard
from tests.world import CALLERS, MOMENT, SEAL_KEY

ENGINES = ("compiled", "resolvers")
STAFF = {name for name in CALLERS if name.startswith(("officer", "supervisor"))}
READERS = [name for name in CALLERS if name != "auditor"]

LISTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "a list": ("query($n: String!) { divisions(filter: {parentCode: $n}) { COUNTS } }", ("divisions",)),
    "a page of a list": (
        "query($n: String!) { divisions(first: 1, filter: {parentCode: $n}) { COUNTS nodes { code } } }",
        ("divisions",),
    ),
    "a list of a record": (
        "query($n: String!) { regulations(filter: {keyword: $n}) { nodes { articles { COUNTS } } } }",
        ("regulations", "nodes", "0", "articles"),
    ),
    "a page of a list of a record": (
        "query($n: String!) { regulations(filter: {keyword: $n}) { nodes { articles(first: 1) { COUNTS nodes { articleNo } } } } }",
        ("regulations", "nodes", "0", "articles"),
    ),
}
"""Operations with a list each, and the path to it; `$n` names the list of so many items."""


@pytest.fixture(scope="module")
async def place(
    copied_village: Callable[[str], Awaitable[str]],
) -> AsyncIterator[tuple[Mapping[str, Pipeline], list[str]]]:
    """Both engines over a village with lists of COUNTED items and of one more, and what they ask of it."""
    dsn = await copied_village("counts")
    admin = await asyncpg.connect(dsn)
    for count in (COUNTED, COUNTED + 1):
        await admin.execute(
            """INSERT INTO div.division (code, name, level, parent_code, is_functional_zone)
               SELECT $1 || lpad(i::text, 8, '0'), '社区', 5, $1, false FROM generate_series(1, $2::int) AS i""",
            str(count).rjust(4, "9"), count,
        )  # fmt: skip
        await admin.execute(
            """WITH made AS (
                 INSERT INTO reg.regulation SELECT (jsonb_populate_record(one, jsonb_build_object(
                   'regulation_id', gen_random_uuid(), 'title', $1::text))).*
                 FROM (SELECT r AS one FROM reg.regulation AS r LIMIT 1) AS any_one RETURNING regulation_id)
               INSERT INTO reg.article (article_id, regulation_id, article_no, text, effective_from)
               SELECT gen_random_uuid(), regulation_id, i::text, '条文', '2020-01-01' FROM made, generate_series(1, $2::int) AS i""",
            str(count).rjust(4, "9"), count,
        )  # fmt: skip
    await admin.close()
    log: list[str] = []
    databases = {name: Database(name, dsn, budget=30) for name in DATABASES}
    heard = {name: Heard(database, log) for name, database in databases.items()}
    yield (
        {engine: Pipeline(catalog, heard, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT) for engine in ENGINES},
        log,
    )
    for database in databases.values():
        await database.close()


async def counts(pipeline: Pipeline, caller: str, name: str, count: int) -> Any:
    """What a caller is told of a list of so many items: totalCount, totalCountIsCapped."""
    text, path = LISTS[name]
    text = text.replace("COUNTS", "totalCount totalCountIsCapped")
    found = (await told(pipeline, text, CALLERS[caller], {"n": str(count).rjust(4, "9")}))["data"]
    for step in path:
        found = found[int(step) if step.isdigit() else step]
    return found["totalCount"], found["totalCountIsCapped"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("caller", READERS)
@pytest.mark.parametrize("name", LISTS)
async def test_C8_whoever_is_not_staff_is_told_no_more_than_a_thousand(
    place: tuple[Mapping[str, Pipeline], list[str]], name: str, caller: str, engine: str
) -> None:
    pipeline = place[0][engine]
    assert await counts(pipeline, caller, name, COUNTED) == (COUNTED, False)
    beyond = (COUNTED + 1, False) if caller in STAFF else (COUNTED, True)
    assert await counts(pipeline, caller, name, COUNTED + 1) == beyond


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("caller", ["public", "partner", "citizen"])
async def test_C8_the_database_counts_no_further(
    place: tuple[Mapping[str, Pipeline], list[str]], caller: str, engine: str
) -> None:
    """The statement ends at the first item beyond: how many more there are is not known to the gateway either."""
    pipelines, log = place
    log.clear()
    await counts(pipelines[engine], caller, "a list", COUNTED + 1)
    (counting,) = [text for text in log if "count(*)" in text]
    assert re.search(r"count\(\*\) AS total\s+FROM \(SELECT 1 AS item[^()]*LIMIT", counting), counting


@pytest.mark.parametrize("engine", ENGINES)
async def test_whether_there_are_more_can_be_asked_alone(
    place: tuple[Mapping[str, Pipeline], list[str]], engine: str
) -> None:
    text = "query($n: String!) { divisions(filter: {parentCode: $n}) { totalCountIsCapped } }"
    for count, expected in ((COUNTED, False), (COUNTED + 1, True)):
        body = await told(place[0][engine], text, CALLERS["public"], {"n": str(count).rjust(4, "9")})
        assert body["data"] == {"divisions": {"totalCountIsCapped": expected}}
