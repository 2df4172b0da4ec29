"""A document that a request names instead of bringing it along.

    {"documentId": "sha256:<64 hexadecimal digits>"}      GraphQL over HTTP, appendix A; or an id of the client's own
    {"doc_id": "<id>"}, {"id": "<id>"}                    Relay's network layer; the id is the compiler's, an MD5 as a rule
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "<id>"}}}
                                                          Apollo's clients, with the id of their manifest or the hash

Beside a text the first three are ignored, as any member that is not known. The last then says what the text's hash is, and
that the server may remember it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gateway.errors import ErrorCode, GatewayError

HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
ID = re.compile(r"[0-9A-Za-z._~-]{1,128}", re.ASCII)
"""An identifier without a prefix (appendix A, unreserved characters)."""
PREFIX = "sha256:"
MEMBERS = ("documentId", "doc_id", "id")
VERSION = 1
"""Of Apollo's protocol."""


class Form(Enum):
    """How a document was named: whoever speaks Apollo's protocol is answered in its words."""

    ID = "id"
    PERSISTED_QUERY = "persistedQuery"


@dataclass(frozen=True, kw_only=True)
class Named:
    """`id` is a SHA-256 in lower-case hexadecimal or an id of the client's own."""

    id: str
    form: Form


def named_in(parameters: Mapping[str, Any], extensions: Mapping[str, Any]) -> Named | None:
    """What a request without a text names, or None. Two names of two documents are no request. Raises GatewayError."""
    found = list(_names(parameters, extensions))
    if len({named.id for named in found}) > 1:
        raise GatewayError(ErrorCode.BAD_REQUEST)
    return found[-1] if found else None


def hash_beside(text: str, extensions: Mapping[str, Any]) -> Named | None:
    """What a request with a text says of its hash, or None. Raises GatewayError when that is not so."""
    named = _persisted(extensions)
    if named is not None and named.id != digest_of(text):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    return named


def read_id(value: object) -> str:
    """The id in what was sent. Raises GatewayError."""
    if not isinstance(value, str):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    pattern = HASH if value.startswith(PREFIX) else ID
    found = value.removeprefix(PREFIX)
    if not pattern.fullmatch(found):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    return found


def digest_of(text: str) -> str:
    """The SHA-256 of a document's text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _names(parameters: Mapping[str, Any], extensions: Mapping[str, Any]) -> Iterator[Named]:
    for member in MEMBERS:
        if (value := parameters.get(member)) is not None:
            yield Named(id=read_id(value), form=Form.ID)
    if (named := _persisted(extensions)) is not None:
        yield named


def _persisted(extensions: Mapping[str, Any]) -> Named | None:
    stated = extensions.get("persistedQuery")
    if stated is None:
        return None
    if not isinstance(stated, dict):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    if stated.get("version") != VERSION:
        raise GatewayError(ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED)
    return Named(id=read_id(stated.get("sha256Hash")), form=Form.PERSISTED_QUERY)
