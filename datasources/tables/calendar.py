"""Days and months as the law counts them: working days by a table of holidays and make-up days (调休), months by the calendar."""

from __future__ import annotations

import calendar
import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

ONE_DAY = datetime.timedelta(days=1)
CHINA = datetime.timezone(datetime.timedelta(hours=8))
"""The law's day begins at its midnight (GB/T 7408)."""

FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""Month and day of the holidays that need no notice (全国年节及纪念日放假办法, as amended in 2024)."""

NOTICED = 10
"""A year with so many days that differ from the week has a notice: each has some thirty."""


@dataclass(frozen=True)
class Calendar:
    """The days that differ from the week: day → is it worked.

    The State Council's notice for a year comes out in the November before. Beyond the last one only `FIXED` holidays are
    known, and what is counted there is provisional.
    """

    exceptions: Mapping[datetime.date, bool]
    first: datetime.date
    last: datetime.date

    @classmethod
    def of(cls, exceptions: Mapping[datetime.date, bool]) -> Calendar:
        """The calendar of the years that have a notice: a New Year (元旦) that begins in the old one makes no year."""
        days = Counter(day.year for day in exceptions)
        years = [year for year, count in days.items() if count >= NOTICED] or [1]
        return cls(exceptions, datetime.date(min(years), 1, 1), datetime.date(max(years), 12, 31))

    def is_known(self, day: datetime.date) -> bool:
        """Whether a notice says if the day is worked."""
        return self.first <= day <= self.last

    def is_working(self, day: datetime.date) -> bool:
        """Whether the authorities work on the day."""
        if day in self.exceptions:
            return self.exceptions[day]
        fixed = not self.is_known(day) and (day.month, day.day) in FIXED
        return day.weekday() < 5 and not fixed

    def working_days_after(self, start: datetime.date, days: int) -> datetime.date:
        """The `days`-th working day after `start`; the day of `start` itself is not counted (行政处罚法 art. 85)."""
        day = start
        while days > 0:
            day += ONE_DAY
            days -= self.is_working(day)
        return day

    def next_working_day(self, day: datetime.date) -> datetime.date:
        """The day itself if it is worked, or the next one that is."""
        while not self.is_working(day):
            day += ONE_DAY
        return day


def day_of(moment: datetime.datetime) -> datetime.date:
    """The day in China."""
    return moment.astimezone(CHINA).date()


def months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day so many months later, or the last of that month when it has no such day (民法典 art. 202)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
