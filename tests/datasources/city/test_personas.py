"""The twelve personas are in the city as their stories say."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from datasources.city import personas
from datasources.city.casting import OFFICER_BY_CERT
from datasources.city.sizes import CHINA
from datasources.references import reference
from tests.datasources.city.rows import City

NOW = datetime(2026, 11, 5, 12, tzinfo=CHINA)


def cases_about(city: City, table: str, key: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    subject = reference("e" if table.startswith("ent") else "p", found[key])
    numbers = {row["case_id"] for row in city["cas.party"].where(subject_ref=subject)}
    return [row for row in city["cas.case"].dicts if row["case_id"] in numbers]


def entity(city: City, uscc: str) -> dict[str, Any]:
    return city["ent.entity"].only(uscc=uscc)


def person(city: City, id_no: str) -> dict[str, Any]:
    return city["pop.person"].only(id_no=id_no)


def test_there_are_twelve_with_a_story_each() -> None:
    assert len(personas.PERSONAS) == 12
    assert all(persona.__doc__ for persona in personas.PERSONAS)


def test_honest_shop(city: City) -> None:
    shop = entity(city, personas.HonestShop.uscc)
    assert person(city, personas.HonestShop.operator_id_no)["name"] == shop["legal_rep_name"]
    assert [row["kind"] for row in cases_about(city, "ent.entity", "entity_id", shop)] == ["1"]
    assert not city["ent.abnormal_listing"].where(entity_id=shop["entity_id"])
    assert "1" in {row["status_code"] for row in city["ent.licence"].where(entity_id=shop["entity_id"])}


def test_moved_shop(city: City) -> None:
    shop = entity(city, personas.MovedShop.uscc)
    assert (shop["record_version"], shop["valid_from"]) == (2, date.fromisoformat(personas.MovedShop.moved_on))
    assert shop["quality_flags"] == ["MOVED_DISTRICT"]
    districts = {row["division_code"][:6] for row in cases_about(city, "ent.entity", "entity_id", shop)}
    assert districts == {"440402", "440403"}
    assert {
        row["division_code"][:6] for row in city["ent.operating_site"].where(entity_id=shop["entity_id"])
    } == districts


def test_fleet_owner(city: City) -> None:
    firm = entity(city, personas.FleetOwner.uscc)
    cars = [row["vehicle_id"] for row in city["veh.ownership"].where(owner_ref=firm["entity_id"], valid_to=None)]
    assert len(cars) == 37
    assert city["veh.vehicle"].only(plate_no=personas.FleetOwner.plate_no)["vehicle_id"] in cars
    assert any(row["closed_on"] is None for row in cases_about(city, "ent.entity", "entity_id", firm))


@pytest.mark.parametrize(
    ("on", "owner"),
    [
        (date(2024, 1, 1), personas.ReusedPlate.former_owner_id_no),
        (date(2026, 11, 5), personas.ReusedPlate.driver_id_no),
    ],
)
def test_reused_plate(city: City, on: date, owner: str) -> None:
    cars = [
        row for row in city["veh.vehicle"].where(plate_no=personas.ReusedPlate.plate_no)
        if row["valid_from"] <= on and (row["valid_to"] is None or on <= row["valid_to"])
    ]  # fmt: skip
    assert len(cars) == 1
    assert city["veh.ownership"].only(vehicle_id=cars[0]["vehicle_id"])["owner_id_no"] == owner


def test_minor(city: City) -> None:
    child = person(city, personas.Minor.id_no)
    assert (child["is_minor_14"], child["is_minor_18"]) == (True, True)
    published = city["cas.case"].only(case_no=personas.Minor.case_no)
    roles = {row["role_code"]: row["id_no"] for row in city["cas.party"].where(case_id=published["case_id"])}
    assert (roles["4"], roles["2"]) == (personas.Minor.id_no, personas.Minor.guardian_id_no)
    (own,) = [
        row for row in cases_about(city, "pop.person", "person_id", child) if row["case_no"] != personas.Minor.case_no
    ]
    hidden = city["cas.disclosure"].only(case_id=own["case_id"])
    assert (hidden["state"], hidden["published_at"]) == ("4", None)
    assert hidden["disclosure_id"] not in city["gw.change_log"].column("disclosure_id")


def test_protected_witness(city: City) -> None:
    witness = person(city, personas.ProtectedWitness.id_no)
    assert witness["protection_flag"] == 1
    (case,) = cases_about(city, "pop.person", "person_id", witness)
    assert case["case_no"] == personas.ProtectedWitness.case_no
    assert not city["off.assignment"].where(subject_ref=reference("p", witness["person_id"]))


def test_sealed_record(city: City) -> None:
    sealed = person(city, personas.SealedRecord.id_no)
    (case,) = cases_about(city, "pop.person", "person_id", sealed)
    assert (sealed["sealed"], case["sealed"], case["case_no"]) == (True, True, personas.SealedRecord.case_no)
    assert city["cas.disclosure"].only(case_id=case["case_id"])["state"] == "4"


def test_macau_resident(city: City) -> None:
    who = city["pop.person"].only(id_type="516", id_no=personas.MacauResident.id_no)
    documents = {row["id_type"]: row["id_no"] for row in city["pop.id_document"].where(person_id=who["person_id"])}
    assert documents == {"516": personas.MacauResident.id_no, "111": personas.MacauResident.residence_permit_no}
    assert who["name_pinyin"] == "joao xavier jx"
    car = city["veh.vehicle"].only(plate_no=personas.MacauResident.plate_no)
    assert city["veh.ownership"].only(vehicle_id=car["vehicle_id"])["owner_ref"] == who["person_id"]
    assert {row["holder_id_type"] for row in city["rea.right"].where(holder_id_no=personas.MacauResident.id_no)} == {
        "2"
    }
    assert cases_about(city, "pop.person", "person_id", who)


def test_dead_representative(city: City) -> None:
    firm = entity(city, personas.DeadRepresentative.uscc)
    who = person(city, firm["legal_rep_id_no"])
    assert who["death_date"] == date.fromisoformat(personas.DeadRepresentative.died_on)
    assert firm["status_code"] == "1"
    listed = city["ent.abnormal_listing"].only(entity_id=firm["entity_id"])
    assert listed["removed_on"] is None
    (case,) = cases_about(city, "ent.entity", "entity_id", firm)
    assert city["cas.inspection"].only(case_id=case["case_id"])["result_code"] == "4"


def test_five_names(city: City) -> None:
    firm = entity(city, personas.FiveNames.uscc)
    numbers = [row["case_id"] for row in cases_about(city, "ent.entity", "entity_id", firm)]
    names = [row["name_at_decision"] for row in city["cas.party"].dicts if row["case_id"] in numbers]
    assert sorted(names) == sorted(personas.FiveNames.names)
    assert sorted(row["subject_name"] for row in city["cas.disclosure"].dicts if row["case_id"] in numbers) == sorted(
        names
    )


def test_curious_officer(city: City) -> None:
    officer = city["off.officer"].only(cert_no=personas.CuriousOfficer.cert_no)
    assert (officer["cert_status"], officer["id_no"]) == ("1", personas.CuriousOfficer.id_no)
    brother = person(city, personas.CuriousOfficer.brother_id_no)
    own = person(city, officer["id_no"])
    members = {row["person_id"]: row for row in city["pop.household_member"].dicts}
    assert members[brother["person_id"]]["household_no"] == members[own["person_id"]]["household_no"]
    assert members[brother["person_id"]]["relation_code"] == "73"
    assert not city["off.assignment"].where(officer_id=officer["officer_id"])
    assert not city["off.assignment"].where(subject_ref=reference("p", brother["person_id"]))


def test_withdrawn_penalty(city: City) -> None:
    case = city["cas.case"].only(case_no=personas.WithdrawnPenalty.case_no)
    assert case["status"] == "WITHDRAWN"
    assert entity(city, personas.WithdrawnPenalty.uscc)["legal_rep_id_no"] == personas.WithdrawnPenalty.operator_id_no
    shown = city["cas.disclosure"].only(case_id=case["case_id"])
    assert (shown["state"], shown["withdraw_reason"]) == ("3", "DECISION_REVOKED")
    changes = city["gw.change_log"].where(disclosure_id=shown["disclosure_id"])
    assert [row["op"] for row in changes] == ["PUBLISH", "WITHDRAW"]
    assert "复议" in changes[-1]["public_reason"]
    assert city["cas.payment"].only(case_id=case["case_id"])["status"] == "REFUNDED"


def test_staged_officers_come_first(city: City) -> None:
    numbers = city["off.officer"].column("cert_no")
    assert numbers[: len(OFFICER_BY_CERT)] == list(OFFICER_BY_CERT)
