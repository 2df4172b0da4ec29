"""Matters that are mapped to no matter of supervision are listed and counted, and nobody but supervision and its platform is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from datasources.database import Database
from datasources.tables import DATABASES
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.asking import Asker, told
from tests.gateway.village import refill, village
from tests.world import CALLERS, MOMENT, PLATFORMS, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")
SUPERVISOR, PLATFORM = CALLERS["supervisor"], PLATFORMS["partner-supervision"]
UNMAPPED = """query($org: String, $kind: CaseKind, $gap: MappingGap, $first: Int, $after: Cursor) {
  unmappedMatters(orgUscc: $org, kind: $kind, gap: $gap, first: $first, after: $after) {
    nodes { implementationCode basicCode name kind orgUscc orgName gap } pageInfo { hasNextPage endCursor } } }"""
COVERAGE = """query($by: CoverageDimension!, $org: String) { matterCoverage(by: $by, orgUscc: $org) {
  orgUscc orgName kind matters mapped withChecklist } }"""
IN_USE = """FROM mat.matter m WHERE status_code = '1' AND NOT sealed AND coalesce(effective_from, '2026-11-05') <= '2026-11-05'
  AND coalesce(effective_to, '2026-11-05') >= '2026-11-05'"""
MAPPED = "EXISTS (SELECT FROM mat.matter_supervision s WHERE s.implementation_code = m.implementation_code)"
KINDS = {"02": "PENALTY", "03": "COERCION", "06": "INSPECTION"}


async def unmapped(pipeline: Pipeline, caller: Asker, **variables: Any) -> list[Any]:
    """The whole list, page by page."""
    found: list[Any] = []
    after = None
    while True:
        body = await told(pipeline, UNMAPPED, caller, {"first": 200, "after": after, **variables})
        found += body["data"]["unmappedMatters"]["nodes"]
        after = body["data"]["unmappedMatters"]["pageInfo"]["endCursor"]
        if not body["data"]["unmappedMatters"]["pageInfo"]["hasNextPage"]:
            return found


async def coverage(pipeline: Pipeline, caller: Asker, **variables: Any) -> list[Any]:
    found: list[Any] = (await told(pipeline, COVERAGE, caller, variables))["data"]["matterCoverage"]
    return found


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("caller", [SUPERVISOR, PLATFORM], ids=["supervisor", "platform"])
async def test_every_matter_in_use_that_is_not_mapped_is_listed_and_no_other(
    world: World, engine: str, caller: Asker
) -> None:
    found = await unmapped(world.pipeline(engine), caller)
    rows = await world.databases["matter"].rows(
        f"SELECT implementation_code, name, type_code, org_uscc {IN_USE} AND NOT {MAPPED} ORDER BY 1", ()
    )
    assert [(one["implementationCode"], one["name"], one["kind"], one["orgUscc"]) for one in found] == [
        (row["implementation_code"], row["name"], KINDS[row["type_code"]], row["org_uscc"]) for row in rows
    ]
    assert {one["gap"] for one in found} == {"NOT_MAPPED"}
    assert all(one["orgName"] for one in found)


@pytest.mark.parametrize("engine", ENGINES)
async def test_coverage_is_counted_by_authority_and_by_kind(world: World, engine: str) -> None:
    for by, column in (("ORG", "org_uscc"), ("KIND", "type_code")):
        found = await coverage(world.pipeline(engine), PLATFORM, by=by)
        rows = await world.databases["matter"].rows(
            f"SELECT {column} AS of, count(*) AS matters, count(*) FILTER (WHERE {MAPPED}) AS mapped {IN_USE} GROUP BY 1 ORDER BY 1",
            (),
        )
        told_of = [
            (one["orgUscc"] or one["kind"], one["matters"], one["mapped"], one["withChecklist"]) for one in found
        ]
        assert told_of == [
            (KINDS.get(row["of"], row["of"]), row["matters"], row["mapped"], row["mapped"]) for row in rows
        ]


async def test_what_is_listed_is_what_coverage_lacks(world: World) -> None:
    listed = await unmapped(world.pipeline(), PLATFORM)
    for one in await coverage(world.pipeline(), PLATFORM, by="ORG"):
        lacking = [other for other in listed if other["orgUscc"] == one["orgUscc"]]
        assert len(lacking) == one["matters"] - one["mapped"]


async def test_pages_of_two_are_the_list_and_an_authority_or_a_kind_can_be_asked_about(world: World) -> None:
    listed = await unmapped(world.pipeline(), PLATFORM)
    assert await unmapped(world.pipeline(), PLATFORM, first=100) == listed
    org = listed[0]["orgUscc"]
    assert await unmapped(world.pipeline(), PLATFORM, org=org) == [one for one in listed if one["orgUscc"] == org]
    found = await unmapped(world.pipeline(), PLATFORM, kind="INSPECTION")
    assert found == [one for one in listed if one["kind"] == "INSPECTION"]
    assert [one["orgUscc"] for one in await coverage(world.pipeline(), PLATFORM, by="ORG", org=org)] == [org]


async def test_a_matter_without_a_checklist_is_told_apart_from_one_that_is_not_mapped(desk_dsn: str) -> None:
    databases = {name: Database(name, desk_dsn) for name in DATABASES}
    pipeline = Pipeline(catalog, databases, seal_key=SEAL_KEY, now=lambda: MOMENT)
    admin = await asyncpg.connect(desk_dsn)
    code = await admin.fetchval(
        f"""UPDATE mat.matter_supervision SET checklist_code = NULL WHERE implementation_code =
          (SELECT min(implementation_code) {IN_USE} AND {MAPPED}) RETURNING implementation_code"""
    )
    try:
        assert [one["implementationCode"] for one in await unmapped(pipeline, SUPERVISOR, gap="WITHOUT_CHECKLIST")] == [
            code
        ]
        assert {one["gap"] for one in await unmapped(pipeline, SUPERVISOR)} == {"NOT_MAPPED", "WITHOUT_CHECKLIST"}
        assert {one["gap"] for one in await unmapped(pipeline, SUPERVISOR, gap="NOT_MAPPED")} == {"NOT_MAPPED"}
        counted = await coverage(pipeline, SUPERVISOR, by="KIND")
        assert sum(one["mapped"] - one["withChecklist"] for one in counted) == 1
    finally:
        await admin.close()
        await refill(desk_dsn, village(), ["mat.matter_supervision"])
        for database in databases.values():
            await database.close()


@pytest.mark.parametrize(
    "name", ["officer-stepped-up", "partner", "partner-disclosure", "citizen-own", "auditor", "public"]
)
async def test_nobody_else_is_told(world: World, name: str) -> None:
    for text, variables in ((UNMAPPED, {}), (COVERAGE, {"by": "ORG"})):
        body = await told(world.pipeline(), text, CALLERS[name], variables)
        assert list(body["data"].values()) == [None]


@pytest.mark.parametrize("asked", [{"first": 0}, {"org": "x"}, {"after": "x"}])
async def test_a_question_that_cannot_be_answered(world: World, asked: Mapping[str, Any]) -> None:
    body = await told(world.pipeline(), UNMAPPED, PLATFORM, asked)
    assert body["data"] == {"unmappedMatters": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]
