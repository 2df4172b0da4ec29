"""Temporary tasks (临时任务): opened by an officer in the field, reviewed by a supervisor afterwards.

What is unknown, hidden and outside the jurisdiction is one and the same fault of the input.
"""

from __future__ import annotations

import asyncio
import datetime
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from auth.viewer import CERTIFICATE_NUMBER, NUMBER, REASON_LENGTH, Purpose, Viewer
from datasources.errors import SourceError
from datasources.tables.calendar import day_of
from datasources.tables.gateway import temporary_task
from datasources.tables.personnel import officer, org
from gateway.attaching import Fault, Found, find
from gateway.errors import ErrorCode, GatewayError
from gateway.idempotency import INVALID, USED, Texts, errors_of, is_key, key_texts
from gateway.tasks import REJECTED, TEMPORARY, jurisdiction_over, upward, valid_certificate
from resolvers.temporary_task import (
    OpenTemporaryTaskInput,
    ReviewTemporaryTaskInput,
    TemporaryTaskPayload,
    TemporaryTaskPurpose,
    TemporaryTaskResult,
    TemporaryTaskState,
)

MOST_OPEN = 5
"""Temporary tasks that an officer may have open at once: a street of shops, and not a register of persons."""
MATTERS: Mapping[str, tuple[str, ...]] = {
    Purpose.INSPECTION.value: ("06",),
    Purpose.CASE_HANDLING.value: ("02", "03"),
}
"""The purpose → the types of matter (GB/T 39554.1) of which the organisation must have one: 检查; 处罚 or 强制."""
SUBJECT_TYPES: Mapping[str, str] = {"p": "Person", "e": "LegalEntity"}
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Row = Mapping[str, Any]

FAULTS: Texts = {
    **key_texts("task"),
    "REASON_REQUIRED": (("reason",), "A reason of at most 200 characters is required."),
    "NOTE_REQUIRED": (("note",), "A note of at most 200 characters is required."),
    "SUBJECT_REQUIRED": (("subject",), "Exactly one of a person, an organisation and a plate is required."),
    "SUBJECT_NOT_FOUND": (("subject",), "No such subject in the jurisdiction."),
    "CERTIFICATE_NOT_VALID": ((), "The enforcement certificate is not valid."),
    "CO_OFFICER_NOT_FOUND": (
        ("coOfficerCertNo",),
        "The second officer must be someone else, with a valid certificate and in the jurisdiction.",
    ),
    "TOO_MANY_OPEN": ((), "Too many temporary tasks are open."),
    "TASK_NOT_FOUND": (("taskNo",), "No such temporary task."),
    "OWN_TASK": (("taskNo",), "Nobody reviews their own task."),
    "ALREADY_REVIEWED": (("taskNo",), "The task was reviewed."),
}


class Asked(Protocol):
    """What the databases are asked through: the context of the request."""

    viewer: Viewer
    now: datetime.datetime

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement. Raises GatewayError."""
        ...

    def row_conditions(self, source: Any) -> tuple[Any, ...]:
        """Which rows of a table the caller sees."""
        ...


async def answered(made: Awaitable[Row], *, subject: bool) -> TemporaryTaskPayload:
    """The payload of a task, or of the fault that there is none for. `subject`: whether the caller is told whom it names."""
    try:
        row = await made
    except Fault as fault:
        return TemporaryTaskPayload(task=None, errors=errors_of([str(fault)], FAULTS))
    task = TemporaryTaskResult(
        task_no=row["task_no"],
        purpose=TemporaryTaskPurpose(row["purpose"]),
        subject_ref=row["subject_ref"] if subject else None,
        valid_to=row["valid_to"],
        review_state=TemporaryTaskState(row["review_state"]),
    )
    return TemporaryTaskPayload(task=task, errors=[])


def kind_and_reference(subject_ref: str) -> tuple[str, str]:
    """A subject as the log has it: its type and its reference."""
    return SUBJECT_TYPES[subject_ref[0]], subject_ref


class TemporaryTasks:
    """Opens and reviews. `closed` is told the number of a task that was rejected."""

    def __init__(self, closed: Callable[[str], None]) -> None:
        self.hours = 4
        """For how long one is in force."""
        self._closed = closed
        self._opening = asyncio.Lock()
        """What is open is counted before one more is: in one process one after the other."""

    # --- opening ---------------------------------------------------------------------------------

    async def open(self, asked: Asked, given: OpenTemporaryTaskInput) -> Row:
        """The task as recorded, now or under the same key before. Raises Fault."""
        cert_no = certificate_of(asked.viewer)
        key, reason = idempotency_key(given.idempotency_key), _text(given.reason, "REASON_REQUIRED")
        holder = await _holder(asked, cert_no)
        if holder is None:
            raise Fault("CERTIFICATE_NOT_VALID")
        found = await find(asked, given.subject)
        within = await _within(asked, holder["org_id"], found.divisions if found is not None else (), given.purpose)
        if found is None or not within:
            raise Fault("SUBJECT_NOT_FOUND")
        await self._second(asked, cert_no, found, given)
        values = {
            "task_no": _number(),
            "cert_no": cert_no,
            "idempotency_key": key,
            "co_officer_cert_no": given.co_officer_cert_no,
            "division_code": holder["division_code"],
            "purpose": given.purpose.value,
            "subject_ref": found.reference,
            "reason": reason,
            "valid_from": asked.now,
            "valid_to": asked.now + datetime.timedelta(hours=self.hours),
            "review_state": TemporaryTaskState.PENDING.value,
        }
        async with self._opening:
            return await _recorded(asked, values)

    async def _second(self, asked: Asked, cert_no: str, found: Found, given: OpenTemporaryTaskInput) -> None:
        """The second officer (行政处罚法 art. 42) may use the task as well, and so must be fit to."""
        other = given.co_officer_cert_no
        if other is None:
            return
        fits = other != cert_no and CERTIFICATE_NUMBER.fullmatch(other) is not None
        holder = await _holder(asked, other) if fits else None
        if holder is None or not await _within(asked, holder["org_id"], found.divisions, given.purpose):
            raise Fault("CO_OFFICER_NOT_FOUND")

    # --- reviewing -------------------------------------------------------------------------------

    async def review(self, asked: Asked, given: ReviewTemporaryTaskInput) -> Row:
        """The task as it stands then; one that is rejected is closed in this process at once. Raises Fault."""
        cert_no, note = certificate_of(asked.viewer), _text(given.note, "NOTE_REQUIRED")
        task = temporary_task.c
        if not NUMBER.fullmatch(given.task_no):
            raise Fault("TASK_NOT_FOUND")
        rows = await self._of_the_level(asked, given.task_no)
        if not rows:
            raise Fault("TASK_NOT_FOUND")
        (row,) = rows
        if cert_no in (row["cert_no"], row["co_officer_cert_no"]):
            raise Fault("OWN_TASK")
        pending = (task.task_no == given.task_no, task.review_state == TemporaryTaskState.PENDING.value)
        decided = update(temporary_task).where(*pending).values(
            review_state=given.decision.value, reviewed_by=cert_no, reviewed_at=asked.now, review_note=note
        )  # fmt: skip
        await asked.rows("gateway", decided.returning(task.task_no))
        (row,) = await self._of_the_level(asked, given.task_no)
        if (row["review_state"], row["reviewed_by"]) != (given.decision.value, cert_no):
            raise Fault("ALREADY_REVIEWED")
        if row["review_state"] == REJECTED:
            self._closed(given.task_no)
        return row

    async def _of_the_level(self, asked: Asked, task_no: str) -> Sequence[Row]:
        seen = asked.row_conditions(temporary_task)
        return await asked.rows("gateway", select(temporary_task).where(temporary_task.c.task_no == task_no, *seen))


def certificate_of(viewer: Viewer) -> str:
    """The caller's certificate number. Raises GatewayError where nothing can be changed in this caller's name: a token that
    may have been revoked, or that is only for what it lists (RFC 9396)."""
    if not viewer.current:
        raise GatewayError(ErrorCode[SourceError.code])
    if viewer.cert_no is None or viewer.details is not None:
        raise GatewayError(ErrorCode.FORBIDDEN)
    return viewer.cert_no


async def _recorded(asked: Asked, values: Row) -> Row:
    task = temporary_task.c
    mine = task.cert_no == values["cert_no"]
    known = select(temporary_task).where(mine, task.idempotency_key == values["idempotency_key"])
    rows = await asked.rows("gateway", known)
    if not rows:
        still_open = select(func.count().label("count")).where(
            mine, task.valid_to > values["valid_from"], task.review_state != REJECTED
        )
        (counted,) = await asked.rows("gateway", still_open)
        if counted["count"] >= MOST_OPEN:
            raise Fault("TOO_MANY_OPEN")
        added = insert(temporary_task).values(**values).on_conflict_do_nothing()
        await asked.rows("gateway", added.returning(task.task_no))
        rows = await asked.rows("gateway", known)
    (row,) = rows
    same = ("purpose", "subject_ref", "reason", "co_officer_cert_no")
    if any(row[name] != values[name] for name in same):
        raise Fault(USED)
    return row


async def _holder(asked: Asked, cert_no: str) -> Row | None:
    """The organisation and division of a valid certificate's holder."""
    rows = await asked.rows(
        "personnel",
        select(officer.c.org_id, org.c.division_code)
        .select_from(officer.join(org, org.c.org_id == officer.c.org_id))
        .where(valid_certificate(cert_no, day_of(asked.now)))
        .limit(1),
    )
    return rows[0] if rows else None


async def _within(asked: Asked, org_id: UUID, divisions: Sequence[str], purpose: TemporaryTaskPurpose) -> bool:
    """Whether the organisation may act where a subject is registered or lives (管辖); asked also of nowhere, as of unknown ones."""
    around = [code for division in divisions for code in upward(division)]
    grants = jurisdiction_over(org_id, around, MATTERS[purpose.value], day_of(asked.now))
    return bool(await asked.rows("personnel", grants.limit(1)))


def _number() -> str:
    return TEMPORARY + "".join(secrets.choice(DIGITS) for _ in range(12))


def idempotency_key(text: str) -> str:
    """A key as it may be kept. Raises Fault."""
    if not is_key(text):
        raise Fault(INVALID)
    return text


def _text(text: str, fault: str) -> str:
    """Free text that supervisors read: no control, format (bidi) or surrogate characters."""
    found = text.strip()
    if not 0 < len(found) <= REASON_LENGTH or not found.replace("\u3000", " ").isprintable():
        raise Fault(fault)
    return found
