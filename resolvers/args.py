"""The arguments of a field, one line each: conditions, keys, pages, orders, and filter inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import strawberry

from resolvers.fields import SourceField
from resolvers.prices import FIRST
from resolvers.sources import Argument, Order, Role, Where

MAX_FIRST = 200
"""No list gives more than this many items per parent in one page."""


def arg(
    name: str,
    annotation: Any,
    label: str,
    where: Where | None = None,
    *,
    default: Any = ...,
    check: Callable[[Any], Any] | None = None,
    absent: Any = None,
) -> Argument:
    """An argument that adds a condition; `absent` is the checked value that stands for null."""
    return Argument(
        name=name, annotation=annotation, label=label, where=where, default=default, check=check, absent=absent
    )


def key_arg(
    name: str, annotation: Any, label: str, *, default: Any = ..., check: Callable[[Any], Any] | None = None
) -> Argument:
    """An argument that is (part of) the key of a root field."""
    return Argument(name=name, annotation=annotation, label=label, role=Role.KEY, default=default, check=check)


def id_arg(name: str, label: str) -> Argument:
    """An argument that takes a global id."""
    return Argument(name=name, annotation=strawberry.ID, label=label, role=Role.KEY, sealed=True)


def first_arg(default: int, limit: int = MAX_FIRST) -> Argument:
    """``first``: how many items per parent, 1 to `limit`."""

    def check(value: Any) -> int:
        if value is None:
            return default
        if not 1 <= value <= limit:
            raise ValueError("first")
        return int(value)

    return Argument(
        name=FIRST, annotation=int | None, label="条数", role=Role.FIRST, default=default, check=check, most=limit
    )


def after_arg(annotation: Any) -> Argument:
    """``after``: the cursor of the last item of the page before."""
    return Argument(name="after", annotation=annotation, label="起始游标", role=Role.AFTER)


def order_arg(annotation: Any, orders: Mapping[str, Order]) -> Argument:
    """``orderBy``: an input object {field direction}; `orders` by the name of the field's enum member."""
    return Argument(name="orderBy", annotation=annotation, label="排序", role=Role.ORDER, orders=orders)


def where_field(where: Where, label: str, *, check: Callable[[Any], Any] | None = None, doc: str | None = None) -> Any:
    """A member of a filter input: one line per condition."""
    field = SourceField(default=strawberry.UNSET)
    field.label, field.doc_text = label, doc  # type: ignore[attr-defined]
    field.where, field.check = where, check  # type: ignore[attr-defined]
    return field


def filter_arg(filters: type) -> Argument:
    """``filter``: the input object `filters`, a class made with `@filters`."""
    members = tuple(
        Argument(name=name, annotation=None, label=field.label, where=field.where, check=field.check)
        for name, field in filters.__filter_members__.items()  # type: ignore[attr-defined]
    )
    return Argument(name="filter", annotation=filters | None, label="筛选条件", role=Role.GROUP, members=members)
