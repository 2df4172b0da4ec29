"""Links in the shape stage: the rows of one parent, shown as one object, a list or a scalar."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.errors import ErrorCode
from gateway.forms import leaf_reader
from gateway.plan import BoundPlan, LeafCell, LinkCell, Shape, Step
from gateway.rows import ROOT, Failure, Row, Rows, RunState, key_from_arguments, key_reader
from gateway.shape_pages import page_shape
from gateway.shaping import Bubble, Build, Found, Read, Shaping, Trail, items_of

_NUMBERS = itertools.count()
"""Tell the links of all plans apart."""
_UNMADE: Any = object()


class _Unavailable(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def link_reader(plan: BoundPlan, cell: LinkCell, build: Build) -> Read:
    """Reads a link: finds the rows of one parent and shows them with what `build` makes of cells."""
    if _is_direct(plan, cell):
        return _once_each(plan, cell, _guarding(cell, _direct(plan, cell, build)))
    return _guarding(cell, _by_branches(plan, cell, build))


def _guarding(cell: LinkCell, value_of: Read) -> Read:
    """What `value_of` gives, and what becomes of a null and of a database that gave nothing."""
    key, required = cell.key, cell.node.required

    def read(row: Row, trail: Trail, shaping: Shaping) -> Any:
        here = (trail, key)
        try:
            value = value_of(row, here, shaping)
        except _Unavailable as unavailable:
            failure = unavailable.failure
            shaping.fail(ErrorCode[failure.code], here, source=failure.database)
            if required:
                raise Bubble from None
            return None
        except Bubble:
            if required:
                raise
            return None
        if value is None and required:
            shaping.fail(ErrorCode.DATA_ERROR, here)
            raise Bubble
        return value

    return read


def _is_direct(plan: BoundPlan, cell: LinkCell) -> bool:
    """Whether it leads from a row to one record of one type, or a value of it, without a table in between."""
    if cell.hop is not None or len(cell.branches) != 1:
        return False
    if cell.node.shape is not Shape.ONE and (cell.node.shape is not Shape.SCALAR or cell.shown is None):
        return False
    step = plan.steps[cell.branches[0].step]
    return step.keyed and step.parent is not None


def _direct(plan: BoundPlan, cell: LinkCell, build: Build) -> Read:
    """What `_by_branches` does, where there is one way only: most links of most lists."""
    (branch,) = cell.branches
    step = branch.step
    key_of = key_reader(plan.steps[step])
    show = build(branch.views[0]) if cell.shown is None else _value(cell.shown)

    def value_of(row: Row, trail: Trail, shaping: Shaping) -> Any:
        key = key_of(row)
        if key is None:
            return None
        rows = _result(shaping.run, step).by_key.get(key)
        return show(rows[0], trail, shaping) if rows else None

    return value_of


def _once_each(plan: BoundPlan, cell: LinkCell, read: Read) -> Read:
    """The same, made once for every key: the rows of a list lead to a few agencies and divisions, again and again. What had an
    error is made anew, for an error has its own path.
    """
    key_of = key_reader(plan.steps[cell.branches[0].step])
    number = next(_NUMBERS)

    def read_once(row: Row, trail: Trail, shaping: Shaping) -> Any:
        key = key_of(row)
        made = shaping.made[number]
        value = made.get(key, _UNMADE)
        if value is _UNMADE:
            errors = len(shaping.errors)
            value = read(row, trail, shaping)
            if len(shaping.errors) == errors:
                made[key] = value
        return value

    return read_once


def _value(cell: LeafCell) -> Read:
    """A value of another record, which stands in the place of the link."""
    read = leaf_reader(cell)
    return lambda row, trail, shaping: read(row, trail[0], shaping)


def _by_branches(plan: BoundPlan, cell: LinkCell, build: Build) -> Read:
    find = _finder(plan, cell)
    shape = _shapes(cell, build)
    return lambda row, trail, shaping: shape(find(row, shaping), trail, shaping)


def _finder(plan: BoundPlan, cell: LinkCell) -> Callable[[Row, Shaping], list[Found]]:
    """The rows behind one parent's row, branch by branch."""
    hop = _keys_of(plan.steps[cell.hop]) if cell.hop is not None else None
    branches = [(index, branch.step, _keys_of(plan.steps[branch.step])) for index, branch in enumerate(cell.branches)]
    slot = cell.slot
    through = cell.node.link.through
    only_first = through is not None and through.one

    def find(row: Row, shaping: Shaping) -> list[Found]:
        run = shaping.run
        parents: Sequence[Row] = (row,)
        if hop is not None and cell.hop is not None:
            result = _result(run, cell.hop)
            parents = result.by_key.get(hop(row, run.values[slot].key), ())
            parents = parents[:1] if only_first else parents
        found = []
        for parent in parents:
            for index, step, read in branches:
                key = read(parent, run.values[slot].key)
                if key is not None:
                    result = _result(run, step)
                    found.append(Found(index, key, result, result.by_key.get(key, ())))
        return found

    return find


def _keys_of(step: Step) -> Callable[[Row, Mapping[str, Any]], Any]:
    if not step.keyed:
        return lambda row, given: ROOT
    if step.by and step.parent is None:
        from_arguments = key_from_arguments(step)
        return lambda row, given: from_arguments(given)
    from_row = key_reader(step)
    return lambda row, given: from_row(row)


def _result(run: RunState, step: int) -> Rows:
    result = run.results[step]
    if isinstance(result, Failure):
        raise _Unavailable(result)
    return result if result is not None else Rows(by_key={})


def _shapes(cell: LinkCell, build: Build) -> Callable[[list[Found], Trail, Shaping], Any]:
    node = cell.node
    views = [[build(view) for view in branch.views] for branch in cell.branches]
    if node.shape is Shape.SCALAR:
        return _scalar(cell)
    if node.shape is Shape.ONE:
        return _one(views)
    if node.shape is Shape.LIST:
        return _list(views, node.items_required, node.link.merge is not None, cell.slot)
    return page_shape(cell, views[0])


def _scalar(cell: LinkCell) -> Callable[[list[Found], Trail, Shaping], Any]:
    shown = cell.shown
    read = leaf_reader(shown) if shown is not None else None

    def scalar(found: list[Found], trail: Trail, shaping: Shaping) -> Any:
        for group in found:
            if group.rows and read is not None:
                return read(group.rows[0], trail[0], shaping)
        return None

    return scalar


def _one(views: list[list[Read]]) -> Callable[[list[Found], Trail, Shaping], Any]:
    def one(found: list[Found], trail: Trail, shaping: Shaping) -> Any:
        for group in found:
            if group.rows:
                return views[group.branch][0](group.rows[0], trail, shaping)
        return None

    return one


def _list(
    views: list[list[Read]], items_required: bool, merged: bool, slot: int
) -> Callable[[list[Found], Trail, Shaping], Any]:
    def many(found: list[Found], trail: Trail, shaping: Shaping) -> Any:
        pairs = [(group.branch, row) for group in found for row in group.rows]
        if merged:
            pairs = _merged(found)[: shaping.run.values[slot].first]
        return items_of([(row, views[branch][0]) for branch, row in pairs], items_required, trail, shaping)

    return many


def _merged(found: list[Found]) -> list[tuple[int, Row]]:
    """Rows of several databases in one order: each has its sort values, best first."""
    ranked = [
        (tuple(row[group.result.sort_at : group.result.sort_at + group.result.sort_width]), group.branch, row)
        for group in found
        for row in group.rows
    ]
    ranked.sort(key=lambda entry: entry[:2], reverse=True)
    return [(branch, row) for _, branch, row in ranked]
