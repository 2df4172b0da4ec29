"""A town small enough to know by heart: every row is there because a test in this folder asks for it."""

from __future__ import annotations

import datetime
from typing import Any
from uuid import UUID

from datasources.references import reference
from datasources.tables import certificate as lic
from datasources.tables import enforcement as cas
from datasources.tables import legal_entity as ent
from datasources.tables import matter as mat
from datasources.tables import personnel as off
from datasources.tables import population as pop
from datasources.tables import property as rea
from datasources.tables import vehicle as veh

NOW = datetime.datetime(2026, 11, 5, 1, tzinfo=datetime.UTC)
RECORD = {"source_system": "test", "fetched_at": NOW, "stale": False, "sealed": False, "quality_flags": []}
RECORD |= {"record_version": 1, "is_synthetic": True, "valid_from": None, "valid_to": None}

WEI_NO = "440499198603120178"
TOWN, DISTRICT, CITY = "440402005000", "440402000000", "440400000000"


def day(text: str) -> datetime.date:
    """A day, from YYYY-MM-DD."""
    return datetime.date.fromisoformat(text)


def person(number: int, name: str, pinyin: str, id_no: str, **other: Any) -> dict[str, Any]:
    """A row of ``pop.person``."""
    row = {"person_id": UUID(int=number), "id_type": "111", "id_no": id_no, "name": name, "name_pinyin": pinyin}
    defaults = {"birth_date": day("1986-03-12"), "protection_flag": 0, "res_division_code": TOWN}
    return {**RECORD, **row, **defaults, "is_minor_14": False, "is_minor_18": False, **other}


def entity(number: int, uscc: str, name: str, **other: Any) -> dict[str, Any]:
    """A row of ``ent.entity``."""
    row = {"entity_id": UUID(int=number), "uscc": uscc, "name": name, "status_code": "1", "division_code": TOWN}
    return {**RECORD, **row, "legal_rep_mark": 0, **other}


def vehicle(number: int, plate: str, vin: str, **other: Any) -> dict[str, Any]:
    """A row of ``veh.vehicle``."""
    row = {"vehicle_id": UUID(int=number), "plate_no": plate, "plate_type": "02", "vin": vin}
    return {**RECORD, **row, "usage_nature": "A", "status_code": "A", **other}


def case(number: int, filed: str, closed: str | None = None, kind: str = "2") -> dict[str, Any]:
    """A row of ``cas.case``."""
    row = {"case_id": UUID(int=number), "case_no": f"CF-{number}", "kind": kind, "org_id": UUID(int=1)}
    dates = {"filed_on": day(filed), "decided_on": day(filed), "closed_on": day(closed) if closed else None}
    return {**RECORD, **row, **dates, "division_code": TOWN, "status": "FILED", "stage": "FILING"}


def party(number: int, case_no: int, ref: str, role: str = "1") -> dict[str, Any]:
    """A row of ``cas.party``."""
    row = {"party_id": UUID(int=number), "case_id": UUID(int=case_no), "subject_ref": ref}
    return {**row, "role_code": role, "subject_type": "1", "subject_mark": 0}


def matter(number: int, org_uscc: str, type_code: str, **other: Any) -> dict[str, Any]:
    """A row of ``mat.matter``."""
    row = {"matter_id": UUID(int=number), "version": 1, "basic_code": f"B{number}", "implementation_code": f"M{number}"}
    row |= {"name": f"事项{number}", "type_code": type_code, "org_uscc": org_uscc, "exercise_level": "4"}
    return {**RECORD, **row, "status_code": "1", "effective_from": day("2024-01-01"), "effective_to": None, **other}


def certificate(cert_id: str, holder_type: str, holder: str, cert_no: str, **other: Any) -> dict[str, Any]:
    """A row of ``lic.certificate``."""
    row = {"cert_id": cert_id, "type_code": "11440499007000011Q001", "holder_type": holder_type}
    row |= {"holder_id_no": holder, "cert_no": cert_no, "status_code": "1"}
    return {**RECORD, **row, "surface_data": {"no": cert_no}, **other}


WEI, REGISTERED_WEI, CLOSED_WEI, JUNJIE, CHILD = (UUID(int=number) for number in (1, 2, 3, 4, 5))
SHOP, CARRIER, JUICE = (UUID(int=number) for number in (1, 2, 3))
SHOP_USCC, CARRIER_USCC = "92440499MA7X0A12X1", "91440499MA7X0A12X2"
UNIT, SEIZED_UNIT = "440402005001GB00001F00010001", "440402005001GB00001F00010002"
DISTRICT_ORG, CITY_ORG = "11440402007000011A", "11440400007000011B"

ROWS: dict[Any, list[dict[str, Any]]] = {
    off.division: [
        {"code": code, "name": name, "level": level, "parent_code": None, "is_functional_zone": False}
        for code, name, level in ((CITY, "珠海市", 2), (DISTRICT, "香洲区", 3), (TOWN, "拱北街道", 4))
    ],
    off.org: [
        {**RECORD, "org_id": UUID(int=number), "uscc": uscc, "name": name, "org_kind": "1", "level": "3"}
        | {"division_code": division}
        for number, uscc, name, division in ((1, DISTRICT_ORG, "香洲局", DISTRICT), (2, CITY_ORG, "市局", CITY))
    ],
    off.org_jurisdiction: [
        {"org_id": UUID(int=org), "division_code": division, "matter_type": kind, "valid_from": day("2020-01-01")}
        | {"valid_to": day(end) if end else None}
        for org, division, kind, end in (
            (1, DISTRICT, "02", None),
            (1, DISTRICT, "06", "2025-12-31"),
            (2, CITY, "06", None),
            (2, "440403000000", "02", None),
        )
    ],
    mat.matter: [
        matter(1, DISTRICT_ORG, "02"),
        matter(2, DISTRICT_ORG, "06"),
        matter(3, CITY_ORG, "06"),
        matter(4, CITY_ORG, "02"),
        matter(5, DISTRICT_ORG, "02", status_code="3"),
        matter(6, CITY_ORG, "06", effective_to=day("2026-11-04")),
    ],
    pop.person: [
        person(1, "张伟", "zhang wei zw", WEI_NO, reg_address="珠海市香洲区拱北街道莲花路88号", mobile="13812341234"),
        person(2, "张维", "zhang wei zw", WEI_NO, id_type="113"),
        person(3, "张为", "zhang wei zw", WEI_NO, valid_to=day("2020-01-01")),
        person(4, "陈俊杰", "chen junjie cjj", "440499199001010011", res_division_code="440403001000"),
        person(5, "张小伟", "zhang xiaowei zxw", "440499201601010012", is_minor_14=True, is_minor_18=True),
    ],
    pop.household: [{"household_no": "H1", "household_type": "1", "division_code": TOWN, "head_person_id": WEI}],
    pop.household_member: [
        {"household_no": "H1", "person_id": who, "relation_code": relation, "left_on": day(left) if left else None}
        for who, relation, left in ((WEI, "02", None), (CHILD, "20", None), (JUNJIE, "97", "2019-05-01"))
    ],
    ent.entity: [
        entity(1, SHOP_USCC, "张三小吃店", legal_rep_id_type="111", legal_rep_id_no=WEI_NO, legal_rep_name="张伟"),
        entity(2, CARRIER_USCC, "珠海俊杰运输有限公司", division_code="440403001000"),
        entity(3, "91440499MA7X0A12X3", "100%果汁店"),
    ],
    ent.entity_person: [
        {"entity_id": SHOP, "person_ref": WEI, "role_code": "5", "person_name": "张伟", "until": None},
        {"entity_id": CARRIER, "person_ref": WEI, "role_code": "2", "person_name": "张伟", "until": day("2021-01-01")},
    ],
    ent.operating_site: [
        {"site_id": UUID(int=1), "entity_id": SHOP, "address": "珠海市香洲区拱北街道情侣路1号", "division_code": TOWN}
        | {"geo_point": (113.55, 22.22), "unit_no": UNIT}
    ],
    ent.licence: [
        {"licence_no": number, "entity_id": SHOP, "name": "食品经营许可", "status_code": status, "valid_to": day(end)}
        for number, status, end in (("L1", "1", "2027-01-01"), ("L2", "1", "2026-11-04"), ("L3", "3", "2027-01-01"))
    ],
    ent.inspection_quota: [
        {"entity_id": SHOP, "year": year, "annual_cap": 2, "done_count": done, "planned_count": 1}
        for year, done in ((2025, 2), (2026, 1))
    ],
    ent.legacy_code: [{"entity_id": SHOP, "code_kind": "1", "code": "440400600012345"}],
    rea.unit: [
        {**RECORD, "unit_no": number, "location": "珠海市香洲区拱北街道莲花路88号", "division_code": TOWN}
        for number in (UNIT, SEIZED_UNIT)
    ],
    rea.right: [
        {
            "right_id": UUID(int=number),
            "unit_no": unit,
            "right_type": "4",
            "holder_id_type": kind,
            "holder_id_no": holder,
        }
        for number, unit, kind, holder in (
            (1, UNIT, "1", WEI_NO),
            (2, SEIZED_UNIT, "7", SHOP_USCC),
            (3, UNIT, "99", WEI_NO),
            (4, UNIT, "6", "MA7X0A12X"),
        )
    ],
    rea.encumbrance: [
        {"encumbrance_id": UUID(int=number), "unit_no": unit, "kind_code": kind, "effective_on": day("2020-01-01")}
        | {"ended_on": day(end) if end else None}
        for number, unit, kind, end in (
            (1, UNIT, "1", None),
            (2, UNIT, "2", "2026-11-04"),
            (3, SEIZED_UNIT, "2", "2026-11-05"),
        )
    ],
    veh.vehicle: [
        vehicle(1, "粤C12A34", "LSVAA4182E2000001", valid_to=day("2025-06-30"), status_code="EG"),
        vehicle(2, "粤C12A34", "LSVAA4182E2000002", valid_from=day("2025-07-01")),
    ],
    veh.ownership: [
        {"vehicle_id": UUID(int=car), "owner_type": kind, "owner_ref": owner, "valid_from": day(start)}
        | {"valid_to": day(end) if end else None}
        for car, kind, owner, start, end in (
            (1, "1", WEI, "2015-01-01", "2025-06-30"),
            (2, "1", WEI, "2025-07-01", "2026-01-31"),
            (2, "2", CARRIER, "2026-02-01", None),
        )
    ],
    veh.transport_permit: [
        {"permit_no": number, "vehicle_id": UUID(int=2), "operator_uscc": CARRIER_USCC, "valid_to": day(end)}
        for number, end in (("P-OLD", "2025-01-01"), ("P-NEW", "2028-01-01"))
    ],
    lic.certificate: [
        certificate("c1", "2", SHOP_USCC, "N1", issuer_uscc=DISTRICT_ORG),
        certificate("c2", "1", WEI_NO, "N2", type_code="11440499007000011Q002"),
        certificate("c3", "1", WEI_NO, "N3", status_code="4"),
        certificate("c4", "2", CARRIER_USCC, "P-NEW", type_code="11440499007000011Q045"),
        certificate("c5", "2", CARRIER_USCC, "P-OLD", type_code="11440499007000011Q045"),
    ],
    cas.case_: [
        case(1, "2024-01-01"),
        case(2, "2026-01-01", kind="1"),
        case(3, "2026-02-01", closed="2026-03-01"),
        case(4, "2026-03-01"),
    ],
    cas.party: [
        party(1, 1, reference("p", WEI)),
        party(2, 2, reference("p", WEI)),
        party(3, 3, reference("p", WEI), role="5"),
        party(4, 3, reference("e", CARRIER)),
        party(5, 4, reference("e", CARRIER)),
        party(6, 1, reference("e", CARRIER)),
    ],
}
