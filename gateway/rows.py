"""What a run leaves for the shape: rows by key, failures, and how a key is read from a parent's row."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, Protocol, TypeAlias

from auth.seals import Seal
from gateway.arguments import Values
from gateway.plan import Step

Row: TypeAlias = Any
"""An ``asyncpg.Record``, or a tuple: values by position."""


@dataclass(kw_only=True, slots=True)  # one is made per step, and a frozen one takes more than twice as long to make
class Rows:
    """What a step found: rows by key, which keys have more than was asked for, totals by key, and which of these go on."""

    by_key: Mapping[Any, Sequence[Row]]
    more: frozenset[Any] = frozenset()
    totals: Mapping[Any, int] = field(default_factory=dict)
    capped: frozenset[Any] = frozenset()
    sort_at: int = 0
    sort_width: int = 0

    def count(self) -> int:
        """How many rows there are."""
        return sum(map(len, self.by_key.values()))

    def with_others(self, others: Rows) -> Rows:
        """These and the rows of other keys, read by a statement with the same places."""
        return Rows(
            by_key={**self.by_key, **others.by_key},
            more=self.more | others.more,
            totals={**self.totals, **others.totals},
            capped=self.capped | others.capped,
            sort_at=max(self.sort_at, others.sort_at),
            sort_width=max(self.sort_width, others.sort_width),
        )

    def with_again(self, again: Rows, place: int) -> Rows:
        """The same with what was read again, by the key that stands at `place`, where it stood before."""
        first = {key: rows[0] for key, rows in again.by_key.items() if rows}
        return replace(
            self, by_key={key: [first.get(row[place], row) for row in rows] for key, rows in self.by_key.items()}
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A step whose database gave no answer."""

    database: str
    code: str


KEPT = 1_000
"""Readers of keys that are kept."""
ROOT = ()
"""The key of an unkeyed step."""


class RunState(Protocol):
    """What the shape reads of a run."""

    @property
    def results(self) -> Sequence[Rows | Failure | None]:
        """One result per step."""

    @property
    def values(self) -> Sequence[Values]:
        """The checked arguments per slot."""

    @property
    def today(self) -> datetime.date:
        """The day of the request."""

    @property
    def now(self) -> datetime.datetime:
        """The moment of the request."""

    @property
    def reference(self) -> Callable[[str], str]:
        """How the caller is shown a subject reference."""

    @property
    def seal(self) -> Seal:
        """Seals cursors and ids for the caller."""


def made_key(make: Callable[..., Any], values: Sequence[Any]) -> Any:
    """The key that a branch makes of a row's values; where all of them are null there is nothing to make one of."""
    return make(*values) if any(value is not None for value in values) else None


def key_reader(step: Step) -> Callable[[Row], Any]:
    """The key of a parent's row for this step; None where the step does not apply to the row."""
    return _reader(step.key_positions, step.branch.key if step.branch is not None else None)


def key_from_arguments(step: Step) -> Callable[[Mapping[str, Any]], Any]:
    """The key of a root's step from its arguments."""
    read = _reader(tuple(range(len(step.by))), step.branch.key if step.branch is not None else None)
    return lambda given: read([given[name] for name in step.by])


@lru_cache(maxsize=KEPT)
def _reader(positions: tuple[int, ...], make: Callable[..., Any] | None) -> Callable[[Row], Any]:
    if make is not None:
        if len(positions) == 1:
            (only,) = positions
            return lambda row: None if row[only] is None else make(row[only])
        return lambda row: made_key(make, [row[position] for position in positions])
    if len(positions) == 1:
        return itemgetter(positions[0])

    def composite(row: Row) -> Any:
        key = tuple(row[position] for position in positions)
        return None if None in key else key

    return composite
