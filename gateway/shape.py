"""Rows → result: the cells of a bound plan become functions once, and read rows per request.

Nulls follow the GraphQL specification (6.4.4): a null or an error in a non-null position moves up to
the nearest position that may be null; the error keeps the path where it arose. A path is a chain of
(parent, key) pairs, so that an answer without errors never builds a list of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.errors import ErrorCode, GatewayError
from gateway.plan import (
    BoundPlan,
    Cell,
    EmbedCell,
    LeafCell,
    LinkCell,
    NullCell,
    PageNode,
    Projection,
    Shape,
    Step,
    TypenameCell,
)
from gateway.rows import ROOT, Failure, Row, Rows, RunState, key_from_arguments, key_reader
from resolvers.sources import Coded, Column, Computed, Mapped, Named, PageRole, Plain, Sealed

Trail = tuple[Any, ...]
"""() at the root, else (parent's trail, response key or index)."""
Read = Callable[[Row, Trail, "Shaping"], Any]
Shaper = Callable[["RunState"], tuple[dict[str, Any] | None, list[GatewayError]]]


class Bubble(Exception):
    """A null in a non-null position on its way up; its error is already recorded."""


class Shaping:
    """One answer in the making: what ran, and the errors so far."""

    __slots__ = ("errors", "run")

    def __init__(self, run: RunState) -> None:
        self.run = run
        self.errors: list[GatewayError] = []

    def fail(self, code: ErrorCode, trail: Trail, **extra: Any) -> None:
        """Records an error at a path."""
        path: list[str | int] = []
        while trail:
            trail, key = trail
            path.append(key)
        self.errors.append(GatewayError(code, path=path[::-1], **extra))


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
        return _leaf(cell)
    if isinstance(cell, EmbedCell):
        return _embed(plan, cell)
    return _link(plan, cell)


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


# --- leaves --------------------------------------------------------------------------------------


def _leaf(cell: LeafCell) -> Read:
    show = _show(cell)
    key, required, items_required = cell.key, cell.node.required, cell.node.items_required
    position = cell.positions[0]
    if show is None and not required and not items_required:
        return lambda row, trail, shaping: row[position]

    def read(row: Row, trail: Trail, shaping: Shaping) -> Any:
        try:
            value = row[position] if show is None else show(row, shaping)
        except ValueError:
            shaping.fail(ErrorCode.DATA_ERROR, (trail, key))
            if required:
                raise Bubble from None
            return None
        if items_required and value is not None and None in value:
            shaping.fail(ErrorCode.DATA_ERROR, ((trail, key), value.index(None)))
            value = None
            if required:
                raise Bubble
        elif value is None and required:
            shaping.fail(ErrorCode.DATA_ERROR, (trail, key))
            raise Bubble
        return value

    return read


def _show(cell: LeafCell) -> Callable[[Row, Shaping], Any] | None:
    source = cell.node.source
    projection = cell.node.projection
    position = cell.positions[0]
    if isinstance(source, Computed):
        positions = cell.positions
        function = source.function

        def derived(row: Row, shaping: Shaping) -> Any:
            found = function(*(row[place] for place in positions), today=shaping.run.today)
            return project(found, projection)

        return derived
    show = shown_by(source, cell.node.coordinate)
    if show is None:
        return None if projection is None else lambda row, shaping: project(row[position], projection)
    if isinstance(source.form, Coded) and projection is not None:
        return _coded(source.form, projection, position)
    return lambda row, shaping: project(show(row[position], shaping.run), projection)


def _coded(form: Coded, projection: Projection, position: int) -> Callable[[Row, Shaping], Any]:
    """A code's object is the same for every row: made once per selection and code."""
    made = {code: project(code_value(form, code), projection) for code in form.labels}

    def one(code: str) -> Any:
        found = made.get(code)
        return project(code_value(form, code), projection) if found is None else found

    if form.many:
        return lambda row, shaping: None if row[position] is None else [one(code) for code in row[position]]
    return lambda row, shaping: None if row[position] is None else one(row[position])


def code_value(form: Coded, code: str) -> dict[str, str]:
    """``{list code label}``; a code outside its list is its own label, as the owner sent it."""
    return {"list": form.list_name, "code": code, "label": form.labels.get(code, code)}


def shown_by(source: Column, coordinate: str) -> Callable[[Any, RunState], Any] | None:
    """How a database value is shown; None when it is shown as it is. ValueError: it cannot be."""
    form = source.form
    if isinstance(form, Plain):
        return None
    if isinstance(form, Mapped):
        mapped = form.show
        return lambda value, run: None if value is None else mapped(value)
    if isinstance(form, Named):
        names = form.names

        def name(value: Any, run: RunState) -> Any:
            if value is None:
                return None
            if value not in names:
                raise ValueError("not a member")
            return names[value]

        return name
    if isinstance(form, Sealed):
        type_name = coordinate.partition(".")[0]
        return lambda value, run: None if value is None else run.seal.close("id", "", [type_name, value])
    coded = form
    if coded.many:
        return lambda value, run: None if value is None else [code_value(coded, code) for code in value]
    return lambda value, run: None if value is None else code_value(coded, value)


def project(value: Any, projection: Projection | None) -> Any:
    """What is selected of a JSON value."""
    if projection is None or value is None:
        return value
    if isinstance(value, list):
        return [project(item, projection) for item in value]
    return {
        key: projection.type_name if member is None else _member(value[member], inner, required)
        for key, member, inner, required in projection.members
    }


def _member(value: Any, projection: Projection | None, required: bool) -> Any:
    if value is None and required:
        raise ValueError("a member is missing")
    return project(value, projection)


# --- links ---------------------------------------------------------------------------------------


class _Found:
    """The rows of one parent, from one branch."""

    __slots__ = ("branch", "key", "result", "rows")

    def __init__(self, branch: int, key: Any, result: Rows, rows: Sequence[Row]) -> None:
        self.branch = branch
        self.key = key
        self.result = result
        self.rows = rows


class _Unavailable(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


def _link(plan: BoundPlan, cell: LinkCell) -> Read:
    find = _finder(plan, cell)
    shape = _shapes(plan, cell)
    key, required = cell.key, cell.node.required

    def read(row: Row, trail: Trail, shaping: Shaping) -> Any:
        here = (trail, key)
        try:
            found = find(row, shaping)
        except _Unavailable as unavailable:
            failure = unavailable.failure
            shaping.fail(ErrorCode[failure.code], here, source=failure.database)
            if required:
                raise Bubble from None
            return None
        try:
            value = shape(found, here, shaping)
        except Bubble:
            if required:
                raise
            return None
        if value is None and required:
            shaping.fail(ErrorCode.DATA_ERROR, here)
            raise Bubble
        return value

    return read


def _finder(plan: BoundPlan, cell: LinkCell) -> Callable[[Row, Shaping], list[_Found]]:
    """The rows behind one parent's row, branch by branch."""
    hop = _keys_of(plan.steps[cell.hop]) if cell.hop is not None else None
    branches = [(index, branch.step, _keys_of(plan.steps[branch.step])) for index, branch in enumerate(cell.branches)]
    slot = cell.slot

    def find(row: Row, shaping: Shaping) -> list[_Found]:
        run = shaping.run
        parents: Sequence[Row] = (row,)
        if hop is not None and cell.hop is not None:
            result = _result(run, cell.hop)
            parents = result.by_key.get(hop(row, run.values[slot].key), ())
        found = []
        for parent in parents:
            for index, step, read in branches:
                key = read(parent, run.values[slot].key)
                if key is not None:
                    result = _result(run, step)
                    found.append(_Found(index, key, result, result.by_key.get(key, ())))
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


def _shapes(plan: BoundPlan, cell: LinkCell) -> Callable[[list[_Found], Trail, Shaping], Any]:
    node = cell.node
    views = [[_object(plan, view) for view in branch.views] for branch in cell.branches]
    if node.shape is Shape.SCALAR:
        return _scalar(cell)
    if node.shape is Shape.ONE:
        return _one(views)
    if node.shape is Shape.LIST:
        return _list(views, node.items_required, node.link.merge is not None, cell.slot)
    return _page(cell, views)


def _scalar(cell: LinkCell) -> Callable[[list[_Found], Trail, Shaping], Any]:
    shown = cell.shown
    read = _leaf(shown) if shown is not None else None

    def scalar(found: list[_Found], trail: Trail, shaping: Shaping) -> Any:
        for group in found:
            if group.rows and read is not None:
                return read(group.rows[0], trail[0], shaping)
        return None

    return scalar


def _one(views: list[list[Read]]) -> Callable[[list[_Found], Trail, Shaping], Any]:
    def one(found: list[_Found], trail: Trail, shaping: Shaping) -> Any:
        for group in found:
            if group.rows:
                return views[group.branch][0](group.rows[0], trail, shaping)
        return None

    return one


def _list(
    views: list[list[Read]], items_required: bool, merged: bool, slot: int
) -> Callable[[list[_Found], Trail, Shaping], Any]:
    def many(found: list[_Found], trail: Trail, shaping: Shaping) -> Any:
        pairs = [(group.branch, row) for group in found for row in group.rows]
        if merged:
            pairs = _merged(found)[: shaping.run.values[slot].first]
        return _items(
            [(row, views[branch][0]) for branch, row in pairs], items_required, trail, shaping
        )

    return many


def _merged(found: list[_Found]) -> list[tuple[int, Row]]:
    """Rows of several databases in one order: each has its sort values, best first."""
    ranked = [
        (tuple(row[group.result.sort_at : group.result.sort_at + group.result.sort_width]), group.branch, row)
        for group in found
        for row in group.rows
    ]
    ranked.sort(key=lambda entry: entry[:2], reverse=True)
    return [(branch, row) for _, branch, row in ranked]


def _items(
    rows: Sequence[tuple[Row, Read]], items_required: bool, trail: Trail, shaping: Shaping
) -> list[Any]:
    if items_required:
        return [build(row, (trail, index), shaping) for index, (row, build) in enumerate(rows)]
    items: list[Any] = []
    for index, (row, build) in enumerate(rows):
        try:
            items.append(build(row, (trail, index), shaping))
        except Bubble:
            items.append(None)
    return items


# --- connections ---------------------------------------------------------------------------------


class _Page:
    """One page: its rows, whether there are more, its total, and how a row's cursor is made."""

    __slots__ = ("found", "rows", "shaping", "slot")

    def __init__(self, found: _Found | None, slot: int, shaping: Shaping) -> None:
        self.found = found
        self.rows: Sequence[Row] = found.rows if found is not None else ()
        self.slot = slot
        self.shaping = shaping

    def more(self) -> bool:
        return self.found is not None and self.found.key in self.found.result.more

    def total(self) -> int:
        return self.found.result.totals.get(self.found.key, 0) if self.found is not None else 0

    def sort_values(self, row: Row) -> list[Any]:
        assert self.found is not None
        result = self.found.result
        return list(row[result.sort_at : result.sort_at + result.sort_width])

    def cursor(self, row: Row) -> str:
        run = self.shaping.run
        return run.seal.close("cursor", run.values[self.slot].seal_scope, self.sort_values(row))


def _page(cell: LinkCell, views: list[list[Read]]) -> Callable[[list[_Found], Trail, Shaping], Any]:
    members = [(node.key, _member_of_page(cell, node, views[0])) for node in cell.node.page]

    def page(found: list[_Found], trail: Trail, shaping: Shaping) -> Any:
        one = _Page(found[0] if found else None, cell.slot, shaping)
        return {key: read(one, (trail, key)) for key, read in members}

    return page


PageRead = Callable[[_Page, Trail], Any]


def _member_of_page(cell: LinkCell, node: PageNode, views: list[Read]) -> PageRead:
    if node.role is None:
        return lambda page, trail: node.name
    if node.role is PageRole.NODES and node.view is not None:
        build = views[node.view]
        return lambda page, trail: _items([(row, build) for row in page.rows], True, trail, page.shaping)
    if node.role is PageRole.EDGES:
        edge = [(member.key, _member_of_edge(member, views)) for member in node.members]
        return lambda page, trail: [
            {key: read(page, row, ((trail, index), key)) for key, read in edge} for index, row in enumerate(page.rows)
        ]
    if node.role is PageRole.PAGE_INFO:
        info = [(member.key, _member_of_page(cell, member, views)) for member in node.members]
        return lambda page, trail: {key: read(page, (trail, key)) for key, read in info}
    return _PAGE_VALUES[node.role](cell)


def _member_of_edge(node: PageNode, views: list[Read]) -> Callable[[_Page, Row, Trail], Any]:
    if node.role is None:
        return lambda page, row, trail: node.name
    if node.role is PageRole.EDGE_NODE and node.view is not None:
        build = views[node.view]
        return lambda page, row, trail: build(row, trail, page.shaping)
    return lambda page, row, trail: page.cursor(row)


def _next_cursor(cell: LinkCell) -> PageRead:
    """Where a feed goes on: after the last change, or where it stood when there is none."""
    make = cell.node.link.cursor
    assert make is not None

    def read(page: _Page, trail: Trail) -> str:
        if page.rows:
            return make(page.sort_values(page.rows[-1])[0])
        return make(page.shaping.run.values[cell.slot].parameters.get("argument_after", 0))

    return read


_PAGE_VALUES: Mapping[PageRole, Callable[[LinkCell], PageRead]] = {
    PageRole.TOTAL: lambda cell: lambda page, trail: page.total(),
    PageRole.HAS_NEXT: lambda cell: lambda page, trail: page.more(),
    PageRole.CAUGHT_UP: lambda cell: lambda page, trail: not page.more(),
    PageRole.END_CURSOR: lambda cell: lambda page, trail: page.cursor(page.rows[-1]) if page.rows else None,
    PageRole.NEXT_CURSOR: _next_cursor,
    PageRole.MOMENT: lambda cell: lambda page, trail: page.shaping.run.now,
}
