"""What the HTTP layer hands to an engine, and what it gets back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import orjson

from auth.viewer import AccessRequest, Viewer
from gateway.errors import ErrorCode, GatewayError

DEPTH = 32
"""How deep the JSON of variables and extensions may nest."""


@dataclass(frozen=True, kw_only=True)
class GraphQLRequest:
    """The parameters of a request, checked by type but not against the schema: JSON values, no NUL in any text."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response in GraphQL's own terms.

    `executed`: the operation ran; `payload` has ``data`` (perhaps null) and goes out as 200.
    `refused`: nothing ran; `payload` has ``errors`` and no ``data``; `http_status` says how a client should take it.
    """

    status_hint: Literal["executed", "refused"]
    http_status: int
    payload: dict[str, Any]


class Engine(Protocol):
    """What stands behind the HTTP layer."""

    async def answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        """Answer one request. A GatewayError raised here refuses it."""
        ...


def refused(errors: Sequence[GatewayError]) -> Answer:
    """The answer to a request that was not run; the first error gives the status."""
    return Answer(
        status_hint="refused",
        http_status=errors[0].http_status,
        payload={"errors": [error.render() for error in errors]},
    )


def parse_request(body: bytes) -> GraphQLRequest:
    """Read the request parameters of the GraphQL over HTTP draft. Raises GatewayError.

    One object, no batch. Members that the draft does not name are ignored, null counts as left out.
    """
    try:
        parameters = orjson.loads(body)  # refuses invalid UTF-8, lone surrogates, NaN, and nesting beyond 1024
    except orjson.JSONDecodeError:
        raise GatewayError(ErrorCode.BAD_REQUEST) from None
    if not isinstance(parameters, dict):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    operation_name = parameters.get("operationName")
    variables = _object(parameters.get("variables"))
    extensions = _object(parameters.get("extensions"))
    query = parameters.get("query")
    if query is None and "persistedQuery" in extensions:
        raise GatewayError(ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED)
    if not isinstance(query, str) or not isinstance(operation_name, str | None):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    if b"\\u0000" in body or body.count(b"[") + body.count(b"{") > DEPTH:
        _check([variables, extensions])
        if "\0" in query:
            raise GatewayError(ErrorCode.GRAPHQL_PARSE_FAILED)
    return GraphQLRequest(query=query, operation_name=operation_name, variables=variables, extensions=extensions)


def _object(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    return value


def _check(values: list[Any]) -> None:
    """No NUL, which PostgreSQL cannot store, and no nesting that could exhaust a recursive reader."""
    level: list[Any] = values
    for _ in range(DEPTH + 1):
        if any(isinstance(value, str) and "\0" in value for value in level):
            raise GatewayError(ErrorCode.BAD_USER_INPUT)
        level = [
            part
            for value in level
            if isinstance(value, list | dict)
            for part in (value if isinstance(value, list) else [*value.keys(), *value.values()])
        ]
        if not level:
            return
    raise GatewayError(ErrorCode.BAD_USER_INPUT)
