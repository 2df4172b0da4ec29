"""The ten operations of the domain study find what they ask for, with rich data around it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from datasources.city.personas import Operations
from datasources.city.sizes import CHINA
from datasources.references import parse_reference, reference
from tests.datasources.city.rows import City

TODAY = date(2026, 11, 5)
NOON = datetime(2026, 11, 5, 12, tzinfo=CHINA)


def cases_of(city: City, subject: str) -> list[dict[str, Any]]:
    numbers = {row["case_id"] for row in city["cas.party"].where(subject_ref=subject)}
    return [row for row in city["cas.case"].dicts if row["case_id"] in numbers]


def open_tasks(city: City, cert_no: str) -> set[tuple[str, str]]:
    officer = city["off.officer"].only(cert_no=cert_no)
    return {
        (row["task_no"], row["role_code"])
        for row in city["off.assignment"].where(officer_id=officer["officer_id"])
        if row["valid_from"] <= NOON and (row["valid_to"] is None or row["valid_to"] > NOON)
    }


def test_01_roadside_vehicle(city: City) -> None:
    vehicle = city["veh.vehicle"].only(plate_no=Operations.plate_no, plate_type="02")
    owner = city["veh.ownership"].only(vehicle_id=vehicle["vehicle_id"], valid_to=None)
    assert owner["owner_type"] == "2"
    firm = city["ent.entity"].only(entity_id=owner["owner_ref"])
    assert firm["legal_rep_mobile"]
    permit = city["veh.transport_permit"].only(vehicle_id=vehicle["vehicle_id"])
    certificate = city["lic.certificate"].only(cert_no=permit["permit_no"])
    assert (certificate["type_code"], certificate["status_code"]) == ("11440499007000011Q045", "1")
    still_open = [row for row in cases_of(city, reference("e", firm["entity_id"])) if row["closed_on"] is None]
    assert {row["kind"] for row in still_open} == {"1", "2"}


def test_02_shop(city: City) -> None:
    shop = city["ent.entity"].only(uscc=Operations.shop_uscc)
    licences = city["ent.licence"].where(entity_id=shop["entity_id"])
    assert {row["status_code"] for row in licences} >= {"1"}
    assert city["lic.certificate"].only(holder_id_no=Operations.shop_uscc, type_code="11440499007000011Q001")
    assert city["ent.abnormal_listing"].where(entity_id=shop["entity_id"])
    assert city["ent.inspection_quota"].only(entity_id=shop["entity_id"], year=2026)["annual_cap"] == 4
    assert city["ent.operating_site"].where(entity_id=shop["entity_id"])
    assert city["pop.person"].only(id_no=shop["legal_rep_id_no"])
    decided = [
        row for row in cases_of(city, reference("e", shop["entity_id"]))
        if row["kind"] in "23" and row["decided_on"] and row["decided_on"] > date(2023, 11, 5)
    ]  # fmt: skip
    assert len(decided) == 3
    reach = {row["org_id"] for division in ("440402005000", "440402000000", "440400000000")
             for row in city["off.org_jurisdiction"].where(division_code=division, matter_type="06")}  # fmt: skip
    codes = {row["uscc"] for row in city["off.org"].dicts if row["org_id"] in reach}
    assert sum(row["org_uscc"] in codes for row in city["mat.matter"].where(type_code="06", status_code="1")) >= 10


def test_03_disclosure_list(city: City) -> None:
    decisions = {row["case_id"]: row for row in city["cas.decision"].dicts}
    shown = {row["case_id"]: row for row in city["cas.disclosure"].where(state="2")}
    found = [
        row for row in city["cas.case"].where(kind="2")
        if row["division_code"].startswith("440402") and row["case_id"] in shown
        and date(2026, 8, 1) <= row["decided_on"] <= date(2026, 10, 31)
        and "食品" in decisions[row["case_id"]]["illegal_act_type"] + decisions[row["case_id"]]["facts"]
        and decisions[row["case_id"]]["fine_amount"] >= 5000
    ]  # fmt: skip
    assert len(found) > 20


def test_04_disclosure_feed(city: City) -> None:
    after = [row for row in city["gw.change_log"].dicts if row["seq"] > 123456]
    assert len(after) > 500
    assert {row["op"] for row in after[:500]} == {"PUBLISH", "UPDATE", "WITHDRAW"}
    agreement = city["gw.agreement"].only(agreement_no="GX-2026-0131")
    assert (agreement["client_id"], agreement["purpose"]) == ("partner-disclosure", "PARTNER_DISCLOSURE")
    assert agreement["valid_from"] <= TODAY <= agreement["valid_to"]


def test_05_supervision_statistics(city: City) -> None:
    months = {
        (row["filed_on"].month, row["kind"])
        for row in city["cas.case"].dicts
        if row["filed_on"] and row["filed_on"].year == 2026
    }
    assert {(month, kind) for month in range(1, 11) for kind in "12"} <= months
    assert {row["source_system"] for row in city["gw.source_batch"].dicts} >= set(
        city["cas.case"].column("source_system")
    )


def test_06_matters_with_basis(city: City) -> None:
    on = date(2026, 11, 5)
    found = [
        row for row in city["mat.matter"].where(org_uscc=Operations.org_uscc, type_code="02")
        if row["effective_from"] <= on and (row["effective_to"] is None or row["effective_to"] >= on)
    ]  # fmt: skip
    assert len(found) >= 50
    based = {(row["matter_id"], row["version"]) for row in city["mat.matter_basis"].dicts}
    assert {(row["matter_id"], row["version"]) for row in found} <= based
    graded = set(city["mat.discretion"].column("cause_code"))
    assert {
        row["cause_code"]
        for row in city["mat.matter_cause"].dicts
        if row["matter_id"] in {m["matter_id"] for m in found}
    } <= graded
    watched = set(city["mat.matter_supervision"].column("implementation_code"))
    assert sum(row["implementation_code"] in watched for row in found) >= 50


def test_07_case_timeline(city: City) -> None:
    case = city["cas.case"].only(case_no=Operations.case_no)
    own = {"case_id": case["case_id"]}
    events, documents = city["cas.event"].where(**own), city["cas.document"].where(**own)
    assert len(events) >= 15
    assert {row["doc_type"] for row in documents} >= {
        "0303",
        "0304",
        "0401",
        "0402",
        "0403",
        "0501",
        "0701",
        "0901",
        "0903",
    }
    assert any(row["recording_ids"] for row in events)
    assert city["cas.decision"].only(**own)["fine_amount"] == 186_000
    assert city["cas.disclosure"].only(**own)["state"] == "2"
    assert city["cas.payment"].only(**own)["payment_code"] == Operations.payment_code
    parties = {(row["subject_ref"], row["role_code"]) for row in city["cas.party"].where(**own)}
    assert parties >= {(Operations.party_ref, "1"), (Operations.firm_ref, "1")}
    officers = {row["officer_id"]: row["cert_no"] for row in city["off.officer"].dicts}
    team = {
        (officers[row["officer_id"]], row["role_code"])
        for row in city["off.assignment"].where(task_no=Operations.case_no)
    }
    assert team == {(Operations.officer, "1"), (Operations.co_officers[0], "2"), (Operations.approver, "4")}
    assert city["cas.review"].where(batch_no=Operations.review_batch, **own)


def test_08_criminal_transfer(city: City) -> None:
    case = city["cas.case"].only(case_no=Operations.case_no)
    transfer = city["cas.criminal_transfer"].only(case_id=case["case_id"])
    assert transfer["suspected_crime_code"] == "140"
    assert (transfer["decided_on"], transfer["sent_at"]) == (date(2026, 11, 4), None)
    named = {row["document_id"]: row["doc_type"] for row in city["cas.document"].where(case_id=case["case_id"])}
    for kind, name in Operations.documents.items():
        assert named[parse_reference(f"p_{name}")[1]] == kind
    assert city["off.org"].only(uscc=Operations.police_uscc)
    assert city["off.officer"].only(cert_no=Operations.approver)["cert_status"] == "1"


def test_09_payment_status(city: City) -> None:
    payment = city["cas.payment"].only(payment_code=Operations.payment_code)
    assert payment["status"] == "PARTIALLY_PAID"
    assert Decimal(0) < payment["amount_paid"] < payment["amount_due"]
    assert [row["paid"] for row in city["cas.payment_instalment"].where(payment_code=Operations.payment_code)] == [
        True,
        False,
        False,
    ]
    assert len(city["cas.payment_receipt"].where(payment_code=Operations.payment_code)) == 1
    agreement = city["gw.agreement"].only(agreement_no="GX-2026-0088")
    assert (agreement["client_id"], agreement["purpose"]) == ("partner-finance", "NON_TAX_PAYMENT")


def test_10_person_relations(city: City) -> None:
    person = city["pop.person"].only(id_no=Operations.party_id_no)
    assert reference("p", person["person_id"]) == Operations.party_ref
    household = city["pop.household_member"].only(person_id=person["person_id"])["household_no"]
    assert len(city["pop.household_member"].where(household_no=household)) == 4
    positions = city["ent.entity_person"].where(person_ref=person["person_id"])
    assert {row["role_code"] for row in positions} >= {"1", "2", "3"}
    assert len(city["veh.ownership"].where(owner_ref=person["person_id"], valid_to=None)) == 2
    rights = city["rea.right"].where(holder_id_no=Operations.party_id_no)
    assert len(rights) == 2
    assert all(city["rea.unit"].only(unit_no=row["unit_no"]) for row in rights)
    assert len(city["lic.certificate"].where(holder_id_no=Operations.party_id_no, status_code="1")) >= 3
    decided = [
        row
        for row in cases_of(city, Operations.party_ref)
        if row["decided_on"] and row["decided_on"] > date(2021, 11, 5)
    ]
    assert len(decided) >= 3


def test_open_tasks_of_the_callers(city: City) -> None:
    tasks = {(Operations.roadside_task, "1"), (Operations.shop_task, "1"), (Operations.case_no, "1")}
    assert tasks == open_tasks(city, Operations.officer)
    assert open_tasks(city, Operations.co_officers[0]) == {(Operations.shop_task, "2"), (Operations.case_no, "2")}
    assert open_tasks(city, Operations.co_officers[1]) == {(Operations.roadside_task, "2")}
    assert open_tasks(city, Operations.officer_without_task) == set()
    assert open_tasks(city, Operations.supervisor) == {(Operations.review_batch, "4")}


def test_tasks_name_their_subjects_and_their_representatives(city: City) -> None:
    subjects = {task: {row["subject_ref"] for row in city["off.assignment"].where(task_no=task)}
                for task in (Operations.case_no, Operations.shop_task, Operations.roadside_task)}  # fmt: skip
    assert subjects[Operations.case_no] == {Operations.party_ref, Operations.firm_ref}
    assert all({"p", "e"} == {ref[0] for ref in refs} for refs in subjects.values())
    batch = {row["subject_ref"] for row in city["off.assignment"].where(task_no=Operations.review_batch)}
    assert {Operations.party_ref, Operations.firm_ref} <= batch
