"""Random draws over the city: what is drawn from, what is recorded, and that it is repeated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from datasources.database import Database
from datasources.tickets import draw
from gateway.commands.sample import Reading, verify
from gateway.commands.serving import Refusal
from gateway.pipeline import Pipeline
from gateway.populations import TICKETS, Wanted, population_of
from resolvers.sampling import DrawKind
from resolvers.schema import catalog
from tests.gateway.asking import Asker, told
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")
DRAW = """mutation($input: DrawSampleInput!) { drawSample(input: $input) {
  draw { drawNo kind size seed algorithm populationSize populationDigest earlier items { key officers } }
  errors { code path } } }"""
FOUND = "query($no: String!) { sampleDraw(drawNo: $no) { drawNo seed items { key officers } } }"
VERIFY = """query($no: String!) { sampleVerification(drawNo: $no) {
  outcome seed populationSize populationDigest populationSizeNow populationDigestNow } }"""
SUPERVISOR, AUDITOR = CALLERS["supervisor"], CALLERS["auditor"]
ORG = "SELECT uscc FROM off.org WHERE name = '珠海市香洲区市场监督管理局'"
REVIEW = {"idempotencyKey": "1", "kind": "FILE_REVIEW", "size": 12, "from": "2026-01-01", "to": "2026-10-31"}
INSPECTION = {"idempotencyKey": "2", "kind": "DOUBLE_RANDOM", "size": 10, "divisionPrefix": "440402"}


@pytest.fixture
async def databases(world: World, gateway_dsn: str) -> AsyncIterator[Mapping[str, Database]]:
    """The city with a database of the gateway's own that has no draws."""
    own = Database("gateway", gateway_dsn)
    await own.rows("DELETE FROM gw.sampling_draw", ())
    yield {**world.databases, "gateway": own}
    await own.close()


@pytest.fixture
async def org(world: World) -> str:
    ((uscc,),) = await world.databases["personnel"].rows(ORG, ())
    return str(uscc)


def gateway(databases: Mapping[str, Database], engine: str = "compiled") -> Pipeline:
    return Pipeline(catalog, databases, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)


async def drawn(pipeline: Pipeline, given: Mapping[str, Any], org: str, caller: Asker = SUPERVISOR, **more: Any) -> Any:
    """The payload of a draw."""
    body = await told(pipeline, DRAW, caller, {"input": {"orgUscc": org, **given, **more}})
    return body["data"]["drawSample"]


async def verified(pipeline: Pipeline, number: str, caller: Asker = SUPERVISOR) -> Any:
    return (await told(pipeline, VERIFY, caller, {"no": number}))["data"]["sampleVerification"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_closed_files_are_drawn_in_proportion_to_their_kinds(
    databases: Mapping[str, Database], org: str, engine: str
) -> None:
    made = (await drawn(gateway(databases, engine), REVIEW, org))["draw"]
    rows = await databases["enforcement"].rows(
        """SELECT case_no, kind FROM cas.case JOIN (SELECT org_id FROM cas.case WHERE case_no = $2 LIMIT 1) AS one USING (org_id)
           WHERE closed_on BETWEEN '2026-01-01' AND '2026-10-31' AND NOT sealed AND secret_flag IS NOT TRUE AND kind <> $1""",
        ("0", made["items"][0]["key"]),
    )
    kinds = {row["case_no"]: row["kind"] for row in rows}
    assert made["populationSize"] == len(kinds)
    assert len(made["items"]) == 12
    for kind in set(kinds.values()):
        share = 12 * sum(one == kind for one in kinds.values()) / len(kinds)
        assert abs(sum(kinds[item["key"]] == kind for item in made["items"]) - share) < 1.01


@pytest.mark.parametrize("engine", ENGINES)
async def test_objects_are_drawn_with_two_officers_each(
    databases: Mapping[str, Database], org: str, engine: str
) -> None:
    made = (await drawn(gateway(databases, engine), INSPECTION, org))["draw"]
    assert len(made["items"]) == 10
    assert {len(set(item["officers"])) for item in made["items"]} == {2}


async def test_whoever_has_the_seed_repeats_the_draw(databases: Mapping[str, Database], org: str) -> None:
    pipeline = gateway(databases)
    made = (await drawn(pipeline, INSPECTION, org))["draw"]
    context = Reading(databases)
    wanted = Wanted(kind=DrawKind.DOUBLE_RANDOM, org_uscc=org, level="4404", day=MOMENT.date(), place_prefix="440402")
    population = await population_of(context, wanted)
    assert population is not None
    assert population.digest() == made["populationDigest"]
    assert {one.tickets for one in population.members} == set(TICKETS.values())
    again = draw(made["seed"], population, 10)
    assert [{"key": one.key, "officers": list(one.team)} for one in again] == made["items"]


async def test_who_holds_a_position_in_an_entity_does_not_inspect_it(world: World) -> None:
    """Of officers who have a position, or whose household has one: none of their firms has them in its team."""
    rows = await world.databases["personnel"].rows("SELECT uscc FROM off.org ORDER BY uscc LIMIT 8", ())
    reading, found = Reading(world.databases), 0
    for row in rows:
        wanted = Wanted(kind=DrawKind.DOUBLE_RANDOM, org_uscc=row["uscc"], level="4404", day=MOMENT.date())
        population = await population_of(reading, wanted)
        assert population is not None
        for number, key in population.avoids:
            one = replace(population, members=tuple(member for member in population.members if member.key == key))
            assert all(number not in team.team for team in draw("0f6c", one, 1))
            found += 1
    assert found


async def test_the_same_key_draws_once(databases: Mapping[str, Database], org: str) -> None:
    pipeline = gateway(databases)
    first, second = [await drawn(pipeline, REVIEW, org) for _ in range(2)]
    assert first == second
    other = await drawn(pipeline, REVIEW, org, size=5)
    assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_USED"]


async def test_whoever_draws_until_it_suits_is_seen(databases: Mapping[str, Database], org: str) -> None:
    pipeline = gateway(databases)
    first = (await drawn(pipeline, REVIEW, org))["draw"]
    pipeline.reception.now = lambda: MOMENT.replace(hour=10)
    second = (await drawn(pipeline, REVIEW, org, idempotencyKey="again"))["draw"]
    assert (first["earlier"], second["earlier"]) == (0, 1)
    assert first["seed"] != second["seed"]


@pytest.mark.parametrize("caller", [SUPERVISOR, AUDITOR])
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_draw_is_confirmed_by_supervisors_and_auditors(
    databases: Mapping[str, Database], org: str, engine: str, caller: Asker
) -> None:
    pipeline = gateway(databases, engine)
    for given in (REVIEW, INSPECTION):
        made = (await drawn(pipeline, given, org))["draw"]
        found = await verified(pipeline, made["drawNo"], caller)
        assert found["outcome"] == "CONFIRMED"
        assert found["populationDigestNow"] == made["populationDigest"]


async def test_the_command_repeats_a_draw_and_tells_by_its_exit(
    databases: Mapping[str, Database],
    org: str,
    city: Mapping[str, str],
    gateway_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made = (await drawn(gateway(databases), INSPECTION, org))["draw"]
    for name, dsn in {**city, "gateway": gateway_dsn}.items():
        monkeypatch.setenv(f"TONGCHA_DATABASE_{name.upper()}", dsn)
    await asyncio.to_thread(verify, made["drawNo"])
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "outcome: CONFIRMED"
    assert said[-10:] == [" ".join((item["key"], *item["officers"])) for item in made["items"]]
    await databases["gateway"].rows("UPDATE gw.sampling_draw SET seed = repeat('0', 32)", ())
    with pytest.raises(SystemExit) as ended:
        await asyncio.to_thread(verify, made["drawNo"])
    assert ended.value.code == 1
    with pytest.raises(Refusal):
        await asyncio.to_thread(verify, "CY-NONE")


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ("population_digest = repeat('0', 64)", "POPULATION_CHANGED"),
        ("drawn[1] = drawn[2]", "RESULT_DIFFERS"),
        ("seed = repeat('0', 32)", "RESULT_DIFFERS"),
        ("algorithm = 'other/1'", "RESULT_DIFFERS"),
        ("size = size - 1", "RESULT_DIFFERS"),
        ("last_day = '2026-03-31'", "POPULATION_CHANGED"),
    ],
)
async def test_a_record_that_was_changed_is_told(
    databases: Mapping[str, Database], org: str, change: str, outcome: str
) -> None:
    pipeline = gateway(databases)
    made = (await drawn(pipeline, REVIEW, org))["draw"]
    await databases["gateway"].rows(f"UPDATE gw.sampling_draw SET {change}", ())
    assert (await verified(pipeline, made["drawNo"]))["outcome"] == outcome


async def test_an_auditor_is_not_told_what_was_drawn(databases: Mapping[str, Database], org: str) -> None:
    pipeline = gateway(databases)
    made = (await drawn(pipeline, REVIEW, org))["draw"]
    body = await told(pipeline, FOUND, AUDITOR, {"no": made["drawNo"]})
    assert body["data"] == {"sampleDraw": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_draw_of_another_level_is_as_one_that_is_not_there(
    databases: Mapping[str, Database], org: str, engine: str
) -> None:
    pipeline = gateway(databases, engine)
    made = (await drawn(pipeline, REVIEW, org))["draw"]
    await databases["gateway"].rows("UPDATE gw.sampling_draw SET division_prefix = '4403'", ())
    for text in (FOUND, VERIFY):
        there, missing = [
            await told(pipeline, text, SUPERVISOR, {"no": number}) for number in (made["drawNo"], "CY-NONE")
        ]
        assert there == missing
        assert list(there["data"].values()) == [None]


@pytest.mark.parametrize("name", ["officer-stepped-up", "partner", "citizen-own", "auditor", "public"])
async def test_nobody_else_draws(databases: Mapping[str, Database], org: str, name: str) -> None:
    body = await told(gateway(databases), DRAW, CALLERS[name], {"input": {"orgUscc": org, **REVIEW}})
    assert body["data"] == {"drawSample": None}
    assert await databases["gateway"].rows("SELECT draw_no FROM gw.sampling_draw", ()) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (REVIEW | {"size": 0}, "SIZE_INVALID"),
        (REVIEW | {"size": 201}, "SIZE_INVALID"),
        (REVIEW | {"from": None}, "PERIOD_REQUIRED"),
        (REVIEW | {"from": "2026-11-01"}, "PERIOD_REQUIRED"),
        (REVIEW | {"to": "2026-11-05"}, "PERIOD_REQUIRED"),
        (REVIEW | {"from": "2020-01-01"}, "PERIOD_REQUIRED"),
        (REVIEW | {"from": "2026-10-31"}, "POPULATION_EMPTY"),
        (REVIEW | {"divisionPrefix": "440402"}, "NOT_APPLICABLE"),
        (REVIEW | {"orgUscc": "91440499MA7X000184"}, "ORG_NOT_FOUND"),
        (REVIEW | {"orgUscc": "nobody"}, "ORG_NOT_FOUND"),
        (REVIEW | {"idempotencyKey": ""}, "IDEMPOTENCY_KEY_INVALID"),
        (INSPECTION | {"to": "2026-10-31"}, "NOT_APPLICABLE"),
        (INSPECTION | {"divisionPrefix": "4403"}, "DIVISION_NOT_FOUND"),
        (INSPECTION | {"divisionPrefix": "44%"}, "DIVISION_NOT_FOUND"),
        (INSPECTION | {"industryPrefix": "%"}, "INDUSTRY_INVALID"),
        (INSPECTION | {"industryPrefix": "ZZ"}, "POPULATION_EMPTY"),
    ],
)
async def test_a_fault_of_the_input_has_a_code(
    databases: Mapping[str, Database], org: str, given: Mapping[str, Any], code: str
) -> None:
    found = await drawn(gateway(databases), given, given.get("orgUscc", org))
    assert [error["code"] for error in found["errors"]] == [code]
    assert found["draw"] is None
