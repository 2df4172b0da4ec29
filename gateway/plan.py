"""The plan of an operation, as data: what the stages hand to each other.

`compile` makes a tree of nodes from the document, with no caller in it. `bind` turns it into steps
and cells for one kind of caller: what may not be seen is gone, every column has a place in a row.
`sql` writes the statement of a step, `run` executes the steps, `shape` reads the cells.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from resolvers.sources import Argument, Branch, ByHand, Column, Computed, Hop, Link, PageRole, Record


class Shape(enum.Enum):
    """What a link gives for one parent."""

    ONE = "one"
    LIST = "list"
    PAGE = "page"
    SCALAR = "scalar"


# --- compiled: no caller in it -------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """One argument of a field: how its value follows from the variables; `written` in the document; `constant` whatever they are."""

    argument: Argument
    evaluate: Callable[[Mapping[str, Any]], Any]
    written: bool
    constant: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Projection:
    """What is wanted of a value object: response key, member, what is wanted of that, non-null.

    A member of None is ``__typename`` and `type_name` its value.
    """

    type_name: str
    members: tuple[tuple[str, str | None, Projection | None, bool], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TypenameNode:
    """``__typename``."""

    key: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LeafNode:
    """A column, or a value derived from columns."""

    key: str
    coordinate: str
    source: Column | Computed
    required: bool
    items_required: bool
    projection: Projection | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbedNode:
    """A value object over the same row."""

    key: str
    required: bool
    nodes: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeNode:
    """The records in what a resolver of its own makes: they are decided on as everywhere, once the field itself is granted."""

    key: str
    coordinate: str
    decided: ByHand
    nodes: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PageNode:
    """A member of a connection; `view` is the index of the selection that shows a row."""

    key: str
    role: PageRole | None
    name: str = ""
    view: int | None = None
    members: tuple[PageNode, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchPlan:
    """One kind of record that a link leads to, and the selections over its row."""

    branch: Branch
    record: Record
    type_name: str
    views: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkNode:
    """Other records."""

    key: str
    coordinate: str
    link: Link
    shape: Shape
    required: bool
    items_required: bool
    arguments: tuple[Given, ...]
    branches: tuple[BranchPlan, ...]
    page: tuple[PageNode, ...] = ()
    shown: LeafNode | None = None


Node: TypeAlias = TypenameNode | LeafNode | EmbedNode | MadeNode | LinkNode


def view_path(page: tuple[PageNode, ...], view: int) -> tuple[str, ...]:
    """The response keys that lead from a connection to the rows of a view: ``nodes``, ``edges.node``."""
    for node in page:
        if node.view == view:
            return (node.key,)
        deeper = view_path(node.members, view)
        if deeper:
            return (node.key, *deeper)
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A compiled operation: the nodes of the root, and its links in the order of the document."""

    nodes: tuple[Node, ...]
    links: tuple[tuple[tuple[str, ...], LinkNode], ...]


# --- bound: for one kind of caller ---------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One statement: which rows, found how, with which columns.

    A step with `key_positions` or `by` is keyed: the values at `key_positions` of the parent step's rows (or the
    arguments `by`), turned into a key by `key`. `cut` are the conditions of the row rules. `columns` are the row's first places; after them
    stand `sort` (for cursors), the key, and the total.
    """

    index: int
    database: str
    target: Record | Hop
    branch: Branch | None
    columns: tuple[Any, ...]
    parent: int | None
    key_positions: tuple[int, ...]
    by: tuple[str, ...]
    arguments: tuple[Given, ...]
    cut: tuple[Any, ...]
    slot: int
    shape: Shape
    rows_wanted: bool
    total_wanted: bool
    count_limit: int | None
    """How far the total is counted: the statement gives one more where there are more."""
    cursor_wanted: bool
    children: tuple[int, ...] = ()
    subject: tuple[str, tuple[int, ...]] | None = None
    """The type of the records and the places of their key, when columns above PUBLIC are read."""
    third: Third | None = None
    """What is read of subjects that the task does not name, where it matters whom it names."""

    @property
    def keyed(self) -> bool:
        """Whether the step asks by key."""
        return bool(self.key_positions or self.by)


@dataclass(frozen=True, kw_only=True, slots=True)
class Third:
    """How a step reads the rows of third persons, and how it tells them from those of subjects whom the task names.

    `step` is the step with masks and nulls in the places of what is guarded. `keys` names the column in which the step's
    keys stand, when they say whom a row is about. When they do not (a document's number is not a person) every row is read
    as a third person's, and those of named subjects, by the column `subject` at `place`, by the step `again` once more: each
    by its own key, at `own`, for a subject (the case of a party) may have several rows.
    `link` names the way for the log; `masked` and `nulled` are the coordinates that arrive so, each as often as it is read.
    """

    step: Step
    link: str
    keys: str | None
    subject: str
    place: int
    own: int
    again: Step | None
    masked: tuple[str, ...]
    nulled: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Withheld:
    """A field the caller may not see: said in ``extensions.access.withheld``."""

    coordinate: str
    path: tuple[str, ...]
    code: str
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NullCell:
    """A withheld field: null, and in no statement."""

    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TypenameCell:
    """``__typename``."""

    key: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LeafCell:
    """A value from the places `positions` of the row."""

    key: str
    node: LeafNode
    positions: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbedCell:
    """A value object over the same row."""

    key: str
    required: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BranchCell:
    """Where a branch's rows are, and the cells of each view over them."""

    step: int
    views: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkCell:
    """Other records: `hop` is the step in between, if any."""

    key: str
    node: LinkNode
    slot: int
    hop: int | None
    branches: tuple[BranchCell, ...]
    shown: LeafCell | None


Cell: TypeAlias = NullCell | TypenameCell | LeafCell | EmbedCell | LinkCell


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """What was decided of one field, and by which policy."""

    path: tuple[str, ...]
    coordinate: str
    outcome: str
    policy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A link whose arguments are evaluated per request. `forbidden` names the conditions and orders that read a
    column which this caller may not filter or order by."""

    path: tuple[str, ...]
    node: LinkNode
    forbidden: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class BoundPlan:
    """A plan for one kind of caller."""

    cells: tuple[Cell, ...]
    steps: tuple[Step, ...]
    slots: tuple[Slot, ...]
    withheld: tuple[Withheld, ...]
    masked: tuple[tuple[str, ...], ...]
    decided: tuple[Decided, ...]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The text of a step for one set of given arguments.

    `parameters` are the names of $1, $2 … in order, `constants` the values of those that no request
    changes. A row has `columns` shown values, `sort_width` values for the cursor, `key_width` key
    values, and, where `counted`, the total and a mark that the row is one.
    """

    database: str
    text: str
    parameters: tuple[str, ...]
    constants: Mapping[str, Any]
    columns: int
    sort_width: int
    key_width: int
    counted: bool
    rows: bool

    @cached_property
    def constant(self) -> tuple[Any, ...]:
        """The parameters in order, with gaps (None) where a request has to fill one in."""
        return tuple(self.constants.get(name) for name in self.parameters)

    @cached_property
    def dynamic(self) -> tuple[tuple[int, str], ...]:
        """The places and names of the parameters that a request fills in, but for the keys."""
        return tuple(
            (place, name)
            for place, name in enumerate(self.parameters)
            if name not in self.constants and not name.startswith("key")
        )

    @cached_property
    def key_places(self) -> tuple[int, ...]:
        """Where the arrays of keys stand among the parameters."""
        return tuple(self.parameters.index(f"key{index}") for index in range(self.key_width))
