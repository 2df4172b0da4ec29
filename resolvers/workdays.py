"""Working days: Monday to Friday, but for the State Council's yearly notices on holidays and make-up days (调休).

A notice comes out in November for the next year. Beyond the last one only the holidays of 全国年节及纪念日放假办法 with a fixed
date are known; a day counted there is provisional.
"""

from __future__ import annotations

import datetime
from functools import lru_cache

from datasources.tables.calendar import ONE_DAY, Calendar
from datasources.tables.holidays import exceptions

__all__ = [
    "FIRST_DAY", "LAST_DAY", "MAKE_UP_DAYS", "ONE_DAY", "is_known", "is_working", "next_working_day", "working_days_after",
    "working_days_between",
]  # fmt: skip

NOTICED = Calendar.of({day: worked for day, (worked, _) in exceptions().items()})
FIRST_DAY, LAST_DAY = NOTICED.first, NOTICED.last
"""The days that the notices cover."""
MAKE_UP_DAYS = frozenset(day for day, worked in NOTICED.exceptions.items() if worked)

is_known = NOTICED.is_known
is_working = NOTICED.is_working
working_days_after = NOTICED.working_days_after
next_working_day = NOTICED.next_working_day


@lru_cache(maxsize=4_096)
def working_days_between(after: datetime.date, until: datetime.date) -> int:
    """Working days after the first day, up to the second and with it."""
    return sum(is_working(after + offset * ONE_DAY) for offset in range(1, (until - after).days + 1))
