"""What the purpose check asks of the databases, and for how long an answer is believed."""

from __future__ import annotations

import datetime
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Select, func, or_, select

from auth.purpose import Standing, establish
from auth.terms import Terms
from auth.viewer import AccessRequest, Viewer
from datasources.database import Database
from datasources.errors import SourceError
from datasources.tables.gateway import agreement
from datasources.tables.personnel import assignment, officer
from gateway.adhoc import compile_adhoc
from gateway.store import Bounded

BELIEVED = 30.0
"""Seconds that a yes is believed. A no is asked again at the next request: a task may just have been assigned."""

VALID_CERTIFICATE = "1"
IN_FORCE = "1"
"""An agreement that is neither suspended (中止) nor ended (终止)."""

Found = TypeVar("Found")


def _open_tasks(task_no: str, cert_no: str, now: datetime.datetime) -> Select[int]:
    return (
        select(func.count())
        .select_from(assignment.join(officer, officer.c.officer_id == assignment.c.officer_id))
        .where(
            assignment.c.task_no == task_no,
            officer.c.cert_no == cert_no,
            officer.c.cert_status == VALID_CERTIFICATE,
            or_(officer.c.cert_valid_to.is_(None), officer.c.cert_valid_to >= now.date()),
            or_(assignment.c.valid_from.is_(None), assignment.c.valid_from <= now),
            or_(assignment.c.valid_to.is_(None), assignment.c.valid_to > now),
        )
    )


def _agreements(agreement_no: str, client: str, purpose: str, today: datetime.date) -> Select[Any]:
    return select(agreement.c.fields, agreement.c.case_nos).where(
        agreement.c.agreement_no == agreement_no,
        agreement.c.client_id == client,
        agreement.c.purpose == purpose,
        agreement.c.status_code == IN_FORCE,
        or_(agreement.c.valid_from.is_(None), agreement.c.valid_from <= today),
        or_(agreement.c.valid_to.is_(None), agreement.c.valid_to >= today),
    )


class DatabaseLookup:
    """`auth.purpose.Lookup` over the personnel database and the gateway's own."""

    def __init__(self, databases: Mapping[str, Database], now: Callable[[], datetime.datetime]) -> None:
        self._databases = databases
        self._now = now
        self._believed: Bounded[tuple[str, ...], tuple[float, object]] = Bounded(10_000)

    async def open_task(self, task_no: str, cert_no: str) -> bool:
        """Whether an open task names the holder of this certificate, which must be valid. Raises SourceError."""

        async def ask() -> bool:
            ((count,),) = await self._rows("personnel", _open_tasks(task_no, cert_no, self._now()))
            return bool(count)

        return await self._believe(("task", task_no, cert_no), ask)

    async def agreement_in_force(self, agreement_no: str, client: str, purpose: str) -> Terms | None:
        """The terms of the agreement, if it is in force today for this client and purpose. Raises SourceError."""

        async def ask() -> Terms | None:
            rows = await self._rows("gateway", _agreements(agreement_no, client, purpose, self._now().date()))
            return _terms(*rows[0]) if rows else None

        return await self._believe(("agreement", agreement_no, client, purpose), ask)

    async def _rows(self, database: str, statement: Select[Any]) -> Sequence[Any]:
        text, parameters = compile_adhoc(statement)
        return await self._databases[database].rows(text, parameters)

    async def _believe(self, key: tuple[str, ...], ask: Callable[[], Awaitable[Found]]) -> Found:
        believed = self._believed.get(key)
        if believed is not None and believed[0] > time.monotonic():
            return cast(Found, believed[1])
        found = await ask()
        if found:
            self._believed.put(key, (time.monotonic() + BELIEVED, found))
        return found


def _terms(fields: Sequence[str], case_nos: Sequence[str] | None) -> Terms:
    return Terms(fields=frozenset(fields), cases=None if case_nos is None else frozenset(case_nos))


async def standing_of(viewer: Viewer, access: AccessRequest | None, lookup: DatabaseLookup) -> Standing:
    """The caller's standing. A database that cannot be asked grants nothing, and the code says so."""
    try:
        return await establish(viewer, access, lookup)
    except SourceError as error:
        purpose = access.purpose if access is not None else None
        return Standing(kind=viewer.kind, purpose=purpose, granted=False, code=error.code)
