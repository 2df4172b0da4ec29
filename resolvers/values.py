"""Value objects that every domain uses: codes, addresses, points, where a record came from."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, Float, Table, Text, func, literal_column

from auth.classes import DataClass
from datasources.tables.personnel import division
from resolvers.fields import PUB, embed, link_source, part, source_of
from resolvers.sources import Lookup, Source
from resolvers.types import value


@value("代码")
class Code:
    """A coded value: its code list, the code and its Chinese label."""

    list: str = part("代码表")
    code: str = part("代码")
    label: str = part("名称")


@value("地址")
class Address:
    """A place: the division after GB/T 2260 and 10114, and the address as recorded."""

    division_code: str | None = part("行政区划代码")
    division_name: str | None = part("行政区划名称")
    street_detail: str | None = part("街路门牌", doc="The address without province, city and district")
    full_text: str | None = part("详细地址")


@value("坐标")
class GeoPoint:
    """A point, CGCS2000 degrees (GB/T 30319)."""

    longitude: float | None = part("经度")
    latitude: float | None = part("纬度")


@value("记录元数据")
class RecordMeta:
    """Where the record came from and how fresh it is; served for every federated record."""

    source_system: str = part("来源系统")
    source_org: str | None = part("来源单位", doc="USCC of the bureau that owns the record")
    source_updated_at: datetime.datetime | None = part("来源更新时间")
    fetched_at: datetime.datetime = part("汇聚时间", doc="When the data centre took the record over")
    stale: bool = part("是否过期", doc="The owner's last delivery is overdue")
    sealed: bool | None = part("是否封存")
    is_synthetic: bool = part("是否演示数据")


def meta_of(table: Table, sealed: DataClass = DataClass.INTERNAL) -> Any:
    """``meta``: the record columns of a table."""
    return embed(
        "记录元数据",
        {
            "sourceSystem": source_of(table.c.source_system, PUB, "来源系统"),
            "sourceOrg": source_of(table.c.source_org_uscc, PUB, "来源单位"),
            "sourceUpdatedAt": source_of(table.c.source_updated_at, PUB, "来源更新时间"),
            "fetchedAt": source_of(table.c.fetched_at, PUB, "汇聚时间"),
            "stale": source_of(table.c.stale, PUB, "是否过期"),
            "sealed": source_of(table.c.sealed, sealed, "是否封存"),
            "isSynthetic": source_of(table.c.is_synthetic, PUB, "是否演示数据"),
        },
    )


def division_name(code: ColumnElement[Any], data_class: DataClass) -> Lookup:
    """The name of the division with this code, from the personnel database's division table."""
    to = link_source(data_class, "行政区划", key=code, match=division.c.code, target="Division")
    return Lookup(link=to, column=source_of(division.c.name, PUB, "行政区划名称"), label="行政区划名称")


def address_of(
    text: ColumnElement[Any],
    code: ColumnElement[Any],
    data_class: DataClass,
    label: str,
    *,
    place_class: DataClass | None = None,
    place_label: str = "行政区划代码",
    mask: str | None = "addr_to_town",
    place_mask: str | None = None,
) -> Any:
    """An address field from its text and its division code; `place_class` is the class of the division."""
    place = place_class or data_class
    street = func.regexp_replace(
        text, literal_column("'^.*?[区县](.*?(街道|镇))?'"), literal_column("''"), type_=Text()
    )
    parts: Mapping[str, Source] = {
        "divisionCode": source_of(code, place, place_label, mask=place_mask),
        "divisionName": division_name(code, place),
        "streetDetail": source_of(street, data_class, "街路门牌", mask=mask),
        "fullText": source_of(text, data_class, label, mask=mask),
    }
    return embed(label, parts)


def point_of(point: ColumnElement[Any], data_class: DataClass, label: str) -> Any:
    """A point field from a PostgreSQL ``point`` (longitude, latitude)."""
    return embed(
        label,
        {
            "longitude": source_of(point.op("[")(literal_column("0]")).cast(Float), data_class, "经度"),
            "latitude": source_of(point.op("[")(literal_column("1]")).cast(Float), data_class, "纬度"),
        },
    )


def letters(text: str) -> list[str]:
    """The letters of a multi-letter code (GA 24.17: a vehicle may have several statuses)."""
    return list(text)


@value("全局对象", interface=True)
class Node:
    """An object with a global id (Relay)."""

    id: strawberry.ID = part("全局标识")
