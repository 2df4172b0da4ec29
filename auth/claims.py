"""From the claims of a token whose signature is good to the caller that it names. Raises Unauthenticated for what is odd."""

from __future__ import annotations

from collections.abc import Mapping

from auth.errors import TokenExpired, Unauthenticated
from auth.issuers import Issuer
from auth.revocation import LEEWAY, LIFETIME
from auth.terms import details_of
from auth.viewer import CERTIFICATE_NUMBER, CallerKind, Viewer

REQUIRED = ("iss", "aud", "sub", "client_id", "iat", "exp", "jti", "kind")
"""RFC 9068 section 2.2, and the kind of caller."""
CLAIM_LENGTH = 200
CERTIFIED = frozenset({CallerKind.OFFICER, CallerKind.SUPERVISOR})


def check_times(claims: Mapping[str, object], readings: tuple[float, ...]) -> None:
    """The token is good at one of the readings of the clock. Raises TokenExpired when only its end is over."""
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    if expires > issued + LIFETIME:
        raise Unauthenticated
    begins = max(_seconds(claims, name) for name in ("iat", "nbf", "auth_time") if name in claims)
    begun = [now for now in readings if begins <= now + LEEWAY]
    if not begun:
        raise Unauthenticated
    if all(expires <= now - LEEWAY for now in begun):
        raise TokenExpired


def viewer_of(claims: Mapping[str, object], issuer: Issuer, key_id: str) -> Viewer:
    """The caller, by an ordinary login."""
    subject, client, token_id = _text(claims, "sub"), _text(claims, "client_id"), _text(claims, "jti")
    if subject is None or client is None or token_id is None:
        raise Unauthenticated
    kind, cert_no = _kind(claims, issuer), _text(claims, "cert_no")
    try:
        details = details_of(claims.get("authorization_details"))
    except ValueError:
        raise Unauthenticated from None
    if kind in CERTIFIED and (cert_no is None or not CERTIFICATE_NUMBER.fullmatch(cert_no)):
        raise Unauthenticated
    return Viewer(
        subject=subject,
        client=client,
        kind=kind,
        cert_no=cert_no,
        org_uscc=_text(claims, "org_uscc"),
        division_code=_text(claims, "division_code"),
        step_up=issuer.step_up,
        issuer=issuer.iss,
        token_id=token_id,
        key_id=key_id,
        issued_at=_seconds(claims, "iat"),
        auth_time=_seconds(claims, "auth_time") if "auth_time" in claims else None,
        device=_text(claims, "device_id"),
        subject_ref=_text(claims, "subject_ref"),
        details=details,
    )


def strong_until(claims: Mapping[str, object], issuer: Issuer) -> float:
    """The second since 1970 until which the login counts as a strong one; 0 when it is none."""
    auth_time = _seconds(claims, "auth_time") if "auth_time" in claims else None
    return issuer.step_up.lasts_until(_text(claims, "acr"), auth_time)


def _kind(claims: Mapping[str, object], issuer: Issuer) -> CallerKind:
    try:
        kind = CallerKind(claims["kind"])
    except ValueError:
        raise Unauthenticated from None
    if kind not in issuer.kinds:
        raise Unauthenticated
    return kind


def _seconds(claims: Mapping[str, object], name: str) -> int:
    """A time in whole seconds: no text, no fraction, no truth value."""
    value = claims[name]
    if type(value) is not int:
        raise Unauthenticated
    return value


def _text(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= CLAIM_LENGTH or not value.isprintable():
        raise Unauthenticated
    return value
