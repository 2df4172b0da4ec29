"""The statement behind `enforcementStats`: what happened in a period, grouped as asked.

A case counts in the period of each of its steps: as filed by its filing day, as decided by its decision day, and so on. Every
step is a SELECT of its own, with ones and zeros for the measures; the statement adds them up. Sealed and secret cases are
in no figure, and neither are sealed payments.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Numeric,
    Select,
    String,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from datasources.tables import enforcement as t
from resolvers.case_enums import MATTER_TYPES, CaseKind, CaseStatus, WithdrawReason
from resolvers.case_parts import local_day
from resolvers.cells import record_number
from resolvers.conditions import prefix
from resolvers.deadlines import EXTENSION, TO_DECIDE
from resolvers.due_days import calendar
from resolvers.workdays import ONE_DAY

case_, decision, inspection, disclosure, payment = t.case_, t.decision, t.inspection, t.disclosure, t.payment

REVERSED = (WithdrawReason.DECISION_REVOKED, WithdrawReason.DECISION_CHANGED, WithdrawReason.DECLARED_ILLEGAL)
"""Reasons for which a decision no longer stands as it was made."""

NOTHING_FOUND = ("1", "7")
"""Results of an inspection that found no fault: 未发现问题, 未发现开展本次抽查涉及的经营活动."""

LOOK_BACK = 400
"""Days before the period in which its cases may have been decided; the calendar has them too."""


@strawberry.enum(description="What figures can be grouped by.（统计维度）")
class StatDimension(enum.Enum):
    """A dimension of `enforcementStats`."""

    DISTRICT = "district"
    TOWN = "town"
    ORG = "org"
    MONTH = "month"
    CASE_KIND = "kind"
    MATTER_TYPE = "matter_type"


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which figures are asked for: both days are in the period."""

    group_by: tuple[StatDimension, ...]
    first: datetime.date
    last: datetime.date
    today: datetime.date
    division_prefix: str | None = None
    kinds: tuple[CaseKind, ...] | None = None
    cut: tuple[ColumnElement[bool], ...] = ()
    """Which cases the caller sees: part of every figure."""
    secret: str | None = None
    """What the records' numbers are made with, where figures are told by their keys (`resolvers.cells`)."""


COUNTS = (
    "filed",
    "decided",
    "closed",
    "on_time_closed",
    "inspected",
    "issue_found",
    "reviewed_reversed",
    "disclosed_on_time",
    "disclosure_due",
)
AMOUNTS = ("fine_amount", "collected_amount")
"""元."""

AMOUNTS_OF = "decided"
"""The count whose records the amounts are of."""

ZERO, ONE = literal_column("0", Integer()), literal_column("1", Integer())
MONEY = Numeric(20, 2)
NO_AMOUNT = literal_column("0", MONEY)


def statement(question: Question) -> Select[Any]:
    """The figures, one row a group, in the order of the groups.

    With a secret there are beside them the key of each count (``key_filed``) and the largest part of each amount
    (``largest_fine_amount``).
    """
    steps = union_all(*(step(question) for step in STEPS)).subquery("steps")
    groups = [GROUPS[dimension](steps).label(dimension.value) for dimension in question.group_by]
    counts = [func.coalesce(func.sum(steps.c[name]), ZERO).label(name) for name in COUNTS]
    amounts = [cast(func.coalesce(func.sum(steps.c[name]), NO_AMOUNT), MONEY).label(name) for name in AMOUNTS]
    places: list[ColumnElement[Any]] = [literal_column(str(place + 1)) for place in range(len(groups))]
    keys = _keys(steps) if question.secret is not None else []
    return select(*groups, *counts, *amounts, *keys).group_by(*places).order_by(*places)


def _keys(steps: FromClause) -> list[ColumnElement[Any]]:
    sums = [
        func.coalesce(func.sum(case((steps.c[name] == ONE, steps.c.number))), ZERO).label(f"key_{name}")
        for name in COUNTS
    ]
    largest = [func.coalesce(func.max(steps.c[name]), NO_AMOUNT).label(f"largest_{name}") for name in AMOUNTS]
    return [*sums, *largest]


# --- groups --------------------------------------------------------------------------------------


def _division(digits: int) -> Callable[[FromClause], ColumnElement[Any]]:
    rest = literal_column(f"'{'0' * (12 - digits)}'", String())
    return lambda steps: func.left(steps.c.division_code, literal_column(str(digits))).concat(rest)


def _town(steps: FromClause) -> ColumnElement[Any]:
    below = func.substr(steps.c.division_code, literal_column("7"), literal_column("3")) != literal_column("'000'")
    return case((below, _division(9)(steps)))


def _matter_type(steps: FromClause) -> ColumnElement[Any]:
    return case(*((steps.c.kind == _word(kind.value), _word(type_code)) for kind, type_code in MATTER_TYPES.items()))


def _word(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", String())


GROUPS: Mapping[StatDimension, Callable[[FromClause], ColumnElement[Any]]] = {
    StatDimension.DISTRICT: _division(6),
    StatDimension.TOWN: _town,
    StatDimension.ORG: lambda steps: steps.c.org_id,
    StatDimension.MONTH: lambda steps: func.to_char(steps.c.day, literal_column("'YYYY-MM'")),
    StatDimension.CASE_KIND: lambda steps: steps.c.kind,
    StatDimension.MATTER_TYPE: _matter_type,
}


# --- steps ---------------------------------------------------------------------------------------


def _step(
    question: Question, day: ColumnElement[Any], source: FromClause, measures: Mapping[str, ColumnElement[Any]]
) -> Select[Any]:
    names = [*COUNTS, *AMOUNTS]
    nothing: dict[str, ColumnElement[Any]] = {name: NO_AMOUNT if name in AMOUNTS else ZERO for name in names}
    secret = question.secret
    number = [] if secret is None else [record_number(secret, case_.c.case_id).label("number")]
    return (
        select(
            case_.c.division_code,
            case_.c.org_id,
            case_.c.kind,
            day.label("day"),
            *((nothing | dict(measures))[name].label(name) for name in names),
            *number,
        )
        .select_from(source)
        .where(
            day.between(_parameter("first", question.first, Date()), _parameter("last", question.last, Date())),
            *_scope(question),
        )
    )


def _parameter(name: str, value: Any, type_: Any) -> ColumnElement[Any]:
    return bindparam(f"stats_{name}", value, type_=type_)


def _scope(question: Question) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [case_.c.sealed.is_(False), case_.c.secret_flag.is_not(True), *question.cut]
    if question.division_prefix is not None:
        where = prefix(case_.c.division_code)
        assert where.encode is not None
        conditions.append(where.build(_parameter("prefix", where.encode(question.division_prefix), String())))
    if question.kinds is not None:
        codes = [kind.value for kind in question.kinds]
        conditions.append(case_.c.kind == any_(_parameter("kinds", codes, ARRAY(String()))))
    return conditions


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, ONE), else_=ZERO)


def filed(question: Question) -> Select[Any]:
    """Cases filed (立案)."""
    return _step(question, case_.c.filed_on, case_, {"filed": ONE})


def decided(question: Question) -> Select[Any]:
    """Cases decided, with their fines, what of these has been paid, and whether they were published in time."""
    days = calendar(question.first, question.last)
    due = case((case_.c.kind == _word(CaseKind.PENALTY.value), days.c.penalty_due), else_=days.c.other_due)
    paid = (
        select(func.sum(payment.c.amount_paid))
        .where(payment.c.case_id == case_.c.case_id, payment.c.sealed.is_(False))
        .correlate(case_)
    ).scalar_subquery()
    public = and_(
        or_(case_.c.disclosure_class.is_(None), case_.c.disclosure_class == _word("1")),
        or_(disclosure.c.state.is_(None), disclosure.c.state != _word("4")),
        or_(disclosure.c.published_at.is_not(None), due < _parameter("today", question.today, Date())),
    )
    fallen = or_(
        case_.c.status == _word(CaseStatus.WITHDRAWN.value),
        disclosure.c.withdraw_reason.in_([_word(reason.value) for reason in REVERSED]),
    )
    source = (
        case_.join(days, days.c.day == case_.c.decided_on)
        .outerjoin(decision, decision.c.case_id == case_.c.case_id)
        .outerjoin(disclosure, disclosure.c.case_id == case_.c.case_id)
    )
    measures = {
        "decided": ONE,
        "fine_amount": func.coalesce(decision.c.fine_amount, NO_AMOUNT),
        "collected_amount": func.coalesce(paid, NO_AMOUNT),
        "reviewed_reversed": _one_if(fallen),
        "disclosure_due": _one_if(public),
        "disclosed_on_time": _one_if(and_(public, local_day(disclosure.c.published_at) <= due)),
    }
    return _step(question, case_.c.decided_on, source, measures)


def closed(question: Question) -> Select[Any]:
    """Cases closed, and whether they were decided within the handling period (行政处罚法 art. 60); other kinds have none."""
    days = calendar(question.first - LOOK_BACK * ONE_DAY, question.last)
    allowed = (
        literal_column(str(TO_DECIDE.length), Integer())
        + func.coalesce(case_.c.excluded_days, ZERO)
        + func.coalesce(case_.c.extension_count, ZERO) * literal_column(str(EXTENSION), Integer())
    )
    on_time = or_(
        case_.c.kind != _word(CaseKind.PENALTY.value),
        case_.c.filed_on + allowed >= func.coalesce(days.c.period_end, case_.c.decided_on, case_.c.closed_on),
    )
    source = case_.outerjoin(days, days.c.day == case_.c.decided_on)
    return _step(question, case_.c.closed_on, source, {"closed": ONE, "on_time_closed": _one_if(on_time)})


def inspected(question: Question) -> Select[Any]:
    """Inspections ended, and those that found a fault."""
    found = inspection.c.result_code.not_in([_word(code) for code in NOTHING_FOUND])
    source = case_.join(inspection, inspection.c.case_id == case_.c.case_id)
    measures = {"inspected": ONE, "issue_found": _one_if(found)}
    return _step(question, local_day(inspection.c.ended_at), source, measures)


STEPS = (filed, decided, closed, inspected)
