"""What one database says of another is there."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from datasources.city.certificates import TYPE
from datasources.references import parse_reference
from tests.datasources.city.rows import City


def keys(city: City, table: str, column: str) -> set[Any]:
    return set(city[table].column(column))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("pop.household.head_person_id", "pop.person.person_id"), ("pop.household_member.person_id", "pop.person.person_id"),
        ("pop.floating_population.landlord_ref", "pop.person.person_id"), ("pop.id_document.person_id", "pop.person.person_id"),
        ("ent.entity_person.person_ref", "pop.person.person_id"), ("ent.entity_person.entity_id", "ent.entity.entity_id"),
        ("ent.entity.legal_rep_id_no", "pop.person.id_no"), ("ent.operating_site.unit_no", "rea.unit.unit_no"),
        ("rea.right.unit_no", "rea.unit.unit_no"), ("rea.encumbrance.unit_no", "rea.unit.unit_no"),
        ("veh.ownership.vehicle_id", "veh.vehicle.vehicle_id"), ("veh.transport_permit.operator_uscc", "ent.entity.uscc"),
        ("lic.use_log.cert_id", "lic.certificate.cert_id"), ("lic.use_log.used_by_cert_no", "off.officer.cert_no"),
        ("mat.matter.org_uscc", "off.org.uscc"), ("mat.matter_cause.matter_id", "mat.matter.matter_id"),
        ("mat.matter_basis.article_id", "reg.article.article_id"), ("mat.discretion.cause_code", "mat.matter_cause.cause_code"),
        ("mat.matter_supervision.implementation_code", "mat.matter.implementation_code"),
        ("reg.article.replaces_id", "reg.article.article_id"), ("off.org.parent_org_id", "off.org.org_id"),
        ("off.officer.org_id", "off.org.org_id"), ("off.officer.id_no", "pop.person.id_no"),
        ("off.assignment.officer_id", "off.officer.officer_id"), ("off.org_jurisdiction.division_code", "div.division.code"),
        ("div.division.parent_code", "div.division.code"), ("pop.person.res_division_code", "div.division.code"),
        ("pop.person.reg_division_code", "div.division.code"), ("ent.entity.division_code", "div.division.code"),
        ("ent.operating_site.division_code", "div.division.code"), ("rea.unit.division_code", "div.division.code"),
        ("off.org.division_code", "div.division.code"), ("cas.case.division_code", "div.division.code"),
        ("cas.case.org_id", "off.org.org_id"), ("cas.case.cause_code", "mat.matter_cause.cause_code"),
        ("cas.case.implementation_code", "mat.matter.implementation_code"), ("cas.decision.case_id", "cas.case.case_id"),
        ("cas.event.actor_cert_no", "off.officer.cert_no"), ("cas.event.document_id", "cas.document.document_id"),
        ("cas.inspection.task_no", "cas.case.case_no"), ("cas.inspection.notice_doc_id", "cas.document.document_id"),
        ("cas.inspection.followup_case_no", "cas.case.case_no"), ("cas.payment.case_id", "cas.case.case_id"),
        ("cas.payment.document_no", "cas.decision.document_no"), ("cas.disclosure.case_id", "cas.case.case_id"),
        ("cas.payment_receipt.payment_code", "cas.payment.payment_code"), ("cas.review.case_id", "cas.case.case_id"),
        ("cas.party.uscc", "ent.entity.uscc"), ("cas.criminal_transfer.police_org_uscc", "off.org.uscc"),
        ("gw.change_log.disclosure_id", "gw.disclosure.disclosure_id"),
        ("gw.disclosure.disclosure_id", "cas.disclosure.disclosure_id"), ("gw.disclosure.case_id", "cas.case.case_id"),
        ("gw.agreement.client_id", "gw.client.client_id"),
    ],
)  # fmt: skip
def test_what_is_named_exists(city: City, source: str, target: str) -> None:
    (table, column), (there, key) = source.rsplit(".", 1), target.rsplit(".", 1)
    named = {value for value in city[table].column(column) if value is not None}
    assert named
    assert not list(named - keys(city, there, key))[:5]


def test_subject_references_lead_to_persons_and_entities(city: City) -> None:
    known = {"p": keys(city, "pop.person", "person_id"), "e": keys(city, "ent.entity", "entity_id")}
    for text in {*city["cas.party"].column("subject_ref"), *city["off.assignment"].column("subject_ref")}:
        prefix, key = parse_reference(text)
        assert key in known[prefix]


def test_parties_are_as_in_the_base_database_unless_labelled(city: City) -> None:
    persons = {row["person_id"]: row for row in city["pop.person"].dicts}
    entities = {row["entity_id"]: row for row in city["ent.entity"].dicts}
    labelled = {row["case_id"]: row for row in city["cas.case"].dicts}
    names = Counter[bool]()
    for party in city["cas.party"].dicts:
        prefix, key = parse_reference(party["subject_ref"])
        base = persons[key] if prefix == "p" else entities[key]
        if prefix == "p":
            assert party["subject_type"] == "1"
            assert party["id_no"].upper() == base["id_no"]
        else:
            assert party["uscc"] == base["uscc"]
        same = party["name_at_decision"] == base["name"]
        flagged = "PARTY_NAME_DIFFERS" in labelled[party["case_id"]]["quality_flags"]
        names[same or flagged] += 1
    # Five cases of the firm with five names keep the name of their day.
    assert names[False] == 4


def test_owners(city: City) -> None:
    persons = {row["person_id"]: row for row in city["pop.person"].dicts}
    entities = {row["entity_id"]: row for row in city["ent.entity"].dicts}
    still_open = Counter(row["vehicle_id"] for row in city["veh.ownership"].dicts if row["valid_to"] is None)
    assert set(still_open) == keys(city, "veh.vehicle", "vehicle_id")
    assert set(still_open.values()) == {1}
    for row in city["veh.ownership"].dicts:
        owner = persons[row["owner_ref"]] if row["owner_type"] == "1" else entities[row["owner_ref"]]
        assert owner["name"] == row["owner_name"]


def test_right_holders_by_number(city: City) -> None:
    numbers, codes = keys(city, "pop.person", "id_no"), keys(city, "ent.entity", "uscc")
    for row in city["rea.right"].dicts:
        assert row["holder_id_no"] in (codes if row["holder_id_type"] == "7" else numbers)


def test_certificate_holders_by_number(city: City) -> None:
    numbers, codes = keys(city, "pop.person", "id_no"), keys(city, "ent.entity", "uscc")
    for row in city["lic.certificate"].dicts:
        assert row["holder_id_no"] in (codes if row["holder_type"] == "2" else numbers)


def test_transport_permits_are_certificates(city: City) -> None:
    certificates = {row["cert_no"] for row in city["lic.certificate"].where(type_code=f"{TYPE}045")}
    assert certificates == keys(city, "veh.transport_permit", "permit_no")


def test_case_matter_versions_exist(city: City) -> None:
    versions = {(row["implementation_code"], row["version"]) for row in city["mat.matter"].dicts}
    assert {(row["implementation_code"], row["matter_version"]) for row in city["cas.case"].dicts} <= versions


def test_cases_have_an_assigned_team(city: City) -> None:
    assert keys(city, "cas.case", "case_no") <= keys(city, "off.assignment", "task_no")


def test_open_tasks_belong_to_open_cases(city: City) -> None:
    closed = {row["case_no"] for row in city["cas.case"].dicts if row["closed_on"]}
    assert not closed & {row["task_no"] for row in city["off.assignment"].dicts if row["valid_to"] is None}


def test_dates_of_a_case_follow_each_other(city: City) -> None:
    for row in city["cas.case"].dicts:
        known = [row[name] for name in ("filed_on", "decided_on", "served_on", "closed_on", "archived_on") if row[name]]
        assert known == sorted(known), row["case_no"]


def test_the_feed_is_one_total_order(city: City) -> None:
    changes = city["gw.change_log"].dicts
    assert [row["seq"] for row in changes] == list(range(changes[0]["seq"], changes[0]["seq"] + len(changes)))
    assert [row["changed_at"] for row in changes] == sorted(row["changed_at"] for row in changes)
    seen: dict[str, str] = {}
    for row in changes:
        before = seen.get(row["disclosure_id"])
        assert (before is None) is (row["op"] == "PUBLISH")
        assert before != "WITHDRAW"
        assert (row["withdraw_reason"] is not None) is (row["op"] == "WITHDRAW")
        seen[row["disclosure_id"]] = row["op"]
    states = {row["disclosure_id"]: row["state"] for row in city["cas.disclosure"].dicts}
    assert {key for key, op in seen.items() if op == "WITHDRAW"} == {
        key for key, state in states.items() if state == "3"
    }
    assert {key for key, op in seen.items() if op != "WITHDRAW"} == {
        key for key, state in states.items() if state == "2"
    }


def test_receipts_add_up(city: City) -> None:
    received = Counter[str]()
    for row in city["cas.payment_receipt"].dicts:
        received[row["payment_code"]] += row["amount"]
    for row in city["cas.payment"].dicts:
        assert row["amount_paid"] == received[row["payment_code"]]
        assert row["surcharge_due"] <= row["amount_due"]
