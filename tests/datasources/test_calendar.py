"""Days and months as the law counts them."""

from __future__ import annotations

from datetime import date

import pytest

from datasources.tables.calendar import Calendar, months_after
from datasources.tables.holidays import exceptions

NOTICED = Calendar.of({day: worked for day, (worked, _) in exceptions().items()})


def test_the_years_of_the_notices_are_known() -> None:
    """The New Year of 2023 began in 2022, which has no notice here."""
    assert (NOTICED.first, NOTICED.last) == (date(2023, 1, 1), date(2026, 12, 31))


def test_beyond_the_notices_the_holidays_with_a_fixed_date_are_known_and_the_day_is_provisional() -> None:
    day = NOTICED.working_days_after(date(2026, 12, 30), 2)
    assert (day, NOTICED.is_known(day)) == (date(2027, 1, 4), False)


def test_without_a_table_every_day_is_provisional() -> None:
    empty = Calendar.of({})
    assert not empty.is_known(date(2026, 11, 5))
    assert empty.working_days_after(date(2026, 11, 6), 1) == date(2026, 11, 9)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [("2026-09-30", 1, "2026-10-08"), ("2026-09-18", 1, "2026-09-20"), ("2026-02-13", 1, "2026-02-14")],
)
def test_make_up_days_count_and_holidays_do_not(start: str, days: int, end: str) -> None:
    assert NOTICED.working_days_after(date.fromisoformat(start), days) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-11-05", 36, "2029-11-05"),
        ("2026-12-31", 3, "2027-03-31"),
        ("2024-02-29", 216, "2042-02-28"),
    ],
)
def test_a_month_ends_on_the_same_day_or_its_last(day: str, months: int, end: str) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(end)
