"""Rows → result: the cells of a bound plan become functions once, and read rows per request.

Nulls follow the GraphQL specification (6.4.4): a null or an error in a non-null position moves up to
the nearest position that may be null; the error keeps the path where it arose. A path is a chain of
(parent, key) pairs, so that an answer without errors never builds a list of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from types import CodeType
from typing import Any

from gateway.errors import GatewayError
from gateway.forms import is_plain, leaf_reader, missing
from gateway.plan import BoundPlan, Cell, EmbedCell, LeafCell, NullCell, TypenameCell
from gateway.rows import Row, RunState
from gateway.shape_links import link_reader
from gateway.shaping import Bubble, Read, Shaper, Shaping, Trail

KEPT = 1_000
"""Expressions that are kept."""


def compile_shape(plan: BoundPlan) -> Shaper:
    """The function that turns the results of a run into ``data`` and errors."""
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
    members = [f"{cell.key!r}: {_member(plan, cell, f'read_{number}', readers)}" for number, cell in enumerate(cells)]
    made: Read = eval(_compiled(f"lambda row, trail, shaping: {{{', '.join(members)}}}"), readers)  # noqa: S307 - see above
    return made


@lru_cache(maxsize=KEPT)
def _compiled(expression: str) -> CodeType:
    """The same for all objects of the same members: only what is new in a document has to be compiled."""
    return compile(expression, "<row>", "eval")


def _member(plan: BoundPlan, cell: Cell, name: str, readers: dict[str, Any]) -> str:
    """The expression of one member; the reader that it calls is put among `readers`."""
    if isinstance(cell, LeafCell) and is_plain(cell):
        value = f"row[{cell.positions[0]}]"
        if not cell.node.required:
            return value
        readers[name] = missing(cell.key)
        return f"{value} if {value} is not None else {name}(trail, shaping)"
    readers[name] = _cell(plan, cell)
    return f"{name}(row, trail, shaping)"


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
