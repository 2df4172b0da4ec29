"""Links in the field-by-field engine: one aiodataloader per link, arguments and request."""

from __future__ import annotations

from collections.abc import Hashable
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

from auth.policy import Action, Outcome
from gateway.arguments import Values, check_arguments
from gateway.conditions import forbidden_conditions
from gateway.fieldwise_later import when_awaited
from gateway.fieldwise_loading import empty_page, loader_of
from gateway.fieldwise_places import may_follow
from gateway.fieldwise_values import Context, Info, Item, Page, Resolve, in_form, key_place
from gateway.given import given_arguments
from gateway.masking import masked_column
from gateway.plan import Shape
from gateway.rows import ROOT, made_key
from gateway.thirds import of_third, of_thirds
from resolvers.catalog import Catalog
from resolvers.sources import Branch, Link, Lookup


def _shape_of(catalog: Catalog, type_: GraphQLOutputType) -> Shape:
    if is_list_type(get_nullable_type(type_)):
        return Shape.LIST
    named = get_named_type(type_)
    if isinstance(named, GraphQLObjectType) and named.name not in catalog.records:
        return Shape.PAGE
    return Shape.ONE


def _declared(link: Link) -> tuple[Any, ...]:
    return (link.through.arguments if link.through else ()) + link.arguments


def link_resolver(link: Link, coordinate: str, field_: GraphQLField) -> Resolve:
    @when_awaited
    async def resolve(parent: Any, info: Info, **_arguments: Any) -> Any:
        context: Context = info.context
        node = info.field_nodes[0]
        if not may_follow(link, coordinate, context):
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
        return found[0] if found else empty_page(link, values)

    return resolve


def lookup_resolver(source: Lookup, coordinate: str, field_: GraphQLField) -> Resolve:
    @when_awaited
    async def resolve(parent: Item, info: Info, **_arguments: Any) -> Any:
        context: Context = info.context
        link = source.link
        if not may_follow(link, coordinate, context):
            return None
        outcome = context.decide(coordinate, source.column.data_class, Action.READ).outcome
        shown = source.column.expression if outcome is Outcome.CLEAR else None
        if outcome is Outcome.MASKED:
            shown = masked_column(source.column)
        if shown is None:
            return None
        of = of_thirds((source.column,), context.naming(link.branches[0].target))
        shown = context.own_only(link.branches[0].target, shown, source.column.data_class)
        extra = (shown, of_third(source.column, of) if of is not Outcome.CLEAR and outcome is Outcome.CLEAR else shown)
        values = _values(link, coordinate, field_, info.field_nodes[0], info)
        found = await _follow(link, coordinate, Shape.ONE, values, parent, context, extra=extra)
        item = next((item for group in found for item in group.items), None)
        if item is None:
            return None
        return in_form(item.values["extra"], source.column, item.type_name, context)

    return resolve


def _values(link: Link, coordinate: str, field_: GraphQLField, node: FieldNode, info: Info) -> Values:
    context: Context = info.context
    given = given_arguments(_declared(link), node, field_.args)
    path = tuple(str(key) for key in info.path.as_list() if isinstance(key, str))
    forbidden = forbidden_conditions(context.catalog, context.decide, link, context.guarded)
    return check_arguments(
        path,
        coordinate,
        given,
        context.variables,
        context.seal,
        link.needs_one_of,
        forbidden,
        context.pseudonyms,
    )


async def _follow(
    link: Link,
    coordinate: str,
    shape: Shape,
    values: Values,
    parent: Any,
    context: Context,
    extra: tuple[Any, Any] | None = None,
) -> list[Page]:
    """The page of each branch that applies to the parent."""
    starts: list[tuple[Any, ...]]
    if link.by:
        starts = [tuple(values.key[name] for name in link.by)]
    elif link.key:
        naming = context.naming(parent.type_name)
        severed = naming is not None and naming.cuts(link.data_class)
        starts = [tuple(parent.values[key_place(key, link, severed)] for key in link.key)]
    else:
        starts = [()]
    keyed = bool(link.by or link.key)
    if link.through is not None:
        key = _key(starts[0], None)
        if key is None:
            return []
        hop = loader_of(
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
                loader = loader_of(
                    (coordinate, index, values.signature, _frozen(values)),
                    link, context.catalog.records[branch.target], branch, shape, values, context, extra,
                )  # fmt: skip
                pages.append(await loader.load(key))
    return pages


def _frozen(values: Values) -> Hashable:
    return repr((sorted(values.parameters.items()), values.first, values.after))


def _key(values: tuple[Any, ...], branch: Branch | None) -> Any:
    if branch is not None and branch.key is not None:
        return made_key(branch.key, values)
    if None in values:
        return None
    return values[0] if len(values) == 1 else values
