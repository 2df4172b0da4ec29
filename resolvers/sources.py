"""Where the value of a field comes from, as plain records.

A field declares one of these once; the compiler, the field-by-field engine, the decision and the
documentation read it. Nothing here runs a query or knows a caller.

    Column      one SQL expression over the record's own row
    Part        a member of a value object: its source is given where the object is used
    Embed       a value object built from the record's own row (an address)
    Computed    a value derived from columns by a pure function (deadlines)
    Link        other records, found by key (or from the arguments of a root field)
    Lookup      one column of a linked record, shown as a scalar (the name of a division)
    PageRole    a member of a connection (nodes, totalCount, pageInfo …)
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import sqlalchemy
from sqlalchemy import ColumnElement, FromClause, case

from auth.classes import Action, DataClass

Key: TypeAlias = Any
"""One value, or a tuple of values when a link matches on several columns."""


@dataclass(frozen=True, kw_only=True)
class Plain:
    """The database's value is the answer's value (text, numbers, dates, booleans, arrays)."""


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """The value is shown through a pure function that raises ValueError on what it cannot show."""

    show: Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Coded:
    """A code shown as ``{list code label}``; `many` for arrays and multi-letter codes."""

    list_name: str
    labels: Mapping[str, str]
    many: bool = False


@dataclass(frozen=True, kw_only=True)
class Named:
    """A code shown as the name of a GraphQL enum: database value → name."""

    names: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A key shown as an opaque id that only the same client can hand back (Relay global id)."""


@dataclass(frozen=True, kw_only=True)
class Referred:
    """A subject reference made of a key by `show`: staff see it, everybody else a token of it under a key of their own."""

    show: Callable[[Any], str]


Form: TypeAlias = Plain | Mapped | Coded | Named | Sealed | Referred


@dataclass(frozen=True, kw_only=True)
class Column:
    """One SQL expression over the record's own row, with the class and mask of what it shows."""

    expression: ColumnElement[Any]
    data_class: DataClass
    label: str
    form: Form = field(default_factory=Plain)
    mask: str | None = None
    mask_where: ColumnElement[bool] | None = None
    """Rows that are masked at all: the name of a person is, that of an organisation is not. None: every row."""
    shown_where: ColumnElement[bool] | None = None
    """Rows that show the value to anybody; null in all others, masked or not. None: every row."""
    opaque: bool = False
    """It shows a pseudonym of the value, not the value: its class is its own."""

    def where_shown(self, expression: ColumnElement[Any]) -> ColumnElement[Any]:
        """The expression in the rows that show the column, NULL in the others."""
        return expression if self.shown_where is None else case((self.shown_where, expression))

    @cached_property
    def value(self) -> ColumnElement[Any]:
        """What is read in clear."""
        return self.where_shown(self.expression)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A member of a value object. Where the object is used says what it shows."""

    label: str


@dataclass(frozen=True, kw_only=True)
class Embed:
    """A value object over the record's own row: member name (GraphQL) → its source."""

    label: str
    parts: Mapping[str, Source]


@dataclass(frozen=True, kw_only=True)
class Computed:
    """A value derived from columns: ``function(*values, today=date)`` returns JSON values.

    Its class is the join (the highest) of the classes of its inputs.
    """

    label: str
    inputs: tuple[Column, ...]
    function: Callable[..., Any]

    @property
    def data_class(self) -> DataClass:
        return max((column.data_class for column in self.inputs), key=list(DataClass).index)


@dataclass(frozen=True, kw_only=True)
class Where:
    """A condition that one argument adds: a read of `columns`.

    `build` turns the bound parameter into SQL; `bind` is its SQL type (None: a constant condition
    that holds when the argument is true); `encode` turns the argument's value into the parameter.
    """

    columns: tuple[ColumnElement[Any], ...]
    build: Callable[[ColumnElement[Any]], ColumnElement[bool]]
    bind: Any = None
    open_to_all: bool = False
    """It compares only what everyone may see, whatever the columns: numbers are cut out of texts, persons left out."""
    encode: Callable[[Any], Any] | None = None
    pseudonymised: bool = False
    """The value is a subject reference (``p_7QK2M9``): the condition gets the pseudonym that the log knows it by."""


class Role(enum.Enum):
    """What an argument is for."""

    WHERE = "where"
    KEY = "key"
    FIRST = "first"
    AFTER = "after"
    ORDER = "order"
    GROUP = "group"


@dataclass(frozen=True, kw_only=True)
class Argument:
    """One argument: its GraphQL name and type, what it is for, and how it is checked.

    `check` takes the coerced value and returns the one to use; it raises ValueError on bad input.
    An argument of role GROUP is an input object whose members are arguments themselves.
    """

    name: str
    annotation: Any
    label: str
    role: Role = Role.WHERE
    default: Any = ...
    where: Where | None = None
    check: Callable[[Any], Any] | None = None
    members: tuple[Argument, ...] = ()
    sealed: bool = False
    """A global id: `check` and the key functions get what it stands for, or None."""
    absent: Any = None
    """The checked value that stands for null, and for what is not given."""
    most: int | None = None
    """The largest value, of an argument that says how many items there are."""
    orders: Mapping[str, Order] | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """A total order: columns, all in one direction, none of them null, the last one unique."""

    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One kind of record that a link may lead to.

    `match` are the columns of the target that equal the key, in the order of the key. `key` turns
    the parent's values into the key, or None when this branch does not apply. `condition` replaces
    plain equality where a key is not a column's value.
    """

    target: str
    match: tuple[ColumnElement[Any], ...] = ()
    key: Callable[..., Key | None] | None = None
    join: tuple[tuple[FromClause, ColumnElement[bool]], ...] = ()
    where: tuple[ColumnElement[bool], ...] = ()
    order: Order | None = None
    condition: Callable[..., ColumnElement[bool]] | None = None


@dataclass(frozen=True, kw_only=True)
class Hop:
    """A table between parent and target that no field shows: its columns are the target's key.

    Example: who owns a vehicle is in ``veh.ownership``; the owner is in another database. `one` says
    that only the first row in `order` counts: beside the parent, in one database, such a hop needs
    no statement of its own.
    """

    table: FromClause
    match: tuple[ColumnElement[Any], ...]
    columns: tuple[ColumnElement[Any], ...]
    where: tuple[ColumnElement[bool], ...] = ()
    arguments: tuple[Argument, ...] = ()
    order: Order | None = None
    condition: Callable[..., ColumnElement[bool]] | None = None
    one: bool = False


@dataclass(frozen=True, kw_only=True)
class Link:
    """Other records: `key` is read from the parent's row, or `by` names a root's arguments.

    A link with neither is an unkeyed root list. The type of the field says whether it gives one
    record, a list or a connection; `branches` is filled from that type where it is empty.
    """

    label: str
    data_class: DataClass
    key: tuple[ColumnElement[Any], ...] = ()
    by: tuple[str, ...] = ()
    branches: tuple[Branch, ...] = ()
    through: Hop | None = None
    arguments: tuple[Argument, ...] = ()
    merge: str | None = None
    needs_one_of: tuple[str, ...] = ()
    """Arguments of which at least one must be given; else the input is bad."""
    cursor: Callable[[Any, Sequence[Any] | None], str] | None = None
    """How a feed's cursor is made: from the parameter of the one it was asked with, and the last row's sort values, if there is one."""
    delivered: bool = False
    """Whether it is written down who was handed the feed up to where."""

    @property
    def sealed(self) -> bool:
        """Whether it is asked for by a global id: a key that its caller was given, and cannot make up."""
        return any(argument.sealed for argument in self.arguments)


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """One column of a linked record, shown as a scalar."""

    link: Link
    column: Column
    label: str


class PageRole(enum.Enum):
    """The members of a connection and of the change feed's batch."""

    NODES = "nodes"
    EDGES = "edges"
    TOTAL = "total"
    CAPPED = "capped"
    PAGE_INFO = "page_info"
    HAS_NEXT = "has_next"
    CAUGHT_UP = "caught_up"
    END_CURSOR = "end_cursor"
    NEXT_CURSOR = "next_cursor"
    EDGE_NODE = "edge_node"
    EDGE_CURSOR = "edge_cursor"
    MOMENT = "moment"


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a field costs: `weight` rows are read for each record that it gives, or in all by a resolver that says so.

    Of a list that is asked for in pages, `page` is how many records it gives where ``first`` does not say, and `most` how many
    at the most.
    """

    weight: int
    page: int | None = None
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """What is decided before a resolver of one's own runs: may this be done with these columns of a database, in this class?

    `columns` are ``schema.table.column``, or ``schema.table.*`` for a table as a whole. `beside` are the databases from which it
    takes what the decision is not about, names of codes say.
    """

    data_class: DataClass
    action: Action
    database: str
    columns: frozenset[str]
    beside: frozenset[str] = frozenset()
    price: Price = Price(weight=1)

    @property
    def databases(self) -> frozenset[str]:
        """All that it asks."""
        return self.beside | {self.database}


Source: TypeAlias = Column | Part | Embed | Computed | Link | Lookup | PageRole


@dataclass(frozen=True, kw_only=True)
class Record:
    """A type whose rows come from a database.

    `table` is what it selects FROM (a table, or joins within the one database), `key` the columns
    that identify a row, `order` its default order, `hidden` the columns that no field shows but a
    condition, an order or a join reads, with their classes. By any one of `named_by` a task names the subject of a row.
    """

    table: FromClause
    key: tuple[ColumnElement[Any], ...]
    label: str
    order: Order
    where: tuple[ColumnElement[bool], ...] = ()
    hidden: tuple[Column, ...] = ()
    named_by: tuple[sqlalchemy.Column[Any], ...] = ()
