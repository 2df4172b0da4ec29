"""An attacker on figures: asks every question that a partner may ask about a small city, knows how figures are told and all
but the secret, and works out what the hidden ones must be.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from resolvers.cells import MODULUS

TOWNS, MONTHS, KINDS, ORGS = 6, 6, 3, 2
DISTRICTS = [range(first, first + 3) for first in range(0, TOWNS, 3)]
QUARTERS = [range(first, first + 3) for first in range(0, MONTHS, 3)]

Atom = tuple[int, int, int, int]
"""Town, month, kind, organisation: nothing finer can be asked for."""
Cell = frozenset[Atom]
Tell = Callable[[int, int], int | None]
"""How a count with its key is told."""
LARGEST_HIDDEN = 9
UNSEEN = 40
"""Cases that nobody expects in one atom."""


def cells() -> Sequence[Cell]:
    """What can be asked for: towns, districts, the city; months, quarters, the (short) year; one kind or all, one organisation or
    all. Each atom is in 36 of them, as each case is.
    """
    places = [[town] for town in range(TOWNS)] + [list(part) for part in DISTRICTS] + [list(range(TOWNS))]
    times = [[month] for month in range(MONTHS)] + [list(part) for part in QUARTERS] + [list(range(MONTHS))]
    kinds = [[kind] for kind in range(KINDS)] + [list(range(KINDS))]
    orgs = [[org] for org in range(ORGS)] + [list(range(ORGS))]
    return [frozenset(itertools.product(*sides)) for sides in itertools.product(places, times, kinds, orgs)]


@dataclass(frozen=True)
class SmallCity:
    """Its cases: of every atom the numbers of its records, as only the gateway knows them."""

    records: Mapping[Atom, Sequence[int]]

    def count(self, cell: Cell) -> int:
        """How many cases there are."""
        return sum(len(self.records[atom]) for atom in cell)

    def told(self, cell: Cell, tell: Tell) -> int | None:
        """What the attacker is told."""
        return tell(self.count(cell), sum(sum(self.records[atom]) for atom in cell) % MODULUS)


def small_city(seed: int) -> SmallCity:
    """Busy towns and quiet ones, common kinds and rare ones: most atoms are small, most sums are not."""
    chance = random.Random(seed)
    towns = [chance.choice((1, 3, 8)) for _ in range(TOWNS)]
    kinds = (0.3, 1.0, 2.5)
    records = {}
    for atom in itertools.product(range(TOWNS), range(MONTHS), range(KINDS), range(ORGS)):
        mean = towns[atom[0]] * kinds[atom[2]] * (0.3, 0.7)[atom[3]] * chance.uniform(0.5, 1.5)
        count = sum(chance.random() < mean / 50 for _ in range(50))
        records[atom] = [chance.getrandbits(64) for _ in range(count)]
    return SmallCity(records)


@cache
def likelihood(told: int | None, count: int) -> float:
    """How likely it is that so many cases are told like this: the attacker has read the source."""
    hidden = min(max((14 - count) / 5, 0.0), 1.0) if count >= 10 else 1.0
    if told is None:
        return hidden
    rest = count % 5
    rounded = {count - rest: 1 - rest / 5, count - rest + 5: rest / 5}
    return (1 - hidden) * rounded.get(told, 0.0)


class Attacker:
    """Walks through the cities that fit all it was told (Metropolis), and remembers how often each count came up."""

    def __init__(self, told: Mapping[Cell, int | None], truth: SmallCity, seed: int) -> None:
        """It begins at the true city: whatever it ends with, it is not for want of a good start. What it expects of an
        atom before it asks is how common each count is in that city.
        """
        self._chance = random.Random(seed)
        self._told = told
        self._counts = {atom: len(found) for atom, found in truth.records.items()}
        self._of = {atom: [cell for cell in told if atom in cell] for atom in self._counts}
        self._sums = {cell: truth.count(cell) for cell in told}
        common = Counter(self._counts.values())
        self._before = [common[count] + 0.2 for count in range(UNSEEN)]
        self._seen: dict[Cell, Counter[int]] = {cell: Counter() for cell, value in told.items() if value is None}

    def walk(self, rounds: int) -> None:
        """Each round moves every atom once, half of the moves from one atom to another."""
        atoms = list(self._counts)
        for _ in range(rounds):
            for atom in atoms:
                step = self._chance.choice((-2, -1, 1, 2))
                other = self._chance.choice(atoms) if self._chance.random() < 0.5 else None
                self._move({atom: step} if other in (None, atom) else {atom: step, other: -step})
            for cell, seen in self._seen.items():
                seen[self._sums[cell]] += 1

    def guess(self, cell: Cell) -> int:
        """The count that fits best."""
        return self._seen[cell].most_common(1)[0][0]

    def _move(self, steps: Mapping[Atom | None, int]) -> None:
        change: Counter[Cell] = Counter()
        odds = 1.0
        for atom, step in steps.items():
            assert atom is not None
            before, after = self._counts[atom], self._counts[atom] + step
            if not 0 <= after < UNSEEN:
                return
            odds *= self._before[after] / self._before[before]
            for cell in self._of[atom]:
                change[cell] += step
        for cell, step in change.items():
            if step:
                odds *= likelihood(self._told[cell], self._sums[cell] + step) / likelihood(
                    self._told[cell], self._sums[cell]
                )
                if odds == 0.0:
                    return
        if self._chance.random() < odds:
            for atom, step in steps.items():
                assert atom is not None
                self._counts[atom] += step
            for cell, step in change.items():
                self._sums[cell] += step


def subtracted(told: Mapping[Cell, int | None]) -> dict[Cell, int]:
    """What follows by subtraction alone, again and again: a part is the whole less the other parts."""
    known = {cell: value for cell, value in told.items() if value is not None}
    wholes = [(cell, parts) for cell in told for parts in _partitions(cell)]
    learned = True
    while learned:
        learned = False
        for whole, parts in wholes:
            hidden = [part for part in parts if part not in known]
            if whole in known and len(hidden) == 1:
                known[hidden[0]] = known[whole] - sum(known[part] for part in parts if part in known)
                learned = True
    return {cell: count for cell, count in known.items() if told[cell] is None}


def _partitions(cell: Cell) -> Iterator[list[Cell]]:
    """The ways in which a set that can be asked for falls into such sets, along one of its sides."""
    for side, nested in enumerate((DISTRICTS, QUARTERS, [range(KINDS)], [range(ORGS)])):
        values = {atom[side] for atom in cell}
        if len(values) > max(len(part) for part in nested):
            yield [frozenset(atom for atom in cell if atom[side] in part) for part in nested]
        elif len(values) > 1:
            yield [frozenset(atom for atom in cell if atom[side] == value) for value in values]


def targets(city: SmallCity, told: Mapping[Cell, int | None]) -> list[Cell]:
    """What is hidden and is there."""
    return [cell for cell, value in told.items() if value is None and 0 < city.count(cell) <= LARGEST_HIDDEN]


def best_without_asking(city: SmallCity, wanted: Sequence[Cell]) -> float:
    """The share that is right when always the same number is named, the best one."""
    return Counter(city.count(cell) for cell in wanted).most_common(1)[0][1] / len(wanted)
