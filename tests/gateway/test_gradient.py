"""The limit of requests in flight, over a model of a process in a time of its own. F-16 and F-33 are cases of the catalogue."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field

import pytest

from gateway.gradient import FIRST, LEAST, Gradient

COST, REST, REFUSAL = 0.0005, 0.002, 0.000_01
"""Seconds of CPU of a request, seconds that it waits for others besides, seconds of CPU of a refusal."""
PEAK = 1 / COST
MOST = 1_024


@dataclass
class Process:
    """One core, on which requests come as chance has it. `slow` of them need a database that takes `slow_seconds`; from `sick` on the
    disk takes 200 ms. `lucky` of them overtake all that wait."""

    rate: float
    slow: float = 0.0
    slow_seconds: float = 0.3
    sick: float = float("inf")
    lucky: float = 0.0
    most: int = MOST
    limits: list[tuple[float, int]] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    refused: int = 0

    def run(self, seconds: float, *, count_from: float = 0.0) -> Process:
        dice = random.Random(7)
        in_flight, free, number, now, work = 0, 0.0, 0, 0.0, 0.0
        gradient = Gradient(self.most, 0.0, lambda: work - max(0.0, free - now))
        events = [(dice.expovariate(self.rate), 0, -1.0)]
        while events[0][0] < seconds:
            now, _, begun = heapq.heappop(events)
            number += 2
            if begun >= 0:
                if gradient.took(begun, now, in_flight):
                    self.limits.append((now, gradient.limit))
                in_flight -= 1
                self.took += [now - begun] if now >= count_from else []
                continue
            heapq.heappush(events, (now + dice.expovariate(self.rate), number, -1.0))
            if in_flight >= gradient.limit:
                free = max(now, free) + REFUSAL
                work += REFUSAL
                self.refused += now >= count_from
                continue
            in_flight += 1
            cost = COST * dice.expovariate(1)
            free, work = max(now, free) + cost, work + cost
            done = now + cost if dice.random() < self.lucky else free
            rest = self.slow_seconds if dice.random() < self.slow else REST * dice.uniform(0.7, 1.5)
            heapq.heappush(events, (done + rest + (0.2 if now >= self.sick else 0.0), number + 1, now))
        return self

    def late(self, share: float) -> float:
        ordered = sorted(self.took)
        return ordered[int(share * len(ordered))]


def test_below_its_peak_nobody_is_refused() -> None:
    process = Process(0.6 * PEAK).run(20)
    assert (process.refused, process.limits[-1][1]) == (0, FIRST)


@pytest.mark.parametrize("times", [2, 5])
def test_f33_above_it_nine_of_ten_that_could_be_are_answered_and_soon(times: int) -> None:
    process = Process(times * PEAK).run(20, count_from=5)
    left = 1 - (times - 1) * PEAK * REFUSAL  # of the core, besides the refusals
    assert len(process.took) / 15 > 0.9 * PEAK * left
    assert process.late(0.99) < 20 * (COST + REST)


def test_f33_whoever_overtakes_does_not_hide_that_the_others_wait() -> None:
    process = Process(5 * PEAK, lucky=0.4).run(20, count_from=5)
    assert len(process.took) / 15 > 0.9 * PEAK * (1 - 4 * PEAK * REFUSAL)
    assert process.late(0.99) < 20 * (COST + REST)


@pytest.mark.parametrize("slow", [0.3, 0.6])
def test_a_slow_database_takes_no_place_from_those_who_do_not_need_it(slow: float) -> None:
    process = Process(0.6 * PEAK, slow=slow).run(20, count_from=2)
    assert process.refused == 0


def test_f16_a_slow_disk_lowers_the_limit_until_it_is_known_for_what_it_is() -> None:
    process = Process(0.6 * PEAK, sick=5.0).run(20)
    assert min(limit for _, limit in process.limits) <= LEAST
    assert process.limits[-1][1] > 0.2 * 0.6 * PEAK


def test_after_a_rush_there_is_room_again() -> None:
    gradient, now = Gradient(MOST, 0.0), 0.0
    for answers, took, in_flight, limit in ((400, 0.002, 1, FIRST), (150, 0.2, 400, LEAST), (2_000, 0.002, 10, FIRST)):
        for _ in range(answers):
            now += 0.005
            gradient.took(now - took, now, in_flight)
        assert gradient.limit == limit


def test_a_limit_is_never_above_the_most_nor_closed() -> None:
    gradient, now = Gradient(3, 0.0), 0.0
    for number in range(2_000):
        now += 0.005
        gradient.took(now - 0.001 * (1 + number % 50), now, 3)
        assert gradient.limit == 3
