"""What makes a class a GraphQL type: a record with rows, a value object, a filter input; described and directed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import sqlalchemy
import strawberry
from sqlalchemy import ColumnElement, FromClause

from auth.classes import DataClass
from resolvers.directives import Classified, Masked
from resolvers.fields import SourceField, as_columns, bilingual
from resolvers.prices import directives_of_price, price_of
from resolvers.sources import Column, Computed, Link, Lookup, Order, Record, Source

T = TypeVar("T", bound=type)


def _describe(cls: type) -> dict[str, SourceField]:
    """Gives each field of the class its bilingual description and its directives; returns them by name."""
    fields = {name: value for name, value in vars(cls).items() if isinstance(value, SourceField)}
    for name, field in fields.items():
        field.description = bilingual(field.label, name, field.doc_text)  # type: ignore[attr-defined]
        field.directives = directives_of(field.source)
    return fields


def _stricter(*classes: DataClass) -> DataClass:
    return max(classes, key=list(DataClass).index)


def directives_of(source: Source | None) -> list[object]:
    """The directives that a source prints: class, mask and price."""
    directives: list[object] = []
    if isinstance(source, Column | Link | Computed):
        directives.append(Classified(as_=source.data_class))
    if isinstance(source, Lookup):
        directives.append(Classified(as_=_stricter(source.link.data_class, source.column.data_class)))
    if isinstance(source, Column) and source.mask:
        directives.append(Masked(rule=source.mask))
    if isinstance(source, Link | Lookup):
        directives += directives_of_price(price_of(source if isinstance(source, Link) else source.link))
    return directives


def record(
    table: FromClause,
    label: str,
    *,
    key: ColumnElement[Any] | Sequence[ColumnElement[Any]],
    order: Order | None = None,
    where: Sequence[ColumnElement[bool]] = (),
    hidden: Sequence[Column] = (),
    named_by: Sequence[sqlalchemy.Column[Any]] = (),
    name: str | None = None,
) -> Callable[[T], T]:
    """Makes the class a GraphQL type whose rows come from `table`."""
    keys = as_columns(key)

    def declare(cls: T) -> T:
        _describe(cls)
        described = bilingual(label, cls.__name__, (cls.__doc__ or "").strip().split("\n")[0] or None)
        made = strawberry.type(cls, description=described, name=name)
        made.__record__ = Record(  # type: ignore[attr-defined]
            table=table, key=keys, label=label, order=order or Order(columns=keys), where=tuple(where),
            hidden=tuple(hidden), named_by=tuple(named_by),
        )  # fmt: skip
        return made

    return declare


def value(label: str, *, interface: bool = False, name: str | None = None) -> Callable[[T], T]:
    """Makes the class a value object, a connection, an interface or a root: no rows of its own."""

    def declare(cls: T) -> T:
        _describe(cls)
        described = bilingual(label, cls.__name__, (cls.__doc__ or "").strip().split("\n")[0] or None)
        make = strawberry.interface if interface else strawberry.type
        return make(cls, description=described, name=name)

    return declare


def filters(label: str) -> Callable[[T], T]:
    """Makes the class a filter input: members are `where_field` lines."""

    def declare(cls: T) -> T:
        members = _describe(cls)
        described = bilingual(label, cls.__name__, (cls.__doc__ or "").strip().split("\n")[0] or None)
        made = strawberry.input(cls, description=described)
        made.__filter_members__ = {_camel(name): field for name, field in members.items()}  # type: ignore[attr-defined]
        return made

    return declare


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)
