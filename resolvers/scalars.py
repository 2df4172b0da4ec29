"""The scalars beside the five of GraphQL: dates after ISO 8601, decimals as strings, cursors, JSON."""

from __future__ import annotations

import datetime
import decimal
import math
import re
from collections.abc import Mapping
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

Cursor = NewType("Cursor", str)
JSON = NewType("JSON", object)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,6})?", re.ASCII)
MAX_CURSOR = 1024
"""Characters of a cursor."""


def _parse_date(value: Any) -> datetime.date:
    if not isinstance(value, str) or _DATE.fullmatch(value) is None:
        raise ValueError("not a date: YYYY-MM-DD")
    return datetime.date.fromisoformat(value)


def _parse_moment(value: Any) -> datetime.datetime:
    if not isinstance(value, str) or not value.isascii():
        raise ValueError("not a moment: YYYY-MM-DDThh:mm:ss with an offset")
    moment = datetime.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset from UTC")
    return moment


def _parse_decimal(value: Any) -> decimal.Decimal:
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError("not a decimal")
    text = value if isinstance(value, str) else repr(value) if isinstance(value, int | float) else ""
    if _DECIMAL.fullmatch(text) is None:
        raise ValueError("not a decimal: at most 16 digits before and 6 after the point")
    return decimal.Decimal(text)


def _parse_cursor(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_CURSOR or not value.isascii():
        raise ValueError("not a cursor")
    return value


def _show_date(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime.date: strawberry.scalar(
        name="Date",
        description="A day, ISO 8601: 2026-11-05.（日期）",
        serialize=_show_date,
        parse_value=_parse_date,
    ),
    datetime.datetime: strawberry.scalar(
        name="DateTime",
        description="A moment, ISO 8601 with its offset: 2026-11-05T08:30:00+00:00.（日期时间）",
        serialize=_show_date,
        parse_value=_parse_moment,
    ),
    decimal.Decimal: strawberry.scalar(
        name="Decimal",
        description="A decimal number as a string; money in 元 unless the field says 万元.（十进制数）",
        serialize=str,
        parse_value=_parse_decimal,
    ),
    Cursor: strawberry.scalar(
        name="Cursor",
        description="Where a page ends; opaque, and good for the caller it was given to.（游标）",
        serialize=str,
        parse_value=_parse_cursor,
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="A JSON value whose form depends on the kind of record.（结构化数据）",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}
