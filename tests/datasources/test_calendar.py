"""The day of the law is the day in China."""

from __future__ import annotations

import datetime

import pytest

from datasources.tables.calendar import day_of


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-04T15:59:59+00:00", "2026-11-04"),
        ("2026-11-04T16:00:00+00:00", "2026-11-05"),
        ("2026-11-05T00:00:00+08:00", "2026-11-05"),
        ("2026-11-05T20:00:00-05:00", "2026-11-06"),
    ],
)
def test_it_begins_at_midnight_there(moment: str, day: str) -> None:
    assert day_of(datetime.datetime.fromisoformat(moment)).isoformat() == day
