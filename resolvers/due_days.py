"""Days with what the working days make of them, as a table that statements join by a day."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Date, bindparam, cast, column, func

from resolvers.deadlines import PUBLISH_OTHERS, PUBLISH_PENALTY, Rule, Unit, due_day
from resolvers.workdays import ONE_DAY, is_working, next_working_day

KEPT = 64
"""Periods whose days are kept: those of today are asked for again and again."""


def calendar(first: datetime.date, last: datetime.date) -> Any:
    """For a decision on `day`: when it must be published, and the earliest day on which a handling period may end so that the
    decision still keeps it (a period that ends on a day off ends on the next working day).
    """
    return _table(_calendar(first, last))


def due_days(first: datetime.date, last: datetime.date, rules: tuple[Rule, ...]) -> Any:
    """Of each `day` the columns ``due_0``, ``due_1``, … of `rules`: the last day of the period that begins on it, or, where it is
    counted in calendar days, of the one whose days are over on it.
    """
    return _table(_due(first, last, rules))


@lru_cache(maxsize=KEPT)
def _calendar(first: datetime.date, last: datetime.date) -> Mapping[str, list[datetime.date]]:
    days = _days(first, last)
    return {
        "day": days,
        "penalty_due": [due_day(PUBLISH_PENALTY, day) for day in days],
        "other_due": [due_day(PUBLISH_OTHERS, day) for day in days],
        "period_end": [_period_end(day) for day in days],
    }


@lru_cache(maxsize=KEPT)
def _due(first: datetime.date, last: datetime.date, rules: tuple[Rule, ...]) -> Mapping[str, list[datetime.date]]:
    days = _days(first, last)
    columns = {"day": days}
    for place, rule in enumerate(rules):
        over = rule.unit is Unit.CALENDAR_DAY
        columns[f"due_{place}"] = [next_working_day(day) if over else due_day(rule, day) for day in days]
    return columns


def _table(columns: Mapping[str, list[datetime.date]]) -> Any:
    arrays = [cast(bindparam(None, days, type_=ARRAY(Date())), ARRAY(Date())) for days in columns.values()]
    return func.unnest(*arrays).table_valued(*(column(name, Date()) for name in columns)).render_derived()


def _days(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [first + offset * ONE_DAY for offset in range((last - first).days + 1)]


def _period_end(day: datetime.date) -> datetime.date:
    end = day
    while not is_working(end - ONE_DAY):
        end -= ONE_DAY
    return end if is_working(day) else day
