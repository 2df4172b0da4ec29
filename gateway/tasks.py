"""An officer's task as the databases have it: whom it names, the case at hand, and whether its place is the officer's to act in.

Looked up together, once, and believed for a while; a task that does not hold is asked about again.
"""

from __future__ import annotations

import datetime
import time
from asyncio import gather
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from datasources.database import Database
from datasources.references import parse_reference
from datasources.tables.calendar import day_of
from datasources.tables.enforcement import case_, inspection
from datasources.tables.gateway import temporary_task
from datasources.tables.legal_entity import entity
from datasources.tables.personnel import assignment, division, officer, org, org_jurisdiction
from gateway.adhoc import compile_adhoc
from gateway.store import Bounded
from gateway.thirds import NamedSubjects

BELIEVED = 30.0
"""Seconds that a task is believed that holds."""
VALID_CERTIFICATE = "1"

TEMPORARY = "LS-"
"""How the number of a task begins that an officer opened for themselves (临时任务)."""
REJECTED = "3"
"""A temporary task that the supervisor did not approve of (已驳回)."""

MATTER_TYPES: Mapping[str, str] = {"1": "06", "2": "02", "3": "03"}
"""The kind of a case (检查, 处罚, 强制) → the type of matter (GB/T 39554.1) that whoever handles it must have."""

PERSONS, ENTITIES, CODES, CASES = "pop.person.person_id", "ent.entity.entity_id", "ent.entity.uscc", "cas.party.case_id"
NOBODY: NamedSubjects = MappingProxyType(
    {PERSONS: frozenset(), ENTITIES: frozenset(), CODES: frozenset(), CASES: frozenset()}
)
"""The columns by which subjects are named, and nobody in them."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """An open task of one officer: the subjects it names, by column, and whether it lies in the officer's jurisdiction (管辖).

    A temporary one is for one purpose and ends at `valid_to`.
    """

    named: NamedSubjects
    in_jurisdiction: bool
    purpose: str | None = None
    valid_to: datetime.datetime | None = None


def valid_certificate(cert_no: str, today: datetime.date) -> ColumnElement[bool]:
    """The officer's certificate (执法证) is of this number and valid."""
    return and_(
        officer.c.cert_no == cert_no,
        officer.c.cert_status == VALID_CERTIFICATE,
        or_(officer.c.cert_valid_to.is_(None), officer.c.cert_valid_to >= today),
    )


def open_assignments(task_no: str, cert_no: str, now: datetime.datetime) -> Select[Any]:
    """The subjects that an open task names for the holder of a valid certificate, and the holder's organisation."""
    return (
        select(assignment.c.subject_ref, officer.c.org_id)
        .select_from(assignment.join(officer, officer.c.officer_id == assignment.c.officer_id))
        .where(
            assignment.c.task_no == task_no,
            valid_certificate(cert_no, day_of(now)),
            or_(assignment.c.valid_from.is_(None), assignment.c.valid_from <= now),
            or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > now),
        )
    )


def open_temporary(task_no: str, cert_no: str, now: datetime.datetime) -> Select[Any]:
    """The temporary task of this number, while it is open, of the officer who opened it or was named as the second one."""
    task = temporary_task.c
    return select(task.subject_ref, task.purpose, task.valid_to).where(
        task.task_no == task_no,
        or_(task.cert_no == cert_no, task.co_officer_cert_no == cert_no),
        task.review_state != REJECTED,
        task.valid_from <= now,
        task.valid_to > now,
    )


def case_at_hand(task_no: str) -> Select[Any]:
    """The case that a number is of: its own, or that of its inspection task."""
    by_task = select(inspection.c.case_id).where(inspection.c.task_no == task_no)
    return select(case_.c.case_id, case_.c.kind, case_.c.division_code).where(
        or_(case_.c.case_no == task_no, case_.c.case_id.in_(by_task))
    )


def jurisdiction_over(
    org_id: UUID, divisions: Sequence[str], matter_types: Iterable[str], today: datetime.date
) -> Select[Any]:
    """The grants (管辖) by which an organisation, or one above it, may act in one of these divisions or one around it."""
    above = select(org.c.org_id, org.c.parent_org_id).where(org.c.org_id == org_id).cte("above", recursive=True)
    higher = org.alias("higher")
    above = above.union(
        select(higher.c.org_id, higher.c.parent_org_id).join(above, higher.c.org_id == above.c.parent_org_id)
    )
    around = select(division.c.code, division.c.parent_code).where(division.c.code.in_(divisions))
    around_all = around.cte("around", recursive=True)
    outer = division.alias("outer")
    around_all = around_all.union(
        select(outer.c.code, outer.c.parent_code).join(around_all, outer.c.code == around_all.c.parent_code)
    )
    return select(org_jurisdiction.c.org_id).where(
        org_jurisdiction.c.org_id.in_(select(above.c.org_id)),
        org_jurisdiction.c.division_code.in_(select(around_all.c.code)),
        org_jurisdiction.c.matter_type.in_(list(matter_types)),
        or_(org_jurisdiction.c.valid_from.is_(None), org_jurisdiction.c.valid_from <= today),
        or_(org_jurisdiction.c.valid_to.is_(None), org_jurisdiction.c.valid_to >= today),
    )


class TaskLookup:
    """Tasks over the databases of personnel, cases and organisations, and temporary ones over the gateway's own."""

    def __init__(self, databases: Mapping[str, Database], now: Callable[[], datetime.datetime]) -> None:
        self._databases = databases
        self._now = now
        self._believed: Bounded[tuple[str, str], tuple[float, Task]] = Bounded(10_000)
        self._forgotten = 0

    async def task(self, task_no: str, cert_no: str) -> Task | None:
        """The open task of this number that names the officer; None when there is none. Raises SourceError."""
        known = self._believed.get((task_no, cert_no))
        if known is not None and known[0] > time.monotonic():
            return known[1]
        forgotten = self._forgotten
        if task_no.startswith(TEMPORARY):
            found = await self._temporary(task_no, cert_no)
        else:
            found = await self._looked_up(task_no, cert_no)
        until = time.monotonic() + self._term(found) if found is not None and found.in_jurisdiction else 0.0
        if found is not None and forgotten == self._forgotten:  # what was closed meanwhile is not believed
            self._believed.put((task_no, cert_no), (until, found))
        return found

    def believed(self, task_no: str, cert_no: str) -> float:
        """Until when a task is believed, by ``time.monotonic``; 0 when it does not hold or is not known."""
        known = self._believed.get((task_no, cert_no))
        return 0.0 if known is None else known[0]

    def forget(self, task_no: str) -> None:
        """What was believed of a task, or is being asked about it, is asked again."""
        self._forgotten += 1
        self._believed.drop(lambda key: key[0] == task_no)

    async def _looked_up(self, task_no: str, cert_no: str) -> Task | None:
        named, cases = await gather(
            self._rows("personnel", open_assignments(task_no, cert_no, self._now())),
            self._rows("enforcement", case_at_hand(task_no)),
        )
        if not named:
            return None
        subjects, within = await gather(
            self._naming([row["subject_ref"] for row in named], [row["case_id"] for row in cases]),
            self._within(named[0]["org_id"], cases),
        )
        return Task(named=subjects, in_jurisdiction=within)

    async def _naming(self, references: Sequence[str], cases: Sequence[UUID]) -> NamedSubjects:
        """Subjects by reference, and the case at hand, as the columns by which they are named have them."""
        keys = [key for text in references if (key := _reference(text)) is not None]
        entities = [key for prefix, key in keys if prefix == "e"]
        found: dict[str, frozenset[Any]] = {
            PERSONS: frozenset(key for prefix, key in keys if prefix == "p"),
            ENTITIES: frozenset(entities),
            CODES: frozenset(await self._codes(entities)),
            CASES: frozenset(cases),
        }
        return MappingProxyType(found)

    async def _temporary(self, task_no: str, cert_no: str) -> Task | None:
        """A temporary task. That its subject lies in the jurisdiction was shown when it was opened."""
        now = self._now()
        holder = select(officer.c.officer_id).where(valid_certificate(cert_no, day_of(now))).limit(1)
        rows, holders = await gather(
            self._rows("gateway", open_temporary(task_no, cert_no, now)), self._rows("personnel", holder)
        )
        if not rows or not holders:
            return None
        (row,) = rows
        return Task(
            named=await self._naming([row["subject_ref"]], []),
            in_jurisdiction=True,
            purpose=row["purpose"],
            valid_to=row["valid_to"],
        )

    def _term(self, task: Task) -> float:
        """Seconds that a task is believed: never past its end."""
        if task.valid_to is None:
            return BELIEVED
        return min(BELIEVED, (task.valid_to - self._now()).total_seconds())

    async def _within(self, org_id: UUID, cases: Sequence[Any]) -> bool:
        """Whether the organisation may act where the case at hand is. Without a case there is no such place."""
        today = day_of(self._now())
        for case in cases:
            types = [MATTER_TYPES[case["kind"]]] if case["kind"] in MATTER_TYPES else []
            grants = jurisdiction_over(org_id, upward(case["division_code"]), types, today)
            if not await self._rows("personnel", grants.limit(1)):
                return False
        return bool(cases)

    async def _codes(self, entities: Sequence[UUID]) -> list[str]:
        if not entities:
            return []
        rows = await self._rows("legal_entity", select(entity.c.uscc).where(entity.c.entity_id.in_(entities)))
        return [row["uscc"] for row in rows]

    async def _rows(self, database: str, statement: Select[Any]) -> Sequence[Any]:
        text, parameters = compile_adhoc(statement)
        return await self._databases[database].rows(text, parameters)


def upward(code: str) -> list[str]:
    """A division and those it lies in, by its code (GB/T 2260, GB/T 10114): town, district, city."""
    return list(dict.fromkeys([code, *(code[:digits].ljust(12, "0") for digits in (9, 6, 4))]))


def _reference(text: str) -> tuple[str, UUID] | None:
    try:
        return parse_reference(text)
    except ValueError:
        return None
