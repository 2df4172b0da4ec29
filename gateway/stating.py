"""Why a request says that it asks: ``extensions.access``, read once for all who say the same."""

from __future__ import annotations

from typing import Any

from auth.viewer import AccessInvalid, AccessRequest, parse_access
from gateway.errors import ErrorCode, GatewayError
from gateway.request import GraphQLRequest, parse_request
from gateway.store import Bounded


def parse_parameters(body: bytes) -> tuple[GraphQLRequest, AccessRequest | None]:
    """The request in a body, and why it says it asks. Raises GatewayError."""
    request = parse_request(body)
    return request, access_of(request)


def access_of(request: GraphQLRequest) -> AccessRequest | None:
    """What ``extensions.access`` of a request states. Raises GatewayError."""
    stated = request.extensions.get("access")
    return None if stated is None else read_access(stated)


def read_access(stated: Any) -> AccessRequest:
    """What ``extensions.access`` states; the same object every time that the same is stated. Raises GatewayError."""
    key = tuple(stated.items()) if type(stated) is dict else ()
    try:
        found = _READ.get(key)
    except TypeError:  # a list or an object in it, which is refused
        found = None
    if found is not None:
        return found
    try:
        access = parse_access(stated)
    except AccessInvalid as error:
        raise GatewayError(ErrorCode.BAD_REQUEST, field=f"extensions.{error.field}") from None
    assert access is not None
    return _READ.put(key, access)


_READ: Bounded[tuple[tuple[str, Any], ...], AccessRequest] = Bounded(10_000)
"""What was stated and could be used: texts and nulls, for nothing else can be."""
