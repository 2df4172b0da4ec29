"""What a selection asks of one kind of record: its fields, by the key in the answer.

Fields are collected as the GraphQL specification says (6.3.2): fragments are opened for the concrete type, fields with one
response key are merged, ``@skip`` and ``@include`` are decided by the values of the variables that they read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
)

from gateway.operation import Operation
from resolvers.catalog import Catalog

Groups = dict[str, list[FieldNode]]


@dataclass(frozen=True)
class Scope:
    """An operation for these values of its conditions."""

    catalog: Catalog
    operation: Operation
    conditions: Mapping[str, bool]


def collect(scope: Scope, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> Groups:
    """The fields that the selections ask of this type, in the order of the answer."""
    groups: Groups = {}
    seen: set[str] = set()

    def visit(selections: SelectionSetNode) -> None:
        for selection in selections.selections:
            if not _included(scope, selection):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                groups.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition.name.value if selection.type_condition else None
                if condition is None or _applies(scope, condition, type_):
                    visit(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = scope.operation.fragments[selection.name.value]
                if _applies(scope, fragment.type_condition.name.value, type_):
                    visit(fragment.selection_set)

    for selections in sets:
        visit(selections)
    return groups


def _applies(scope: Scope, condition: str, type_: GraphQLObjectType) -> bool:
    schema = scope.catalog.schema
    named = schema.type_map[condition]
    if named is type_:
        return True
    return isinstance(named, GraphQLInterfaceType | GraphQLUnionType) and schema.is_sub_type(named, type_)


def _included(scope: Scope, selection: Any) -> bool:
    for directive in selection.directives or ():
        name = directive.name.value
        if name not in ("skip", "include"):
            continue
        value = directive.arguments[0].value
        if isinstance(value, VariableNode):
            holds = scope.conditions[value.name.value]
        else:
            holds = isinstance(value, BooleanValueNode) and value.value
        if holds is (name == "skip"):
            return False
    return True


def sub_sets(fields: Iterable[FieldNode]) -> list[SelectionSetNode]:
    """What is selected below fields that are merged."""
    return [field.selection_set for field in fields if field.selection_set is not None]
