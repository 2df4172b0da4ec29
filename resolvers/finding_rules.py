"""What is looked for in enforcement that goes too far (乱收费, 乱罚款, 乱检查, 乱查封), as rules: one SELECT each, in a table.

A rule finds cases of a day, with what was found and what would have been allowed, both as the texts of its reason. What the
law leaves open (testing that suspends a seizure, a reason for one more inspection) a rule cannot see: a finding is a question to
the authority, and no verdict.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Numeric,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
)

from datasources.tables import enforcement as t
from resolvers.case_enums import CaseKind
from resolvers.case_parts import local_day
from resolvers.finding_kinds import FindingKind

case_, decision, inspection, coercion, payment = t.case_, t.decision, t.inspection, t.coercion, t.payment
party, event = t.party, t.event

SEIZED = ("1", "2")
"""Measures that end after thirty days: 查封, 扣押."""
TERM, LONGER = 30, 30
"""Calendar days of a seizure, and of its one extension (行政强制法 art. 25)."""
ON_THE_SPOT_PERSON, ON_THE_SPOT_OTHERS = 200, 3_000
"""元 that may be fined on the spot (行政处罚法 art. 51)."""
INSPECTORS = ("主办", "协办")
"""Roles of those who inspect."""


@dataclass(frozen=True, kw_only=True)
class References:
    """What is known elsewhere: the highest fine by cause and grade (裁量基准), matters with the days they are in force, and how
    often an organisation may be inspected in a year where it was inspected more often (行政检查年度频次).
    """

    standards: Sequence[tuple[str, str, Any]] = ()
    matters: Sequence[tuple[str, datetime.date, datetime.date]] = ()
    caps: Sequence[tuple[str, int, int]] = ()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Findings of days, both in the period; `behind` are the sort values of the item before: day, case number, rule."""

    kind: FindingKind
    first: datetime.date
    last: datetime.date
    today: datetime.date
    references: References = References()
    org_id: Any = None
    behind: tuple[datetime.date, str, int] | None = None
    cut: tuple[ColumnElement[bool], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rule:
    """`reason` has places for `found` and `allowed`; `select` gives the case, the day and these two."""

    kind: FindingKind
    name: str
    basis: str
    reason: str
    select: Callable[[Wanted], Select[Any]]


def bound(name: str, value: Any, type_: Any) -> ColumnElement[Any]:
    """A value of the question."""
    return bindparam(f"finding_{name}", value, type_=type_)


def _number(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer())


def _found(
    wanted: Wanted,
    source: FromClause,
    day: ColumnElement[Any],
    found: ColumnElement[Any],
    allowed: ColumnElement[Any],
    *where: ColumnElement[bool],
) -> Select[Any]:
    conditions = [*wanted.cut, *where]
    if wanted.org_id is not None:
        conditions.append(case_.c.org_id == bound("org", wanted.org_id, case_.c.org_id.type))
    return (
        select(
            case_.c.case_no,
            case_.c.org_id,
            day.label("day"),
            cast(found, Text).label("found"),
            cast(allowed, Text).label("allowed"),
        )
        .select_from(source)
        .where(*conditions)
    )


# --- 乱收费 --------------------------------------------------------------------------------------


def _without_a_penalty(wanted: Wanted) -> Select[Any]:
    source = case_.join(payment, payment.c.case_id == case_.c.case_id)
    return _found(
        wanted, source, case_.c.filed_on, payment.c.amount_due, _number(0),
        case_.c.kind != literal_column(f"'{CaseKind.PENALTY.value}'"), payment.c.amount_due > _number(0), payment.c.sealed.is_(False),
    )  # fmt: skip


def _more_than_decided(wanted: Wanted) -> Select[Any]:
    due = (
        select(func.sum(payment.c.amount_due))
        .where(payment.c.case_id == case_.c.case_id, payment.c.sealed.is_(False))
        .correlate(case_)
        .scalar_subquery()
    )
    decided = func.coalesce(decision.c.fine_amount, _number(0)) + func.coalesce(
        decision.c.confiscated_amount, _number(0)
    )
    source = case_.join(decision, decision.c.case_id == case_.c.case_id)
    return _found(wanted, source, case_.c.decided_on, due, decided, due > decided)


def _surcharge_above_the_fine(wanted: Wanted) -> Select[Any]:
    source = case_.join(payment, payment.c.case_id == case_.c.case_id)
    return _found(
        wanted, source, payment.c.due_on, payment.c.surcharge_due, payment.c.amount_due,
        payment.c.surcharge_due > payment.c.amount_due, payment.c.sealed.is_(False),
    )  # fmt: skip


# --- 乱罚款 --------------------------------------------------------------------------------------


def _above_the_standard(wanted: Wanted) -> Select[Any]:
    standards = _table(
        "standards", wanted.references.standards, cause_code=String(), grade=String(), amount_max=Numeric(18, 2)
    )
    source = case_.join(decision, decision.c.case_id == case_.c.case_id).join(
        standards,
        and_(standards.c.cause_code == case_.c.cause_code, standards.c.grade == decision.c.discretion_grade),
    )
    return _found(
        wanted, source, case_.c.decided_on, decision.c.fine_amount, standards.c.amount_max,
        decision.c.fine_amount > standards.c.amount_max,
    )  # fmt: skip


def _above_the_simple_procedure(wanted: Wanted) -> Select[Any]:
    organisation = exists().where(
        party.c.case_id == case_.c.case_id,
        party.c.role_code == literal_column("'1'"),
        party.c.subject_type != literal_column("'1'"),
    ).correlate(case_)  # fmt: skip
    allowed = case((organisation, _number(ON_THE_SPOT_OTHERS)), else_=_number(ON_THE_SPOT_PERSON))
    return _found(
        wanted, case_.join(decision, decision.c.case_id == case_.c.case_id), case_.c.decided_on, decision.c.fine_amount,
        allowed, case_.c.procedure_code == literal_column("'1'"), decision.c.fine_amount > allowed,
    )  # fmt: skip


# --- 乱检查 --------------------------------------------------------------------------------------

_INSPECTED = case_.join(inspection, inspection.c.case_id == case_.c.case_id)
_ENDED = local_day(inspection.c.ended_at)
_CLOSED = case_.c.closed_on.is_not(None)


def _alone(wanted: Wanted) -> Select[Any]:
    """Once the case is closed: devices upload late, and the second inspector may be still to come."""
    inspectors = (
        select(func.count(event.c.actor_cert_no.distinct()))
        .where(event.c.case_id == case_.c.case_id, event.c.actor_role.in_([_word(role) for role in INSPECTORS]))
        .correlate(case_)
        .scalar_subquery()
    )
    return _found(wanted, _INSPECTED, _ENDED, inspectors, _number(2), inspectors < _number(2), _CLOSED)


def _without_a_matter(wanted: Wanted) -> Select[Any]:
    matters = _table("matters", wanted.references.matters, code=String(), begins=Date(), ends=Date())
    in_force = exists(
        select(_number(1)).select_from(matters).where(
            matters.c.code == case_.c.implementation_code, _ENDED.between(matters.c.begins, matters.c.ends)
        )
    ).correlate(case_, inspection)  # fmt: skip
    code = func.coalesce(case_.c.implementation_code, _word("未填写"))
    return _found(wanted, _INSPECTED, _ENDED, code, _word(""), ~in_force)


def _too_often(wanted: Wanted) -> Select[Any]:
    caps = _table("caps", wanted.references.caps, uscc=String(), year=Integer(), cap=Integer())
    year = cast(func.date_part(literal_column("'year'"), _ENDED), Integer)
    source = _INSPECTED.join(party, party.c.case_id == case_.c.case_id)
    nth = func.row_number().over(partition_by=(party.c.uscc, year), order_by=(inspection.c.ended_at, case_.c.case_no))
    ordered = (
        select(case_.c.case_no, case_.c.org_id, _ENDED.label("day"), party.c.uscc, year.label("year"), nth.label("nth"))
        .select_from(source)
        .where(
            party.c.role_code == literal_column("'1'"), party.c.uscc.in_(select(caps.c.uscc)), _ENDED.is_not(None), *wanted.cut
        )
        .subquery("ordered")
    )  # fmt: skip
    over = and_(caps.c.uscc == ordered.c.uscc, caps.c.year == ordered.c.year, ordered.c.nth > caps.c.cap)
    texts = (cast(ordered.c.nth, Text).label("found"), cast(caps.c.cap, Text).label("allowed"))
    query = select(ordered.c.case_no, ordered.c.org_id, ordered.c.day, *texts).select_from(ordered.join(caps, over))
    if wanted.org_id is not None:
        query = query.where(ordered.c.org_id == bound("org", wanted.org_id, case_.c.org_id.type))
    return query


# --- 乱查封 --------------------------------------------------------------------------------------


def _too_long(wanted: Wanted) -> Select[Any]:
    allowed = case((coercion.c.extended.is_(True), _number(TERM + LONGER)), else_=_number(TERM))
    days = func.coalesce(coercion.c.ended_on, bound("today", wanted.today, Date())) - coercion.c.started_on
    source = case_.join(coercion, coercion.c.case_id == case_.c.case_id)
    return _found(
        wanted, source, coercion.c.started_on, days, allowed,
        coercion.c.measure_kind.in_([_word(kind) for kind in SEIZED]), days > allowed,
    )  # fmt: skip


def _word(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", String())


def _table(name: str, rows: Sequence[Sequence[Any]], **columns: Any) -> Any:
    """Rows that come along with the statement, as a table."""
    values = list(zip(*rows, strict=True)) or [() for _ in columns]
    arrays = [
        cast(bindparam(f"finding_{name}_{column_name}", list(given), type_=ARRAY(type_)), ARRAY(type_))
        for (column_name, type_), given in zip(columns.items(), values, strict=True)
    ]
    made = func.unnest(*arrays).table_valued(*(column(one, type_) for one, type_ in columns.items()), name=name)
    return made.render_derived()


FEES, FINES, INSPECTIONS, SEIZURES = FindingKind.FEES, FindingKind.FINES, FindingKind.INSPECTIONS, FindingKind.SEIZURES
RULES = (
    Rule(kind=FEES, name="检查、强制收取费用", basis="行政强制法第二十六条；国办发〔2024〕54号",
         reason="不是行政处罚案件，却开具了{found}元的缴款通知。", select=_without_a_penalty),
    Rule(kind=FEES, name="应缴金额超过决定", basis="行政处罚法第六十七条、第七十四条",
         reason="应缴金额合计{found}元，处罚决定的罚款与没收金额合计{allowed}元。", select=_more_than_decided),
    Rule(kind=FEES, name="加处罚款超过本金", basis="行政处罚法第七十二条；行政强制法第四十五条",
         reason="加处罚款{found}元，本金{allowed}元。", select=_surcharge_above_the_fine),
    Rule(kind=FINES, name="罚款超过裁量基准", basis="行政处罚法第三十四条；国办发〔2022〕27号",
         reason="罚款{found}元，该案由该裁量等级的上限为{allowed}元。", select=_above_the_standard),
    Rule(kind=FINES, name="当场处罚超过限额", basis="行政处罚法第五十一条",
         reason="适用简易程序罚款{found}元，限额为{allowed}元。", select=_above_the_simple_procedure),
    Rule(kind=INSPECTIONS, name="检查人员少于两人", basis="行政处罚法第四十二条；国办发〔2024〕54号",
         reason="全过程记录中只有{found}名检查人员，应当不少于{allowed}人。", select=_alone),
    Rule(kind=INSPECTIONS, name="检查事项未公布或者失效", basis="国办发〔2024〕54号",
         reason="检查当日没有现行有效的事项（实施编码：{found}）。", select=_without_a_matter),
    Rule(kind=INSPECTIONS, name="超过年度检查频次", basis="国办发〔2024〕54号",
         reason="当年第{found}次检查，年度频次上限为{allowed}次，未登记例外事由。", select=_too_often),
    Rule(kind=SEIZURES, name="查封、扣押超过期限", basis="行政强制法第二十五条",
         reason="查封、扣押已{found}日，期限为{allowed}日。", select=_too_long),
)  # fmt: skip
"""A rule's place is part of cursors: new ones go to the end."""
