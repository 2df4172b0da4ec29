"""Periods that end soon or are over: the same as every case says of itself, in one list."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

from resolvers.case_enums import CaseKind
from resolvers.deadline_risks_sql import DUTIES, LOOK_BACK
from resolvers.deadlines import COLUMNS, RULES, deadlines, due_day
from resolvers.workdays import ONE_DAY, working_days_after, working_days_between
from tests.gateway.asking import Asker, told
from tests.world import CALLERS, MOMENT, World

TODAY = MOMENT.date()
SUPERVISOR = CALLERS["supervisor"]
RISKS = """query($within: Int, $org: String, $kinds: [CaseKind!], $first: Int, $after: Cursor) {
  deadlineRisks(within: $within, orgUscc: $org, kinds: $kinds, first: $first, after: $after) {
    nodes { caseNo kind status orgUscc orgName rule basis dueOn overdue workingDays provisional }
    pageInfo { hasNextPage endCursor } } }"""
EVERY_CASE = """SELECT c.case_no, c.kind, c.procedure_code AS procedure, c.status, c.filed_on, c.decided_on, c.served_on,
    c.closed_on, c.excluded_days, c.extension_count, c.disclosure_class, d.state AS disclosure_state, d.published_at
  FROM cas.case c LEFT JOIN cas.disclosure d USING (case_id)
  WHERE c.division_code LIKE '4404%' AND NOT c.sealed AND c.secret_flag IS NOT TRUE AND c.kind <> '1'"""
OPEN = ("1", "2", "3")
"""States of a period that is not done: running, about to end, over."""

Row = Mapping[str, Any]


async def page(world: World, engine: str, caller: Asker = SUPERVISOR, **variables: Any) -> Any:
    body = await told(world.pipeline(engine), RISKS, caller, variables)
    return body["data"]["deadlineRisks"]


async def every(world: World, engine: str, **variables: Any) -> list[Row]:
    """The whole list, page by page."""
    found: list[Row] = []
    after = None
    while True:
        one = await page(world, engine, after=after, **{"first": 200, **variables})
        found += one["nodes"]
        if not one["pageInfo"]["hasNextPage"]:
            return found
        after = one["pageInfo"]["endCursor"]


def expected(row: Row, horizon: datetime.date) -> list[tuple[str, str, str]]:
    """What `Case.deadlines` is made of, for this case: number, rule and day of the periods that are at risk."""
    shown = deadlines(*(row[name] for name in COLUMNS), today=TODAY)
    duties = {rule.rule for rule in DUTIES}
    return [
        (row["case_no"], one["rule"], one["dueOn"])
        for one in shown
        if one["rule"] in duties and one["state"]["code"] in OPEN and one["dueOn"] <= horizon.isoformat()
    ]


@pytest.mark.parametrize(("engine", "within"), [("compiled", 0), ("resolvers", 60)])
async def test_the_list_is_what_every_case_says_of_itself(world: World, engine: str, within: int) -> None:
    asked: dict[str, Any] = {"within": within, "kinds": ["PENALTY", "COERCION"]}
    horizon = working_days_after(TODAY, within)
    rows = [dict(row) for row in await world.databases["enforcement"].rows(EVERY_CASE, ())]
    cases = {row["case_no"]: row for row in rows}
    known = [one for row in rows if row["status"] != "SUSPENDED" for one in expected(row, horizon)]
    found = [(one["caseNo"], one["rule"], one["dueOn"]) for one in await every(world, engine, **asked)]
    assert len(found) == len(set(found)) >= 3
    assert set(found) == {one for one in known if begun(cases[one[0]], one[1]) >= TODAY - LOOK_BACK * ONE_DAY}
    assert [one[2] for one in found] == sorted(one[2] for one in found)


def begun(row: Row, name: str) -> datetime.date:
    (rule,) = (rule for rule in RULES if rule.rule == name and CaseKind(row["kind"]) in rule.kinds)
    started: datetime.date = row[rule.start]
    return started


async def test_what_is_over_is_told_from_what_is_left(world: World) -> None:
    for one in await every(world, "compiled", within=20, kinds=["PENALTY"]):
        due = datetime.date.fromisoformat(one["dueOn"])
        assert one["overdue"] is (due < TODAY)
        if one["overdue"]:
            assert one["workingDays"] == -working_days_between(due, TODAY) < 0
        else:
            assert working_days_after(TODAY, one["workingDays"]) == due or one["workingDays"] == 0


async def test_pages_of_one_are_the_list(world: World) -> None:
    whole = await every(world, "compiled", within=5, kinds=["PENALTY"])
    after, found = None, []
    for _ in whole[:6]:
        one = await page(world, "compiled", within=5, kinds=["PENALTY"], first=1, after=after)
        found += one["nodes"]
        after = one["pageInfo"]["endCursor"]
    assert found == whole[:6]


async def test_an_authority_can_be_asked_about(world: World) -> None:
    asked: dict[str, Any] = {"within": 5, "kinds": ["PENALTY"]}
    whole = await every(world, "compiled", **asked)
    uscc = whole[0]["orgUscc"]
    assert await every(world, "compiled", org=uscc, **asked) == [one for one in whole if one["orgUscc"] == uscc]
    assert await every(world, "compiled", org="91440499MA7X000184", **asked) == []


@pytest.mark.parametrize("name", ["public", "citizen", "citizen-own", "partner", "auditor", "officer-without-task"])
async def test_it_is_for_those_who_see_the_cases(world: World, name: str) -> None:
    body = await told(world.pipeline(), RISKS, CALLERS[name])
    assert body["data"] == {"deadlineRisks": None}


async def test_an_officer_is_told_those_of_the_own_authority(world: World) -> None:
    nodes = (await page(world, "compiled", CALLERS["officer"], within=60, first=200))["nodes"]
    assert len({one["orgUscc"] for one in nodes}) <= 3


@pytest.mark.parametrize("variables", [{"within": -1}, {"within": 61}, {"first": 0}, {"after": "x"}, {"org": "x"}])
async def test_a_question_that_cannot_be_answered(world: World, variables: Mapping[str, Any]) -> None:
    body = await told(world.pipeline(), RISKS, SUPERVISOR, variables)
    assert body["data"] == {"deadlineRisks": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_USER_INPUT"]


def test_a_calendar_day_period_that_ends_on_a_day_off_ends_on_the_next_working_day() -> None:
    (to_decide,) = (rule for rule in DUTIES if rule.excluding)
    friday = due_day(to_decide, datetime.date(2026, 7, 3))
    assert friday == datetime.date(2026, 10, 8)
