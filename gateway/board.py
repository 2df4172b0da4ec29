"""Numbers of several processes in memory that they share: a part for each, which nobody else writes to.

The memory is the supervisor's: a worker that is killed leaves its counts, and the one in its place goes on with them. So a
counter never falls, whatever becomes of a process, and whoever adds up asks nobody. A number is eight bytes that lie together,
which a processor writes at once.
"""

from __future__ import annotations

import mmap
import time
from bisect import bisect_left
from collections.abc import Iterator, MutableSequence, Sequence
from typing import TypeAlias, cast

from gateway.families import FAMILIES, PLACES, SIZE, Across, Family, Kind

STALE_SECONDS = 10.0
"""Of a worker that has said nothing for so long, what it said of the moment counts no more."""

Cells: TypeAlias = MutableSequence[float]

_BEAT = PLACES["tongcha_worker_silent_seconds"][()]
_STARTS = PLACES["tongcha_worker_starts_total"][()]


class Meter:
    """The numbers of one process. Each is written by one thread only."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells

    def begin(self) -> None:
        """Another process has the part now: what is of the moment begins anew, counts go on."""
        for family in FAMILIES:
            if family.kind is Kind.GAUGE:
                for place in PLACES[family.name].values():
                    self.cells[place] = 0.0
        self.cells[_STARTS] += 1
        self.beat()

    def beat(self) -> None:
        """The process goes on."""
        self.cells[_BEAT] = time.monotonic()

    def count(self, place: int, by: float = 1.0) -> None:
        """Adds to a counter."""
        self.cells[place] += by

    def set(self, place: int, value: float) -> None:
        """Says what is so at the moment."""
        self.cells[place] = value


def observe(cells: Cells, place: int, value: float, bounds: Sequence[float]) -> None:
    """Adds to a histogram, which has a cell for each bound, one for what lies above, and the sum."""
    cells[place + bisect_left(bounds, value)] += 1
    cells[place + len(bounds) + 1] += value


class Board:
    """The parts of all workers. Made before they are forked."""

    def __init__(self, workers: int) -> None:
        memory = memoryview(mmap.mmap(-1, workers * SIZE * 8)).cast("d")
        self._parts = [cast("Cells", memory[at : at + SIZE]) for at in range(0, workers * SIZE, SIZE)]

    def meter(self, worker: int) -> Meter:
        """That of the worker with this number."""
        return Meter(self._parts[worker])

    def workers(self) -> Iterator[tuple[int, bool]]:
        """The number of each worker that has ever been there, and whether it goes on."""
        now = time.monotonic()
        for number, part in enumerate(self._parts):
            if part[_BEAT]:
                yield number, now - part[_BEAT] <= STALE_SECONDS

    def of(self, worker: int, name: str, *labels: str) -> float:
        """What one worker says."""
        return self._parts[worker][PLACES[name][labels]]

    def each(self, family: Family, labels: tuple[str, ...]) -> Iterator[tuple[int, float]]:
        """What every worker says that can be believed, by its number."""
        place = PLACES[family.name][labels]
        for number, goes_on in self.workers():
            if family.across is Across.AGE:
                yield number, max(0.0, time.monotonic() - self._parts[number][place])
            elif goes_on or family.kind is not Kind.GAUGE:
                yield number, self._parts[number][place]

    def cells(self, place: int, width: int) -> list[float]:
        """So many cells from a place on, added up over all workers."""
        return [sum(part[at] for part in self._parts) for at in range(place, place + width)]
