"""Steps while their columns are still being gathered, and what tells that two steps read the same row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, case

from auth.classes import DataClass
from auth.naming import Naming
from auth.policy import Outcome
from auth.rows import CASE_KEY, CASE_TABLE
from gateway.plan import Given, LinkNode, Step
from gateway.thirds import nothing, of_third
from resolvers.sources import Argument, Branch, Column, Hop, Link, PageRole, Record

COUNTS = frozenset({PageRole.TOTAL, PageRole.CAPPED})
"""Members of a connection for which its items are counted."""
CURSORS = frozenset({PageRole.END_CURSOR, PageRole.NEXT_CURSOR, PageRole.EDGE_CURSOR})
"""What needs the sort values of a row."""

RowsSeen = Callable[[Any, bool, bool], tuple[ColumnElement[bool], ...]]
"""What cuts the rows of a table; its second argument says that they are found by the key of a case that was cut."""


@dataclass
class Draft:
    """A step while its columns are still being gathered."""

    index: int
    database: str
    table: Any
    columns: list[Any] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)
    children: list[int] = field(default_factory=list)
    finish: Callable[[], Step] | None = None
    guarded: bool = False
    """Whether a column above PUBLIC is read: then its record is a subject of the log."""
    own: ColumnElement[bool] | None = None
    """The condition under which columns above PUBLIC are read in a row; None: in every row."""
    naming: Naming | None = None
    """The rule for third persons, where rows of theirs may be among those of the step."""
    of_thirds: list[Any] = field(default_factory=list)
    told: list[tuple[str, Outcome]] = field(default_factory=list)
    """The coordinates that are guarded of third persons, with what becomes of them."""

    def place(self, identity: Any, expression: Any, of_third: Any = None) -> int:
        """The position of an expression in the row; asked for twice, it stands once.

        `of_third` is what stands there in the row of a third person; the expression itself unless given.
        """
        if identity not in self.places:
            self.places[identity] = len(self.columns)
            self.columns.append(expression)
            self.of_thirds.append(expression if of_third is None else of_third)
        return self.places[identity]

    def read(self, identity: Any, expression: Any, data_class: DataClass) -> int:
        """The position of an expression of this class: above PUBLIC, it is null in rows that are not the caller's own."""
        if self.own is None or data_class is DataClass.PUBLIC:
            return self.place(identity, expression)
        return self.place((identity, "own"), case((self.own, expression)))

    def place_column(self, column: Column, of_thirds: Outcome, data_class: DataClass) -> int:
        """The position of a column that is shown in clear, and in the rows of third persons as `of_thirds` says."""
        shown = column.value
        if of_thirds is Outcome.CLEAR:
            return self.read(id(shown), shown, data_class)
        return self.place((id(shown), of_thirds, column.mask), shown, of_third(column, of_thirds))

    def place_key(self, identity: Any, column: ColumnElement[Any], link: Link) -> int:
        """The position of a column that a link goes by."""
        if not self.severs(link):
            return self.read(identity, column, link.data_class)
        return self.place((identity, "severed"), column, nothing(column))

    @property
    def hides(self) -> bool:
        """Whether anything is read of third persons otherwise than of those whom the task names."""
        return any(of_third is not column for column, of_third in zip(self.columns, self.of_thirds, strict=True))

    def tell(self, coordinate: str, outcome: Outcome) -> None:
        """Notes what becomes of a coordinate in the rows of third persons, when it is not shown in clear."""
        if outcome is not Outcome.CLEAR:
            self.told.append((coordinate, outcome))

    def severs(self, link: Link) -> bool:
        """Whether the link leads nowhere from a third person."""
        return self.naming is not None and self.naming.cuts(link.data_class)


@dataclass(frozen=True, kw_only=True)
class Found:
    """How the rows of a step are found: from which step's rows, or a root's arguments, and whose link it is."""

    node: LinkNode
    parent: Draft | None
    positions: tuple[int, ...]
    by: tuple[str, ...]
    slot: int


def own_arguments(given: tuple[Given, ...], declared: tuple[Argument, ...]) -> tuple[Given, ...]:
    """The arguments of one step: a hop's are its own, the link's are the target's."""
    return tuple(one for one in given if any(one.argument is argument for argument in declared))


def roles_of(page: tuple[Any, ...]) -> Iterable[PageRole]:
    """The roles of a connection's members, all levels."""
    for node in page:
        if node.role is not None:
            yield node.role
        yield from roles_of(node.members)


def is_under_case(found: Found, branch: Branch | None) -> bool:
    """Whether the rows are found by the key of a case that this caller sees."""
    parent = found.parent
    return (
        parent is not None
        and isinstance(parent.table, Table)
        and parent.table.fullname == CASE_TABLE
        and branch is not None
        and branch.key is None
        and len(branch.match) == 1
        and branch.match[0].name == CASE_KEY
    )


def rows_cut(
    rows_seen: RowsSeen, target: Record | Hop, branch: Branch | None, under_case: bool, open_link: bool
) -> tuple[ColumnElement[bool], ...]:
    """What cuts the rows of a step: of what it reads, and of the tables between, which are cut by their marks and, for a
    citizen, by whose they are."""
    between = [rows_seen(table, True, False) for table, _ in branch.join] if branch is not None else []
    own = rows_seen(target.table, under_case or isinstance(target, Hop), open_link)
    return tuple(condition for conditions in (own, *between) for condition in conditions)


def one_row(found: Found, target: Record | Hop, branch: Branch | None) -> Hashable | None:
    """What tells that two steps read the same row of a table by its primary key; None when a step does not.

    The names of two divisions of one record are one statement, and so is what a hop needs of the same row.
    """
    match = target.match if isinstance(target, Hop) else branch.match if branch is not None else ()
    table = target.table
    if not isinstance(table, Table) or tuple(table.primary_key.columns) != match or target.where:
        return None
    if branch is not None and (branch.key or branch.join or branch.where or branch.condition):
        return None
    if isinstance(target, Hop) and target.condition is not None:
        return None
    parent = found.parent.index if found.parent else None
    return (parent, found.positions, table) if found.positions else None
