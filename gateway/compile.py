"""Document → plan: what is wanted of which record, with no caller in it.

What is selected is collected by `gateway.collecting`. Every mention of a column passes through this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from gateway.collecting import Scope, collect, sub_sets
from gateway.given import given_arguments
from gateway.operation import Operation
from gateway.plan import (
    BranchPlan,
    EmbedNode,
    LeafNode,
    LinkNode,
    MadeNode,
    Node,
    PageNode,
    Plan,
    Projection,
    Shape,
    TypenameNode,
    view_path,
)
from resolvers.catalog import Catalog
from resolvers.sources import ByHand, Column, Computed, Embed, Link, Lookup, PageRole, Source


class NotCompilable(Exception):
    """The operation touches a field with a resolver of its own: the field-by-field engine runs it."""

    rest: Plan | None = None
    """The plan of the root fields that can be compiled."""
    others: tuple[tuple[str, str, ByHand], ...] = ()
    """The other root fields: the key in the answer, the coordinate that cannot be compiled, what is decided before it runs."""


def compile_operation(catalog: Catalog, operation: Operation, conditions: Mapping[str, bool]) -> Plan:
    """The plan of an operation for these values of its conditions.

    Raises NotCompilable when a field of it has no source; that has the plan of the root fields that all have one, by
    which the decisions on them are told and recorded all the same.
    """
    scope = Scope(catalog, operation, conditions)
    root = catalog.schema.get_root_type(operation.definition.operation)
    if root is None:
        raise NotCompilable(operation.definition.operation.value)
    nodes: list[Node] = []
    reason: NotCompilable | None = None
    others: list[tuple[str, str, ByHand]] = []
    for key, fields in collect(scope, root, [operation.definition.selection_set]).items():
        try:
            nodes.append(_member(scope, root, key, fields, root.name, None))
        except NotCompilable as found:
            reason = found
            owner, _, field = str(found).partition(".")
            decided = catalog.by_hand.get((owner, field))
            if decided is not None:
                others.append((key, str(found), decided))
                nodes.extend(_made(scope, key, fields, root.fields[field], decided, str(found)))
    plan = Plan(nodes=tuple(nodes), links=tuple(_links((), nodes)))
    if reason is not None:
        reason.rest, reason.others = plan, tuple(others)
        raise reason
    return plan


def _made(
    scope: Scope, key: str, fields: list[FieldNode], field: Any, decided: ByHand, coordinate: str
) -> Iterable[MadeNode]:
    """The records in what a resolver of its own makes, where it makes any."""
    type_ = get_named_type(field.type)
    if not isinstance(type_, GraphQLObjectType):
        return
    members = tuple(
        _member(scope, type_, name, found, type_.name, None)
        for name, found in collect(scope, type_, sub_sets(fields)).items()
        if (type_.name, found[0].name.value) in scope.catalog.sources
    )
    if members:
        yield MadeNode(key=key, coordinate=coordinate, decided=decided, nodes=members)


def _links(path: tuple[str, ...], nodes: Iterable[Node]) -> Iterable[tuple[tuple[str, ...], LinkNode]]:
    for node in nodes:
        here = (*path, node.key)
        if isinstance(node, EmbedNode | MadeNode):
            yield from _links(here, node.nodes)
        elif isinstance(node, LinkNode):
            yield here, node
            for branch in node.branches:
                for index, view in enumerate(branch.views):
                    yield from _links((*here, *view_path(node.page, index)), view)


# --- nodes ---------------------------------------------------------------------------------------


def _selection(
    scope: Scope,
    type_: GraphQLObjectType,
    sets: list[SelectionSetNode],
    coordinate: str,
    parts: Mapping[str, Source] | None,
) -> Iterable[Node]:
    for key, fields in collect(scope, type_, sets).items():
        yield _member(scope, type_, key, fields, coordinate, parts)


def _member(
    scope: Scope,
    type_: GraphQLObjectType,
    key: str,
    fields: list[FieldNode],
    coordinate: str,
    parts: Mapping[str, Source] | None,
) -> Node:
    name = fields[0].name.value
    if name == "__typename":
        return TypenameNode(key=key, name=type_.name)
    field = type_.fields.get(name)
    source = parts.get(name) if parts is not None else scope.catalog.sources.get((type_.name, name))
    if field is None or source is None:
        raise NotCompilable(f"{type_.name}.{name}")
    return _node(scope, key, fields, field, source, f"{coordinate}.{name}")


def _node(scope: Scope, key: str, fields: list[FieldNode], field: Any, source: Source, coordinate: str) -> Node:
    type_: GraphQLOutputType = field.type
    required = isinstance(type_, GraphQLNonNull)
    nullable = get_nullable_type(type_)
    items_required = is_list_type(nullable) and isinstance(nullable.of_type, GraphQLNonNull)
    if isinstance(source, Column | Computed):
        return LeafNode(
            key=key,
            coordinate=coordinate,
            source=source,
            required=required,
            items_required=items_required,
            projection=_projection(scope, type_, sub_sets(fields)),
        )
    if isinstance(source, Embed):
        inner = get_named_type(type_)
        assert isinstance(inner, GraphQLObjectType)
        return EmbedNode(
            key=key,
            required=required,
            nodes=tuple(_selection(scope, inner, sub_sets(fields), coordinate, source.parts)),
        )
    if isinstance(source, Link | Lookup):
        link = source.link if isinstance(source, Lookup) else source
        declared = (link.through.arguments if link.through else ()) + link.arguments
        base = LinkNode(
            key=key,
            coordinate=coordinate,
            link=link,
            shape=Shape.LIST if items_required or is_list_type(nullable) else Shape.ONE,
            required=required,
            items_required=items_required,
            arguments=given_arguments(declared, fields[0], field.args),
            branches=(),
        )
        if isinstance(source, Lookup):
            return _lookup(scope, base, source)
        return _linked(scope, base, type_, sub_sets(fields))
    raise NotCompilable(coordinate)


def _lookup(scope: Scope, base: LinkNode, source: Lookup) -> LinkNode:
    branch = source.link.branches[0]
    shown = LeafNode(
        key=base.key,
        coordinate=base.coordinate,
        source=source.column,
        required=False,
        items_required=False,
        projection=None,
    )
    plan = BranchPlan(
        branch=branch, record=scope.catalog.records[branch.target], type_name=branch.target, views=((shown,),)
    )
    return replace(base, shape=Shape.SCALAR, branches=(plan,), shown=shown)


def _linked(scope: Scope, base: LinkNode, type_: GraphQLOutputType, sets: list[SelectionSetNode]) -> LinkNode:
    named = get_named_type(type_)
    page: tuple[PageNode, ...] = ()
    views: list[list[SelectionSetNode]] = [sets]
    shape = base.shape
    if isinstance(named, GraphQLObjectType) and named.name not in scope.catalog.records:
        views = []
        page = tuple(_page(scope, named, sets, views))
        shape = Shape.PAGE
    branches = tuple(
        BranchPlan(
            branch=branch,
            record=scope.catalog.records[branch.target],
            type_name=branch.target,
            views=tuple(
                tuple(_selection(scope, scope.catalog.object_types[branch.target], view, branch.target, None))
                for view in views
            ),
        )
        for branch in base.link.branches
    )
    return replace(base, shape=shape, branches=branches, page=page)


def _page(
    scope: Scope, type_: GraphQLObjectType, sets: list[SelectionSetNode], views: list[list[SelectionSetNode]]
) -> Iterable[PageNode]:
    for key, fields in collect(scope, type_, sets).items():
        name = fields[0].name.value
        if name == "__typename":
            yield PageNode(key=key, role=None, name=type_.name)
            continue
        role = scope.catalog.sources.get((type_.name, name))
        if not isinstance(role, PageRole):
            raise NotCompilable(f"{type_.name}.{name}")
        if role in (PageRole.NODES, PageRole.EDGE_NODE):
            views.append(sub_sets(fields))
            yield PageNode(key=key, role=role, view=len(views) - 1)
        elif role in (PageRole.EDGES, PageRole.PAGE_INFO):
            inner = get_named_type(type_.fields[name].type)
            assert isinstance(inner, GraphQLObjectType)
            yield PageNode(key=key, role=role, members=tuple(_page(scope, inner, sub_sets(fields), views)))
        else:
            yield PageNode(key=key, role=role)


def _projection(scope: Scope, type_: GraphQLOutputType, sets: list[SelectionSetNode]) -> Projection | None:
    named = get_named_type(type_)
    if isinstance(named, GraphQLScalarType | GraphQLEnumType):
        return None
    assert isinstance(named, GraphQLObjectType)
    members: list[tuple[str, str | None, Projection | None, bool]] = []
    for key, fields in collect(scope, named, sets).items():
        name = fields[0].name.value
        if name == "__typename":
            members.append((key, None, None, False))
            continue
        inner = named.fields[name].type
        members.append((key, name, _projection(scope, inner, sub_sets(fields)), isinstance(inner, GraphQLNonNull)))
    return Projection(type_name=named.name, members=tuple(members))
