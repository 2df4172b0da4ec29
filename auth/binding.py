"""Tokens that only their holder can use: bound to a key (DPoP, RFC 9449) or to a certificate (mutual TLS, RFC 8705).

A bound token says so in ``cnf``. Without what it is bound to it is worth nothing, and a binding that is not known here
counts as one that was not shown.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote_to_bytes

from auth.errors import Unauthenticated

CERTIFICATE_SIZE = 16 * 1024
"""Bytes of the header that carries a certificate."""

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")
"""SHA-256 in base64url."""
_DER = re.compile(rb":([A-Za-z0-9+/]+={0,2}):")
"""A certificate as a byte sequence of RFC 8941: the ``Client-Cert`` of RFC 9440."""
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")
"""One certificate, as nginx and HAProxy hand it on, percent-encoded."""


class Scheme(Enum):
    """The authentication schemes that carry an access token; the value is the lower-case name."""

    BEARER = b"bearer"
    DPOP = b"dpop"


@dataclass(frozen=True, kw_only=True)
class Holding:
    """How a token was handed over: what could show that the sender holds what it is bound to.

    `proof` is the DPoP header, `certificate` the header of a trusted proxy, `url` that of the request as clients see it.
    """

    scheme: Scheme = Scheme.BEARER
    proof: bytes | None = None
    method: str = ""
    url: str = ""
    certificate: bytes | None = None


PLAIN = Holding()


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """What a token is bound to: the thumbprint of a key (RFC 7638), of a certificate, or both."""

    key: str | None = None
    certificate: str | None = None


def confirmation_of(claims: Mapping[str, object]) -> Confirmation | None:
    """The binding of a token, None when it has none. Raises Unauthenticated for one that cannot be checked here."""
    if "cnf" not in claims:
        return None
    members = claims["cnf"]
    if not isinstance(members, dict) or not members or not members.keys() <= {"jkt", "x5t#S256"}:
        raise Unauthenticated
    if not all(isinstance(text, str) and _THUMBPRINT.fullmatch(text) for text in members.values()):
        raise Unauthenticated
    return Confirmation(key=members.get("jkt"), certificate=members.get("x5t#S256"))


def check_certificate(expected: str, header: bytes | None) -> None:
    """Raises Unauthenticated unless the header carries the certificate with this thumbprint."""
    if header is None or thumbprint_in(header) != expected:
        raise Unauthenticated


def thumbprint_in(header: bytes) -> str | None:
    """SHA-256 over the DER certificate in a header, base64url; None when there is not exactly one certificate in it."""
    if len(header) > CERTIFICATE_SIZE:
        return None
    match = _DER.fullmatch(header) or _PEM.fullmatch(unquote_to_bytes(header))
    if match is None:
        return None
    try:
        certificate = base64.b64decode(b"".join(match[1].split()), validate=True)
    except binascii.Error:
        return None
    return base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode()
