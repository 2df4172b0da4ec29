"""The resolver file of a tenth database: its type, its filter and its roots."""

from __future__ import annotations

import datetime

import strawberry

from datasources.tables.personnel import division
from resolvers.args import after_arg, filter_arg, first_arg, key_arg, where_field
from resolvers.conditions import prefix
from resolvers.fields import INT, PER, PUB, column, link, root, sealed_id
from resolvers.paging import Connection
from resolvers.personnel import Division
from resolvers.scalars import Cursor
from resolvers.types import filters, record, value
from resolvers.values import Node
from tests.tenth import table as t


@record(t.hydrant, "消火栓", key=t.hydrant.c.hydrant_no)
class Hydrant(Node):
    """A fire hydrant."""

    id: strawberry.ID = sealed_id(t.hydrant.c.hydrant_no)
    hydrant_no: str = column(t.hydrant.c.hydrant_no, PUB, "编号")
    division_code: str | None = column(t.hydrant.c.division_code, PUB, "区划代码")
    checked_on: datetime.date | None = column(t.hydrant.c.checked_on, INT, "检查日期")
    keeper_phone: str | None = column(t.hydrant.c.keeper_phone, PER, "管护电话", mask="mobile_3_4")
    division: Division | None = link(PUB, "所在区划", key=t.hydrant.c.division_code, match=division.c.code)


@filters("消火栓筛选")
class HydrantFilter:
    """Which hydrants."""

    division_prefix: str | None = where_field(prefix(t.hydrant.c.division_code), "区划前缀")


@value("消火栓查询")
class HydrantQuery:
    """Hydrants by number and as a list."""

    hydrant: Hydrant | None = root(
        PUB, "消火栓", by=("hydrantNo",), match=(t.hydrant.c.hydrant_no,), args=(key_arg("hydrantNo", str, "编号"),)
    )
    hydrants: Connection[Hydrant] | None = root(
        PUB, "消火栓列表", args=(filter_arg(HydrantFilter), first_arg(20), after_arg(Cursor | None))
    )
