"""Enforcement organisations by the city's real structure, their jurisdiction, their officers and the officers' training."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from datasources.city.acts import FIELD_BY_NAME, FIELDS
from datasources.city.casting import OFFICERS
from datasources.city.dice import stream
from datasources.city.identifiers import uscc
from datasources.city.people import Person, head, person
from datasources.city.places import CITY, DISTRICTS, TOWNS, ZONES, Town
from datasources.city.record import POLICE, record
from datasources.city.sizes import TODAY, Domain, Size, day, key
from datasources.city.values import tenth

#: Row numbers of organisations that others refer to.
POLICE_ORG, XIANGZHOU_MARKET, CITY_TRANSPORT, CITY_JUSTICE, XIANGZHOU_JUSTICE = range(5)
_NO_FIELD = -1
_INITIALS = {"香洲区": "XZ", "斗门区": "DM", "金湾区": "JW"}
_SHORT = {
    "市场监管": ("市场监督管理局", "市监", "SJ"), "交通运输": ("交通运输局", "交", "JT"), "城市管理": ("城市管理和综合执法局", "城管", "CG"),
    "生态环境": ("生态环境局", "环", "HB"), "应急管理": ("应急管理局", "应急", "YJ"), "卫生健康": ("卫生健康局", "卫", "WJ"),
    "住房城乡建设": ("住房和城乡建设局", "建", "ZJ"), "文化旅游": ("文化广电旅游体育局", "文旅", "WL"), "农业农村和渔业": ("农业农村局", "农", "NY"),
    "水务": ("水务局", "水", "SW"), "自然资源": ("自然资源局", "自然资", "ZR"), "人力资源社会保障": ("人力资源和社会保障局", "人社", "RS"),
    "消防救援": ("消防救援支队", "消", "XF"), "教育": ("教育局", "教", "JY"), "医疗保障": ("医疗保障局", "医保", "YB"), "烟草专卖": ("烟草专卖局", "烟", "YC"),
}  # fmt: skip
_MARKET, _TRANSPORT, _URBAN = (FIELD_BY_NAME[name] for name in ("市场监管", "交通运输", "城市管理"))
_LEADING_DISTRICTS = (
    (_MARKET, "斗门区"), (_MARKET, "金湾区"), *((_URBAN, name) for name in DISTRICTS.values()),
)  # fmt: skip
_LEADING_TOWNS = TOWNS[:1] + TOWNS[2:5] + TOWNS[18:24:2]
_LEADING_ZONES = ("Z1", "Z2")


class Org(NamedTuple):
    """One enforcement organisation."""

    number: int
    key: UUID
    uscc: str
    name: str
    kind: str
    level: str
    parent: int
    division: str
    field: int
    prefix: str
    abbreviation: str
    reach: tuple[str, ...]


class Officer(NamedTuple):
    """One officer; `person` is the population record behind the officer."""

    number: int
    key: UUID
    cert_no: str
    org: int
    person: Person
    status: str
    valid_to: date


_Draft = tuple[str, str, str, str, int, str, str, tuple[str, ...]]


def _drafts() -> Iterator[_Draft]:
    """Organisations, the most needed first, so that a small city has what a large one begins with."""
    yield from _first()
    yield from _districts()
    yield from _zones()
    for town in TOWNS:
        if town not in _LEADING_TOWNS:
            yield _team(town)
    for town in TOWNS:
        name = f"珠海市{town.district_name}{town.short}市场监督管理所"
        yield name, "3", "4", town.code, _MARKET, f"ZHSJS{town.index:02d}", f"珠{town.short}市监", (town.code,)
    for round_number in range(1, 20):
        for index, field in enumerate(FIELDS):
            name, short, letters = _SHORT[field.name]
            yield (
                f"珠海市{name}综合行政执法第{round_number}大队", "3", "2", CITY, index, f"ZH{letters}D{round_number:02d}",
                f"珠{short}执{round_number}", (CITY,),
            )  # fmt: skip


def _first() -> Iterator[_Draft]:
    """Those with fixed row numbers, the bureaus of the city, and one of each kind below."""
    xiangzhou = "440402000000"
    yield "珠海市公安局", "1", "2", CITY, _NO_FIELD, "ZHGA", "珠公", (CITY,)
    yield "珠海市香洲区市场监督管理局", "1", "3", xiangzhou, _MARKET, "ZHXZ-CX", "珠香市监", (xiangzhou,)
    yield "珠海市交通运输局", "1", "2", CITY, _TRANSPORT, "ZHJT", "珠交", (CITY,)
    yield "珠海市司法局", "1", "2", CITY, _NO_FIELD, "ZHSF", "珠司", (CITY,)
    yield "珠海市香洲区司法局", "1", "3", xiangzhou, _NO_FIELD, "ZHXZSF", "珠香司", (xiangzhou,)
    for index, field in enumerate(FIELDS):
        if index != _TRANSPORT:
            name, short, letters = _SHORT[field.name]
            granted = field.name in ("消防救援", "烟草专卖")
            yield f"珠海市{name}", "2" if granted else "1", "2", CITY, index, f"ZH{letters}", f"珠{short}", (CITY,)
    for field_number, district in _LEADING_DISTRICTS:
        yield _district(field_number, district)
    for town in _LEADING_TOWNS:
        yield _team(town)
    for zone in _LEADING_ZONES:
        yield _zonal(_MARKET, zone)


def _districts() -> Iterator[_Draft]:
    for index in range(len(FIELDS)):
        for district in DISTRICTS.values():
            if (index, district) not in (*_LEADING_DISTRICTS, (_MARKET, "香洲区")):
                yield _district(index, district)


def _zones() -> Iterator[_Draft]:
    for index in range(12):
        for zone in ZONES:
            if index != _MARKET or zone not in _LEADING_ZONES:
                yield _zonal(index, zone)


def _district(field: int, district: str) -> _Draft:
    code = next(code for code, name in DISTRICTS.items() if name == district)
    name, short, letters = _SHORT[FIELDS[field].name]
    prefix = f"ZH{_INITIALS[district]}-{letters}"
    return f"珠海市{district}{name}", "1", "3", code, field, prefix, f"珠{district[0]}{short}", (code,)


def _zonal(field: int, zone: str) -> _Draft:
    name, short, letters = _SHORT[FIELDS[field].name]
    towns = tuple(town.code for town in TOWNS if town.zone == zone)
    label = ZONES[zone][0]
    short_zone = {"Z1": "琴", "Z2": "高", "Z3": "万", "Z4": "保", "Z5": "富"}[zone]
    prefix = f"ZH{zone}-{letters}"
    return f"{label}{name}", "1", "3", f"4404{zone}000000", field, prefix, f"珠{short_zone}{short}", towns


def _team(town: Town) -> _Draft:
    office = f"{town.name}办事处" if town.name.endswith("街道") else f"{town.name}人民政府"
    name = f"珠海市{town.district_name}{office}"
    return name, "1", "4", town.code, _URBAN, f"ZHZJ{town.code[4:9]}", f"珠{town.short}综执", (town.code,)


@lru_cache(maxsize=4)
def orgs(size: Size) -> tuple[Org, ...]:
    """The organisations of a city of that size."""
    made: list[Org] = []
    parents: dict[tuple[int, str], int] = {}
    for number, draft in zip(range(size.orgs), _drafts(), strict=False):
        name, kind, level, division, field, prefix, abbreviation, reach = draft
        code = {POLICE_ORG: POLICE, XIANGZHOU_MARKET: "1144049900700088X4"}.get(number)
        parent = CITY_JUSTICE if number == XIANGZHOU_JUSTICE else -1
        if division != CITY and field != _NO_FIELD:
            parent = parents.get((field, CITY), -1)
        parents.setdefault((field, division), number)
        made.append(
            Org(
                number, key(Domain.ORG, number), code or uscc("11", f"0071{number:04d}"), name, kind, level, parent, division,
                field, prefix, abbreviation, reach,
            )
        )  # fmt: skip
    return tuple(made)


@lru_cache(maxsize=4)
def competent(size: Size) -> dict[tuple[int, str], tuple[int, ...]]:
    """(field, town) → organisations that may act there, the nearest repeated so that it is drawn most often."""
    table: dict[tuple[int, str], tuple[int, ...]] = {}
    for field in range(len(FIELDS)):
        for town in TOWNS:
            near, city = [], []
            for org in orgs(size):
                if org.field == field and org.kind != "3":
                    if town.code in org.reach or (town.district in org.reach and not _zoned(size, field, town.code)):
                        near.append(org.number)
                    elif CITY in org.reach:
                        city.append(org.number)
            table[field, town.code] = tuple(near * 4 + city) if near else tuple(city)
    return table


def _zoned(size: Size, field: int, town: str) -> bool:
    return any(org.field == field and org.level == "3" and town in org.reach for org in orgs(size))


@lru_cache(maxsize=4)
def officers(size: Size, seed: int) -> tuple[Officer, ...]:
    """The officers: the personas' first, then every organisation in turn."""
    made = []
    for number in range(size.officers):
        dice = stream(seed, Domain.OFFICER, number)
        fate, until = dice.random(), TODAY.toordinal() + dice.randrange(60, 1_700)
        if number < len(OFFICERS):
            staged = OFFICERS[number]
            made.append(
                Officer(
                    number, key(Domain.OFFICER, number), staged.cert_no, staged.org, person(size, seed, staged.person),
                    "5" if staged.expired else "1", day(TODAY.toordinal() + (-75 if staged.expired else 900)),
                )
            )  # fmt: skip
            continue
        org = number % size.orgs
        # The person behind is the head of a household with a child: of working age, and behind one officer only.
        expired = fate < 0.02 and org > XIANGZHOU_JUSTICE
        status = "5" if expired else "2" if fate > 0.99 else "4" if fate > 0.985 else "1"
        made.append(
            Officer(
                number, key(Domain.OFFICER, number), f"1904{number % 90 + 10}{number:05d}", org, head(size, seed, number * 20 + 10 + number % 7),
                status, day(TODAY.toordinal() - 40 if expired else until),
            )
        )  # fmt: skip
    return tuple(made)


@lru_cache(maxsize=4)
def staff(size: Size, seed: int) -> tuple[tuple[Officer, ...], ...]:
    """The officers of every organisation by its number; those of personas are not drawn for cases."""
    table: list[list[Officer]] = [[] for _ in range(size.orgs)]
    for officer in officers(size, seed)[len(OFFICERS) :]:
        table[officer.org].append(officer)
    return tuple(tuple(members) for members in table)


def org_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of off.org."""
    del seed
    made = orgs(size)
    for org in made[start:stop]:
        yield (
            org.key, org.uscc, org.name, org.kind, org.level, made[org.parent].key if org.parent >= 0 else None,
            org.division, *record("SF-DWK", made[CITY_JUSTICE].uscc, org.number * 0.61 % 1),
        )  # fmt: skip


def jurisdiction_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of off.org_jurisdiction: every kind of matter, in the divisions the organisation reaches."""
    del seed
    for org in orgs(size)[start:stop]:
        if org.field == _NO_FIELD:
            continue
        since = date(2020, 11, 3) if org.level == "4" else date(2019, 1, 1)
        for division in org.reach:
            for matter_type in ("02", "03", "06"):
                yield org.key, division, matter_type, since, None


def officer_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of off.officer."""
    made = orgs(size)
    for officer in officers(size, seed)[start:stop]:
        org, who = made[officer.org], officer.person
        field = FIELDS[org.field].name if org.field != _NO_FIELD else "执法监督"
        pick = int(who.chance * 100)
        yield (
            officer.key, who.name, officer.cert_no, org.key, [field, "综合执法"] if org.level == "4" else [field],
            officer.valid_to, officer.status, ("科员", "一级科员", "副科长", "四级主任科员", "执法队员")[pick % 5],
            "1234"[pick % 10 // 3 if org.kind != "1" else pick % 2], who.id_no, who.mobile, who.born,
            "01" if pick < 45 else "13", who.education if who.education in ("20", "30") else "30",
            f"photo/officer/{officer.number}",
            *record("SF-DWK", org.uscc, who.chance),
        )  # fmt: skip


def training_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of off.training: two a year's courses per officer."""
    for officer in officers(size, seed)[start:stop]:
        for course in range(2):
            score = 58 + (officer.number * 37 + course * 11) % 42
            yield (
                key(Domain.TRAINING, officer.number * 2 + course),
                officer.key,
                tenth(160 + course * 200),
                tenth(score * 10),
            )
