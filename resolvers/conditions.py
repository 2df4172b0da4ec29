"""The conditions that arguments add, as a small vocabulary over columns.

Every condition names the columns it reads: a filter is a read. Values are always bound parameters;
wildcards of LIKE are escaped, so a percent sign in a caller's text is a percent sign.
"""

from __future__ import annotations

import enum
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    literal,
    or_,
)

from resolvers.sources import Where

TODAY: ColumnElement[Any] = bindparam("today", type_=Date)
"""The day of the request, bound by the gateway: no statement depends on the database's clock."""

ONESELF: ColumnElement[Any] = bindparam("scope_own_people", type_=ARRAY(Uuid()))
"""The keys of the person that a citizen (公民) is, bound by the gateway: one key, or none for all other callers."""


def argument(name: str, type_: Any) -> ColumnElement[Any]:
    """The value of the argument `name` inside an order or a column expression."""
    return bindparam(f"argument_{name}", type_=type_)


def stored(value: Any) -> Any:
    """The database's form of an argument's value: an enum member stands for its code."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, list):
        return [stored(item) for item in value]
    return value


def equals(column: ColumnElement[Any]) -> Where:
    """The column has this value."""
    return Where(columns=(column,), bind=column.type, build=lambda value: column == value, encode=stored)


def any_of(column: ColumnElement[Any]) -> Where:
    """The column has one of these values; an empty list matches nothing."""
    return Where(columns=(column,), bind=ARRAY(column.type), build=lambda value: column == any_(value), encode=stored)


def at_least(column: ColumnElement[Any]) -> Where:
    """The column is not below this value (inclusive)."""
    return Where(columns=(column,), bind=column.type, build=lambda value: column >= value)


def at_most(column: ColumnElement[Any]) -> Where:
    """The column is not above this value (inclusive)."""
    return Where(columns=(column,), bind=column.type, build=lambda value: column <= value)


def after(column: ColumnElement[Any]) -> Where:
    """The column is above this value (exclusive)."""
    return Where(columns=(column,), bind=column.type, build=lambda value: column > value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def prefix(column: ColumnElement[Any]) -> Where:
    """The column's text begins with this text."""
    return Where(
        columns=(column,),
        bind=String(),
        build=lambda value: column.like(value, escape="\\"),
        encode=lambda text: _escaped(text) + "%",
    )


def contains(*columns: ColumnElement[Any]) -> Where:
    """One of the columns' texts contains this text, upper and lower case alike."""
    return Where(
        columns=columns,
        bind=String(),
        build=lambda value: or_(*(column.ilike(value, escape="\\") for column in columns)),
        encode=lambda text: f"%{_escaped(text)}%",
    )


def overlaps(column: ColumnElement[Any]) -> Where:
    """The column's array has one of these values."""
    return Where(
        columns=(column,),
        bind=column.type,
        build=column.op("&&", is_comparison=True),
        encode=stored,
    )


def in_force(start: ColumnElement[Any], end: ColumnElement[Any]) -> Where:
    """The period from `start` to `end` (both inclusive, null: open) covers this day."""
    return Where(
        columns=(start, end),
        bind=Date(),
        build=lambda day: and_(or_(start.is_(None), start <= day), or_(end.is_(None), end >= day)),
    )


def when_true(condition: ColumnElement[bool], *columns: ColumnElement[Any]) -> Where:
    """A fixed condition that holds when the argument is true; false and null add nothing."""
    return Where(columns=columns, build=lambda _: condition)


def period_covers(start: ColumnElement[Any], end: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[bool]:
    """The period from `start` to `end` (inclusive, null: open) covers `day`."""
    return and_(or_(start.is_(None), start <= day), or_(end.is_(None), end >= day))


def age_on(birth: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[int]:
    """Completed years from `birth` to `day` (民法典 art. 17: age counts from the birthday)."""
    return func.date_part(literal("year"), func.age(day, birth)).cast(Integer)
