from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from auth.keys import FILE_SIZE, SET_SIZE, Family, KeySet, KeySetInvalid, thumbprint

ED_KEY = ed25519.Ed25519PrivateKey.generate()
EC_KEY = ec.generate_private_key(ec.SECP256R1())
EC_JWK = {**json.loads(ECAlgorithm.to_jwk(EC_KEY.public_key())), "kid": "one"}
RSA_JWK = {
    **json.loads(RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048).public_key())),
    "kid": "rsa",
    "alg": "RS384",
}


def test_a_key_is_found_by_its_id() -> None:
    key = KeySet.from_jwks({"keys": [EC_JWK]}).get("one")
    assert key is not None
    assert key.public == EC_KEY.public_key()
    assert key.algorithm == "ES256"


@pytest.mark.parametrize(
    "other",
    [
        RSA_JWK,
        {**EC_JWK, "kid": "two", "alg": "ES384"},
        {**EC_JWK, "kid": "two", "crv": "P-384"},
        {**EC_JWK, "kid": "two", "use": "enc"},
        {**EC_JWK, "kid": "x" * 129},
        {**EC_JWK, "kid": 1},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "two"},
        "text",
    ],
)
def test_keys_for_other_uses_are_left_out(other: Any) -> None:
    assert len(KeySet.from_jwks({"keys": [EC_JWK, other]})) == 1


RING = {
    Family.EC: (EC_JWK, "ES256"),
    Family.RSA: ({**RSA_JWK, "alg": "PS256"}, "PS256"),
    Family.ED: ({**json.loads(OKPAlgorithm.to_jwk(ED_KEY.public_key())), "kid": "ed"}, "EdDSA"),
}


@pytest.mark.parametrize("family", Family)
def test_a2_of_a_mixed_set_only_the_issuer_s_family_counts(family: Family) -> None:
    keys = KeySet.from_jwks({"keys": [key for key, _ in RING.values()]}, family)
    jwk, algorithm = RING[family]
    key = keys.get(jwk["kid"])
    assert key is not None
    assert (len(keys), key.algorithm) == (1, algorithm)


@pytest.mark.parametrize(
    ("named", "algorithm"), [({}, "RS256"), ({"alg": "RS384"}, "RS384"), ({"alg": "PS512"}, "PS512")]
)
def test_an_rsa_key_has_the_one_algorithm_that_it_names(named: dict[str, str], algorithm: str) -> None:
    jwk = {name: value for name, value in RSA_JWK.items() if name != "alg"} | named
    key = KeySet.from_jwks({"keys": [jwk]}, Family.RSA).get("rsa")
    assert key is not None
    assert key.algorithm == algorithm


@pytest.mark.parametrize(
    "changes",
    [{"alg": "HS256"}, {"alg": "ES256"}, {"alg": ["RS256"]}, {"alg": None}, {"key_ops": ["encrypt"]}, {"key_ops": 1}],
)
def test_an_rsa_key_for_something_else_is_left_out(changes: dict[str, Any]) -> None:
    with pytest.raises(KeySetInvalid, match="no usable key"):
        KeySet.from_jwks({"keys": [{**RSA_JWK, **changes}]}, Family.RSA)


def test_a_weak_rsa_key_is_left_out() -> None:
    weak = json.loads(RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key()))
    assert len(KeySet.from_jwks({"keys": [RSA_JWK, {**weak, "kid": "weak"}]}, Family.RSA)) == 1


def test_a_set_of_many_keys_is_refused() -> None:
    with pytest.raises(KeySetInvalid):
        KeySet.from_jwks({"keys": [{**EC_JWK, "kid": str(number)} for number in range(SET_SIZE + 1)]})


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    """The example of its section 3.1."""
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
        "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbIS"
        "D08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    key = {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(None, id="nothing"),
        pytest.param([EC_JWK], id="list"),
        pytest.param({"keys": EC_JWK}, id="one-object"),
        pytest.param({"keys": []}, id="empty"),
        pytest.param({"keys": [RSA_JWK]}, id="none-for-us"),
        pytest.param({"keys": [EC_JWK, EC_JWK]}, id="A7-duplicate-kid"),
        pytest.param({"keys": [json.loads(ECAlgorithm.to_jwk(EC_KEY)) | {"kid": "one"}]}, id="private"),
        pytest.param({"keys": [{**EC_JWK, "x": "AAAA"}]}, id="short-coordinate"),
        pytest.param({"keys": [{**EC_JWK, "y": EC_JWK["x"]}]}, id="not-on-the-curve"),
    ],
)
def test_a_set_that_cannot_be_trusted_is_refused_whole(document: object) -> None:
    with pytest.raises(KeySetInvalid):
        KeySet.from_jwks(document)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<html>", id="A7-html"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"\xff", id="not-utf-8"),
        pytest.param(b" " * (FILE_SIZE + 1), id="A7-oversized"),
        pytest.param(None, id="missing"),
    ],
)
def test_a_file_that_is_no_key_set_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KeySetInvalid):
        KeySet.load(path)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [EC_JWK]}))
    assert len(KeySet.load(path)) == 1
