"""What the HTTP layer hands to an engine, and what it gets back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import orjson

from auth.viewer import AccessRequest, Viewer
from gateway.errors import ErrorCode, GatewayError
from gateway.named import Named, hash_beside, named_in
from gateway.trace import Trace

DEPTH = 32
"""How deep the JSON of variables and extensions may nest."""


@dataclass(frozen=True, kw_only=True)
class GraphQLRequest:
    """The parameters of a request, checked by type but not against the schema: JSON values, no NUL in any text.

    `query` is empty where the request names its document. `by_get`: it came by GET, and is answered only when the answer
    may be shared.
    """

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)
    named: Named | None = None
    by_get: bool = False
    streamed: bool = False
    """Whether more than one answer can be sent."""
    after: str | None = None
    """Where a subscription goes on, in place of where the operation says it begins."""
    repeated: bool = False
    """Asked again for a subscription that goes on: not a request of its own to a quota."""
    patience: float | None = None
    """For how many seconds its client waits; None when it does not say."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response in GraphQL's own terms.

    `executed`: the operation ran; `payload` has ``data`` (perhaps null) and goes out as 200.
    `refused`: nothing ran; `payload` has ``errors`` and no ``data``; `http_status` says how a client should take it.
    `abandoned`: its client went away while it was made, and there is none to take it.
    """

    status_hint: Literal["executed", "refused", "abandoned"]
    http_status: int
    payload: dict[str, Any]
    trace: Trace | None = None
    """What was read, for the log; None when nothing ran."""
    shareable: bool = False
    """Whether others of the same standing get the same: all of it is public, and nothing of it is of the caller."""


ABANDONED = Answer(status_hint="abandoned", http_status=499, payload={})
"""The status is what proxies write down for it; nobody gets it."""


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


def too_large(answer: Answer) -> Answer:
    """The refusal in place of an answer that has more bytes than leave at once. What was read for it stays in the record."""
    refusal = refused([GatewayError(ErrorCode.TOO_COMPLEX, limit="answer")])
    return replace(refusal, trace=answer.trace)


def parse_request(body: bytes) -> GraphQLRequest:
    """Read the request parameters of the GraphQL over HTTP draft. Raises GatewayError.

    One object, no batch. Members that the draft and `gateway.named` do not name are ignored, null counts as left out.
    """
    return request_of(read_json(body), nul=b"\\u0000" in body)


def read_json(body: bytes) -> Any:
    """The JSON value of a body. Raises GatewayError."""
    try:
        return orjson.loads(body)  # refuses invalid UTF-8, lone surrogates, NaN, and nesting beyond 1024
    except orjson.JSONDecodeError:
        raise GatewayError(ErrorCode.BAD_REQUEST) from None


def request_of(parameters: Any, *, nul: bool, by_get: bool = False) -> GraphQLRequest:
    """The request of these parameters; `nul` says that there may be a NUL in a text of theirs. Raises GatewayError."""
    if not isinstance(parameters, dict):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    operation_name = parameters.get("operationName")
    variables = _object(parameters.get("variables"))
    extensions = _object(parameters.get("extensions"))
    query = parameters.get("query")
    named = named_in(parameters, extensions) if query is None else None
    query = "" if named is not None else query
    if not isinstance(query, str) or (operation_name is not None and not isinstance(operation_name, str)):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    if named is None and "persistedQuery" in extensions:
        named = hash_beside(query, extensions)
    if nul:
        _refuse_nul(query, variables, extensions)
    _refuse_depth(variables.values(), DEPTH)
    _refuse_depth(extensions.values(), DEPTH)
    return GraphQLRequest(
        query=query,
        operation_name=operation_name,
        variables=variables,
        extensions=extensions,
        named=named,
        by_get=by_get,
    )


def _object(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    return value


def _refuse_nul(query: str, *values: Any) -> None:
    """NUL, which PostgreSQL cannot store, is in no text of a request."""
    if "\0" in query:
        raise GatewayError(ErrorCode.GRAPHQL_PARSE_FAILED)
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.keys()
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and "\0" in value:
            raise GatewayError(ErrorCode.BAD_USER_INPUT)


def _refuse_depth(values: Iterable[Any], depth: int) -> None:
    """Nesting that could exhaust a recursive reader further on."""
    if not depth:
        raise GatewayError(ErrorCode.BAD_USER_INPUT)
    for value in values:
        if type(value) is dict:
            _refuse_depth(value.values(), depth - 1)
        elif type(value) is list:
            _refuse_depth(value, depth - 1)
