"""The issuers of the demo and the tests: a key ring for each realm in a file of its own, and a token for each demo caller."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from auth.issuers import Issuer
from auth.keys import EDDSA, ES256, Family, KeySet, thumbprint
from auth.viewer import CallerKind

BASE = "https://issuer.tongcha.invalid"
"""Where the issuers are when they are nowhere: for tokens that are checked with the key ring itself."""
AUDIENCE = "tongcha"
KEY_FILE = "issuer-keys.json"
LIFETIME = 12 * 3600
"""Seconds that a demo token is good for."""
MAX_KEYS = 8
"""In a key ring: the oldest goes."""


@dataclass(frozen=True, kw_only=True)
class Realm:
    """One realm of callers with an issuer of its own."""

    title: str
    family: Family
    kinds: frozenset[CallerKind]


REALMS: Mapping[str, Realm] = MappingProxyType(
    {
        "staff": Realm(
            title="粤政易",
            family=Family.EC,
            kinds=frozenset({CallerKind.OFFICER, CallerKind.SUPERVISOR, CallerKind.AUDITOR}),
        ),
        "people": Realm(title="粤省事、粤商通", family=Family.EC, kinds=frozenset({CallerKind.CITIZEN})),
        "systems": Realm(title="协同平台", family=Family.ED, kinds=frozenset({CallerKind.PARTNER, CallerKind.PUBLIC})),
    }
)

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
        "partner-credit": {"kind": "partner", "client_id": "partner-credit"},
        "partner-linkage": {"kind": "partner", "client_id": "partner-linkage"},
        "partner-statistics": {"kind": "partner", "client_id": "partner-statistics"},
        "partner-random": {"kind": "partner", "client_id": "partner-random"},
        "partner-supervision": {"kind": "partner", "client_id": "partner-supervision"},
        "citizen": {"kind": "citizen", "client_id": "yueshengshi", "subject_ref": "p_7QK2M9"},
        "enterprise": {
            "kind": "citizen",
            "client_id": "yueshangtong",
            "subject_ref": "p_7QK2M9",
            "org_uscc": "91440499MA7X000184",
        },
        "public": {"kind": "public", "client_id": "public-site"},
        "auditor": {"kind": "auditor", "client_id": "audit-desk"},
    }
)
"""Claims of the demo callers by the name that ``tongcha token`` takes."""


def realm_of(caller: str) -> str:
    """The realm of a demo caller. Raises KeyError when there is no such caller."""
    kind = CallerKind(DEMO_CALLERS[caller]["kind"])
    return next(name for name, realm in REALMS.items() if kind in realm.kinds)


class DemoIssuer:
    """Signs tokens of RFC 9068's shape for every realm. Not for production: it knows only the demo callers."""

    def __init__(self, rings: Mapping[str, list[dict[str, str]]], base: str = BASE, path: Path | None = None) -> None:
        self._rings = {realm: list(ring) for realm, ring in rings.items()}
        self._base = base
        self._path = path

    @classmethod
    def open(cls, directory: Path, base: str = BASE) -> DemoIssuer:
        """The issuers whose keys lie in `directory`; they are made, readable by their owner only, when there are none.

        `base` is the address under which each realm has its issuer.
        """
        path = directory / KEY_FILE
        try:
            rings = json.loads(path.read_text())
        except FileNotFoundError:
            rings = {name: [_new_key(realm.family)] for name, realm in REALMS.items()}
            directory.mkdir(parents=True, exist_ok=True)
            _write(path, rings)
        return cls(rings, base, path)

    def iss(self, realm: str) -> str:
        """The issuer identifier of a realm."""
        return f"{self._base}/{realm}"

    def key_id(self, realm: str) -> str:
        """Of the key that signs now."""
        return self._rings[realm][0]["kid"]

    def jwks(self, realm: str) -> dict[str, object]:
        """The public keys of a realm, as a JWK Set."""
        return {"keys": [{name: text for name, text in key.items() if name != "d"} for key in self._rings[realm]]}

    def issuers(self) -> tuple[Issuer, ...]:
        """As a gateway would have them in its file, with their keys at ``<iss>/jwks``."""
        return tuple(
            Issuer(
                name=name,
                iss=self.iss(name),
                audience=AUDIENCE,
                kinds=realm.kinds,
                family=realm.family,
                keys=f"{self.iss(name)}/jwks",
            )
            for name, realm in REALMS.items()
        )

    def trusted(self) -> dict[Issuer, KeySet]:
        """The same with the keys of now, ready to verify with."""
        return {issuer: KeySet.from_jwks(self.jwks(issuer.name), issuer.family) for issuer in self.issuers()}

    def rotate(self, realm: str, *, overlap: bool = True) -> str:
        """Sign with a new key from now on and publish it; without `overlap` no other. The id of the new key."""
        key = _new_key(REALMS[realm].family)
        self._rings[realm] = [key, *(self._rings[realm] if overlap else ())][:MAX_KEYS]
        if self._path is not None:
            _write(self._path, self._rings)
        return key["kid"]

    def mint(self, caller: str, *, lifetime: int = LIFETIME, acr: str | None = None, **claims: Any) -> str:
        """A token for a demo caller, good for `lifetime` seconds. Raises KeyError when there is no such caller.

        With `acr` the caller has authenticated that way just now. `claims` are added, or stand in for others.
        """
        realm, now = realm_of(caller), int(time.time())
        key = self._rings[realm][0]
        payload = {
            "iss": self.iss(realm),
            "aud": AUDIENCE,
            "sub": f"demo:{caller}",
            "iat": now,
            "exp": now + lifetime,
            "jti": secrets.token_urlsafe(16),
            **DEMO_CALLERS[caller],
            **({"acr": acr, "auth_time": now} if acr is not None else {}),
            **claims,
        }
        signing = jwt.PyJWK(dict(key), key["alg"]).key
        return jwt.encode(payload, signing, key["alg"], headers={"typ": "at+jwt", "kid": key["kid"]})


def _new_key(family: Family) -> dict[str, str]:
    """A private JWK, named by its thumbprint (RFC 7638)."""
    if family is Family.ED:
        algorithm, private = (
            EDDSA,
            jwt.algorithms.OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate(), as_dict=True),
        )
    else:
        algorithm, private = (
            ES256,
            jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True),
        )
    return {**private, "kid": thumbprint(private), "use": "sig", "alg": algorithm}


def _write(path: Path, rings: Mapping[str, list[dict[str, str]]]) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(rings, file)
    draft.replace(path)
