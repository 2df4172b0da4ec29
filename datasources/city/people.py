"""Persons: families, dwellers of dormitories, and others who are named in records. Person `n` is a pure function.

Numbers 0 … families-1 live in family blocks of 52 persons in 20 households; then come the dormitories; then visitors and
residents of Hong Kong, Macau and Taiwan.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from random import Random
from typing import NamedTuple
from uuid import UUID

from datasources.city import dirty, names
from datasources.city.ages import DWELLER_SLOTS, DWELLERS, HEADS, PATTERN, PERIOD, dweller_ages, family_ages, identity
from datasources.city.casting import HOUSEHOLDS_OF_PERSONAS, PERSON_CHANGES
from datasources.city.dice import stream
from datasources.city.identifiers import AREA
from datasources.city.places import ORIGIN_POOL, TOWN_POOL, Town, home
from datasources.city.record import NO_FLAGS
from datasources.city.sizes import (
    BLOCK_HOUSEHOLDS,
    BLOCK_PERSONS,
    DORMITORY,
    TODAY,
    Domain,
    Size,
    day,
    person_key,
)

_PLACE = tuple((household, member) for household, roles in enumerate(PATTERN) for member in range(len(roles)))
_YEAR = TODAY.year
UNDER_14 = date(_YEAR - 14, TODAY.month, TODAY.day)
"""The latest day of birth of who is fourteen."""


class Person(NamedTuple):
    """One person as the population database has it, without the search form of the name and the record columns."""

    number: int
    key: UUID
    id_type: str
    id_no: str
    name: str
    former_name: str | None
    male: bool
    born: date
    ethnicity: str
    nationality: str
    mobile: str | None
    reg_division: str | None
    reg_address: str | None
    res_division: str
    res_address: str
    res_permit_no: str | None
    marital: str
    education: str
    died: date | None
    protection: int
    sealed: bool
    flags: list[str]
    role: str
    household: int
    town: Town
    chance: float

    @property
    def mark(self) -> int:
        """The mark that rows about this person carry elsewhere: 2 protected, 1 sealed or under fourteen, 0 neither."""
        if self.protection:
            return 2
        return int(self.sealed or self.born > UNDER_14)


def head_of(household: int) -> int:
    """The person number of the head of a family household."""
    block, place = divmod(household, BLOCK_HOUSEHOLDS)
    return block * BLOCK_PERSONS + HEADS[place]


class _Home(NamedTuple):
    """What the members of a family household share."""

    household: int
    first: int
    coupled: bool
    town: Town
    address: str
    numbered: bool
    origin: tuple[str, str, int] | None
    registered: str
    surnames: tuple[str, str]


@lru_cache(maxsize=12_000)
def family(seed: int, household: int) -> tuple[Person, ...]:
    """The members of a family household, head first."""
    return tuple(_members(seed, household, BLOCK_PERSONS))


@lru_cache(maxsize=16_000)
def _head(seed: int, household: int) -> Person:
    """The head alone: most look-ups want nobody else."""
    return _members(seed, household, 1)[0]


def _members(seed: int, household: int, limit: int) -> list[Person]:
    dice = stream(seed, Domain.FAMILY, household)
    roles = PATTERN[household % BLOCK_HOUSEHOLDS].upper()
    town = TOWN_POOL[int(dice.random() * 1000)]
    migrant = dice.random() < 0.4
    origin = ORIGIN_POOL[int(dice.random() * len(ORIGIN_POOL))] if migrant else None
    surnames = names.surname(dice, migrant=migrant), names.surname(dice, migrant=dice.random() < 0.4)
    numbered = dice.random() >= 0.004
    address = home(dice, town, numbered=numbered)
    registered = f"{origin[1]}石桥镇新塘村{int(dice.random() * 900) + 1}号" if origin else address
    coupled = len(roles) > 1 and roles[1] == "S"
    shared = _Home(household, head_of(household), coupled, town, address, numbered, origin, registered, surnames)
    members = [_member(seed, dice, shared, position, role) for position, role in enumerate(roles[:limit])]
    if household < HOUSEHOLDS_OF_PERSONAS:
        return [member._replace(**PERSON_CHANGES.get(member.number, {})) for member in members]
    return members


def _member(seed: int, dice: Random, shared: _Home, position: int, role: str) -> Person:
    ages, width = family_ages(seed)
    household, first, coupled, town, address, numbered, origin, registered, surnames = shared
    number = first + position
    male, year, rank = ages[number % PERIOD]
    id_no, born = identity(AREA, year, number // PERIOD * width + rank, male=male)
    own = surnames[1] if role in "SM" or (role == "C" and not ages[first % PERIOD][0] and coupled) else surnames[0]
    name, ethnicity = own + names.given(dice, year, male=male), "01"
    mobile = f"1990000{int(dice.random() * 10_000):04d}" if year < _YEAR - 11 else None
    chance, fault = dice.random(), dice.random()
    if origin and fault > 0.998:
        name, ethnicity = names.minority(dice), "05"
    flags, division = NO_FLAGS if numbered else [dirty.NO_HOUSE_NUMBER], town.code
    if fault < 0.016 and numbered:
        flags, division, mobile = _fault(fault, town, mobile)
    died = day(TODAY.toordinal() - int(chance * 3000)) if year < _YEAR - 66 and fault > 0.97 else None
    return Person(
        number, person_key(number), "111", id_no, name,
        own + names.given(dice, year, male=male) if 0.5 < fault < 0.515 else None, male, born, ethnicity, "CHN", mobile,
        f"{origin[0]}000000" if origin else town.code, registered, division, address,
        f"4404{number:014d}" if origin else None, _marital(role, year, chance, coupled=coupled), _education(year, chance), died,
        1 if fault > 0.9996 else 0, 0.3 < fault < 0.3008, flags, role, household, town, chance,
    )  # fmt: skip


def _marital(role: str, year: int, chance: float, *, coupled: bool) -> str:
    if role == "S" or (coupled and role == "H"):
        return "20"
    if role in "GM":
        return "30" if chance < 0.2 else "20"
    if year > _YEAR - 24 or role == "C":
        return "10"
    return "40" if chance < 0.3 else "20"


def _fault(fault: float, town: Town, mobile: str | None) -> tuple[list[str], str, str | None]:
    """One of four faults of a resident's record: its label, the division and the telephone number as recorded."""
    if fault < 0.004 and mobile:
        return [dirty.FULLWIDTH_DIGITS], town.code, dirty.fullwidth(mobile)
    if fault < 0.008 and mobile:
        return [dirty.STRAY_SPACES], town.code, dirty.spaced(mobile)
    if fault < 0.012:
        return [dirty.MISSING_TOWN], town.district, mobile
    return [dirty.DOUBLE_IDENTITY], town.code, mobile


def _education(year: int, chance: float) -> str:
    age = _YEAR - year
    if age < 16:
        return "90" if age < 7 else "80" if age < 13 else "70"
    if age < 19:
        return "60"
    if age < 45:
        return "20" if chance < 0.35 else "30" if chance < 0.55 else "60" if chance < 0.75 else "70"
    return "20" if chance < 0.1 else "60" if chance < 0.35 else "70" if chance < 0.75 else "80"


@lru_cache(maxsize=4096)
def dweller(size: Size, seed: int, number: int) -> Person:
    """A person of a dormitory, or one who only is named in records (visitors, Hong Kong, Macau, Taiwan, abroad)."""
    place = number - size.families
    dice = stream(seed, Domain.DWELLER, place)
    ages, width = dweller_ages(seed)
    male, year, rank = ages[place % DWELLERS]
    slot = DWELLER_SLOTS + place // DWELLERS * width + rank
    resident = place < size.collective
    kind = 99 if resident else (place - size.collective) * 37 % 100
    # A dormitory stands in one town, whoever lives there.
    town = TOWN_POOL[place // DORMITORY * 611 % 1000 if resident else int(dice.random() * 1000)]
    address = (
        f"{town.prefix}工业路{place // DORMITORY % 300 + 1}号宿舍{place % DORMITORY + 101}房"
        if resident
        else home(dice, town)
    )
    id_type, area, nationality = _document(kind)
    id_no, born = identity(area if area.isdigit() else AREA, year, slot, male=male)
    migrant = dice.random() < 0.7
    name = names.surname(dice, migrant=migrant) + names.given(dice, year, male=male)
    chance, mobile = dice.random(), f"1990000{int(dice.random() * 10_000):04d}"
    if nationality in ("PRT", "GBR", "USA") or (area == "820000" and chance < 0.12):
        name = names.foreign(dice)
    if id_type != "111":
        id_no = _travel_number(id_type, place, area)
    origin = ORIGIN_POOL[int(dice.random() * len(ORIGIN_POOL))] if nationality == "CHN" and id_type == "111" else None
    flags = NO_FLAGS
    if resident and place % 100 in (40, 41) and place // DORMITORY < 400:
        # Two living people with one number: the second holds it by a household register.
        flags = [dirty.SHARED_NUMBER]
        if place % 100 == 41:
            holder = dweller(size, seed, number - 1)
            id_type, id_no, born, male = "113", holder.id_no, holder.born, holder.male
    return Person(
        number, person_key(number), id_type, id_no, name, None, male, born, "01", nationality,
        mobile, f"{origin[0]}000000" if origin else None,
        f"{origin[1]}石桥镇新塘村{place % 900 + 1}号" if origin else None,
        town.code, address, f"4404{number:014d}" if origin and resident else None,
        "10" if year > _YEAR - 25 else "20", _education(year, chance), None, 0, chance > 0.9992, flags,
        "D" if resident else "O", size.family_households + place // DORMITORY if resident else -1, town, chance,
    )  # fmt: skip


def _document(kind: int) -> tuple[str, str, str]:
    """(document type, area of the number, nationality) for one hundredth of the persons outside families."""
    if kind < 32:
        return "111", "820000", "MAC"
    if kind < 42:
        return "111", "810000", "HKG"
    if kind < 52:
        return "111", "830000", "TWN"
    if kind < 68:
        return "516", "M" if kind < 64 else "H", "MAC" if kind < 64 else "HKG"
    if kind < 72:
        return "511", AREA, "TWN"
    if kind < 82:
        return "414", AREA, ("PRT", "GBR", "USA")[kind % 3]
    return "111", AREA, "CHN"


def _travel_number(id_type: str, place: int, letter: str) -> str:
    if id_type == "516":
        return f"{letter}99{place:06d}"
    return f"99{place:06d}" if id_type == "511" else f"X{place:08d}"


def person(size: Size, seed: int, number: int) -> Person:
    """Person `number` of the city."""
    if number >= size.families:
        return dweller(size, seed, number)
    block, place = divmod(number, BLOCK_PERSONS)
    household, member = _PLACE[place]
    return family(seed, block * BLOCK_HOUSEHOLDS + household)[member]


def head(size: Size, seed: int, mark: int) -> Person:
    """A grown-up: the head of the family household that any integer points at, never a persona."""
    return _head(seed, HOUSEHOLDS_OF_PERSONAS + mark % (size.family_households - HOUSEHOLDS_OF_PERSONAS))
