"""Bound plan → rows: every step is one statement, and steps that do not wait for each other run together.

A step starts as soon as its parent's rows are there. A step without keys sends nothing. A database
that gives no answer fails its step and what hangs below it; the rest of the answer stands.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auth.seals import Seal
from datasources.database import Database
from datasources.errors import SourceError, SourceUnavailable
from gateway.arguments import Values
from gateway.drift import Drift
from gateway.plan import BoundPlan, Shape, Statement, Step, Third
from gateway.rows import ROOT, Failure, Row, Rows, key_from_arguments, key_reader
from gateway.side_by_side import side_by_side
from gateway.spans import watched
from gateway.thirds import NamedSubjects, named_among, split
from gateway.trace import Reached

StatementFor = Callable[[Step, Values], Statement]


@dataclass
class Run:
    """One execution: the checked arguments, the results so far, and which databases gave no answer."""

    plan: BoundPlan
    values: Sequence[Values]
    databases: Mapping[str, Database]
    written: Callable[[Step, Values], Statement | None]
    """The statement, where there is one already. Else it is written in a turn of the event loop of its own, for that takes milliseconds."""
    turn: Callable[[], Awaitable[None]]
    statement_for: StatementFor
    today: datetime.date
    now: datetime.datetime
    seal: Seal
    reference: Callable[[str], str]
    parameters: Mapping[str, Any]
    """Of statements, by name: the day, and what they take of the caller."""
    named: NamedSubjects
    drift: Drift
    results: list[Rows | Failure | None] = field(default_factory=list)
    gave: set[str] = field(default_factory=set)
    """Databases that gave an answer."""
    failed: dict[str, str] = field(default_factory=dict)
    """Databases that gave no answer, or not to every step, each with the code of why."""
    reached: Reached = field(default_factory=Reached)

    async def execute(self) -> None:
        """Runs every step. Never raises for a database: that is a `Failure` among the results."""
        self.results = [None] * len(self.plan.steps)
        await self._all([step for step in self.plan.steps if step.parent is None], [()])

    def asked(self) -> Iterator[tuple[str, Sequence[str], Sequence[Any], tuple[Any, ...]]]:
        """What every step would ask, whatever the rows: its text, the names of what a request fills in, the parameters with gaps
        where keys will stand, and the keys that arguments name.
        """
        for step in self.plan.steps:
            values = self.values[step.slot]
            statement = self.statement_for(step, values)
            names = [name for _, name in statement.dynamic]
            keys = tuple(self._keys(step, values, ())) if step.parent is None else ()
            yield statement.text, names, self._filled(statement, step, values), keys

    async def _all(self, steps: Sequence[Step], parents: Sequence[Row]) -> None:
        await side_by_side([self._one(step, parents) for step in steps])

    async def _one(self, step: Step, parents: Sequence[Row]) -> None:
        values = self.values[step.slot]
        try:
            found = await self._fetch(step, values, parents)
        except SourceError as error:
            self.results[step.index] = Failure(database=step.database, code=error.code)
            self.failed[step.database] = error.code
            return
        self.results[step.index] = found
        if step.children:
            rows = [row for group in found.by_key.values() for row in group]
            if rows:
                await self._all([self.plan.steps[child] for child in step.children], rows)

    async def _fetch(self, step: Step, values: Values, parents: Sequence[Row]) -> Rows:
        keys = self._keys(step, values, parents) if step.keyed else None
        if step.third is not None:
            return await self._told_apart(step, step.third, values, keys)
        return await self._ask(step, values, keys)

    async def _told_apart(self, step: Step, third: Third, values: Values, keys: Sequence[Any] | None) -> Rows:
        """The rows of subjects that the task names, and those of third persons."""
        known, others = split(third, keys, self.named)
        if known and others:
            clear, rows = await together(self._ask(step, values, known), self._ask(third.step, values, others))
        else:  # one of them asks nothing
            clear = await self._ask(step, values, known)
            rows = await self._ask(third.step, values, others)
        subjects = [row[third.place] for group in rows.by_key.values() for row in group]
        again = named_among(third, subjects, self.named)
        if third.again is not None and again:
            read = [row for group in rows.by_key.values() for row in group if row[third.place] in again]
            keys = list(dict.fromkeys(row[third.own] for row in read))
            rows = rows.with_again(await self._ask(third.again, Values.none(), keys), third.own)
        repeated = sum(subject in again for subject in subjects) if again else 0
        self.reached.note(third.link, thirds=len(subjects) - repeated, named=clear.count() + repeated)
        return clear.with_others(rows)

    async def _ask(self, step: Step, values: Values, keys: Sequence[Any] | None) -> Rows:
        if keys is not None and not keys:
            return Rows(by_key={})
        if self.drift.takes_out(step):
            raise SourceUnavailable(step.database)
        statement = self.written(step, values)
        if statement is None:
            await self.turn()
            statement = self.statement_for(step, values)
        parameters = self._filled(statement, step, values)
        database = self.databases[step.database]
        coordinate = self.plan.slots[step.slot].node.coordinate
        if keys is None:
            records = await watched(coordinate, step.database, database.rows(statement.text, parameters))
            self.gave.add(step.database)
            return collect(step, statement, values, {ROOT: records} if records else {})
        key_at = statement.columns + statement.sort_width
        asking = database.keyed(statement.text, keys, parameters, statement.key_places, key_at=key_at)
        found = await watched(coordinate, step.database, asking)
        self.gave.add(step.database)
        return collect(step, statement, values, found)

    def _keys(self, step: Step, values: Values, parents: Sequence[Row]) -> list[Any]:
        if step.by and step.parent is None:
            key = key_from_arguments(step)(values.key)
            return [] if key is None else [key]
        keys = dict.fromkeys(map(key_reader(step), parents))
        keys.pop(None, None)
        return list(keys)

    def _filled(self, statement: Statement, step: Step, values: Values) -> list[Any]:
        """The parameters of a statement, with gaps (None) where the keys will stand."""
        filled = list(statement.constant)
        for place, name in statement.dynamic:
            if name in self.parameters:
                filled[place] = self.parameters[name]
            elif name == "limit":
                assert values.first is not None
                filled[place] = values.first + 1 if step.shape is Shape.PAGE else values.first
            elif name.startswith("after"):
                assert values.after is not None
                filled[place] = values.after[int(name.removeprefix("after"))]
            else:
                filled[place] = values.parameters[name]
        return filled


async def together(*asking: Awaitable[Rows]) -> list[Rows]:
    """The results of all; where some fail, the first failure, and nothing is left running."""
    found = await asyncio.gather(*asking, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return [one for one in found if isinstance(one, Rows)]


def collect(step: Step, statement: Statement, values: Values, grouped: Mapping[Any, Sequence[Row]]) -> Rows:
    """Rows by key, cut to what was asked for, with the totals and where there are more."""
    by_key = grouped
    totals: dict[Any, int] = {}
    capped: frozenset[Any] = frozenset()
    if statement.counted:
        total_at = statement.columns + statement.sort_width + statement.key_width
        totals = {key: rows[0][total_at] for key, rows in grouped.items()}
        limit = step.count_limit
        if limit is not None:
            capped = frozenset(key for key, total in totals.items() if total > limit)
            totals |= dict.fromkeys(capped, limit)
        by_key = {
            key: rows if statement.rows and rows[0][total_at + 1] is not None else () for key, rows in grouped.items()
        }
    more: frozenset[Any] = frozenset()
    first = values.first
    if step.shape is Shape.PAGE and first is not None:
        more = frozenset(key for key, rows in by_key.items() if len(rows) > first)
        if more:
            by_key = {key: rows[:first] if key in more else rows for key, rows in by_key.items()}
    return Rows(
        by_key=by_key,
        more=more,
        totals=totals,
        capped=capped,
        sort_at=statement.columns,
        sort_width=statement.sort_width,
    )
