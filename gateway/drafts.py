"""Steps while their columns are still being gathered, and what tells that two steps read the same row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from auth.rows import CASE_KEY, CASE_TABLE
from gateway.plan import Given, LinkNode, Step
from resolvers.sources import Argument, Branch, Hop, PageRole, Record

CURSORS = frozenset({PageRole.END_CURSOR, PageRole.NEXT_CURSOR, PageRole.EDGE_CURSOR})
"""What needs the sort values of a row."""


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

    def place(self, identity: Any, expression: Any) -> int:
        """The position of an expression in the row; asked for twice, it stands once."""
        if identity not in self.places:
            self.places[identity] = len(self.columns)
            self.columns.append(expression)
        return self.places[identity]


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
