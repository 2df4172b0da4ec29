"""Whether each database still has the tables and columns that are declared (`datasources.tables`), as they are declared.

A table that lacks a column, or has one of another type, takes out what is read from it: its type is null, with SOURCE_UNAVAILABLE,
and nothing of it is asked for. All other types are served. It is compared at the start, by name and kind of type; a database that is
down then is compared once it answers, and asked for nothing before.

A column that is gone might just be refused by the database, statement by statement. One of another type is not: it would be
shown as something that it is not, and a condition over it could let through what it kept out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
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
"""Between two looks at a database that has not answered yet."""
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
        """`changed` is called when something has drifted: plans that were bound before may go by it."""
        self.columns: Mapping[str, frozenset[str]] = {}
        """By database: the columns that are missing or have another type, as ``schema.table.column``."""
        self.unchecked: set[str] = set()
        """Databases that have not answered since the start."""
        self._databases = databases
        self._changed = changed
        self._declared: Mapping[str, MetaData] = {}
        self._tables: frozenset[str] = frozenset()
        self._names: frozenset[str] = frozenset()
        self._read: Bounded[int, tuple[Step, frozenset[str]]] = Bounded(KEPT)
        self._following: asyncio.Task[None] | None = None

    async def open(self, declared: Mapping[str, MetaData], *, seconds: float = START_SECONDS) -> None:
        """Compares them with what is declared, each by its name; goes on behind with those that do not answer in so many seconds."""
        self._declared = declared
        self.unchecked = {name for name in self._databases if name in declared}
        self._following = asyncio.create_task(self._follow())
        await asyncio.wait([self._following], timeout=seconds)

    async def close(self) -> None:
        """Ends."""
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following

    async def _follow(self) -> None:
        while True:
            await asyncio.gather(*(self._compare(name) for name in sorted(self.unchecked)))
            if not self.unchecked:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _compare(self, name: str) -> None:
        """Compares one database. Where it gives no answer it stays unchecked."""
        schemas = sorted({str(table.schema) for table in self._declared[name].sorted_tables})
        with contextlib.suppress(SourceError):
            rows = await self._databases[name].rows(COLUMNS, [schemas])
            self._take(name, {row[0]: row[1] for row in rows})

    def _take(self, name: str, found: Mapping[str, str]) -> None:
        wanted = declared_types(self._declared[name])
        missing = sorted(wanted.keys() - found.keys())
        retyped = sorted(column for column in wanted.keys() & found.keys() if kind_of(found[column]) != wanted[column])
        self.unchecked.discard(name)
        if missing or retyped:
            event(logging.ERROR, "schema drift", database=name, missing=", ".join(missing), retyped=", ".join(retyped))
            self.columns = {**self.columns, name: frozenset((*missing, *retyped))}
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
