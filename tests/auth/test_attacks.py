"""The catalogue of attacks on authentication, group A, a test named after each case; those with an advisory after that.

A6 and A7 need a network and are in ``tests/gateway/test_identity.py``, A9 is in ``test_dpop.py`` and ``test_binding.py``, A10 and
A11 in ``test_tokens.py``, A12 and A13 in ``tests/gateway/test_http.py``.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from auth.errors import Unauthenticated
from auth.issuers import Issuer
from auth.keys import Family, KeySet
from auth.revocation import LEEWAY
from tests.auth.minting import (
    CLAIMS,
    HEADER,
    JWK,
    KEY,
    NOW,
    OTHER_JWK,
    OTHER_KEY,
    RSA_JWK,
    RSA_KEY,
    STAFF,
    encode,
    signed,
    token,
    verifier,
    with_hmac,
    without,
)

PUBLIC_PEM = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
RSA_PEM = RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
GOOD = token()


def with_claims(text: str) -> str:
    """A token whose claims are this text."""
    return signed(HEADER, text)


SHAPE = {
    "empty": "",
    "one-part": "abc",
    "two-parts": "abc.def",
    "four-parts": GOOD + ".abc",
    "not-base64": "!!!.???.***",
    "not-ascii": "é" * 20,
    "header-not-json": f"{encode('{')}.{encode(dict(CLAIMS))}.AAAA",
    "header-a-list": signed([], CLAIMS),
    "claims-a-list": signed(HEADER, []),
    "claims-not-utf-8": signed(HEADER, b'{"iss": "\xff"}'),
    "claims-deep": with_claims("[" * 2000),
    "claims-a-huge-number": with_claims('{"exp": ' + "9" * 5000 + "}"),
    "too-long": token(padding="x" * 8192),
    "signature-of-another-key": signed(HEADER, CLAIMS, OTHER_KEY),
    "signature-empty": GOOD.rpartition(".")[0] + ".",
    "signature-zero": GOOD.rpartition(".")[0] + "." + "A" * 86,
    "claims-changed": ".".join([encode(HEADER), encode({**CLAIMS, "sub": "chief"}), GOOD.rpartition(".")[2]]),
    "issuer-changed": ".".join([encode(HEADER), encode({**CLAIMS, "iss": "https://x"}), GOOD.rpartition(".")[2]]),
}
A1 = {
    "A1-none": f"{encode({**HEADER, 'alg': 'none'})}.{encode(dict(CLAIMS))}.",
    "A1-None": f"{encode({**HEADER, 'alg': 'None'})}.{encode(dict(CLAIMS))}.",
    "A1-none-signed": signed({**HEADER, "alg": "none"}, CLAIMS),
    "A1-hmac-with-public-key": with_hmac(PUBLIC_PEM),
    "A1-hmac-with-jwk-text": with_hmac(json.dumps(JWK).encode()),
    "A1-hmac-with-nothing": with_hmac(b""),
    "A1-hmac-called-ES256": with_hmac(PUBLIC_PEM, "ES256"),
    "A1-no-algorithm": signed({"typ": "at+jwt", "kid": "k1"}, CLAIMS),
    "A1-algorithm-a-list": signed({**HEADER, "alg": ["ES256"]}, CLAIMS),
}
A2 = {
    "A2-key-bound-to-RS384": signed({**HEADER, "kid": "rsa"}, CLAIMS),
    "A2-RS384": jwt.encode(dict(CLAIMS), RSA_KEY, "RS384", headers={"typ": "at+jwt", "kid": "rsa"}),
    "A2-ES256K": signed({**HEADER, "alg": "ES256K"}, CLAIMS),
    "A2-es256": signed({**HEADER, "alg": "es256"}, CLAIMS),
}
A3 = {
    "A3-issuer-missing": signed(HEADER, without("iss")),
    "A3-issuer-prefix": token(iss=STAFF.iss[:-1]),
    "A3-issuer-longer": token(iss=STAFF.iss + "x"),
    "A3-issuer-slash": token(iss=STAFF.iss + "/"),
    "A3-issuer-case": token(iss=STAFF.iss.upper()),
    "A3-issuer-homoglyph": token(iss=STAFF.iss.replace("e", "е")),
    "A3-issuer-list": token(iss=[STAFF.iss]),
    "A3-issuer-null": token(iss=None),
    "A3-issuer-twice": with_claims(json.dumps(dict(CLAIMS))[:-1] + ', "iss": "https://attacker.example"}'),
    "A3-audience-missing": signed(HEADER, without("aud")),
    "A3-audience-other": token(aud="tongcha2"),
    "A3-audience-prefix": token(aud="tongch"),
    "A3-audience-list": token(aud=["tongcha", "other"]),
    "A3-audience-list-of-one": token(aud=["tongcha"]),
    "A3-audience-empty": token(aud=""),
}
A4 = {
    "A4-typ-missing": signed({"alg": "ES256", "kid": "k1"}, CLAIMS),
    "A4-typ-JWT": signed({**HEADER, "typ": "JWT"}, CLAIMS),
    "A4-typ-logout": signed({**HEADER, "typ": "logout+jwt"}, CLAIMS),
    "A4-typ-dpop": signed({**HEADER, "typ": "dpop+jwt"}, CLAIMS),
    "A4-typ-a-list": signed({**HEADER, "typ": ["at+jwt"]}, CLAIMS),
    "A4-id-token": signed({**HEADER, "typ": "JWT"}, {**without("client_id"), "nonce": "n"}),
    "A4-refresh-token": signed({**HEADER, "typ": "JWT"}, {**CLAIMS, "typ": "Refresh"}),
}
A5 = {
    "A5-jku": signed({**HEADER, "jku": "https://attacker.example/jwks"}, CLAIMS),
    "A5-x5u": signed({**HEADER, "x5u": "https://attacker.example/x"}, CLAIMS),
    "A5-jwk": signed({**HEADER, "jwk": json.loads(ECAlgorithm.to_jwk(OTHER_KEY.public_key()))}, CLAIMS, OTHER_KEY),
    "A5-x5c": signed({**HEADER, "x5c": ["MIIB"]}, CLAIMS),
    "A5-x5t": signed({**HEADER, "x5t": "AAAA"}, CLAIMS),
    "A5-crit-unknown": signed({**HEADER, "crit": ["x"], "x": 1}, CLAIMS),
    "A5-crit-b64": signed({**HEADER, "crit": ["b64"], "b64": False}, CLAIMS),
    "A5-zip": signed({**HEADER, "zip": "DEF"}, CLAIMS),
    "A5-kid-path": signed({**HEADER, "kid": "../../etc/passwd"}, CLAIMS),
    "A5-kid-url": signed({**HEADER, "kid": "https://attacker.example/key"}, CLAIMS),
    "A5-kid-sql": signed({**HEADER, "kid": "k1' UNION SELECT 'x"}, CLAIMS),
    "A5-kid-long": signed({**HEADER, "kid": "k" * 1_000_000}, CLAIMS),
    "A5-kid-of-129": signed({**HEADER, "kid": "k" * 129}, CLAIMS),
    "A5-kid-number": signed({**HEADER, "kid": 1}, CLAIMS),
    "A5-kid-empty": signed({**HEADER, "kid": ""}, CLAIMS),
    "A5-kid-missing": signed({"alg": "ES256", "typ": "at+jwt"}, CLAIMS),
    "A6-kid-unknown": signed({**HEADER, "kid": "k2"}, CLAIMS),
}
A8 = {
    "A8-exp-missing": signed(HEADER, without("exp")),
    "A8-exp-text": token(exp=str(NOW + 600)),
    "A8-exp-float": token(exp=NOW + 600.5),
    "A8-exp-null": token(exp=None),
    "A8-exp-infinite": with_claims(json.dumps(dict(CLAIMS)).replace(str(NOW + 600), "1e309")),
    "A8-exp-nan": with_claims(json.dumps(dict(CLAIMS)).replace(str(NOW + 600), "NaN")),
    "A8-exp-far": token(exp=NOW + 10**9),
    "A8-exp-huge": token(exp=10**400),
    "A8-nbf-boolean": token(nbf=True),
    "A8-nbf-ahead": token(nbf=NOW + LEEWAY + 1),
    "A8-nbf-ahead-by-61": token(nbf=NOW + 61),
    "A8-nbf-text": token(nbf=str(NOW)),
    "A8-iat-ahead": token(iat=NOW + LEEWAY + 1),
    "A8-iat-missing": signed(HEADER, without("iat")),
    "A8-auth-time-ahead": token(auth_time=NOW + LEEWAY + 1, acr="2"),
    "A8-auth-time-text": token(auth_time=str(NOW), acr="2"),
}
A9 = {
    "A9-bound-to-a-key-as-bearer": token(cnf={"jkt": "A" * 43}),
    "A9-bound-to-a-certificate-without": token(cnf={"x5t#S256": "A" * 43}),
    "A9-bound-by-means-unknown": token(cnf={"kid": "k"}),
    "A9-bound-by-a-key-and-means-unknown": token(cnf={"jkt": "A" * 43, "jwe": "x"}),
    "A9-bound-to-nothing": token(cnf={}),
    "A9-binding-null": token(cnf=None),
    "A9-binding-a-text": token(cnf="A" * 43),
    "A9-binding-short": token(cnf={"jkt": "A"}),
}
CALLER = {
    "subject-missing": signed(HEADER, without("sub")),
    "subject-empty": token(sub=""),
    "subject-long": token(sub="u" * 201),
    "subject-with-newline": token(sub="u\n"),
    "subject-with-bidi": token(sub="u\u202e1"),
    "subject-a-number": token(sub=1),
    "client-missing": signed(HEADER, without("client_id")),
    "client-a-list": token(client_id=["app"]),
    "id-missing": signed(HEADER, without("jti")),
    "id-empty": token(jti=""),
    "kind-missing": signed(HEADER, without("kind")),
    "kind-unknown": token(kind="chief"),
    "kind-a-list": token(kind=["officer"]),
    "kind-of-another-issuer": token(kind="auditor"),
    "officer-without-certificate": signed(HEADER, without("cert_no")),
    "officer-with-odd-certificate": token(cert_no="1904 0130"),
    "acr-a-number": token(acr=2, auth_time=NOW),
}
BAD = {**SHAPE, **A1, **A2, **A3, **A4, **A5, **A8, **A9, **CALLER}


@pytest.mark.parametrize("name", BAD)
async def test_every_bad_token_gets_the_same_refusal(name: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await verifier().verify(BAD[name])
    assert (type(refusal.value), refusal.value.args, refusal.value.__cause__) == (Unauthenticated, (), None)


async def test_no_refused_token_is_remembered() -> None:
    subject = verifier()
    for name in BAD.keys() - A9.keys():
        with pytest.raises(Unauthenticated):
            await subject.verify(BAD[name])
    assert len(subject._verified) == 0


async def test_a3_an_unbound_token_of_an_issuer_that_binds_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        await verifier(issuer=dataclasses.replace(STAFF, bound=True)).verify(GOOD)


# --- the museum: the shape of each advisory, and that it bites where nothing is done against it -----


def under(issuer: Issuer, *keys: dict[str, Any]) -> Any:
    return verifier(issuer=issuer, keys=KeySet.from_jwks({"keys": list(keys)}, issuer.family))


async def test_CVE_2026_48526_the_text_of_a_public_key_is_no_secret() -> None:
    for secret in (PUBLIC_PEM, json.dumps(JWK).encode(), json.dumps({"keys": [JWK]}).encode(), RSA_PEM):
        with pytest.raises(Unauthenticated):
            await verifier().verify(with_hmac(secret))


async def test_CVE_2026_48523_the_key_says_which_algorithm_it_verifies() -> None:
    family = dataclasses.replace(STAFF, family=Family.RSA)
    good = jwt.encode(dict(CLAIMS), RSA_KEY, "RS384", headers={"typ": "at+jwt", "kid": "rsa"})
    await under(family, RSA_JWK).verify(good)
    for algorithm in ("RS256", "RS512", "PS256", "PS384"):
        other = jwt.encode(dict(CLAIMS), RSA_KEY, algorithm, headers={"typ": "at+jwt", "kid": "rsa"})
        with pytest.raises(Unauthenticated):
            await under(family, RSA_JWK).verify(other)


async def test_CVE_2024_53861_part_of_an_issuer_s_name_is_not_its_name() -> None:
    for length in range(len(STAFF.iss)):
        with pytest.raises(Unauthenticated):
            await verifier().verify(token(iss=STAFF.iss[:length]))


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "data:application/json,{}", "ftp://x/jwks", "../../../etc/passwd"]
)
async def test_CVE_2026_48522_no_key_is_fetched_from_where_a_token_says(place: str) -> None:
    for header in ("jku", "x5u", "kid"):
        with pytest.raises(Unauthenticated):
            await verifier().verify(signed({**HEADER, header: place}, CLAIMS, OTHER_KEY))


@pytest.mark.parametrize("crit", [{}, {"crit": ["b64"]}, {"crit": "b64"}])
@pytest.mark.parametrize("payload", ["", json.dumps(dict(CLAIMS)), encode(dict(CLAIMS)), "x" * 8000])
async def test_GHSA_w7vc_732c_9m39_no_token_leaves_its_payload_elsewhere(crit: dict[str, Any], payload: str) -> None:
    text = f"{encode({**HEADER, **crit, 'b64': False})}.{payload}"
    signature = ECAlgorithm(ECAlgorithm.SHA256).sign(text.encode(), KEY)
    with pytest.raises(Unauthenticated):
        await verifier().verify(f"{text}.{encode(signature)}")


async def test_GHSA_752w_5fwx_jx9f_what_is_critical_and_unknown_refuses() -> None:
    for critical in (["x"], ["exp"], [], "x", None):
        with pytest.raises(Unauthenticated):
            await verifier().verify(signed({**HEADER, "crit": critical}, CLAIMS))


async def test_a_weak_key_verifies_nothing() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    jwk = {**json.loads(RSAAlgorithm.to_jwk(weak.public_key())), "kid": "weak"}
    strong = rsa.generate_private_key(65537, 2048)
    other = {**json.loads(RSAAlgorithm.to_jwk(strong.public_key())), "kid": "strong"}
    subject = under(dataclasses.replace(STAFF, family=Family.RSA), jwk, other)
    with pytest.warns(jwt.warnings.InsecureKeyLengthWarning):
        text = jwt.encode(dict(CLAIMS), weak, "RS256", headers={"typ": "at+jwt", "kid": "weak"})
    with pytest.raises(Unauthenticated):
        await subject.verify(text)
    await subject.verify(jwt.encode(dict(CLAIMS), strong, "RS256", headers={"typ": "at+jwt", "kid": "strong"}))


async def test_f27_a_key_id_used_again_for_another_key() -> None:
    with pytest.raises(Unauthenticated):
        await under(STAFF, OTHER_JWK).verify(GOOD)
    await under(STAFF, OTHER_JWK).verify(signed(HEADER, CLAIMS, OTHER_KEY))
