"""What a run leaves for the shape: rows by key, failures, and how a key is read from a parent's row."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from auth.seals import Seal
from gateway.arguments import Values
from gateway.plan import Step

Row: TypeAlias = Any
"""An ``asyncpg.Record``, or a tuple: values by position."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """What a step found: rows by key, which keys have more than was asked for, and totals by key."""

    by_key: Mapping[Any, Sequence[Row]]
    more: frozenset[Any] = frozenset()
    totals: Mapping[Any, int] = field(default_factory=dict)
    sort_at: int = 0
    sort_width: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A step whose database gave no answer."""

    database: str
    code: str


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


def key_reader(step: Step) -> Callable[[Row], Any]:
    """The key of a parent's row for this step; None where the step does not apply to the row."""
    return _reader(step.key_positions, step.branch.key if step.branch is not None else None)


def key_from_arguments(step: Step) -> Callable[[Mapping[str, Any]], Any]:
    """The key of a root's step from its arguments."""
    read = _reader(tuple(range(len(step.by))), step.branch.key if step.branch is not None else None)
    return lambda given: read([given[name] for name in step.by])


def _reader(positions: tuple[int, ...], make: Callable[..., Any] | None) -> Callable[[Row], Any]:
    if make is not None:
        if len(positions) == 1:
            (only,) = positions
            return lambda row: make(row[only])
        return lambda row: make(*(row[position] for position in positions))
    if len(positions) == 1:
        (single,) = positions
        return lambda row: row[single]

    def composite(row: Row) -> Any:
        key = tuple(row[position] for position in positions)
        return None if None in key else key

    return composite
