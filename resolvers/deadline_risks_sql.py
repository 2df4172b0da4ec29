"""The statement behind `deadlineRisks`: the periods of `resolvers.deadlines` that end soon or have ended, over whole tables.

A rule there is a SELECT here: the cases it binds that have not done yet what it is for. When a period is over follows from a
table of days that comes along with the statement.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    any_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)

from datasources.tables.enforcement import case_, disclosure
from resolvers.case_enums import CaseKind, CaseStatus
from resolvers.deadlines import EXTENSION, NO_DECISION, RULES, Rule, Unit
from resolvers.due_days import due_days
from resolvers.workdays import ONE_DAY

DUTIES = tuple(rule for rule in RULES if not rule.right)
"""The periods that bind the authority. What has no end here is a right of the party."""
LOOK_BACK = 3 * 366
"""Days before today on which a period that is listed may have begun, or ended before it was rolled over a day off."""

_ZERO = literal_column("0", Integer())


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Periods that end on `horizon` or before; `behind` are the sort values of the item before: due day, case number, rule."""

    today: datetime.date
    horizon: datetime.date
    org_id: Any = None
    kinds: tuple[CaseKind, ...] | None = None
    behind: tuple[datetime.date, str, int] | None = None
    cut: tuple[ColumnElement[bool], ...] = ()


def statement(wanted: Wanted, limit: int) -> Select[Any]:
    """The first `limit` periods, those that ended first in front."""
    days = due_days(wanted.today - LOOK_BACK * ONE_DAY, wanted.horizon, DUTIES).alias("days")
    found = union_all(*(_of_rule(place, rule, days, wanted) for place, rule in enumerate(DUTIES))).subquery("periods")
    sort = (found.c.due_on, found.c.case_no, found.c.rule)
    query = select(found).where(found.c.due_on <= _value("horizon", wanted.horizon, Date()))
    if wanted.behind is not None:
        types = (Date(), String(), Integer())
        behind = (
            _value(f"behind_{place}", value, type_)
            for place, (value, type_) in enumerate(zip(wanted.behind, types, strict=True))
        )
        query = query.where(tuple_(*sort) > tuple_(*behind))
    return query.order_by(*sort).limit(literal(limit, Integer()))


def _value(name: str, value: Any, type_: Any) -> ColumnElement[Any]:
    return bindparam(f"risk_{name}", value, type_=type_)


def _of_rule(place: int, rule: Rule, days: FromClause, wanted: Wanted) -> Select[Any]:
    start = case_.c[rule.start]
    begins = start + _allowed(rule) if rule.unit is Unit.CALENDAR_DAY else start
    source = case_.join(days, days.c.day == begins)
    if rule.publication:
        source = source.outerjoin(disclosure, disclosure.c.case_id == case_.c.case_id)
    return (
        select(
            case_.c.case_no,
            case_.c.org_id,
            case_.c.kind,
            case_.c.status,
            literal_column(str(place), Integer()).label("rule"),
            days.c[f"due_{place}"].label("due_on"),
        )
        .select_from(source)
        .where(*_bound(rule), *_scope(wanted))
    )


def _allowed(rule: Rule) -> ColumnElement[Any]:
    """Calendar days of a period, with what is not counted."""
    length: ColumnElement[Any] = literal_column(str(rule.length), Integer())
    if rule.excluding:
        more = func.coalesce(case_.c.extension_count, _ZERO) * literal_column(str(EXTENSION), Integer())
        length = length + func.coalesce(case_.c.excluded_days, _ZERO) + more
    return length


def _bound(rule: Rule) -> list[ColumnElement[bool]]:
    """The cases that a rule binds, as `resolvers.deadlines` has it: begun, and not done."""
    conditions: list[ColumnElement[bool]] = [
        case_.c.kind.in_(_words(kind.value for kind in rule.kinds)),
        case_.c[rule.start].is_not(None),
    ]
    conditions += [(disclosure if end == "published_at" else case_).c[end].is_(None) for end in rule.ends]
    if rule.publication:
        kept_back = and_(case_.c.disclosure_class.is_not(None), case_.c.disclosure_class.in_(_words("23")))
        not_public = and_(disclosure.c.state.is_not(None), disclosure.c.state == literal_column("'4'"))
        return [*conditions, ~kept_back, ~not_public]
    conditions += [case_.c.procedure_code.in_(_words(rule.procedures)), case_.c.status.not_in(_words(NO_DECISION))]
    if rule.excluding:
        conditions.append(case_.c.status != literal_column(f"'{CaseStatus.SUSPENDED.value}'"))
    return conditions


def _words(texts: Any) -> list[ColumnElement[str]]:
    return [literal_column(f"'{text}'", String()) for text in sorted(texts)]


def _scope(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    conditions = list(wanted.cut)
    if wanted.org_id is not None:
        conditions.append(case_.c.org_id == bindparam("risk_org", wanted.org_id, type_=case_.c.org_id.type))
    if wanted.kinds is not None:
        codes = [kind.value for kind in wanted.kinds]
        conditions.append(case_.c.kind == any_(bindparam("risk_kinds", codes, type_=ARRAY(String()))))
    return conditions
