"""Changes of transfers: an officer hands a suspected crime to the police, the police's platform reports what became of it."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Protocol

import strawberry

from auth.classes import Action
from datasources.tables.gateway import transfer
from resolvers.fields import RES, by_hand, link
from resolvers.outbox import TransferPackage, TransferProgress
from resolvers.transfer import UserError
from resolvers.types import value


@strawberry.input(description="A suspected crime to be transferred, with its approval and enclosures.（移送申请）")
class CriminalTransferInput:
    """What the police must be given (国务院令 310 art. 5 and 6)."""

    idempotency_key: strawberry.ID = strawberry.field(description="The same key submits once.（幂等键）")
    case_id: strawberry.ID = strawberry.field(
        description="The case, by its caseId or its number: that which the request states.（案件标识）"
    )
    suspected_crime_code: str = strawberry.field(description="Article of 刑法 and its crime.（涉嫌罪名代码）")
    suspect_refs: list[strawberry.ID] = strawberry.field(description="The suspects among the parties.（涉嫌人引用）")
    receiving_org_uscc: str = strawberry.field(description="The police body.（接收机关）")
    approved_by_cert_no: str = strawberry.field(description="Who approved it.（批准人执法证号）")
    approved_on: datetime.date = strawberry.field(description="When it was approved.（批准移送日期）")
    document_ids: list[strawberry.ID] = strawberry.field(description="The enclosures.（移送材料）")
    seized_items_list_id: strawberry.ID | None = strawberry.field(
        default=None, description="The list of items, when items were seized.（涉案物品清单）"
    )
    note: str | None = strawberry.field(default=None, description="A remark.（备注）")


@strawberry.input(description="What became of a transfer.（移送办理反馈）")
class TransferStatusInput:
    """What the platform reports; ``decisionNo`` and ``reason`` as the status wants them."""

    idempotency_key: strawberry.ID = strawberry.field(description="The same key reports once.（幂等键）")
    transfer_id: strawberry.ID = strawberry.field(description="The transfer.（移送标识）")
    status: TransferProgress = strawberry.field(description="How far it is now.（办理进展）")
    decided_on: datetime.date = strawberry.field(description="The day of the receipt or the decision.（决定日期）")
    decision_no: str | None = strawberry.field(default=None, description="Number of the decision.（决定文号）")
    reason: str | None = strawberry.field(default=None, description="Why it was decided so.（理由）")


@value("移送结果")
class CriminalTransferPayload:
    """The transfer, or why there is none."""

    transfer: TransferPackage | None = link(
        RES, "移送", key=transfer.c.transfer_id, match=transfer.c.transfer_id, doc="The transfer as recorded"
    )
    errors: list[UserError] = strawberry.field(description="Faults of the input; none when it was taken.（输入错误）")


@value("移送反馈结果")
class TransferStatusPayload:
    """The transfer as it stands then, or why nothing was recorded."""

    transfer: TransferPackage | None = link(
        RES, "移送", key=transfer.c.transfer_id, match=transfer.c.transfer_id, doc="The transfer as recorded"
    )
    errors: list[UserError] = strawberry.field(description="Faults of the input; none when it was taken.（输入错误）")


class Context(Protocol):
    """What the resolvers find in ``info.context``."""

    async def submit_criminal_transfer(self, given: CriminalTransferInput) -> Any:
        """Hand a case over in the caller's name; gives a parent value of the payload."""
        ...

    async def report_transfer_status(self, given: TransferStatusInput) -> Any:
        """Record what the caller's platform reports; gives a parent value of the payload."""
        ...


async def submit_criminal_transfer(
    info: strawberry.Info[Context, None],
    given: Annotated[CriminalTransferInput, strawberry.argument(name="input", description="The transfer.（移送申请）")],
) -> CriminalTransferPayload | None:
    """The transfer, or all that is wrong with the input."""
    made: CriminalTransferPayload = await info.context.submit_criminal_transfer(given)
    return made


async def report_transfer_status(
    info: strawberry.Info[Context, None],
    given: Annotated[TransferStatusInput, strawberry.argument(name="input", description="The report.（移送办理反馈）")],
) -> TransferStatusPayload | None:
    """The transfer as it stands then, or all that is wrong with the input."""
    made: TransferStatusPayload = await info.context.report_transfer_status(given)
    return made


@strawberry.type(description="Changes of transfers.（移送变更）")
class TransferMutation:
    """Kept in the gateway's own outbox; changes of cases go to the case systems."""

    submit_criminal_transfer: CriminalTransferPayload | None = by_hand(
        submit_criminal_transfer,
        RES,
        "移送涉嫌犯罪案件",
        action=Action.CHANGE,
        database="gateway",
        columns=("gw.transfer.*",),
        beside=("enforcement", "personnel"),
        doc="Hands a suspected crime to the police, once per idempotency key",
    )
    report_transfer_status: TransferStatusPayload | None = by_hand(
        report_transfer_status,
        RES,
        "反馈移送办理情况",
        action=Action.CHANGE,
        database="gateway",
        columns=("gw.transfer_report.*",),
        doc="Reports what became of a transfer, once per idempotency key",
    )
