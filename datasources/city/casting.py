"""What the personas change in the rows of persons, entities, vehicles and officers, by row number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from datasources.city import dirty
from datasources.city.identifiers import resident_number, uscc, vin
from datasources.city.industries import INDUSTRY_BY_CODE
from datasources.city.personas import (
    CuriousOfficer,
    DeadRepresentative,
    FiveNames,
    FleetOwner,
    HonestShop,
    MacauResident,
    Minor,
    MovedShop,
    Operations,
    ProtectedWitness,
    ReusedPlate,
    SealedRecord,
    WithdrawnPenalty,
)
from datasources.city.places import TOWN_BY_CODE
from datasources.city.record import NO_FLAGS
from datasources.references import parse_reference

HOUSEHOLDS_OF_PERSONAS = 40
ENTITIES_OF_PERSONAS = 32
Change = dict[str, Any]


def _person(name: str, id_no: str, town: str, home: str, **more: Any) -> Change:
    place = TOWN_BY_CODE[f"{town}000"]
    digits = id_no[6:14]
    address = f"{place.prefix}{home}"
    return {
        "name": name, "id_no": id_no, "male": int(id_no[16]) % 2 == 1,
        "born": date(int(digits[:4]), int(digits[4:6]), int(digits[6:])), "former_name": None, "ethnicity": "01",
        "reg_division": place.code, "reg_address": address, "res_division": place.code, "res_address": address,
        "res_permit_no": None, "protection": 0, "sealed": False, "flags": NO_FLAGS, "died": None, "town": place,
        "mobile": f"1990000{int(id_no[-5:-1]):04d}", **more,
    }  # fmt: skip


def _family(numbers: range, town: str, home: str, *members: tuple[str, str]) -> dict[int, Change]:
    return {number: _person(name, id_no, town, home) for number, (name, id_no) in zip(numbers, members, strict=True)}


def _of(day: str, order: int) -> str:
    return resident_number(f"440499{day}{order:03d}")


_XAVIER: Change = {
    "id_type": "516", "id_no": MacauResident.id_no, "male": True, "born": date(1978, 11, 23), "nationality": "MAC",
    "reg_division": None, "reg_address": None, "res_permit_no": MacauResident.residence_permit_no,
}  # fmt: skip
#: Person number → changed fields. Households 0 to 19 of the first block; see `people.PATTERN` for who lives where.
PERSON_CHANGES: dict[int, Change] = {
    0: _person("陈婉婷", ProtectedWitness.id_no, "440402001", "康宁路18号海晴花园2栋903房", protection=1),
    1: _person("李子豪", SealedRecord.id_no, "440402002", "梅华西路77号翠柏家园5栋402房", sealed=True),
    2: {**_person("João Xavier", MacauResident.residence_permit_no, "440402005", "莲花路61号望潮苑1栋1802房"), **_XAVIER},
    3: _person("梁国强", ReusedPlate.former_owner_id_no, "440403107", "江湾二路9号安和小区3栋201房"),
    4: _person("吴嘉欣", WithdrawnPenalty.operator_id_no, "440402004", "石花路33号明湖雅苑6栋1103房"),
    5: _person("黄国华", DeadRepresentative.representative_id_no, "440402003", "明珠南路210号桃源里8栋501房",
               died=date.fromisoformat(DeadRepresentative.died_on)),
    6: _person("周志强", CuriousOfficer.id_no, "440402003", "翠微西路15号晨曦公寓2栋1204房"),
    7: _person("周志伟", CuriousOfficer.brother_id_no, "440402003", "翠微西路15号晨曦公寓2栋1204房", role="B"),
    **_family(range(12, 14), "440402005", "粤海东路120号云岸名庭4栋803房",
              ("谢伟明", ReusedPlate.driver_id_no), ("何丽娟", _of("19850622", 8))),
    **_family(range(14, 17), "440402005", "莲花路88号3栋1201房",
              ("梁秀丽", Operations.shop_operator_id_no), ("关建华", _of("19770302", 9)), ("关嘉欣", _of("20040911", 10))),
    **_family(range(17, 20), "440402004", "景山路7号听涛轩2栋602房",
              ("冯美玲", HonestShop.operator_id_no), ("郭志强", _of("19790112", 11)), ("郭子晴", _of("20120307", 12))),
    **_family(range(20, 23), "440402003", "春晖路40号朗悦湾1栋1502房",
              ("罗志强", MovedShop.operator_id_no), ("彭玉珍", _of("19780526", 14)), ("罗浩宇", _of("20061130", 13))),
    **_family(range(23, 26), "440402003", "福石路5号凤栖居9栋2101房",
              ("郑海波", FleetOwner.representative_id_no), ("赖惠芳", _of("19771018", 16)), ("郑欣怡", _of("20050203", 18))),
    **_family(range(26, 29), "440402002", "兴业路300号银滩华府7栋705房",
              ("潘伟", _of("19731205", 15)), ("许敏", _of("19740817", 16)), ("潘俊杰", _of("20010409", 17))),
    **_family(range(29, 33), "440402005", "迎宾南路1001号海晴花园11栋1703房",
              ("陈俊杰", Operations.party_id_no), ("林晓敏", _of("19880519", 4)), ("陈子轩", _of("20130901", 5)),
              ("陈梓涵", _of("20170722", 6))),
    **_family(range(33, 37), "440402001", "翠前北路12号安和小区1栋304房",
              ("李伟", Minor.guardian_id_no), ("黄丽", _of("19840928", 2)), ("李浩宇", Minor.id_no),
              ("李诗琪", _of("20160125", 8))),
}  # fmt: skip
PERSON_CHANGES[29]["key"] = parse_reference(Operations.party_ref)[1]
#: Second documents beside the one in the person's own row: person number → (type, number).
SECOND_DOCUMENTS = {2: ("111", MacauResident.residence_permit_no)}


def _entity(name: str, code: str, town: str, address: str, industry: str, established: str, **more: Any) -> Change:
    place = TOWN_BY_CODE[f"{town}000"]
    kind = {"92": "trader", "91": "company"}.get(code[:2], "other")
    return {
        "kind": kind, "industry": INDUSTRY_BY_CODE[industry], "town": place, "risk": "B", "status": "1",
        "established": date.fromisoformat(established).toordinal(), "uscc": code, "name": name, "division": place.code,
        "address": f"{place.prefix}{address}", "type": {"trader": "175", "company": "173"}.get(kind, "900"),
        "flags": NO_FLAGS, "version": 1, "moved_on": None, "capital": 200 if kind == "company" else 0, "chance": 0.55, **more,
    }  # fmt: skip


_FOOD_TOWNS = ("440402005", "440402003", "440402001", "440402004", "440402002")
_FOOD_TRADES = (("6291", "小吃店"), ("6210", "酒家"), ("5213", "便利店"), ("5212", "超市"), ("5224", "海鲜档"))
ENTITY_CHANGES: dict[int, Change] = {
    0: _entity("香洲区拱北梁记小吃店", Operations.shop_uscc, "440402005", "莲花路88号一层102号铺", "6291", "2021-03-16", owner=14,
               risk="C"),
    1: _entity("珠海市海昇食品有限公司", Operations.firm_uscc, "440402003", "福石路26号3栋2层", "1411", "2019-08-22", owner=29,
               risk="D", key=parse_reference(Operations.firm_ref)[1], capital=500),
    2: _entity("珠海市粤通达客运有限公司", FleetOwner.uscc, "440402003", "明珠南路1188号", "5422", "2012-05-08", owner=23, risk="C",
               capital=1_000),
    3: _entity(HonestShop.name, HonestShop.uscc, "440402004", "景山路19号一层", "6210", "2021-06-01", owner=17, risk="A"),
    4: _entity("香洲区前山好邻居便利店", MovedShop.uscc, "440402003", "春晖路52号103号铺", "5213", "2018-09-10", owner=20, version=2,
               moved_on=date.fromisoformat(MovedShop.moved_on), flags=[dirty.MOVED_DISTRICT]),
    5: _entity("珠海华顺商业连锁有限公司", DeadRepresentative.uscc, "440402002", "梅华西路402号", "5212", "2003-04-18", owner=5, risk="D"),
    6: _entity(FiveNames.names[-1], FiveNames.uscc, "440402005", "水湾路260号二层", "6210", "2016-02-29", owner=26, risk="C"),
    7: _entity("香洲区吉大嘉欣果蔬店", WithdrawnPenalty.uscc, "440402004", "石花路8号", "5223", "2022-11-11", owner=4),
    8: _entity("珠海市金湾区红旗股份合作经济联合社", "N2440499MF1X00015F", "440404103", "三板路1号", "0141", "2017-12-20", owner=26),
    9: _entity("珠海市云帆网络科技有限公司", uscc("91", "MA7X0009"), "440402001", "人民东路77号三层", "9013", "2015-07-03", owner=None,
               risk="C"),
    **{
        number: _entity(
            f"香洲区{TOWN_BY_CODE[town + '000'].short}{trade}{word}", uscc("92", f"MA7X00{number}"), town,
            f"{road}{number * 13}号一层", industry, f"20{10 + number % 12}-0{number % 9 + 1}-11", owner=None, risk="BCD"[number % 3],
        )
        for number, trade, road in (
            (10 + place, trade, road) for place, (trade, road) in enumerate(
                (trade, road) for trade in ("百味香", "老街坊", "福满堂", "聚福", "好又鲜", "海之韵") for road in
                ("莲花路", "福石路", "人民东路", "石花路")
            )
        ) if number < ENTITIES_OF_PERSONAS
        for town in (_FOOD_TOWNS[number % 5],)
        for industry, word in (_FOOD_TRADES[number // 5 % 5],)
    },
}  # fmt: skip
#: Places of business an entity left, beside today's: entity number → (division, address).
OLD_SITES = {4: ("440403107000", "广东省珠海市斗门区井岸镇江湾二路70号")}
#: Entity number → (reason, listed, removed).
LISTINGS: dict[int, tuple[str, date, date | None]] = {
    0: ("未在规定期限公示年度报告", date(2024, 7, 8), date(2024, 8, 20)),
    5: ("通过登记的住所或者经营场所无法联系", date(2025, 9, 1), None),
}
#: Entity number → (annual cap, done, planned, exempt reason) of 2026.
QUOTAS: dict[int, tuple[int, int, int, str | None]] = {
    0: (4, 3, 1, None),
    3: (1, 1, 0, None),
    1: (6, 6, 0, "投诉举报核查不受频次上限限制"),
}


def _car(owner_type: str, owner: int, **more: Any) -> Change:
    return {"owner_type": owner_type, "owner": owner, "ended": 0, "flags": NO_FLAGS, **more}


_COACH: Change = {"plate_type": "02", "model": "粤行牌YX6500", "type": "K31", "fuel": "B", "usage": "E", "status": "A"}
_PRIVATE: Change = {
    "plate_type": "02",
    "model": "启程牌QC7150",
    "type": "K33",
    "fuel": "A",
    "usage": "A",
    "status": "A",
}
_ENDED = date(2024, 5, 31).toordinal()
VEHICLE_CHANGES: dict[int, Change] = {
    0: _car("2", 2, **{**_COACH, "usage": "B"}, plate_no="粤C12A34", vin=vin("LZZABCDE", "RA000123"),
            registered=date(2023, 3, 21).toordinal(), chance=0.4),
    **{number: _car("2", 2, **_COACH, plate_no=f"粤C{number:02d}T{number * 7 % 100:02d}", chance=0.3 + number / 100)
       for number in range(1, 37)},
    37: _car("1", 3, **{**_PRIVATE, "status": "E"}, plate_no=ReusedPlate.plate_no, registered=date(2014, 9, 2).toordinal(),
             ) | {"ended": _ENDED, "flags": [dirty.PLATE_MOVED]},
    38: _car("1", 12, **_PRIVATE, plate_no=ReusedPlate.plate_no, registered=date(2024, 6, 20).toordinal(),
             ) | {"flags": [dirty.PLATE_MOVED]},
    39: _car("1", 29, **_PRIVATE, plate_no="粤C66B08", registered=date(2019, 5, 6).toordinal()),
    40: _car("1", 29, **{**_PRIVATE, "plate_type": "52", "model": "云湾牌YW7000BEV", "fuel": "C"}, plate_no="粤CF99040",
             registered=date(2023, 11, 9).toordinal()),
    41: _car("1", 2, **{**_PRIVATE, "plate_type": "27"}, plate_no=MacauResident.plate_no, registered=date(2018, 1, 30).toordinal()),
    42: _car("1", 7, **_PRIVATE, plate_no="粤C42F17"),
    43: _car("1", 1, **_PRIVATE, plate_no="粤C43G28"),
    44: _car("1", 0, **_PRIVATE, plate_no="粤C44H39"),
    45: _car("2", 1, **{**_PRIVATE, "model": "南驰牌NC5030", "type": "H32", "fuel": "B", "usage": "F"}, plate_no="粤C45J50"),
    46: _car("1", 33, **_PRIVATE, plate_no="粤C46K61"),
    47: _car("1", 5, **_PRIVATE, plate_no="粤C47L72"),
    48: _car("1", 20, **_PRIVATE, plate_no="粤C48M83"),
    49: _car("1", 17, **_PRIVATE, plate_no="粤C49N94"),
}  # fmt: skip
#: Certificates of persons: (last three of the type, person number).
CERTIFICATES = tuple(
    (kind, owner)
    for kinds, owners in (
        (("030", "034", "036"), (29, 30, 12, 14, 17, 20, 23, 26, 33, 4, 7)), (("040",), (29, 12)), (("031", "034"), (2,)),
        (("046",), (23,)), (("034", "030"), (0,)), (("030",), (1, 35)),
    )
    for kind in kinds
    for owner in owners
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class StagedOfficer:
    """An officer of a story: certificate number, organisation and person by row number."""

    cert_no: str
    org: int
    person: int
    expired: bool = False


OFFICERS = (
    StagedOfficer(cert_no=Operations.officer, org=1, person=52),
    StagedOfficer(cert_no=Operations.co_officers[0], org=1, person=54),
    StagedOfficer(cert_no=Operations.co_officers[1], org=2, person=53),
    StagedOfficer(cert_no=Operations.approver, org=1, person=55),
    StagedOfficer(cert_no=Operations.officer_without_task, org=1, person=56),
    StagedOfficer(cert_no=Operations.supervisor, org=3, person=58),
    StagedOfficer(cert_no=CuriousOfficer.cert_no, org=1, person=6),
    StagedOfficer(cert_no="19040130244", org=1, person=64, expired=True),
)
OFFICER_BY_CERT = {officer.cert_no: number for number, officer in enumerate(OFFICERS)}
