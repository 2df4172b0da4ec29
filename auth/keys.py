"""The public keys of an issuer, read from a JWK Set (RFC 7517)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeAlias

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey: TypeAlias = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey

KEY_ID_LENGTH = 128
FILE_SIZE = 256 * 1024
"""Bytes. A larger document is refused unread."""
SET_SIZE = 64
"""Keys. A set of more is refused: reading a key costs up to 0.1 ms."""
RSA_BITS = range(2048, 8193)
"""Shorter keys are weak (RFC 7518 section 3.3), longer ones cost too much to verify with."""


class Family(Enum):
    """The algorithms that an issuer may sign with; the value is the ``kty`` of its keys (RFC 8725 section 3.1).

    No SM2: no JOSE algorithm is registered for it.
    """

    EC = "EC"
    """ES256."""
    RSA = "RSA"
    """RS256 to PS512: the key says which, RS256 unless it does."""
    ED = "OKP"
    """EdDSA with Ed25519."""


ES256 = "ES256"
EDDSA = "EdDSA"

_CURVES = MappingProxyType({"P-256": ES256, "Ed25519": EDDSA})
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_MEMBERS = MappingProxyType({"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")})


class KeySetInvalid(Exception):
    """The key set cannot be used as a whole: the old one stays."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """A public key with the one algorithm that it verifies. Two are equal when their thumbprints are."""

    algorithm: str
    thumbprint: str
    public: PublicKey = field(compare=False, repr=False)


class Keys(Protocol):
    """Where a verifier finds the keys of one issuer. `epoch` changes when a key that was there is there no more."""

    @property
    def epoch(self) -> int: ...

    @property
    def usable(self) -> bool:
        """Whether any key is known that may still be believed."""
        ...

    def get(self, key_id: str) -> Key | None:
        """The key of this id among those at hand. Never waits."""
        ...

    async def awaited(self, key_id: str) -> Key | None:
        """The same, after looking for it where keys come from; bounded in time and in how often."""
        ...


class KeySet:
    """Public keys by key id. Keys for other algorithms and uses are left out; two keys of one id refuse the set."""

    epoch = 0
    usable = True

    def __init__(self, keys: Mapping[str, Key]) -> None:
        self._keys = dict(keys)

    def __len__(self) -> int:
        return len(self._keys)

    def covers(self, other: KeySet) -> bool:
        """Whether every key of the other set is here too, under the same id."""
        return other._keys.items() <= self._keys.items()

    def get(self, key_id: str) -> Key | None:
        """The key of this id, or None. Never looks anywhere else."""
        return self._keys.get(key_id)

    async def awaited(self, key_id: str) -> Key | None:
        """The key of this id, or None: there is nowhere else to look."""
        return self.get(key_id)

    @classmethod
    def from_jwks(cls, document: object, family: Family = Family.EC) -> KeySet:
        """Raises KeySetInvalid: not a JWK Set, no usable key, a private key, or two keys of one id."""
        entries = document.get("keys") if isinstance(document, Mapping) else None
        if not isinstance(entries, list) or len(entries) > SET_SIZE:
            raise KeySetInvalid("not a JWK Set")
        keys: dict[str, Key] = {}
        for entry in entries:
            key_id = _key_id(entry)
            algorithm = None if key_id is None else algorithm_of(entry, family)
            if key_id is None or algorithm is None:
                continue
            if key_id in keys:
                raise KeySetInvalid("two keys of one id")
            key = public_key(entry, algorithm)
            if isinstance(key.public, RSAPublicKey) and key.public.key_size not in RSA_BITS:
                continue
            keys[key_id] = key
        if not keys:
            raise KeySetInvalid("no usable key")
        return cls(keys)

    @classmethod
    def parse(cls, text: bytes, family: Family = Family.EC) -> KeySet:
        """Read a JWK Set. Raises KeySetInvalid."""
        if len(text) > FILE_SIZE:
            raise KeySetInvalid("too large")
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise KeySetInvalid(type(error).__name__) from error
        return cls.from_jwks(document, family)

    @classmethod
    def load(cls, path: Path, family: Family = Family.EC) -> KeySet:
        """Read a JWK Set from a file. Raises KeySetInvalid."""
        try:
            with path.open("rb") as file:
                text = file.read(FILE_SIZE + 1)
        except OSError as error:
            raise KeySetInvalid(type(error).__name__) from error
        return cls.parse(text, family)


def algorithm_of(entry: Mapping[str, object], family: Family) -> str | None:
    """The algorithm that a key of this family verifies; None when it is no such key, or for another use."""
    operations = entry.get("key_ops", ["verify"])
    if (
        entry.get("kty") != family.value
        or entry.get("use", "sig") != "sig"
        or not isinstance(operations, list)
        or "verify" not in operations
    ):
        return None
    if family is Family.RSA:
        named = entry.get("alg", "RS256")
        return named if isinstance(named, str) and named in _RSA else None
    curve = entry.get("crv")
    algorithm = _CURVES.get(curve) if isinstance(curve, str) else None
    named = entry.get("alg", algorithm)
    return algorithm if named == algorithm or (named == curve == "Ed25519") else None  # RFC 9864's name for EdDSA


def public_key(entry: Mapping[str, object], algorithm: str) -> Key:
    """The key of a JWK that verifies this algorithm. Raises KeySetInvalid."""
    if "d" in entry:
        raise KeySetInvalid("a private key")
    try:
        public = jwt.PyJWK(dict(entry), algorithm).key
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise KeySetInvalid(type(error).__name__) from error
    if not isinstance(public, EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey):
        raise KeySetInvalid("not a public key")
    return Key(algorithm=algorithm, thumbprint=thumbprint(entry), public=public)


def thumbprint(entry: Mapping[str, object]) -> str:
    """The JWK thumbprint of RFC 7638, SHA-256 in base64url. Raises KeySetInvalid when a member is missing."""
    try:
        members = {name: entry[name] for name in _MEMBERS[str(entry.get("kty"))]}
    except KeyError:
        raise KeySetInvalid("incomplete") from None
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _key_id(entry: object) -> str | None:
    key_id = entry.get("kid") if isinstance(entry, Mapping) else None
    return key_id if isinstance(key_id, str) and 0 < len(key_id) <= KEY_ID_LENGTH else None
