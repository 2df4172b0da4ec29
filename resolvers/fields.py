"""The vocabulary of a domain file: one line per field.

    name: str | None = column(person.c.name, PER, "姓名", mask="name_surname")

Such a line makes a Strawberry field that carries its `Source`; the schema prints the class, the mask
and the Chinese term from it, and everything else reads the source through `resolvers.catalog`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy
import strawberry
from sqlalchemy import Boolean, ColumnElement, FromClause, Numeric, String, Text, cast
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from auth.classes import DataClass
from datasources.tables.codes import CODE_LISTS, COLUMN_LISTS
from resolvers.directives import Classified, Cost, ListSize, Masked
from resolvers.sources import (
    Argument,
    Branch,
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
    Record,
    Role,
    Sealed,
    Source,
    Where,
)

T = TypeVar("T", bound=type)

PUB, INT, PER, SEN, RES = (
    DataClass.PUBLIC,
    DataClass.INTERNAL,
    DataClass.PERSONAL,
    DataClass.SENSITIVE,
    DataClass.RESTRICTED,
)

MAX_FIRST = 200
"""No list gives more than this many items per parent in one page."""


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
        opaque=opaque,
    )


def column(
    expression: ColumnElement[Any],
    data_class: DataClass,
    label: str,
    *,
    mask: str | None = None,
    mask_where: ColumnElement[bool] | None = None,
    show: Callable[[Any], Any] | None = None,
    doc: str | None = None,
) -> Any:
    """A field that shows one SQL expression over the record's row."""
    form = Mapped(show=show) if show else Plain()
    source = source_of(expression, data_class, label, form=form, mask=mask, mask_where=mask_where)
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


def pseudonym(expression: ColumnElement[Any], label: str, show: Callable[[Any], Any], *, doc: str | None = None) -> Any:
    """A field that shows a pseudonym of a key, made by `show`: public, whatever the key's class."""
    return _field(source_of(expression, PUB, label, form=Mapped(show=show), opaque=True), label, doc)


def embed(label: str, parts: Mapping[str, Source], *, doc: str | None = None) -> Any:
    """A value object over the record's own row; `parts` by GraphQL name."""
    return _field(Embed(label=label, parts=parts), label, doc)


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
            target=target, match=_columns(match), key=transform, join=tuple(join), where=tuple(where), order=order,
            condition=condition,
        ),
    )  # fmt: skip
    return Link(
        label=label, data_class=data_class, key=_columns(key), branches=branches, through=through, arguments=tuple(args)
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
    cursor: Callable[[Any], str] | None = None,
    doc: str | None = None,
) -> Any:
    """A field of Query: one record by the arguments `by`, or a list."""
    branches = tuple(to) or (Branch(target="", match=tuple(match), join=tuple(join), where=tuple(where), order=order),)
    source = Link(
        label=label, data_class=data_class, by=tuple(by), branches=branches, arguments=tuple(args),
        merge="merge" if merge else None, needs_one_of=tuple(needs_one_of), cursor=cursor,
    )  # fmt: skip
    return _field(source, label, doc, _all_arguments(source))


def _columns(given: ColumnElement[Any] | Sequence[ColumnElement[Any]]) -> tuple[ColumnElement[Any], ...]:
    return (given,) if isinstance(given, ColumnElement) else tuple(given)


def _all_arguments(source: Link) -> tuple[Argument, ...]:
    return (source.through.arguments if source.through else ()) + source.arguments


# --- arguments -----------------------------------------------------------------------------------


def arg(
    name: str,
    annotation: Any,
    label: str,
    where: Where | None = None,
    *,
    default: Any = ...,
    check: Callable[[Any], Any] | None = None,
) -> Argument:
    """An argument that adds a condition."""
    return Argument(name=name, annotation=annotation, label=label, where=where, default=default, check=check)


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

    return Argument(name="first", annotation=int | None, label="条数", role=Role.FIRST, default=default, check=check)


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


# --- types ---------------------------------------------------------------------------------------


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
    """The directives that a source prints: class, mask and assumed size."""
    directives: list[object] = []
    if isinstance(source, Column | Link | Computed):
        directives.append(Classified(as_=source.data_class))
    if isinstance(source, Lookup):
        directives.append(Classified(as_=_stricter(source.link.data_class, source.column.data_class)))
    if isinstance(source, Column) and source.mask:
        directives.append(Masked(rule=source.mask))
    if isinstance(source, Link | Lookup):
        link_to = source if isinstance(source, Link) else source.link
        beside = link_to.through is None or link_to.through.one
        directives.append(Cost(weight=1 if beside else 2))
    if isinstance(source, Link):
        first = next((argument for argument in source.arguments if argument.role is Role.FIRST), None)
        if first is not None:
            directives.append(ListSize(assumed_size=first.default, slicing_arguments=["first"]))
    return directives


def record(
    table: FromClause,
    label: str,
    *,
    key: ColumnElement[Any] | Sequence[ColumnElement[Any]],
    order: Order | None = None,
    where: Sequence[ColumnElement[bool]] = (),
    hidden: Sequence[Column] = (),
    name: str | None = None,
) -> Callable[[T], T]:
    """Makes the class a GraphQL type whose rows come from `table`."""
    keys = _columns(key)

    def declare(cls: T) -> T:
        _describe(cls)
        described = bilingual(label, cls.__name__, (cls.__doc__ or "").strip().split("\n")[0] or None)
        made = strawberry.type(cls, description=described, name=name)
        made.__record__ = Record(  # type: ignore[attr-defined]
            table=table, key=keys, label=label, order=order or Order(columns=keys), where=tuple(where),
            hidden=tuple(hidden),
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


def hidden(expression: ColumnElement[Any], data_class: DataClass, label: str) -> Column:
    """A column that no field shows, with its class: conditions, orders and joins may read it."""
    return Column(expression=expression, data_class=data_class, label=label)


TEXT, FLAG = String(), Boolean()
