"""Whom an officer in the field attaches to: a person, an organisation, or the owner of a plate today.

Found as an officer without a task and by an ordinary login would find them: who is sealed, under fourteen or protected is
not there, whatever else the officer may see at the moment.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Table, or_, select

from auth.purpose import Standing
from auth.viewer import CallerKind
from datasources.references import reference
from datasources.tables.calendar import day_of
from datasources.tables.legal_entity import entity
from datasources.tables.population import person
from datasources.tables.vehicle import ownership, vehicle
from gateway.rowscope import row_conditions
from resolvers import checks
from resolvers.temporary_task import TemporaryTaskSubjectInput

ORDINARY = Standing(kind=CallerKind.OFFICER, purpose=None, granted=False)
NOBODY = UUID(int=0)
NATURAL_PERSON = "1"
"""The type of an owner (veh.ownership.owner_type) who is a person."""


class Asked(Protocol):
    """What the databases are asked through."""

    now: datetime.datetime

    async def rows(self, database: str, statement: Any) -> list[Mapping[str, Any]]:
        """The rows of a statement. Raises GatewayError."""
        ...


class Fault(Exception):
    """What is wrong with an input: a stable code."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A subject: its reference, and the divisions that it lives or is registered in."""

    reference: str
    divisions: tuple[str, ...]


async def find(asked: Asked, given: TemporaryTaskSubjectInput) -> Found | None:
    """The subject; None when it is unknown or hidden, or two carry one number. Raises Fault where not exactly one is named."""
    stated = (given.id_type, given.id_no), (given.uscc,), (given.plate_no, given.plate_type)
    chosen = [members for members in stated if any(member is not None for member in members)]
    if len(chosen) != 1 or None in chosen[0]:
        raise Fault("SUBJECT_REQUIRED")
    if given.uscc is not None:
        code = _checked(checks.credit_code, given.uscc)
        return await _entity(asked, entity.c.uscc == code) if code is not None else None
    if given.plate_no is not None and given.plate_type is not None:
        plate, kind = _checked(checks.plate, given.plate_no), _checked(checks.code, given.plate_type)
        return await _owner(asked, plate, kind) if plate is not None and kind is not None else None
    assert given.id_no is not None
    assert given.id_type is not None
    number, kind = _checked(checks.identity_number, given.id_no), _checked(checks.code, given.id_type)
    if number is None or kind is None:
        return None
    return await _person(asked, person.c.id_no == number, person.c.id_type == kind)


async def _person(asked: Asked, *conditions: ColumnElement[bool]) -> Found | None:
    columns = select(person.c.person_id, person.c.res_division_code, person.c.reg_division_code)
    rows = await asked.rows("population", columns.where(*conditions, *_shown(person)).limit(2))
    if len(rows) != 1:
        return None
    (row,) = rows
    return Found(
        reference=reference("p", row["person_id"]),
        divisions=tuple(code for code in (row["res_division_code"], row["reg_division_code"]) if code),
    )


async def _entity(asked: Asked, *conditions: ColumnElement[bool]) -> Found | None:
    columns = select(entity.c.entity_id, entity.c.division_code)
    rows = await asked.rows("legal_entity", columns.where(*conditions, *_shown(entity)).limit(2))
    if len(rows) != 1:
        return None
    (row,) = rows
    divisions = (row["division_code"],) if row["division_code"] else ()
    return Found(reference=reference("e", row["entity_id"]), divisions=divisions)


async def _owner(asked: Asked, plate: str, kind: str) -> Found | None:
    today = day_of(asked.now)
    rows = await asked.rows(
        "vehicle",
        select(ownership.c.owner_type, ownership.c.owner_ref)
        .select_from(vehicle.join(ownership, ownership.c.vehicle_id == vehicle.c.vehicle_id))
        .where(
            vehicle.c.plate_no == plate,
            vehicle.c.plate_type == kind,
            *(_covers(table, today) for table in (vehicle, ownership)),
            *_shown(vehicle),
            *_shown(ownership),
        )
        .limit(2),
    )
    owners = {row["owner_type"] == NATURAL_PERSON: row["owner_ref"] for row in rows if len(rows) == 1}
    # Both are asked whatever was found: which databases were asked is in the answer.
    natural = await _person(asked, person.c.person_id == owners.get(True, NOBODY))
    return await _entity(asked, entity.c.entity_id == owners.get(False, NOBODY)) or natural


def _covers(table: Table, day: datetime.date) -> ColumnElement[bool]:
    start, end = table.c.valid_from, table.c.valid_to
    return or_(start.is_(None), start <= day) & or_(end.is_(None), end >= day)


def _shown(table: Table) -> tuple[ColumnElement[bool], ...]:
    return row_conditions(ORDINARY, table, under_case=False)


def _checked(check: Callable[[str], str], text: str) -> str | None:
    """The text as the databases have it. What is not of that form cannot exist, and is not found."""
    try:
        return check(text)
    except ValueError:
        return None
