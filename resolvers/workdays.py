"""Working days: Monday to Friday, but for the State Council's yearly notices on holidays and make-up days (调休).

A notice comes out in November for the next year. Beyond the last one only the holidays of 全国年节及纪念日放假办法 with a fixed
date are known; a day counted there is provisional.
"""

from __future__ import annotations

from datasources.tables.calendar import ONE_DAY, Calendar
from datasources.tables.holidays import exceptions

__all__ = [
    "FIRST_DAY", "LAST_DAY", "MAKE_UP_DAYS", "ONE_DAY", "is_known", "is_working", "next_working_day", "working_days_after",
]  # fmt: skip

NOTICED = Calendar.of({day: worked for day, (worked, _) in exceptions().items()})
FIRST_DAY, LAST_DAY = NOTICED.first, NOTICED.last
"""The days that the notices cover."""
MAKE_UP_DAYS = frozenset(day for day, worked in NOTICED.exceptions.items() if worked)

is_known = NOTICED.is_known
is_working = NOTICED.is_working
working_days_after = NOTICED.working_days_after
next_working_day = NOTICED.next_working_day
