"""Whether each database still has the tables and columns that are declared (`datasources.tables`), as they are declared.

A table that lacks a column, or has one of another type, takes out what is read from it: its type is null, with SOURCE_UNAVAILABLE,
and nothing of it is asked for. All other types are served. It is compared by name and kind of type: at the start, and again and again
from then on, so that what its owner has put right is served. A database that is down is compared once it answers, and asked for
nothing before: owners change their tables while nobody can look.

A column that is gone might just be refused by the database, statement by statement. One of another type is not: it would be
shown as something that it is not, and a condition over it could let through what it kept out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Alias, MetaData, Table
from sqlalchemy.sql import visitors

from datasources.database import Database
from datasources.errors import SourceError
from gateway.dialect import DIALECT
from gateway.observe import event
from gateway.plan import Step
from gateway.store import Bounded
from resolvers.catalog import base_columns
from resolvers.sources import Hop

START_SECONDS = 1.0
"""How long the start waits for the databases; those that take longer are compared behind it."""
LOOK_SECONDS = 0.5
"""Between two looks at whether there is reason to compare a database."""
AFTER_SECONDS = 0.1
"""The same while it is left alone: nobody asks it for anything before it was compared."""
AGAIN_SECONDS = 15.0
"""After which it is compared without any. It takes the database a millisecond or two."""
KEPT = 1_000
"""Steps of which it is kept what they read."""

COLUMNS = """
SELECT n.nspname || '.' || c.relname || '.' || a.attname, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
WHERE n.nspname = ANY($1::text[]) AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
"""
KINDS: Mapping[str, str] = {
    "character varying": "text",
    "character": "text",
    "varchar": "text",
    "smallint": "integer",
    "bigint": "integer",
}
"""Types that are read alike: a text is a text however long it may be, and a number that grew is still one."""


class Drift:
    """What has drifted in the databases of one gateway. Nothing has, and nothing is looked at, before `open`."""

    def __init__(self, databases: Mapping[str, Database], changed: Callable[[], None] = lambda: None) -> None:
        """`changed` is called when something has drifted, or is right again: plans that were bound before may go by it."""
        self.columns: Mapping[str, frozenset[str]] = {}
        """By database: the columns that are missing or have another type, as ``schema.table.column``."""
        self.unchecked: set[str] = set()
        """Databases that have not answered since the start, or since they were left alone."""
        self._databases = databases
        self._changed = changed
        self._declared: Mapping[str, Mapping[str, str]] = {}
        """By database: the kind of each column that there has to be."""
        self._tables: frozenset[str] = frozenset()
        self._names: frozenset[str] = frozenset()
        self._read: Bounded[int, tuple[Step, frozenset[str]]] = Bounded(KEPT)
        self._following: list[asyncio.Task[None]] = []

    async def open(self, declared: Mapping[str, MetaData], *, seconds: float = START_SECONDS) -> None:
        """Compares them with what is declared, each by its name, from now on. Returns when all were, or after so many seconds."""
        self._declared = {name: declared_types(declared[name]) for name in self._databases if name in declared}
        self.unchecked = set(self._declared)
        compared = [asyncio.Event() for _ in self.unchecked]
        followed = zip(sorted(self.unchecked), compared, strict=True)
        self._following = [asyncio.create_task(self._follow(name, once)) for name, once in followed]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(once.wait() for once in compared))

    async def close(self) -> None:
        """Ends."""
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)

    async def _follow(self, name: str, once: asyncio.Event) -> None:
        """Compares a database whenever there is reason to, and sets `once` when it was for the first time."""
        database = self._databases[name]
        news, due = database.news, 0.0
        while True:
            reason = name in self.unchecked or database.news != news or time.monotonic() >= due
            if database.left_alone:
                self.unchecked.add(name)
            elif reason and await self._compare(name):
                news, due = database.news, time.monotonic() + AGAIN_SECONDS
                once.set()
            await asyncio.sleep(AFTER_SECONDS if database.left_alone else LOOK_SECONDS)

    async def _compare(self, name: str) -> bool:
        """Compares one database, if it answers."""
        schemas = sorted({column.partition(".")[0] for column in self._declared[name]})
        try:
            rows = await self._databases[name].rows(COLUMNS, [schemas])
        except SourceError:
            return False
        self._take(name, {row[0]: row[1] for row in rows})
        return True

    def _take(self, name: str, found: Mapping[str, str]) -> None:
        wanted = self._declared[name]
        missing = sorted(wanted.keys() - found.keys())
        retyped = sorted(column for column in wanted.keys() & found.keys() if kind_of(found[column]) != wanted[column])
        self.unchecked.discard(name)
        differing = frozenset((*missing, *retyped))
        if differing == self.columns.get(name, frozenset()):
            return
        if differing:
            event(logging.ERROR, "schema drift", database=name, missing=", ".join(missing), retyped=", ".join(retyped))
        else:
            event(logging.WARNING, "schema as declared", database=name)
        others = {other: columns for other, columns in self.columns.items() if other != name}
        self.columns = {**others, name: differing} if differing else others
        self._names = frozenset().union(*self.columns.values())
        self._tables = frozenset(column.rpartition(".")[0] for column in self._names)
        self._changed()

    # --- what is taken out -----------------------------------------------------------------------

    def takes_out(self, step: Step) -> bool:
        """Whether the step must not be sent."""
        if step.database in self.unchecked:
            return True
        if not self._names:
            return False
        kept = self._read.get(id(step))
        if kept is None or kept[0] is not step:
            kept = self._read.put(id(step), (step, frozenset(_read_by(step))))
        return not self._names.isdisjoint(kept[1]) or self._has_table(step.target.table)

    def takes_out_of(self, database: str, statement: Any) -> bool:
        """The same for the statement of a hand-written resolver."""
        if database in self.unchecked:
            return True
        return bool(self._names) and not self._names.isdisjoint(_names([statement]))

    def spares(self, hop: Hop) -> bool:
        """Whether a hop may be read with its parent's row: what takes the hop out does not take out the parent."""
        return not self._tables or not self._has_table(hop.table)

    def _has_table(self, source: Any) -> bool:
        return any(table.fullname in self._tables for table in tables_of(source))

    def standing(self) -> dict[str, Any]:
        """How it stands, for the operator: names of databases and columns."""
        return {
            "unchecked": sorted(self.unchecked),
            "drifted": {name: sorted(columns) for name, columns in sorted(self.columns.items())},
        }


def declared_types(metadata: MetaData) -> dict[str, str]:
    """The kind of every column of the tables, by ``schema.table.column``."""
    return {
        f"{table.fullname}.{column.name}": kind_of(column.type.compile(DIALECT).lower())
        for table in metadata.sorted_tables
        for column in table.columns
    }


def kind_of(type_name: str) -> str:
    """What a type is read as, whatever its length: ``character varying(18)[]`` is ``text[]``."""
    plain = re.sub(r"\(.*?\)", "", type_name)
    bare = plain.removesuffix("[]")
    return KINDS.get(bare, bare) + plain[len(bare) :]


def tables_of(source: Any) -> Iterator[Table]:
    """The tables of what is selected FROM."""
    for element in visitors.iterate(source):
        if isinstance(element, Alias):
            yield from tables_of(element.element)
        elif isinstance(element, Table):
            yield element


def _read_by(step: Step) -> Iterable[str]:
    """The columns that stand in the statement of a step, but for those of conditions that a request adds."""
    expressions = [*step.columns, *step.cut, *step.target.where]
    if step.branch is not None:
        expressions += [*step.branch.match, *step.branch.where, *(on for _, on in step.branch.join)]
    return _names(expressions)


def _names(expressions: Iterable[Any]) -> set[str]:
    return {
        f"{table.fullname}.{column.name}"
        for expression in expressions
        for column in base_columns(expression)
        for table in tables_of(column.table)
    }
