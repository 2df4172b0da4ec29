"""The document of a request: parsed, validated, and its operation chosen.

graphql-core parses and its rules validate; both happen once per text, and the size of the tree is checked in between. Validation
messages are cut to what the caller wrote: no suggestions, no values.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    parse,
)
from graphql.language import visit
from graphql.language.visitor import Visitor

from gateway.errors import ErrorCode, GatewayError, Refused
from gateway.operation import Operation
from gateway.pace import Pieces
from gateway.validation import findings

MAX_DOCUMENT = 16 * 1024
"""Bytes of a document."""
MAX_TOKENS = 1_000
"""Tokens of a document: the largest of the callers' own operations has 189."""
MAX_ERRORS = 20
"""Validation stops after this many errors."""


def parse_document(text: str) -> DocumentNode:
    """The syntax tree of a text. Raises Refused (GRAPHQL_PARSE_FAILED) and GatewayError (TOO_COMPLEX)."""
    if len(text.encode()) > MAX_DOCUMENT:
        raise GatewayError(ErrorCode.TOO_COMPLEX, limit="document")
    try:
        return parse(text, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        if error.message.endswith("Parsing aborted."):
            raise GatewayError(ErrorCode.TOO_COMPLEX, limit="document") from None
        raise _invalid(ErrorCode.GRAPHQL_PARSE_FAILED, [error]) from None
    except RecursionError:
        raise GatewayError(ErrorCode.TOO_COMPLEX, limit="depth") from None


def judge(schema: GraphQLSchema, document: DocumentNode) -> Pieces[None]:
    """Validates a document against a schema.

    Raises Refused (GRAPHQL_VALIDATION_FAILED) with one error per finding, and GatewayError (TOO_COMPLEX).
    """
    try:
        errors = yield from findings(schema, document, MAX_ERRORS)
    except RecursionError:
        raise GatewayError(ErrorCode.TOO_COMPLEX, limit="depth") from None
    if errors:
        raise _invalid(ErrorCode.GRAPHQL_VALIDATION_FAILED, errors)


def choose_operation(text: str, document: DocumentNode, name: str | None) -> Operation:
    """The operation that the request names, or the only one.

    Raises GatewayError(OPERATION_RESOLUTION_FAILURE) when there is none or more than one.
    """
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in operations if name is None or (node.name is not None and node.name.value == name)]
    if len(named) != 1:
        raise GatewayError(ErrorCode.OPERATION_RESOLUTION_FAILURE)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    definition = named[0]
    return Operation(
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        name=definition.name.value if definition.name else None,
        definition=definition,
        fragments=fragments,
        conditions=tuple(sorted(set(_condition_variables(document)))),
        document=document,
    )


def _condition_variables(document: DocumentNode) -> Iterator[str]:
    found: list[str] = []

    class Conditions(Visitor):
        def enter_directive(self, node: Any, *_: Any) -> None:
            if node.name.value in ("skip", "include"):
                found.extend(a.value.name.value for a in node.arguments or () if isinstance(a.value, VariableNode))

    visit(document, Conditions())
    yield from found


_VALUE = re.compile(r"cannot represent|, found |Expected value of type|Expected type", re.DOTALL)
"""Messages of graphql-core that quote a value from the document."""


def _invalid(code: ErrorCode, errors: list[GraphQLError]) -> Refused:
    return Refused([GatewayError(code, locations=_locations(error), **_reason(code, error)) for error in errors])


def _reason(code: ErrorCode, error: GraphQLError) -> dict[str, str]:
    """What is wrong, in graphql-core's words, where these quote names that the caller wrote and nothing else."""
    if code is ErrorCode.GRAPHQL_PARSE_FAILED:
        return {}
    message = error.message.split(" Did you mean")[0]
    return {"reason": "A value does not fit its type." if _VALUE.search(message) else message}


def _locations(error: GraphQLError) -> list[dict[str, int]]:
    return [{"line": location.line, "column": location.column} for location in error.locations or ()]
