"""Legal entities: companies, sole traders, others. Entity `e` is a pure function; one in a hundred is watched closely."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from datasources.city import dirty
from datasources.city.casting import ENTITIES_OF_PERSONAS, ENTITY_CHANGES
from datasources.city.dice import stream
from datasources.city.identifiers import base31, uscc
from datasources.city.industries import FOOD_POOL, POOL, TRADE_NAMES, Industry
from datasources.city.people import Person, head, person
from datasources.city.places import TOWN_POOL, Town, street
from datasources.city.record import NO_FLAGS
from datasources.city.sizes import TODAY, Domain, Size, day, entity_key

COMPANY, TRADER, OTHER = "company", "trader", "other"
_TODAY = TODAY.toordinal()
_REFORM = date(2015, 10, 1).toordinal()
_TRADERS = date(2004, 1, 1).toordinal()


class Profile(NamedTuple):
    """What decides who inspects an entity: cheap to compute."""

    kind: str
    industry: Industry
    town: Town
    established: int
    status: str
    risk: str


class Entity(NamedTuple):
    """One legal entity, without the columns that follow from these."""

    number: int
    key: UUID
    uscc: str
    name: str
    kind: str
    type: str
    status: str
    industry: Industry
    established: int
    capital: int
    address: str
    division: str
    town: Town
    representative: Person
    risk: str
    flags: list[str]
    version: int
    moved_on: date | None
    chance: float


def hot(size: Size) -> int:
    """How many entities, those right after the personas, take a quarter of all inspections: one in a hundred."""
    return size.entities // 100


@lru_cache(maxsize=8192)
def profile(size: Size, seed: int, number: int) -> Profile:
    """The profile of entity `number`."""
    dice = stream(seed, Domain.PROFILE, number)
    lot, fate, spread = dice.random(), dice.random(), dice.random()
    watched = number < ENTITIES_OF_PERSONAS + hot(size)
    kind = COMPANY if lot < 0.52 or watched else TRADER if lot < 0.985 else OTHER
    pool = FOOD_POOL if watched and spread < 0.5 else POOL
    industry = pool[int(dice.random() * len(pool))]
    town = TOWN_POOL[int(dice.random() * 1000)]
    oldest = _TODAY - 9_000 if kind == COMPANY else _TRADERS
    established = oldest + int((1 - spread * spread) * (_TODAY - 60 - oldest))
    status = (
        "1" if fate < 0.7 or watched else "3" if fate < 0.93 else "2" if fate < 0.985 else "4" if fate < 0.993 else "5"
    )
    risk = "A" if lot * 7 % 1 < 0.42 else "B" if lot * 7 % 1 < 0.8 else "C" if lot * 7 % 1 < 0.95 else "D"
    found = Profile(kind, industry, town, established, status, risk)
    if number < ENTITIES_OF_PERSONAS:
        return found._replace(
            **{name: value for name, value in ENTITY_CHANGES[number].items() if name in Profile._fields}
        )
    return found


@lru_cache(maxsize=6_000)
def entity(size: Size, seed: int, number: int) -> Entity:
    """Entity `number` of the city."""
    known = profile(size, seed, number)
    dice = stream(seed, Domain.ENTITY, number)
    changes = ENTITY_CHANGES[number] if number < ENTITIES_OF_PERSONAS else {}
    owner = changes.get("owner")
    representative = head(size, seed, number * 7 + 3) if owner is None else person(size, seed, owner)
    town, industry = known.town, known.industry
    trade = TRADE_NAMES[int(dice.random() * len(TRADE_NAMES))]
    address = f"{town.prefix}{street(dice, town)}{int(dice.random() * 60) + 1}号铺" if known.kind == TRADER else (
        f"{town.prefix}{street(dice, town)}{int(dice.random() * 20) + 1}层{int(dice.random() * 30) + 1:02d}室"
    )  # fmt: skip
    fault, chance = dice.random(), dice.random()
    flags, division, name, moved_on = NO_FLAGS, town.code, _name(known, trade, representative, chance), None
    if fault < 0.005:
        flags, address = [dirty.FULLWIDTH_DIGITS], dirty.fullwidth(address)
    elif fault < 0.009:
        flags, name = [dirty.STRAY_SPACES], dirty.spaced(name)
    elif fault < 0.014:
        flags, division = [dirty.MISSING_TOWN], town.district
    elif fault < 0.020:
        flags, moved_on = [dirty.MOVED_DISTRICT], day(_TODAY - 30 - int(chance * 900))
    made = Entity(
        number, entity_key(number), _uscc(known, number), name, known.kind, _type(known, chance), known.status, industry,
        known.established, (10, 30, 50, 100, 200, 500, 1_000, 5_000)[int(chance * 8)] if known.kind == COMPANY else 0,
        address, division, town, representative, known.risk, flags, 2 if moved_on else 1, moved_on, chance,
    )  # fmt: skip
    return made._replace(**{key: value for key, value in changes.items() if key in Entity._fields})


def _name(known: Profile, trade: str, owner: Person, chance: float) -> str:
    town, industry = known.town, known.industry
    if known.kind == COMPANY:
        form = "股份有限公司" if chance > 0.97 else "有限责任公司" if chance > 0.9 else "有限公司"
        return f"珠海{'市' if chance < 0.6 else ''}{trade}{industry.company}{form}"
    if known.kind == TRADER:
        own = owner.name[:1] + "记" if chance < 0.35 else owner.name if chance < 0.6 and len(owner.name) < 5 else trade
        return f"{town.district_name}{town.short}{own}{industry.shop}"
    if chance < 0.5:
        return f"珠海市{town.district_name}{town.short}股份合作经济联合社"
    return f"珠海市{trade}{'行业协会' if chance < 0.8 else '社会服务中心'}"


def _uscc(known: Profile, number: int) -> str:
    if known.kind == OTHER:
        return uscc("N2", f"MF{base31(number + 29_791 * 31, 6)}")
    prefix = "91" if known.kind == COMPANY else "92"
    if known.established < _REFORM and known.kind == COMPANY:
        return uscc(prefix, f"7{number:07d}")
    return uscc(prefix, f"MA{base31(number + 5 * 31**5, 6)}")


def _type(known: Profile, chance: float) -> str:
    if known.kind == TRADER:
        return "175"
    if known.kind == OTHER:
        return "900"
    return "160" if chance > 0.97 else "230" if chance < 0.04 else "173" if chance < 0.6 else "159"


def drawn(size: Size, mark: int) -> int:
    """An entity number for any integer; never a persona's."""
    return ENTITIES_OF_PERSONAS + mark % (size.entities - ENTITIES_OF_PERSONAS)
