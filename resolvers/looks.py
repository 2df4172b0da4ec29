"""When a look at somebody may be shown to them: a rule per processing activity (处理活动), not per record.

PIPL (个人信息保护法) art. 35 with art. 18: a state organ (国家机关) tells the person, unless secrecy is ordered by law or telling
would hinder its duty; when the reason is gone, it tells. The Dutch Logboek Dataverwerkingen decides likewise, by activity.
What is not in the table is not shown. A look that is held back leaves no trace: no row, no count, no gap in the pages, and
the same databases are asked whether there is one or not.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, String, and_, any_, bindparam, func, or_, select

from datasources.tables.access_log import access_record
from datasources.tables.enforcement import case_
from resolvers.access_enums import AccessPurpose
from resolvers.case_enums import CaseStatus

NUMBER = func.coalesce(access_record.c.case_no, access_record.c.task_no)
"""The case that a request named: under either name, for a case is a task of its officers too."""

OVER = frozenset(
    {
        CaseStatus.NOT_FILED,
        CaseStatus.WITHDRAWN,
        CaseStatus.DECIDED,
        CaseStatus.SERVED,
        CaseStatus.EXECUTING,
        CaseStatus.CLOSED,
        CaseStatus.ARCHIVED,
    }
)
"""The investigation has ended: the party has been heard and has the decision, or there is none (行政处罚法 art. 44, 61)."""

ENDED = frozenset({CaseStatus.CLOSED, CaseStatus.ARCHIVED})
"""Nothing is open any more, at the police either."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When looks for one purpose are shown: `days` after they were, or once their case has one of the statuses `case`."""

    why: str
    days: int = 0
    case: frozenset[CaseStatus] = frozenset()


RULES: Mapping[AccessPurpose, Rule] = {
    AccessPurpose.SELF_SERVICE: Rule(why="Oneself, or who acts for the same enterprise."),
    AccessPurpose.PUBLIC_DISCLOSURE: Rule(why="What everybody is shown is no secret."),
    AccessPurpose.PARTNER_DISCLOSURE: Rule(why="What is published is handed on (公示信息共享)."),
    AccessPurpose.NON_TAX_PAYMENT: Rule(why="Whoever pays has the decision (罚款缴款)."),
    AccessPurpose.STATISTICS: Rule(why="Figures look at nobody."),
    AccessPurpose.DOUBLE_RANDOM: Rule(
        why="The directory has everybody (检查对象名录库): being in it is no inspection."
    ),
    AccessPurpose.INTERNET_SUPERVISION: Rule(why="What is not mapped is a matter, and nobody."),
    AccessPurpose.AUDIT: Rule(why="An audit of the log hinders nothing."),
    AccessPurpose.INSPECTION: Rule(
        days=30,
        why="An inspection may come unannounced (双随机, 飞行检查), and within 15 working days of what it found a case is filed "
        "or not (市场监督管理行政处罚程序规定 art. 18): after that nothing can be hindered.",
    ),
    AccessPurpose.SUPERVISION: Rule(
        days=180,
        why="A review (案卷评查) names a batch and no case, and would tell of one under way: a case is decided within 90 days "
        "(行政处罚法 art. 60), which may be prolonged.",
    ),
    AccessPurpose.CASE_HANDLING: Rule(case=OVER, why="An investigation (调查取证) could be hindered until it is over."),
    AccessPurpose.CRIMINAL_LINKAGE: Rule(
        case=ENDED, why="So could the police's (刑事侦查), which goes on after the authority has handed the case over."
    ),
}
"""By purpose. A look without a purpose is shown at once: nothing that it could hinder was stated."""

HELD = tuple(purpose for purpose, rule in RULES.items() if rule.case)


def numbers_held() -> ColumnElement[bool]:
    """The looks that wait for their case."""
    return access_record.c.purpose.in_([purpose.value for purpose in HELD])


def states_of(numbers: Collection[str]) -> Select[Any]:
    """The statuses of cases by their numbers; a secret (涉密) or sealed (封存) case is left out, as one that does not exist is."""
    wanted = bindparam("numbers", sorted(numbers), type_=ARRAY(String()))
    return select(case_.c.case_no, case_.c.status).where(
        case_.c.case_no == any_(wanted), case_.c.secret_flag.is_not(True), case_.c.sealed.is_(False)
    )


def released(states: Iterable[Mapping[str, Any]]) -> dict[AccessPurpose, list[str]]:
    """The numbers of the cases that are released, by purpose. A case without a known state is not."""
    known = [(row["case_no"], row["status"]) for row in states]
    return {
        purpose: sorted(number for number, status in known if status in {one.value for one in RULES[purpose].case})
        for purpose in HELD
    }


def shown(cases: Mapping[AccessPurpose, Collection[str]], now: datetime.datetime) -> ColumnElement[bool]:
    """The looks that may be shown at `now`, when these cases are released."""
    purpose, at = access_record.c.purpose, access_record.c.at
    parts: list[ColumnElement[bool]] = [purpose.is_(None)]
    for name, rule in RULES.items():
        if rule.case:
            numbers = bindparam(f"released_{name.value}", list(cases[name]), type_=ARRAY(String()))
            parts.append(and_(purpose == name.value, any_(numbers) == NUMBER))
        elif rule.days:
            parts.append(and_(purpose == name.value, at <= now - datetime.timedelta(days=rule.days)))
        else:
            parts.append(purpose == name.value)
    return or_(*parts)
