"""The calendar of the authorities: public holidays, make-up working days (调休), and how work falls on days.

Days off and make-up days follow the State Council's yearly notices for 2024, 2025 and 2026.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

from datasources.city.sizes import FIRST_CASE_DAY, TODAY

#: (name, first day off, last day off, make-up days)
_NOTICES = (
    ("元旦", "2023-12-30", "2024-01-01", ()),
    ("春节", "2024-02-10", "2024-02-17", ("2024-02-04", "2024-02-18")),
    ("清明节", "2024-04-04", "2024-04-06", ("2024-04-07",)),
    ("劳动节", "2024-05-01", "2024-05-05", ("2024-04-28", "2024-05-11")),
    ("端午节", "2024-06-08", "2024-06-10", ()),
    ("中秋节", "2024-09-15", "2024-09-17", ("2024-09-14",)),
    ("国庆节", "2024-10-01", "2024-10-07", ("2024-09-29", "2024-10-12")),
    ("元旦", "2025-01-01", "2025-01-01", ()),
    ("春节", "2025-01-28", "2025-02-04", ("2025-01-26", "2025-02-08")),
    ("清明节", "2025-04-04", "2025-04-06", ()),
    ("劳动节", "2025-05-01", "2025-05-05", ("2025-04-27",)),
    ("端午节", "2025-05-31", "2025-06-02", ()),
    ("国庆节、中秋节", "2025-10-01", "2025-10-08", ("2025-09-28", "2025-10-11")),
    ("元旦", "2026-01-01", "2026-01-03", ("2026-01-04",)),
    ("春节", "2026-02-15", "2026-02-23", ("2026-02-14", "2026-02-28")),
    ("清明节", "2026-04-04", "2026-04-06", ()),
    ("劳动节", "2026-05-01", "2026-05-05", ("2026-05-09",)),
    ("端午节", "2026-06-19", "2026-06-21", ()),
    ("中秋节", "2026-09-25", "2026-09-27", ()),
    ("国庆节", "2026-10-01", "2026-10-07", ("2026-09-20", "2026-10-10")),
)


def holidays() -> dict[date, tuple[bool, str]]:
    """Days that differ from the week's rule: day → (is it worked, name)."""
    days: dict[date, tuple[bool, str]] = {}
    for name, first, last, make_up in _NOTICES:
        off = date.fromisoformat(first)
        while off <= date.fromisoformat(last):
            days[off] = (False, name)
            off += timedelta(days=1)
        for worked in make_up:
            days[date.fromisoformat(worked)] = (True, f"{name}调休上班")
    return days


_HOLIDAYS = holidays()
_FIRST = FIRST_CASE_DAY.toordinal()
_LAST = TODAY.toordinal()


def is_working(on: date) -> bool:
    """Whether the authorities work on that day. Beyond the published notices: Monday to Friday."""
    exception = _HOLIDAYS.get(on)
    return exception[0] if exception else on.weekday() < 5


def _weight(on: date) -> float:
    """How much enforcement falls on a day: peaks on Monday and Thursday, a year-end rush, little on days off."""
    if not is_working(on):
        return 0.02 if on.weekday() >= 5 and on not in _HOLIDAYS else 0.0
    peak = 1.35 if on.weekday() in (0, 3) else 1.0
    return peak * (1.45 if on.month == 12 else 1.2 if on.month == 11 else 0.8 if on.month == 2 else 1.0)


@lru_cache
def _cumulated() -> list[float]:
    weights = [_weight(date.fromordinal(ordinal)) for ordinal in range(_FIRST, _LAST)]
    total = sum(weights)
    return [part / total for part in accumulate(weights)]


def day_at(fraction: float) -> int:
    """The ordinal of the day on which that fraction (0 to 1) of three years' work was filed; never today."""
    return _FIRST + min(bisect_right(_cumulated(), fraction), _LAST - _FIRST - 1)


@lru_cache
def _working() -> tuple[list[int], list[int]]:
    first = date(2023, 1, 1).toordinal()
    working = [
        ordinal for ordinal in range(first, date(2028, 1, 1).toordinal()) if is_working(date.fromordinal(ordinal))
    ]
    rank = []
    count = 0
    for ordinal in range(first, date(2028, 1, 1).toordinal()):
        rank.append(count)
        count += count < len(working) and working[count] == ordinal
    return working, rank


def working_days_after(ordinal: int, days: int) -> int:
    """The ordinal of the `days`-th working day after the day of `ordinal` (2023 to 2027)."""
    working, rank = _working()
    at = rank[ordinal - date(2023, 1, 1).toordinal()]
    return working[at + days - (working[at] != ordinal)]


def next_working(ordinal: int) -> int:
    """The day itself, or the next working day."""
    working, rank = _working()
    return working[rank[ordinal - date(2023, 1, 1).toordinal()]]


def working_days_between(after: date, until: date) -> int:
    """Working days after the first day up to and including the second (2023 to 2027)."""
    _, rank = _working()
    first = date(2023, 1, 1).toordinal()
    return rank[until.toordinal() - first + 1] - rank[after.toordinal() - first + 1]
