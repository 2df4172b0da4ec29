"""An officer's task must name the subject: who is not named is absent when asked for, and a third person when met."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from auth.naming import NAMED, naming_of
from auth.purpose import PROOFS, Proof, Standing
from auth.viewer import AccessRequest, CallerKind, Purpose
from datasources.city.personas import Operations
from datasources.database import Database
from datasources.references import reference
from datasources.tables import DATABASES
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from resolvers.schema import catalog
from tests.gateway.asking import answered, naming, seal_of, told
from tests.gateway.hearing import Heard
from tests.gateway.village import make, village
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

TEXTS_OF_A_STEP = 2
"""The ordinary one and that of third persons."""
ENGINES = ("compiled", "resolvers")
OFFICER = CALLERS["officer"]
AT_THE_ROADSIDE = (OFFICER[0], AccessRequest(purpose=Purpose.INSPECTION, task_no=Operations.roadside_task))
AT_THE_SHOP = (OFFICER[0], AccessRequest(purpose=Purpose.INSPECTION, task_no=Operations.shop_task))
NAMED_NUMBER, WIFE, UNKNOWN = Operations.party_id_no, "440499198805190043", "440499199001019999"

PERSON = "query($key: String!) { person(idNo: $key) { subjectRef name idNo household { householdNo } } }"
HOUSEHOLD = """query($key: String!) { person(idNo: $key) { name household { householdNo members { relation { code } person {
  id subjectRef subjectType displayName name idNo idType { code } birthDate mobile gender { code } isMinor
  idDocuments { idNo } vehicles { plateNo } positions { entity { uscc } } realEstateRights { certificateNo }
  certificates(first: 10) { certId } household { householdNo } cases(first: 10) { totalCount nodes { caseNo } } } } } } }"""
SHOP = """query($key: String!) { legalEntity(uscc: $key) { name uscc legalRepresentative { name idNo mobile person { name } }
  contactName contactPhone licences { licenceNo } vehicles { plateNo } cases { totalCount } riskClass { code } } }"""
PARTIES = """query($key: String!) { case(caseNo: $key) { subjects { role { code } nameAtDecision idNo uscc phone address
  subject { displayName } } } }"""


# --- asked for directly --------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_person_whom_the_task_does_not_name_is_like_an_unknown_number(world: World, engine: str) -> None:
    pipeline = world.pipeline(engine)
    found = [await answered(pipeline, PERSON, OFFICER, {"key": key}) for key in (WIFE, UNKNOWN)]
    assert found[0] == found[1]
    named = await told(pipeline, PERSON, OFFICER, {"key": NAMED_NUMBER})
    assert named["data"]["person"]["idNo"] == NAMED_NUMBER


@pytest.mark.parametrize("engine", ENGINES)
async def test_another_task_names_others(world: World, engine: str) -> None:
    pipeline = world.pipeline(engine)
    found = [await answered(pipeline, PERSON, AT_THE_SHOP, {"key": key}) for key in (NAMED_NUMBER, UNKNOWN)]
    assert found[0] == found[1]
    named = await told(pipeline, PERSON, AT_THE_SHOP, {"key": Operations.shop_operator_id_no})
    assert named["data"]["person"]["subjectRef"] == "p_1000XJ"


@pytest.mark.parametrize("engine", ENGINES)
async def test_lists_counts_and_search_know_no_other_person(world: World, engine: str) -> None:
    text = """{ persons(first: 200) { totalCount nodes { subjectRef } pageInfo { hasNextPage } }
      searchSubjects(text: "陈", kinds: [PERSON]) { subjectRef } }"""
    data = (await told(world.pipeline(engine), text.replace('"陈"', '"陈俊"'), OFFICER))["data"]
    assert data["persons"] == {
        "totalCount": 1,
        "nodes": [{"subjectRef": Operations.party_ref}],
        "pageInfo": {"hasNextPage": False},
    }
    assert data["searchSubjects"] == [{"subjectRef": Operations.party_ref}]


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_global_id_that_was_given_is_no_name(world: World, engine: str) -> None:
    """The id of a third person, met over a link, leads nowhere."""
    pipeline = world.pipeline(engine)
    met = await told(pipeline, HOUSEHOLD, OFFICER, {"key": NAMED_NUMBER})
    (wife,) = (one["person"] for one in members(met) if one["person"]["subjectRef"] != Operations.party_ref)
    text = "query($id: ID!) { node(id: $id) { id ... on Person { name } } }"
    nobody = (await seal_of(pipeline, OFFICER)).close("id", "", ["Person", str(UUID(int=5))])
    found = [await answered(pipeline, text, OFFICER, {"id": key}) for key in (wife["id"], nobody)]
    assert found[0] == found[1]


# --- met over a link -----------------------------------------------------------------------------


def members(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer["data"]["person"]["household"]["members"]
    return [one for one in found if one["person"] is not None]


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_third_person_is_masked_and_leads_nowhere(world: World, engine: str) -> None:
    met = await told(world.pipeline(engine), HOUSEHOLD, OFFICER, {"key": NAMED_NUMBER})
    by_ref = {one["person"]["subjectRef"]: one["person"] for one in members(met)}
    himself = by_ref.pop(Operations.party_ref)
    assert (himself["name"], himself["idNo"]) == ("陈俊杰", NAMED_NUMBER)
    assert himself["household"] is not None
    (wife,) = by_ref.values()
    shown = {name: value for name, value in wife.items() if name not in ("id", "subjectRef", "mobile")}
    assert shown == {
        "subjectType": "PERSON", "displayName": "林**", "name": "林**", "idNo": "440499********0043", "idType": None,
        "birthDate": wife["birthDate"], "gender": None, "isMinor": None, "idDocuments": [], "vehicles": [], "positions": [],
        "realEstateRights": [], "certificates": [], "household": None, "cases": {"totalCount": 0, "nodes": []},
    }  # fmt: skip
    assert "****" in wife["mobile"]
    assert wife["birthDate"] in (None, "1988-01-01")


@pytest.mark.parametrize("engine", ENGINES)
async def test_what_may_be_masked_is_said(world: World, engine: str) -> None:
    answer = await told(world.pipeline(engine), HOUSEHOLD, OFFICER, {"key": NAMED_NUMBER})
    masked = [".".join(path) for path in answer["extensions"]["access"]["masked"]]
    assert "person.household.members.person.idNo" in masked
    assert "person.name" not in masked


@pytest.mark.parametrize("engine", ENGINES)
async def test_an_organisation_keeps_what_is_public(world: World, engine: str) -> None:
    pipeline = world.pipeline(engine)
    named = (await told(pipeline, SHOP, AT_THE_SHOP, {"key": Operations.shop_uscc}))["data"]["legalEntity"]
    other = (await told(pipeline, SHOP, OFFICER, {"key": Operations.shop_uscc}))["data"]["legalEntity"]
    assert named["legalRepresentative"]["idNo"] == Operations.shop_operator_id_no
    assert named["legalRepresentative"]["person"]["name"] == named["legalRepresentative"]["name"]
    assert other["legalRepresentative"]["idNo"] == "440499********0064"
    assert "****" in other["legalRepresentative"]["mobile"]
    assert (other["legalRepresentative"]["person"], other["vehicles"]) == (None, [])
    for public in ("name", "uscc", "licences", "riskClass", "cases"):
        assert other[public] == named[public]
    assert other["legalRepresentative"]["name"] == named["legalRepresentative"]["name"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_in_lists_every_organisation_is_a_third(world: World, engine: str) -> None:
    text = "query($name: String!) { legalEntities(filter: {name: $name}) { nodes { uscc contactPhone } } }"
    answer = await told(world.pipeline(engine), text, OFFICER, {"name": "珠海市海昇食品有限公司"})
    (found,) = answer["data"]["legalEntities"]["nodes"]
    assert found["uscc"] == Operations.firm_uscc
    assert found["contactPhone"] is None or "****" in found["contactPhone"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_parties_are_in_clear_in_the_case_at_hand_alone(world: World, engine: str) -> None:
    pipeline = world.pipeline(engine)
    at_hand = (await told(pipeline, PARTIES, OFFICER, {"key": Operations.case_no}))["data"]["case"]["subjects"]
    elsewhere = (await told(pipeline, PARTIES, AT_THE_SHOP, {"key": Operations.case_no}))["data"]["case"]["subjects"]
    assert {one["idNo"] for one in at_hand} >= {NAMED_NUMBER}
    assert {one["nameAtDecision"] for one in at_hand} >= {"陈俊杰"}
    assert {one["idNo"] for one in elsewhere} >= {"440499********0178"}
    assert not {one["nameAtDecision"] for one in elsewhere} & {"陈俊杰"}
    assert {one["uscc"] for one in elsewhere} == {one["uscc"] for one in at_hand}
    assert all(one["subject"] is None and one["role"] is None for one in elsewhere)


# --- two people with one number ------------------------------------------------------------------


@dataclass(frozen=True)
class Twins:
    """Two people with one number, the one by the identity card and the other by the household register, and a certificate."""

    databases: Mapping[str, Database]
    number: str
    by_card: UUID
    by_register: UUID
    cert_id: str


@pytest.fixture(scope="module")
async def twins(scratch: Callable[[str], Awaitable[str]]) -> AsyncIterator[Twins]:
    rows = dict(village())
    holders = {row["holder_id_no"]: row["cert_id"] for row in rows["lic.certificate"] if row["holder_type"] == "1"}
    first = next(row for row in rows["pop.person"] if row["id_no"] in holders and is_ordinary(row))
    second = {**first, "person_id": UUID(int=9), "id_type": "113", "name": "张子聪"}
    rows["pop.person"] = [*rows["pop.person"], second]
    dsn = await scratch("twins")
    await make(dsn, rows)
    databases = {name: Database(name, dsn, budget=30) for name in DATABASES}
    number = first["id_no"]
    yield Twins(databases, number, first["person_id"], second["person_id"], holders[number])
    for database in databases.values():
        await database.close()


def is_ordinary(person: Mapping[str, Any]) -> bool:
    marked = person["sealed"] or person["is_minor_14"] or person["protection_flag"]
    return not marked and person["valid_to"] is None and person["id_type"] == "111"


@pytest.mark.parametrize("engine", ENGINES)
async def test_of_two_people_with_one_number_only_the_named_one_is_in_clear(twins: Twins, engine: str) -> None:
    text = "query($key: String!) { certificate(certId: $key) { holder { subjectRef ... on Person { idNo } } } }"
    masked = f"{twins.number[:6]}********{twins.number[-4:]}"
    for named, shown in ((twins.by_card, twins.number), (twins.by_register, masked)):
        answer = await told(naming(twins.databases, engine, named), text, OFFICER, {"key": twins.cert_id})
        holder = answer["data"]["certificate"]["holder"]
        assert holder == {"subjectRef": reference("p", twins.by_card), "idNo": shown}


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_shared_number_finds_the_named_one_alone(twins: Twins, engine: str) -> None:
    text = "query($key: String!, $type: String!) { person(idNo: $key, idType: $type) { subjectRef } }"
    pipeline = naming(twins.databases, engine, twins.by_register)
    found = (await told(pipeline, text, OFFICER, {"key": twins.number, "type": "113"}))["data"]["person"]
    assert found == {"subjectRef": reference("p", twins.by_register)}
    assert (await told(pipeline, text, OFFICER, {"key": twins.number, "type": "111"}))["data"]["person"] is None


# --- statements and the log ----------------------------------------------------------------------


async def test_two_tasks_cause_the_same_statements_over_a_link(world: World) -> None:
    """Whom a task names is in no text: the load on an owner's database does not grow with the number of officers."""
    text = 'query($plate: String!) { vehicle(plateNo: $plate, plateType: "02") { owner { displayName ... on Person { idNo } } } }'
    sent = []
    for caller in (OFFICER, AT_THE_ROADSIDE):
        log: list[str] = []
        heard = {name: Heard(database, log) for name, database in world.databases.items()}
        pipeline = Pipeline(catalog, heard, seal_key=SEAL_KEY, now=lambda: MOMENT)
        pipeline.reception = world.pipeline().reception
        rows = await world.databases["vehicle"].rows(
            "SELECT v.plate_no FROM veh.vehicle v JOIN veh.ownership o USING (vehicle_id) WHERE o.owner_type = '1' AND v.plate_type = '02'"
            " AND o.valid_to IS NULL AND NOT v.sealed ORDER BY v.vehicle_id LIMIT 20", ()
        )  # fmt: skip
        for row in rows:
            await answered(pipeline, text, caller, {"plate": row["plate_no"]})
        sent.append({one for one in log if "pop.person" in one})
    assert len(sent[0] | sent[1]) <= TEXTS_OF_A_STEP
    assert sent[0] & sent[1]


async def test_the_log_says_what_arrived_masked(world: World) -> None:
    pipeline = world.pipeline()
    answer = await pipeline.answer(request(HOUSEHOLD, {"key": NAMED_NUMBER}), *OFFICER)
    assert answer.trace is not None
    read = answer.trace.coordinates
    assert {"Person.idNo", "Person.mobile"} <= set(read.masked)
    assert {"Person.gender", "Person.vehicles"} <= set(read.withheld)
    assert "Person.name" in read.clear  # his own
    assert "HouseholdMember.person" in read.clear
    by_resolvers = await world.pipeline("resolvers").answer(request(HOUSEHOLD, {"key": NAMED_NUMBER}), *OFFICER)
    assert by_resolvers.trace is not None
    assert by_resolvers.trace.coordinates == read


async def test_where_those_named_are_lost_nothing_is_left_of_third_persons(world: World) -> None:
    """A coroutine that nobody awaits would be a warning, and fail this test."""
    gone = Database("legal_entity", "postgresql://nobody:x@127.0.0.1:1/none")
    pipeline = Pipeline(catalog, world.databases | {"legal_entity": gone}, seal_key=SEAL_KEY, now=lambda: MOMENT)
    pipeline.reception = world.pipeline().reception
    answer = await told(pipeline, SHOP, AT_THE_SHOP, {"key": Operations.shop_uscc})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["SOURCE_UNAVAILABLE"]


async def test_the_log_says_clear_only_where_something_was(world: World) -> None:
    owner = "query($key: String!) { legalEntity(uscc: $key) { name contactPhone } }"
    for caller, masked in ((AT_THE_SHOP, False), (OFFICER, True)):
        answer = await world.pipeline().answer(request(owner, {"key": Operations.shop_uscc}), *caller)
        assert answer.trace is not None
        assert ("LegalEntity.contactPhone" in answer.trace.coordinates.masked) is masked
        assert ("LegalEntity.contactPhone" in answer.trace.coordinates.clear) is not masked


def request(text: str, variables: Mapping[str, Any]) -> GraphQLRequest:
    return GraphQLRequest(query=text, variables=dict(variables))


# --- the rule ------------------------------------------------------------------------------------


def test_the_rule_is_for_officers_on_a_task() -> None:
    for kind in CallerKind:
        for purpose in Purpose:
            standing = Standing(kind=kind, purpose=purpose, granted=True)
            on_a_task = kind is CallerKind.OFFICER and PROOFS.get((kind, purpose)) is Proof.TASK
            assert all((naming_of(standing, table) is not None) is on_a_task for table in NAMED)
            assert naming_of(dataclasses.replace(standing, granted=False), "pop.person") is None


def test_every_named_table_says_by_which_columns() -> None:
    declared = {f"{record.named_by[0].table}" for record in catalog.records.values() if record.named_by}
    assert declared == set(NAMED)
