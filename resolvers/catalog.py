"""(type, field) → source: the one index that compiler, engine, decision and documentation read.

Building it is the first line of defence. It refuses when a column has no class, when a condition or
an order reads a column nobody classified, when a derived field is declared below the class of what it
is made of, when a field that may be withheld is not nullable, and when a resolver of its own does not say
what is decided before it runs.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sqlalchemy
import strawberry
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from sqlalchemy.sql import visitors

from auth.classes import DataClass
from resolvers.fields import BY_HAND
from resolvers.sources import (
    Branch,
    ByHand,
    Column,
    Computed,
    Embed,
    Link,
    Lookup,
    Order,
    Record,
    Source,
    Where,
)

ORDER_OF_CLASSES = tuple(DataClass)


class CatalogError(Exception):
    """A declaration that cannot be served safely; the gateway does not start with it."""


@dataclass(frozen=True, kw_only=True)
class Classified:
    """The class of a database column, and the field (or hidden column) that declares it."""

    coordinate: str
    data_class: DataClass


def base_columns(expression: Any) -> Iterator[sqlalchemy.Column[Any]]:
    """The table columns that an expression reads.

    The columns of an alias are columns of their own: what a record's conditions have published may be classified
    apart from the table it is read from.
    """
    for element in visitors.iterate(expression):
        if isinstance(element, sqlalchemy.Column) and isinstance(element.table, sqlalchemy.Table | sqlalchemy.Alias):
            yield element


def _table_of(column: Any) -> sqlalchemy.Table:
    table = column.table
    while isinstance(table, sqlalchemy.Alias):
        table = table.element
    assert isinstance(table, sqlalchemy.Table)
    return table


def _metadata_of(column: Any) -> sqlalchemy.MetaData:
    return _table_of(column).metadata


def column_name(column: sqlalchemy.Column[Any]) -> str:
    """``schema.table.column``; of an alias, its own name in place of the table's: ``gw.publication.state``."""
    return f"{_table_of(column).schema}.{column.table.name}.{column.name}"


def column_names(expressions: Iterable[Any]) -> frozenset[str]:
    """The names of the columns that expressions read.

    A key that a subquery is joined by (``disclosure.case_id = case.case_id``) is not read: it says which row, and
    nothing of it is shown.
    """
    names: set[str] = set()
    for expression in expressions:
        read = {column_name(column) for column in base_columns(expression)}
        names |= read - _joined_by(expression)
    return frozenset(names)


def _joined_by(expression: Any) -> set[str]:
    joined: set[str] = set()
    for element in visitors.iterate(expression):
        if isinstance(element, sqlalchemy.BinaryExpression) and element.operator is operator.eq:
            sides = (element.left, element.right)
            if all(isinstance(side, sqlalchemy.Column) and (side.primary_key or side.foreign_keys) for side in sides):
                joined |= {column_name(side) for side in sides if isinstance(side, sqlalchemy.Column)}
    return joined


def _plain(expression: Any) -> Any:
    return expression.clause if isinstance(expression, sqlalchemy.Cast) else expression


def join_of(classes: Iterator[DataClass] | list[DataClass]) -> DataClass:
    """The highest of the classes; PUBLIC of none."""
    return max(classes, key=ORDER_OF_CLASSES.index, default=DataClass.PUBLIC)


class Catalog:
    """The sources of a schema's fields, its records, and the class of every column.

    `databases` maps a database's name to its SQLAlchemy metadata.
    """

    def __init__(self, schema: strawberry.Schema, databases: Mapping[str, sqlalchemy.MetaData]) -> None:
        self.schema: GraphQLSchema = schema._schema
        self.sdl = schema.as_str()
        """The schema in its definition language, with the directives of its fields."""
        self._databases = {id(metadata): name for name, metadata in databases.items()}
        self._homes: dict[Any, str] = {}
        """The databases of tables that were asked for: those of records and hops, which are as many as are declared."""
        self.records: dict[str, Record] = {}
        self.sources: dict[tuple[str, str], Source] = {}
        self.by_hand: dict[tuple[str, str], ByHand] = {}
        self.resolvers: dict[tuple[str, str], Any] = {}
        """The resolvers of fields that have one of their own."""
        self._read_types()
        self.classes: dict[sqlalchemy.Column[Any], Classified] = {}
        self._classify()
        self._check()

    # --- reading ---------------------------------------------------------------------------------

    @cached_property
    def object_types(self) -> dict[str, GraphQLObjectType]:
        """The object types of the schema but introspection's, by name."""
        return {
            name: type_
            for name, type_ in self.schema.type_map.items()
            if isinstance(type_, GraphQLObjectType) and not name.startswith("__")
        }

    def _read_types(self) -> None:
        for name, type_ in self.object_types.items():
            definition = type_.extensions.get("strawberry-definition")
            record = getattr(definition.origin, "__record__", None) if definition else None
            if record is not None:
                self.records[name] = record
        for name, type_ in self.object_types.items():
            for field_name, field in type_.fields.items():
                declared = field.extensions.get("strawberry-definition")
                source = getattr(declared, "source", None)
                if source is not None:
                    self.sources[name, field_name] = self._targeted(source, field.type)
                elif getattr(declared, "base_resolver", None) is not None:
                    self._read_resolver(name, field_name, field, declared.metadata.get(BY_HAND))

    def _read_resolver(self, name: str, field_name: str, field: GraphQLField, decided: ByHand | None) -> None:
        if decided is None:
            raise CatalogError(
                f"{name}.{field_name} has a resolver of its own and says nothing of what is decided before it"
            )
        if isinstance(field.type, GraphQLNonNull):
            raise CatalogError(f"{name}.{field_name} may be refused and must be nullable")
        self.by_hand[name, field_name] = decided
        self.resolvers[name, field_name] = field.resolve

    def _targeted(self, source: Source, type_: GraphQLOutputType) -> Source:
        if not isinstance(source, Link):
            return source
        target = self.node_type(type_)
        branches = tuple(branch if branch.target else replace(branch, target=target.name) for branch in source.branches)
        return replace(source, branches=branches)

    def node_type(self, type_: GraphQLOutputType) -> GraphQLObjectType | GraphQLInterfaceType:
        """The type of the records that a link field gives: itself, the list's item, the connection's node."""
        named = get_named_type(type_)
        assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
        if named.name in self.records or isinstance(named, GraphQLInterfaceType):
            return named
        for member in ("nodes", "changes"):
            if member in named.fields:
                return self.node_type(named.fields[member].type)
        raise CatalogError(f"{named.name} is neither a record nor a connection")

    def database_of(self, table: Any) -> str:
        """The name of the database that a table, or a join of its tables, lives in."""
        found = self._homes.get(table)
        if found is None:
            names = {self._databases[id(_metadata_of(column))] for column in _tables_columns(table)}
            if len(names) != 1:
                raise CatalogError(f"{table} does not live in one database")
            found = self._homes[table] = names.pop()
        return found

    # --- classes ---------------------------------------------------------------------------------

    def _classify(self) -> None:
        for coordinate, column in self.columns():
            self._declare(coordinate, column)
        for coordinate, column in self.hidden_columns():
            self._declare(coordinate, column)

    def _declare(self, coordinate: str, column: Column) -> None:
        base = _plain(column.expression)
        if not isinstance(base, sqlalchemy.Column) or column.opaque:
            return
        known = self.classes.get(base)
        if known is None or ORDER_OF_CLASSES.index(known.data_class) < ORDER_OF_CLASSES.index(column.data_class):
            self.classes[base] = Classified(coordinate=coordinate, data_class=column.data_class)

    def columns(self) -> Iterator[tuple[str, Column]]:
        """Every declared column with its coordinate: ``Type.field`` or ``Type.field.part``."""
        for (type_name, field_name), source in self.sources.items():
            yield from _columns_of(f"{type_name}.{field_name}", source)

    def hidden_columns(self) -> Iterator[tuple[str, Column]]:
        """Every column that no field shows but conditions read, as ``Type.(column)``."""
        for name, record in self.records.items():
            for column in record.hidden:
                yield f"{name}.({_plain(column.expression).name})", column

    def class_of(self, expression: Any) -> DataClass:
        """The join of the classes of the columns that an expression reads."""
        found = []
        for column in base_columns(expression):
            known = self.classes.get(column)
            if known is None:
                raise CatalogError(f"nobody classified {column}")
            found.append(known.data_class)
        return join_of(found)

    def readers(self, where: Where | Order) -> list[Classified]:
        """What a condition or an order reads: coordinate and class of each column."""
        return [self.classes[base] for column in where.columns for base in base_columns(column)]

    # --- refusing --------------------------------------------------------------------------------

    def _check(self) -> None:
        for coordinate, column in self.columns():
            if column.opaque:
                continue
            joined = self.class_of(column.expression)
            if ORDER_OF_CLASSES.index(column.data_class) < ORDER_OF_CLASSES.index(joined):
                raise CatalogError(f"{coordinate} is declared {column.data_class.name} but reads {joined.name}")
        roots = (self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type)
        for name, field_name in ((root.name, field) for root in roots if root is not None for field in root.fields):
            if (name, field_name) not in self.sources and (name, field_name) not in self.by_hand:
                raise CatalogError(f"{name}.{field_name} comes from nowhere")
        for (type_name, field_name), source in self.sources.items():
            self._check_nullable(type_name, field_name, source)
            if isinstance(source, Link):
                self._check_link(f"{type_name}.{field_name}", source)
            if isinstance(source, Lookup):
                self._check_link(f"{type_name}.{field_name}", source.link)

    def _check_nullable(self, type_name: str, field_name: str, source: Source) -> None:
        type_ = self.object_types[type_name].fields[field_name].type
        if not isinstance(type_, GraphQLNonNull):
            return
        if isinstance(source, Link | Lookup):
            raise CatalogError(f"{type_name}.{field_name} reads another record and must be nullable")
        if isinstance(source, Column | Computed) and source.data_class is not DataClass.PUBLIC:
            raise CatalogError(f"{type_name}.{field_name} may be withheld and must be nullable")
        if isinstance(source, Embed):
            self._check_parts(type_name, field_name, source, type_)

    def _check_parts(self, type_name: str, field_name: str, source: Embed, type_: GraphQLOutputType) -> None:
        named = get_named_type(type_)
        assert isinstance(named, GraphQLObjectType)
        for name, part in source.parts.items():
            guarded = isinstance(part, Link | Lookup) or (
                isinstance(part, Column | Computed) and part.data_class is not DataClass.PUBLIC
            )
            if guarded and isinstance(named.fields[name].type, GraphQLNonNull):
                raise CatalogError(f"{type_name}.{field_name}.{name} may be withheld and must be nullable")

    def _check_link(self, coordinate: str, link: Link) -> None:
        for argument in link.arguments + (link.through.arguments if link.through else ()):
            for member in (argument, *argument.members):
                if member.where is not None:
                    for column in member.where.columns:
                        self.class_of(column)
            for order in (argument.orders or {}).values():
                for column in order.columns:
                    self.class_of(column)
        for branch in link.branches:
            if branch.target not in self.records:
                raise CatalogError(f"{coordinate} leads to {branch.target or 'nothing'}, which has no rows")
            if link.through is None:
                self._check_branch(coordinate, branch)
            if link.by and not link.sealed:
                self._check_key(coordinate, link, branch)

    def _check_key(self, coordinate: str, link: Link, branch: Branch) -> None:
        """Whoever names a key learns whether it is there: the link is at least of the key's class."""
        joined = join_of([self.class_of(column) for column in branch.match])
        if ORDER_OF_CLASSES.index(link.data_class) < ORDER_OF_CLASSES.index(joined):
            raise CatalogError(f"{coordinate} is declared {link.data_class.name} but finds by {joined.name}")

    def _check_branch(self, coordinate: str, branch: Branch) -> None:
        home = self.database_of(self.records[branch.target].table)
        for column in branch.match:
            for base in base_columns(column):
                if self._databases[id(_metadata_of(base))] != home:
                    raise CatalogError(f"{coordinate}: {base} is not in the database {home}")

    def shape_is_list(self, type_: GraphQLOutputType) -> bool:
        """Whether a field's type is a list (of anything)."""
        return is_list_type(get_nullable_type(type_))


def _columns_of(coordinate: str, source: Source) -> Iterator[tuple[str, Column]]:
    if isinstance(source, Column):
        yield coordinate, source
    elif isinstance(source, Lookup):
        yield coordinate, source.column
    elif isinstance(source, Computed):
        for column in source.inputs:
            yield coordinate, column
    elif isinstance(source, Embed):
        for name, part in source.parts.items():
            yield from _columns_of(f"{coordinate}.{name}", part)


def _tables_columns(table: Any) -> list[Any]:
    return [column for column in table.c if getattr(column, "table", None) is not None] or list(table.c)
