"""An issuer for demonstrations and tests: one ES256 key in a file of its own and a token for each demo caller."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from auth.keys import ALGORITHM, KeySet

ISSUER = "https://issuer.tongcha.invalid"
AUDIENCE = "tongcha"
KEY_FILE = "issuer-key.pem"
LIFETIME = 12 * 3600
"""Seconds that a demo token is good for."""

DEMO_CALLERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "officer": {
            "kind": "officer",
            "cert_no": "19040130215",
            "client_id": "yuezhifa",
            "division_code": "440402000000",
        },
        "officer-without-task": {"kind": "officer", "cert_no": "19040130299", "client_id": "yuezhifa"},
        "supervisor": {"kind": "supervisor", "cert_no": "19040100007", "client_id": "yuezhifa-supervision"},
        "partner": {"kind": "partner", "client_id": "partner-disclosure"},
        "partner-finance": {"kind": "partner", "client_id": "partner-finance"},
        "citizen": {"kind": "citizen", "client_id": "yueshengshi"},
        "public": {"kind": "public", "client_id": "public-site"},
        "auditor": {"kind": "auditor", "client_id": "audit-desk"},
    }
)
"""Claims of the demo callers by the name that ``tongcha token`` takes."""


class DemoIssuer:
    """Signs tokens of RFC 9068's shape. Not for production: it knows only the demo callers."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self._public_jwk = json.loads(ECAlgorithm.to_jwk(key.public_key()))
        self.key_id = _thumbprint(self._public_jwk)

    @classmethod
    def open(cls, directory: Path) -> DemoIssuer:
        """The issuer whose key lies in `directory`; the key is made, readable by its owner only, when there is none."""
        path = directory / KEY_FILE
        try:
            pem = path.read_bytes()
        except FileNotFoundError:
            pem = _new_key()
            directory.mkdir(parents=True, exist_ok=True)
            draft = directory / f".{KEY_FILE}.{secrets.token_hex(4)}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(pem)
            draft.replace(path)
        key = serialization.load_pem_private_key(pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{path} does not hold an EC key")
        return cls(key)

    def jwks(self) -> dict[str, object]:
        """The public half, as a JWK Set."""
        return {"keys": [{**self._public_jwk, "kid": self.key_id, "use": "sig", "alg": ALGORITHM}]}

    def keys(self) -> KeySet:
        """The public half, ready to verify with."""
        return KeySet.from_jwks(self.jwks())

    def mint(self, caller: str, *, lifetime: int = LIFETIME) -> str:
        """A token for a demo caller, good for `lifetime` seconds. Raises KeyError when there is no such caller."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": f"demo:{caller}",
            "iat": now,
            "exp": now + lifetime,
            "jti": secrets.token_urlsafe(16),
            **DEMO_CALLERS[caller],
        }
        return jwt.encode(claims, self._key, ALGORITHM, headers={"typ": "at+jwt", "kid": self.key_id})


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _thumbprint(public_jwk: Mapping[str, str]) -> str:
    """The key id: the JWK thumbprint of RFC 7638."""
    members = {name: public_jwk[name] for name in ("crv", "kty", "x", "y")}
    digest = hashlib.sha256(json.dumps(members, separators=(",", ":"), sort_keys=True).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
