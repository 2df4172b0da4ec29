"""What the purpose check asks of the databases, and for how long an answer is believed."""

from __future__ import annotations

import datetime
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Select, func, or_, select

from auth.purpose import Lookup, Standing, establish
from auth.terms import Terms
from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from datasources.database import Database
from datasources.errors import SourceError
from datasources.tables.calendar import CHINA, day_of
from datasources.tables.gateway import agreement
from gateway import profiles
from gateway.adhoc import compile_adhoc
from gateway.profiles import DisclosureProfile
from gateway.store import Bounded
from gateway.tasks import NOBODY, TEMPORARY, TaskLookup, open_assignments
from gateway.thirds import NamedSubjects

BELIEVED = 30.0
"""Seconds that a yes is believed. A no is asked again at the next request: a task may just have been assigned."""

IN_FORCE = "1"
"""An agreement that is neither suspended (中止) nor ended (终止)."""

Found = TypeVar("Found")


def agreements_in_force(client: str, purpose: str, today: datetime.date) -> Select[Any]:
    """What every agreement says that a client may show a purpose by: `terms_of` reads it."""
    columns = ("fields", "case_nos", "quota", "row_quota", "valid_to")
    return select(*(agreement.c[name] for name in columns)).where(
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
        self.tasks = TaskLookup(databases, now)

    async def open_task(self, task_no: str, cert_no: str, purpose: Purpose | None = None) -> bool:
        """Whether an open task names the holder of this certificate, which must be valid. Raises SourceError.

        A temporary task (临时任务) holds for the purpose that it was opened for, and for no other.
        """
        if task_no.startswith(TEMPORARY):
            task = await self.tasks.task(task_no, cert_no)
            return task is not None and purpose is not None and task.purpose == purpose.value

        async def ask() -> bool:
            open_ones = open_assignments(task_no, cert_no, self._now()).subquery()
            ((count,),) = await self._rows("personnel", select(func.count()).select_from(open_ones))
            return bool(count)

        return await self._believe(task_key(task_no, cert_no), ask)

    async def in_jurisdiction(self, task_no: str, cert_no: str) -> bool:
        """Whether this officer's open task lies where the officer's organisation may act. Raises SourceError."""
        task = await self.tasks.task(task_no, cert_no)
        return task is not None and task.in_jurisdiction

    async def named(self, viewer: Viewer, access: AccessRequest | None) -> NamedSubjects:
        """The subjects that the officer's task names, nobody for all others. Raises SourceError."""
        number = self.task_of(viewer, access)
        if number is None or viewer.cert_no is None:
            return NOBODY
        task = await self.tasks.task(number, viewer.cert_no)
        return task.named if task is not None else NOBODY

    def task_of(self, viewer: Viewer, access: AccessRequest | None) -> str | None:
        """The number of the task that may name subjects: an officer's, who has a certificate."""
        if access is None or viewer.kind is not CallerKind.OFFICER or viewer.cert_no is None:
            return None
        return access.task_no or access.case_no

    async def agreement_in_force(self, agreement_no: str, client: str, purpose: str) -> Terms | None:
        """The terms of the agreement, if it is in force today for this client and purpose. Raises SourceError."""

        async def ask() -> Terms | None:
            in_force = agreements_in_force(client, purpose, self._today())
            rows = await self._rows("gateway", in_force.where(agreement.c.agreement_no == agreement_no))
            return terms_of(*rows[0]) if rows else None

        return await self._believe(agreement_key(agreement_no, client, purpose), ask, self._left)

    def _today(self) -> datetime.date:
        """Agreements begin and end with a day in China."""
        return day_of(self._now())

    def _left(self, terms: Terms | None) -> float:
        """Seconds until an agreement ends."""
        if terms is None or terms.last_day is None:
            return BELIEVED
        end = datetime.datetime.combine(terms.last_day, datetime.time(), CHINA) + datetime.timedelta(days=1)
        return (end - self._now()).total_seconds()

    async def profile(self, agreement_no: str | None) -> DisclosureProfile:
        """The disclosure profile of an agreement, the public's when there is none. Raises SourceError.

        Without a database of the gateway's own there is nothing that is published.
        """

        async def ask() -> DisclosureProfile:
            if "gateway" not in self._databases:
                return profiles.NOTHING
            return profiles.read(await self._rows("gateway", profiles.asked_for(agreement_no)), agreement_no)

        return await self._believe(profile_key(agreement_no), ask)

    def dated(self, access: AccessRequest | None) -> DatedLookup:
        """The same for one caller and purpose, which tells until when all that it found is believed."""
        return DatedLookup(self, access.purpose if access is not None else None)

    def task_believed(self, task_no: str, cert_no: str) -> float:
        """Until when it is believed that a task names an officer, by ``time.monotonic``; 0 when it is not."""
        if task_no.startswith(TEMPORARY):
            return self.tasks.believed(task_no, cert_no)
        return self.believed(task_key(task_no, cert_no))

    def believed(self, key: tuple[str, ...]) -> float:
        """Until when a yes is believed, by ``time.monotonic``; 0 when there is none."""
        believed = self._believed.get(key)
        return 0.0 if believed is None else believed[0]

    async def _rows(self, database: str, statement: Select[Any]) -> Sequence[Any]:
        text, parameters = compile_adhoc(statement)
        return await self._databases[database].rows(text, parameters)

    async def _believe(
        self,
        key: tuple[str, ...],
        ask: Callable[[], Awaitable[Found]],
        left: Callable[[Found], float] = lambda _: BELIEVED,
    ) -> Found:
        """What was found before, or is now; it is believed no longer than it has `left`, in seconds."""
        believed = self._believed.get(key)
        if believed is not None and believed[0] > time.monotonic():
            return cast(Found, believed[1])
        found = await ask()
        if found:
            self._believed.put(key, (time.monotonic() + min(BELIEVED, left(found)), found))
        return found


def terms_of(
    fields: Sequence[str],
    case_nos: Sequence[str] | None,
    quota: int | None,
    rows: int | None,
    last_day: datetime.date | None,
) -> Terms:
    """The terms of an agreement, from its row."""
    cases = None if case_nos is None else frozenset(case_nos)
    return Terms(fields=frozenset(fields), cases=cases, quota=quota, rows=rows, last_day=last_day)


class DatedLookup:
    """`auth.purpose.Lookup` for one caller. `until` is when the first of what it found has to be asked again."""

    def __init__(self, lookup: DatabaseLookup, purpose: Purpose | None) -> None:
        self._lookup = lookup
        self._purpose = purpose
        self.until = float("inf")

    async def open_task(self, task_no: str, cert_no: str) -> bool:
        """See `DatabaseLookup`."""
        try:
            return await self._lookup.open_task(task_no, cert_no, self._purpose)
        finally:
            self.until = min(self.until, self._lookup.task_believed(task_no, cert_no))

    async def agreement_in_force(self, agreement_no: str, client: str, purpose: str) -> Terms | None:
        """See `DatabaseLookup`."""
        try:
            return await self._lookup.agreement_in_force(agreement_no, client, purpose)
        finally:
            self._note(agreement_key(agreement_no, client, purpose))

    async def in_jurisdiction(self, task_no: str, cert_no: str) -> bool:
        """See `DatabaseLookup`."""
        try:
            return await self._lookup.in_jurisdiction(task_no, cert_no)
        finally:
            self.until = min(self.until, self._lookup.tasks.believed(task_no, cert_no))

    async def named(self, viewer: Viewer, access: AccessRequest | None) -> NamedSubjects:
        """See `DatabaseLookup`."""
        number = self._lookup.task_of(viewer, access)
        if number is None or viewer.cert_no is None:
            return NOBODY
        try:
            return await self._lookup.named(viewer, access)
        finally:
            self.until = min(self.until, self._lookup.tasks.believed(number, viewer.cert_no))

    async def profile(self, agreement_no: str | None) -> DisclosureProfile:
        """See `DatabaseLookup`."""
        try:
            return await self._lookup.profile(agreement_no)
        finally:
            self._note(profile_key(agreement_no))

    def _note(self, key: tuple[str, ...]) -> None:
        self.until = min(self.until, self._lookup.believed(key))


def task_key(task_no: str, cert_no: str) -> tuple[str, ...]:
    """What is believed of a task, by number and certificate."""
    return ("task", task_no, cert_no)


def agreement_key(agreement_no: str, client: str, purpose: str) -> tuple[str, ...]:
    """What is believed of an agreement."""
    return ("agreement", agreement_no, client, purpose)


def profile_key(agreement_no: str | None) -> tuple[str, ...]:
    """What is believed of a disclosure profile."""
    return ("profile", agreement_no or "")


async def standing_of(viewer: Viewer, access: AccessRequest | None, lookup: Lookup) -> Standing:
    """The caller's standing. A database that cannot be asked grants nothing, and the code says so."""
    try:
        return await establish(viewer, access, lookup)
    except SourceError as error:
        purpose = access.purpose if access is not None else None
        return Standing(kind=viewer.kind, purpose=purpose, granted=False, code=error.code)
