"""The statutory periods of a case (办案期限), as a table of data and one pure function.

Periods count from the day after the act. Those of ten days or less are working days (行政处罚法 art. 85, 行政强制法 art. 69);
longer ones are calendar days or months, and one whose last day is a day off ends on the next working day. Days of hearing,
public notice, testing and suspension are not counted; each extension of the handling period adds thirty days (市场监督管理行政
处罚程序规定 art. 64).

Payment has its own day (``NonTaxPayment.dueOn``, with deferrals), and so has a seizure (``Coercion.dueOn``).
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from datasources.tables.calendar import day_of, months_after
from datasources.tables.codes import CODE_LISTS
from datasources.tables.enforcement import case_, disclosure
from resolvers.case_enums import CaseKind, CaseStatus
from resolvers.fields import INT, part, source_of
from resolvers.sources import Column
from resolvers.types import value
from resolvers.values import Code
from resolvers.workdays import is_known, next_working_day, working_days_after

EXTENSION = 30
"""Calendar days that an extension of the handling period adds."""

STATES = CODE_LISTS["deadline.state"]


class Unit(enum.Enum):
    """What a period is counted in."""

    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    MONTH = "month"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One period: from the day in column `start`; kept when one of `ends` is filled by the day it is due."""

    rule: str
    basis: str
    kinds: frozenset[CaseKind]
    unit: Unit
    length: int
    start: str
    ends: tuple[str, ...] = ()
    procedures: frozenset[str] = frozenset({"1", "2", "3"})
    excluding: bool = False
    """Excluded days and extensions lengthen it."""
    publication: bool = False
    """It binds only where the result is to be made public on the authority's own motion."""
    right: bool = False
    """A right of the party, not a duty of the authority: listed while it runs."""


PENALTY, OTHERS = frozenset({CaseKind.PENALTY}), frozenset({CaseKind.INSPECTION, CaseKind.COERCION})
FULL = frozenset({"2", "3"})
"""普通 and 快速程序; in 简易程序 the decision is made and served on the spot."""

TO_DECIDE = Rule(
    rule="作出行政处罚决定", basis="行政处罚法第六十条", kinds=PENALTY, procedures=FULL, unit=Unit.CALENDAR_DAY, length=90,
    start="filed_on", ends=("decided_on", "closed_on"), excluding=True,
)  # fmt: skip
PUBLISH_PENALTY = Rule(
    rule="公示行政处罚决定", basis="国办发〔2018〕118号", kinds=PENALTY, unit=Unit.WORKING_DAY, length=7, start="decided_on",
    ends=("published_at",), publication=True,
)  # fmt: skip
PUBLISH_OTHERS = Rule(
    rule="公示行政执法结果", basis="国办发〔2018〕118号", kinds=OTHERS, unit=Unit.WORKING_DAY, length=20, start="decided_on",
    ends=("published_at",), publication=True,
)  # fmt: skip

RULES = (
    TO_DECIDE,
    Rule(
        rule="送达行政处罚决定书", basis="行政处罚法第六十一条", kinds=PENALTY, procedures=FULL, unit=Unit.WORKING_DAY, length=7,
        start="decided_on", ends=("served_on", "closed_on"),
    ),
    PUBLISH_PENALTY,
    PUBLISH_OTHERS,
    Rule(
        rule="申请行政复议", basis="行政复议法第二十条", kinds=PENALTY | OTHERS, unit=Unit.CALENDAR_DAY, length=60,
        start="served_on", right=True,
    ),
    Rule(
        rule="提起行政诉讼", basis="行政诉讼法第四十六条", kinds=PENALTY | OTHERS, unit=Unit.MONTH, length=6, start="served_on",
        right=True,
    ),
)  # fmt: skip

NEAR = {Unit.WORKING_DAY: 2, Unit.CALENDAR_DAY: 10, Unit.MONTH: 10}
"""Calendar days before the last day from which a period is about to end."""

NO_DECISION = frozenset({CaseStatus.NOT_FILED.value, CaseStatus.WITHDRAWN.value, CaseStatus.TRANSFERRED.value})
"""Statuses of cases that the authority no longer has to decide."""


@value("办案期限")
class Deadline:
    """A statutory period of a case and whether it is kept."""

    rule: str = part("期限名称")
    basis: str = part("依据")
    unit: str = part("计算单位", doc="working_day, calendar_day or month")
    due_on: datetime.date = part("届满日期")
    excluded_days: int = part("扣除天数", doc="Days that were not counted")
    state: Code = part("状态")
    provisional: bool = part("是否暂定", doc="It ends in a year whose days off are not announced yet")


def _of(name: str) -> Any:
    """A column of the case's disclosure."""
    return select(disclosure.c[name]).where(disclosure.c.case_id == case_.c.case_id).scalar_subquery()


COLUMNS: Mapping[str, Column] = {
    "kind": source_of(case_.c.kind, INT, "案件类别"),
    "procedure": source_of(case_.c.procedure_code, INT, "适用程序"),
    "status": source_of(case_.c.status, INT, "状态"),
    "filed_on": source_of(case_.c.filed_on, INT, "立案日期"),
    "decided_on": source_of(case_.c.decided_on, INT, "决定日期"),
    "served_on": source_of(case_.c.served_on, INT, "送达日期"),
    "closed_on": source_of(case_.c.closed_on, INT, "结案日期"),
    "excluded_days": source_of(case_.c.excluded_days, INT, "扣除天数"),
    "extension_count": source_of(case_.c.extension_count, INT, "延期次数"),
    "disclosure_class": source_of(case_.c.disclosure_class, INT, "公开属性"),
    "disclosure_state": source_of(_of("state"), INT, "公示状态"),
    "published_at": source_of(_of("published_at"), INT, "公示时间"),
}
"""What the periods of a case follow from."""


def deadlines(*values: Any, today: datetime.date) -> list[dict[str, Any]]:
    """The deadlines of the case whose `COLUMNS` have these values, as the members of `Deadline`."""
    case = dict(zip(COLUMNS, values, strict=True))
    return [_shown(rule, case, today) for rule in RULES if _applies(rule, case, today)]


def due_day(rule: Rule, start: datetime.date, excluded: int = 0, extensions: int = 0) -> datetime.date:
    """The last day of the period that begins with an act on `start`."""
    if rule.unit is Unit.WORKING_DAY:
        return working_days_after(start, rule.length)
    if rule.unit is Unit.MONTH:
        return next_working_day(months_after(start, rule.length))
    more = excluded + extensions * EXTENSION if rule.excluding else 0
    return next_working_day(start + datetime.timedelta(days=rule.length + more))


def _applies(rule: Rule, case: Mapping[str, Any], today: datetime.date) -> bool:
    start = case[rule.start]
    if start is None or case["kind"] not in {kind.value for kind in rule.kinds}:
        return False
    if rule.right:
        return due_day(rule, start) >= today
    if rule.publication:
        return case["disclosure_class"] not in ("2", "3") and case["disclosure_state"] != "4"
    if case["procedure"] not in rule.procedures:
        return False
    return _ended(rule, case) is not None or case["status"] not in NO_DECISION


def _shown(rule: Rule, case: Mapping[str, Any], today: datetime.date) -> dict[str, Any]:
    excluded = (case["excluded_days"] or 0) if rule.excluding else 0
    due = due_day(rule, case[rule.start], excluded, case["extension_count"] or 0)
    state = _state(rule, due, _ended(rule, case), today, suspended=case["status"] == CaseStatus.SUSPENDED.value)
    return {
        "rule": rule.rule,
        "basis": rule.basis,
        "unit": rule.unit.value,
        "dueOn": due.isoformat(),
        "excludedDays": excluded,
        "state": {"list": STATES.name, "code": state, "label": STATES.label(state)},
        "provisional": not is_known(due),
    }


def _ended(rule: Rule, case: Mapping[str, Any]) -> datetime.date | None:
    for name in rule.ends:
        end = case[name]
        if isinstance(end, datetime.datetime):
            return day_of(end)
        if isinstance(end, datetime.date):
            return end
    return None


def _state(
    rule: Rule, due: datetime.date, ended: datetime.date | None, today: datetime.date, *, suspended: bool
) -> str:
    """1 未到期, 2 临近到期, 3 已逾期, 4 按期完成, 5 逾期完成. A suspended case's clock stands still."""
    if ended is not None:
        return "4" if ended <= due else "5"
    if suspended and rule.excluding:
        return "1"
    if today > due:
        return "3"
    return "2" if (due - today).days <= NEAR[rule.unit] else "1"
