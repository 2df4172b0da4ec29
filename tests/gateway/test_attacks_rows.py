"""The catalogue of attacks on row scoping, group C, a test named after each case.

A row out of reach is as if it were not there: the same bytes as for a key that does not exist. The property behind the cases
is in ``test_paired_worlds.py``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from auth.viewer import AccessRequest, Purpose
from datasources.city.personas import Minor, Operations, ProtectedWitness, SealedRecord
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.asking import answered, naming, seal_of, told
from tests.gateway.hearing import Heard
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")
OFFICER = CALLERS["officer"]
UNKNOWN_NUMBER = "440499199001019999"
DOUMEN_CASE, OWN_CASE, NO_CASE = "ZHDM-SJ-2024-CF-0000305", Operations.case_no, "ZHDM-SJ-2024-CF-9999999"

PERSON = """query($key: String!) { person(idNo: $key) { subjectRef name idNo birthDate vehicles { plateNo } cases { totalCount } } }"""
CASE = """query($key: String!) { case(caseNo: $key) { id caseNo kind status decidedOn org { name } subjects { nameAtDecision }
  timeline { totalCount nodes { seq } } documents { docType { code } } decision { fineAmount } payments { amountDue } } }"""
LISTED = """query($key: String!) { cases(filter: {caseNos: [$key]}) { totalCount nodes { caseNo } edges { cursor }
  pageInfo { hasNextPage endCursor } } }"""

OUT_OF_REACH: Mapping[str, tuple[str, str, str, str]] = {
    "C1 another agency's case": (CASE, "officer", DOUMEN_CASE, NO_CASE),
    "C1 another agency's case in a list": (LISTED, "officer", DOUMEN_CASE, NO_CASE),
    "C1 a sealed case": (CASE, "officer", SealedRecord.case_no, NO_CASE),
    "C1 a sealed case to a supervisor": (CASE, "supervisor", SealedRecord.case_no, NO_CASE),
    "C1 a sealed person": (PERSON, "officer", SealedRecord.id_no, UNKNOWN_NUMBER),
    "C1 a minor": (PERSON, "officer", Minor.id_no, UNKNOWN_NUMBER),
    "C1 a protected witness": (PERSON, "officer", ProtectedWitness.id_no, UNKNOWN_NUMBER),
    "C1 a protected witness after a strong login": (
        PERSON,
        "officer-stepped-up",
        ProtectedWitness.id_no,
        UNKNOWN_NUMBER,
    ),
    "4b.3 anybody to an officer without a task": (
        PERSON,
        "officer-without-task",
        Operations.party_id_no,
        UNKNOWN_NUMBER,
    ),
    "4b.3 anybody to the public": (PERSON, "public", Operations.party_id_no, UNKNOWN_NUMBER),
    "4b.3 a case to the public": (CASE, "public", OWN_CASE, NO_CASE),
}
"""An operation, who asks, the key of what is out of reach, and one that does not exist."""


async def naming_all(world: World, engine: str) -> Pipeline:
    """A gateway for which the task names all these people: what hides them is not that it does not."""
    numbers = [SealedRecord.id_no, Minor.id_no, ProtectedWitness.id_no, Operations.party_id_no]
    rows = await world.databases["population"].rows("SELECT person_id FROM pop.person WHERE id_no = ANY($1)", [numbers])
    return naming(world.databases, engine, *(row["person_id"] for row in rows))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", OUT_OF_REACH)
async def test_C1_out_of_reach_is_like_not_there(world: World, name: str, engine: str) -> None:
    text, asking, hidden, missing = OUT_OF_REACH[name]
    pipeline = await naming_all(world, engine)
    found = [await answered(pipeline, text, CALLERS[asking], {"key": key}) for key in (hidden, missing)]
    assert found[0] == found[1]


async def test_C1_the_keys_are_of_something(world: World) -> None:
    """The cases above are about records that are there, and that others do see."""
    for key in (SealedRecord.id_no, Minor.id_no):
        person = await told(await naming_all(world, "compiled"), PERSON, CALLERS["officer-stepped-up"], {"key": key})
        assert person["data"]["person"]["idNo"] == key
    for table, column, key in (
        ("pop.person", "id_no", ProtectedWitness.id_no),
        ("cas.case", "case_no", SealedRecord.case_no),
    ):
        database = "population" if table.startswith("pop") else "enforcement"
        (row,) = await world.databases[database].rows(f"SELECT count(*) FROM {table} WHERE {column} = $1", [key])
        assert row[0] == 1
    case = await told(world.pipeline(), CASE, CALLERS["supervisor"], {"key": DOUMEN_CASE})
    assert case["data"]["case"]["caseNo"] == DOUMEN_CASE


@pytest.mark.parametrize("engine", ENGINES)
async def test_C1_by_global_id(world: World, engine: str) -> None:
    """An id that somebody else was given, one of a record out of reach, and one that was made up: all lead nowhere."""
    text = "query($id: ID!) { node(id: $id) { __typename id ... on Case { caseNo } ... on Person { name } } }"
    seal = await seal_of(world.pipeline(), OFFICER)
    another = await seal_of(world.pipeline(), (dataclasses.replace(OFFICER[0], client="another"), OFFICER[1]))
    database, case_no = world.databases["enforcement"], DOUMEN_CASE
    ((case_id,),) = await database.rows("SELECT case_id FROM cas.case WHERE case_no = $1", [case_no])
    ((own_id,),) = await database.rows("SELECT case_id FROM cas.case WHERE case_no = $1", [OWN_CASE])
    ids = {
        "hidden": seal.close("id", "", ["Case", str(case_id)]),
        "missing": seal.close("id", "", ["Case", "00000000-0000-0000-0000-0000000000ff"]),
        "another client's": another.close("id", "", ["Case", str(own_id)]),
        "of another type": seal.close("id", "", ["Person", str(own_id)]),
        "made up": "x" * 43,
    }
    bodies = {name: await answered(world.pipeline(engine), text, OFFICER, {"id": one}) for name, one in ids.items()}
    assert bodies["hidden"] == bodies["missing"] == bodies["of another type"]
    assert bodies["another client's"] == bodies["made up"]
    assert all(b'"node":null' in body for body in bodies.values())
    own = await told(world.pipeline(engine), text, OFFICER, {"id": seal.close("id", "", ["Case", str(own_id)])})
    assert own["data"]["node"]["caseNo"] == OWN_CASE


@pytest.mark.parametrize("engine", ENGINES)
async def test_C2_by_a_link_from_a_visible_record(world: World, engine: str) -> None:
    """The firm is everybody's, its cases are not: those of other agencies are in no page and in no count."""
    text = """query($uscc: String!) { legalEntity(uscc: $uscc) { cases(first: 200) { totalCount nodes { caseNo org { uscc } } } } }"""
    both = [
        (await told(world.pipeline(engine), text, CALLERS[name], {"uscc": Operations.firm_uscc}))["data"][
            "legalEntity"
        ]["cases"]
        for name in ("officer", "supervisor")
    ]
    assert [page["totalCount"] for page in both] == [len(page["nodes"]) for page in both]
    officers, supervisors = ({node["caseNo"] for node in page["nodes"]} for page in both)
    assert {node["org"]["uscc"] for node in both[0]["nodes"]} == {Operations.org_uscc}
    assert officers <= supervisors


OTHER_AGENCY = {
    "C4 by a filter": ("{ cases(filter: {orgIds: [$org]}) { totalCount nodes { caseNo } } }", OFFICER[1]),
    "C4 by the case that is stated": (
        "{ cases(filter: {orgIds: [$org]}) { totalCount nodes { caseNo } } }",
        AccessRequest(purpose=Purpose.CASE_HANDLING, case_no=DOUMEN_CASE),
    ),
    "C4 by the division": ('{ cases(filter: {divisionPrefix: "440403"}) { totalCount nodes { caseNo } } }', OFFICER[1]),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", OTHER_AGENCY)
async def test_C4_whose_rows_they_are_is_not_the_callers_to_say(world: World, name: str, engine: str) -> None:
    text, access = OTHER_AGENCY[name]
    ((org,),) = await world.databases["enforcement"].rows(
        "SELECT org_id FROM cas.case WHERE case_no = $1", [DOUMEN_CASE]
    )
    payload = await told(world.pipeline(engine), text.replace("$org", f'"{org}"'), (OFFICER[0], access))
    assert payload["data"]["cases"] in ({"totalCount": 0, "nodes": []}, None)
    if payload["data"]["cases"] is None:
        assert [entry["code"] for entry in payload["extensions"]["access"]["withheld"]] == ["PURPOSE_DENIED"]


async def test_CVE_2023_2455_nothing_of_a_caller_stays_on_a_connection(world: World) -> None:
    """C7: who asks is in the parameters of each statement; no role is switched and nothing is set."""
    log: list[str] = []
    databases = {name: Heard(database, log) for name, database in world.databases.items()}
    pipeline = Pipeline(catalog, databases, seal_key=SEAL_KEY, now=lambda: MOMENT)
    alone = {name: await answered(pipeline, LISTED, CALLERS[name], {"key": DOUMEN_CASE}) for name in CALLERS}
    for first in ("supervisor", "officer", "public"):
        for second in CALLERS:
            await answered(pipeline, LISTED, CALLERS[first], {"key": DOUMEN_CASE})
            assert await answered(pipeline, LISTED, CALLERS[second], {"key": DOUMEN_CASE}) == alone[second], (
                first,
                second,
            )
    words = {word for text in log for word in text.upper().split()}
    assert {text.split()[0] for text in log} <= {"SELECT", "WITH"}
    assert not words & {"SET", "ROLE", "SET_CONFIG", "CURRENT_SETTING"}
    assert not any("set_config" in text or "current_setting" in text for text in log)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["officer", "supervisor"])
async def test_CVE_2023_44401_pages_and_totals_are_of_visible_rows(world: World, name: str, engine: str) -> None:
    """C8: the total is what the pages add up to, the last page says that it is, and neither counts what is hidden."""
    text = """query($after: Cursor) { cases(first: 40, after: $after, filter: {decidedFrom: "2024-07-01", decidedTo: "2024-07-31"}) {
      totalCount nodes { caseNo } pageInfo { hasNextPage endCursor } } }"""
    found: list[str] = []
    after: Any = None
    while True:
        page = (await told(world.pipeline(engine), text, CALLERS[name], {"after": after}))["data"]["cases"]
        found += [node["caseNo"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(found) == len(set(found)) == page["totalCount"]
    statement = (
        "SELECT case_no, sealed, org_id FROM cas.case WHERE decided_on BETWEEN DATE '2024-07-01' AND DATE '2024-07-31'"
    )
    rows = await world.databases["enforcement"].rows(statement, ())
    scope = (await world.pipeline(engine).reception.asking(*CALLERS[name])).scope
    seen = {
        row["case_no"] for row in rows if not row["sealed"] and (name == "supervisor" or row["org_id"] in scope.orgs)
    }
    assert set(found) == seen
    assert len(seen) < len(rows)


async def test_4b_11_a_certificate_that_is_not_valid_sees_no_cases(world: World) -> None:
    """Stale authority: the rows follow from the certificate as it stands, not as the token had it."""
    viewer = dataclasses.replace(OFFICER[0], cert_no="19040139999")
    payload = await told(world.pipeline(), LISTED, (viewer, OFFICER[1]), {"key": OWN_CASE})
    assert payload["data"]["cases"] is None
    assert {entry["code"] for entry in payload["extensions"]["access"]["withheld"]} == {"PURPOSE_DENIED"}
