"""Answers to introspection: counted before they are made, made off the event loop one at a time, and kept.

The introspection of the usual tools takes a fifth of a second of one core, more than thousand look-ups: nobody is to wait for it,
and nobody is to ask for thirty of them in one document. What it says depends on the schema that the caller knows and on nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    execute,
    get_introspection_query,
    parse,
)

from gateway.errors import ErrorCode, GatewayError, Refused
from gateway.operation import Operation
from gateway.store import Bounded

LARGEST = 1.5
"""How large an answer may be, by that to the introspection of the usual tools."""
USUAL = parse(
    get_introspection_query(specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True)
)
KEPT = 20
"""Answers that are kept, of a few hundred kilobytes each."""
FEW = 3
"""Items of a list in a type that no schema has many of: its interfaces, the places of a directive."""


class Descriptions:
    """What was told of schemas."""

    def __init__(self) -> None:
        self._kept: Bounded[tuple[Any, ...], Any] = Bounded(KEPT)
        self._largest: Bounded[GraphQLSchema, float] = Bounded(KEPT)
        self._turn = asyncio.Lock()

    async def of(self, schema: GraphQLSchema, operation: Operation, given: Mapping[str, Any]) -> Any:
        """The answer to an introspection, from the caller's own schema. Raises GatewayError (TOO_COMPLEX), Refused."""
        key = (schema, operation.digest, operation.name, orjson.dumps(given, option=orjson.OPT_SORT_KEYS))
        found = self._kept.get(key)
        if found is not None:
            return found
        if size_of(schema, operation.document) > self._limit(schema):
            raise GatewayError(ErrorCode.TOO_COMPLEX, limit="introspection")
        async with self._turn:
            if (found := self._kept.get(key)) is not None:  # made while this one waited
                return found
            found = await asyncio.to_thread(_described, schema, operation, dict(given))
        return self._kept.put(key, found)

    def _limit(self, schema: GraphQLSchema) -> float:
        return self._largest.get(schema) or self._largest.put(schema, LARGEST * size_of(schema, USUAL))


def _described(schema: GraphQLSchema, operation: Operation, given: dict[str, Any]) -> Any:
    result = execute(schema, operation.document, variable_values=given, operation_name=operation.name)
    assert isinstance(result, ExecutionResult)  # nothing of introspection is awaited
    if result.errors:
        raise Refused([GatewayError(ErrorCode.BAD_USER_INPUT)])
    return result.data


def size_of(schema: GraphQLSchema, document: DocumentNode) -> int:
    """How many fields the answer has, by the mean length of each list. The document is small by then, without a circle, and has
    one operation."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    items = _items(schema)

    def size(selections: SelectionSetNode) -> int:
        found = 0
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                below = size(selection.selection_set) if selection.selection_set else 0
                found += items.get(selection.name.value, 1) * (1 + below)
            elif isinstance(selection, InlineFragmentNode):
                found += size(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                found += size(fragments[selection.name.value].selection_set)
        return found

    operations = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return size(next(operations).selection_set)


def _items(schema: GraphQLSchema) -> dict[str, int]:
    """How many items the lists of introspection have in this schema."""
    types = list(schema.type_map.values())
    composite = [
        one for one in types if isinstance(one, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType)
    ]
    fields = sum(len(one.fields) for one in composite) // max(len(composite), 1) + 1
    return {
        "types": len(types),
        "directives": len(schema.directives),
        "fields": fields,
        "inputFields": fields,
        "enumValues": fields,
        "args": FEW,
        "interfaces": FEW,
        "possibleTypes": FEW,
        "locations": FEW,
    }
