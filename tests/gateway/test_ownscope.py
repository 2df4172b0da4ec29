"""Who a citizen is follows from the reference in the token as the registers have it today; nobody says it themselves."""

from __future__ import annotations

import dataclasses

import pytest

from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.city.personas import (
    DeadRepresentative,
    FleetOwner,
    Minor,
    Operations,
    ProtectedWitness,
    SealedRecord,
)
from datasources.database import Database
from datasources.references import parse_reference, reference
from gateway.pipeline import Pipeline
from resolvers.schema import catalog
from tests.gateway.asking import Asker, answered, told
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

OWN, FIRM = CALLERS["citizen-own"], CALLERS["enterprise-own"]
SELF = AccessRequest(purpose=Purpose.SELF_SERVICE)

ME = "{ me { name idNo cases { totalCount } vehicles { plateNo } } }"
CASE = "query($key: String!) { case(caseNo: $key) { caseNo } }"


def citizen(subject_ref: str | None, org_uscc: str | None = None) -> Asker:
    return Viewer(
        subject="s",
        client="yueshengshi",
        kind=CallerKind.CITIZEN,
        subject_ref=subject_ref,
        org_uscc=org_uscc,
        assurance=2,
    ), SELF


async def key_of(world: World, id_no: str) -> str:
    ((key,),) = await world.databases["population"].rows("SELECT person_id FROM pop.person WHERE id_no = $1", [id_no])
    return reference("p", key)


NOT_ANYBODY = {
    "no reference": None,
    "no such person": "p_ZZZZZZ",
    "another spelling": Operations.party_ref.lower(),
    "a firm's reference": Operations.firm_ref,
    "no reference at all": Operations.party_id_no,
}


@pytest.mark.parametrize("name", NOT_ANYBODY)
async def test_a_reference_that_names_nobody_opens_what_the_public_sees(world: World, name: str) -> None:
    asked = citizen(NOT_ANYBODY[name])
    assert not (await world.pipeline().reception.asking(*asked)).standing.own
    assert await answered(world.pipeline(), ME, asked) == await answered(world.pipeline(), ME, CALLERS["citizen"])


@pytest.mark.parametrize(
    "id_no",
    [DeadRepresentative.representative_id_no, Minor.id_no, ProtectedWitness.id_no, SealedRecord.id_no],
    ids=["dead", "under fourteen", "protected", "sealed"],
)
async def test_who_may_not_see_their_records_sees_what_the_public_sees(world: World, id_no: str) -> None:
    asked = citizen(await key_of(world, id_no))
    assert await answered(world.pipeline(), ME, asked) == await answered(world.pipeline(), ME, CALLERS["citizen"])


async def test_who_acts_for_a_firm_must_represent_it_today(world: World) -> None:
    """Also who did once (原法定代表人) does not, and who owns a share (股东) does not either."""
    database = world.databases["legal_entity"]
    former = await database.rows(
        "SELECT person_ref, uscc FROM ent.entity_person JOIN ent.entity USING (entity_id) WHERE role_code IN ('1', '5') "
        "AND until < DATE '2026-11-05' AND status_code <> '3' ORDER BY entity_id LIMIT 3",
        (),
    )
    partner = await database.rows(
        "SELECT person_ref, uscc FROM ent.entity_person JOIN ent.entity USING (entity_id) WHERE person_name = '朱建军' AND uscc = $1",
        [Operations.firm_uscc],
    )
    claims = [(reference("p", row["person_ref"]), row["uscc"]) for row in [*former, *partner]]
    claims.append((Operations.party_ref, FleetOwner.uscc))
    for subject_ref, uscc in claims:
        asking = await world.pipeline().reception.asking(*citizen(subject_ref, uscc))
        assert not asking.standing.own, (subject_ref, uscc)
        assert not any(asking.scope.own.parameters.values())


@pytest.mark.parametrize("name", ["population", "legal_entity"])
async def test_a_register_that_cannot_be_asked_is_not_taken_for_nobody(world: World, name: str) -> None:
    """Which of the two it is decides whom one may see; without it nothing above PUBLIC is granted, and the code says why."""
    databases = {**world.databases, name: Database(name, "postgresql://127.0.0.1:1/none", budget=1)}
    pipeline = Pipeline(catalog, databases, seal_key=SEAL_KEY, now=lambda: MOMENT)
    payload = await told(pipeline, "{ me { name } }", OWN)
    assert payload["data"] == {"me": None}
    assert [entry["code"] for entry in payload["extensions"]["access"]["withheld"]] == ["SOURCE_UNAVAILABLE"]


async def test_who_acts_for_a_firm_acts_for_nobody_else(world: World) -> None:
    """In 粤商通 the person's own flat and car are not the firm's business."""
    asking = await world.pipeline().reception.asking(*FIRM)
    assert asking.scope.own.references == (Operations.firm_ref,)
    assert (await told(world.pipeline(), ME, FIRM))["data"]["me"] is None


async def test_what_is_sensitive_wants_a_strong_login(world: World) -> None:
    text = "{ me { name maritalStatus { code } } }"
    payload = await told(world.pipeline(), text, (dataclasses.replace(OWN[0], assurance=1), SELF))
    assert payload["data"]["me"] == {"name": "陈俊杰", "maritalStatus": None}
    assert [entry["code"] for entry in payload["extensions"]["access"]["withheld"]] == ["STEP_UP_REQUIRED"]
    assert (await told(world.pipeline(), text, OWN))["data"]["me"]["maritalStatus"]


@pytest.mark.parametrize("name", ["officer-stepped-up", "supervisor", "partner", "public", "auditor", "citizen"])
async def test_oneself_is_nobody_to_who_is_no_citizen(world: World, name: str) -> None:
    assert (await told(world.pipeline(), ME, CALLERS[name]))["data"]["me"] is None


@pytest.mark.parametrize("purpose", [Purpose.PUBLIC_DISCLOSURE, Purpose.INSPECTION, None])
async def test_own_records_are_opened_by_their_purpose_alone(world: World, purpose: Purpose | None) -> None:
    access = AccessRequest(purpose=purpose) if purpose else None
    assert not (await world.pipeline().reception.asking(OWN[0], access)).standing.own


async def test_a_secret_case_is_not_even_its_partys(world: World) -> None:
    statement = (
        "SELECT case_no, subject_ref FROM cas.case JOIN cas.party USING (case_id) WHERE secret_flag AND role_code = '1'"
    )
    asked = 0
    for case_no, subject_ref in await world.databases["enforcement"].rows(statement, ()):
        ((uscc, person),) = await world.databases["legal_entity"].rows(
            "SELECT uscc, (SELECT person_ref FROM ent.entity_person p WHERE p.entity_id = e.entity_id AND role_code IN ('1', '5')"
            " AND until IS NULL LIMIT 1) FROM ent.entity e WHERE entity_id = $1",
            [parse_reference(subject_ref)[1]],
        )
        caller = citizen(reference("p", person), uscc) if person else None
        if caller and (await world.pipeline().reception.asking(*caller)).standing.own:
            asked += 1
            assert (await told(world.pipeline(), CASE, caller, {"key": case_no}))["data"]["case"] is None
    assert asked
