"""Working days, by the State Council's notices."""

from __future__ import annotations

from datetime import date

import pytest

from resolvers.workdays import (
    FIRST_DAY,
    LAST_DAY,
    MAKE_UP_DAYS,
    is_known,
    is_working,
    next_working_day,
    working_days_after,
)


@pytest.mark.parametrize("day", ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"])
def test_the_make_up_days_of_2026_are_worked(day: str) -> None:
    assert date.fromisoformat(day).weekday() >= 5
    assert is_working(date.fromisoformat(day))


@pytest.mark.parametrize(
    "day", ["2026-01-02", "2026-02-23", "2026-04-06", "2026-05-05", "2026-06-19", "2026-09-25", "2026-10-07"]
)
def test_the_days_off_of_2026_are_not(day: str) -> None:
    assert date.fromisoformat(day).weekday() < 5
    assert not is_working(date.fromisoformat(day))


def test_make_up_days_fall_on_weekends_within_the_notices() -> None:
    assert all(day.weekday() >= 5 and FIRST_DAY <= day <= LAST_DAY for day in MAKE_UP_DAYS)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-04", 1, "2026-11-05"),
        ("2026-11-06", 1, "2026-11-09"),  # a Friday: the weekend is not counted
        ("2026-09-30", 7, "2026-10-15"),  # 国庆节 is not counted, the Saturday after it is
        ("2026-09-18", 1, "2026-09-20"),  # a Sunday worked in place of a holiday
        ("2026-10-07", 3, "2026-10-10"),
    ],
)
def test_the_day_of_the_act_is_not_counted(start: str, days: int, end: str) -> None:
    assert working_days_after(date.fromisoformat(start), days) == date.fromisoformat(end)


@pytest.mark.parametrize(("day", "ends"), [("2026-10-03", "2026-10-08"), ("2026-10-10", "2026-10-10")])
def test_a_period_that_ends_on_a_day_off_ends_on_the_next_working_day(day: str, ends: str) -> None:
    assert next_working_day(date.fromisoformat(day)) == date.fromisoformat(ends)


def test_beyond_the_notices_only_the_fixed_holidays_are_known() -> None:
    assert not is_known(date(2027, 1, 1))
    assert not is_working(date(2027, 1, 1))
    assert is_working(date(2027, 2, 8))  # 春节 of 2027, which no notice has fixed
