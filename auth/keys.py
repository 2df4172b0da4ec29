"""The issuer's public keys, read from a JWK Set (RFC 7517)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

ALGORITHM = "ES256"
KEY_ID_LENGTH = 128
FILE_SIZE = 256 * 1024
"""Bytes. A larger key file is refused unread."""


class KeySetInvalid(Exception):
    """The key set cannot be used as a whole: the old one stays."""


class KeySet:
    """Public keys by key id. Keys for other algorithms and uses are left out; two keys of one id refuse the set."""

    def __init__(self, keys: Mapping[str, EllipticCurvePublicKey]) -> None:
        self._keys = dict(keys)

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, key_id: str) -> EllipticCurvePublicKey | None:
        """The key of this id, or None. Never looks anywhere else."""
        return self._keys.get(key_id)

    @classmethod
    def from_jwks(cls, document: object) -> KeySet:
        """Raises KeySetInvalid: not a JWK Set, no usable key, a private key, or two keys of one id."""
        entries = document.get("keys") if isinstance(document, Mapping) else None
        if not isinstance(entries, list):
            raise KeySetInvalid("not a JWK Set")
        keys: dict[str, EllipticCurvePublicKey] = {}
        for entry in entries:
            if not isinstance(entry, Mapping) or not _is_for_us(entry):
                continue
            key_id = entry["kid"]
            if key_id in keys:
                raise KeySetInvalid("two keys of one id")
            keys[key_id] = _public_key(entry)
        if not keys:
            raise KeySetInvalid("no usable key")
        return cls(keys)

    @classmethod
    def load(cls, path: Path) -> KeySet:
        """Read a JWK Set from a file. Raises KeySetInvalid."""
        try:
            if path.stat().st_size > FILE_SIZE:
                raise KeySetInvalid("too large")
            document = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise KeySetInvalid(type(error).__name__) from error
        return cls.from_jwks(document)


def _is_for_us(entry: Mapping[str, object]) -> bool:
    key_id = entry.get("kid")
    return (
        entry.get("kty") == "EC"
        and entry.get("crv") == "P-256"
        and entry.get("alg", ALGORITHM) == ALGORITHM
        and entry.get("use", "sig") == "sig"
        and isinstance(key_id, str)
        and 0 < len(key_id) <= KEY_ID_LENGTH
    )


def _public_key(entry: Mapping[str, object]) -> EllipticCurvePublicKey:
    if "d" in entry:
        raise KeySetInvalid("a private key")
    try:
        key = jwt.PyJWK(dict(entry), ALGORITHM).key
    except jwt.PyJWTError as error:
        raise KeySetInvalid(type(error).__name__) from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise KeySetInvalid("not a P-256 key")
    return key
