"""The draw, repeated by twenty lines that know nothing of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

import pytest

from datasources.tickets import Drawn, Member, Population, draw

ROWS = [(f"CASE-{number:03}", "123"[number % 7 % 3], 1 + number % 4) for number in range(200)]
OFFICERS = ("19040130215", "19040130216", "19040130217")
AVOIDS = {("19040130215", "CASE-001"), ("19040130216", "CASE-002"), ("19040130217", "CASE-002")}


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def repeated(seed: str, rows: Sequence[tuple[str, str, int]], size: int) -> list[str]:
    """The draw as the description has it."""
    places = []
    for stratum in {stratum for _, stratum, _ in rows}:
        ranked = sorted(
            (min(sha(f"{seed}|{key}|{ticket}") for ticket in range(tickets)), key)
            for key, of, tickets in rows
            if of == stratum
        )
        for nth, (_, key) in enumerate(ranked, 1):
            places.append((Fraction(2 * nth - 1, 2 * len(ranked)), stratum, key))
    return [key for *_, key in sorted(places)][:size]


def repeated_team(seed: str, key: str) -> list[str]:
    free = [officer for officer in OFFICERS if (officer, key) not in AVOIDS]
    return sorted(free, key=lambda officer: sha(f"{seed}|{key}|{officer}"))[:2] if len(free) > 1 else []


def population(rows: Sequence[tuple[str, str, int]] = ROWS) -> Population:
    return Population(
        members=tuple(Member(key=key, stratum=stratum, tickets=tickets) for key, stratum, tickets in rows),
        officers=OFFICERS,
        avoids=frozenset(AVOIDS),
    )


@pytest.mark.parametrize("seed", ["", "0f6c", "种子"])
@pytest.mark.parametrize("size", [1, 20, 500])
def test_a_stranger_draws_the_same_list(seed: str, size: int) -> None:
    assert [one.key for one in draw(seed, population(), size)] == repeated(seed, ROWS, size)


def test_a_stranger_makes_the_same_teams() -> None:
    drawn = draw("0f6c", population(), 500)
    assert [(one.key, list(one.team)) for one in drawn] == [(one.key, repeated_team("0f6c", one.key)) for one in drawn]
    assert Drawn(key="CASE-002") in drawn


def test_a_stranger_computes_the_same_digest() -> None:
    lines = [f"member|{key}|{stratum}|{tickets}" for key, stratum, tickets in ROWS]
    lines += [f"officer|{officer}" for officer in OFFICERS] + [f"avoids|{officer}|{key}" for officer, key in AVOIDS]
    assert population().digest() == sha("\n".join(sorted(lines)))


def test_the_order_in_which_a_population_is_read_does_not_matter() -> None:
    assert population(ROWS[::-1]).digest() == population().digest()
    assert draw("0f6c", population(ROWS[::-1]), 20) == draw("0f6c", population(), 20)


@pytest.mark.parametrize("changed", [ROWS[1:], [*ROWS[1:], ("CASE-000", "2", 1)], [*ROWS[1:], ("CASE-000", "1", 2)]])
def test_a_changed_population_has_another_digest(changed: Sequence[tuple[str, str, int]]) -> None:
    assert population(changed).digest() != population().digest()


def test_strata_are_drawn_from_in_proportion() -> None:
    sizes = Counter(stratum for _, stratum, _ in ROWS)
    stratum_of = {key: stratum for key, stratum, _ in ROWS}
    drawn = Counter(stratum_of[one.key] for one in draw("0f6c", population(), 40))
    assert all(abs(drawn[stratum] - 40 * size / len(ROWS)) < 1 for stratum, size in sizes.items())


def test_with_eight_tickets_one_is_drawn_about_eight_times_as_often() -> None:
    rows = [("A", "", 1), ("D", "", 8), *((f"other {number}", "", 1) for number in range(91))]
    first = Counter(draw(str(seed), population(rows), 1)[0].key for seed in range(2_000))
    assert 120 < first["D"] < 200
    assert first["A"] < 45
