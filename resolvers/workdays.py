"""Working days: Monday to Friday, but for the State Council's yearly notices on holidays and make-up days (调休).

A notice comes out in November for the next year. Beyond the last one only the holidays of 全国年节及纪念日放假办法 with a fixed
date are known; a day counted there is provisional.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

ONE_DAY = datetime.timedelta(days=1)

NOTICES = (
    # 国办发明电〔2022〕16号
    ("元旦", "2022-12-31", "2023-01-02", ()),
    ("春节", "2023-01-21", "2023-01-27", ("2023-01-28", "2023-01-29")),
    ("清明节", "2023-04-05", "2023-04-05", ()),
    ("劳动节", "2023-04-29", "2023-05-03", ("2023-04-23", "2023-05-06")),
    ("端午节", "2023-06-22", "2023-06-24", ("2023-06-25",)),
    ("中秋节、国庆节", "2023-09-29", "2023-10-06", ("2023-10-07", "2023-10-08")),
    # 国办发明电〔2023〕7号
    ("元旦", "2024-01-01", "2024-01-01", ()),
    ("春节", "2024-02-10", "2024-02-17", ("2024-02-04", "2024-02-18")),
    ("清明节", "2024-04-04", "2024-04-06", ("2024-04-07",)),
    ("劳动节", "2024-05-01", "2024-05-05", ("2024-04-28", "2024-05-11")),
    ("端午节", "2024-06-10", "2024-06-10", ()),
    ("中秋节", "2024-09-15", "2024-09-17", ("2024-09-14",)),
    ("国庆节", "2024-10-01", "2024-10-07", ("2024-09-29", "2024-10-12")),
    # 国办发明电〔2024〕12号
    ("元旦", "2025-01-01", "2025-01-01", ()),
    ("春节", "2025-01-28", "2025-02-04", ("2025-01-26", "2025-02-08")),
    ("清明节", "2025-04-04", "2025-04-06", ()),
    ("劳动节", "2025-05-01", "2025-05-05", ("2025-04-27",)),
    ("端午节", "2025-05-31", "2025-06-02", ()),
    ("国庆节、中秋节", "2025-10-01", "2025-10-08", ("2025-09-28", "2025-10-11")),
    # 国办发明电〔2025〕7号
    ("元旦", "2026-01-01", "2026-01-03", ("2026-01-04",)),
    ("春节", "2026-02-15", "2026-02-23", ("2026-02-14", "2026-02-28")),
    ("清明节", "2026-04-04", "2026-04-06", ()),
    ("劳动节", "2026-05-01", "2026-05-05", ("2026-05-09",)),
    ("端午节", "2026-06-19", "2026-06-21", ()),
    ("中秋节", "2026-09-25", "2026-09-27", ()),
    ("国庆节", "2026-10-01", "2026-10-07", ("2026-09-20", "2026-10-10")),
)
"""Holiday, first day off, last day off, weekend days worked in its place."""

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
