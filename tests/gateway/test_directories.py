"""The directories of double-random inspections: what a draw is made from, page by page, all of one moment."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg
import pytest

from datasources.database import Database
from datasources.digests import digest_of
from datasources.tables import DATABASES
from gateway.pipeline import Pipeline
from gateway.populations import TICKETS
from gateway.request import GraphQLRequest
from resolvers.schema import catalog
from tests.gateway.asking import Asker, told
from tests.gateway.hearing import Heard
from tests.gateway.village import refill, village
from tests.world import CALLERS, MOMENT, PLATFORMS, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")
ASKED = "$org: String!, $place: String, $branch: String, $first: Int, $after: Cursor"
GIVEN = "orgUscc: $org, divisionPrefix: $place, industryPrefix: $branch, first: $first, after: $after"
PAGE = "asOf total digest populationDigest pageInfo { hasNextPage endCursor }"
OBJECTS = f"""query({ASKED}) {{ found: inspectionObjects({GIVEN}) {{
  {PAGE} nodes {{ uscc name riskClass {{ code }} tickets divisionCode industryCode }} }} }}"""
OFFICERS = f"""query({ASKED}) {{ found: inspectionOfficers({GIVEN}) {{
  {PAGE} nodes {{ certNo name fields certValidTo avoids }} }} }}"""
DRAW = """mutation($input: DrawSampleInput!) { drawSample(input: $input) { draw { drawNo populationSize populationDigest } } }"""
VERIFY = "query($no: String!) { sampleVerification(drawNo: $no) { outcome populationDigest populationDigestNow } }"
SUPERVISOR, AUDITOR, PLATFORM = CALLERS["supervisor"], CALLERS["auditor"], PLATFORMS["partner-random"]
ORG = "SELECT uscc FROM off.org WHERE name = '珠海市香洲区市场监督管理局'"
IN_BUSINESS = "SELECT uscc FROM ent.entity WHERE status_code = '1' AND NOT sealed AND division_code LIKE '440402%'"
XIANGZHOU = {"place": "440402"}
CHANGED = ("ent.entity", "off.officer", "pop.person", "ent.entity_person")


@pytest.fixture
async def org(world: World) -> str:
    ((uscc,),) = await world.databases["personnel"].rows(ORG, ())
    return str(uscc)


async def page(pipeline: Pipeline, text: str, caller: Asker, org: str, **variables: Any) -> Any:
    return (await told(pipeline, text, caller, {"org": org, **variables}))["data"]["found"]


async def whole(pipeline: Pipeline, text: str, caller: Asker, org: str, **variables: Any) -> Any:
    """The last page, with the nodes of all of them."""
    nodes: list[Any] = []
    after = None
    while True:
        found = await page(pipeline, text, caller, org, after=after, **{"first": 200, **variables})
        nodes += found["nodes"]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            return {**found, "nodes": nodes}


def lines_of(objects: Any, officers: Any) -> tuple[list[str], list[str]]:
    """What the digests are over, as whoever holds both lists makes it."""
    of_officers = [f"officer|{one['certNo']}" for one in officers["nodes"]]
    of_officers += [f"avoids|{one['certNo']}|{key}" for one in officers["nodes"] for key in one["avoids"]]
    return [f"member|{one['uscc']}||{one['tickets']}" for one in objects["nodes"]], of_officers


@pytest.mark.parametrize("engine", ENGINES)
async def test_an_auditor_finds_the_digest_of_a_draw_in_the_directories_of_the_platform(
    world: World, gateway_dsn: str, org: str, engine: str
) -> None:
    own = Database("gateway", gateway_dsn)
    await own.rows("DELETE FROM gw.sampling_draw", ())
    beside = Pipeline(
        catalog, {**world.databases, "gateway": own}, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT
    )
    given = {"idempotencyKey": "1", "kind": "DOUBLE_RANDOM", "size": 5, "orgUscc": org, "divisionPrefix": "440402"}
    made = (await told(beside, DRAW, SUPERVISOR, {"input": given}))["data"]["drawSample"]["draw"]
    repeated = (await told(beside, VERIFY, AUDITOR, {"no": made["drawNo"]}))["data"]["sampleVerification"]
    await own.close()

    objects, officers = [
        await whole(world.pipeline(engine), text, PLATFORM, org, **XIANGZHOU) for text in (OBJECTS, OFFICERS)
    ]
    of_objects, of_officers = lines_of(objects, officers)
    joined = "\n".join(sorted([*of_objects, *of_officers])).encode()
    assert repeated == {
        "outcome": "CONFIRMED",
        "populationDigest": hashlib.sha256(joined).hexdigest(),
        "populationDigestNow": objects["populationDigest"],
    }
    assert objects["populationDigest"] == officers["populationDigest"] == made["populationDigest"]
    assert (objects["digest"], officers["digest"]) == (digest_of(of_objects), digest_of(of_officers))
    assert objects["total"] == made["populationSize"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("caller", [SUPERVISOR, PLATFORM], ids=["supervisor", "platform"])
async def test_the_objects_are_those_in_business_at_the_place(
    world: World, org: str, engine: str, caller: Asker
) -> None:
    found = await whole(world.pipeline(engine), OBJECTS, caller, org, **XIANGZHOU)
    rows = await world.databases["legal_entity"].rows(IN_BUSINESS, ())
    assert [one["uscc"] for one in found["nodes"]] == sorted(row["uscc"] for row in rows)
    for one in found["nodes"]:
        assert one["tickets"] == TICKETS.get(one["riskClass"]["code"] if one["riskClass"] else None, 2)


async def test_supervisors_have_the_officers_of_their_level(world: World, org: str) -> None:
    assert (await whole(world.pipeline(), OFFICERS, SUPERVISOR, org))["nodes"]


async def test_whom_an_officer_must_avoid_is_said_and_not_why(world: World) -> None:
    rows = await world.databases["personnel"].rows("SELECT uscc FROM off.org ORDER BY uscc LIMIT 8", ())
    found = [
        one
        for row in rows
        for one in (await whole(world.pipeline(), OFFICERS, PLATFORM, row["uscc"]))["nodes"]
        if one["avoids"]
    ]
    assert found
    assert set(found[0]) == {"certNo", "name", "fields", "certValidTo", "avoids"}


@pytest.mark.parametrize("text", [OBJECTS, OFFICERS])
async def test_pages_of_two_are_the_list_and_of_one_moment(world: World, org: str, text: str) -> None:
    pipeline = Pipeline(catalog, world.databases, seal_key=SEAL_KEY, now=lambda: MOMENT)
    all_of_it = await whole(pipeline, text, PLATFORM, org, **XIANGZHOU)
    pipeline.reception.now = lambda: MOMENT.replace(hour=10)
    first = await page(pipeline, text, PLATFORM, org, first=2, **XIANGZHOU)
    pipeline.reception.now = lambda: MOMENT.replace(hour=11)
    second = await page(pipeline, text, PLATFORM, org, first=2, after=first["pageInfo"]["endCursor"], **XIANGZHOU)
    assert first["nodes"] + second["nodes"] == all_of_it["nodes"][:4]
    assert first["asOf"] == second["asOf"] == MOMENT.replace(hour=10).isoformat()
    assert (second["digest"], second["total"]) == (all_of_it["digest"], all_of_it["total"])


async def test_the_record_of_a_page_has_its_rows_and_its_subjects(world: World, org: str) -> None:
    variables = {"org": org, "first": 3, **XIANGZHOU}
    answer = await world.pipeline().answer(GraphQLRequest(query=OBJECTS, variables=variables), *PLATFORM)
    assert answer.trace is not None
    assert answer.trace.rows == {"legal_entity": 3}
    assert {kind for kind, _ in answer.trace.subjects} == {"LegalEntity"}
    assert len(answer.trace.subjects) == 3
    officers = await world.pipeline().answer(GraphQLRequest(query=OFFICERS, variables=variables), *PLATFORM)
    assert officers.trace is not None
    assert officers.trace.rows == {"personnel": 3}
    assert {kind for kind, _ in officers.trace.subjects} == {"Officer"}
    assert len(officers.trace.subjects) == 3


# --- a register that changes ---------------------------------------------------------------------


class Place:
    """A village in which the registers are changed."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.databases = {name: Database(name, dsn) for name in DATABASES}

    def process(self) -> Pipeline:
        """One that has read nothing yet."""
        return Pipeline(catalog, self.databases, seal_key=SEAL_KEY, now=lambda: MOMENT)

    async def change(self, statement: str) -> str:
        """Changes something, and gives the first value of what is returned."""
        admin = await asyncpg.connect(self.dsn)
        try:
            return str(await admin.fetchval(statement))
        finally:
            await admin.close()


@pytest.fixture
async def place(desk_dsn: str) -> AsyncIterator[Place]:
    await refill(desk_dsn, village(), CHANGED)
    made = Place(desk_dsn)
    yield made
    for database in made.databases.values():
        await database.close()
    await refill(desk_dsn, village(), CHANGED)


ONE_OBJECT = "WHERE uscc = (SELECT max(uscc) FROM ent.entity WHERE status_code = '1' AND NOT sealed) RETURNING uscc"
OF_THE_ORG = "WHERE cert_no = (SELECT max(cert_no) FROM off.officer JOIN off.org o USING (org_id) WHERE o.uscc = '{}')"
CHANGES: Mapping[str, str] = {
    "an object leaves": f"UPDATE ent.entity SET status_code = '3' {ONE_OBJECT}",
    "an object is sealed": f"UPDATE ent.entity SET sealed = true {ONE_OBJECT}",
    "a class of risk changes": f"UPDATE ent.entity SET risk_class = CASE risk_class WHEN 'A' THEN 'D' ELSE 'A' END {ONE_OBJECT}",
    "an object has another name": f"UPDATE ent.entity SET name = '新名称' {ONE_OBJECT}",
    "an officer has another field": f"UPDATE off.officer SET cert_fields = ARRAY['新领域'] {OF_THE_ORG}",
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_cursor_leads_on_in_the_same_moment_or_nowhere(place: Place, name: str) -> None:
    """In the process that has the reading it goes on as it was; in another one, which reads anew, it is none any more."""
    first_org = await place.change(
        "SELECT o.uscc FROM off.officer JOIN off.org o USING (org_id) WHERE cert_status = '1' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    here, elsewhere = place.process(), place.process()
    first = await page(here, OBJECTS, SUPERVISOR, first_org, first=2)
    before = await whole(here, OBJECTS, SUPERVISOR, first_org)
    await place.change(CHANGES[name].format(first_org))
    asked = {"org": first_org, "first": 200, "after": first["pageInfo"]["endCursor"]}
    body = await told(elsewhere, OBJECTS, SUPERVISOR, asked)
    assert [(error["extensions"]["code"], body["data"]) for error in body["errors"]] == [
        ("BAD_USER_INPUT", {"found": None})
    ]
    rest = await page(here, OBJECTS, SUPERVISOR, first_org, first=200, after=first["pageInfo"]["endCursor"])
    assert first["nodes"] + rest["nodes"] == before["nodes"]
    assert rest["digest"] == before["digest"]


async def test_a_sealed_object_is_in_no_directory(place: Place) -> None:
    org = await place.change("SELECT min(uscc) FROM off.org")
    sealed = await place.change(f"UPDATE ent.entity SET sealed = true {ONE_OBJECT}")
    found = await whole(place.process(), OBJECTS, SUPERVISOR, org)
    assert found["nodes"]
    assert sealed not in {one["uscc"] for one in found["nodes"]}


MARKED = {
    "sealed": "UPDATE pop.person SET sealed = true",
    "under fourteen": "UPDATE pop.person SET is_minor_14 = true",
    "protected": "UPDATE pop.person SET protection_flag = 1",
    "marked where they hold a position": "UPDATE ent.entity_person SET subject_mark = 1",
}


@pytest.mark.parametrize("name", MARKED)
async def test_whom_to_avoid_is_not_made_of_marked_persons(place: Place, name: str) -> None:
    org = await place.change(
        """SELECT o.uscc FROM off.org o JOIN off.officer f USING (org_id) JOIN pop.person p USING (id_no)
        JOIN ent.entity_person e ON e.person_ref = p.person_id JOIN ent.entity USING (entity_id)
        WHERE f.cert_status = '1' AND status_code = '1' AND until IS NULL ORDER BY 1 LIMIT 1"""
    )
    before = await whole(place.process(), OFFICERS, PLATFORM, org)
    assert any(one["avoids"] for one in before["nodes"])
    await place.change(MARKED[name])
    after = await whole(place.process(), OFFICERS, PLATFORM, org)
    assert [one["certNo"] for one in after["nodes"]] == [one["certNo"] for one in before["nodes"]]
    assert not any(one["avoids"] for one in after["nodes"])


async def test_a_marked_person_of_the_household_makes_no_pair(place: Place) -> None:
    pair = await place.change(
        """SELECT f.cert_no || ' ' || b.person_id FROM off.officer f JOIN pop.person p USING (id_no)
        JOIN pop.household_member a USING (person_id) JOIN pop.household_member b USING (household_no)
        WHERE f.cert_status = '1' AND b.person_id <> a.person_id
        AND b.person_id NOT IN (SELECT person_id FROM pop.person JOIN off.officer USING (id_no))
        ORDER BY f.cert_no, b.person_id LIMIT 1"""
    )
    officer, near = pair.split()
    org = await place.change(
        f"SELECT o.uscc FROM off.org o JOIN off.officer f USING (org_id) WHERE f.cert_no = '{officer}'"
    )
    await place.change("DELETE FROM ent.entity_person")
    await place.change(
        f"""INSERT INTO ent.entity_person (entity_id, person_ref, role_code, subject_mark)
        SELECT entity_id, '{near}', '1', 0 FROM ent.entity WHERE status_code = '1' AND NOT sealed ORDER BY uscc LIMIT 1"""
    )

    async def avoiding() -> set[str]:
        found = await whole(place.process(), OFFICERS, PLATFORM, org)
        return {one["certNo"] for one in found["nodes"] if one["avoids"]}

    assert officer in await avoiding()
    await place.change(f"UPDATE pop.person SET sealed = true WHERE person_id = '{near}'")
    assert officer not in await avoiding()


# --- who is told ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [OBJECTS, OFFICERS])
@pytest.mark.parametrize(
    "name",
    ["officer-stepped-up", "partner", "partner-disclosure", "partner-statistics", "citizen-own", "auditor", "public"],
)
async def test_nobody_else_is_told(world: World, org: str, text: str, name: str) -> None:
    body = await told(world.pipeline(), text, CALLERS[name], {"org": org})
    assert body["data"] == {"found": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"]


async def test_an_agreement_of_another_platform_is_none(world: World, org: str) -> None:
    other = PLATFORMS["partner-supervision"]
    for caller in (other, (other[0], PLATFORM[1])):
        body = await told(world.pipeline(), OBJECTS, caller, {"org": org})
        assert body["data"] == {"found": None}


@pytest.mark.parametrize("text", [OBJECTS, OFFICERS])
async def test_an_organisation_that_is_not_there_has_no_directory(world: World, text: str) -> None:
    body = await told(world.pipeline(), text, PLATFORM, {"org": "91440499MA7X000184"})
    assert body["data"] == {"found": None}
    assert "errors" not in body


@pytest.mark.parametrize(
    ("caller", "asked"),
    [
        (PLATFORM, {"org": "nobody"}),
        (PLATFORM, {"place": "44%"}),
        (SUPERVISOR, {"place": "4403"}),
        (PLATFORM, {"branch": "%"}),
        (PLATFORM, {"first": 0}),
        (PLATFORM, {"first": 201}),
        (PLATFORM, {"after": "x"}),
    ],
)
async def test_a_question_that_cannot_be_answered(
    world: World, org: str, caller: Asker, asked: Mapping[str, Any]
) -> None:
    body = await told(world.pipeline(), OBJECTS, caller, {"org": org, **asked})
    assert body["data"] == {"found": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]


async def test_a_cursor_of_one_directory_is_none_of_another(world: World, org: str) -> None:
    found = await page(world.pipeline(), OBJECTS, PLATFORM, org, first=1, **XIANGZHOU)
    cursor = found["pageInfo"]["endCursor"]
    for text, asked in ((OFFICERS, XIANGZHOU), (OBJECTS, {"place": "440403"})):
        body = await told(world.pipeline(), text, PLATFORM, {"org": org, "after": cursor, **asked})
        assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]


async def test_pages_of_one_request_are_of_one_reading(world: World, org: str) -> None:
    pages = (
        "a: inspectionObjects(orgUscc: $org, first: 1) { total }",
        "b: inspectionOfficers(orgUscc: $org) { total }",
    )
    asked = []
    for selected in (pages[:1], pages):
        log: list[str] = []
        databases: dict[str, Database] = {name: Heard(database, log) for name, database in world.databases.items()}
        pipeline = Pipeline(catalog, databases, seal_key=SEAL_KEY, now=lambda: MOMENT)
        answer = await told(pipeline, f"query($org: String!) {{ {' '.join(selected)} }}", PLATFORM, {"org": org})
        assert answer["data"]["a"]["total"] > 0
        asked.append(sum("ent." in text for text in log))
    assert asked[0] == asked[1] > 0


async def test_an_operation_has_two_directories_at_the_most(world: World, org: str) -> None:
    many = " ".join(f"a{number}: inspectionObjects(orgUscc: $org, first: 1) {{ total }}" for number in range(3))
    answer = await told(world.pipeline(), f"query($org: String!) {{ {many} }}", PLATFORM, {"org": org})
    assert answer["errors"][0]["extensions"] == {"code": "TOO_COMPLEX", "limit": "cost", "cost": 12_000, "most": 10_000}


@pytest.mark.parametrize("name", ["inspectionObjects", "inspectionOfficers"])
def test_either_is_decided_on_by_all_that_the_digest_of_a_draw_is_over(name: str) -> None:
    assert catalog.by_hand["Query", name].columns == {
        "ent.entity.*",
        "off.officer.*",
        "pop.household_member.*",
        "ent.entity_person.*",
    }
