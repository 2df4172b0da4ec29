"""Attacks on figures: a small count is not learned by differencing, by whatever questions (D6)."""

from __future__ import annotations

import datetime
import random
import statistics

import pytest

from resolvers.cells import MODULUS, Protection, is_whole_period
from tests.gateway.differencing import (
    Attacker,
    best_without_asking,
    cells,
    small_city,
    subtracted,
    targets,
)

PARTNER = Protection(secret="a secret of the tests")
ROUNDS = 240
"""Enough for the walk to forget most of where it began: a longer one is right less often."""
MARGIN = 0.2
"""By how much the share of right guesses may be better than naming the commonest small count: all questions together."""


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_D6_all_questions_together_tell_little_more_of_small_counts_than_guessing(seed: int) -> None:
    city = small_city(seed)
    told = {cell: city.told(cell, PARTNER.count) for cell in cells()}
    wanted = targets(city, told)
    attacker = Attacker(told, city, seed)
    attacker.walk(ROUNDS)
    right = sum(attacker.guess(cell) == city.count(cell) for cell in wanted) / len(wanted)
    assert len(wanted) > 300
    assert right <= best_without_asking(city, wanted) + MARGIN


def test_counts_that_are_only_hidden_follow_by_subtraction() -> None:
    """With totals as they are, what is hidden is the whole less the parts that are not: no guessing at all."""
    city = small_city(1)
    told = {cell: city.told(cell, lambda count, _: count if count >= 10 else None) for cell in cells()}
    learned = subtracted(told)
    assert len(learned) > len(targets(city, told)) / 4
    assert all(count == city.count(cell) for cell, count in learned.items())


def test_D6_subtraction_from_rounded_totals_is_wrong() -> None:
    city = small_city(1)
    told = {cell: city.told(cell, PARTNER.count) for cell in cells()}
    learned = subtracted(told)
    assert learned
    assert sum(count == city.count(cell) for cell, count in learned.items()) < len(learned) / 4


def test_windows_of_days_would_tell_a_count_and_may_not_be_asked_for() -> None:
    """The average of many differences is the count of a day: as many draws as there are windows around it."""
    chance = random.Random(7)
    days = [[chance.getrandbits(64) for _ in range(chance.randint(3, 9))] for _ in range(400)]

    def told(first: int, last: int) -> int | None:
        records = [number for day in days[first : last + 1] for number in day]
        return PARTNER.count(len(records), sum(records) % MODULUS)

    learned = 0
    for day in range(190, 210):
        before = [(told(day - width, day), told(day - width, day - 1)) for width in range(4, 150)]
        after = [(told(day, day + width), told(day + 1, day + width)) for width in range(4, 150)]
        differences = [one - other for one, other in before + after if one is not None and other is not None]
        learned += round(statistics.mean(differences)) == len(days[day])
    assert learned >= 15
    first = datetime.date(2026, 1, 1)
    today = datetime.date(2026, 11, 5)
    assert not any(
        is_whole_period(first + datetime.timedelta(days=shift), datetime.date(2026, 1, 31), today)
        for shift in range(1, 31)
    )


def test_one_case_more_is_not_to_be_seen_in_a_figure() -> None:
    """Of two figures that differ by one case the difference is none for as many pairs as it is five."""
    chance = random.Random(3)
    pairs = []
    for _ in range(2_000):
        records = [chance.getrandbits(64) for _ in range(chance.randint(20, 60))]
        fewer, all_ = (PARTNER.count(len(part), sum(part) % MODULUS) for part in (records[:-1], records))
        assert fewer is not None
        assert all_ is not None
        pairs.append(all_ - fewer)
    assert set(pairs) <= {-5, 0, 5, 10, -10}
    assert statistics.mean(pairs) == pytest.approx(1, abs=0.4)
    assert statistics.pstdev(pairs) > 2
