"""The second engine: field by field on graphql-core, links through aiodataloader.

It runs whatever has a resolver of its own, it is what an operator falls back to, and it is the oracle
for the compiled engine: from the same declarations, by another way, it must give the same answer. It
shares the sources, the decision and the statement writer with the compiled engine, and nothing of
its planning, execution, traversal or null handling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    execute,
    get_named_type,
)

from auth.policy import Action, Outcome
from gateway.errors import ErrorCode, GatewayError
from gateway.fieldwise_later import when_awaited
from gateway.fieldwise_links import link_resolver, lookup_resolver
from gateway.fieldwise_values import Context, Info, Item, Parts, Resolve, in_form
from gateway.operation import Operation
from resolvers.catalog import Catalog
from resolvers.errors import BadInput
from resolvers.sources import ByHand, Column, Computed, Embed, Link, Lookup, PageRole, Source


async def run_fieldwise(
    operation: Operation, context: Context, given: Mapping[str, Any]
) -> tuple[Any, list[GatewayError]]:
    """Executes an operation with the variables as the client gave them; gives ``data`` and the errors."""
    result = execute(
        context.catalog.schema,
        operation.document,
        context_value=context,
        variable_values=dict(given),
        operation_name=operation.name,
    )
    if not isinstance(result, ExecutionResult):
        result = await result
    return result.data, [_ours(error) for error in result.errors or ()]


def _ours(error: GraphQLError) -> GatewayError:
    original = error.original_error
    path = list(error.path) if error.path is not None else None
    if isinstance(original, GatewayError):
        return GatewayError(original.code, path=path, **original.extra)
    if isinstance(original, BadInput):
        return GatewayError(ErrorCode.BAD_USER_INPUT, path=path, argument=original.argument)
    if original is None or isinstance(original, TypeError | ValueError | GraphQLError):
        return GatewayError(ErrorCode.DATA_ERROR, path=path)
    raise original


def attach(catalog: Catalog) -> None:
    """Gives every field with a source its resolver; one with a resolver of its own keeps it, behind the decision."""
    for name, type_ in catalog.object_types.items():
        for field_name, graphql_field in type_.fields.items():
            source = catalog.sources.get((name, field_name))
            if source is not None:
                graphql_field.resolve = _resolver(name, field_name, graphql_field, source)
    for (name, field_name), decided in catalog.by_hand.items():
        field = catalog.object_types[name].fields[field_name]
        field.resolve = _decided(f"{name}.{field_name}", decided, catalog.resolvers[name, field_name])
    for named in catalog.schema.type_map.values():
        if isinstance(named, GraphQLInterfaceType):
            named.resolve_type = _type_of
        elif isinstance(named, GraphQLObjectType):
            named.is_type_of = None


def _decided(coordinate: str, decided: ByHand, resolve: Resolve) -> Resolve:
    @when_awaited
    async def once_granted(parent: Any, info: Info, **arguments: Any) -> Any:
        info.context.require(coordinate, decided.data_class, decided.action)
        found = resolve(parent, info, **arguments)
        return await found if isawaitable(found) else found

    return once_granted


def _type_of(value: Any, _info: Info, _type: Any) -> str:
    return str(value.type_name)


def _resolver(type_name: str, name: str, field_: GraphQLField, source: Source) -> Resolve:
    if isinstance(source, PageRole):
        return _page_member(source)
    if isinstance(source, Link | Lookup | Embed | Column | Computed):
        return _source_resolver(source, f"{type_name}.{name}", field_)

    def member(parent: Any, info: Info, **arguments: Any) -> Any:
        if isinstance(parent, Parts):
            part = parent.sources[name]
            return _source_resolver(part, f"{parent.coordinate}.{name}", field_)(parent.item, info, **arguments)
        return parent[name]

    return member


def _source_resolver(source: Source, coordinate: str, field_: GraphQLField) -> Resolve:
    if isinstance(source, Embed):
        return lambda item, info: Parts(item, source.parts, coordinate)
    if isinstance(source, Column):
        members = _members(field_)
        return lambda item, info: _shown(item, source, coordinate, info.context, members)
    if isinstance(source, Computed):
        return lambda item, info: _computed(item, source, coordinate, info.context)
    if isinstance(source, Lookup):
        return lookup_resolver(source, coordinate, field_)
    assert isinstance(source, Link)
    return link_resolver(source, coordinate, field_)


def _members(field_: GraphQLField) -> Mapping[str, Any]:
    """The internal values of an enum's members, by name."""
    named = get_named_type(field_.type)
    return {name: member.value for name, member in named.values.items()} if isinstance(named, GraphQLEnumType) else {}


def _shown(item: Item, source: Column, coordinate: str, context: Context, members: Mapping[str, Any]) -> Any:
    decision = context.decide(coordinate, source.data_class, Action.READ)
    if decision.outcome is Outcome.WITHHELD:
        return None
    place = (id(source.expression), decision.outcome, coordinate)
    if place not in item.values:  # its rule cannot mask it
        return None
    return in_form(item.values[place], source, item.type_name, context, members)


def _computed(item: Item, source: Computed, coordinate: str, context: Context) -> Any:
    decision = context.decide(coordinate, source.data_class, Action.READ)
    if decision.outcome is not Outcome.CLEAR:
        return None
    values = [item.values[id(column.expression), Outcome.CLEAR, coordinate] for column in source.inputs]
    return source.function(*values, today=context.today)


def _page_member(role: PageRole) -> Resolve:
    return lambda page, info: _PAGE_MEMBERS[role](page, info.context)


_PAGE_MEMBERS: Mapping[PageRole, Callable[[Any, Context], Any]] = {
    PageRole.NODES: lambda page, context: page.items,
    PageRole.EDGES: lambda page, context: [(page, item) for item in page.items],
    PageRole.TOTAL: lambda page, context: page.total,
    PageRole.CAPPED: lambda page, context: page.capped,
    PageRole.PAGE_INFO: lambda page, context: page,
    PageRole.HAS_NEXT: lambda page, context: page.more,
    PageRole.CAUGHT_UP: lambda page, context: not page.more,
    PageRole.END_CURSOR: lambda page, context: page.cursor(page.items[-1]) if page.items else None,
    PageRole.NEXT_CURSOR: lambda page, context: page.following,
    PageRole.EDGE_NODE: lambda edge, context: edge[1],
    PageRole.EDGE_CURSOR: lambda edge, context: edge[0].cursor(edge[1]),
    PageRole.MOMENT: lambda page, context: context.now,
}
