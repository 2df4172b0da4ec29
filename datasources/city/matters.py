"""Enforcement matters: what each organisation may inspect, punish and coerce, on which articles, at which amounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from datasources.city.acts import FIELDS, Field
from datasources.city.dice import stream
from datasources.city.organisations import XIANGZHOU_MARKET, orgs
from datasources.city.record import record
from datasources.city.regulations import CURRENT, article_key, numeral, regulations
from datasources.city.sizes import Domain, Size, day, instant, key
from datasources.city.values import yuan

PENALTY, COERCION, INSPECTION = "02", "03", "06"
#: Matters of the organisation that operation 06 lists; the rest are shared out evenly.
_XIANGZHOU = 150
_PER_TURN = {INSPECTION: 3, COERCION: 2, PENALTY: 20}
_ORDER = (0, 0, 1, 2, 3, 0, 4, 5, 1, 6, 7, 8, 9, 10, 11, 12, 2, 1, 13, 14, 15, 16, 17, 18, 19)
_V2 = date(2025, 1, 1).toordinal()
_CANCELLED = date(2025, 6, 30).toordinal()
_GRADES = (
    ("不予", "违法行为轻微并及时改正，没有造成危害后果", 0, 0), ("减轻", "主动消除或者减轻违法行为危害后果", 1, 3),
    ("从轻", "初次违法且货值金额较小", 3, 10), ("一般", "不具有从轻、从重情形", 10, 30), ("从重", "二年内因同类行为受过处罚或者拒不改正", 30, 100),
)  # fmt: skip


class Matter(NamedTuple):
    """One matter; `first` to `last` are ordinals, `versions` is 1 or 2, the second in force since 2025."""

    number: int
    key: UUID
    basic_code: str
    code: str
    name: str
    type: str
    org: int
    field: int
    act: str
    subject: str
    versions: int
    first: int
    last: int
    causes: tuple[tuple[str, str], ...]
    ceiling: int


def _item(field: Field, kind: str, order: int, shift: int) -> tuple[str, str, int, int]:
    """(who, act, number of the basic item, how often the field's items were used up before) of an organisation."""
    if kind == PENALTY:
        pool = field.penalties()
        again, place = divmod(order, len(pool))
        item = (place + shift * 7) % len(pool)
        return *pool[item], item, again
    acts = field.checks if kind == INSPECTION else field.measures
    again, place = divmod(order, len(acts))
    item = (place + shift) % len(acts)
    return "", acts[item], item, again


@lru_cache(maxsize=4)
def matters(size: Size, seed: int) -> tuple[Matter, ...]:
    """Every matter of the city."""
    made = []
    enforcing = [org for org in orgs(size) if org.field >= 0]
    others = [org for org in enforcing if org.number != XIANGZHOU_MARKET]
    for number in range(size.matters):
        if number < _XIANGZHOU:
            org, place = orgs(size)[XIANGZHOU_MARKET], number
        else:
            place, index = divmod(number - _XIANGZHOU, len(others))
            org = others[index]
        dice = stream(seed, Domain.MATTER, number)
        field = FIELDS[org.field]
        # Of twenty-five matters three are inspections and two coercion: 12 % and 8 %.
        turn, within = divmod(place, 25)
        kind = INSPECTION if within in (0, 8, 16) else COERCION if within in (5, 17) else PENALTY
        order = turn * _PER_TURN[kind] + _ORDER[within]
        subject, act, item, again = _item(
            field, kind, order, 0 if org.level == "2" or org.number == XIANGZHOU_MARKET else org.number
        )
        name = f"对{subject}{act}的处罚" if kind == PENALTY else f"实施{act}" if kind == INSPECTION else act
        name += f"（第{again + 1}类对象）" if again else ""
        level = {"2": "3", "3": "4", "4": "5"}[org.level]
        basic = f"44{kind}{field.number:02d}{item:03d}{again:03d}"
        cause = act if kind != PENALTY else f"{act}案"
        versions = 2 if number % 10 == 3 else 1
        last = _CANCELLED if number % 53 == 7 else 0
        made.append(
            Matter(
                number, key(Domain.MATTER, number), basic, f"{org.uscc}{level}{basic}", name, kind, org.number, org.field, act,
                subject, versions, date(2019, 7, 1).toordinal() + dice.randrange(900), last,
                tuple((f"AY{number:06d}{branch}", cause if branch == 0 else f"{subject}{cause}")
                      for branch in range(1 + (number % 5 == 0 and kind == PENALTY))),
                dice.choice((2_000, 5_000, 10_000, 20_000, 30_000, 50_000, 100_000, 500_000)),
            )
        )  # fmt: skip
    return tuple(made)


@lru_cache(maxsize=4)
def matters_of(size: Size, seed: int) -> dict[tuple[int, str], tuple[Matter, ...]]:
    """(organisation, type) → its matters that are not cancelled."""
    table: dict[tuple[int, str], list[Matter]] = {}
    for matter in matters(size, seed):
        if not matter.last:
            table.setdefault((matter.org, matter.type), []).append(matter)
    return {owner: tuple(found) for owner, found in table.items()}


def version_on(matter: Matter, filed: int) -> int:
    """The version a case filed on that day is filed under."""
    return 2 if matter.versions == 2 and filed >= _V2 else 1


@lru_cache(maxsize=4)
def _laws(size: Size, seed: int) -> dict[str, int]:
    return {made.title: made.number for made in regulations(size, seed)}


def basis(size: Size, seed: int, matter: Matter, version: int) -> tuple[tuple[int, int, str], ...]:
    """(regulation, article row, role) of a version: the duty, the sanction and the power; for the rest procedure, power."""
    titles = _laws(size, seed)
    found = [titles[law] for law in FIELDS[matter.field].laws if law in titles]
    own = found[matter.number % len(found)]
    procedure = titles["中华人民共和国行政处罚法" if matter.type == PENALTY else "中华人民共和国行政强制法"]
    row = matter.number * 3 % CURRENT
    old = CURRENT + row // 4
    duty = old if version == 1 and matter.versions == 2 else row
    if matter.type == PENALTY:
        return ((own, duty, "01"), (own, (row + 20) % CURRENT, "02"), (procedure, matter.number % CURRENT, "04"))
    return ((own, duty, "04"), (procedure, (matter.number + 9) % CURRENT, "03"))


def citation(size: Size, seed: int, matter: Matter, version: int) -> str:
    """The basis in words: 《…》第X条."""
    made = regulations(size, seed)
    parts = []
    for regulation, row, role in basis(size, seed, matter, version):
        if role in ("01", "02"):
            position = (row - CURRENT) * 4 + 1 if row >= CURRENT else row
            parts.append(f"《{made[regulation].title}》第{numeral(position + 1)}条")
    return "、".join(parts)


def _span(matter: Matter, version: int) -> tuple[date, date | None, str]:
    """(effective from, effective to, status) of a version."""
    if matter.versions == 2 and version == 1:
        return day(matter.first), day(_V2 - 1), "3"
    since = day(_V2) if version == 2 else day(matter.first)
    if matter.last:
        return since, day(matter.last), "3"
    return since, None, "2" if matter.number % 41 == 9 else "1"


def matter_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of mat.matter, one per version."""
    made = orgs(size)
    for matter in matters(size, seed)[start:stop]:
        org = made[matter.org]
        delegated = made[org.parent].uscc if org.level == "4" and org.parent >= 0 else None
        for version in range(1, matter.versions + 1):
            since, until, status = _span(matter, version)
            yield (
                matter.key, version, matter.basic_code, matter.code, matter.name, matter.type, org.uscc,
                matter.code[18], delegated, status, since, until,
                *record("ZS-SXK", org.uscc, matter.number * 0.618 % 1, version=version),
            )  # fmt: skip


def cause_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of mat.matter_cause."""
    for matter in matters(size, seed)[start:stop]:
        for code, name in matter.causes:
            yield code, matter.key, name


def basis_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of mat.matter_basis."""
    for matter in matters(size, seed)[start:stop]:
        for version in range(1, matter.versions + 1):
            for regulation, row, role in basis(size, seed, matter, version):
                yield matter.key, version, article_key(regulation, row), role


def discretion_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of mat.discretion: five grades per cause of a penalty."""
    number = 10 * start
    for matter in matters(size, seed)[start:stop]:
        number = matter.number * 10
        if matter.type != PENALTY:
            continue
        for code, _ in matter.causes:
            for grade, condition, low, high in _GRADES:
                floor, ceiling = matter.ceiling * low // 100, matter.ceiling * high // 100
                measure = f"处{floor}元以上{ceiling}元以下罚款" if high else "责令改正，不予行政处罚"
                yield key(Domain.DISCRETION, number), code, grade, condition, measure, yuan(floor), yuan(ceiling)
                number += 1


def supervision_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of mat.matter_supervision: all but one in seven matters are mapped to 互联网+监管."""
    for matter in matters(size, seed)[start:stop]:
        if matter.number % 7 == 6:
            continue
        yield (
            matter.code, f"44{FIELDS[matter.field].number}{matter.basic_code[6:9]}{matter.number:06d}",
            f"JCQD{matter.basic_code[4:9]}{matter.org:04d}", f"对{matter.subject or FIELDS[matter.field].name}{matter.act}的监管",
        )  # fmt: skip


def change_request_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of mat.change_request: one in twelve matters has been, or is being, changed."""
    made = orgs(size)
    for matter in matters(size, seed)[start:stop]:
        if matter.number % 12 == 5:
            turn = matter.number // 12
            state = ("3", "3", "1", "2", "4")[turn % 5]
            yield (
                key(Domain.CHANGE, matter.number), matter.key, "123"[turn % 3], made[matter.org].uscc, state,
                None if state == "1" else instant(_CANCELLED + turn % 400, 36_000 + turn % 20_000),
            )  # fmt: skip
