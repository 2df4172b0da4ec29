"""Connections in the shape stage: nodes, edges, totals and cursors of one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.plan import LinkCell, PageNode
from gateway.rows import Row
from gateway.shaping import Found, Read, Shaping, Trail, items_of
from resolvers.sources import PageRole


class _Page:
    """One page: its rows, whether there are more, its total, and how a row's cursor is made."""

    __slots__ = ("found", "rows", "shaping", "slot")

    def __init__(self, found: Found | None, slot: int, shaping: Shaping) -> None:
        self.found = found
        self.rows: Sequence[Row] = found.rows if found is not None else ()
        self.slot = slot
        self.shaping = shaping

    def more(self) -> bool:
        return self.found is not None and self.found.key in self.found.result.more

    def total(self) -> int:
        return self.found.result.totals.get(self.found.key, 0) if self.found is not None else 0

    def capped(self) -> bool:
        return self.found is not None and self.found.key in self.found.result.capped

    def sort_values(self, row: Row) -> list[Any]:
        assert self.found is not None
        result = self.found.result
        return list(row[result.sort_at : result.sort_at + result.sort_width])

    def cursor(self, row: Row) -> str:
        run = self.shaping.run
        return run.seal.close("cursor", run.values[self.slot].seal_scope, self.sort_values(row))


def page_shape(cell: LinkCell, views: list[Read]) -> Callable[[list[Found], Trail, Shaping], Any]:
    """Shows the page of one parent."""
    members = [(node.key, _member_of_page(cell, node, views)) for node in cell.node.page]

    def page(found: list[Found], trail: Trail, shaping: Shaping) -> Any:
        one = _Page(found[0] if found else None, cell.slot, shaping)
        return {key: read(one, (trail, key)) for key, read in members}

    return page


PageRead = Callable[[_Page, Trail], Any]


def _member_of_page(cell: LinkCell, node: PageNode, views: list[Read]) -> PageRead:
    if node.role is None:
        return lambda page, trail: node.name
    if node.role is PageRole.NODES and node.view is not None:
        build = views[node.view]
        return lambda page, trail: items_of([(row, build) for row in page.rows], True, trail, page.shaping)
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

    def read(page: _Page, _: Trail) -> str:
        after = page.shaping.run.values[cell.slot].parameters["argument_after"]
        return make(after, page.sort_values(page.rows[-1]) if page.rows else None)

    return read


_PAGE_VALUES: Mapping[PageRole, Callable[[LinkCell], PageRead]] = {
    PageRole.TOTAL: lambda cell: lambda page, trail: page.total(),
    PageRole.CAPPED: lambda cell: lambda page, trail: page.capped(),
    PageRole.HAS_NEXT: lambda cell: lambda page, trail: page.more(),
    PageRole.CAUGHT_UP: lambda cell: lambda page, trail: not page.more(),
    PageRole.END_CURSOR: lambda cell: lambda page, trail: page.cursor(page.rows[-1]) if page.rows else None,
    PageRole.NEXT_CURSOR: _next_cursor,
    PageRole.MOMENT: lambda cell: lambda page, trail: page.shaping.run.now,
}
