"""The calendar of the authorities: public holidays, make-up working days (调休), and how work falls on days.

Days off and make-up days follow the State Council's yearly notices.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import lru_cache
from itertools import accumulate

from datasources.city.sizes import FIRST_CASE_DAY, TODAY
from datasources.tables.holidays import exceptions

_HOLIDAYS = exceptions()
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
