"""What a request read, for the log: coordinates with their state, subjects by key, rows per source. No value is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from datasources.references import reference
from gateway.arguments import Values
from gateway.plan import BoundPlan, Step
from gateway.rows import Failure, Rows
from gateway.subjects import PREFIXES

Subject: TypeAlias = tuple[str, str]
"""The type of a record and the text of its key."""


class Fed(NamedTuple):
    """A batch of a feed: the changes above one number up to another."""

    after: int
    upto: int


@dataclass(frozen=True, kw_only=True)
class Coordinates:
    """The fields of a bound plan by what became of them; the same for every request that runs it."""

    clear: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: BoundPlan) -> Coordinates:
        """The coordinates that a plan decides on, each once, sorted."""
        by_outcome: dict[str, set[str]] = {"clear": set(), "masked": set()}
        withheld: set[str] = set()
        for one in plan.decided:
            by_outcome.get(one.outcome, withheld).add(one.coordinate)
        return cls(
            clear=tuple(sorted(by_outcome["clear"])),
            masked=tuple(sorted(by_outcome["masked"])),
            withheld=tuple(sorted(withheld)),
        )

    def of_thirds(self, plan: BoundPlan, reached: Reached) -> Coordinates:
        """The coordinates after a run that reached third persons: masked or withheld, and clear only where it was so too."""
        read = Counter(one.coordinate for one in plan.decided if one.outcome == "clear")
        masked, nulled = set(self.masked), set(self.withheld)
        for third in (
            step.third for step in plan.steps if step.third is not None and step.third.link in reached.thirds
        ):
            masked.update(third.masked)
            nulled.update(third.nulled)
            if third.link not in reached.named:
                read.subtract((*third.masked, *third.nulled))
        clear = {coordinate for coordinate in self.clear if read[coordinate] > 0}
        return Coordinates(clear=tuple(sorted(clear)), masked=tuple(sorted(masked)), withheld=tuple(sorted(nulled)))


@dataclass(kw_only=True, slots=True)
class Reached:
    """The links of a plan over which third persons were reached, and those over which subjects whom the task names were."""

    thirds: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    def note(self, link: str, *, thirds: int, named: int) -> None:
        """So many rows were found over the link."""
        if thirds:
            self.thirds.add(link)
        if named:
            self.named.add(link)


@dataclass(kw_only=True, slots=True)  # one is made per request, and a frozen one takes more than twice as long to make
class Trace:
    """What one request read."""

    operation_name: str | None
    operation_digest: str
    policy_epoch: str
    coordinates: Coordinates
    guarded: bool
    """Whether anything above PUBLIC was asked for: then nothing is released without its record."""
    subjects: tuple[Subject, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    """Of the databases that did not give all, or not of now."""
    fed: tuple[Fed, ...] = ()
    """The batches of feeds in the answer."""


def subject_of(type_name: str, key: Sequence[Any]) -> Subject:
    """The subject that a record's key stands for."""
    prefix = PREFIXES.get(type_name)
    if prefix is not None and isinstance(key[0], UUID):
        return type_name, reference(prefix, key[0])
    return type_name, "/".join(str(part) for part in key)


def subjects_of(plan: BoundPlan, results: Sequence[Rows | Failure | None]) -> Iterator[Subject]:
    """The subjects whose guarded columns were read."""
    for step in plan.steps:
        result = results[step.index]
        if step.subject is None or not isinstance(result, Rows):
            continue
        type_name, positions = step.subject
        for rows in result.by_key.values():
            for row in rows:
                key = [row[position] for position in positions]
                if None not in key:  # null where nothing guarded was read
                    yield subject_of(type_name, key)


def fed(after: Sequence[int], last: Sequence[Any]) -> Fed:
    """The batch that was asked for from a place, by the sort values of its last change."""
    return Fed(after[0], int(last[0]))


def fed_of(steps: Iterable[Step], results: Sequence[Rows | Failure | None], values: Sequence[Values]) -> Iterator[Fed]:
    """The batches of the steps that read a feed."""
    for step in steps:
        result = results[step.index]
        if isinstance(result, Rows):
            for rows in result.by_key.values():
                last = rows[-1][result.sort_at : result.sort_at + result.sort_width]
                yield fed(values[step.slot].parameters["argument_after"], last)


def rows_of(plan: BoundPlan, results: Sequence[Rows | Failure | None]) -> Mapping[str, int]:
    """How many rows each database gave."""
    counts: dict[str, int] = {}
    for step in plan.steps:
        result = results[step.index]
        if isinstance(result, Rows):
            counts[step.database] = counts.get(step.database, 0) + result.count()
    return dict(sorted(counts.items()))


def distinct(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """Each subject once, sorted."""
    return tuple(sorted(set(subjects)))
