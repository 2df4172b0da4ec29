"""What the finance bureau (财政非税) reports of payments, and how both sides' books compare (对账).

The gateway keeps the reports; the case system takes them over from there, and its own record of a payment is what
`NonTaxPayment` shows beside them.
"""

from __future__ import annotations

import datetime
import decimal
import enum
from typing import Annotated, Any, Protocol

import strawberry

from auth.classes import Action
from datasources.tables import enforcement as t
from datasources.tables.gateway import payment_report as r
from resolvers.fields import INT, PER, by_hand, code, column, hidden, link, named
from resolvers.payment import NonTaxPayment
from resolvers.prices import PASS
from resolvers.sources import Order
from resolvers.transfer import UserError
from resolvers.types import record, value
from resolvers.values import Code


@strawberry.enum(description="What a report says of money.（缴款变动）")
class PaymentEvent(enum.Enum):
    """``gw.payment_report.kind``: paid in full, in part or by instalment; given back after a decision was revoked."""

    PAID = "PAID"
    REFUNDED = "REFUNDED"


@strawberry.enum(description="How the books of both sides differ.（对账差异）")
class DifferenceKind(enum.Enum):
    """By the receipt, code and number."""

    NOT_IN_FILE = "NOT_IN_FILE"
    NOT_REPORTED = "NOT_REPORTED"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"


@record(
    r,
    "缴款反馈",
    key=r.c.seq,
    order=Order(columns=(r.c.seq,)),
    hidden=(hidden(r.c.payment_code, PER, "缴款码"), hidden(r.c.seq, INT, "序号")),
)
class PaymentReport:
    """One payment or refund as the finance bureau reported it."""

    event: PaymentEvent | None = named(r.c.kind, INT, "缴款变动", PaymentEvent)
    amount: decimal.Decimal | None = column(r.c.amount, INT, "金额(元)")
    bill_code: str | None = column(r.c.bill_code, PER, "票据代码")
    bill_no: str | None = column(r.c.bill_no, PER, "票据号码")
    paid_at: datetime.datetime | None = column(r.c.paid_at, INT, "缴款时间")
    channel: Code | None = code(r.c.channel_code, INT, "缴款渠道", codes="payment_receipt.channel_code")
    instalment_no: int | None = column(r.c.instalment_no, INT, "期次")
    reported_at: datetime.datetime | None = column(r.c.reported_at, INT, "反馈时间")


@strawberry.input(description="A payment or a refund.（缴款反馈）")
class PaymentReportInput:
    """What the finance bureau calls back with; amounts in 元 with two places."""

    idempotency_key: strawberry.ID = strawberry.field(description="The same key reports once.（幂等键）")
    payment_code: str = strawberry.field(description="The payment code.（缴款码）")
    event: PaymentEvent = strawberry.field(description="Paid, or given back.（缴款变动）")
    amount: decimal.Decimal = strawberry.field(description="The amount.（实缴金额）")
    bill_code: str = strawberry.field(
        description="Code of the receipt, 8 digits; of a refund, that of what is given back.（票据代码）"
    )
    bill_no: str = strawberry.field(description="Number of the receipt, 10 digits.（票据号码）")
    paid_at: datetime.datetime = strawberry.field(description="When.（缴款时间）")
    channel_code: str = strawberry.field(description="By which channel.（缴款渠道代码）")
    instalment_no: int | None = strawberry.field(default=None, description="Which instalment.（期次）")


@value("缴款反馈结果")
class PaymentReportPayload:
    """The payment as it stands then, or why nothing was recorded."""

    payment: NonTaxPayment | None = link(
        INT,
        "罚款缴款",
        key=t.payment.c.payment_code,
        match=t.payment.c.payment_code,
        doc="The payment with its reports",
    )
    errors: list[UserError] = strawberry.field(description="Faults of the input; none when it was taken.（输入错误）")


@strawberry.type(description="A receipt that the books of both sides do not have alike.（对账差异）")
class PaymentDifference:
    """One difference."""

    kind: DifferenceKind = strawberry.field(description="How they differ.（差异类别）")
    payment_code: str = strawberry.field(description="The payment code.（缴款码）")
    bill_code: str = strawberry.field(description="Code of the receipt.（票据代码）")
    bill_no: str = strawberry.field(description="Number of the receipt.（票据号码）")
    in_file: decimal.Decimal | None = strawberry.field(description="The amount in the case system.（案件系统金额）")
    reported: decimal.Decimal | None = strawberry.field(description="The amount as it was reported.（反馈金额）")


@strawberry.type(description="The books of one day, compared.（对账结果）")
class PaymentReconciliation:
    """Receipts of a day in China; refunds are not receipts."""

    day: datetime.date = strawberry.field(description="The day.（日期）")
    receipts_in_file: int = strawberry.field(description="Receipts in the case system.（案件系统票据数）")
    receipts_reported: int = strawberry.field(description="Receipts that were reported.（反馈票据数）")
    total_in_file: decimal.Decimal = strawberry.field(description="Their sum in the case system.（案件系统金额合计）")
    total_reported: decimal.Decimal = strawberry.field(description="Their sum as reported.（反馈金额合计）")
    differences: list[PaymentDifference] = strawberry.field(description="What differs, by receipt.（差异）")


class Context(Protocol):
    """What the resolvers find in ``info.context``."""

    async def report_payment(self, given: PaymentReportInput) -> Any:
        """Record what was paid or given back; gives a parent value of the payload."""
        ...

    async def payment_reconciliation(self, day: datetime.date) -> PaymentReconciliation:
        """Compare the books of a day."""
        ...


async def report_payment(
    info: strawberry.Info[Context, None],
    given: Annotated[PaymentReportInput, strawberry.argument(name="input", description="The report.（缴款反馈）")],
) -> PaymentReportPayload | None:
    """The payment as it stands then, or all that is wrong with the input."""
    made: PaymentReportPayload = await info.context.report_payment(given)
    return made


async def payment_reconciliation(
    info: strawberry.Info[Context, None],
    day: Annotated[datetime.date, strawberry.argument(description="A day in China.（日期）")],
) -> PaymentReconciliation | None:
    """The books of the day."""
    return await info.context.payment_reconciliation(day)


@strawberry.type(description="Reports of payments.（缴款反馈）")
class PaymentMutation:
    """Kept by the gateway; changes of payments go to the case systems."""

    report_payment: PaymentReportPayload | None = by_hand(
        report_payment,
        INT,
        "反馈缴款情况",
        action=Action.CHANGE,
        database="gateway",
        columns=("gw.payment_report.*",),
        beside=("enforcement",),
        doc="Reports a payment or a refund, once per idempotency key",
    )


@strawberry.type(description="Books of both sides.（对账查询）")
class ReconciliationQuery:
    """What the finance bureau and the case system have of one day."""

    payment_reconciliation: PaymentReconciliation | None = by_hand(
        payment_reconciliation,
        INT,
        "日对账",
        action=Action.READ,
        database="gateway",
        columns=("gw.payment_report.*",),
        beside=("enforcement",),
        reads=PASS,
        doc="The receipts of a day in the case system and as they were reported, with what differs",
    )
