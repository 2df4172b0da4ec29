"""The subprotocol ``graphql-transport-ws`` as far as it can be told without a socket: messages, codes, the first payload.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

from typing import Any

import orjson
from starlette.types import Message, Scope

from auth.errors import KeysUnavailable, Unauthenticated
from auth.tokens import TokenVerifier, credentials
from auth.viewer import Viewer
from gateway.challenges import refusal_of
from gateway.errors import ErrorCode, GatewayError
from gateway.holding import Holdings
from gateway.http import read_headers
from gateway.request import GraphQLRequest, request_of
from gateway.subscriptions_stream import Disconnected

PROTOCOL = "graphql-transport-ws"
ID_LENGTH = 64


class Closed(Exception):
    """The socket is to be closed; `error` is the refusal that this is, if it is one."""

    def __init__(self, code: int, reason: str, error: GatewayError | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.error = error


GOING_AWAY = (1001, "Going away")
TOO_SLOW = (1013, "Too slow a reader")
TRY_AGAIN = (1013, "Try again later")
INVALID = (4400, "Invalid message")
UNAUTHORIZED = (4401, "Unauthorized")
TOO_LATE = (4408, "Connection initialisation timeout")
TAKEN = (4409, "Subscriber for this id already exists")
AGAIN = (4429, "Too many initialisation requests")
TOO_MANY = (4429, "Too many connections")


async def identified(payload: Any, scope: Scope, holdings: Holdings, verifier: TokenVerifier) -> tuple[str, Viewer]:
    """The token in the payload of connection_init and whom it names, shown with what it is bound to.

    Raises Unauthenticated, KeysUnavailable.
    """
    given = {key.lower(): value for key, value in payload.items()} if isinstance(payload, dict) else {}
    authorization, proof = given.get("authorization"), given.get("dpop")
    if not isinstance(authorization, str):
        raise Unauthenticated
    try:
        headers = read_headers(scope, holdings.read_once)
    except GatewayError:
        raise Unauthenticated from None
    headers.pop(b"dpop", None)
    if isinstance(proof, str):
        headers[b"dpop"] = proof.encode()
    scheme, token = credentials(authorization.encode())
    return token, await verifier.verify(token, holdings.read(scheme, {**scope, "method": "GET"}, headers))


def unknown(error: Unauthenticated | KeysUnavailable) -> Closed:
    return Closed(*(TRY_AGAIN if isinstance(error, KeysUnavailable) else UNAUTHORIZED), refusal_of(error))


def read_message(message: Message) -> dict[str, Any]:
    """A message of the client. Raises Disconnected, Closed."""
    if message["type"] == "websocket.disconnect":
        raise Disconnected
    try:
        found = orjson.loads(message.get("text") or "")
    except orjson.JSONDecodeError:
        raise Closed(*INVALID) from None
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        raise Closed(*INVALID)
    return found


def id_of(message: dict[str, Any]) -> str:
    found = message.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= ID_LENGTH:
        raise Closed(*INVALID)
    return found


def request_in(payload: Any) -> GraphQLRequest:
    """The request in the payload of a subscribe message. Raises Closed when it is none, GatewayError when it is refused."""
    try:
        return request_of(payload, nul=True)
    except GatewayError as error:
        if error.code is ErrorCode.BAD_REQUEST:
            raise Closed(*INVALID) from None
        raise
