"""Relay connections: nodes and edges, keyset cursors, a total that is counted only when asked for."""

from __future__ import annotations

import enum
from typing import Generic, TypeVar

import strawberry

from resolvers.fields import page
from resolvers.scalars import Cursor
from resolvers.sources import PageRole
from resolvers.types import value

T = TypeVar("T")


@strawberry.enum(description="Direction of an order.（排序方向）")
class OrderDirection(enum.Enum):
    """Ascending or descending."""

    ASC = "ASC"
    DESC = "DESC"


@value("分页信息")
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool = page(PageRole.HAS_NEXT, "是否有下一页")
    end_cursor: Cursor | None = page(PageRole.END_CURSOR, "末项游标")


@value("列表项")
class Edge(Generic[T]):
    """An item of a list with its cursor."""

    cursor: Cursor = page(PageRole.EDGE_CURSOR, "游标")
    node: T = page(PageRole.EDGE_NODE, "项")


@value("分页列表")
class Connection(Generic[T]):
    """One page of a list in a total order."""

    total_count: int | None = page(
        PageRole.TOTAL,
        "总数",
        doc="Of the whole list; counted only when selected. To partners, citizens and the public 1000 at the most",
    )
    total_count_is_capped: bool | None = page(
        PageRole.CAPPED, "总数是否截断", doc="Whether the list has more items than totalCount says"
    )
    nodes: list[T] = page(PageRole.NODES, "项")
    edges: list[Edge[T]] = page(PageRole.EDGES, "带游标的项")
    page_info: PageInfo = page(PageRole.PAGE_INFO, "分页信息")
