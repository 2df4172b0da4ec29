"""Tokens of any shape, and a clock that stands still."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from auth.clock import Clock
from auth.dpop import Proofs
from auth.issuers import Issuer
from auth.keys import KeySet
from auth.revocation import Revocations
from auth.tokens import TokenVerifier
from auth.viewer import CallerKind

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
JWK = {**json.loads(ECAlgorithm.to_jwk(KEY.public_key())), "kid": "k1"}
OTHER_JWK = {**json.loads(ECAlgorithm.to_jwk(OTHER_KEY.public_key())), "kid": "k1"}
RSA_JWK = {**json.loads(RSAAlgorithm.to_jwk(RSA_KEY.public_key())), "kid": "rsa", "alg": "RS384"}
KEYS = KeySet.from_jwks({"keys": [JWK, RSA_JWK]})
NOW = 1_800_000_000
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "k1"}
STAFF = Issuer(
    name="staff",
    iss="https://id.example/realms/staff",
    audience="tongcha",
    kinds=frozenset({CallerKind.OFFICER, CallerKind.SUPERVISOR}),
)

CLAIMS: Mapping[str, Any] = {
    "iss": STAFF.iss,
    "aud": "tongcha",
    "sub": "u-1",
    "client_id": "app",
    "jti": "j-1",
    "iat": NOW,
    "exp": NOW + 600,
    "kind": "officer",
    "cert_no": "19040130215",
}


class Time:
    """Seconds that pass when a test says so. `set_by` is how far somebody has set the wall clock."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.set_by = 0.0

    def wall(self) -> float:
        return NOW + self.passed + self.set_by

    def steady(self) -> float:
        return 1000.0 + self.passed

    def clock(self) -> Clock:
        return Clock(self.wall, self.steady)


def encode(part: object) -> str:
    raw = part if isinstance(part, bytes) else (part if isinstance(part, str) else json.dumps(part)).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: object, claims: object, key: ec.EllipticCurvePrivateKey = KEY) -> str:
    """A token with a valid ES256 signature over whatever parts."""
    text = f"{encode(header)}.{encode(claims)}"
    signature = ECAlgorithm(ECAlgorithm.SHA256).sign(text.encode(), key)
    return f"{text}.{encode(signature)}"


def with_hmac(secret: bytes, algorithm: str = "HS256") -> str:
    text = f"{encode({**HEADER, 'alg': algorithm})}.{encode(dict(CLAIMS))}"
    return f"{text}.{encode(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


def token(**claims: Any) -> str:
    """A good token, with these claims in place of its own."""
    return signed(HEADER, {**CLAIMS, **claims})


def verifier(
    time: Time | None = None, issuer: Issuer = STAFF, keys: KeySet = KEYS, proofs: Proofs | None = None
) -> TokenVerifier:
    """Takes the tokens of one issuer, at NOW."""
    time = time or Time()
    revocations = Revocations(wall=time.wall, steady=time.steady)
    return TokenVerifier({issuer: keys}, revocations=revocations, clock=time.clock(), proofs=proofs)
