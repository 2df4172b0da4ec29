"""A registered document asked for by GET: in the path, as appendix A of GraphQL over HTTP has it, or as Apollo's clients do.

    GET /d/<id>?variables=<JSON>&extensions=<JSON>
    GET /graphql?documentId=<id>&variables=<JSON>
    GET /graphql?extensions={"persistedQuery": …}&variables=<JSON>

Never a text: a link must not be able to ask what nobody registered. What may be answered so, and who may keep the answer,
is decided where the plan is (`gateway.shareable`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from gateway.challenges import Header
from gateway.errors import ErrorCode, GatewayError, TransportError
from gateway.request import GraphQLRequest, request_of

GRAPHQL = "/graphql"
DOCUMENT = "/d/"
QUERY_SIZE = 8 * 1024
"""Bytes of a query string."""
NAMES = frozenset({"documentId", "extensions", "operationName", "variables"})
SHARED: tuple[Header, ...] = (
    (b"cache-control", b"public, no-cache"),
    (b"vary", b"authorization, accept"),
)
"""Whoever keeps such an answer asks before every use whether it still is one: what is withdrawn is shown by nobody."""


def asked_by_get(path: str, query_string: bytes) -> GraphQLRequest | None:
    """The request in an address, or None when it names no document. Raises GatewayError."""
    if len(query_string) > QUERY_SIZE:
        raise TransportError(414)
    given = _given(query_string)
    if path.startswith(DOCUMENT):
        given["documentId"] = path.removeprefix(DOCUMENT)
    elif "documentId" not in given and "persistedQuery" not in given.get("extensions", ""):
        return None
    parameters: dict[str, Any] = {
        name: _json(value) if name in {"extensions", "variables"} else value
        for name, value in given.items()
        if value  # an empty one is left out (appendix A)
    }
    return request_of(parameters, nul=any("\\u0000" in value for value in given.values()), by_get=True)


def _given(query_string: bytes) -> dict[str, str]:
    """Each parameter once. A text in an address is none of them."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=10)
    except ValueError:
        raise TransportError(400) from None
    if any(name == "query" for name, _ in pairs):
        raise TransportError(405, (b"allow", b"POST"))
    names = [name for name, _ in pairs if name in NAMES]
    if len(names) != len(set(names)):
        raise TransportError(400)
    return {name: value for name, value in pairs if name in NAMES}


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise GatewayError(ErrorCode.BAD_REQUEST) from None


def tag_of(payload: Mapping[str, Any], content_type: bytes) -> bytes:
    """The entity tag of what is released, but for the moments that its data stand for: they move while the data stay as they are.

    A weak one (RFC 9110, 8.8.1), for the bytes of two such answers differ.
    """
    extensions = payload["extensions"]
    sources = [{**told, "asOf": None} for told in extensions["sources"]]
    told = orjson.dumps({**payload, "extensions": {**extensions, "sources": sources}})
    return b'W/"%s"' % hashlib.sha256(content_type + b"\n" + told).hexdigest()[:32].encode()


def is_current(headers: Mapping[bytes, bytes], tag: bytes) -> bool:
    """Whether the client has the same already (If-None-Match, RFC 9110, 13.1.2)."""
    stated = headers.get(b"if-none-match", b"")
    return any(one.strip().removeprefix(b"W/") in {tag.removeprefix(b"W/"), b"*"} for one in stated.split(b","))
