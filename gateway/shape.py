"""Rows → result: the cells of a bound plan become functions once, and read rows per request.

Nulls follow the GraphQL specification (6.4.4): a null or an error in a non-null position moves up to
the nearest position that may be null; the error keeps the path where it arose. A path is a chain of
(parent, key) pairs, so that an answer without errors never builds a list of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from types import CodeType
from typing import Any

from gateway.errors import GatewayError
from gateway.forms import is_plain, leaf_reader, missing
from gateway.pace import Pieces
from gateway.plan import BoundPlan, Cell, EmbedCell, LeafCell, LinkCell, NullCell, TypenameCell
from gateway.rows import Row, RunState
from gateway.shape_links import link_reader
from gateway.shaping import Bubble, Read, Shaper, Shaping, Trail

KEPT = 1_000
"""Expressions that are kept."""
OBJECTS = 20
"""Objects whose expressions are compiled in one piece: about two milliseconds."""


def compile_shape(plan: BoundPlan) -> Pieces[Shaper]:
    """The function that turns the results of a run into ``data`` and errors."""
    for count, cells in enumerate(_objects(plan.cells), start=1):
        _compiled(_written(cells))
        if not count % OBJECTS:
            yield
    build = _object(plan, plan.cells)

    def shape(run: RunState) -> tuple[dict[str, Any] | None, list[GatewayError]]:
        shaping = Shaping(run)
        try:
            data = build((), (), shaping)
        except Bubble:
            data = None
        return data, shaping.errors

    return shape


def _object(plan: BoundPlan, cells: Sequence[Cell]) -> Read:
    """The reader of an object, as Python written out: a call per value that is shown as it is stored would be most of the work.

    What is written are response keys, which are names (GraphQL, 2.1.9), places, and readers by names of our own.
    """
    readers: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        if not isinstance(cell, LeafCell) or not is_plain(cell):
            readers[f"read_{number}"] = _cell(plan, cell)
        elif cell.node.required:
            readers[f"read_{number}"] = missing(cell.key)
    made: Read = eval(_compiled(_written(cells)), readers)  # noqa: S307 - see above
    return made


def _objects(cells: Sequence[Cell]) -> Iterator[Sequence[Cell]]:
    """The cells of every object of an answer."""
    yield cells
    for cell in cells:
        if isinstance(cell, EmbedCell):
            yield from _objects(cell.cells)
        elif isinstance(cell, LinkCell):
            for branch in cell.branches:
                for view in branch.views:
                    yield from _objects(view)


def _written(cells: Sequence[Cell]) -> str:
    """The expression of an object; the readers that it calls are found by the numbers of their cells."""
    members = [f"{cell.key!r}: {_member(cell, f'read_{number}')}" for number, cell in enumerate(cells)]
    return f"lambda row, trail, shaping: {{{', '.join(members)}}}"


@lru_cache(maxsize=KEPT)
def _compiled(expression: str) -> CodeType:
    """The same for all objects of the same members: only what is new in a document has to be compiled."""
    return compile(expression, "<row>", "eval")


def _member(cell: Cell, name: str) -> str:
    """The expression of one member, with the name of the reader that it calls."""
    if not isinstance(cell, LeafCell) or not is_plain(cell):
        return f"{name}(row, trail, shaping)"
    value = f"row[{cell.positions[0]}]"
    return f"{value} if {value} is not None else {name}(trail, shaping)" if cell.node.required else value


def _cell(plan: BoundPlan, cell: Cell) -> Read:
    if isinstance(cell, NullCell):
        return lambda row, trail, shaping: None
    if isinstance(cell, TypenameCell):
        name = cell.name
        return lambda row, trail, shaping: name
    if isinstance(cell, LeafCell):
        return leaf_reader(cell)
    if isinstance(cell, EmbedCell):
        return _embed(plan, cell)
    return link_reader(plan, cell, partial(_object, plan))


def _embed(plan: BoundPlan, cell: EmbedCell) -> Read:
    key = cell.key
    build = _object(plan, cell.cells)
    if cell.required:
        return lambda row, trail, shaping: build(row, (trail, key), shaping)

    def read(row: Row, trail: Trail, shaping: Shaping) -> Any:
        try:
            return build(row, (trail, key), shaping)
        except Bubble:
            return None

    return read
