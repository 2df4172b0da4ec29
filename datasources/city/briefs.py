"""What a case starts from: kind, day, subject, place, organisation, matter. The course it takes is in `cases`.

Numbers of cases: the staged ones first, then inspections, penalties and coercion, each in the order of filing.
"""

from __future__ import annotations

from typing import NamedTuple

from datasources.city.acts import FIELD_BY_NAME
from datasources.city.casting import ENTITIES_OF_PERSONAS
from datasources.city.dice import stream
from datasources.city.entities import drawn, hot, profile
from datasources.city.matters import COERCION, INSPECTION, PENALTY, Matter, matters_of
from datasources.city.organisations import XIANGZHOU_MARKET, competent, orgs
from datasources.city.people import head
from datasources.city.places import TOWN_POOL, Town
from datasources.city.sizes import Domain, Size, day
from datasources.city.staging import STAGED, StagedCase
from datasources.city.workdays import day_at

INSPECT, PUNISH, COERCE = "1", "2", "3"
_TYPES = {INSPECT: INSPECTION, PUNISH: PENALTY, COERCE: COERCION}
_LETTERS = {INSPECT: "JC", PUNISH: "CF", COERCE: "QZ"}
_STREET = tuple(FIELD_BY_NAME[name] for name in ("城市管理", "城市管理", "市场监管", "交通运输"))


class Brief(NamedTuple):
    """The start of a case; `owner` is ("e", entity number) or ("p", person number)."""

    number: int
    kind: str
    case_no: str
    filed: int
    owner: tuple[str, int]
    town: Town
    org: int
    matter: Matter
    source: str
    origin: int
    repeat: bool
    staged: StagedCase | None


def total(size: Size) -> int:
    """The number of cases, staged ones included."""
    return len(STAGED) + size.cases


def kind_of(size: Size, number: int) -> tuple[str, int]:
    """The kind of a case that is not staged, and its rank within the kind."""
    rank = number - len(STAGED)
    if rank < size.inspections:
        return INSPECT, rank
    rank -= size.inspections
    return (PUNISH, rank) if rank < size.penalties else (COERCE, rank - size.penalties)


def origin_of(size: Size, rank: int) -> int:
    """The inspection (by rank) that would have led to penalty `rank`, filed a few days before it."""
    return max(0, int((rank + 0.5) / size.penalties * size.inspections) - 4 * size.inspections // 1_100 - 1)


def found_here(rank: int) -> bool:
    """Whether penalty `rank` came out of an inspection: six in ten do."""
    return rank * 7 % 10 < 6


def followup_of(size: Size, inspection: int) -> int | None:
    """The rank of the penalty that inspection `inspection` led to, if any."""
    near = int((inspection + 4 * size.inspections // 1_100 + 1) / size.inspections * size.penalties)
    for rank in range(max(0, near - 1), min(size.penalties, near + 2)):
        if origin_of(size, rank) == inspection and found_here(rank):
            return rank
    return None


def case_number(prefix: str, kind: str, filed: int, rank: int) -> str:
    """The number of a case; serials of chance begin at 0100001, lower ones belong to the staged cases."""
    return f"{prefix}-{day(filed).year}-{_LETTERS[kind]}-{rank + 100_001:07d}"


def _entity(size: Size, seed: int, marks: tuple[float, float, float], filed: int) -> int:
    """An entity in business on that day; a quarter of the draws go to the one in a hundred that are watched."""
    first, second, third = marks
    if first < 0.25:
        return ENTITIES_OF_PERSONAS + int(hot(size) * second**1.6)
    mark = int(second * 2**40)
    for _ in range(6):
        number = drawn(size, mark)
        known = profile(size, seed, number)
        if known.established < filed and (known.status == "1" or third < 0.1):
            return number
        mark += 7_919
    return ENTITIES_OF_PERSONAS + int(hot(size) * third)


def _matter(size: Size, seed: int, org: int, kind: str, pick: float) -> tuple[int, Matter]:
    """A matter of the organisation, or of the district's market authority when it has none of the kind."""
    found = matters_of(size, seed).get((org, _TYPES[kind]))
    if not found:
        org, found = XIANGZHOU_MARKET, matters_of(size, seed)[XIANGZHOU_MARKET, _TYPES[kind]]
    # Squared: a few causes make most cases.
    return org, found[int(pick * pick * len(found))]


def brief(size: Size, seed: int, number: int) -> Brief:
    """The start of case `number`."""
    if number < len(STAGED):
        return _staged(size, seed, number)
    kind, rank = kind_of(size, number)
    dice = stream(seed, Domain.BASIS, number)
    count = {INSPECT: size.inspections, PUNISH: size.penalties, COERCE: size.coercions}[kind]
    filed = day_at((rank + 0.5) / count)
    marks = dice.random(), dice.random(), dice.random()
    pick, choice, lot = dice.random(), dice.random(), dice.random()
    origin, source = -1, "4" if kind == INSPECT and lot < 0.35 else "1" if lot < 0.9 else "5"
    repeat = lot > 0.92 and kind == PUNISH
    owner: tuple[str, int]
    if kind == PUNISH and found_here(rank):
        origin = origin_of(size, rank)
        first = brief(size, seed, len(STAGED) + origin)
        org, matter = _matter(size, seed, first.org, kind, pick)
        return Brief(
            number, kind, case_number(orgs(size)[org].prefix, kind, filed, rank), filed, first.owner, first.town, org, matter,
            "1", origin, repeat, None,
        )  # fmt: skip
    if kind != INSPECT:
        source = ("2", "2", "3", "6", "5", "1")[int(lot * 60) % 6]
    if kind != INSPECT and marks[0] > 0.5:
        who = head(size, seed, int(marks[1] * 2**40))
        owner, town = ("p", who.number), TOWN_POOL[int(choice * 1000)]
        field = _STREET[int(marks[2] * 4)]
    else:
        entity_number = _entity(size, seed, marks, filed)
        if repeat:
            entity_number = ENTITIES_OF_PERSONAS + int(hot(size) * choice**3)
        known = profile(size, seed, entity_number)
        owner, town, field = ("e", entity_number), known.town, known.industry.field
    able = competent(size)[field, town.code]
    org, matter = _matter(size, seed, able[int(choice * 1e6) % len(able)], kind, pick)
    return Brief(
        number, kind, case_number(orgs(size)[org].prefix, kind, filed, rank), filed, owner, town, org, matter, source, origin,
        repeat, None,
    )  # fmt: skip


def _staged(size: Size, seed: int, number: int) -> Brief:
    staged = STAGED[number]
    candidates = matters_of(size, seed)[staged.org, _TYPES[staged.kind]]
    wanted = [matter for matter in candidates if staged.act in matter.name] or list(candidates)
    wanted.sort(key=lambda matter: (matter.versions, matter.number))
    return Brief(
        number, staged.kind, staged.case_no, staged.filed.toordinal(), staged.owner, staged.place, staged.org,
        wanted[0], staged.source, -1, staged.repeat, staged,
    )  # fmt: skip
