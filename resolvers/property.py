"""Real property (不动产): units, rights and encumbrances; master: natural resources (TD/T 1066, GB/T 37346)."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, and_, exists, literal_column, or_

from datasources.tables import personnel as off
from datasources.tables import property as t
from resolvers import checks
from resolvers.args import after_arg, filter_arg, first_arg, key_arg, where_field
from resolvers.conditions import TODAY, any_of, prefix
from resolvers.fields import INT, PER, RES, SEN, code, column, hidden, link, root, sealed_id
from resolvers.paging import Connection
from resolvers.personnel import Division
from resolvers.scalars import Cursor
from resolvers.subject import Subject, by_number
from resolvers.types import filters, record, value
from resolvers.validity import current_only, not_ended
from resolvers.values import Address, Code, Node, RecordMeta, address_of, meta_of

unit, right, encumbrance = t.unit, t.right, t.encumbrance

HOLDER = by_number(frozenset({"7"}), unknown=frozenset({"6"}))
"""Who holds a right, by the document in the register (TD/T 1066): 7 is a business licence, 6 an organisation code."""

TRADE_LICENCE: ColumnElement[str] = literal_column("'7'")
MORTGAGE: ColumnElement[str] = literal_column("'1'")
SEIZURE: ColumnElement[str] = literal_column("'2'")


def burdened(kind: ColumnElement[Any]) -> ColumnElement[bool]:
    """The unit of the right lies under an encumbrance of this kind today."""
    return (
        exists()
        .where(
            encumbrance.c.unit_no == right.c.unit_no,
            encumbrance.c.kind_code == kind,
            and_(
                or_(encumbrance.c.effective_on.is_(None), encumbrance.c.effective_on <= TODAY),
                not_ended(encumbrance.c.ended_on),
            ),
        )
        .correlate(right)
    )


@record(
    encumbrance,
    "不动产限制",
    key=encumbrance.c.encumbrance_id,
    hidden=(
        hidden(encumbrance.c.encumbrance_id, INT, "限制标识"),
        hidden(encumbrance.c.unit_no, PER, "不动产单元号"),
    ),
)
class Encumbrance:
    """A mortgage, a seizure, an objection or a right of residence."""

    kind: Code | None = code(encumbrance.c.kind_code, RES, "限制类型")
    amount: decimal.Decimal | None = column(encumbrance.c.amount, SEN, "债权数额(元)", doc="In 元")
    effective_on: datetime.date | None = column(encumbrance.c.effective_on, RES, "起")
    ended_on: datetime.date | None = column(encumbrance.c.ended_on, RES, "止")


@record(
    right,
    "不动产权利",
    key=right.c.right_id,
    hidden=(hidden(right.c.right_id, INT, "权利标识"), hidden(right.c.unit_no, PER, "不动产单元号")),
)
class RealEstateRight:
    """A registered right to a unit, or a share of it."""

    unit: RealEstateUnit | None = link(PER, "不动产单元", key=right.c.unit_no, match=unit.c.unit_no)
    certificate_no: str | None = column(right.c.certificate_no, PER, "不动产权证号", mask="keep_last_4")
    right_type: Code | None = code(right.c.right_type, PER, "权利类型")
    right_nature: Code | None = code(right.c.right_nature, PER, "权利性质")
    shared_mode: Code | None = code(right.c.shared_mode, PER, "共有方式")
    share_ratio: decimal.Decimal | None = column(right.c.share_ratio, PER, "权利比例", doc="Of the unit, 0 to 1")
    holder: Subject | None = link(
        PER, "权利人", key=(right.c.holder_id_type, right.c.holder_id_no), to=HOLDER, doc="The holder today"
    )
    holder_name: str | None = column(
        right.c.holder_name,
        PER,
        "权利人名称",
        mask="name_surname",
        mask_where=right.c.holder_id_type.is_distinct_from(TRADE_LICENCE),
        doc="As registered",
    )
    holder_id_type: Code | None = code(right.c.holder_id_type, PER, "权利人证件种类")
    holder_id_no: str | None = column(right.c.holder_id_no, PER, "权利人证件号", mask="id_6_4")
    registered_on: datetime.date | None = column(right.c.registered_on, PER, "登记时间")
    acquisition_price: decimal.Decimal | None = column(right.c.acquisition_price, SEN, "取得价格(元)", doc="In 元")
    mortgaged: bool | None = column(burdened(MORTGAGE), RES, "是否抵押", doc="The unit is under a mortgage today")
    seized: bool | None = column(burdened(SEIZURE), RES, "是否查封", doc="The unit is seized today")


@record(unit, "不动产单元", key=unit.c.unit_no)
class RealEstateUnit(Node):
    """A unit of land and building under its number (GB/T 37346-2019)."""

    id: strawberry.ID = sealed_id(unit.c.unit_no)
    unit_no: str | None = column(unit.c.unit_no, PER, "不动产单元号", mask="unit_keep_12")
    location: Address | None = address_of(
        unit.c.location, unit.c.division_code, PER, "坐落", place_class=INT, place_label="区划"
    )
    division: Division | None = link(INT, "区划", key=unit.c.division_code, match=off.division.c.code)
    usage: Code | None = code(unit.c.planned_usage, INT, "规划用途")
    area: decimal.Decimal | None = column(unit.c.building_area, PER, "建筑面积(㎡)", doc="Building area, m²")
    shared_area: decimal.Decimal | None = column(unit.c.shared_area, PER, "分摊面积(㎡)", doc="Shared area, m²")
    land_usage: Code | None = code(unit.c.land_usage, INT, "土地用途")
    land_term_end: datetime.date | None = column(unit.c.land_term_end, INT, "土地使用期限止")
    floor_no: str | None = column(unit.c.floor_no, PER, "所在层")
    built_year: int | None = column(unit.c.built_year, INT, "竣工年份")
    rights: list[RealEstateRight] | None = link(
        PER,
        "不动产权利",
        key=unit.c.unit_no,
        match=right.c.unit_no,
        args=(first_arg(50),),
        doc="Who holds the unit (以房查人)",
    )
    encumbrances: list[Encumbrance] | None = link(
        RES,
        "不动产限制",
        key=unit.c.unit_no,
        match=encumbrance.c.unit_no,
        args=(current_only(encumbrance.c.ended_on), first_arg(50)),
    )
    meta: RecordMeta = meta_of(unit)


@filters("不动产单元筛选")
class RealEstateUnitFilter:
    """Which units."""

    division_prefix: str | None = where_field(prefix(unit.c.division_code), "区划前缀", check=checks.code)
    usages: list[str] | None = where_field(any_of(unit.c.planned_usage), "规划用途代码", check=checks.codes)


@value("不动产查询")
class PropertyQuery:
    """Real property."""

    real_estate_unit: RealEstateUnit | None = root(
        PER,
        "按不动产单元号查单元",
        by=("unitNo",),
        match=(unit.c.unit_no,),
        args=(key_arg("unitNo", str, "不动产单元号", check=checks.unit_number),),
    )
    real_estate_units: Connection[RealEstateUnit] | None = root(
        PER, "不动产单元列表", args=(filter_arg(RealEstateUnitFilter), first_arg(20), after_arg(Cursor | None))
    )
