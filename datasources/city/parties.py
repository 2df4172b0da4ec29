"""Parties of a case: a snapshot of the base databases, with the reference back to them."""

from __future__ import annotations

from typing import NamedTuple

from datasources.city.briefs import PUNISH, Brief
from datasources.city.entities import COMPANY, TRADER, Entity, entity
from datasources.city.people import Person, head, person
from datasources.city.sizes import Size
from datasources.references import reference

PERSON = "1"
"""The type of a natural person."""
PARTY, GUARDIAN, AGENT, THIRD, WITNESS = "1", "2", "3", "4", "5"


class Party(NamedTuple):
    """One party, in the order of the columns of cas.party after its keys."""

    role: str
    type: str
    ref: str
    name: str
    id_type: str | None
    id_no: str | None
    uscc: str | None
    representative: str | None
    representative_id_no: str | None
    address: str
    phone: str | None
    mark: int
    representative_mark: int | None


def of_person(role: str, who: Person) -> Party:
    """A natural person."""
    return Party(
        role,
        PERSON,
        reference("p", who.key),
        who.name,
        who.id_type,
        who.id_no,
        None,
        None,
        None,
        who.res_address,
        who.mobile,
        who.mark,
        None,
    )


def of_entity(role: str, made: Entity, name: str | None = None) -> Party:
    """An organisation, under the name it had then."""
    owner = made.representative
    kind = {COMPANY: "2", TRADER: "3"}.get(made.kind, "4")
    return Party(
        role, kind, reference("e", made.key), name or made.name, None, None, made.uscc, owner.name, owner.id_no, made.address,
        owner.mobile, 0, owner.mark,
    )  # fmt: skip


def parties(size: Size, seed: int, start: Brief) -> tuple[Party, ...]:
    """The party first, then those of a story, then now and then an agent or a witness."""
    what, number = start.owner
    staged = start.staged
    if what == "p":
        found = [of_person(PARTY, person(size, seed, number))]
    else:
        found = [of_entity(PARTY, entity(size, seed, number), staged.name if staged else None)]
    if staged:
        found += [
            of_person(role, person(size, seed, other)) if kind == "p" else of_entity(role, entity(size, seed, other))
            for role, kind, other in staged.others
        ]
    elif start.kind == PUNISH:
        if start.number % 7 == 3:
            found.append(of_person(AGENT, head(size, seed, start.number * 5 + 2)))
        if start.number % 40 == 11:
            found.append(of_person(WITNESS, head(size, seed, start.number * 3 + 1)))
    return tuple(found)
