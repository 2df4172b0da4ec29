"""What a refusal asks the client to do: the headers that belong to a status, and how to authenticate."""

from __future__ import annotations

from auth.binding import Scheme
from auth.dpop import ALGORITHMS
from auth.errors import KeysUnavailable, NonceRequired, TokenExpired, TokenRevoked, Unauthenticated
from auth.viewer import Viewer
from gateway.budgets import DAY, EAST
from gateway.errors import ErrorCode, GatewayError, TransportError
from gateway.request import Answer

Header = tuple[bytes, bytes]

AUTHENTICATE, RETRY_AFTER = b"www-authenticate", b"retry-after"
REALM = 'realm="tongcha"'
SCHEMES = {Scheme.BEARER: f"Bearer {REALM}", Scheme.DPOP: f'DPoP {REALM}, algs="{" ".join(ALGORITHMS)}"'}
"""The challenge of each scheme (RFC 6750 section 3, RFC 9449 section 7.1)."""

CHALLENGES: dict[int, Header] = {
    401: (AUTHENTICATE, ", ".join(SCHEMES.values()).encode()),
    429: (RETRY_AFTER, b"1"),
    503: (RETRY_AFTER, b"1"),
}
"""The header that belongs to a status, unless the answer brings its own."""


def refusal_of(error: Unauthenticated | KeysUnavailable) -> GatewayError:
    """The error that the client is told. Only that a token is over, taken back, or lacks a nonce is said."""
    match error:
        case TokenExpired():
            return GatewayError(ErrorCode.TOKEN_EXPIRED)
        case TokenRevoked():
            return GatewayError(ErrorCode.TOKEN_REVOKED)
        case NonceRequired(nonce=nonce):
            challenge = f'{SCHEMES[Scheme.DPOP]}, error="use_dpop_nonce"'
            return TransportError(
                401,
                (AUTHENTICATE, challenge.encode()),
                (b"dpop-nonce", nonce.encode()),
                code=ErrorCode.UNAUTHENTICATED,
            )
        case KeysUnavailable():
            return GatewayError(ErrorCode.OVERLOADED)
    return GatewayError(ErrorCode.UNAUTHENTICATED)


def come_back(answer: Answer, now: float) -> tuple[Header, ...]:
    """When a quota of the day is used up: the seconds until the next day in China. `now` is seconds since 1970."""
    if answer.http_status != 429:
        return ()
    limited = any("quota" in error["extensions"] for error in answer.payload["errors"])
    return ((RETRY_AFTER, str(DAY - (int(now) + EAST) % DAY).encode()),) if limited else ()


def ask_to_step_up(answer: Answer, viewer: Viewer, scheme: Scheme) -> tuple[Header, ...]:
    """The challenge of RFC 9470 when the answer is a refusal for want of assurance; its error says the same."""
    if answer.http_status != 401:
        return ()
    asked = viewer.step_up
    wanting = [
        error["extensions"]
        for error in answer.payload["errors"]
        if error["extensions"]["code"] == ErrorCode.STEP_UP_REQUIRED.name
    ]
    for extensions in wanting:
        extensions.update(acr_values=list(asked.acr_values), max_age=asked.max_age)
    return ((AUTHENTICATE, f"{SCHEMES[scheme]}, {asked.challenge()}".encode()),) if wanting else ()
