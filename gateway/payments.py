"""Payments that the finance bureau reports (财政非税回传), kept in the gateway's own database, and the daily comparison (对账).

Nobody pays more than the fine and the surcharge, which is no more than the fine (行政处罚法 art. 72), and nobody gets back more
than the receipt says. Amounts are decimals of 元 with two places; no float is ever made of them.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import ARRAY, Select, String, any_, literal, select
from sqlalchemy.dialects.postgresql import insert

from auth.viewer import Viewer
from datasources.tables.calendar import CHINA
from datasources.tables.codes import CODE_LISTS
from datasources.tables.enforcement import payment, payment_instalment, payment_receipt
from datasources.tables.gateway import payment_report
from gateway.idempotency import KEY_TEXTS, Claim, Faults, Texts, outdated
from gateway.outbox import numbered, valued
from gateway.trace import Subject
from resolvers.errors import BadInput
from resolvers.payment_report import (
    DifferenceKind,
    PaymentDifference,
    PaymentEvent,
    PaymentReconciliation,
    PaymentReportInput,
)

OPERATION, BOOK = "reportPayment", "payment"
CENT = Decimal("0.01")
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Of a payment, and of a day that is compared."""
BILL_CODE, BILL_NO = re.compile(r"[0-9]{8}", re.ASCII), re.compile(r"[0-9]{10}", re.ASCII)
CHANNELS = frozenset(CODE_LISTS["payment_receipt.channel_code"].labels)

FAULTS: Texts = {
    **KEY_TEXTS,
    "PAYMENT_NOT_FOUND": (("paymentCode",), "No such payment."),
    "AMOUNT_INVALID": (("amount",), "An amount is above zero and has at most two places."),
    "AMOUNT_TOO_HIGH": (
        ("amount",),
        "More than the fine and its surcharge, or more than is given back of the receipt.",
    ),
    "BILL_INVALID": (("billNo",), "A receipt has a code of 8 digits and a number of 10."),
    "BILL_USED": (("billNo",), "The receipt was reported before."),
    "BILL_NOT_FOUND": (("billNo",), "No such receipt of this payment."),
    "CHANNEL_UNKNOWN": (("channelCode",), "No such channel."),
    "INSTALMENT_NOT_FOUND": (("instalmentNo",), "No such instalment of this payment."),
    "TIME_NOT_POSSIBLE": (("paidAt",), "The time must not be in the future, nor before 2000."),
}

Row = Mapping[str, Any]
Bill = tuple[str, str]


class Asked(Protocol):
    """What the databases are asked through: the context of the request."""

    viewer: Viewer
    now: datetime.datetime
    subjects: list[Subject]
    """Whose data the answer shows, for the log."""

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement. Raises GatewayError."""
        ...

    def row_conditions(self, source: Any) -> tuple[Any, ...]:
        """Which rows of a table the caller sees."""
        ...


# --- reports -------------------------------------------------------------------------------------


async def report(asked: Asked, given: PaymentReportInput, *, days: int) -> str:
    """The payment code, for which the report was recorded now or under the same idempotency key before. Raises Faults."""
    claim = Claim.of(asked.viewer, OPERATION, given.idempotency_key, given, str(uuid.uuid4()))
    found = await asked.rows("enforcement", _payments([given.payment_code], asked))
    if not found:
        raise Faults("PAYMENT_NOT_FOUND")
    known = await claim.made(asked)
    if known is None:
        wrong = [code async for code in _wrong(asked, found[0], given)]
        if not wrong:
            await asked.rows("gateway", outdated(asked.now))
            await asked.rows("gateway", _recorded(claim, asked, given, asked.now + datetime.timedelta(days=days)))
        known = await claim.made(asked)  # by this request, or by its twin meanwhile
        if known is None:
            raise Faults(*wrong)
    made = select(payment_report.c.seq).where(payment_report.c.report_id == uuid.UUID(known))
    if not await asked.rows("gateway", made):
        raise Faults("BILL_USED")  # another report was quicker
    return given.payment_code


def _payments(codes: Sequence[str], asked: Asked) -> Select[Any]:
    """Those of the payments that the caller sees."""
    columns = (payment.c.payment_code, payment.c.amount_due, payment.c.surcharge_due)
    wanted = literal(list(codes), ARRAY(String()))
    return select(*columns).where(payment.c.payment_code == any_(wanted), *asked.row_conditions(payment))


async def _wrong(asked: Asked, found: Row, given: PaymentReportInput) -> Any:
    """The code of every check that fails."""
    if given.amount <= 0 or given.amount != given.amount.quantize(CENT):
        yield "AMOUNT_INVALID"
    if given.channel_code not in CHANNELS:
        yield "CHANNEL_UNKNOWN"
    if given.paid_at.year < FIRST_YEAR or given.paid_at > asked.now:
        yield "TIME_NOT_POSSIBLE"
    if not BILL_CODE.fullmatch(given.bill_code) or not BILL_NO.fullmatch(given.bill_no):
        yield "BILL_INVALID"
    instalments = await asked.rows(
        "enforcement",
        select(payment_instalment.c.no).where(payment_instalment.c.payment_code == given.payment_code),
    )
    if given.instalment_no is not None and given.instalment_no not in {row["no"] for row in instalments}:
        yield "INSTALMENT_NOT_FOUND"
    for code in _of_bill(await _book(asked, given.payment_code), found, given):
        yield code


async def _book(
    asked: Asked, payment_code: str
) -> tuple[Mapping[Bill, Decimal], Mapping[Bill, Decimal], frozenset[Bill]]:
    """By receipt what was paid, in the file or by report, what was given back, and which receipts were reported."""
    columns = (payment_receipt.c.bill_code, payment_receipt.c.bill_no, payment_receipt.c.amount)
    in_file = await asked.rows("enforcement", select(*columns).where(payment_receipt.c.payment_code == payment_code))
    reports = await asked.rows("gateway", select(payment_report).where(payment_report.c.payment_code == payment_code))
    paid = {_bill(row): row["amount"] for row in in_file}
    back: dict[Bill, Decimal] = {}
    for row in reports:
        if row["kind"] == PaymentEvent.PAID.value:
            paid[_bill(row)] = row["amount"]
        else:
            back[_bill(row)] = row["amount"]
    return paid, back, frozenset(_bill(row) for row in reports if row["kind"] == PaymentEvent.PAID.value)


def _of_bill(
    book: tuple[Mapping[Bill, Decimal], Mapping[Bill, Decimal], frozenset[Bill]], found: Row, given: PaymentReportInput
) -> Iterator[str]:
    paid, back, reported = book
    bill = (given.bill_code, given.bill_no)
    if given.event is PaymentEvent.REFUNDED:
        if bill not in paid:
            yield "BILL_NOT_FOUND"
        elif bill in back:
            yield "BILL_USED"
        elif given.amount > paid[bill]:
            yield "AMOUNT_TOO_HIGH"
        return
    if bill in reported:
        yield "BILL_USED"
    most = found["amount_due"] + min(found["surcharge_due"], found["amount_due"])
    others = sum((amount for one, amount in paid.items() if one != bill), Decimal(0)) - sum(back.values(), Decimal(0))
    if others + given.amount > most:
        yield "AMOUNT_TOO_HIGH"


def _bill(row: Row) -> Bill:
    return row["bill_code"], row["bill_no"]


def _recorded(claim: Claim, asked: Asked, given: PaymentReportInput, until: datetime.datetime) -> Any:
    """Takes the key and the next number; no row where the receipt is another report's."""
    row = {
        "report_id": uuid.UUID(claim.result),
        "payment_code": given.payment_code,
        "kind": given.event.value,
        "amount": given.amount,
        "bill_code": given.bill_code,
        "bill_no": given.bill_no,
        "paid_at": given.paid_at,
        "channel_code": given.channel_code,
        "instalment_no": given.instalment_no,
        "reported_at": asked.now,
        "client_id": asked.viewer.client,
    }
    number = numbered(BOOK, claim.taken(until))
    added = insert(payment_report).from_select([*row, "seq"], select(*valued(payment_report, row), number.c.last_seq))
    return added.on_conflict_do_nothing().returning(payment_report.c.seq)


# --- the comparison ------------------------------------------------------------------------------


async def reconciled(asked: Asked, day: datetime.date) -> PaymentReconciliation:
    """The receipts of a day in China on both sides, of the payments that the caller sees. Raises BadInput."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadInput("day")
    start = datetime.datetime.combine(day, datetime.time(), CHINA)
    end = start + datetime.timedelta(days=1)
    columns = (
        payment_receipt.c.payment_code,
        payment_receipt.c.bill_code,
        payment_receipt.c.bill_no,
        payment_receipt.c.amount,
    )
    in_file = await asked.rows(
        "enforcement",
        select(*columns)
        .join(payment, payment.c.payment_code == payment_receipt.c.payment_code)
        .where(payment_receipt.c.paid_at >= start, payment_receipt.c.paid_at < end, *asked.row_conditions(payment)),
    )
    reports = await asked.rows(
        "gateway",
        select(
            payment_report.c.payment_code,
            payment_report.c.bill_code,
            payment_report.c.bill_no,
            payment_report.c.amount,
        ).where(
            payment_report.c.paid_at >= start,
            payment_report.c.paid_at < end,
            payment_report.c.kind == PaymentEvent.PAID.value,
        ),
    )
    codes = sorted({row["payment_code"] for row in reports})
    seen = {row["payment_code"] for row in await asked.rows("enforcement", _payments(codes, asked))} if codes else set()
    ours = {_bill(row): row for row in in_file}
    theirs = {_bill(row): row for row in reports if row["payment_code"] in seen}
    differences = list(_differences(ours, theirs))
    asked.subjects += [("NonTaxPayment", code) for code in sorted({one.payment_code for one in differences})]
    return PaymentReconciliation(
        day=day,
        receipts_in_file=len(ours),
        receipts_reported=len(theirs),
        total_in_file=_sum(ours),
        total_reported=_sum(theirs),
        differences=differences,
    )


def _sum(rows: Mapping[Bill, Row]) -> Decimal:
    return sum((row["amount"] for row in rows.values()), Decimal("0.00"))


def _differences(ours: Mapping[Bill, Row], theirs: Mapping[Bill, Row]) -> Iterator[PaymentDifference]:
    for bill in sorted(ours.keys() | theirs.keys()):
        here, there = ours.get(bill), theirs.get(bill)
        if here is not None and there is not None and here["amount"] == there["amount"]:
            continue
        if here is None:
            kind = DifferenceKind.NOT_IN_FILE
        else:
            kind = DifferenceKind.NOT_REPORTED if there is None else DifferenceKind.AMOUNT_DIFFERS
        yield PaymentDifference(
            kind=kind,
            payment_code=(here or there or {})["payment_code"],
            bill_code=bill[0],
            bill_no=bill[1],
            in_file=here["amount"] if here is not None else None,
            reported=there["amount"] if there is not None else None,
        )
