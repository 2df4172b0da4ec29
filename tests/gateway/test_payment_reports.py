"""What the finance bureau reports of payments: once per key, no more than is owed, and compared with the file every day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from auth.terms import Detail, Terms
from datasources.city.personas import Operations
from datasources.database import Database
from tests.gateway.asking import answered, told
from tests.gateway.desk import ENGINES, Desk, make_desk
from tests.world import CALLERS, World

REPORT = """mutation($input: PaymentReportInput!) { reportPayment(input: $input) {
  payment { paymentCode amountDue payerName reports { event amount billCode billNo paidAt channel { code } instalmentNo } }
  errors { code path } } }"""
SHOWN = """query($code: String!) { nonTaxPayments(paymentCodes: [$code]) {
  paymentCode amountPaid payerName reports { event amount billNo } receipts { billCode billNo amount } } }"""
DAY = """query($day: Date!) { paymentReconciliation(day: $day) { day receiptsInFile receiptsReported totalInFile totalReported
  differences { kind paymentCode billCode billNo inFile reported } } }"""
FINANCE = CALLERS["partner"]
CODE = Operations.payment_code
"""Due: 186,000.00, of which a third was paid."""
UNKNOWN = "44040026999999999999"


def paid(**others: Any) -> dict[str, Any]:
    """The input of a report."""
    asked = {
        "idempotencyKey": "1",
        "paymentCode": CODE,
        "event": "PAID",
        "amount": "62000.00",
        "billCode": "44062601",
        "billNo": "9000000001",
        "paidAt": "2026-11-05T10:00:00+08:00",
        "channelCode": "03",
        "instalmentNo": 2,
    }
    return {"input": asked | others}


@pytest.fixture(scope="module")
async def room(world: World, scratch: Callable[[str], Awaitable[str]]) -> AsyncIterator[Desk]:
    dsn = await scratch("payments")
    await make_desk(dsn)
    database = Database("gateway", dsn)
    yield Desk({**world.databases, "gateway": database})
    await database.close()


@pytest.fixture
async def desk(room: Desk) -> Desk:
    await room.cleared()
    return room


async def reported(desk: Desk, **others: Any) -> Any:
    """The reports of the payment then, or the codes of what is wrong."""
    payload = (await told(desk.gateway(), REPORT, FINANCE, paid(**others)))["data"]["reportPayment"]
    if payload["payment"] is None:
        return [error["code"] for error in payload["errors"]]
    assert payload["errors"] == []
    return payload["payment"]["reports"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_payment_is_reported_and_shown_with_the_payer_in_clear(desk: Desk, engine: str) -> None:
    body = await told(desk.gateway(engine), REPORT, FINANCE, paid())
    (report,) = body["data"]["reportPayment"]["payment"]["reports"]
    assert report == {
        "event": "PAID",
        "amount": "62000.00",
        "billCode": "44062601",
        "billNo": "9000000001",
        "paidAt": "2026-11-05T02:00:00+00:00",
        "channel": {"code": "03"},
        "instalmentNo": 2,
    }
    (payment,) = (await told(desk.gateway(engine), SHOWN, FINANCE, {"code": CODE}))["data"]["nonTaxPayments"]
    assert payment["reports"] == [{"event": "PAID", "amount": "62000.00", "billNo": "9000000001"}]
    assert payment["payerName"] == "珠海市海昇食品有限公司"


FAULTS: Mapping[str, tuple[dict[str, Any], list[str]]] = {
    "no such payment": ({"paymentCode": UNKNOWN}, ["PAYMENT_NOT_FOUND"]),
    "nothing": ({"amount": "0.00"}, ["AMOUNT_INVALID"]),
    "less than nothing": ({"amount": "-1.00"}, ["AMOUNT_INVALID"]),
    "three places": ({"amount": "1.001"}, ["AMOUNT_INVALID"]),
    "more than is owed": ({"amount": "124000.01"}, ["AMOUNT_TOO_HIGH"]),
    "a short code": ({"billCode": "4406"}, ["BILL_INVALID"]),
    "a long number": ({"billNo": "90000000010"}, ["BILL_INVALID"]),
    "no such channel": ({"channelCode": "99"}, ["CHANNEL_UNKNOWN"]),
    "no such instalment": ({"instalmentNo": 9}, ["INSTALMENT_NOT_FOUND"]),
    "tomorrow": ({"paidAt": "2026-11-06T10:00:00+08:00"}, ["TIME_NOT_POSSIBLE"]),
    "the year one": ({"paidAt": "0001-01-01T00:00:00+14:00"}, ["TIME_NOT_POSSIBLE"]),
    "a refund of nothing": ({"event": "REFUNDED"}, ["BILL_NOT_FOUND"]),
    "all at once": (
        {"amount": "0", "channelCode": "", "billNo": ""},
        ["AMOUNT_INVALID", "CHANNEL_UNKNOWN", "BILL_INVALID"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_every_check_that_fails_is_named(desk: Desk, name: str) -> None:
    others, codes = FAULTS[name]
    assert await reported(desk, **others) == codes
    assert await desk.count("payment_report") == 0


async def test_the_same_key_reports_once(desk: Desk) -> None:
    assert await reported(desk) == await reported(desk)
    assert await reported(desk, amount="1.00") == ["IDEMPOTENCY_KEY_USED"]
    assert await desk.count("payment_report") == 1


async def test_a_receipt_is_reported_once_whatever_the_key(desk: Desk) -> None:
    await reported(desk)
    assert await reported(desk, idempotencyKey="2") == ["BILL_USED"]


@pytest.mark.parametrize("keys", [("1", "1", "1"), ("1", "2", "3")])
async def test_of_twins_at_the_same_moment_one_is_recorded(desk: Desk, keys: tuple[str, ...]) -> None:
    found = await asyncio.gather(*(reported(desk, idempotencyKey=key) for key in keys))
    assert await desk.count("payment_report") == 1
    assert [one for one in found if one != ["BILL_USED"]]


async def test_instalments_end_with_what_is_owed(desk: Desk) -> None:
    await reported(desk)
    second = {"idempotencyKey": "2", "billNo": "9000000002", "instalmentNo": 3}
    assert await reported(desk, **second, amount="62000.01") == ["AMOUNT_TOO_HIGH"]
    assert [one["amount"] for one in await reported(desk, **second)] == ["62000.00", "62000.00"]


SURCHARGED = """SELECT payment_code, amount_due, surcharge_due FROM cas.payment WHERE surcharge_due > amount_due / 2
  AND amount_paid = 0 AND NOT sealed ORDER BY 1 LIMIT 1"""


async def test_the_surcharge_counts_up_to_the_fine(desk: Desk) -> None:
    rows = await desk.databases["enforcement"].rows(SURCHARGED, ())
    assert rows
    ((code, due, surcharge),) = rows
    most = due + min(due, surcharge)
    asked = {"paymentCode": code, "instalmentNo": None}
    assert await reported(desk, **asked, amount=f"{most + 1}") == ["AMOUNT_TOO_HIGH"]
    assert [one["amount"] for one in await reported(desk, **asked, amount=f"{most}")] == [f"{most}"]


async def test_what_was_paid_is_given_back_once(desk: Desk) -> None:
    await reported(desk)
    back = {"idempotencyKey": "2", "event": "REFUNDED"}
    assert await reported(desk, **back, amount="62000.01") == ["AMOUNT_TOO_HIGH"]
    assert [one["event"] for one in await reported(desk, **back)] == ["PAID", "REFUNDED"]
    assert await reported(desk, **{**back, "idempotencyKey": "3"}) == ["BILL_USED"]


@pytest.mark.parametrize("engine", ENGINES)
async def test_nobody_else_reports_or_compares(desk: Desk, engine: str) -> None:
    for name in CALLERS.keys() - {"partner"}:
        body = await told(desk.gateway(engine), REPORT, CALLERS[name], paid())
        assert body.get("data") in (None, {"reportPayment": None}), name
        assert body["errors"]
        body = await told(desk.gateway(engine), DAY, CALLERS[name], {"day": "2026-11-05"})
        assert body.get("data") in (None, {"paymentReconciliation": None}), name
        assert body["errors"]
    assert await desk.count("payment_report") == 0


@pytest.mark.parametrize("engine", ENGINES)
async def test_I1_a_payment_of_a_case_that_the_agreement_does_not_name_is_like_none(desk: Desk, engine: str) -> None:
    narrow = replace(FINANCE[0], details=(Detail(terms=Terms(cases=frozenset({"ZHXZ-CX-2026-CF-9999999"}))),))
    caller = (narrow, FINANCE[1])
    bodies = {
        await answered(desk.gateway(engine), REPORT, caller, paid(paymentCode=code)) for code in (CODE, UNKNOWN, "x")
    }
    assert len(bodies) == 1
    assert b"PAYMENT_NOT_FOUND" in bodies.pop()


@pytest.mark.parametrize("engine", ENGINES)
async def test_the_books_of_a_day_are_compared(desk: Desk, engine: str) -> None:
    await reported(desk)
    day = (await told(desk.gateway(engine), DAY, FINANCE, {"day": "2026-11-05"}))["data"]["paymentReconciliation"]
    assert (day["receiptsReported"], day["totalReported"]) == (1, "62000.00")
    difference = {"kind": "NOT_IN_FILE", "paymentCode": CODE, "billCode": "44062601", "billNo": "9000000001"}
    assert difference | {"inFile": None, "reported": "62000.00"} in day["differences"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_day_that_no_book_has_is_refused(desk: Desk, day: str) -> None:
    body = await told(desk.gateway(), DAY, FINANCE, {"day": day})
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]


async def test_a_receipt_of_the_file_is_missing_until_it_is_reported_alike(desk: Desk) -> None:
    rows = await desk.databases["enforcement"].rows(
        """SELECT r.bill_code, r.bill_no, r.amount, r.paid_at, (r.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS day
          FROM cas.payment_receipt r WHERE payment_code = $1""",
        [CODE],
    )
    (row,) = rows
    bill = {"billCode": row["bill_code"], "billNo": row["bill_no"]}

    async def kinds() -> list[str]:
        body = await told(desk.gateway(), DAY, FINANCE, {"day": row["day"].isoformat()})
        differences = body["data"]["paymentReconciliation"]["differences"]
        return [one["kind"] for one in differences if (one["billCode"], one["billNo"]) == tuple(bill.values())]

    assert await kinds() == ["NOT_REPORTED"]
    as_it_was = {**bill, "paidAt": row["paid_at"].isoformat(), "instalmentNo": 1}
    await reported(desk, **as_it_was, amount=f"{row['amount'] - 1}")
    assert await kinds() == ["AMOUNT_DIFFERS"]
    await desk.cleared()
    await reported(desk, **as_it_was, amount=f"{row['amount']}")
    assert await kinds() == []


@pytest.mark.parametrize("engine", ENGINES)
async def test_I1_the_comparison_is_of_the_named_cases(desk: Desk, engine: str) -> None:
    await reported(desk)
    narrow = replace(FINANCE[0], details=(Detail(terms=Terms(cases=frozenset({"ZHXZ-CX-2026-CF-9999999"}))),))
    body = await told(desk.gateway(engine), DAY, (narrow, FINANCE[1]), {"day": "2026-11-05"})
    day = body["data"]["paymentReconciliation"]
    assert (day["receiptsInFile"], day["receiptsReported"], day["differences"]) == (0, 0, [])
