"""A subscription as the query that it repeats: the same field of Query, asked again from where the answer before ended.

So a subscriber sees what they would see by asking, and nothing decides on a subscription that does not decide on the query. The
server needs of every batch where it ends and whether there is more, whatever the client selected: both are asked for beside it,
under keys that no document can name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    NamedTypeNode,
    NameNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
)

from auth.purpose import Standing
from auth.viewer import AccessRequest
from gateway.errors import ErrorCode, GatewayError
from gateway.operation import Operation
from gateway.request import Answer, GraphQLRequest
from resolvers.feed import PER_EVENT

FROM, NEXT, CAUGHT_UP = "*from", "*next", "*caughtUp"
"""A variable and two keys; no name in a document has an asterisk."""


def as_query(operation: Operation) -> Operation:
    """The query that a subscription repeats; an operation of another kind as it is. The document is valid."""
    definition = operation.definition
    if definition.operation is not OperationType.SUBSCRIPTION:
        return operation
    fields = list(_opened(definition.selection_set, operation.fragments))
    after = next((one.value for one in fields[0].arguments or () if one.name.value == "after"), None)
    variables = definition.variable_definitions or ()
    if isinstance(after, VariableNode):
        cursor = after.name.value
    else:
        cursor, variables = FROM, (*variables, _declared(FROM, after))
    query = replace(
        definition,
        operation=OperationType.QUERY,
        variable_definitions=variables,
        selection_set=SelectionSetNode(selections=(_asked(fields, cursor),)),
    )
    fragments = [
        node
        for node in operation.document.definitions
        if isinstance(node, FragmentDefinitionNode) and node.type_condition.name.value != "Subscription"
    ]
    return replace(
        operation, definition=query, document=DocumentNode(definitions=(query, *fragments)), resumed_by=cursor
    )


def _opened(selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[FieldNode]:
    """The fields of the root; all of them have one key."""
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, FragmentSpreadNode):
            yield from _opened(fragments[selection.name.value].selection_set, fragments)
        elif isinstance(selection, InlineFragmentNode):
            yield from _opened(selection.selection_set, fragments)


def _asked(fields: Sequence[FieldNode], cursor: str) -> FieldNode:
    wanted = [one for field in fields if field.selection_set is not None for one in field.selection_set.selections]
    beside = [
        FieldNode(name=NameNode(value="nextCursor"), alias=NameNode(value=NEXT)),
        FieldNode(name=NameNode(value="caughtUp"), alias=NameNode(value=CAUGHT_UP)),
    ]
    arguments = (
        ArgumentNode(name=NameNode(value="after"), value=VariableNode(name=NameNode(value=cursor))),
        ArgumentNode(name=NameNode(value="first"), value=IntValueNode(value=str(PER_EVENT))),
    )
    return replace(fields[0], arguments=arguments, selection_set=SelectionSetNode(selections=(*wanted, *beside)))


def _declared(name: str, default: ValueNode | None) -> VariableDefinitionNode:
    return VariableDefinitionNode(
        variable=VariableNode(name=NameNode(value=name)),
        type=NamedTypeNode(name=NameNode(value="Cursor")),
        default_value=default,  # type: ignore[arg-type]
    )


def variables_of(operation: Operation, request: GraphQLRequest) -> dict[str, Any]:
    """The variables of a request, with where its subscription goes on. Raises GatewayError where no stream takes the answers."""
    if operation.resumed_by is None:
        return request.variables
    if not request.streamed:
        raise GatewayError(
            ErrorCode.GRAPHQL_VALIDATION_FAILED, reason="A subscription is sent as an event stream or over a WebSocket."
        )
    return request.variables if request.after is None else {**request.variables, operation.resumed_by: request.after}


def check_stated(operation: Operation, access: AccessRequest | None, standing: Standing) -> None:
    """A purpose that a subscription states must hold, at every event: nobody notices how a stream becomes that of the public.

    Raises GatewayError.
    """
    if operation.resumed_by is not None and access is not None and not standing.granted:
        raise GatewayError(ErrorCode[standing.code or ErrorCode.PURPOSE_DENIED.name])


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Where an answer to a subscription ends, and whether it is all there is."""

    cursor: str
    caught_up: bool


def batch_of(answer: Answer) -> Batch | None:
    """What the server asked for beside a subscription's answer, taken out of it. None where no other answer follows."""
    data = answer.payload.get("data")
    batch = next(iter(data.values()), None) if data else None
    if not isinstance(batch, dict) or NEXT not in batch:
        return None
    return Batch(cursor=batch.pop(NEXT), caught_up=batch.pop(CAUGHT_UP))
