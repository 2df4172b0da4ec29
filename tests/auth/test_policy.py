from __future__ import annotations

import pytest

from auth.classes import DataClass
from auth.policy import Action, Decision, Outcome, decide
from auth.purpose import Standing
from auth.viewer import CallerKind, Purpose

ON_A_TASK = Standing(kind=CallerKind.OFFICER, purpose=Purpose.INSPECTION, granted=True)
REVIEWING = Standing(kind=CallerKind.SUPERVISOR, purpose=Purpose.SUPERVISION, granted=True)
NOTHING_STATED = Standing(
    kind=CallerKind.OFFICER, purpose=None, granted=False, code="PURPOSE_REQUIRED", needs=("purpose",)
)
WRONG_TASK = Standing(kind=CallerKind.OFFICER, purpose=Purpose.INSPECTION, granted=False, code="PURPOSE_DENIED")
COLLECTING = Standing(kind=CallerKind.PARTNER, purpose=Purpose.NON_TAX_PAYMENT, granted=True)
GUARDED = [DataClass.INTERNAL, DataClass.PERSONAL, DataClass.SENSITIVE, DataClass.RESTRICTED]


def every_standing() -> list[Standing]:
    purposes: list[Purpose | None] = [None, *Purpose]
    return [
        Standing(kind=kind, purpose=purpose, granted=granted, code=None if granted else "PURPOSE_DENIED")
        for kind in CallerKind
        for purpose in purposes
        for granted in ([True, False] if purpose else [False])
    ]


@pytest.mark.parametrize("standing", every_standing())
@pytest.mark.parametrize("action", Action)
def test_public_data_is_clear_for_everyone(standing: Standing, action: Action) -> None:
    assert decide(standing, "Matter.name", DataClass.PUBLIC, action).outcome is Outcome.CLEAR


@pytest.mark.parametrize("standing", [ON_A_TASK, REVIEWING])
@pytest.mark.parametrize("data_class", GUARDED)
@pytest.mark.parametrize("action", Action)
def test_a_task_opens_the_rest(standing: Standing, data_class: DataClass, action: Action) -> None:
    assert decide(standing, "Person.idNo", data_class, action) == Decision(
        outcome=Outcome.CLEAR, policy="enforcement-on-a-task"
    )


@pytest.mark.parametrize("data_class", GUARDED)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize(
    ("standing", "code", "needs"),
    [
        (NOTHING_STATED, "PURPOSE_REQUIRED", ("purpose",)),
        (WRONG_TASK, "PURPOSE_DENIED", ()),
        (
            Standing(kind=CallerKind.OFFICER, purpose=Purpose.PUBLIC_DISCLOSURE, granted=True),
            "PURPOSE_REQUIRED",
            ("purpose",),
        ),
        (Standing(kind=CallerKind.CITIZEN, purpose=Purpose.SELF_SERVICE, granted=True), "FORBIDDEN", ()),
        (Standing(kind=CallerKind.PUBLIC, purpose=None, granted=False, code="PURPOSE_REQUIRED"), "FORBIDDEN", ()),
        (Standing(kind=CallerKind.AUDITOR, purpose=Purpose.AUDIT, granted=True), "FORBIDDEN", ()),
        (Standing(kind=CallerKind.PARTNER, purpose=Purpose.PARTNER_DISCLOSURE, granted=True), "FORBIDDEN", ()),
        (COLLECTING, "FORBIDDEN", ()),
    ],
)
def test_without_one_it_is_withheld_with_a_reason(
    standing: Standing, code: str, needs: tuple[str, ...], data_class: DataClass, action: Action
) -> None:
    assert decide(standing, "Person.idNo", data_class, action) == Decision(
        outcome=Outcome.WITHHELD, policy="default-deny", code=code, needs=needs
    )


@pytest.mark.parametrize(
    ("coordinate", "data_class", "outcome"),
    [
        ("NonTaxPayment.amountDue", DataClass.INTERNAL, Outcome.CLEAR),
        ("NonTaxPayment.payerName", DataClass.PERSONAL, Outcome.CLEAR),
        ("Receipt.billNo", DataClass.INTERNAL, Outcome.CLEAR),
        ("Instalment.amount", DataClass.INTERNAL, Outcome.CLEAR),
        ("NonTaxPayment.payerName", DataClass.SENSITIVE, Outcome.WITHHELD),
        ("NonTaxPaymentBatch.total", DataClass.INTERNAL, Outcome.WITHHELD),
        ("Case.facts", DataClass.INTERNAL, Outcome.WITHHELD),
        ("Case.NonTaxPayment", DataClass.INTERNAL, Outcome.WITHHELD),
    ],
)
def test_finance_sees_payments_only(coordinate: str, data_class: DataClass, outcome: Outcome) -> None:
    assert decide(COLLECTING, coordinate, data_class, Action.READ).outcome is outcome


@pytest.mark.parametrize("standing", [one for one in every_standing() if not one.granted])
@pytest.mark.parametrize("data_class", GUARDED)
def test_nothing_guarded_opens_without_a_purpose_that_holds(standing: Standing, data_class: DataClass) -> None:
    for coordinate in ("Person.idNo", "NonTaxPayment.amountDue"):
        assert decide(standing, coordinate, data_class, Action.READ).outcome is Outcome.WITHHELD
