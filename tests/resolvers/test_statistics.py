"""Figures of enforcement: what is counted, when, and what is hidden."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.adhoc import compile_adhoc
from resolvers.case_enums import CaseKind
from resolvers.cells import Protection
from resolvers.errors import BadInput
from resolvers.statistics import ask as asked
from resolvers.statistics_sql import AMOUNTS, COUNTS, Question, StatDimension, statement
from resolvers.statistics_told import ask_for_rounded, told
from tests.resolvers.conftest import Ask

FIRST, LAST, TODAY = datetime.date(2026, 1, 1), datetime.date(2026, 10, 31), datetime.date(2026, 11, 5)
ROW = dict.fromkeys(COUNTS, 0) | dict.fromkeys(AMOUNTS, 0)


def question(*group_by: StatDimension, **more: Any) -> Question:
    """A question about most of 2026."""
    return Question(group_by=group_by, first=FIRST, last=LAST, today=TODAY, **more)


def test_every_value_is_a_parameter() -> None:
    text, parameters = compile_adhoc(
        statement(question(StatDimension.DISTRICT, division_prefix="4404", kinds=(CaseKind.PENALTY,)))
    )
    assert "2026" not in text
    assert "4404" not in text
    assert {"4404%", FIRST, LAST, TODAY} <= {value for value in parameters if not isinstance(value, list)}
    assert ["2"] in parameters


@pytest.mark.parametrize("group_by", [(), (StatDimension.MONTH,), tuple(StatDimension)])
def test_the_figures_are_grouped_as_asked(group_by: tuple[StatDimension, ...]) -> None:
    query = statement(question(*group_by))
    assert [column.name for column in query.selected_columns] == [
        *(dimension.value for dimension in group_by),
        *COUNTS,
        *AMOUNTS,
    ]
    assert len(query._group_by_clauses) == len(group_by)


def test_sealed_and_secret_cases_are_in_no_step() -> None:
    text, _ = compile_adhoc(statement(question()))
    steps = text.count("UNION ALL") + 1
    assert text.count('"case".sealed IS false') == steps
    assert text.count(".secret_flag IS NOT true") == steps


@pytest.mark.parametrize(("decided", "suppressed"), [(0, False), (1, True), (4, True), (5, False)])
def test_the_amounts_of_few_decisions_are_suppressed(decided: int, suppressed: bool) -> None:
    (row,) = told([ROW | {"decided": decided, "fine_amount": 100, "collected_amount": 50}], None)
    assert row["decided"] == decided
    assert row["suppressed"] is suppressed
    assert (row["fine_amount"] is None) is suppressed
    assert (row["collected_amount"] is None) is suppressed


KEYED = ROW | {f"key_{name}": 1 for name in COUNTS} | {f"largest_{name}": Decimal(0) for name in AMOUNTS}
PARTNER = Protection(secret="s")


def test_a_group_of_few_cases_is_to_partners_as_one_without_any() -> None:
    assert told([KEYED | {"filed": 9, "decided": 3, "fine_amount": Decimal(900)}], PARTNER) == []


def test_the_amounts_are_hidden_from_partners_where_the_decisions_are() -> None:
    (row,) = told([KEYED | {"filed": 40, "decided": 3, "fine_amount": Decimal(900)}], PARTNER)
    assert (row["filed"], row["decided"], row["fine_amount"], row["suppressed"]) == (40, None, None, True)


def test_what_equal_records_make_is_told_partners_alike() -> None:
    (row,) = told([KEYED | dict.fromkeys(COUNTS, 47) | dict.fromkeys(AMOUNTS, Decimal(9_400))], PARTNER)
    assert len({row[name] for name in COUNTS}) == 1
    assert row["fine_amount"] == row["collected_amount"] == 9_000
    assert row["suppressed"] is False


@pytest.mark.parametrize(
    ("more", "argument"),
    [
        ({"last": datetime.date(2026, 10, 30)}, "to"),
        ({"division_prefix": "44040200"}, "divisionPrefix"),
        ({"kinds": (CaseKind.PENALTY, CaseKind.COERCION)}, "kinds"),
    ],
)
def test_partners_ask_for_whole_periods_whole_divisions_and_one_kind_or_all(
    more: dict[str, Any], argument: str
) -> None:
    october = Question(group_by=(), first=datetime.date(2026, 10, 1), last=LAST, today=TODAY)
    ask_for_rounded(october)
    ask_for_rounded(dataclasses.replace(october, division_prefix="440402", kinds=(CaseKind.PENALTY,)))
    with pytest.raises(BadInput) as raised:
        ask_for_rounded(dataclasses.replace(october, **more))
    assert raised.value.argument == argument


@pytest.mark.parametrize(
    ("first", "last", "prefix", "argument"),
    [
        (LAST, FIRST, None, "to"),
        (datetime.date(2020, 1, 1), LAST, None, "to"),
        (datetime.date(1900, 1, 1), datetime.date(1900, 2, 1), None, "from"),
        (FIRST, LAST, "44%", "divisionPrefix"),
    ],
)
def test_a_question_that_cannot_be_answered(
    first: datetime.date, last: datetime.date, prefix: str | None, argument: str
) -> None:
    with pytest.raises(BadInput) as raised:
        asked([], first, last, prefix, None, TODAY)
    assert raised.value.argument == argument


def test_a_group_asked_for_twice_is_one() -> None:
    found = asked([StatDimension.MONTH, StatDimension.MONTH], FIRST, LAST, " 4404 ", None, TODAY)
    assert found.group_by == (StatDimension.MONTH,)
    assert found.division_prefix == "4404"


STATS = """query($by: [StatDimension!]!, $from: Date!, $to: Date!, $prefix: String, $kinds: [CaseKind!]) {
  enforcementStats(groupBy: $by, from: $from, to: $to, divisionPrefix: $prefix, kinds: $kinds) {
    rows { district { code name } town { code name } org { name uscc } month caseKind matterType { label } filed decided
      closed onTimeClosed fineAmount collectedAmount inspected issueFound reviewedReversed disclosureDue disclosedOnTime
      suppressed } asOf sourceLag { sourceSystem lagSeconds } } }"""


async def figures(ask: Ask, *names: str, **asked_for: Any) -> list[tuple[Any, ...]]:
    """These members of every row, for the last months of the town."""
    payload = await ask(STATS, **({"by": [], "from": "2026-08-01", "to": "2026-10-31"} | asked_for))
    return [tuple(row[name] for name in names) for row in payload["data"]["enforcementStats"]["rows"]]


async def test_a_case_counts_by_each_of_its_steps(ask: Ask) -> None:
    assert await figures(ask, "month", "filed", "decided", "inspected", "issueFound", by=("MONTH",)) == [
        ("2026-08", 7, 0, 0, 0),
        ("2026-09", 0, 2, 1, 1),
        ("2026-10", 0, 4, 0, 0),
    ]


async def test_the_days_of_the_period_are_both_in_it(ask: Ask) -> None:
    inside = {"from": "2026-09-10", "to": "2026-09-30"}
    assert await figures(ask, "decided", **inside) == [(2,)]
    assert await figures(ask, "decided", **{"from": "2026-09-11", "to": "2026-09-29"}) == [(0,)]


async def test_fines_what_has_been_paid_of_them_and_what_became_of_the_decisions(ask: Ask) -> None:
    assert await figures(
        ask, "fineAmount", "collectedAmount", "reviewedReversed", "disclosureDue", "disclosedOnTime", "suppressed"
    ) == [("27999.99", "8000.00", 1, 6, 5, False)]


async def test_amounts_have_two_places(ask: Ask) -> None:
    assert await figures(ask, "fineAmount", **{"from": "2025-01-01", "to": "2025-01-31"}) == [("0.00",)]


async def test_groups_are_named(ask: Ask) -> None:
    rows = await figures(
        ask, "district", "town", "org", "caseKind", "matterType", "decided",
        by=("DISTRICT", "TOWN", "ORG", "CASE_KIND", "MATTER_TYPE"), prefix="440402", kinds=["INSPECTION"],
    )  # fmt: skip
    assert rows == [
        (
            {"code": "440402000000", "name": "香洲区"},
            {"code": "440402005000", "name": "拱北街道"},
            {"name": "香洲局", "uscc": "11440402007000011A"},
            "INSPECTION",
            {"label": "行政检查"},
            1,
        )
    ]


async def test_the_freshness_of_the_sources_is_said(ask: Ask) -> None:
    payload = await ask(STATS, **{"by": [], "from": "2026-08-01", "to": "2026-10-31"})
    found = payload["data"]["enforcementStats"]
    assert found["asOf"] == "2026-11-05T01:00:00+00:00"
    assert found["sourceLag"] == [{"sourceSystem": "test", "lagSeconds": 3600}]


async def test_a_bad_period_is_refused(ask: Ask) -> None:
    payload = await ask(STATS, **{"by": [], "from": "2026-10-31", "to": "2026-08-01"})
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]
