"""What is drawn from (抽取名录): the same question gives the same population as long as the registers stay the same.

Of double-random inspections (双随机) it is made of the two directories (检查对象名录库, 执法检查人员名录库), which are read as a whole.
Sealed and secret cases are in no draw, and neither is a sealed record of an entity or an officer. Of persons who are marked (sealed,
under fourteen, protected) nobody is told whom they live with or what they hold: whom to avoid is not made of them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import ARRAY, Select, String, Uuid, any_, bindparam, select

from datasources.tables.enforcement import case_
from datasources.tables.legal_entity import entity, entity_person
from datasources.tables.personnel import officer, org
from datasources.tables.population import household_member, person
from datasources.tickets import Member, Population
from gateway.tasks import VALID_CERTIFICATE
from resolvers import checks
from resolvers.conditions import prefix
from resolvers.marks import unmarked, unmarked_person
from resolvers.sampling import DrawKind

TICKETS: Mapping[str | None, int] = {"A": 1, "B": 2, "C": 4, "D": 8}
"""Tickets by class of credit risk (信用风险分类): D is drawn eight times as often as A."""
UNRATED = 2
IN_BUSINESS = "1"
MOST = 20_000
"""Members of a population."""
OF_OBJECTS = ("entity_id", "uscc", "name", "risk_class", "division_code", "industry_code")
OF_OFFICERS = ("officer_id", "cert_no", "name", "cert_fields", "cert_valid_to")
"""What a directory says of each."""

Row = Mapping[str, Any]


class Asked(Protocol):
    """What the databases are asked through."""

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement. Raises GatewayError."""
        ...


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The question of a draw; `day` is when it was drawn, `level` the digits of the drawer's division."""

    kind: DrawKind
    org_uscc: str
    level: str
    day: datetime.date
    first_day: datetime.date | None = None
    last_day: datetime.date | None = None
    place_prefix: str | None = None
    industry_prefix: str | None = None


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The objects (检查对象) by code, the officers (执法检查人员) by certificate number, and who must avoid what."""

    objects: tuple[Row, ...]
    officers: tuple[Row, ...]
    avoids: frozenset[tuple[str, str]]

    @cached_property
    def population(self) -> Population:
        """The same as a draw has it."""
        return Population(
            members=tuple(Member(key=row["uscc"], tickets=tickets(row["risk_class"])) for row in self.objects),
            officers=tuple(row["cert_no"] for row in self.officers),
            avoids=self.avoids,
        )


def tickets(risk_class: str | None) -> int:
    """How many tickets an object of this class has."""
    return TICKETS.get(risk_class, UNRATED)


def place_within(text: str, level: str) -> str:
    """The beginning of a division code that lies in the level. Raises ValueError."""
    code = checks.code(text)
    if not code.startswith(level) or len(code) > 12:
        raise ValueError("not in the level")
    return code


def industry(text: str) -> str:
    """The beginning of a code of GB/T 4754. Raises ValueError."""
    if not 0 < len(text) <= 5 or not text.isascii() or not text.isalnum():
        raise ValueError("not the beginning of an industry code")
    return text


async def population_of(asked: Asked, wanted: Wanted) -> Population | None:
    """What is drawn from; None when there is no such organisation in the level."""
    org_id = await _home(asked, wanted)
    return None if org_id is None else await POPULATIONS[wanted.kind](asked, wanted, org_id)


async def directory_of(asked: Asked, wanted: Wanted) -> Directory | None:
    """The directories that a draw of DOUBLE_RANDOM is made from; None when there is no such organisation in the level."""
    org_id = await _home(asked, wanted)
    return None if org_id is None else await _directory(asked, wanted, org_id)


async def _home(asked: Asked, wanted: Wanted) -> Any:
    home = select(org.c.org_id).where(
        org.c.uscc == wanted.org_uscc, org.c.sealed.is_(False), _begins(org.c.division_code, wanted.level)
    )
    rows = await asked.rows("personnel", home)
    return rows[0]["org_id"] if rows else None


async def _files(asked: Asked, wanted: Wanted, org_id: Any) -> Population:
    """Cases of the organisation that were closed in the period; a stratum is a kind."""
    closed = select(case_.c.case_no, case_.c.kind).where(
        case_.c.org_id == org_id,
        case_.c.closed_on >= wanted.first_day,
        case_.c.closed_on <= wanted.last_day,
        case_.c.sealed.is_(False),
        case_.c.secret_flag.is_not(True),
        _begins(case_.c.division_code, wanted.level),
    )
    rows = await asked.rows("enforcement", closed.limit(MOST + 1))
    return Population(members=tuple(Member(key=row["case_no"], stratum=row["kind"]) for row in rows))


async def _objects(asked: Asked, wanted: Wanted, org_id: Any) -> Population:
    """Entities in business at the place, with tickets by risk; the officers are those of the organisation."""
    return (await _directory(asked, wanted, org_id)).population


async def _directory(asked: Asked, wanted: Wanted, org_id: Any) -> Directory:
    listed: Select[Any] = select(*(entity.c[name] for name in OF_OBJECTS)).where(
        entity.c.status_code == IN_BUSINESS,
        entity.c.sealed.is_(False),
        _begins(entity.c.division_code, wanted.place_prefix or wanted.level),
    )
    if wanted.industry_prefix is not None:
        listed = listed.where(_begins(entity.c.industry_code, wanted.industry_prefix))
    entities = await asked.rows("legal_entity", listed.limit(MOST + 1))
    certified = select(*(officer.c[name] for name in OF_OFFICERS), officer.c.id_no).where(
        officer.c.org_id == org_id,
        officer.c.cert_status == VALID_CERTIFICATE,
        (officer.c.cert_valid_to.is_(None)) | (officer.c.cert_valid_to >= wanted.day),
        officer.c.sealed.is_(False),
    )
    officers = await asked.rows("personnel", certified)
    in_order = sorted(officers, key=lambda row: (row["cert_no"], row["name"]))
    shown = {row["cert_no"]: {name: row[name] for name in OF_OFFICERS} for row in in_order}
    return Directory(
        objects=tuple(sorted(entities, key=lambda row: str(row["uscc"]))),
        officers=tuple(shown.values()),
        avoids=await _avoids(asked, officers, {row["entity_id"]: row["uscc"] for row in entities}, wanted.day),
    )


POPULATIONS = {DrawKind.FILE_REVIEW: _files, DrawKind.DOUBLE_RANDOM: _objects}


async def _avoids(
    asked: Asked, officers: Iterable[Row], entities: Mapping[Any, str], day: datetime.date
) -> frozenset[tuple[str, str]]:
    """Who must avoid what (回避, 公务员法 art. 76): an entity in which the officer, or one of the household, has a position."""
    holders: dict[str, list[str]] = {}
    for row in officers:
        if row["id_no"] is not None:
            holders.setdefault(row["id_no"], []).append(row["cert_no"])
    near = await asked.rows("population", _near(sorted(holders)))
    held = await asked.rows("legal_entity", _positions({row["near"] for row in near}, day))
    firms: dict[Any, list[str]] = {}
    for row in held:
        if row["entity_id"] in entities:
            firms.setdefault(row["person_ref"], []).append(entities[row["entity_id"]])
    return frozenset(
        (number, key) for row in near for number in holders[row["id_no"]] for key in firms.get(row["near"], ())
    )


def _near(numbers: list[str]) -> Select[Any]:
    """The persons of these identity numbers, each as near to itself and to whoever is of one household (户) with it."""
    other, near = household_member.alias("other"), person.alias("near")
    wanted = person.c.id_no == any_(bindparam("numbers", numbers, type_=ARRAY(String())))
    themselves = select(person.c.id_no, person.c.person_id.label("near")).where(wanted, unmarked_person(person))
    beside = (
        select(person.c.id_no, other.c.person_id)
        .join(household_member, household_member.c.person_id == person.c.person_id)
        .join(other, other.c.household_no == household_member.c.household_no)
        .join(near, near.c.person_id == other.c.person_id)
        .where(wanted, unmarked_person(person), unmarked_person(near))
    )
    return select(themselves.union(beside).subquery())


def _positions(persons: set[Any], day: datetime.date) -> Select[Any]:
    wanted = bindparam("persons", sorted(persons), type_=ARRAY(Uuid()))
    current = (entity_person.c.until.is_(None)) | (entity_person.c.until >= day)
    return (
        select(entity_person.c.person_ref, entity_person.c.entity_id)
        .distinct()
        .where(entity_person.c.person_ref == any_(wanted), current, unmarked(entity_person.c.subject_mark))
    )


def _begins(column: Any, text: str) -> Any:
    where = prefix(column)
    assert where.encode is not None
    return where.build(where.encode(text))
