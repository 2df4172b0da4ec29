"""Attacks on what is one's own (本人数据): somebody else's is as if it were not there, and nobody says who they are themselves.

The property behind the cases is in ``test_paired_worlds.py``; that no guarded column of a public record is read outside own
rows, in ``test_statements.py``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from uuid import UUID

import pytest

from datasources.city.personas import (
    FleetOwner,
    Operations,
    ReusedPlate,
)
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.asking import answered, seal_of, told
from tests.gateway.hearing import Heard
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")
OWN = CALLERS["citizen-own"]
ANOTHERS_CASE, NO_CASE = "ZHDM-SJ-2024-CF-0000305", "ZHDM-SJ-2024-CF-9999999"

PERSON = "query($key: String!) { person(idNo: $key) { name vehicles { plateNo } cases { totalCount } } }"
CASE = "query($key: String!) { case(caseNo: $key) { id caseNo kind subjects { nameAtDecision } decision { facts } } }"
LISTED = (
    "query($key: String!) { cases(filter: {caseNos: [$key]}) { totalCount nodes { caseNo } pageInfo { endCursor } } }"
)
VEHICLE = 'query($key: String!) { vehicle(plateNo: $key, plateType: "02") { vin brandModel owner { displayName } } }'
UNIT = "query($key: String!) { realEstateUnit(unitNo: $key) { area rights { holderName } } }"
CERTIFICATE = "query($key: String!) { certificate(certId: $key) { certType { code } holderName } }"
PAYMENT = "query($key: String!) { nonTaxPayments(paymentCodes: [$key]) { amountDue payerName } }"


# --- somebody else's -----------------------------------------------------------------------------

PLACES: Mapping[str, tuple[str, str, str, str]] = {
    "another's number": (PERSON, "population", "", "440499199001019999"),
    "another's case": (CASE, "enforcement", "", NO_CASE),
    "another's case in a list": (LISTED, "enforcement", "", NO_CASE),
    "another's car": (VEHICLE, "vehicle", "", "粤C00000"),
    "another's flat": (
        UNIT,
        "property",
        "SELECT unit_no FROM rea.right WHERE holder_id_type = '1' AND holder_id_no <> $1 ORDER BY 1 DESC LIMIT 1",
        "440499005001GB99999F99999999",
    ),
    "another's certificate": (
        CERTIFICATE,
        "certificate",
        "SELECT cert_id FROM lic.certificate WHERE holder_type = '1' AND holder_id_no <> $1 ORDER BY 1 DESC LIMIT 1",
        "1.2.3",
    ),
    "another firm's certificate": (
        CERTIFICATE,
        "certificate",
        "SELECT cert_id FROM lic.certificate WHERE holder_type = '2' AND holder_id_no <> $1 ORDER BY 1 DESC LIMIT 1",
        "1.2.3",
    ),
    "another's payment": (
        PAYMENT,
        "enforcement",
        "SELECT payment_code FROM cas.payment WHERE payer_name <> $1 ORDER BY 1 DESC LIMIT 1",
        "44040026000099999999",
    ),
}
"""An operation, the database and how a key of somebody else is found in it, and a key that does not exist."""
KNOWN = {
    "another's number": FleetOwner.representative_id_no,
    "another's case": ANOTHERS_CASE,
    "another's case in a list": ANOTHERS_CASE,
    "another's car": ReusedPlate.plate_no,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("caller", ["citizen-own", "enterprise-own"])
@pytest.mark.parametrize("name", PLACES)
async def test_somebody_elses_is_like_not_there(world: World, name: str, caller: str, engine: str) -> None:
    text, database, query, missing = PLACES[name]
    key = KNOWN.get(name)
    if key is None:
        ((key,),) = await world.databases[database].rows(query, ["nobody"])
    bodies = [await answered(world.pipeline(engine), text, CALLERS[caller], {"key": one}) for one in (key, missing)]
    assert bodies[0] == bodies[1]


OWN_KEYS = {
    PERSON: Operations.party_id_no,
    CASE: Operations.case_no,
    LISTED: Operations.case_no,
    VEHICLE: "粤C66B08",
    UNIT: "440499005001GB00016F00170017",
    PAYMENT: Operations.payment_code,
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", OWN_KEYS)
async def test_the_same_about_oneself_is_answered(world: World, text: str, engine: str) -> None:
    payload = await told(world.pipeline(engine), text, OWN, {"key": OWN_KEYS[text]})
    (found,) = payload["data"].values()
    assert found
    assert found != {"totalCount": 0, "nodes": [], "pageInfo": {"endCursor": None}}


@pytest.mark.parametrize("engine", ENGINES)
async def test_others_of_ones_own_case_household_and_flat_are_not_there(world: World, engine: str) -> None:
    """The witness, the family and who shares the flat are third persons (第三人)."""
    text = """{ me { household { members { person { name } } } realEstateRights { unit { rights { holderName } } }
      cases { nodes { caseNo subjects { role { code } nameAtDecision } } } } }"""
    me = (await told(world.pipeline(engine), text, OWN))["data"]["me"]
    assert me["household"]["members"] == [{"person": {"name": "陈俊杰"}}]
    assert all(right["holderName"] == "陈俊杰" for one in me["realEstateRights"] for right in one["unit"]["rights"])
    named = {subject["nameAtDecision"] for case in me["cases"]["nodes"] for subject in case["subjects"]}
    assert named == {"陈俊杰", "珠海市海昇食品有限公司"}
    statement = "SELECT count(*) FROM cas.party JOIN cas.case USING (case_id) WHERE case_no = $1"
    ((parties,),) = await world.databases["enforcement"].rows(statement, [Operations.case_no])
    assert parties > len(named)


@pytest.mark.parametrize("engine", ENGINES)
async def test_of_a_firm_one_does_not_represent_the_register_is_shown_and_no_more(world: World, engine: str) -> None:
    text = """query($uscc: String!) { legalEntity(uscc: $uscc) { name contactPhone employeeCount legalRepresentative { name idNo }
      positions { personName personIdNo person { name } } certificates { certType { code } certId status { code } }
      cases { totalCount } vehicles { plateNo } inspectionQuota(year: 2026) { done } realEstateRights { holderName } } }"""
    pipeline = world.pipeline(engine)
    other = (await told(pipeline, text, OWN, {"uscc": FleetOwner.uscc}))["data"]["legalEntity"]
    own = (await told(pipeline, text, OWN, {"uscc": Operations.firm_uscc}))["data"]["legalEntity"]
    assert other["name"]
    assert other["legalRepresentative"]["name"]
    assert other["certificates"][0]["certType"]
    assert other["cases"]["totalCount"] == 0
    assert other["vehicles"] == []
    assert other["inspectionQuota"] is None
    assert [other["contactPhone"], other["employeeCount"], other["legalRepresentative"]["idNo"]] == [None] * 3
    assert {(one["personIdNo"], one["person"] is None) for one in other["positions"]} == {(None, True)}
    assert {(one["certId"], one["status"] is None) for one in other["certificates"]} == {(None, True)}
    assert None not in (own["contactPhone"], own["employeeCount"], own["legalRepresentative"]["idNo"])
    assert own["cases"]["totalCount"] > 0
    assert own["certificates"][0]["certId"]
    assert {one["personName"]: one["personIdNo"] for one in own["positions"]} == {
        "陈俊杰": Operations.party_id_no,
        "朱建军": None,
    }


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "text",
    [
        "{ legalEntity(uscc: %s) { certificates(validOnly: true) { certType { code } } } }",
        '{ legalEntities(filter: {riskClasses: ["D"]}) { totalCount } }',
    ],
)
async def test_no_filter_asks_about_others_what_is_not_shown_of_them(world: World, text: str, engine: str) -> None:
    asked = text.replace("%s", f'"{FleetOwner.uscc}"')
    payload = await told(world.pipeline(engine), asked, OWN)
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["NOT_FILTERABLE"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_global_id_of_somebody_else_leads_nowhere(world: World, engine: str) -> None:
    """Ids are the application's, which many citizens share: whose record it is decides."""
    text = "query($id: ID!) { node(id: $id) { __typename id } }"
    pipeline = world.pipeline(engine)
    seal = await seal_of(pipeline, OWN)
    ((person,),) = await world.databases["population"].rows(
        "SELECT person_id FROM pop.person WHERE id_no = $1", [FleetOwner.representative_id_no]
    )
    ((case,),) = await world.databases["enforcement"].rows(
        "SELECT case_id FROM cas.case WHERE case_no = $1", [ANOTHERS_CASE]
    )
    ((certificate,),) = await world.databases["certificate"].rows(PLACES["another's certificate"][2], ["nobody"])
    for kind, key, missing in (
        ("Person", person, UUID(int=255)),
        ("Case", case, UUID(int=255)),
        ("ECertificate", certificate, "1.2.3"),
    ):
        ids = [seal.close("id", "", [kind, str(one)]) for one in (key, missing)]
        bodies = [await answered(pipeline, text, OWN, {"id": one}) for one in ids]
        assert bodies[0] == bodies[1]
        assert b'"node":null' in bodies[0]


async def test_a_cursor_of_another_citizen_is_not_taken(world: World) -> None:
    text = "query($after: Cursor) { cases(first: 1, after: $after) { nodes { caseNo } pageInfo { endCursor } } }"
    page = (await told(world.pipeline(), text, OWN))["data"]["cases"]
    other = (dataclasses.replace(OWN[0], subject="another"), OWN[1])
    payload = await told(world.pipeline(), text, other, {"after": page["pageInfo"]["endCursor"]})
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]


async def test_whose_case_it_is_too_is_not_told_by_a_link_from_them(world: World) -> None:
    """A firm's cases are found by its name among the parties: that row has to be the caller's own as well."""
    log: list[str] = []
    databases = {name: Heard(database, log) for name, database in world.databases.items()}
    pipeline = Pipeline(catalog, databases, seal_key=SEAL_KEY, now=lambda: MOMENT)
    text = "query($uscc: String!) { legalEntity(uscc: $uscc) { cases { totalCount } } }"
    await answered(pipeline, text, OWN, {"uscc": Operations.firm_uscc})
    assert "cas.party.subject_ref = ANY" in log[-1].replace("(", "").replace('"', "")
