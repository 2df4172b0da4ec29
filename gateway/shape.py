"""Rows → result: the cells of a bound plan become functions once, and read rows per request.

Nulls follow the GraphQL specification (6.4.4): a null or an error in a non-null position moves up to
the nearest position that may be null; the error keeps the path where it arose. A path is a chain of
(parent, key) pairs, so that an answer without errors never builds a list of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from gateway.errors import GatewayError
from gateway.forms import leaf_reader
from gateway.plan import BoundPlan, Cell, EmbedCell, LeafCell, NullCell, TypenameCell
from gateway.rows import Row, RunState
from gateway.shape_links import link_reader
from gateway.shaping import Bubble, Read, Shaper, Shaping, Trail


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
    members = [(cell.key, _cell(plan, cell)) for cell in cells]

    def build(row: Row, trail: Trail, shaping: Shaping) -> dict[str, Any]:
        return {key: read(row, trail, shaping) for key, read in members}

    return build


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
