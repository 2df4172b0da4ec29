"""Rows of the population database: persons, their documents, households, people registered from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from datasources.city import dirty
from datasources.city.casting import SECOND_DOCUMENTS
from datasources.city.identifiers import AREA, resident_number
from datasources.city.names import pinyin
from datasources.city.people import UNDER_14, Person, dweller, family, head, person
from datasources.city.record import POLICE, record
from datasources.city.sizes import DORMITORY, TODAY, Size, day

_TODAY = TODAY.toordinal()
_UNDER_18 = date(TODAY.year - 18, TODAY.month, TODAY.day)
#: Relation to the head (GB/T 4761): role → (male, female).
_RELATIONS = {
    "H": ("02", "02"), "S": ("11", "12"), "C": ("20", "30"), "G": ("51", "51"), "M": ("52", "52"), "B": ("73", "77"),
    "D": ("99", "99"),
}  # fmt: skip


def person_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of pop.person."""
    for number in range(start, stop):
        (
            _, key, id_type, id_no, name, former, male, born, ethnicity, nationality, mobile, reg_division, reg_address,
            res_division, res_address, permit, marital, education, died, protection, sealed, flags, _, _, _, chance,
        ) = person(size, seed, number)  # fmt: skip
        yield (
            key, id_type, id_no, name, pinyin(name), former, "1" if male else "2", born, ethnicity, nationality, mobile,
            reg_division, reg_address, res_division, res_address, permit, marital, education, f"photo/{key.int:x}", died,
            born > UNDER_14, born > _UNDER_18, protection,
            *record("GA-RKK", POLICE, chance, sealed=sealed, flags=flags),
        )  # fmt: skip


def document_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of pop.id_document: today's document, and the closed one of those who once had two."""
    for number in range(start, stop):
        who = person(size, seed, number)
        if dirty.SHARED_NUMBER in who.flags and who.id_type == "113":
            yield "113", who.id_no, who.key, "珠海市公安局", day(_TODAY - 4_000), None, False
            continue
        issued = _TODAY - 60 - int(who.chance * 3_000)
        issuer = f"珠海市公安局{who.town.district_name[:2]}分局" if who.id_type == "111" else "国家移民管理局"
        yield who.id_type, who.id_no, who.key, issuer, day(issued), day(issued + 3_652), who.chance * 83 % 1 < 0.004
        if number in SECOND_DOCUMENTS:
            yield *SECOND_DOCUMENTS[number], who.key, "珠海市公安局", day(issued), day(issued + 1_826), False
        if dirty.DOUBLE_IDENTITY in who.flags:
            yield "112", former_number(who), who.key, issuer, day(issued - 4_000), day(issued - 1), True


def former_number(who: Person) -> str:
    """The number a person with two identities had before: made a year older, the order kept."""
    return resident_number(f"{AREA}{who.born.year - 1}{who.id_no[10:17]}")


def household_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of pop.household."""
    for number in range(start, stop):
        members = _members(size, seed, number)
        first = members[0]
        kind = "1" if number < size.family_households else "2"
        yield household_no(number), kind, first.town.code, first.key


def _members(size: Size, seed: int, number: int) -> tuple[Person, ...]:
    if number < size.family_households:
        return family(seed, number)
    start = size.families + (number - size.family_households) * DORMITORY
    return tuple(dweller(size, seed, place) for place in range(start, min(start + DORMITORY, size.residents)))


def household_no(number: int) -> str:
    """The number of a household (户号)."""
    return f"440499{number:09d}"


def member_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of pop.household_member of the households `start` to `stop`."""
    for number in range(start, stop):
        for member in _members(size, seed, number):
            relation = _RELATIONS[member.role][0 if member.male else 1]
            joined = max(member.born.toordinal(), _TODAY - 9_000 + int(member.chance * 8_000))
            yield household_no(number), member.key, relation, day(joined), member.died


def floating_rows(size: Size, seed: int, start: int, stop: int) -> Iterator[tuple[object, ...]]:
    """Rows of pop.floating_population of the households `start` to `stop`: those with a residence permit."""
    for number in range(start, stop):
        for member in _members(size, seed, number):
            if member.res_permit_no and member.reg_division and member.id_type == "111":
                registered = _TODAY - 20 - int(member.chance * 1_400)
                yield (
                    member.key, member.reg_division[:6], day(registered), day(registered + 365 * (1 + number % 5)),
                    landlord(size, seed, number).key,
                )  # fmt: skip


def landlord(size: Size, seed: int, household: int) -> Person:
    """Who owns the flat that a household from elsewhere rents."""
    return head(size, seed, household * 13 + 1)


def owns(members: tuple[Person, ...]) -> bool:
    """Whether a family owns the flat it lives in: those without a residence permit do."""
    return members[0].res_permit_no is None or members[0].id_type != "111"
