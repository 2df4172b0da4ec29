"""Fines and confiscations paid to the treasury (财政非税): what is due, what is paid. Amounts in 元, two places."""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry
from sqlalchemy import func

from datasources.tables import enforcement as t
from datasources.tables import gateway as gw
from resolvers.args import arg
from resolvers.case_enums import PaymentStatus
from resolvers.conditions import any_of
from resolvers.fields import INT, PER, PUB, SEN, code, column, hidden, link, named, root
from resolvers.keys import bracketings, document_number, numbers
from resolvers.marks import unmarked
from resolvers.sources import Order, Where
from resolvers.types import record, value
from resolvers.values import Code, RecordMeta, meta_of

if TYPE_CHECKING:
    from resolvers.payment_report import PaymentReport

LazyReport: TypeAlias = Annotated["PaymentReport", strawberry.lazy("resolvers.payment_report")]

case, payment, instalment, receipt = t.case_, t.payment, t.payment_instalment, t.payment_receipt


def under_document_no() -> Where:
    """The payment belongs to the decision of this number, whatever its brackets."""
    condition = any_of(payment.c.document_no)
    return Where(columns=condition.columns, bind=condition.bind, build=condition.build, encode=bracketings)


@record(
    payment.join(case, case.c.case_id == payment.c.case_id),
    "罚款缴款",
    key=payment.c.payment_code,
    order=Order(columns=(payment.c.due_on, payment.c.payment_code)),
    hidden=(
        hidden(payment.c.case_id, INT, "案件"),
        hidden(payment.c.payer_account, SEN, "付款账号"),
    ),
)
class NonTaxPayment:
    """One payment to the treasury under a payment code (缴款码)."""

    payment_code: str | None = column(payment.c.payment_code, PER, "缴款码", mask="keep_last_4")
    case_no: str | None = column(case.c.case_no, INT, "案件编号")
    document_no: str | None = column(payment.c.document_no, INT, "决定书文号")
    payer_name: str | None = column(
        payment.c.payer_name, PER, "缴款人", mask="name_surname", shown_where=unmarked(payment.c.payer_mark)
    )
    item_code: Code | None = code(payment.c.item_code, INT, "非税项目编码")
    amount_due: decimal.Decimal | None = column(payment.c.amount_due, INT, "应缴金额(元)")
    surcharge_due: decimal.Decimal | None = column(payment.c.surcharge_due, INT, "加处罚款(元)")
    surcharge_cap: decimal.Decimal | None = column(
        payment.c.amount_due, INT, "加处罚款上限(元)", doc="A surcharge never exceeds the fine (行政处罚法 art. 72)"
    )
    amount_paid: decimal.Decimal | None = column(payment.c.amount_paid, INT, "实缴金额(元)")
    due_on: datetime.date | None = column(payment.c.due_on, INT, "缴款期限")
    status: PaymentStatus | None = named(payment.c.status, INT, "状态", PaymentStatus)
    bill_code: str | None = column(payment.c.bill_code, PER, "票据代码")
    bill_no: str | None = column(payment.c.bill_no, PER, "票据号码")
    instalments: list[Instalment] | None = link(
        INT, "分期缴款", key=payment.c.payment_code, match=instalment.c.payment_code
    )
    receipts: list[Receipt] | None = link(INT, "缴款票据", key=payment.c.payment_code, match=receipt.c.payment_code)
    reports: list[LazyReport] | None = link(
        INT,
        "缴款反馈",
        key=payment.c.payment_code,
        match=gw.payment_report.c.payment_code,
        doc="What the finance bureau reported through the gateway",
    )
    updated_at: datetime.datetime = column(
        func.coalesce(payment.c.source_updated_at, payment.c.fetched_at), PUB, "更新时间"
    )
    meta: RecordMeta = meta_of(payment)


@record(
    instalment,
    "分期缴款",
    key=(instalment.c.payment_code, instalment.c.no),
    order=Order(columns=(instalment.c.no,)),
    hidden=(hidden(instalment.c.payment_code, PER, "缴款码"),),
)
class Instalment:
    """One instalment of a payment (行政处罚法 art. 66)."""

    no: int | None = column(instalment.c.no, INT, "期次")
    due_on: datetime.date | None = column(instalment.c.due_on, INT, "缴款期限")
    amount: decimal.Decimal | None = column(instalment.c.amount, INT, "金额(元)")
    paid: bool | None = column(instalment.c.paid, INT, "是否已缴")


@record(
    receipt,
    "缴款票据",
    key=(receipt.c.bill_code, receipt.c.bill_no),
    order=Order(columns=(receipt.c.paid_at, receipt.c.bill_code, receipt.c.bill_no)),
    hidden=(hidden(receipt.c.payment_code, PER, "缴款码"),),
)
class Receipt:
    """A receipt of the treasury (财政电子票据)."""

    bill_code: str | None = column(receipt.c.bill_code, PER, "票据代码")
    bill_no: str | None = column(receipt.c.bill_no, PER, "票据号码")
    amount: decimal.Decimal | None = column(receipt.c.amount, INT, "金额(元)")
    paid_at: datetime.datetime | None = column(receipt.c.paid_at, INT, "缴款时间")
    channel: Code | None = code(receipt.c.channel_code, INT, "缴款渠道")


@value("缴款查询")
class PaymentQuery:
    """Payments to the treasury."""

    non_tax_payments: list[NonTaxPayment] | None = root(
        INT,
        "罚款缴款列表",
        args=(
            arg("paymentCodes", list[str] | None, "缴款码", any_of(payment.c.payment_code), check=numbers),
            arg("documentNo", str | None, "决定书文号", under_document_no(), check=document_number),
        ),
        needs_one_of=("paymentCodes", "documentNo"),
        doc="Payments by their codes, or of one decision; one of the two must be given",
    )
