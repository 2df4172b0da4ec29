"""Figures as they are told to partners: hidden, rounded, and the same for the same records."""

from __future__ import annotations

import datetime
import itertools
import random
import statistics
from decimal import Decimal

import pytest

from resolvers.cells import MODULUS, Protection, is_whole_period

TELL = Protection(secret="s")
KEYS = [random.Random(seed).getrandbits(64) for seed in range(400)]
TODAY = datetime.date(2026, 11, 5)


@pytest.mark.parametrize("count", range(10))
def test_a_small_count_is_hidden_whatever_its_key(count: int) -> None:
    assert {TELL.count(count, key) for key in KEYS} == {None}


@pytest.mark.parametrize("count", [15, 16, 19, 123])
def test_another_count_is_a_multiple_of_five_less_than_five_away(count: int) -> None:
    shown = {TELL.count(count, key) for key in KEYS}
    lower = count - count % 5
    assert shown == ({lower} if lower == count else {lower, lower + 5})


@pytest.mark.parametrize("count", [16, 17, 18, 19])
def test_a_rounded_count_is_right_on_the_average(count: int) -> None:
    shown = [found for key in KEYS if (found := TELL.count(count, key)) is not None]
    assert statistics.mean(shown) == pytest.approx(count, abs=0.5)


def test_from_where_on_a_count_is_shown_is_drawn() -> None:
    shares = [sum(TELL.count(count, key) is not None for key in KEYS) / len(KEYS) for count in range(9, 16)]
    assert shares[0] == 0
    assert shares[-2:] == [1, 1]
    assert all(low < high for low, high in itertools.pairwise(shares[:6]))


def test_the_same_records_give_the_same_figure_and_another_secret_another() -> None:
    assert TELL.count(17, 5) == TELL.count(17, 5 + MODULUS)
    other = Protection(secret="t")
    assert [TELL.count(17, key) for key in KEYS] != [other.count(17, key) for key in KEYS]


def test_the_parameters_are_those_of_the_agreement() -> None:
    rough = Protection(secret="s", suppress_below=30, round_to=10)
    assert {rough.count(29, key) for key in KEYS} == {None}
    assert {rough.count(123, key) for key in KEYS} == {120, 130}


@pytest.mark.parametrize("largest", ["5000", "200000"])
def test_an_amount_is_off_by_half_to_all_of_its_largest_part(largest: str) -> None:
    amount, part = Decimal(1_000_000), Decimal(largest)
    away = [abs(TELL.amount(amount, part, key) - amount) for key in KEYS]
    assert min(away) >= part / 2 - 500
    assert max(away) <= part + 500
    assert {found % 1_000 for found in away} == {0}


def test_an_amount_is_never_below_zero() -> None:
    assert min(TELL.amount(Decimal(900), Decimal(900), key) for key in KEYS) == 0


@pytest.mark.parametrize(
    ("first", "last", "whole"),
    [
        ("2026-10-01", "2026-10-31", True),
        ("2026-07-01", "2026-09-30", True),
        ("2025-01-01", "2025-12-31", True),
        ("2026-11-01", "2026-11-30", False),
        ("2026-01-01", "2026-12-31", False),
        ("2026-08-01", "2026-10-31", False),
        ("2026-01-01", "2026-02-28", False),
        ("2025-02-01", "2026-01-31", False),
        ("2026-10-02", "2026-10-31", False),
        ("2026-10-01", "2026-10-30", False),
        ("2026-10-01", "2026-10-01", False),
    ],
)
def test_periods_that_rounded_figures_are_for(first: str, last: str, whole: bool) -> None:
    assert is_whole_period(datetime.date.fromisoformat(first), datetime.date.fromisoformat(last), TODAY) is whole
