"""Real property: every tenth unit is the shop of an entity, the others are flats of households. Unit `u` is pure."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from datasources.city import dirty
from datasources.city.dice import stream
from datasources.city.entities import drawn, entity, profile
from datasources.city.identifiers import unit_number
from datasources.city.people import Person, family, head
from datasources.city.places import Town, home
from datasources.city.population import landlord, owns
from datasources.city.record import NO_FLAGS, record
from datasources.city.sizes import TODAY, Domain, Size, day, key
from datasources.city.values import cents, ratio, yuan

_OFFICE = "11440499007100259R"
_TODAY = TODAY.toordinal()


class Holder(NamedTuple):
    """One right holder: name, document kind (TD/T 1066), number, share of the right in millionths, mark."""

    name: str
    id_type: str
    id_no: str
    share: int
    mark: int = 0


class Unit(NamedTuple):
    """One real-property unit and who holds it."""

    number: int
    unit_no: str
    location: str
    division: str
    shop: bool
    holders: tuple[Holder, ...]
    registered: int
    area: int
    flags: list[str]
    chance: float


def _number(unit: int, town: Town) -> str:
    return unit_number(town.index + 1, unit // 100_000 + 1, unit % 100_000, unit % 41 + 1, unit % 9_973 + 1)


def shop_unit(size: Size, seed: int, entity_number: int) -> str | None:
    """The unit number of an entity's shop, when the registry knows it."""
    unit = entity_number * 10 + 9
    return _number(unit, profile(size, seed, entity_number).town) if unit < size.units else None


def _person(who: Person, share: int = 1_000_000) -> Holder:
    kind = "1" if who.id_type == "111" else "2" if who.id_type in ("511", "516") else "3"
    return Holder(who.name, kind, who.id_no, share, who.mark)


@lru_cache(maxsize=5_000)
def unit(size: Size, seed: int, number: int) -> Unit:
    """Unit `number` of the city."""
    dice = stream(seed, Domain.UNIT, number)
    chance, age, fault = dice.random(), dice.random(), dice.random()
    registered = _TODAY - 30 - int(age * 7_500)
    rank, last = divmod(number, 10)
    if last == 9 and rank < size.entities:
        shop = entity(size, seed, rank)
        owner = _person(head(size, seed, number * 3 + 1))
        holder = Holder(shop.name, "7", shop.uscc, 1_000_000) if chance < 0.5 else owner
        return Unit(
            number, _number(number, shop.town), shop.address, shop.town.code, True, (holder,), registered,
            2_000 + int(chance * 40_000), NO_FLAGS, chance,
        )  # fmt: skip
    flat = number - rank
    household = flat % size.family_households
    members = family(seed, household)
    town = members[0].town
    location = members[0].res_address if flat < size.family_households else home(dice, town)
    holders = _holders(size, seed, household, members, chance)
    flags, division = NO_FLAGS, town.code
    if dirty.NO_HOUSE_NUMBER in members[0].flags and flat < size.family_households:
        flags = [dirty.NO_HOUSE_NUMBER]
    elif fault < 0.008:
        flags, division = [dirty.MISSING_TOWN], town.district
    elif fault < 0.013:
        flags, location = [dirty.NO_HOUSE_NUMBER], home(dice, town, numbered=False)
    return Unit(
        number, _number(number, town), location, division, False, holders, registered, 3_500 + int(chance * 12_000), flags,
        chance,
    )  # fmt: skip


def _holders(size: Size, seed: int, household: int, members: tuple[Person, ...], chance: float) -> tuple[Holder, ...]:
    if not owns(members):
        if household % 17 == 3:
            firm = entity(size, seed, drawn(size, household * 3))
            return (Holder(firm.name, "7", firm.uscc, 1_000_000),)
        return (_person(landlord(size, seed, household)),)
    if len(members) > 1 and members[1].role == "S" and chance < 0.72:
        return _person(members[0], 500_000), _person(members[1], 500_000)
    return (_person(members[0]),)


def unit_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of rea.unit."""
    for number in range(start, stop):
        made = unit(size, seed, number)
        built = 1992 + int(made.chance * 32)
        yield (
            made.unit_no, made.location, made.division, "31" if made.shop else "11", cents(made.area),
            cents(made.area // 5), "0501" if made.shop else "0701", day(_TODAY + 9_000 + int(made.chance * 12_000)),
            str(1 + int(made.chance * 28)), built, *record("ZR-BDC", _OFFICE, made.chance, flags=made.flags),
        )  # fmt: skip


def right_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of rea.right of the units `start` to `stop`."""
    for number in range(start, stop):
        made = unit(size, seed, number)
        registered = day(made.registered)
        joint = len(made.holders) > 1
        price = yuan(made.area // 100 * (14_000 + int(made.chance * 22_000)) // 1_000 * 1_000)
        for place, holder in enumerate(made.holders):
            yield (
                key(Domain.RIGHT, number * 2 + place), made.unit_no,
                f"粤({registered.year})珠海市不动产权第{number * 2 + place:07d}号", "4", "102", holder.name, holder.id_type,
                holder.id_no, "2" if joint else "1", ratio(holder.share), registered, price, holder.mark,
            )  # fmt: skip


def encumbrance_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of rea.encumbrance: mortgages on three in ten units, few seizures, objections and rights of dwelling."""
    for number in range(start, stop):
        made = unit(size, seed, number)
        lot = made.chance * 41 % 1
        if lot < 0.3:
            ended = (
                day(min(_TODAY - 5, made.registered + 4_000))
                if lot < 0.1 and made.registered < _TODAY - 4_100
                else None
            )
            amount = made.area // 100 * 11_000 // 1_000 * 1_000
            yield key(Domain.ENCUMBRANCE, number), made.unit_no, "1", yuan(amount), day(made.registered), ended
        elif lot < 0.31:
            kind = "2" if lot < 0.306 else "3" if lot < 0.308 else "4"
            begins = max(made.registered, _TODAY - 600)
            yield key(Domain.ENCUMBRANCE, number), made.unit_no, kind, None, day(begins), None
