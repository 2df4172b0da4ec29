"""The check of an access token: the profile of RFC 9068 with the cautions of RFC 8725.

    Unauthenticated       no token, or one that is not good: the same for every reason
    └── TokenExpired      a token of ours that was good once

ES256 only, ``typ`` at+jwt, a key id that we know, exact issuer and audience, every claim of RFC 9068 §2.2 in its
own type. A verified token is remembered for at most a minute under its SHA-256, which halves the cost of a small
request.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from auth.keys import ALGORITHM, KeySet
from auth.viewer import CERTIFICATE_NUMBER, CallerKind, Viewer

TOKEN_SIZE = 8 * 1024
"""Bytes. A longer token is refused unread."""
LEEWAY = 30
"""Seconds by which clocks may differ."""
CACHE_SECONDS = 60
CACHE_SIZE = 4096
TYPES = frozenset({"at+jwt", "application/at+jwt"})
HEADERS = frozenset({"alg", "typ", "kid"})
"""All that a header may carry: nothing that brings a key (jku, jwk, x5u, x5c) or changes the rules (crit, b64)."""
REQUIRED = ("iss", "aud", "sub", "client_id", "iat", "exp", "jti", "kind")
CLAIM_LENGTH = 200
CERTIFIED = frozenset({CallerKind.OFFICER, CallerKind.SUPERVISOR})


class Unauthenticated(Exception):
    """There is no good token. Carries no reason on purpose."""


class TokenExpired(Unauthenticated):
    """The token's signature is ours and its time is over."""


@dataclass(frozen=True, slots=True)
class _Verified:
    viewer: Viewer
    expires_at: float
    checked_at: float


def bearer(authorization: bytes | None) -> str:
    """The token in an Authorization header (RFC 6750 §2.1). Raises Unauthenticated."""
    scheme, _, token = (authorization or b"").partition(b" ")
    if scheme.lower() != b"bearer" or not token or len(token) > TOKEN_SIZE or not token.isascii():
        raise Unauthenticated
    return token.decode("ascii")


class TokenVerifier:
    """Turns a token into a Viewer. One per process. Replacing the keys forgets what was verified."""

    def __init__(self, keys: KeySet, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    def replace_keys(self, keys: KeySet) -> None:
        """Use these keys from now on."""
        self._keys = keys
        self._verified.clear()

    def verify(self, token: str) -> Viewer:
        """The viewer that the token names. Raises Unauthenticated or TokenExpired."""
        if len(token) > TOKEN_SIZE or not token.isascii():
            raise Unauthenticated
        digest = hashlib.sha256(token.encode("ascii")).digest()
        known = self._verified.get(digest)
        if known is not None and time.monotonic() - known.checked_at < CACHE_SECONDS:
            if time.time() >= known.expires_at + LEEWAY:
                raise TokenExpired
            return known.viewer
        claims = self._claims(token)
        viewer = _viewer(claims)
        self._verified[digest] = _Verified(viewer, claims["exp"], time.monotonic())
        self._verified.move_to_end(digest)
        if len(self._verified) > CACHE_SIZE:
            self._verified.popitem(last=False)
        return viewer

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            if not header.keys() <= HEADERS or str(header.get("typ", "")).lower() not in TYPES:
                raise Unauthenticated
            key = self._keys.get(header.get("kid", ""))
            if key is None:
                raise Unauthenticated
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY,
                options={"require": list(REQUIRED), "strict_aud": True},
            )
        except jwt.ExpiredSignatureError:
            raise TokenExpired from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise Unauthenticated from None
        # PyJWT takes "1790000000", 1.5 and true for a time.
        if any(type(claims[name]) is not int for name in ("iat", "exp", "nbf") if name in claims):
            raise Unauthenticated
        return claims


def _viewer(claims: Mapping[str, object]) -> Viewer:
    try:
        kind = CallerKind(claims["kind"])
    except ValueError:
        raise Unauthenticated from None
    cert_no = _text(claims, "cert_no")
    if kind in CERTIFIED and (cert_no is None or not CERTIFICATE_NUMBER.fullmatch(cert_no)):
        raise Unauthenticated
    subject, client = _text(claims, "sub"), _text(claims, "client_id")
    if subject is None or client is None:
        raise Unauthenticated
    return Viewer(
        subject=subject,
        client=client,
        kind=kind,
        cert_no=cert_no,
        org_uscc=_text(claims, "org_uscc"),
        division_code=_text(claims, "division_code"),
    )


def _text(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= CLAIM_LENGTH or not value.isprintable():
        raise Unauthenticated
    return value
