"""Check digits are right and every person is impossible."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from datasources.city import identifiers
from tests.datasources.city.rows import City

AREAS = ("440499", "810000", "820000", "830000")


def checks(number: str) -> bool:
    return identifiers.resident_number(number[:17]) == number


@pytest.mark.parametrize("number", ["440499198603120178", "11010519491231002X"])
def test_known_resident_numbers(number: str) -> None:
    assert checks(number)


@pytest.mark.parametrize(
    "code",
    ["91440499MA7X000184", "92440499MA7X0A12X1", "11440499007000011Q", "N2440499MF1X00015F", "1144049900700088X4"],
)
def test_known_credit_codes(code: str) -> None:
    assert identifiers.uscc(code[:2], code[8:16]) == code


def test_known_vin_and_unit_number() -> None:
    assert identifiers.vin("LZZABCDE", "RA000123") == "LZZABCDE7RA000123"
    assert identifiers.unit_number(1, 2, 123, 1, 23) == "440499001002GB00123F00010023"


def test_resident_numbers_are_valid_and_nobodys(city: City) -> None:
    for person in city["pop.person"].dicts:
        if person["id_type"] in ("111", "113"):
            assert person["id_no"][:6] in AREAS
            assert checks(person["id_no"])
            assert person["id_no"][6:14] == f"{person['birth_date']:%Y%m%d}"
            assert (int(person["id_no"][16]) % 2 == 1) is (person["gender_code"] == "1")


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("pop.id_document", "id_no"), ("ent.entity", "legal_rep_id_no"), ("ent.entity_person", "person_id_no"),
        ("off.officer", "id_no"), ("rea.right", "holder_id_no"), ("veh.ownership", "owner_id_no"), ("cas.party", "id_no"),
        ("cas.party", "legal_rep_id_no"), ("lic.certificate", "holder_id_no"), ("lic.certificate", "cert_no"),
    ],
)  # fmt: skip
def test_no_number_of_a_real_area_anywhere(city: City, table: str, column: str) -> None:
    for value in city[table].column(column):
        if value and re.fullmatch(r"\d{17}[\dXx]", value) and value[6:8] in ("19", "20"):
            assert value[:6] in AREAS
            assert checks(value.upper())


def test_shares_of_documents(city: City) -> None:
    kinds = Counter((row["id_type"], row["id_no"][:6]) for row in city["pop.person"].dicts)
    total = sum(kinds.values())
    assert 0.91 < kinds["111", "440499"] / total < 0.94
    assert 0.03 < (kinds["111", "810000"] + kinds["111", "820000"]) / total < 0.05
    assert 0.005 < kinds["111", "830000"] / total < 0.015
    assert {kind for kind, _ in kinds} == {"111", "113", "414", "511", "516"}


def test_credit_codes_are_valid(city: City) -> None:
    codes = city["ent.entity"].column("uscc") + city["off.org"].column("uscc")
    for code in codes:
        assert code[2:8] == "440499"
        assert identifiers.uscc_check(code[:17]) == code[17]
        assert identifiers.organisation_code(code[8:16]) == code[8:17]


def test_vins_are_valid(city: City) -> None:
    for number in city["veh.vehicle"].column("vin"):
        assert len(number) == 17
        assert not set(number) & set("IOQ")
        assert identifiers.vin(number[:8], number[9:]) == number


def test_unit_numbers_and_implementation_codes_have_their_length(city: City) -> None:
    assert {len(number) for number in city["rea.unit"].column("unit_no")} == {28}
    assert {len(code) for code in city["mat.matter"].column("implementation_code")} == {31}


def test_telephone_numbers_are_reserved_ones(city: City) -> None:
    for column in ("pop.person.mobile", "ent.entity.legal_rep_mobile", "cas.party.phone", "off.officer.mobile"):
        table, name = column.rsplit(".", 1)
        for number in filter(None, city[table].column(name)):
            plain = number.translate(str.maketrans("０１２３４５６７８９", "0123456789")).replace(" ", "")
            assert re.fullmatch(r"1990000\d{4}", plain)
    assert all(number.startswith("0756-") for number in city["ent.entity"].column("contact_phone"))
