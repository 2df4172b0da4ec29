"""The statutory periods of a case, from its columns."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from datasources.tables.codes import CODE_LISTS
from resolvers.deadlines import COLUMNS, RULES, Unit, deadlines, due_day

TODAY = date(2026, 11, 5)
STATES = CODE_LISTS["deadline.state"].labels


def of(today: date = TODAY, **case: Any) -> dict[str, dict[str, Any]]:
    """The deadlines of an ordinary penalty case with these columns, by rule."""
    given = {"kind": "2", "procedure": "2", "status": "INVESTIGATING", "disclosure_class": "1", **case}
    return {found["rule"]: found for found in deadlines(*(given.get(name) for name in COLUMNS), today=today)}


def test_the_decision_is_due_ninety_calendar_days_after_filing() -> None:
    assert of(filed_on=date(2026, 9, 1))["作出行政处罚决定"] == {
        "rule": "作出行政处罚决定",
        "basis": "行政处罚法第六十条",
        "unit": "calendar_day",
        "dueOn": "2026-11-30",
        "excludedDays": 0,
        "state": {"list": "deadline.state", "code": "1", "label": "未到期"},
        "provisional": False,
    }


@pytest.mark.parametrize(
    ("case", "due"),
    [
        ({}, "2026-08-24"),
        ({"excluded_days": 10}, "2026-09-03"),
        ({"extension_count": 1}, "2026-09-23"),
        ({"excluded_days": 33}, "2026-09-28"),  # the ninetieth day counted is in 中秋节
    ],
)
def test_what_lengthens_the_handling_period(case: dict[str, Any], due: str) -> None:
    assert of(filed_on=date(2026, 5, 26), **case)["作出行政处罚决定"]["dueOn"] == due


@pytest.mark.parametrize(
    ("case", "today", "state"),
    [
        ({}, "2026-11-05", "未到期"),
        ({}, "2026-11-20", "临近到期"),
        ({}, "2026-11-30", "临近到期"),
        ({}, "2026-12-01", "已逾期"),
        ({"status": "SUSPENDED"}, "2026-12-01", "未到期"),
        ({"decided_on": date(2026, 11, 30)}, "2026-12-31", "按期完成"),
        ({"decided_on": date(2026, 12, 1)}, "2026-12-31", "逾期完成"),
        ({"closed_on": date(2026, 10, 8)}, "2026-12-31", "按期完成"),  # dropped without a decision
    ],
)
def test_the_state_of_the_decision(case: dict[str, Any], today: str, state: str) -> None:
    found = of(date.fromisoformat(today), filed_on=date(2026, 9, 1), **case)["作出行政处罚决定"]
    assert found["state"]["label"] == state


def test_service_and_publication_count_working_days() -> None:
    found = of(filed_on=date(2026, 9, 1), decided_on=date(2026, 9, 30), served_on=date(2026, 10, 16))
    assert found["送达行政处罚决定书"]["dueOn"] == "2026-10-15"
    assert found["送达行政处罚决定书"]["state"]["label"] == "逾期完成"
    assert found["公示行政处罚决定"]["dueOn"] == "2026-10-15"
    assert found["公示行政处罚决定"]["state"]["label"] == "已逾期"


def test_the_day_of_publication_is_the_day_in_china() -> None:
    published = datetime(2026, 10, 15, 16, 30, tzinfo=UTC)  # half past midnight on the 16th
    found = of(decided_on=date(2026, 9, 30), published_at=published, disclosure_state="2")
    assert found["公示行政处罚决定"]["state"]["label"] == "逾期完成"


@pytest.mark.parametrize("case", [{"disclosure_class": "2"}, {"disclosure_class": "3"}, {"disclosure_state": "4"}])
def test_what_is_not_published_has_no_deadline_for_it(case: dict[str, Any]) -> None:
    assert "公示行政处罚决定" not in of(decided_on=date(2026, 9, 30), **case)


@pytest.mark.parametrize("kind", ["1", "3"])
def test_inspection_and_coercion_are_published_in_twenty_working_days(kind: str) -> None:
    found = of(kind=kind, procedure=None, decided_on=date(2026, 9, 30))
    assert {rule: deadline["dueOn"] for rule, deadline in found.items()} == {"公示行政执法结果": "2026-11-03"}


def test_the_simple_procedure_has_no_handling_period() -> None:
    assert list(of(procedure="1", filed_on=date(2026, 9, 1), decided_on=date(2026, 9, 1))) == ["公示行政处罚决定"]


@pytest.mark.parametrize("status", ["NOT_FILED", "WITHDRAWN", "TRANSFERRED"])
def test_a_case_that_needs_no_decision_has_no_deadline_for_it(status: str) -> None:
    assert of(filed_on=date(2026, 9, 1), status=status) == {}


def test_the_rights_of_the_party_are_listed_while_they_run() -> None:
    served = date(2026, 8, 31)  # the last of a month: six months later there is no such day
    running = of(date(2026, 10, 30), served_on=served)
    assert running["申请行政复议"]["dueOn"] == "2026-10-30"
    assert running["提起行政诉讼"]["dueOn"] == "2027-03-01"
    assert running["提起行政诉讼"]["provisional"] is True
    assert list(of(date(2026, 10, 31), served_on=served)) == ["提起行政诉讼"]


def test_a_case_without_dates_has_no_deadlines() -> None:
    assert of() == {}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule)
def test_a_short_period_counts_working_days(rule: Any) -> None:
    """行政强制法 art. 69, 行政处罚法 art. 85."""
    assert (rule.unit is Unit.WORKING_DAY) == (rule.length <= 10 or "118号" in rule.basis) or rule.unit is Unit.MONTH
    assert due_day(rule, date(2026, 3, 2)) > date(2026, 3, 2)
    assert {rule.start, *rule.ends} <= set(COLUMNS)


def test_the_states_are_those_of_the_code_list() -> None:
    assert dict(STATES) == {"1": "未到期", "2": "临近到期", "3": "已逾期", "4": "按期完成", "5": "逾期完成"}
