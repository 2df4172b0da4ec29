"""Tokens bound to a key (RFC 9449). A9 is the case of the catalogue of attacks."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from auth import dpop
from auth.binding import Holding, Scheme
from auth.dpop import AGE, AHEAD, NONCE_SECONDS, REMEMBERED, Nonces, Proofs, SeenHere, normal, proof_key
from auth.errors import NonceRequired, Unauthenticated
from auth.keys import thumbprint
from auth.tokens import TokenVerifier
from tests.auth.minting import NOW, Time, encode, token, verifier

KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
RSA = rsa.generate_private_key(65537, 2048)
JWK: dict[str, Any] = ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
OTHER_JWK: dict[str, Any] = ECAlgorithm.to_jwk(OTHER.public_key(), as_dict=True)
PRIVATE_JWK: dict[str, Any] = ECAlgorithm.to_jwk(KEY, as_dict=True)
ED_JWK: dict[str, Any] = OKPAlgorithm.to_jwk(ED.public_key(), as_dict=True)
RSA_JWK: dict[str, Any] = RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True)
URL = "https://tongcha.example/graphql"
BOUND = token(cnf={"jkt": thumbprint(JWK)})


def digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def claims(**changes: Any) -> dict[str, Any]:
    made = {"htm": "POST", "htu": URL, "iat": NOW, "jti": "p-1", "ath": digest(BOUND), **changes}
    return {name: value for name, value in made.items() if value is not None}


def proof(header: dict[str, Any] | None = None, key: Any = KEY, algorithm: str = "ES256", **changes: Any) -> bytes:
    head = {"typ": "dpop+jwt", "jwk": JWK, **(header or {})}
    return jwt.encode(claims(**changes), key, algorithm, headers=head).encode()


def held(made: bytes | None, scheme: Scheme = Scheme.DPOP) -> Holding:
    return Holding(scheme=scheme, proof=made, method="POST", url=URL)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def subject(time: Time) -> TokenVerifier:
    return verifier(time)


async def test_a_token_with_its_proof(subject: TokenVerifier) -> None:
    for number in range(3):
        assert (await subject.verify(BOUND, held(proof(jti=f"p-{number}")))).subject == "u-1"


async def test_a_proof_by_ed25519(subject: TokenVerifier) -> None:
    text = token(cnf={"jkt": thumbprint(ED_JWK)})
    made = proof({"jwk": ED_JWK}, ED, "EdDSA", ath=digest(text))
    assert (await subject.verify(text, held(made))).subject == "u-1"


BAD: dict[str, bytes | None] = {
    "A9-none": None,
    "empty": b"",
    "not-a-token": b"abc",
    "A9-of-another-key": proof({"jwk": OTHER_JWK}, OTHER),
    "A9-signed-by-another-key": proof(key=OTHER),
    "A9-htm": proof(htm="GET"),
    "A9-htm-case": proof(htm="post"),
    "A9-htu-path": proof(htu="https://tongcha.example/other"),
    "A9-htu-host": proof(htu="https://attacker.example/graphql"),
    "A9-htu-scheme": proof(htu="http://tongcha.example/graphql"),
    "A9-htu-port": proof(htu="https://tongcha.example:8443/graphql"),
    "A9-htu-user": proof(htu="https://a@tongcha.example/graphql"),
    "A9-htu-encoded": proof(htu="https://tongcha.example/%67raphql"),
    "A9-htu-list": proof(htu=[URL]),
    "A9-htu-odd": proof(htu="https://[::1/graphql"),
    "A9-htu-missing": proof(htu=None),
    "A9-ath-of-another-token": proof(ath=digest(token())),
    "A9-ath-missing": proof(ath=None),
    "A9-iat-120-s-ago": proof(iat=NOW - 120),
    "iat-just-too-old": proof(iat=NOW - AGE - 1),
    "iat-ahead": proof(iat=NOW + AHEAD + 1),
    "iat-float": proof(iat=NOW + 0.5),
    "iat-missing": proof(iat=None),
    "jti-missing": proof(jti=None),
    "jti-empty": proof(jti=""),
    "jti-long": proof(jti="x" * 201),
    "jti-a-number": proof(jti=1),
    "jti-a-surrogate": b".".join([
        (head := encode({"typ": "dpop+jwt", "alg": "ES256", "jwk": JWK})).encode(),
        (body := encode(json.dumps(claims()).replace("p-1", "\\ud800"))).encode(),
        encode(ECAlgorithm(ECAlgorithm.SHA256).sign(f"{head}.{body}".encode(), KEY)).encode(),
    ]),
    "typ-at+jwt": proof({"typ": "at+jwt"}),
    "typ-JWT": proof({"typ": "JWT"}),
    "private-key": proof({"jwk": PRIVATE_JWK}),
    "key-a-text": proof({"jwk": json.dumps(JWK)}),
    "key-missing": jwt.encode(claims(), KEY, "ES256", headers={"typ": "dpop+jwt"}).encode(),
    "key-symmetric": proof({"jwk": {"kty": "oct", "k": "AAAA"}}, b"\0" * 32, "HS256"),
    "key-for-encryption": proof({"jwk": {**JWK, "use": "enc"}}),
    "key-of-rsa": proof({"jwk": RSA_JWK}, RSA, "RS256"),
    "key-off-the-curve": proof({"jwk": {**JWK, "y": JWK["x"]}}),
    "header-with-kid": proof({"kid": "k1"}),
    "header-with-jku": proof({"jku": "https://attacker.example/jwks"}),
    "header-with-crit": proof({"crit": ["x"], "x": 1}),
    "too-long": proof(padding="x" * 4096),
    "not-ascii": "é".encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
async def test_a9_without_a_good_proof_the_token_is_nothing(subject: TokenVerifier, name: str) -> None:
    for _ in range(2):
        with pytest.raises(Unauthenticated) as refusal:
            await subject.verify(BOUND, held(BAD[name]))
        assert (type(refusal.value), refusal.value.args) == (Unauthenticated, ())
    await subject.verify(BOUND, held(proof()))


async def test_a9_a_bound_token_as_bearer(subject: TokenVerifier) -> None:
    with pytest.raises(Unauthenticated):
        await subject.verify(BOUND, held(proof(), Scheme.BEARER))


async def test_a9_an_unbound_token_as_dpop(subject: TokenVerifier) -> None:
    text = token()
    with pytest.raises(Unauthenticated):
        await subject.verify(text, held(proof(ath=digest(text))))


async def test_a9_a_proof_that_comes_again(subject: TokenVerifier, time: Time) -> None:
    made = proof(iat=NOW + AHEAD)
    await subject.verify(BOUND, held(made))
    for time.passed in (0, 1, AGE + AHEAD - 1, AGE + AHEAD, AGE + AHEAD + 1):
        with pytest.raises(Unauthenticated):
            await subject.verify(BOUND, held(made))


async def test_a_token_bound_to_key_and_certificate_wants_both(subject: TokenVerifier) -> None:
    text = token(cnf={"jkt": thumbprint(JWK), "x5t#S256": "A" * 43})
    with pytest.raises(Unauthenticated):
        await subject.verify(text, held(proof(ath=digest(text))))


async def test_f29_a_jump_of_the_clock_spoils_no_proof(subject: TokenVerifier, time: Time) -> None:
    await subject.verify(BOUND, held(proof(jti="before")))
    time.set_by = 3600
    await subject.verify(BOUND, held(proof(jti="by-the-old-clock")))
    await subject.verify(BOUND, held(proof(jti="by-the-new-clock", iat=NOW + 3600)))


# --- what was seen -------------------------------------------------------------------------------


async def test_what_was_seen_is_forgotten_when_it_could_not_come_again(time: Time) -> None:
    seen = SeenHere(time.clock())
    for time.passed in range(0, 10 * REMEMBERED, 10):
        assert await seen.first("key", str(time.passed))
        assert not await seen.first("key", str(time.passed))
    assert seen._of_key == {"key": len(seen)}
    assert len(seen) <= REMEMBERED / 10 + 1
    time.passed += REMEMBERED
    assert await seen.first("other", "1")
    assert list(seen._of_key) == ["other"]


async def test_who_floods_shuts_out_only_their_own_key(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dpop, "SEEN_OF_ONE", 3)
    seen = SeenHere(time.clock())
    assert [await seen.first("flood", str(number)) for number in range(5)] == [True] * 3 + [False] * 2
    assert await seen.first("other", "1")
    assert not await seen.first("flood", "0")


async def test_a_full_memory_refuses_and_forgets_nothing(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dpop, "SEEN_SIZE", 3)
    seen = SeenHere(time.clock())
    assert [await seen.first(str(number), "p") for number in range(5)] == [True] * 3 + [False] * 2
    assert not await seen.first("0", "p")


async def test_only_good_proofs_are_kept(subject: TokenVerifier) -> None:
    for made in BAD.values():
        with pytest.raises(Unauthenticated):
            await subject.verify(BOUND, held(made))
    assert isinstance(subject._proofs._seen, SeenHere)
    assert len(subject._proofs._seen) == 0


# --- nonces --------------------------------------------------------------------------------------


async def test_a_nonce_is_asked_for_and_taken(time: Time) -> None:
    subject = verifier(time, proofs=Proofs(time.clock(), nonces=Nonces(b"key")))
    with pytest.raises(NonceRequired) as asked:
        await subject.verify(BOUND, held(proof()))
    await subject.verify(BOUND, held(proof(nonce=asked.value.nonce)))
    for nonce in ("", "0" * 32, "é", 1, [asked.value.nonce]):
        with pytest.raises(NonceRequired):
            await subject.verify(BOUND, held(proof(nonce=nonce, jti="p-2")))


async def test_a_bad_proof_is_not_asked_for_a_nonce(time: Time) -> None:
    subject = verifier(time, proofs=Proofs(time.clock(), nonces=Nonces(b"key")))
    for made in BAD.values():
        with pytest.raises(Unauthenticated) as refusal:
            await subject.verify(BOUND, held(made))
        assert type(refusal.value) is Unauthenticated


def test_a_nonce_is_good_for_two_periods_and_in_every_process() -> None:
    nonce = Nonces(b"key").current(NOW)
    assert [Nonces(b"key").takes(nonce, NOW + late * NONCE_SECONDS) for late in (-1, 0, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]
    assert not Nonces(b"other").takes(nonce, NOW)


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("HTTPS://Tongcha.Example/graphql", URL),
        ("https://tongcha.example:443/graphql", URL),
        ("https://tongcha.example/graphql?query=x#y", URL),
        ("https://tongcha.example", "https://tongcha.example/"),
        ("http://[::1]:8000/graphql", "http://[::1]:8000/graphql"),
        ("http://h:80/", "http://h/"),
        ("ftp://h/", None),
        ("/graphql", None),
        ("https://h:x/", None),
        ("https://h:99999/", None),
    ],
)
def test_urls_are_compared_in_their_normal_form(url: str, same: str | None) -> None:
    assert normal(url) == same


def test_the_key_of_a_proof_is_read_where_a_token_is_asked_for() -> None:
    assert proof_key(proof()) == thumbprint(JWK)
    for made in (b"", b"abc", proof({"jwk": "x"}), proof({"jwk": {}}), proof({"jwk": {"kty": "EC"}})):
        with pytest.raises(Unauthenticated):
            proof_key(made)
