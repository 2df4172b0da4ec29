"""Temporary tasks (临时任务): an officer in the field attaches to a subject before the case system has said so.

Declared with a reason, in force for hours, and reviewed afterwards by the supervisors of the level.
"""

from __future__ import annotations

import datetime
import enum
from typing import Annotated, Protocol

import strawberry
from sqlalchemy import ColumnElement

from auth.classes import Action
from datasources.tables.gateway import temporary_task as t
from resolvers.args import after_arg, arg, first_arg
from resolvers.conditions import any_of
from resolvers.fields import INT, by_hand, column, hidden, named, root
from resolvers.paging import Connection
from resolvers.scalars import Cursor
from resolvers.sources import Order
from resolvers.transfer import UserError
from resolvers.types import record, value


@strawberry.enum(description="What a temporary task is for.（临时任务目的）")
class TemporaryTaskPurpose(enum.Enum):
    """The purposes that an officer may open a task for; the values are those of ``extensions.access.purpose``."""

    INSPECTION = "INSPECTION"
    CASE_HANDLING = "CASE_HANDLING"


@strawberry.enum(description="What the supervisors made of a temporary task.（临时任务审批状态）")
class TemporaryTaskState(enum.Enum):
    """待审批, 已批准, 已驳回."""

    PENDING = "1"
    APPROVED = "2"
    REJECTED = "3"


@strawberry.enum(description="What a supervisor decides on a temporary task.（审批决定）")
class TemporaryTaskDecision(enum.Enum):
    """The state that it leads to."""

    APPROVED = "2"
    REJECTED = "3"


@record(
    t,
    "临时任务",
    key=t.c.task_no,
    order=Order(columns=(t.c.valid_from, t.c.task_no), descending=True),
    hidden=(hidden(t.c.division_code, INT, "所属区划"),),
)
class TemporaryTask:
    """A task that an officer opened for themselves, in the field."""

    task_no: str | None = column(t.c.task_no, INT, "任务编号")
    purpose: TemporaryTaskPurpose | None = named(t.c.purpose, INT, "目的", TemporaryTaskPurpose)
    subject_ref: strawberry.ID | None = column(t.c.subject_ref, INT, "检查对象", mask="token")
    cert_no: str | None = column(t.c.cert_no, INT, "执法证号", doc="Who opened it")
    co_officer_cert_no: str | None = column(t.c.co_officer_cert_no, INT, "协办人执法证号", doc="The second officer")
    reason: str | None = column(t.c.reason, INT, "事由", doc="Why it was opened, in the officer's words")
    valid_from: datetime.datetime | None = column(t.c.valid_from, INT, "起")
    valid_to: datetime.datetime | None = column(t.c.valid_to, INT, "止")
    review_state: TemporaryTaskState | None = named(t.c.review_state, INT, "审批状态", TemporaryTaskState)
    reviewed_by: str | None = column(t.c.reviewed_by, INT, "审批人执法证号")
    reviewed_at: datetime.datetime | None = column(t.c.reviewed_at, INT, "审批时间")
    review_note: str | None = column(t.c.review_note, INT, "审批意见")


STATE: ColumnElement[str] = t.c.review_state


@value("临时任务查询")
class TemporaryTaskQuery:
    """Temporary tasks."""

    temporary_tasks: Connection[TemporaryTask] | None = root(
        INT,
        "临时任务列表",
        args=(
            arg("state", list[TemporaryTaskState] | None, "审批状态", any_of(STATE)),
            first_arg(20),
            after_arg(Cursor | None),
        ),
        doc="An officer's own; a supervisor's, those of the level; the latest first",
    )


@strawberry.input(
    description="Whom an officer attaches to: exactly one of a person, an organisation and a plate.（检查对象）"
)
class TemporaryTaskSubjectInput:
    """``idType`` and ``idNo``, or ``uscc``, or ``plateNo`` and ``plateType``: the owner of the vehicle today."""

    id_type: str | None = strawberry.field(default=None, description="Type of document (GA/T 517).（证件类型）")
    id_no: str | None = strawberry.field(default=None, description="Number of the document.（证件号码）")
    uscc: str | None = strawberry.field(default=None, description="Unified social credit code.（统一社会信用代码）")
    plate_no: str | None = strawberry.field(default=None, description="Plate number.（号牌号码）")
    plate_type: str | None = strawberry.field(default=None, description="Type of plate.（号牌种类）")


@strawberry.input(description="A temporary task to be opened.（临时任务申请）")
class OpenTemporaryTaskInput:
    """What the officer declares."""

    idempotency_key: strawberry.ID = strawberry.field(description="The same key opens once.（幂等键）")
    purpose: TemporaryTaskPurpose = strawberry.field(description="What it is for.（目的）")
    subject: TemporaryTaskSubjectInput = strawberry.field(description="The subject that it names.（检查对象）")
    reason: str = strawberry.field(description="Why no assignment could be waited for.（事由）")
    co_officer_cert_no: str | None = strawberry.field(default=None, description="The second officer.（协办人执法证号）")


@strawberry.input(description="A decision on a temporary task.（临时任务审批）")
class ReviewTemporaryTaskInput:
    """What the supervisor decides."""

    task_no: str = strawberry.field(description="The task.（任务编号）")
    decision: TemporaryTaskDecision = strawberry.field(description="The decision.（审批决定）")
    note: str = strawberry.field(description="Why.（审批意见）")


@strawberry.type(description="A temporary task as it was opened or reviewed.（临时任务办理结果）")
class TemporaryTaskResult:
    """What the client needs to go on with."""

    task_no: str = strawberry.field(description="The number to state in extensions.access.（任务编号）")
    purpose: TemporaryTaskPurpose = strawberry.field(description="What it is for.（目的）")
    subject_ref: strawberry.ID | None = strawberry.field(
        description="The subject that it names; only whoever opened it is told.（检查对象）"
    )
    valid_to: datetime.datetime = strawberry.field(description="When it ends.（止）")
    review_state: TemporaryTaskState = strawberry.field(description="What was made of it.（审批状态）")


@strawberry.type(description="The task, or why there is none.（临时任务结果）")
class TemporaryTaskPayload:
    """Either `task` or `errors`."""

    task: TemporaryTaskResult | None = strawberry.field(description="The task as recorded.（临时任务）")
    errors: list[UserError] = strawberry.field(description="Faults of the input; none when it was taken.（输入错误）")


class Context(Protocol):
    """What the resolvers find in ``info.context``."""

    async def open_temporary_task(self, given: OpenTemporaryTaskInput) -> TemporaryTaskPayload:
        """Open a task for the caller."""
        ...

    async def review_temporary_task(self, given: ReviewTemporaryTaskInput) -> TemporaryTaskPayload:
        """Decide on a task of the caller's level."""
        ...


async def open_temporary_task(
    info: strawberry.Info[Context, None],
    given: Annotated[
        OpenTemporaryTaskInput, strawberry.argument(name="input", description="The task.（临时任务申请）")
    ],
) -> TemporaryTaskPayload | None:
    """The task, or what is wrong with the input."""
    return await info.context.open_temporary_task(given)


async def review_temporary_task(
    info: strawberry.Info[Context, None],
    given: Annotated[
        ReviewTemporaryTaskInput, strawberry.argument(name="input", description="The decision.（临时任务审批）")
    ],
) -> TemporaryTaskPayload | None:
    """The task as it stands then, or what is wrong with the input."""
    return await info.context.review_temporary_task(given)


@strawberry.type(description="Changes of temporary tasks.（临时任务变更）")
class TemporaryTaskMutation:
    """Opened by officers, reviewed by supervisors."""

    open_temporary_task: TemporaryTaskPayload | None = by_hand(
        open_temporary_task,
        INT,
        "开立临时任务",
        action=Action.CHANGE,
        database="gateway",
        columns=("gw.temporary_task.*",),
        doc="Opens a task that names one subject of the officer's jurisdiction for some hours, once per idempotency key",
    )
    review_temporary_task: TemporaryTaskPayload | None = by_hand(
        review_temporary_task,
        INT,
        "审批临时任务",
        action=Action.CHANGE,
        database="gateway",
        columns=("gw.temporary_task.review_state", "gw.temporary_task.reviewed_by"),
        doc="Approves of a temporary task of the level, or rejects it, which closes it",
    )
