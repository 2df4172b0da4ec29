"""Links in the field-by-field engine: one aiodataloader per link, arguments and request."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from sqlalchemy import ColumnElement

from auth.masks import MASK_KEY
from auth.policy import Action, Outcome
from datasources.loaders import KeyedLoader
from gateway.arguments import Values, check_arguments, given_arguments
from gateway.conditions import forbidden_conditions
from gateway.fieldwise_values import Context, Info, Item, Page, Resolve, in_form
from gateway.masking import masked_column
from gateway.plan import Given, Shape, Statement, Step
from gateway.rows import ROOT, Row
from gateway.trace import subject_of
from resolvers.catalog import Catalog
from resolvers.sources import Branch, Column, Computed, Embed, Hop, Link, Lookup, Record, Source


def _selected(context: Context, type_name: str) -> list[tuple[Any, Any]]:
    """Everything of a record that the caller may see, and the keys of the links they may follow: (place, expression)."""
    selected: dict[Any, Any] = {}
    for (owner, name), source in context.catalog.sources.items():
        if owner == type_name:
            _select(context, f"{owner}.{name}", source, selected)
    return list(selected.items())


def _select(context: Context, coordinate: str, source: Source, selected: dict[Any, Any]) -> None:
    if isinstance(source, Embed):
        for name, part in source.parts.items():
            _select(context, f"{coordinate}.{name}", part, selected)
    elif isinstance(source, Link | Lookup):
        link = source if isinstance(source, Link) else source.link
        if _allowed(link, coordinate, context):
            selected.update({(id(key), "key"): key for key in link.key})
    elif isinstance(source, Column | Computed):
        outcome = context.decide(coordinate, source.data_class, Action.READ).outcome
        inputs = (source,) if isinstance(source, Column) else source.inputs
        for column in inputs:
            if outcome is Outcome.CLEAR:
                selected[id(column.expression), Outcome.CLEAR] = column.expression
            elif outcome is Outcome.MASKED and isinstance(source, Column):
                hidden = masked_column(column)
                if hidden is not None:
                    selected[id(column.expression), Outcome.MASKED] = hidden


def _shape_of(catalog: Catalog, type_: GraphQLOutputType) -> Shape:
    if is_list_type(get_nullable_type(type_)):
        return Shape.LIST
    named = get_named_type(type_)
    if isinstance(named, GraphQLObjectType) and named.name not in catalog.records:
        return Shape.PAGE
    return Shape.ONE


def _allowed(link: Link, coordinate: str, context: Context) -> bool:
    return context.decide(coordinate, link.data_class, Action.READ).outcome is Outcome.CLEAR


def _declared(link: Link) -> tuple[Any, ...]:
    return (link.through.arguments if link.through else ()) + link.arguments


def link_resolver(link: Link, coordinate: str, field_: GraphQLField) -> Resolve:
    async def resolve(parent: Any, info: Info, **_arguments: Any) -> Any:
        context: Context = info.context
        node = info.field_nodes[0]
        if not _allowed(link, coordinate, context):
            return None
        shape = _shape_of(context.catalog, field_.type)
        values = _values(link, coordinate, field_, node, info)
        found = await _follow(link, coordinate, shape, values, parent, context)
        if shape is Shape.ONE:
            return next((item for group in found for item in group.items), None)
        if shape is Shape.LIST:
            items = [item for group in found for item in group.items]
            if link.merge is not None:
                branches = [index for index, group in enumerate(found) for _ in group.items]
                ranked = sorted(
                    zip((item.sort for item in items), branches, items, strict=True),
                    key=lambda entry: entry[:2],
                    reverse=True,
                )
                return [item for _, _, item in ranked][: values.first]
            return items
        return found[0] if found else _empty_page(link, values)

    return resolve


def lookup_resolver(source: Lookup, coordinate: str, field_: GraphQLField) -> Resolve:
    async def resolve(parent: Item, info: Info, **_arguments: Any) -> Any:
        context: Context = info.context
        link = source.link
        if not _allowed(link, coordinate, context):
            return None
        outcome = context.decide(coordinate, source.column.data_class, Action.READ).outcome
        shown = source.column.expression if outcome is Outcome.CLEAR else None
        if outcome is Outcome.MASKED:
            shown = masked_column(source.column)
        if shown is None:
            return None
        values = _values(link, coordinate, field_, info.field_nodes[0], info)
        found = await _follow(link, coordinate, Shape.ONE, values, parent, context, extra=shown)
        item = next((item for group in found for item in group.items), None)
        if item is None:
            return None
        return in_form(item.values["extra"], source.column, item.type_name, context)

    return resolve


def _values(link: Link, coordinate: str, field_: GraphQLField, node: FieldNode, info: Info) -> Values:
    context: Context = info.context
    given = given_arguments(_declared(link), node, field_.args)
    path = tuple(str(key) for key in info.path.as_list() if isinstance(key, str))
    forbidden = forbidden_conditions(context.catalog, context.decide, link)
    return check_arguments(path, coordinate, given, context.variables, context.seal, link.needs_one_of, forbidden)


async def _follow(
    link: Link,
    coordinate: str,
    shape: Shape,
    values: Values,
    parent: Any,
    context: Context,
    extra: ColumnElement[Any] | None = None,
) -> list[Page]:
    """The page of each branch that applies to the parent."""
    starts: list[tuple[Any, ...]]
    if link.by:
        starts = [tuple(values.key[name] for name in link.by)]
    elif link.key:
        starts = [tuple(parent.values[id(key), "key"] for key in link.key)]
    else:
        starts = [()]
    keyed = bool(link.by or link.key)
    if link.through is not None:
        key = _key(starts[0], None)
        if key is None:
            return []
        hop = _loader(
            (coordinate, "hop", values.signature, _frozen(values)), link, link.through, None, shape, values, context
        )
        rows = (await hop.load(key)).items
        starts = [
            tuple(item.values[id(column), "hop"] for column in link.through.columns)
            for item in (rows[:1] if link.through.one else rows)
        ]
    pages: list[Page] = []
    for start in starts:
        for index, branch in enumerate(link.branches):
            key = _key(start, branch) if keyed else ROOT
            if key is not None:
                loader = _loader(
                    (coordinate, index, values.signature, _frozen(values)),
                    link, context.catalog.records[branch.target], branch, shape, values, context, extra,
                )  # fmt: skip
                pages.append(await loader.load(key))
    return pages


def _frozen(values: Values) -> Hashable:
    return repr((sorted(values.parameters.items()), values.first, values.after))


def _key(values: tuple[Any, ...], branch: Branch | None) -> Any:
    if branch is not None and branch.key is not None:
        return branch.key(*values)
    if None in values:
        return None
    return values[0] if len(values) == 1 else values


def _loader(
    identity: Hashable,
    link: Link,
    target: Record | Hop,
    branch: Branch | None,
    shape: Shape,
    values: Values,
    context: Context,
    extra: ColumnElement[Any] | None = None,
) -> KeyedLoader:
    if identity not in context.loaders:
        if isinstance(target, Hop):
            places: list[tuple[Any, Any]] = [((id(column), "hop"), column) for column in target.columns]
        else:
            assert branch is not None
            places = _selected(context, branch.target)
            places.extend(((id(key), "subject"), key) for key in target.key)
            if extra is not None:
                places.append(("extra", extra))
        step = _step(link, target, branch, shape, places, context)

        async def batch(keys: Sequence[Any]) -> Mapping[Any, Page]:
            return await _load(step, branch, link, values, places, keys, context)

        context.loaders[identity] = KeyedLoader(batch, _empty_page(link, values))
    return context.loaders[identity]


def _step(
    link: Link,
    target: Record | Hop,
    branch: Branch | None,
    shape: Shape,
    places: list[tuple[Any, Any]],
    context: Context,
) -> Step:
    keyed = bool(link.by or link.key)
    match = target.match if isinstance(target, Hop) else branch.match if branch is not None else ()
    width = len(match) or len(link.key)
    hop = isinstance(target, Hop)
    return Step(
        index=0,
        database=context.catalog.database_of(target.table),
        target=target,
        branch=branch,
        columns=tuple(expression for _, expression in places),
        parent=None,
        key_positions=tuple(range(max(width, 1))) if keyed else (),
        by=(),
        arguments=tuple(
            _as_given(argument) for argument in (target.arguments if isinstance(target, Hop) else link.arguments)
        ),
        cut=() if isinstance(target, Hop) else context.rows_seen(target.table, False),
        slot=0,
        shape=Shape.LIST if hop else shape,
        rows_wanted=True,
        total_wanted=shape is Shape.PAGE and not hop,
        cursor_wanted=(shape is Shape.PAGE or link.merge is not None) and not hop,
    )


def _as_given(argument: Any) -> Any:
    return Given(argument=argument, evaluate=lambda _: None, written=True)


async def _load(
    step: Step,
    branch: Branch | None,
    link: Link,
    values: Values,
    places: list[tuple[Any, Any]],
    keys: Sequence[Any],
    context: Context,
) -> Mapping[Any, Page]:
    statement = context.write(step, values)
    parameters = [_parameter(name, statement, step, values, keys, context) for name in statement.parameters]
    records = await context.ask(step.database, context.databases[step.database].rows(statement.text, parameters))
    context.counts[step.database] += len(records)
    pages: dict[Any, Page] = {}
    sort_at, key_at = statement.columns, statement.columns + statement.sort_width
    for record in records:
        key = _record_key(record, key_at, statement.key_width)
        page = pages.setdefault(key, _empty_page(link, values, context))
        if statement.counted:
            page.total = record[key_at + statement.key_width]
            if record[key_at + statement.key_width + 1] is None:
                continue
        found = {place: record[index] for index, (place, _) in enumerate(places)}
        page.items.append(
            Item(
                type_name=branch.target if branch is not None else "", values=found, sort=tuple(record[sort_at:key_at])
            )
        )
        if branch is not None and isinstance(step.target, Record):
            key_values = [found[id(column), "subject"] for column in step.target.key]
            context.subjects.append(subject_of(branch.target, key_values))
    for page in pages.values():
        if step.shape is Shape.PAGE and values.first is not None and len(page.items) > values.first:
            page.more = True
            del page.items[values.first :]
        if link.cursor is not None and page.items:
            page.following = link.cursor(page.items[-1].sort[0])
    return pages


def _record_key(record: Row, at: int, width: int) -> Any:
    if width == 0:
        return ROOT
    return record[at] if width == 1 else tuple(record[at : at + width])


def _parameter(
    name: str, statement: Statement, step: Step, values: Values, keys: Sequence[Any], context: Context
) -> Any:
    if name in statement.constants:
        return statement.constants[name]
    if name.startswith("key"):
        return list(keys) if statement.key_width == 1 else [key[int(name[3:])] for key in keys]
    if name.startswith("argument_"):
        return values.parameters[name]
    if name == "today":
        return context.today
    if name == MASK_KEY:
        return context.mask_key
    if name.startswith("scope_"):
        return context.scope[name]
    if name == "limit":
        return (values.first or 0) + (step.shape is Shape.PAGE)
    assert values.after is not None
    return values.after[int(name.removeprefix("after"))]


def _empty_page(link: Link, values: Values, context: Context | None = None) -> Page:
    def cursor(item: Item) -> str:
        assert context is not None
        return context.seal.close("cursor", values.seal_scope, list(item.sort))

    following = link.cursor(values.parameters.get("argument_after", 0)) if link.cursor is not None else None
    return Page(items=[], more=False, total=0, cursor=cursor, following=following)
