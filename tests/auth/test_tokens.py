"""Attack names (A1 …) are those of the project's catalogue of attacks on authentication."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from auth import tokens
from auth.keys import KeySet
from auth.tokens import CACHE_SECONDS, CACHE_SIZE, LEEWAY, TokenExpired, TokenVerifier, Unauthenticated, bearer
from auth.viewer import CallerKind, Viewer

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
JWK = {**json.loads(ECAlgorithm.to_jwk(KEY.public_key())), "kid": "k1"}
RSA_JWK = {**json.loads(RSAAlgorithm.to_jwk(RSA_KEY.public_key())), "kid": "rsa", "alg": "RS384"}
KEYS = KeySet.from_jwks({"keys": [JWK, RSA_JWK]})
PUBLIC_PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
ISSUER = "https://id.example/realms/staff"
NOW = 1_800_000_000
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "k1"}

CLAIMS: Mapping[str, Any] = {
    "iss": ISSUER,
    "aud": "tongcha",
    "sub": "u-1",
    "client_id": "app",
    "jti": "j-1",
    "iat": NOW,
    "exp": NOW + 600,
    "kind": "officer",
    "cert_no": "19040130215",
}


class Clock:
    """Stands in for the time module, `passed` seconds after NOW."""

    def __init__(self) -> None:
        self.passed = 0.0

    def time(self) -> float:
        return NOW + self.passed

    def monotonic(self) -> float:
        return self.passed


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What PyJWT and the verifier take for the time."""
    clock = Clock()

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(clock.time(), tz)

    monkeypatch.setattr(jwt.api_jwt, "datetime", Stopped)
    monkeypatch.setattr(tokens, "time", clock)
    return clock


def verifier() -> TokenVerifier:
    return TokenVerifier(KEYS, issuer=ISSUER, audience="tongcha")


def encode(part: object) -> str:
    text = part if isinstance(part, str) else json.dumps(part)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def signed(header: object, claims: object, key: ec.EllipticCurvePrivateKey = KEY) -> str:
    """A token with a valid ES256 signature over whatever parts."""
    text = f"{encode(header)}.{encode(claims)}"
    signature = ECAlgorithm(ECAlgorithm.SHA256).sign(text.encode(), key)
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def with_hmac(secret: bytes, algorithm: str = "HS256") -> str:
    text = f"{encode({**HEADER, 'alg': algorithm})}.{encode(dict(CLAIMS))}"
    mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


def test_a_good_token_names_its_viewer() -> None:
    assert verifier().verify(signed(HEADER, CLAIMS)) == Viewer(
        subject="u-1", client="app", kind=CallerKind.OFFICER, cert_no="19040130215"
    )


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_the_type_is_a_media_type(typ: str) -> None:
    verifier().verify(signed({**HEADER, "typ": typ}, CLAIMS))


@pytest.mark.parametrize("claims", [{"exp": NOW - LEEWAY + 1}, {"nbf": NOW + LEEWAY}, {"iat": NOW + LEEWAY}])
def test_clocks_may_differ_by_the_leeway(claims: dict[str, int]) -> None:
    verifier().verify(signed(HEADER, {**CLAIMS, **claims}))


BAD = {
    "empty": "",
    "one-part": "abc",
    "two-parts": "abc.def",
    "not-base64": "!!!.???.***",
    "not-ascii": "é" * 20,
    "header-not-json": f"{encode('{')}.{encode(dict(CLAIMS))}.AAAA",
    "header-a-list": signed([], CLAIMS),
    "claims-a-list": signed(HEADER, []),
    "claims-deep": signed(HEADER, "[" * 2000),
    "claims-a-huge-number": signed(HEADER, '{"exp": ' + "9" * 5000 + "}"),
    "too-long": signed(HEADER, {**CLAIMS, "padding": "x" * 8192}),
    "signature-of-another-key": signed(HEADER, CLAIMS, OTHER_KEY),
    "signature-empty": signed(HEADER, CLAIMS).rpartition(".")[0] + ".",
    "signature-zero": signed(HEADER, CLAIMS).rpartition(".")[0] + "." + "A" * 86,
    "claims-changed": ".".join(
        [encode(HEADER), encode({**CLAIMS, "sub": "chief"}), signed(HEADER, CLAIMS).rpartition(".")[2]]
    ),
    "A1-none": f"{encode({**HEADER, 'alg': 'none'})}.{encode(dict(CLAIMS))}.",
    "A1-none-signed": signed({**HEADER, "alg": "none"}, CLAIMS),
    "A1-hmac-with-public-key": with_hmac(PUBLIC_PEM),
    "A1-hmac-with-jwk-text": with_hmac(json.dumps(JWK).encode()),
    "A1-hmac-called-ES256": with_hmac(PUBLIC_PEM, "ES256"),
    "A1-no-algorithm": signed({"typ": "at+jwt", "kid": "k1"}, CLAIMS),
    "A2-key-bound-to-RS384": signed({**HEADER, "kid": "rsa"}, CLAIMS),
    "A2-RS384": jwt.encode(dict(CLAIMS), RSA_KEY, "RS384", headers={"typ": "at+jwt", "kid": "rsa"}),
    "A2-ES256K": signed({**HEADER, "alg": "ES256K"}, CLAIMS),
    "A3-issuer-missing": signed(HEADER, without("iss")),
    "A3-issuer-prefix": signed(HEADER, {**CLAIMS, "iss": ISSUER[:-1]}),
    "A3-issuer-slash": signed(HEADER, {**CLAIMS, "iss": ISSUER + "/"}),
    "A3-issuer-case": signed(HEADER, {**CLAIMS, "iss": ISSUER.upper()}),
    "A3-issuer-homoglyph": signed(HEADER, {**CLAIMS, "iss": ISSUER.replace("e", "е")}),
    "A3-issuer-list": signed(HEADER, {**CLAIMS, "iss": [ISSUER]}),
    "A3-audience-missing": signed(HEADER, without("aud")),
    "A3-audience-other": signed(HEADER, {**CLAIMS, "aud": "tongcha2"}),
    "A3-audience-list": signed(HEADER, {**CLAIMS, "aud": ["tongcha", "other"]}),
    "A4-typ-missing": signed({"alg": "ES256", "kid": "k1"}, CLAIMS),
    "A4-typ-JWT": signed({**HEADER, "typ": "JWT"}, CLAIMS),
    "A4-typ-logout": signed({**HEADER, "typ": "logout+jwt"}, CLAIMS),
    "A4-typ-a-list": signed({**HEADER, "typ": ["at+jwt"]}, CLAIMS),
    "A4-id-token": signed({**HEADER, "typ": "JWT"}, {**without("client_id"), "nonce": "n"}),
    "A5-jku": signed({**HEADER, "jku": "https://attacker.example/jwks"}, CLAIMS),
    "A5-x5u": signed({**HEADER, "x5u": "https://attacker.example/x"}, CLAIMS),
    "A5-jwk": signed({**HEADER, "jwk": json.loads(ECAlgorithm.to_jwk(OTHER_KEY.public_key()))}, CLAIMS, OTHER_KEY),
    "A5-x5c": signed({**HEADER, "x5c": ["MIIB"]}, CLAIMS),
    "A5-crit-unknown": signed({**HEADER, "crit": ["x"], "x": 1}, CLAIMS),
    "A5-crit-b64": signed({**HEADER, "crit": ["b64"], "b64": False}, CLAIMS),
    "A5-kid-path": signed({**HEADER, "kid": "../../etc/passwd"}, CLAIMS),
    "A5-kid-long": signed({**HEADER, "kid": "k" * 1_000_000}, CLAIMS),
    "A5-kid-number": signed({**HEADER, "kid": 1}, CLAIMS),
    "A5-kid-missing": signed({"alg": "ES256", "typ": "at+jwt"}, CLAIMS),
    "A6-kid-unknown": signed({**HEADER, "kid": "k2"}, CLAIMS),
    "A8-exp-missing": signed(HEADER, without("exp")),
    "A8-exp-text": signed(HEADER, {**CLAIMS, "exp": str(NOW + 600)}),
    "A8-exp-float": signed(HEADER, {**CLAIMS, "exp": NOW + 600.5}),
    "A8-nbf-boolean": signed(HEADER, {**CLAIMS, "nbf": True}),
    "A8-exp-infinite": signed(HEADER, json.dumps(dict(CLAIMS)).replace(str(NOW + 600), "1e309")),
    "A8-exp-nan": signed(HEADER, json.dumps(dict(CLAIMS)).replace(str(NOW + 600), "NaN")),
    "A8-nbf-ahead": signed(HEADER, {**CLAIMS, "nbf": NOW + LEEWAY + 1}),
    "A8-nbf-text": signed(HEADER, {**CLAIMS, "nbf": str(NOW)}),
    "A8-iat-ahead": signed(HEADER, {**CLAIMS, "iat": NOW + LEEWAY + 1}),
    "A8-iat-missing": signed(HEADER, without("iat")),
    "subject-missing": signed(HEADER, without("sub")),
    "subject-empty": signed(HEADER, {**CLAIMS, "sub": ""}),
    "subject-long": signed(HEADER, {**CLAIMS, "sub": "u" * 201}),
    "subject-with-newline": signed(HEADER, {**CLAIMS, "sub": "u\n"}),
    "client-missing": signed(HEADER, without("client_id")),
    "client-a-list": signed(HEADER, {**CLAIMS, "client_id": ["app"]}),
    "id-missing": signed(HEADER, without("jti")),
    "kind-missing": signed(HEADER, without("kind")),
    "kind-unknown": signed(HEADER, {**CLAIMS, "kind": "chief"}),
    "kind-a-list": signed(HEADER, {**CLAIMS, "kind": ["officer"]}),
    "officer-without-certificate": signed(HEADER, without("cert_no")),
    "officer-with-odd-certificate": signed(HEADER, {**CLAIMS, "cert_no": "1904 0130"}),
}


@pytest.mark.parametrize("name", BAD)
def test_every_bad_token_gets_the_same_refusal(name: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        verifier().verify(BAD[name])
    assert (type(refusal.value), refusal.value.args, refusal.value.__cause__) == (Unauthenticated, (), None)


def test_a8_an_expired_token_is_told_so() -> None:
    with pytest.raises(TokenExpired):
        verifier().verify(signed(HEADER, {**CLAIMS, "exp": NOW - LEEWAY}))


def test_an_expired_token_of_another_key_is_not() -> None:
    with pytest.raises(Unauthenticated) as refusal:
        verifier().verify(signed(HEADER, {**CLAIMS, "exp": NOW - LEEWAY}, OTHER_KEY))
    assert type(refusal.value) is Unauthenticated


def test_a_verified_token_is_remembered_for_a_minute(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    subject, token = verifier(), signed(HEADER, CLAIMS)
    checks: list[str] = []
    decode = jwt.decode

    def counted(text: str, *args: Any, **options: Any) -> Any:
        checks.append(text)
        return decode(text, *args, **options)

    monkeypatch.setattr(jwt, "decode", counted)
    for clock.passed in (0, 1, CACHE_SECONDS - 1, CACHE_SECONDS, CACHE_SECONDS + 1):
        subject.verify(token)
    assert checks == [token, token]


def test_a_remembered_token_still_expires(clock: Clock) -> None:
    subject = verifier()
    token = signed(HEADER, {**CLAIMS, "exp": NOW + 10})
    subject.verify(token)
    clock.passed = 10 + LEEWAY
    with pytest.raises(TokenExpired):
        subject.verify(token)


def test_new_keys_forget_what_was_verified() -> None:
    subject, token = verifier(), signed(HEADER, CLAIMS)
    subject.verify(token)
    other = {**json.loads(ECAlgorithm.to_jwk(OTHER_KEY.public_key())), "kid": "k1"}
    subject.replace_keys(KeySet.from_jwks({"keys": [other]}))
    with pytest.raises(Unauthenticated):
        subject.verify(token)


def test_the_memory_of_tokens_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = verifier()
    monkeypatch.setattr(tokens, "CACHE_SIZE", 8)
    for number in range(20):
        subject.verify(signed(HEADER, {**CLAIMS, "jti": str(number)}))
    assert len(subject._verified) == 8
    assert CACHE_SIZE == 4096


def test_a_refused_token_is_not_remembered() -> None:
    subject = verifier()
    for token in BAD.values():
        with pytest.raises(Unauthenticated):
            subject.verify(token)
    assert len(subject._verified) == 0


@pytest.mark.parametrize("header", [b"Bearer abc.def", b"bearer abc.def", b"BEARER abc.def"])
def test_the_scheme_is_case_insensitive(header: bytes) -> None:
    assert bearer(header) == "abc.def"


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"Bearer",
        b"Bearer ",
        b"Basic dTpw",
        b"DPoP abc",
        b"abc.def",
        b"Bearer " + b"a" * 8193,
        b"Bearer \xff",
    ],
)
def test_other_authorization_is_none(header: bytes | None) -> None:
    with pytest.raises(Unauthenticated):
        bearer(header)
