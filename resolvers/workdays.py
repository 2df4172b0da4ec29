"""Working days: Monday to Friday, but for the State Council's yearly notices on holidays and make-up days (调休).

A notice comes out in November for the next year. Beyond the last one only the holidays of 全国年节及纪念日放假办法 with a fixed
date are known; a day counted there is provisional.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import lru_cache

from datasources.tables.holidays import NOTICES

ONE_DAY = datetime.timedelta(days=1)

FIRST_DAY, LAST_DAY = datetime.date(2023, 1, 1), datetime.date(2026, 12, 31)
"""The days that the notices cover."""

FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of the holidays that need no notice (全国年节及纪念日放假办法, as amended in 2024)."""


def _days(first: str, last: str) -> Iterator[datetime.date]:
    day = datetime.date.fromisoformat(first)
    while day <= datetime.date.fromisoformat(last):
        yield day
        day += ONE_DAY


DAYS_OFF = frozenset(day for _, first, last, _ in NOTICES for day in _days(first, last))
MAKE_UP_DAYS = frozenset(datetime.date.fromisoformat(day) for *_, worked in NOTICES for day in worked)


def is_known(day: datetime.date) -> bool:
    """Whether a notice says if the day is worked."""
    return FIRST_DAY <= day <= LAST_DAY


def is_working(day: datetime.date) -> bool:
    """Whether the authorities work on the day."""
    if day in MAKE_UP_DAYS:
        return True
    fixed = not is_known(day) and (day.month, day.day) in FIXED
    return day.weekday() < 5 and day not in DAYS_OFF and not fixed


def working_days_after(start: datetime.date, days: int) -> datetime.date:
    """The `days`-th working day after `start`; the day of `start` itself is not counted (行政处罚法 art. 85)."""
    day = start
    while days > 0:
        day += ONE_DAY
        days -= is_working(day)
    return day


def next_working_day(day: datetime.date) -> datetime.date:
    """The day itself if it is worked, or the next one that is."""
    while not is_working(day):
        day += ONE_DAY
    return day


@lru_cache(maxsize=4_096)
def working_days_between(after: datetime.date, until: datetime.date) -> int:
    """Working days after the first day, up to the second and with it."""
    return sum(is_working(after + offset * ONE_DAY) for offset in range(1, (until - after).days + 1))
