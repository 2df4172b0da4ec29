"""How large the city is, its days, and the numbers its things are known by.

A row of the city is a pure function of (size, seed, row number): nothing is kept between rows and nothing depends on
the wall clock. The city's "today" is `TODAY`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from uuid import UUID

SEED = 20201103
TODAY = date(2026, 11, 5)
FIRST_CASE_DAY = date(2023, 11, 6)
CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 5, 9, 30, tzinfo=CHINA)

#: A family block: 20 households of 52 persons, the pattern is in `people`.
BLOCK_PERSONS = 52
BLOCK_HOUSEHOLDS = 20
#: Persons to a collective household (集体户: dormitories).
DORMITORY = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Size:
    """Numbers of things in a city. L is Zhuhai one to one, M a tenth, S a hundredth.

    Compared and hashed by identity, for it is part of the key of every cache.
    """

    name: str
    blocks: int
    collective: int
    others: int
    entities: int
    matters: int
    regulations: int
    orgs: int
    officers: int
    units: int
    vehicles: int
    personal_certificates: int
    inspections: int
    penalties: int
    coercions: int
    transfers: int

    @property
    def families(self) -> int:
        """Persons who live in a family household; they come first in the numbering of persons."""
        return self.blocks * BLOCK_PERSONS

    @property
    def residents(self) -> int:
        return self.families + self.collective

    @property
    def persons(self) -> int:
        return self.residents + self.others

    @property
    def family_households(self) -> int:
        return self.blocks * BLOCK_HOUSEHOLDS

    @property
    def households(self) -> int:
        return self.family_households + -(-self.collective // DORMITORY)

    @property
    def cases(self) -> int:
        return self.inspections + self.penalties + self.coercions


S = Size(
    name="S", blocks=425, collective=500, others=2_400, entities=4_200, matters=600, regulations=120,
    orgs=40, officers=120, units=11_000, vehicles=9_500, personal_certificates=6_000,
    inspections=7_500, penalties=600, coercions=75, transfers=6,
)  # fmt: skip
M = Size(
    name="M", blocks=4_250, collective=5_000, others=24_000, entities=42_000, matters=6_000,
    regulations=1_200, orgs=260, officers=600, units=110_000, vehicles=95_000, personal_certificates=60_000,
    inspections=75_000, penalties=6_000, coercions=750, transfers=18,
)  # fmt: skip
L = Size(
    name="L", blocks=45_000, collective=160_000, others=300_000, entities=420_000, matters=6_000,
    regulations=1_200, orgs=260, officers=6_000, units=1_100_000, vehicles=950_000, personal_certificates=600_000,
    inspections=750_000, penalties=60_000, coercions=7_500, transfers=180,
)  # fmt: skip
SIZES = {size.name: size for size in (S, M, L)}


class Domain:
    """Numbers that keep the streams of chance apart; also the high half of the uuids that are not subjects."""

    FAMILY = 1
    DWELLER = 2
    ENTITY = 3
    VEHICLE = 4
    UNIT = 5
    CASE = 7
    MATTER = 8
    REGULATION = 9
    ARTICLE = 10
    ORG = 11
    OFFICER = 12
    PYRAMID = 13
    SITE = 14
    LISTING = 15
    RIGHT = 16
    ENCUMBRANCE = 17
    PARTY = 18
    DOCUMENT = 19
    EVIDENCE = 20
    RECORDING = 21
    COERCION = 22
    TRANSFER = 23
    DRAW = 24
    REVIEW = 25
    TRAINING = 26
    USE = 27
    DISCRETION = 28
    CHANGE = 29
    PROFILE = 30
    BASIS = 31


def key(domain: int, number: int) -> UUID:
    """The uuid of a thing that is not a subject."""
    return UUID(int=domain << 80 | 0x8000 << 48 | number)


#: Subject keys grow with the row number, in steps that leave no run of consecutive references.
_SUBJECT_BASE = 32**5
_STEP = 64


def person_key(number: int) -> UUID:
    """The uuid of person `number`: a small integer of six base-32 digits, never that of an entity."""
    return UUID(int=_SUBJECT_BASE + number * _STEP + number * 2654435761 % 61)


def entity_key(number: int) -> UUID:
    """The uuid of entity `number`: a small integer of six base-32 digits, never that of a person."""
    return UUID(int=_SUBJECT_BASE + number * _STEP + 61 + number * 7 % 3)


def instant(day: int, second: int) -> datetime:
    """`second` of the day of ordinal `day`, China time."""
    return _MIDNIGHT[day - _FIRST] + timedelta(seconds=second)


_FIRST = date(2004, 1, 1).toordinal()
_MIDNIGHT = [
    datetime.combine(date.fromordinal(ordinal), datetime.min.time(), CHINA)
    for ordinal in range(_FIRST, date(2028, 1, 1).toordinal())
]
_DAY_FIRST = date(1890, 1, 1).toordinal()
_DAYS = [date.fromordinal(ordinal) for ordinal in range(_DAY_FIRST, date(2100, 1, 1).toordinal())]


def day(ordinal: int) -> date:
    """The date of a proleptic ordinal between 1890 and 2099."""
    return _DAYS[ordinal - _DAY_FIRST]
