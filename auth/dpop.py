"""Proof that the sender of a token holds the key that it is bound to (DPoP, RFC 9449)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import jwt

from auth.binding import Holding
from auth.clock import Clock
from auth.errors import NonceRequired, Unauthenticated
from auth.keys import EDDSA, ES256, Family, Key, KeySetInvalid, algorithm_of, public_key, thumbprint

ALGORITHMS: Mapping[str, Family] = {ES256: Family.EC, EDDSA: Family.ED}
"""What a proof may be signed with: what a phone's key store and a browser can do."""
PROOF_SIZE = 4 * 1024
"""Bytes. A longer proof is refused unread."""
PROOF_ID_LENGTH = 200
AGE = 60
"""Seconds that a proof may be old."""
AHEAD = 30
"""Seconds that the sender's clock may be ahead."""
REMEMBERED = AGE + AHEAD + 1
"""Seconds for which a proof could come again."""
SEEN_SIZE = 100_000
SEEN_OF_ONE = 10_000
"""Proofs of one key within REMEMBERED: more than one caller sends by hand or by program."""
KEYS_SIZE = 1_024
NONCE_SECONDS = 120
_HEADERS = frozenset({"typ", "alg", "jwk"})
_JWS = jwt.PyJWS()
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Seen(Protocol):
    """Remembers proofs, so that none is taken twice."""

    async def first(self, key: str, proof: str) -> bool:
        """Whether this proof of this key comes for the first time within REMEMBERED seconds."""
        ...


class SeenHere:
    """The proofs that came to this process. Full means refused, not forgotten: who floods shuts out only their own key."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._of_key: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._until)

    async def first(self, key: str, proof: str) -> bool:
        """As `Seen` says; False as well when there is no more room."""
        now = self._clock.steady()
        self._forget(now)
        count = self._of_key.get(key, 0)
        if (key, proof) in self._until or count >= SEEN_OF_ONE or len(self._until) >= SEEN_SIZE:
            return False
        self._until[key, proof] = now + REMEMBERED
        self._of_key[key] = count + 1
        return True

    def _forget(self, now: float) -> None:
        while self._until:
            (key, proof), until = next(iter(self._until.items()))
            if until > now:
                return
            del self._until[key, proof]
            if self._of_key[key] > 1:
                self._of_key[key] -= 1
            else:
                del self._of_key[key]


class Nonces:
    """Nonces that every process with the same key gives and takes, each for two to four minutes. Nothing is kept."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def current(self, now: float) -> str:
        """The nonce to hand out."""
        return self._of(int(now // NONCE_SECONDS))

    def takes(self, nonce: object, now: float) -> bool:
        """Whether this nonce was handed out lately."""
        if not isinstance(nonce, str) or not nonce.isascii():
            return False
        period = int(now // NONCE_SECONDS)
        return any(hmac.compare_digest(nonce, self._of(one)) for one in (period, period - 1))

    def _of(self, period: int) -> str:
        return hmac.digest(self._key, f"dpop nonce\n{period}".encode(), "sha256").hex()[:32]


class Proofs:
    """Checks proofs. With `nonces` each must carry one that was handed out."""

    def __init__(self, clock: Clock, *, seen: Seen | None = None, nonces: Nonces | None = None) -> None:
        self._clock = clock
        self._seen = seen or SeenHere(clock)
        self._nonces = nonces
        self._keys: OrderedDict[str, Key] = OrderedDict()

    async def check(self, holding: Holding, token: str | None, key: str) -> None:
        """The proof is made for this request and token, by the key with this thumbprint, now, and for the first time.

        Where a token is asked for, there is none yet.

        Raises Unauthenticated, or NonceRequired for a proof that lacks nothing else.
        """
        claims = self._claims(holding.proof, key)
        proof = claims.get("jti")
        if (
            claims.get("htm") != holding.method
            or not isinstance(claims.get("htu"), str)
            or normal(claims["htu"]) != normal(holding.url)
            or (token is not None and claims.get("ath") != _hash(token))
            or not isinstance(proof, str)
            or not 0 < len(proof) <= PROOF_ID_LENGTH
            or not proof.isprintable()
            or not self._is_of_now(claims.get("iat"))
        ):
            raise Unauthenticated
        now = self._clock.readings()[0]
        if self._nonces is not None and not self._nonces.takes(claims.get("nonce"), now):
            raise NonceRequired(self._nonces.current(now))
        if not await self._seen.first(key, _hash(proof)):
            raise Unauthenticated

    def _claims(self, proof: bytes | None, key: str) -> dict[str, Any]:
        if proof is None or len(proof) > PROOF_SIZE:
            raise Unauthenticated
        try:
            header = jwt.get_unverified_header(proof)
            found = self._key(header, key)
            payload = _JWS.decode(proof, found.public, algorithms=[found.algorithm])
            claims = json.loads(payload)
        except (jwt.PyJWTError, KeySetInvalid, ValueError, TypeError, RecursionError):
            raise Unauthenticated from None
        if not isinstance(claims, dict):
            raise Unauthenticated
        return claims

    def _key(self, header: Mapping[str, Any], expected: str) -> Key:
        """The key in the header, when it is the one that the token is bound to."""
        jwk, named = header.get("jwk"), header.get("alg")
        if not header.keys() <= _HEADERS or header.get("typ") != "dpop+jwt" or not isinstance(jwk, dict):
            raise Unauthenticated
        family = ALGORITHMS.get(named) if isinstance(named, str) else None
        if family is None or algorithm_of(jwk, family) != named or "d" in jwk or thumbprint(jwk) != expected:
            raise Unauthenticated
        found = self._keys.get(expected)
        if found is None:
            found = self._keys[expected] = public_key(jwk, str(named))
            if len(self._keys) > KEYS_SIZE:
                self._keys.popitem(last=False)
        return found

    def _is_of_now(self, iat: object) -> bool:
        if type(iat) is not int:
            return False
        return any(-AHEAD <= now - iat <= AGE for now in self._clock.readings())


def proof_key(proof: bytes) -> str:
    """The thumbprint of the key that a proof says it is made with. Raises Unauthenticated."""
    try:
        return thumbprint(jwt.get_unverified_header(proof)["jwk"])
    except (jwt.PyJWTError, KeySetInvalid, LookupError, TypeError, AttributeError):
        raise Unauthenticated from None


def normal(url: str) -> str | None:
    """A URL without query and fragment, scheme and host in lower case, no default port; None when it is none.

    The path is taken to the letter: what is decoded could mean another one.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port not in {None, _DEFAULT_PORTS[parts.scheme]}:
        host += f":{port}"
    return f"{parts.scheme}://{host}{parts.path or '/'}"


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
