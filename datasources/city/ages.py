"""The age pyramid, and identity numbers that never repeat although none is remembered.

Sex and birth year follow from a person's place in a period that repeats: 64 family blocks, or a thousand dwellers. The rank
of a place among those of its sex and year, and the number of the period, give a slot that no other person of that sex and
year has; the slot gives birthday and order.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from datasources.city.dice import stream
from datasources.city.identifiers import resident_number
from datasources.city.sizes import BLOCK_HOUSEHOLDS, BLOCK_PERSONS, TODAY, Domain

#: Households of a block: H head, S spouse, C child, G and M the head's father and mother. Lower-case: elders.
PATTERN = (
    "H",
    "H",
    "H",
    "H",
    "H",
    "h",
    "HS",
    "hs",
    "HC",
    "HS",
    *["HSC"] * 5,
    "HSCC",
    "HSCC",
    "HSCG",
    "HSCGM",
    "HSCCGM",
)
HEADS = tuple(sum(len(roles) for roles in PATTERN[:index]) for index in range(BLOCK_HOUSEHOLDS))
_PERIOD_BLOCKS = 64
PERIOD = _PERIOD_BLOCKS * BLOCK_PERSONS
DWELLERS = 1_000
#: Slots below are for families.
DWELLER_SLOTS = 60_000
_SLOTS = 365 * 490
_SCRAMBLE = 86_453
_YEAR = TODAY.year
#: (month, day, "mmdd") of the 365 days that every year has.
_CALENDAR = tuple(
    (on.month, on.day, f"{on:%m%d}")
    for on in (date.fromordinal(date(2025, 1, 1).toordinal() + place) for place in range(365))
)

Ages = tuple[tuple[bool, int, int], ...]


def _ranked(drawn: list[tuple[bool, int]]) -> tuple[Ages, int]:
    """(male, birth year, rank among those of the same sex and year) of each place, and the largest number of ranks."""
    counts: dict[tuple[bool, int], int] = {}
    ages = []
    for male, year in drawn:
        rank = counts.get((male, year), 0)
        counts[male, year] = rank + 1
        ages.append((male, year, rank))
    return tuple(ages), max(counts.values())


@lru_cache(maxsize=8)
def family_ages(seed: int) -> tuple[Ages, int]:
    """Sex and birth year of the 3,328 places of a period of family blocks."""
    dice = stream(seed, Domain.PYRAMID, 0)
    drawn: list[tuple[bool, int]] = []
    for _ in range(_PERIOD_BLOCKS):
        for roles in PATTERN:
            elder = roles[0] == "h"
            head = dice.randint(58, 88) if elder else dice.randint(22, 58) if len(roles) < 3 else dice.randint(27, 55)
            male = dice.random() < (0.78 if len(roles) > 1 else 0.55)
            for role in roles.upper():
                if role == "H":
                    drawn.append((male, _YEAR - head))
                elif role == "S":
                    drawn.append((not male, _YEAR - max(22, head + dice.randint(-6, 3))))
                elif role == "C":
                    drawn.append((dice.random() < 0.53, _YEAR - min(32, max(1, head - dice.randint(22, 34)))))
                else:
                    drawn.append((role == "G", _YEAR - min(96, head + dice.randint(22, 31))))
    return _ranked(drawn)


@lru_cache(maxsize=8)
def dweller_ages(seed: int) -> tuple[Ages, int]:
    """Sex and birth year of a period of a thousand grown-ups outside families."""
    dice = stream(seed, Domain.PYRAMID, 1)
    return _ranked([(dice.random() < 0.56, _YEAR - int(dice.triangular(19, 68, 30))) for _ in range(DWELLERS)])


def identity(area: str, year: int, slot: int, *, male: bool) -> tuple[str, date]:
    """The identity number and birth date of one slot of a birth year; orders below 20 are left to the personas."""
    scrambled = (slot * _SCRAMBLE + year * 7_919 + male * 40_123) % _SLOTS
    order, place = divmod(scrambled, 365)
    month, day_of_month, text = _CALENDAR[place]
    return resident_number(f"{area}{year}{text}{20 + order * 2 + male:03d}"), date(year, month, day_of_month)
