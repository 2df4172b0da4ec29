"""So many in a second, and no more."""

from __future__ import annotations

from gateway.rate import Rate


def test_so_many_are_there_at_once() -> None:
    rate = Rate(10, 3, 100.0)
    assert [rate.take(100.0) for _ in range(5)] == [True, True, True, False, False]


def test_what_is_not_taken_in_time_is_not_there_later() -> None:
    rate = Rate(10, 3, 100.0)
    assert sum(rate.take(200.0) for _ in range(50)) == 3


def test_over_time_there_are_as_many_as_it_says() -> None:
    rate = Rate(10, 3, 100.0)
    assert sum(rate.take(100 + tick / 64) for tick in range(640)) == 3 + 99
