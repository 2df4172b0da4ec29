"""Whether a case is published, and for how long, by the rules of the city."""

from __future__ import annotations

from typing import Any

import pytest

from datasources.city.disclosure_rules import RULES
from datasources.publication import Circumstance, circumstances, rules_of

INSPECTION, PENALTY, COERCION = "1", "2", "3"
CASE: dict[str, Any] = {
    "procedure_code": "2",
    "discretion_grade": "一般",
    "disclosure_class": "1",
    "sealed": False,
    "secret_flag": None,
}


@pytest.mark.parametrize(
    ("kind", "case", "person", "days"),
    [
        (PENALTY, {}, {}, 7),
        (PENALTY, {"procedure_code": "3"}, {}, 7),
        (INSPECTION, {"discretion_grade": None}, {}, 20),
        (COERCION, {"discretion_grade": None}, {}, 20),
        (PENALTY, {"discretion_grade": "不予"}, {}, 0),
        (PENALTY, {"procedure_code": "1"}, {}, None),
        (PENALTY, {"procedure_code": "9"}, {}, None),
        (PENALTY, {"disclosure_class": "2"}, {}, None),
        (PENALTY, {"disclosure_class": "3"}, {}, None),
        (PENALTY, {"sealed": True}, {}, None),
        (PENALTY, {"secret_flag": True}, {}, None),
        (PENALTY, {}, {"minor": True}, None),
        (PENALTY, {}, {"mark": 1}, None),
        (PENALTY, {}, {"mark": 2}, None),
        (PENALTY, {"discretion_grade": "不予"}, {"minor": True}, None),
    ],
)
def test_within_how_many_working_days(
    kind: str, case: dict[str, Any], person: dict[str, Any], days: int | None
) -> None:
    """None: it must not be published; 0: it may, and no day is set."""
    found = circumstances({**CASE, **case}, **{"minor": False, "mark": 0, **person})
    assert RULES.within_days(kind, found) == days


@pytest.mark.parametrize("circumstance", Circumstance)
def test_without_a_rule_for_each_of_its_circumstances_nothing_is_published(circumstance: Circumstance) -> None:
    nothing: list[dict[str, Any]] = []
    assert rules_of(nothing, nothing).within_days(PENALTY, [circumstance]) is None
    ordinary: list[dict[str, Any]] = [{"kind": "*", "circumstance": "ORDINARY", "obligation": "1", "within_days": 7}]
    found = [Circumstance.ORDINARY, circumstance]
    assert (rules_of(ordinary, nothing).within_days(PENALTY, found) == 7) is (circumstance is Circumstance.ORDINARY)


def test_a_rule_that_forbids_beats_one_for_the_kind_that_does_not() -> None:
    rules: list[dict[str, Any]] = [
        {"kind": "*", "circumstance": "SEALED", "obligation": "3", "within_days": None},
        {"kind": PENALTY, "circumstance": "SEALED", "obligation": "1", "within_days": 7},
    ]
    none: list[dict[str, Any]] = []
    assert rules_of(rules, none).within_days(PENALTY, [Circumstance.SEALED]) is None


def test_an_obligation_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="9"):
        rules_of([{"kind": "*", "circumstance": "ORDINARY", "obligation": "9", "within_days": 7}], [])


@pytest.mark.parametrize(
    ("kind", "act", "grade", "months"),
    [
        (PENALTY, "占道经营", "一般", 36),
        (PENALTY, "占道经营", "从重", 36),
        (PENALTY, "占道经营", "从轻", 12),
        (PENALTY, "占道经营", "减轻", 3),
        (PENALTY, "经营超过保质期的食品", "减轻", 12),
        (PENALTY, "经营超过保质期的食品", "一般", 36),
        (PENALTY, None, "不予", 3),
        (PENALTY, "占道经营", None, None),
        (INSPECTION, None, None, 36),
        ("9", None, None, None),
    ],
)
def test_for_how_many_months(kind: str, act: str | None, grade: str | None, months: int | None) -> None:
    assert RULES.months(kind, act, grade) == months
