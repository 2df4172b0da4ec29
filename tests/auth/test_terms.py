"""What an agreement and a token narrow to, and how the token says it."""

from __future__ import annotations

from typing import Any

import pytest

from auth.terms import Detail, Terms, both, covers, details_of


@pytest.mark.parametrize(
    ("coordinate", "covered"),
    [
        ("NonTaxPayment.amountDue", True),
        ("Receipt.amount", True),
        ("Receipt.billNo", False),
        ("Query.nonTaxPayments", True),
        ("Query.persons", False),
        ("CaseSubject.address.fullText", True),
        ("NonTaxPayments.amountDue", False),
    ],
)
def test_a_coordinate_is_covered_by_its_type_or_its_field(coordinate: str, covered: bool) -> None:
    fields = frozenset({"NonTaxPayment", "Receipt.amount", "Query.nonTaxPayments", "CaseSubject.address"})
    assert covers(fields, coordinate) is covered


def terms(fields: str | None, cases: str | None = None) -> Terms:
    return Terms(
        fields=None if fields is None else frozenset(fields.split()),
        cases=None if cases is None else frozenset(cases.split()),
    )


@pytest.mark.parametrize(
    ("one", "other", "left"),
    [
        (terms(None), terms(None), terms(None)),
        (terms("A"), terms(None), terms("A")),
        (terms("A"), terms("A.x B"), terms("A.x")),
        (terms("A.x"), terms("A.y"), terms("")),
        (terms("A B"), terms("B C"), terms("B")),
        (terms(None, "1 2 3 4 5"), terms(None, "1 2 9"), terms(None, "1 2")),
        (terms(None, "1"), terms("A"), terms("A", "1")),
        (terms(None, "1"), terms(None, ""), terms(None, "")),
    ],
)
def test_I5_both_hold(one: Terms, other: Terms, left: Terms) -> None:
    assert both(one, other) == left
    assert both(other, one) == left


def test_a_detail_is_read() -> None:
    claim = [
        {"type": "payment_initiation", "locations": ["https://bank.example"]},
        {
            "type": "tongcha",
            "purpose": "NON_TAX_PAYMENT",
            "agreement": "GX-2026-0088",
            "taskNos": ["T"],
            "caseNos": ["C"],
            "fields": ["NonTaxPayment"],
        },
    ]
    assert details_of(claim) == (
        Detail(
            purpose="NON_TAX_PAYMENT",
            agreement="GX-2026-0088",
            tasks=frozenset({"T"}),
            terms=Terms(fields=frozenset({"NonTaxPayment"}), cases=frozenset({"C"})),
        ),
    )


@pytest.mark.parametrize("claim", [None, [], [{"type": "payment_initiation"}]])
def test_details_for_others_say_nothing_to_us(claim: Any) -> None:
    assert details_of(claim) is None


@pytest.mark.parametrize(
    "claim",
    [
        "tongcha",
        {"type": "tongcha"},
        ["tongcha"],
        [{"purpose": "AUDIT"}],
        [{"type": ["tongcha"]}],
        [{"type": "tongcha", "actions": ["read"]}],
        [{"type": "tongcha", "purpose": ["AUDIT"]}],
        [{"type": "tongcha", "fields": "Person"}],
        [{"type": "tongcha", "caseNos": [1]}],
        [{"type": "tongcha", "caseNos": [""]}],
    ],
)
def test_what_cannot_be_read_might_narrow_and_is_refused(claim: Any) -> None:
    with pytest.raises(ValueError, match="authorization_details"):
        details_of(claim)
