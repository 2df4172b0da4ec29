"""What an operation costs: how many rows it may read, of each database and of all, before anything is asked.

The rows of a field are those of what it is selected on, times how many records it gives, times its weight (`resolvers.prices`).
Of an interface counts the kind of record that costs most. What does not depend on a variable is summed up when the operation is
read for the first time; the rest is a small tree that is gone through once for every combination of numbers.

A selection is counted once for each kind of record, however often a fragment is spread, and a count ends at `MANY`: what costs
10^20 rows is told in the time that reading it takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    IntValueNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
)

from gateway.collecting import Scope, collect, sub_sets
from gateway.errors import ErrorCode, GatewayError
from gateway.store import Bounded
from resolvers.catalog import Catalog
from resolvers.prices import ASSUMED, FIRST, price_of
from resolvers.sources import ByHand, Embed, Link, Lookup, Price, Source

MANY = 10**9
"""What is counted no further."""
ALL = ""
"""Under this name stand the rows of all databases."""
KEPT = 100
"""Combinations of numbers whose cost is kept, for each operation."""

Rows = Mapping[str, int]
"""By the database's name."""
NONE: Rows = {}


@dataclass(frozen=True, kw_only=True)
class CostLimits:
    """Rows that one operation may read."""

    rows: int = 10_000
    database: int = 5_000
    """Of one database."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Selection:
    """What is selected on one record: the rows that are always read, and the fields whose rows depend on variables."""

    rows: Rows
    open: tuple[_Field, ...]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Field:
    """A field on one record: how many records it gives, the rows of each, and what is selected on it, by its kind."""

    items: int
    variable: str | None
    """The one that says how many in place of `items`."""
    most: int
    rows: Rows
    kinds: tuple[_Selection, ...]

    @property
    def is_open(self) -> bool:
        """Whether its rows depend on variables."""
        return self.variable is not None or any(kind.open for kind in self.kinds)


class Cost:
    """The cost of one operation, for the values of its conditions that it was read with."""

    def __init__(self, scope: Scope) -> None:
        reader = _Reader(scope)
        self._root = reader.operation()
        self.visits = reader.visits
        """Fields that were looked at."""
        self.names = tuple(sorted(reader.variables))
        """The variables that say how many."""
        self._kept: Bounded[tuple[Any, ...], Rows] = Bounded(KEPT)

    def rows(self, variables: Mapping[str, Any]) -> Rows:
        """The rows that these values may make it read."""
        if not self.names:
            return self._root.rows
        key = tuple([variables.get(name) for name in self.names])
        found = self._kept.get(key)
        return self._kept.put(key, _selected(self._root, variables, {})) if found is None else found

    def check(self, variables: Mapping[str, Any], limits: CostLimits) -> None:
        """Raises GatewayError (TOO_COMPLEX) with the limit that the operation is beyond, its cost, and what is allowed."""
        rows = self.rows(variables)
        if (cost := rows.get(ALL, 0)) > limits.rows:
            raise GatewayError(ErrorCode.TOO_COMPLEX, limit="cost", cost=cost, most=limits.rows)
        for source, cost in rows.items():
            if cost > limits.database and source != ALL:
                raise GatewayError(ErrorCode.TOO_COMPLEX, limit="cost", cost=cost, most=limits.database, source=source)


# --- counting ------------------------------------------------------------------------------------


def _selected(selection: _Selection, variables: Mapping[str, Any], known: dict[int, Rows]) -> Rows:
    """The rows of a selection. `known` are those that were counted already."""
    if not selection.open:
        return selection.rows
    found = known.get(id(selection))
    if found is None:
        found = known[id(selection)] = _sum(
            [selection.rows, *[_given(field, variables, known) for field in selection.open]]
        )
    return found


def _given(field: _Field, variables: Mapping[str, Any], known: dict[int, Rows]) -> Rows:
    """The rows of a field. A number that is not accepted is refused later, and counted as the largest that is."""
    value = variables.get(field.variable) if field.variable is not None else None
    items = min(max(value, 0), field.most) if isinstance(value, int) else field.items
    inner = _largest([_selected(kind, variables, known) for kind in field.kinds])
    return {name: min(MANY, items * count) for name, count in _sum([field.rows, inner]).items()}


def _sum(several: Iterable[Rows]) -> Rows:
    found: dict[str, int] = {}
    for rows in several:
        for name, count in rows.items():
            found[name] = min(MANY, found.get(name, 0) + count)
    return found


def _largest(several: Iterable[Rows]) -> Rows:
    found: dict[str, int] = {}
    for rows in several:
        for name, count in rows.items():
            found[name] = max(found.get(name, 0), count)
    return found


# --- reading -------------------------------------------------------------------------------------


class _Reader:
    """Goes through an operation once, type by type."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._catalog: Catalog = scope.catalog
        self._schema: GraphQLSchema = scope.catalog.schema
        self._read: dict[tuple[Any, ...], _Selection] = {}
        self.variables: set[str] = set()
        self.visits = 0

    def operation(self) -> _Selection:
        definition = self._scope.operation.definition
        root = self._schema.get_root_type(definition.operation)
        assert root is not None  # the document is valid
        return self._selection(root, [definition.selection_set], None)

    def _selection(
        self, type_: GraphQLObjectType, sets: list[SelectionSetNode], parts: Mapping[str, Source] | None
    ) -> _Selection:
        key = (type_.name, id(parts), *map(id, sets))
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = self._collected(type_, sets, parts)
        return found

    def _collected(
        self, type_: GraphQLObjectType, sets: list[SelectionSetNode], parts: Mapping[str, Source] | None
    ) -> _Selection:
        fixed: list[Rows] = []
        open_: list[_Field] = []
        for nodes in collect(self._scope, type_, sets).values():
            self.visits += len(nodes)
            declared = type_.fields.get(nodes[0].name.value)
            field = self._field(type_, declared, nodes, parts) if declared is not None else None
            if field is None:
                continue
            if field.is_open:
                open_.append(field)
            else:
                fixed.append(_given(field, {}, {}))
        return _Selection(rows=_sum(fixed), open=tuple(open_))

    def _field(
        self,
        type_: GraphQLObjectType,
        declared: GraphQLField,
        nodes: list[FieldNode],
        parts: Mapping[str, Source] | None,
    ) -> _Field | None:
        """What a field reads; None of one that only shows what was read."""
        name = nodes[0].name.value
        source = parts.get(name) if parts is not None else self._catalog.sources.get((type_.name, name))
        below = source.parts if isinstance(source, Embed) else None
        kinds = tuple(self._selection(kind, sub_sets(nodes), below) for kind in self._kinds(declared.type))
        priced = self._priced(source or self._catalog.by_hand.get((type_.name, name)))
        if priced is None:
            shown = _Field(items=1, variable=None, most=1, rows=NONE, kinds=kinds)
            return shown if any(kind.rows or kind.open for kind in kinds) else None
        price, rows = priced
        if price.page is None:
            items = ASSUMED if is_list_type(get_nullable_type(declared.type)) and isinstance(source, Link) else 1
            return _Field(items=items, variable=None, most=items, rows=rows, kinds=kinds)
        most = price.most or price.page
        items, variable = _asked(nodes[0], price.page, most)
        if variable is not None:
            self.variables.add(variable)
        return _Field(items=items, variable=variable, most=most, rows=rows, kinds=kinds)

    def _kinds(self, type_: GraphQLOutputType) -> Iterable[GraphQLObjectType]:
        named = get_named_type(type_)
        if isinstance(named, GraphQLObjectType):
            return (named,)
        return self._schema.get_possible_types(named) if is_abstract_type(named) else ()

    def _priced(self, source: Source | ByHand | None) -> tuple[Price, Rows] | None:
        """What a source costs, and its rows by database for each record that it gives."""
        if isinstance(source, ByHand):
            share = -(-source.price.weight // len(source.databases))
            return source.price, {ALL: source.price.weight, **dict.fromkeys(source.databases, share)}
        link = source.link if isinstance(source, Lookup) else source
        if not isinstance(link, Link):
            return None
        price = price_of(link)
        of_targets = {self._database(self._catalog.records[branch.target].table): 1 for branch in link.branches}
        between = {self._database(link.through.table): 1} if link.through is not None and price.weight > 1 else NONE
        return price, _sum([{ALL: price.weight}, of_targets, between])

    def _database(self, table: Any) -> str:
        return self._catalog.database_of(table)


def _asked(node: FieldNode, page: int, most: int) -> tuple[int, str | None]:
    """How many items a field is asked for, and the variable that says it."""
    written: ValueNode | None = next((one.value for one in node.arguments or () if one.name.value == FIRST), None)
    if isinstance(written, VariableNode):
        return page, written.name.value
    return (min(max(int(written.value), 0), most) if isinstance(written, IntValueNode) else page), None
