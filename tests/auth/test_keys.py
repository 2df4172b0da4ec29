from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from auth.keys import FILE_SIZE, KeySet, KeySetInvalid

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
    assert key.public_numbers() == EC_KEY.public_key().public_numbers()


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
