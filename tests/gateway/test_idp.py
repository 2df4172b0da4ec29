"""The identity provider, asked as any client asks one."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from auth.issuer import DEMO_CALLERS, LIFETIME, REALMS, realm_of
from auth.keys import Family, KeySet, thumbprint
from auth.revocation import Revoked
from auth.tokens import TokenVerifier
from gateway.idp import CLIENT_CREDENTIALS, DEMO_GRANT, SECRET
from tests.gateway.serving import RunningProvider, running_provider

KEY = ec.generate_private_key(ec.SECP256R1())
JWK: dict[str, Any] = ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[RunningProvider]:
    async with running_provider(tmp_path) as running:
        yield running


@pytest.mark.parametrize("realm", REALMS)
async def test_from_discovery_to_a_checked_token(provider: RunningProvider, realm: str) -> None:
    """As OpenID Connect Discovery wants it: the issuer found is the one asked for, and all else is found there."""
    iss = provider.issuer.iss(realm)
    found = (await provider.client.get(f"{iss}/.well-known/openid-configuration")).json()
    assert found["issuer"] == iss
    keys = KeySet.parse((await provider.client.get(found["jwks_uri"])).content, REALMS[realm].family)
    caller = next(name for name in DEMO_CALLERS if realm_of(name) == realm)
    answer = await provider.post(found["token_endpoint"], grant_type=DEMO_GRANT, caller=caller)
    assert answer.headers["cache-control"] == "no-store"
    issuer = next(one for one in provider.issuer.issuers() if one.name == realm)
    viewer = await TokenVerifier({issuer: keys}).verify(answer.json().pop("access_token"))
    assert (viewer.issuer, viewer.subject) == (iss, f"demo:{caller}")
    assert {**answer.json(), "access_token": None} == {
        "access_token": None,
        "token_type": "Bearer",
        "expires_in": LIFETIME,
    }


async def test_no_private_key_leaves(provider: RunningProvider) -> None:
    for realm in REALMS:
        assert all("d" not in key for key in (await provider.client.get(f"/{realm}/jwks")).json()["keys"])


async def test_a_system_gets_its_token_by_client_credentials(provider: RunningProvider) -> None:
    form = {"grant_type": CLIENT_CREDENTIALS, "client_id": "partner-finance", "client_secret": SECRET}
    token = (await provider.post("/systems/token", **form)).json()["access_token"]
    viewer = await TokenVerifier(provider.issuer.trusted()).verify(token)
    assert (viewer.client, viewer.kind.value) == ("partner-finance", "partner")


@pytest.mark.parametrize(("acr", "assurance"), [("1", 1), ("2", 2)])
async def test_who_authenticates_with_two_factors_is_known_better(
    provider: RunningProvider, acr: str, assurance: int
) -> None:
    viewer = await TokenVerifier(provider.issuer.trusted()).verify(await provider.token("officer", acr=acr))
    assert viewer.assurance == assurance


@pytest.mark.parametrize(
    ("realm", "form", "status", "error"),
    [
        ("staff", {}, 400, "unsupported_grant_type"),
        ("staff", {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ("staff", {"grant_type": DEMO_GRANT}, 401, "invalid_grant"),
        ("staff", {"grant_type": DEMO_GRANT, "caller": "chief"}, 401, "invalid_grant"),
        ("staff", {"grant_type": DEMO_GRANT, "caller": "citizen"}, 401, "invalid_grant"),
        ("staff", {"grant_type": DEMO_GRANT, "caller": "officer", "acr": "9"}, 400, "invalid_request"),
        ("systems", {"grant_type": CLIENT_CREDENTIALS, "client_id": "partner-finance"}, 401, "invalid_client"),
        ("systems", {"grant_type": CLIENT_CREDENTIALS, "client_secret": SECRET}, 401, "invalid_client"),
        (
            "staff",
            {"grant_type": CLIENT_CREDENTIALS, "client_id": "yuezhifa", "client_secret": SECRET},
            401,
            "invalid_client",
        ),
        ("staff", {"grant_type": "x" * 20_000}, 413, "invalid_request"),
        ("chiefs", {"grant_type": DEMO_GRANT, "caller": "officer"}, 404, "not_found"),
    ],
)
async def test_who_gets_no_token(
    provider: RunningProvider, realm: str, form: dict[str, str], status: int, error: str
) -> None:
    response = await provider.post(f"/{realm}/token", **form)
    assert (response.status_code, response.json()) == (status, {"error": error})


@pytest.mark.parametrize("body", [b"caller=a&caller=b", b"caller", b"\xff", b"&".join([b"a=1"] * 30)])
async def test_a_form_that_cannot_be_read_is_refused(provider: RunningProvider, body: bytes) -> None:
    response = await provider.client.post("/staff/token", content=body)
    assert (response.status_code, response.json()) == (400, {"error": "invalid_request"})


async def test_only_a_request_to_this_machine_is_answered(provider: RunningProvider) -> None:
    response = await provider.client.get("/staff/jwks", headers={"host": "attacker.example"})
    assert response.status_code == 400


# --- bound tokens --------------------------------------------------------------------------------


def proof(url: str, **changes: Any) -> dict[str, str]:
    claims = {"htm": "POST", "htu": url, "iat": int(time.time()), "jti": "p-1", **changes}
    return {"dpop": jwt.encode(claims, KEY, "ES256", headers={"typ": "dpop+jwt", "jwk": JWK})}


async def test_a_token_is_bound_to_the_key_that_asks(provider: RunningProvider) -> None:
    url = f"{provider.issuer.iss('staff')}/token"
    answer = (await provider.post("/staff/token", proof(url), grant_type=DEMO_GRANT, caller="officer")).json()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert (answer["token_type"], claims["cnf"]) == ("DPoP", {"jkt": thumbprint(JWK)})


@pytest.mark.parametrize("changes", [{"htm": "GET"}, {"htu": "https://x/token"}, {"iat": 1}, {"jti": ""}])
async def test_a_proof_that_is_none_gets_no_token(provider: RunningProvider, changes: dict[str, Any]) -> None:
    headers = proof(f"{provider.issuer.iss('staff')}/token", **changes)
    response = await provider.post("/staff/token", headers, grant_type=DEMO_GRANT, caller="officer")
    assert (response.status_code, response.json()) == (400, {"error": "invalid_dpop_proof"})


# --- rotation and revocation ---------------------------------------------------------------------


@pytest.mark.parametrize(("form", "keys"), [({}, 2), ({"overlap": "yes"}, 2), ({"overlap": "no"}, 1)])
async def test_keys_change_on_request(provider: RunningProvider, form: dict[str, str], keys: int) -> None:
    made = (await provider.post("/staff/rotate", **form)).json()["kid"]
    published = (await provider.client.get("/staff/jwks")).json()["keys"]
    assert (published[0]["kid"], len(published)) == (made, keys)
    assert KeySet.from_jwks({"keys": published}, Family.EC).get(made) is not None
    assert jwt.get_unverified_header(await provider.token("officer"))["kid"] == made


async def test_what_is_revoked_is_told(provider: RunningProvider) -> None:
    token = await provider.token("officer")
    claims = jwt.decode(token, options={"verify_signature": False})
    for form in ({"token": token}, {"subject": "u"}, {"client_id": "c"}, {"kid": "k"}, {"token": "nonsense"}, {}):
        assert (await provider.post("/staff/revoke", **form)).status_code == 200
    assert [(one.kind, one.value) for one in provider.revoked] == [
        (Revoked.TOKEN, claims["jti"]),
        (Revoked.SUBJECT, "u"),
        (Revoked.CLIENT, "c"),
        (Revoked.KEY, "k"),
    ]
    assert {one.issuer for one in provider.revoked} == {provider.issuer.iss("staff")}
