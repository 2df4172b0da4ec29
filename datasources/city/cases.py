"""Cases: case `number` is a pure function of its brief, the course drawn for it and the faults put into its data."""

from __future__ import annotations

from functools import lru_cache

from datasources.city import dirty
from datasources.city.acts import FIELDS
from datasources.city.briefs import COERCE, INSPECT, PUNISH, Brief, brief
from datasources.city.casefile import Case
from datasources.city.casting import OFFICER_BY_CERT
from datasources.city.courses import coerce, inspect, punish, settle
from datasources.city.dice import stream
from datasources.city.entities import entity
from datasources.city.matters import version_on
from datasources.city.organisations import XIANGZHOU_MARKET, Officer, officers, orgs, staff
from datasources.city.parties import parties
from datasources.city.places import street
from datasources.city.sizes import Domain, Size, key

_EXPIRED = OFFICER_BY_CERT["19040130244"]
#: Fields whose organisations keep some cases in systems of their own.
_SYSTEMS = {0: "SJ-BA", 1: "JT-BA", 3: "ST-BA"}


@lru_cache(maxsize=9_000)
def case(size: Size, seed: int, number: int) -> Case:
    """Case `number` of the city."""
    start = brief(size, seed, number)
    dice = stream(seed, Domain.CASE, number)
    org = orgs(size)[start.org]
    causes = start.matter.causes
    cause, cause_name = causes[int(dice.random() * len(causes))]
    place = _place(size, seed, start, start.town.prefix + street(dice, start.town))
    fault, chance = dice.random(), dice.random()
    made = Case(
        brief=start, key=key(Domain.CASE, number), org=org, officers=_team(size, seed, start, dice.random()),
        version=version_on(start.matter, start.filed), cause=cause, cause_name=cause_name, parties=(), place=place,
        division=start.town.code, system=_SYSTEMS.get(org.field, "YZF") if chance < 0.4 else "YZF", chance=chance,
        secret=0.5 < fault < 0.501 and start.staged is None,
    )  # fmt: skip
    if start.kind == INSPECT:
        inspect(made, dice)
    elif start.kind == COERCE:
        coerce(made, dice)
    else:
        punish(size, made, dice)
    settle(made)
    made.parties = parties(size, seed, start)
    _faults(size, seed, made, fault)
    return made


def _place(size: Size, seed: int, start: Brief, road: str) -> str:
    """Where it happened: on the road, or at the address of the entity when its record is sound."""
    what, number = start.owner
    if what == "p" or FIELDS[start.matter.field].name in ("交通运输", "城市管理"):
        return road
    firm = entity(size, seed, number)
    return road if firm.flags or firm.town is not start.town else firm.address


def _team(size: Size, seed: int, start: Brief, pick: float) -> tuple[Officer, Officer, Officer]:
    """The officer in charge, the second officer, and who approves."""
    everyone = officers(size, seed)
    members = staff(size, seed)[start.org]
    if len(members) < 2:
        members = staff(size, seed)[XIANGZHOU_MARKET]
    first = int(pick * len(members))
    team = members[first], members[(first + 1) % len(members)]
    if start.staged and start.staged.officers:
        named = [everyone[OFFICER_BY_CERT[cert_no]] for cert_no in start.staged.officers]
        team = (named[0], named[1] if len(named) > 1 else team[1])
    approver = everyone[OFFICER_BY_CERT["19040100031"]] if start.org == XIANGZHOU_MARKET else members[0]
    return team[0], team[1], approver


def _faults(size: Size, seed: int, made: Case, fault: float) -> None:
    """Put in the faults of the data that a case can have, each with its label."""
    start, first = made.brief, made.parties[0]
    staged = start.staged
    made.sealed = bool(staged and staged.sealed)
    if made.is_open and start.kind == PUNISH:
        if start.org == XIANGZHOU_MARKET and not staged and made.chance < 0.3:
            made.officers = (made.officers[0], officers(size, seed)[_EXPIRED], made.officers[2])
        if any(officer.status == "5" for officer in made.officers[:2]):
            made.flags.append(dirty.EXPIRED_OFFICER)
    if staged:
        return
    if first.id_no and first.id_no.endswith("X") and fault < 0.5:
        made.flags.append(dirty.LOWERCASE_X)
        made.parties = (first._replace(id_no=first.id_no.lower()), *made.parties[1:])
    elif fault < 0.005:
        made.flags.append(dirty.PARTY_NAME_DIFFERS)
        made.parties = (first._replace(name=dirty.misnamed(first.name)), *made.parties[1:])
    elif fault < 0.009 and first.phone:
        made.flags.append(dirty.STRAY_SPACES)
        made.parties = (first._replace(phone=dirty.spaced(first.phone)), *made.parties[1:])
    elif fault < 0.05 and start.matter.versions == 2 and made.version == 2:
        made.flags.append(dirty.ABOLISHED_MATTER)
        made.version = 1
    elif fault > 0.985 and start.kind == PUNISH and made.document_no:
        made.flags.append(dirty.WRONG_BRACKETS)
        made.document_no = dirty.rebracketed(made.document_no, start.number)


def item_code(made: Case) -> str:
    """The non-tax item its fine is booked under."""
    return FIELDS[made.brief.matter.field].item_code
