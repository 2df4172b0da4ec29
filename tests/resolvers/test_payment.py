"""Payments to the treasury."""

from __future__ import annotations

from typing import Any

import pytest

from tests.resolvers.conftest import Ask

PAYMENTS = """query($codes: [String!], $no: String) { nonTaxPayments(paymentCodes: $codes, documentNo: $no) {
  paymentCode caseNo documentNo amountDue surchargeDue surchargeCap amountPaid status updatedAt
  instalments { no amount paid } receipts { billCode billNo amount paidAt channel { code } } } }"""


async def test_a_payment_by_instalments(ask: Ask) -> None:
    payload = await ask(PAYMENTS, codes=["440400260000000001"])
    assert payload["data"]["nonTaxPayments"] == [
        {
            "paymentCode": "440400260000000001",
            "caseNo": "AN-10",
            "documentNo": "珠香市监罚〔2026〕10号",
            "amountDue": "6000.00",
            "surchargeDue": "0.00",
            "surchargeCap": "6000.00",
            "amountPaid": "2000.00",
            "status": "PARTIALLY_PAID",
            "updatedAt": "2026-11-05T01:00:00+00:00",
            "instalments": [
                {"no": 1, "amount": "2000.00", "paid": True},
                {"no": 2, "amount": "4000.00", "paid": False},
            ],
            "receipts": [
                {
                    "billCode": "44010126",
                    "billNo": "0000000001",
                    "amount": "2000.00",
                    "paidAt": "2026-10-20T02:00:00+00:00",
                    "channel": {"code": "1"},
                }
            ],
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ({"codes": ["440400260000000001", "440400260000000002", "9"]}, ["440400260000000001", "440400260000000002"]),
        ({"no": "珠香市监罚[2026]10号"}, ["440400260000000001"]),
        ({"codes": ["440400260000000002"], "no": "珠香市监罚〔2026〕10号"}, []),
        ({"codes": []}, []),
    ],
)
async def test_payments_are_found_by_code_and_document(ask: Ask, arguments: dict[str, Any], codes: list[str]) -> None:
    payload = await ask(PAYMENTS, **arguments)
    assert [payment["paymentCode"] for payment in payload["data"]["nonTaxPayments"]] == codes


@pytest.mark.parametrize("arguments", [{}, {"codes": None, "no": None}, {"codes": ["1"] * 201}, {"no": " "}])
async def test_one_of_the_two_must_be_given(ask: Ask, arguments: dict[str, Any]) -> None:
    payload = await ask(PAYMENTS, **arguments)
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]


async def test_the_payments_of_a_case(ask: Ask) -> None:
    payload = await ask('{ case(caseNo: "AN-10") { payments { paymentCode status } } }')
    assert payload["data"]["case"]["payments"] == [
        {"paymentCode": "440400260000000001", "status": "PARTIALLY_PAID"},
        {"paymentCode": "440400260000000002", "status": "PAID"},
    ]
