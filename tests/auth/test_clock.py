from __future__ import annotations

import pytest

from auth.clock import JUMP, SETTLED
from tests.auth.minting import NOW, Time


def test_one_reading_as_long_as_nobody_sets_the_clock() -> None:
    time = Time()
    clock = time.clock()
    for time.passed in (0, 10, 100_000):
        assert clock.readings() == (NOW + time.passed,)


def test_drift_is_followed() -> None:
    time = Time()
    clock = time.clock()
    for number in range(100):
        time.passed, time.set_by = number, number * (JUMP - 1)
        assert clock.readings() == (time.wall(),)


@pytest.mark.parametrize("set_by", [JUMP, -JUMP, 3600, -3600])
def test_a_jump_gives_two_readings_and_is_logged_once(set_by: float, caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    clock = time.clock()
    time.set_by = set_by
    for time.passed in (1, 2, SETTLED):
        assert clock.readings() == (NOW + time.passed + set_by, NOW + time.passed)
    assert [(record.message, record.__dict__["seconds"]) for record in caplog.records] == [("clock jumped", set_by)]


def test_after_ten_minutes_the_wall_clock_is_right() -> None:
    time = Time()
    clock = time.clock()
    time.set_by = 3600
    clock.readings()
    time.passed = SETTLED
    assert clock.readings() == (time.wall(),)
    time.passed += 1
    assert clock.readings() == (time.wall(),)


def test_a_clock_that_is_set_right_again_is_as_before() -> None:
    time = Time()
    clock = time.clock()
    time.set_by = 3600
    clock.readings()
    time.set_by, time.passed = 0, 5
    assert clock.readings() == (time.wall(),)
    time.set_by, time.passed = 3600, SETTLED + 1
    assert len(clock.readings()) == 2
