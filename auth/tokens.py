"""The check of an access token: the profile of RFC 9068 with the cautions of RFC 8725.

    header     at+jwt, the key's one algorithm, a key id, and nothing that brings a key or changes the rules
    issuer     one of ours, to the letter; its keys, its audience, the kinds of caller that it may vouch for
    claims     every claim of RFC 9068 section 2.2 in its own type, in time
    revoked    neither the token nor its subject, client or key
    binding    what the token is bound to was shown with it, at every request

A verified token is remembered for at most a minute under its SHA-256, which halves the cost of a small request. What was
remembered counts only as long as no key of its issuer was taken away and nothing was revoked since.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from auth.binding import PLAIN, Confirmation, Holding, Scheme, check_certificate, confirmation_of
from auth.claims import REQUIRED, check_times, strong_until, viewer_of
from auth.clock import Clock
from auth.dpop import Proofs
from auth.errors import KeysUnavailable, TokenExpired, TokenRevoked, Unauthenticated
from auth.issuers import Issuer
from auth.keys import KEY_ID_LENGTH, Keys
from auth.revocation import LEEWAY, Revocations
from auth.step_up import STRONG
from auth.viewer import Viewer

TOKEN_SIZE = 8 * 1024
"""Bytes. A longer token is refused unread."""
CACHE_SECONDS = 60
CACHE_SIZE = 4096
TYPES = frozenset({"at+jwt", "application/at+jwt"})
HEADERS = frozenset({"alg", "typ", "kid"})
"""All that a header may carry: nothing that brings a key (jku, jwk, x5u, x5c) or changes the rules (crit, b64)."""

_OPTIONS: Any = {
    "require": list(REQUIRED),
    "strict_aud": True,
    "verify_exp": False,  # times are checked by auth.claims, against a clock that may have been set
    "verify_iat": False,
    "verify_nbf": False,
}


def credentials(authorization: bytes | None) -> tuple[Scheme, str]:
    """The scheme and token of an Authorization header (RFC 6750 section 2.1, RFC 9449 section 7.1).

    Raises Unauthenticated.
    """
    scheme, _, token = (authorization or b"").partition(b" ")
    if not token or len(token) > TOKEN_SIZE or not token.isascii():
        raise Unauthenticated
    try:
        return Scheme(scheme.lower()), token.decode("ascii")
    except ValueError:
        raise Unauthenticated from None


@dataclass(kw_only=True, slots=True)
class _Verified:
    """A token that was good when it was checked. Times are steady seconds."""

    viewer: Viewer
    strong: Viewer
    confirmation: Confirmation | None
    keys: Keys
    keys_epoch: int
    revocations_epoch: int
    until: float
    """Of being remembered."""
    expires: float
    strong_until: float


class TokenVerifier:
    """Turns a token into a Viewer. One per process. `issuers` are those that are believed, each with its keys."""

    def __init__(
        self,
        issuers: Mapping[Issuer, Keys],
        *,
        revocations: Revocations | None = None,
        clock: Clock | None = None,
        proofs: Proofs | None = None,
    ) -> None:
        self.revocations = Revocations() if revocations is None else revocations
        self._issuers = {issuer.iss: (issuer, keys) for issuer, keys in issuers.items()}
        self._clock = clock or Clock()
        self._proofs = proofs or Proofs(self._clock)
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    async def verify(self, token: str, holding: Holding = PLAIN) -> Viewer:
        """The viewer that the token names. Does not suspend for a token that is remembered and not bound.

        Raises Unauthenticated (TokenExpired, TokenRevoked, NonceRequired) or KeysUnavailable.
        """
        verified = await self._known(token)
        if verified.confirmation is not None or holding.scheme is not Scheme.BEARER:
            await self._confirm(verified.confirmation, token, holding)
        return self._viewer(verified)

    async def again(self, token: str) -> tuple[Viewer, float]:
        """The viewer once more, on a connection that has shown what the token is bound to, and the seconds that it is still good.

        Raises as `verify` does.
        """
        verified = await self._known(token)
        return self._viewer(verified), verified.expires - self._clock.steady()

    def remembered(self, token: str) -> Viewer | None:
        """Whom a token named when it was checked last, whatever became of it since: good for a place in a queue, and nothing else."""
        if len(token) > TOKEN_SIZE or not token.isascii():
            return None
        verified = self._verified.get(hashlib.sha256(token.encode("ascii")).digest())
        return verified.viewer if verified is not None else None

    async def _known(self, token: str) -> _Verified:
        if len(token) > TOKEN_SIZE or not token.isascii():
            raise Unauthenticated
        digest = hashlib.sha256(token.encode("ascii")).digest()
        verified, now = self._verified.get(digest), self._clock.steady()
        if verified is None or now >= verified.until or verified.keys.epoch != verified.keys_epoch:
            verified = await self._check(token)
            self._remember(digest, verified)
        elif now >= verified.expires:
            raise TokenExpired
        if verified.revocations_epoch != self.revocations.epoch:
            self.check_revoked(verified.viewer)
            verified.revocations_epoch = self.revocations.epoch
        return verified

    def _viewer(self, verified: _Verified) -> Viewer:
        viewer = verified.strong if self._clock.steady() < verified.strong_until else verified.viewer
        return viewer if self.revocations.fresh else dataclasses.replace(viewer, current=False)

    def check_revoked(self, viewer: Viewer) -> None:
        """Raises TokenRevoked when what named this viewer is revoked by now."""
        if self.revocations.covers(viewer):
            raise TokenRevoked

    def _remember(self, digest: bytes, verified: _Verified) -> None:
        self._verified[digest] = verified
        self._verified.move_to_end(digest)
        if len(self._verified) > CACHE_SIZE:
            self._verified.popitem(last=False)

    async def _check(self, token: str) -> _Verified:
        try:
            header = _part(token, 0)
            key_id = header.get("kid")
            if (
                not header.keys() <= HEADERS
                or str(header.get("typ", "")).lower() not in TYPES
                or not isinstance(key_id, str)
                or not 0 < len(key_id) <= KEY_ID_LENGTH
            ):
                raise Unauthenticated
            issuer, keys = self._issuer(token)
            key = keys.get(key_id) or await keys.awaited(key_id)
            if key is None:
                raise Unauthenticated if keys.usable else KeysUnavailable
            keys_epoch = keys.epoch
            claims = jwt.decode(
                token,
                key.public,
                algorithms=[key.algorithm],
                issuer=issuer.iss,
                audience=issuer.audience,
                options=_OPTIONS,
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise Unauthenticated from None
        readings = self._clock.readings()
        check_times(claims, readings)
        viewer, confirmation = viewer_of(claims, issuer, key_id), confirmation_of(claims)
        if issuer.bound and confirmation is None:
            raise Unauthenticated
        revocations_epoch = self.revocations.epoch
        self.check_revoked(viewer)
        steady = self._clock.steady()
        return _Verified(
            viewer=viewer,
            strong=dataclasses.replace(viewer, assurance=STRONG),
            confirmation=confirmation,
            keys=keys,
            keys_epoch=keys_epoch,
            revocations_epoch=revocations_epoch,
            until=steady + CACHE_SECONDS,
            expires=steady + claims["exp"] + LEEWAY - min(readings),
            strong_until=steady + strong_until(claims, issuer) - max(readings),
        )

    def _issuer(self, token: str) -> tuple[Issuer, Keys]:
        """The issuer that the token says it is from: which keys to try, believed only once one of them fits."""
        named = _part(token, 1).get("iss")
        found = self._issuers.get(named) if isinstance(named, str) else None
        if found is None:
            raise Unauthenticated
        return found

    async def _confirm(self, bound: Confirmation | None, token: str, holding: Holding) -> None:
        """A token that is bound to a key comes by the scheme DPoP, and no other does."""
        if bound is None or (bound.key is not None) is not (holding.scheme is Scheme.DPOP):
            raise Unauthenticated
        if bound.certificate is not None:
            check_certificate(bound.certificate, holding.certificate)
        if bound.key is not None:
            await self._proofs.check(holding, token, bound.key)


def _part(token: str, place: int) -> dict[str, Any]:
    """The header (0) or the claims (1) of a token, unverified. Raises ValueError.

    Read here, for PyJWT reads all three parts to give one, at several times the cost: a flood of invented key ids is refused by
    header and issuer alone. What is believed is read by PyJWT once more.
    """
    try:
        part = token.split(".", 2)[place]
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, binascii.Error) as error:
        raise ValueError from error
    if not isinstance(found, dict):
        raise ValueError
    return found
