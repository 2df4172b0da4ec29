"""Faults are where their labels say, and nowhere near as many as sound records."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from datasources.city import dirty
from tests.datasources.city.rows import City

TODAY = date(2026, 11, 5)
RECORDS = (
    "pop.person", "ent.entity", "mat.matter", "reg.regulation", "off.org", "off.officer", "rea.unit", "veh.vehicle",
    "lic.certificate", "cas.case", "cas.disclosure", "cas.payment",
)  # fmt: skip


def labelled(city: City, table: str, label: str) -> list[dict[str, object]]:
    return [row for row in city[table].dicts if label in row["quality_flags"]]


def test_one_to_three_in_a_hundred(city: City) -> None:
    flags = [flags for table in RECORDS for flags in city[table].column("quality_flags")]
    assert 0.01 < sum(bool(labels) for labels in flags) / len(flags) < 0.03


def test_all_fourteen_kinds(city: City) -> None:
    assert len(dirty.KINDS) == 14
    used = {label for table in RECORDS for flags in city[table].column("quality_flags") for label in flags}
    assert used == set(dirty.KINDS)


@pytest.mark.parametrize(
    ("label", "table"), [(label, table) for label, (_, tables) in dirty.KINDS.items() for table in tables]
)
def test_every_kind_is_in_the_tables_it_names(city: City, label: str, table: str) -> None:
    assert labelled(city, table, label)


@pytest.mark.parametrize("table", RECORDS)
def test_no_kind_is_in_other_tables(city: City, table: str) -> None:
    for flags in city[table].column("quality_flags"):
        assert all(table in dirty.KINDS[label][1] for label in flags)


def test_lower_case_x(city: City) -> None:
    cases = {row["case_id"] for row in labelled(city, "cas.case", dirty.LOWERCASE_X)}
    found = {row["case_id"] for row in city["cas.party"].dicts if row["id_no"] and row["id_no"].endswith("x")}
    assert found == cases
    cars = {row["vehicle_id"] for row in labelled(city, "veh.vehicle", dirty.LOWERCASE_X)}
    assert {row["vehicle_id"] for row in city["veh.ownership"].dicts if row["owner_id_no"].endswith("x")} == cars
    assert not [number for number in city["pop.person"].column("id_no") if number.endswith("x")]


def test_full_width_digits(city: City) -> None:
    wide = re.compile("[０-９]")
    for table, column in (("pop.person", "mobile"), ("ent.entity", "registered_address")):
        found = [row for row in city[table].dicts if row[column] and wide.search(row[column])]
        assert found == labelled(city, table, dirty.FULLWIDTH_DIGITS)


def test_stray_spaces(city: City) -> None:
    spaced = [row for row in city["pop.person"].dicts if " " in (row["mobile"] or "")]
    assert spaced == labelled(city, "pop.person", dirty.STRAY_SPACES)
    assert [row for row in city["ent.entity"].dicts if " " in row["name"]] == labelled(
        city, "ent.entity", dirty.STRAY_SPACES
    )


def test_missing_town(city: City) -> None:
    for table, column in (
        ("pop.person", "res_division_code"),
        ("ent.entity", "division_code"),
        ("rea.unit", "division_code"),
    ):
        found = [row for row in city[table].dicts if row[column].endswith("000000")]
        assert found == labelled(city, table, dirty.MISSING_TOWN)


def test_expired_officer_with_an_open_case(city: City) -> None:
    expired = {row["officer_id"] for row in city["off.officer"].where(cert_status="5")}
    busy = {
        row["task_no"]
        for row in city["off.assignment"].dicts
        if row["officer_id"] in expired and row["valid_to"] is None
    }
    for case in labelled(city, "cas.case", dirty.EXPIRED_OFFICER):
        assert case["case_no"] in busy
        assert case["closed_on"] is None


def test_shared_number(city: City) -> None:
    counted = Counter(row["id_no"] for row in city["pop.person"].dicts)
    shared = {number for number, count in counted.items() if count > 1}
    assert shared == {row["id_no"] for row in labelled(city, "pop.person", dirty.SHARED_NUMBER)}
    assert set(counted.values()) == {1, 2}
    assert all(row["death_date"] is None for row in labelled(city, "pop.person", dirty.SHARED_NUMBER))


def test_double_identity(city: City) -> None:
    documents = Counter(city["pop.id_document"].column("person_id"))
    double = {row["person_id"] for row in labelled(city, "pop.person", dirty.DOUBLE_IDENTITY)}
    assert all(documents[person] == 2 for person in double)
    closed = {row["person_id"]: row for row in city["pop.id_document"].where(id_type="112")}
    assert set(closed) == double
    assert all(row["valid_to"] < TODAY for row in closed.values())


def test_plate_moved(city: City) -> None:
    plates = Counter((row["plate_no"], row["plate_type"]) for row in city["veh.vehicle"].dicts)
    moved = {(row["plate_no"], row["plate_type"]) for row in labelled(city, "veh.vehicle", dirty.PLATE_MOVED)}
    assert {plate for plate, count in plates.items() if count == 2} == moved
    assert {plate for plate, count in plates.items() if count > 2} == set()


def test_moved_district(city: City) -> None:
    for row in labelled(city, "ent.entity", dirty.MOVED_DISTRICT):
        assert row["record_version"] == 2
        assert row["valid_from"] is not None


def test_abolished_matter_version(city: City) -> None:
    ended = {
        (row["implementation_code"], row["version"]): row["effective_to"]
        for row in city["mat.matter"].dicts
        if row["effective_to"]
    }
    filed_after = {
        row["case_id"] for row in city["cas.case"].dicts
        if row["filed_on"] and ended.get((row["implementation_code"], row["matter_version"]), row["filed_on"]) < row["filed_on"]
    }  # fmt: skip
    assert filed_after == {row["case_id"] for row in labelled(city, "cas.case", dirty.ABOLISHED_MATTER)}


def test_wrong_brackets(city: City) -> None:
    wrong = {row["case_id"] for row in city["cas.decision"].dicts if "〔" not in row["document_no"]}
    assert wrong == {row["case_id"] for row in labelled(city, "cas.case", dirty.WRONG_BRACKETS)}


def test_no_house_number(city: City) -> None:
    for table, column in (("pop.person", "res_address"), ("rea.unit", "location")):
        found = [row for row in city[table].dicts if "号" not in row[column]]
        assert found == labelled(city, table, dirty.NO_HOUSE_NUMBER)


def test_future_dates(city: City) -> None:
    for table, column in (("veh.vehicle", "first_registered_on"), ("lic.certificate", "issued_on")):
        found = [row for row in city[table].dicts if row[column] > TODAY]
        assert found == labelled(city, table, dirty.FUTURE_DATE)
        assert all(row[column] < TODAY + timedelta(days=400) for row in found)
