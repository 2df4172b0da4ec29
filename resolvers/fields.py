"""The vocabulary of a domain file: one line per field.

    name: str | None = column(person.c.name, PER, "姓名", mask="name_surname")

Such a line makes a Strawberry field that carries its `Source`; the schema prints the class, the mask
and the Chinese term from it, and everything else reads the source through `resolvers.catalog`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy
import strawberry
from sqlalchemy import ColumnElement, FromClause, Numeric, Text, cast
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from auth.classes import Action, DataClass
from datasources.tables.codes import CODE_LISTS, COLUMN_LISTS
from resolvers.directives import Classified
from resolvers.prices import directives_of_price, price_by_hand
from resolvers.sources import (
    Argument,
    Branch,
    ByHand,
    Coded,
    Column,
    Computed,
    Embed,
    Form,
    Hop,
    Link,
    Lookup,
    Mapped,
    Named,
    Order,
    PageRole,
    Part,
    Plain,
    Price,
    Referred,
    Sealed,
    Source,
)

PUB, INT, PER, SEN, RES = (
    DataClass.PUBLIC,
    DataClass.INTERNAL,
    DataClass.PERSONAL,
    DataClass.SENSITIVE,
    DataClass.RESTRICTED,
)


BY_HAND = "by hand"
"""Under this name a Strawberry field carries its `ByHand`."""


class SourceField(StrawberryField):
    """A Strawberry field that knows where its value comes from."""

    source: Source | None = None

    def __copy__(self) -> SourceField:
        copy = super().__copy__()
        copy.source = self.source
        return copy


def _field(source: Source, label: str, doc: str | None, arguments: Sequence[Argument] = ()) -> Any:
    field = SourceField()
    field.source = source
    field.label, field.doc_text = label, doc  # type: ignore[attr-defined]
    if arguments:
        field.arguments = [_argument(argument) for argument in arguments]
    return field


def _argument(argument: Argument) -> StrawberryArgument:
    default = {} if argument.default is ... else {"default": argument.default}
    return StrawberryArgument(
        python_name=_snake(argument.name),
        graphql_name=argument.name,
        type_annotation=StrawberryAnnotation(argument.annotation),
        description=bilingual(argument.label, argument.name),
        **default,
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def bilingual(label: str, name: str, doc: str | None = None) -> str:
    """``English.（中文）``: the English text, or the name in words, and the official Chinese term."""
    words = doc or _snake(name).replace("_", " ").capitalize()
    return f"{words.rstrip('.')}.（{label}）"


# --- columns -------------------------------------------------------------------------------------


def _shown(expression: ColumnElement[Any]) -> ColumnElement[Any]:
    """Money and other decimals leave the database as decimal strings: no float is ever made of them."""
    return cast(expression, Text) if isinstance(expression.type, Numeric) else expression


def source_of(
    expression: ColumnElement[Any],
    data_class: DataClass,
    label: str,
    *,
    form: Form | None = None,
    mask: str | None = None,
    mask_where: ColumnElement[bool] | None = None,
    shown_where: ColumnElement[bool] | None = None,
    opaque: bool = False,
) -> Column:
    """A column as a bare source: for the parts of a value object, inputs and hidden columns."""
    return Column(
        expression=_shown(expression),
        data_class=data_class,
        label=label,
        form=form or Plain(),
        mask=mask,
        mask_where=mask_where,
        shown_where=shown_where,
        opaque=opaque,
    )


def column(
    expression: ColumnElement[Any],
    data_class: DataClass,
    label: str,
    *,
    mask: str | None = None,
    mask_where: ColumnElement[bool] | None = None,
    shown_where: ColumnElement[bool] | None = None,
    show: Callable[[Any], Any] | None = None,
    doc: str | None = None,
) -> Any:
    """A field that shows one SQL expression over the record's row."""
    form = Mapped(show=show) if show else Plain()
    source = source_of(
        expression, data_class, label, form=form, mask=mask, mask_where=mask_where, shown_where=shown_where
    )
    return _field(source, label, doc)


def code(
    expression: ColumnElement[Any],
    data_class: DataClass,
    label: str,
    *,
    codes: str = "",
    many: bool = False,
    doc: str | None = None,
) -> Any:
    """A field that shows a code as ``{list code label}``.

    The code list is the column's own (`COLUMN_LISTS`) unless `codes` names another. `many`: the
    column is an array of codes, or one text of one-letter codes (GA 24.17).
    """
    if not codes:
        assert isinstance(expression, sqlalchemy.Column)
        codes = COLUMN_LISTS[f"{expression.table.schema}.{expression.table.name}.{expression.name}"]
    return _field(source_of(expression, data_class, label, form=coded(codes, many=many)), label, doc)


def coded(codes: str, *, many: bool = False) -> Coded:
    """The form of a code of the list `codes`."""
    return Coded(list_name=codes, labels=CODE_LISTS[codes].labels, many=many)


def named(
    expression: ColumnElement[Any], data_class: DataClass, label: str, names: Any, *, doc: str | None = None
) -> Any:
    """A field that shows a code as a member of an enum: `names` is the enum, whose values are the codes, or code → name."""
    form = Named(names=names if isinstance(names, Mapping) else {member.value: member.name for member in names})
    return _field(source_of(expression, data_class, label, form=form), label, doc)


def sealed_id(expression: ColumnElement[Any]) -> Any:
    """The Relay global id: the sealed key of the record, good for the client it was given to."""
    source = source_of(cast(expression, Text), PUB, "全局标识", form=Sealed(), opaque=True)
    return _field(source, "全局标识", "Opaque global id; another client cannot use it")


def computed(function: Callable[..., Any], label: str, inputs: Sequence[Column], *, doc: str | None = None) -> Any:
    """A field derived from columns by a pure function; its class is the join of theirs."""
    return _field(Computed(label=label, inputs=tuple(inputs), function=function), label, doc)


def pseudonym(expression: ColumnElement[Any], label: str, show: Callable[[Any], str], *, doc: str | None = None) -> Any:
    """A field that shows a pseudonym of a key: public, whatever the key's class. Staff see what `show` makes of it, which
    their case systems store; everybody else a token of that, which is of one client and purpose.
    """
    return _field(source_of(expression, PUB, label, form=Referred(show=show), opaque=True), label, doc)


def embed(label: str, parts: Mapping[str, Source], *, doc: str | None = None) -> Any:
    """A value object over the record's own row; `parts` by GraphQL name."""
    return _field(Embed(label=label, parts=parts), label, doc)


def by_hand(
    resolver: Callable[..., Any],
    data_class: DataClass,
    label: str,
    *,
    action: Action,
    database: str,
    columns: Sequence[str],
    beside: Sequence[str] = (),
    reads: int | None = None,
    doc: str,
) -> Any:
    """A root field, or a mutation, with a resolver of its own, which runs once `action` on `columns` is granted in clear.

    `reads` is how many rows it costs whatever it gives, where it reads more than that.
    """
    decided = ByHand(
        data_class=data_class,
        action=action,
        database=database,
        columns=frozenset(columns),
        beside=frozenset(beside),
        price=price_by_hand(resolver, len({database, *beside})) if reads is None else Price(weight=reads),
    )
    return strawberry.field(
        resolver=resolver,
        description=bilingual(label, "", doc),
        directives=[Classified(as_=data_class), *directives_of_price(decided.price)],
        metadata={BY_HAND: decided},
    )


def part(label: str, *, doc: str | None = None) -> Any:
    """A member of a value object."""
    return _field(Part(label=label), label, doc)


def page(role: PageRole, label: str, *, doc: str | None = None) -> Any:
    """A member of a connection."""
    return _field(role, label, doc)


# --- links ---------------------------------------------------------------------------------------


def link(
    data_class: DataClass,
    label: str,
    *,
    key: ColumnElement[Any] | Sequence[ColumnElement[Any]],
    match: ColumnElement[Any] | Sequence[ColumnElement[Any]] = (),
    to: Sequence[Branch] = (),
    join: Sequence[tuple[FromClause, ColumnElement[bool]]] = (),
    where: Sequence[ColumnElement[bool]] = (),
    order: Order | None = None,
    through: Hop | None = None,
    args: Sequence[Argument] = (),
    transform: Callable[..., Any] | None = None,
    condition: Callable[..., ColumnElement[bool]] | None = None,
    doc: str | None = None,
) -> Any:
    """A field that leads to other records: those whose `match` columns equal this row's `key` columns."""
    source = link_source(
        data_class, label, key=key, match=match, to=to, join=join, where=where, order=order, through=through,
        args=args, transform=transform, condition=condition,
    )  # fmt: skip
    return _field(source, label, doc, _all_arguments(source))


def link_source(
    data_class: DataClass,
    label: str,
    *,
    key: ColumnElement[Any] | Sequence[ColumnElement[Any]],
    match: ColumnElement[Any] | Sequence[ColumnElement[Any]] = (),
    to: Sequence[Branch] = (),
    join: Sequence[tuple[FromClause, ColumnElement[bool]]] = (),
    where: Sequence[ColumnElement[bool]] = (),
    order: Order | None = None,
    through: Hop | None = None,
    args: Sequence[Argument] = (),
    transform: Callable[..., Any] | None = None,
    condition: Callable[..., ColumnElement[bool]] | None = None,
    target: str = "",
) -> Link:
    """A link as a bare source, with the name of its target when no field's type says it."""
    branches = tuple(to) or (
        Branch(
            target=target, match=as_columns(match), key=transform, join=tuple(join), where=tuple(where), order=order,
            condition=condition,
        ),
    )  # fmt: skip
    return Link(
        label=label,
        data_class=data_class,
        key=as_columns(key),
        branches=branches,
        through=through,
        arguments=tuple(args),
    )


def lookup(link_to: Link, shown: Column, label: str, *, doc: str | None = None) -> Any:
    """A scalar field that shows one column of a linked record."""
    return _field(Lookup(link=link_to, column=shown, label=label), label, doc, _all_arguments(link_to))


def root(
    data_class: DataClass,
    label: str,
    *,
    by: Sequence[str] = (),
    match: Sequence[ColumnElement[Any]] = (),
    to: Sequence[Branch] = (),
    join: Sequence[tuple[FromClause, ColumnElement[bool]]] = (),
    where: Sequence[ColumnElement[bool]] = (),
    order: Order | None = None,
    args: Sequence[Argument] = (),
    merge: bool = False,
    needs_one_of: Sequence[str] = (),
    cursor: Callable[[Any, Sequence[Any] | None], str] | None = None,
    delivered: bool = False,
    doc: str | None = None,
) -> Any:
    """A field of Query: one record by the arguments `by`, or a list."""
    branches = tuple(to) or (Branch(target="", match=tuple(match), join=tuple(join), where=tuple(where), order=order),)
    source = Link(
        label=label, data_class=data_class, by=tuple(by), branches=branches, arguments=tuple(args),
        merge="merge" if merge else None, needs_one_of=tuple(needs_one_of), cursor=cursor, delivered=delivered,
    )  # fmt: skip
    return _field(source, label, doc, _all_arguments(source))


def as_columns(given: ColumnElement[Any] | Sequence[ColumnElement[Any]]) -> tuple[ColumnElement[Any], ...]:
    """One column or several, as a tuple."""
    return (given,) if isinstance(given, ColumnElement) else tuple(given)


def _all_arguments(source: Link) -> tuple[Argument, ...]:
    return (source.through.arguments if source.through else ()) + source.arguments


def hidden(expression: ColumnElement[Any], data_class: DataClass, label: str) -> Column:
    """A column that no field shows, with its class: conditions, orders and joins may read it."""
    return Column(expression=expression, data_class=data_class, label=label)
