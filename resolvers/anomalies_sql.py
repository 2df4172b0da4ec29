"""What is out of the ordinary in the access log, as conditions over its tables: one rule a kind, in a table.

SELF_LOOKUP      the holder of a certificate looked at themselves
RELATIVE_LOOKUP  or at somebody of their household
WITHOUT_TASK     asked for more than public data, and no task named the certificate then
MANY_SUBJECTS    looked at more persons, enterprises and vehicles in a day than the threshold
OFF_HOURS        looked between 22:00 and 6:00
BUDGET_EXCEEDED  was refused because the day's subjects were used up
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Select,
    String,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from datasources.tables.access_log import access_record, access_subject
from datasources.tables.calendar import CHINA
from resolvers.access_enums import AnomalyKind

NIGHT_FROM, NIGHT_TO = 22, 6
"""Hours of the clock in China."""
COUNTED = ("Person", "LegalEntity", "Vehicle")
"""The records that stand for a subject in every database."""
SHOWN = 20
"""Records that are named of one group."""

log, line = access_record.c, access_subject.c
_LOCAL = func.timezone(literal_column("'Asia/Shanghai'"), log.at)
DAY = cast(_LOCAL, Date)
_HOUR = cast(func.date_part(literal_column("'hour'"), _LOCAL), Integer)
NUMBER = func.coalesce(log.case_no, log.task_no)

Pair: TypeAlias = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """A task that names a certificate, from and to."""

    cert_no: str
    task_no: str
    since: datetime.datetime
    until: datetime.datetime | None


@dataclass(frozen=True, kw_only=True)
class Period:
    """The question: days, the certificates to look at (None: whoever asked), and what was found out beforehand."""

    kind: AnomalyKind
    first: datetime.date
    last: datetime.date
    threshold: int
    certificates: Sequence[str] | None = None
    near: Sequence[Pair] = ()
    """Certificates, each with the pseudonym of its holder or of somebody near them."""
    assigned: Sequence[Assigned] = ()


def _texts(name: str, values: Sequence[str]) -> ColumnElement[Any]:
    return bindparam(name, list(values), type_=ARRAY(String()))


def _line() -> ColumnElement[bool]:
    return and_(line.log_id == log.log_id, line.seq == log.seq)


SOMEBODY = exists().where(_line()).correlate(access_record)
"""It shows something of somebody."""
BY_STAFF = log.caller_kind.in_(("officer", "supervisor"))


def _near(period: Period) -> ColumnElement[bool]:
    pairs = (
        func.unnest(
            _texts("near_certs", [cert for cert, _ in period.near]),
            _texts("near_names", [name for _, name in period.near]),
        )
        .table_valued(column("cert_no", String), column("pseudonym", String), name="near")
        .render_derived()
    )
    return (
        exists()
        .where(_line(), pairs.c.cert_no == log.cert_no, pairs.c.pseudonym == line.pseudonym)
        .correlate(access_record)
    )


def _without_task(period: Period) -> ColumnElement[bool]:
    moments = ARRAY(DateTime(timezone=True))
    tasks = (
        func.unnest(
            _texts("task_certs", [one.cert_no for one in period.assigned]),
            _texts("task_numbers", [one.task_no for one in period.assigned]),
            bindparam("task_since", [one.since for one in period.assigned], type_=moments),
            bindparam("task_until", [one.until for one in period.assigned], type_=moments),
        )
        .table_valued(
            column("cert_no", String),
            column("task_no", String),
            column("since", DateTime(timezone=True)),
            column("until", DateTime(timezone=True)),
            name="tasks",
        )
        .render_derived()
    )
    named = (
        exists()
        .where(
            tasks.c.cert_no == log.cert_no,
            tasks.c.task_no == NUMBER,
            tasks.c.since <= log.at,
            or_(tasks.c.until.is_(None), tasks.c.until > log.at),
        )
        .correlate(access_record)
    )
    guarded = or_(SOMEBODY, func.cardinality(log.withheld) > literal_column("0"))
    stated = or_(log.purpose.is_(None), log.purpose.not_in(("STATISTICS", "PUBLIC_DISCLOSURE")))
    return and_(BY_STAFF, log.kind == "access", stated, guarded, ~named)


RULES: Mapping[AnomalyKind, Callable[[Period], ColumnElement[bool]]] = {
    AnomalyKind.SELF_LOOKUP: _near,
    AnomalyKind.RELATIVE_LOOKUP: _near,
    AnomalyKind.WITHOUT_TASK: _without_task,
    AnomalyKind.MANY_SUBJECTS: lambda _: SOMEBODY,
    AnomalyKind.OFF_HOURS: lambda _: and_(BY_STAFF, SOMEBODY, or_(_HOUR >= NIGHT_FROM, _HOUR < NIGHT_TO)),
    AnomalyKind.BUDGET_EXCEEDED: lambda _: log.code == "SUBJECT_BUDGET_EXCEEDED",
}


def within(period: Period) -> ColumnElement[bool]:
    """Requests of these days and certificates."""
    conditions = [
        log.at >= _midnight(period.first),
        log.at < _midnight(period.last + datetime.timedelta(days=1)),
    ]
    if period.certificates is not None:
        conditions.append(log.cert_no == any_(_texts("certificates", period.certificates)))
    return and_(*conditions)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), CHINA)


def statement(period: Period, first: int) -> Select[Any]:
    """One row a day, certificate, subject of the token and client, those with most subjects first."""
    groups = (DAY.label("day"), log.cert_no, log.caller_subject, log.caller_client)
    subjects = func.count(line.pseudonym.distinct()).filter(line.type.in_(COUNTED))
    record = func.concat(log.log_id, literal_column("'/'"), cast(log.seq, Text))
    found = (
        select(
            *groups,
            func.count(func.distinct(log.log_id, log.seq)).label("requests"),
            subjects.label("subjects"),
            func.min(log.at).label("first_at"),
            func.max(log.at).label("last_at"),
            func.array_agg(record.distinct()).label("records"),
        )
        .select_from(access_record.outerjoin(access_subject, _line()))
        .where(within(period), RULES[period.kind](period))
        .group_by(*(group.element if hasattr(group, "element") else group for group in groups))
    )
    if period.kind is AnomalyKind.MANY_SUBJECTS:
        found = found.having(subjects > period.threshold)
    return found.order_by(subjects.desc(), DAY.desc(), log.caller_subject, log.caller_client).limit(first)
