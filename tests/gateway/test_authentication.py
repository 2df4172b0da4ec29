"""Authentication as a client meets it, over an engine of a few lines. A9 to A13 are cases of the catalogue of attacks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from auth.binding import thumbprint_in
from auth.clock import Clock
from auth.dpop import Nonces, Proofs
from auth.issuer import DemoIssuer
from auth.issuers import Issuer
from auth.keys import Key, thumbprint
from auth.revocation import Revocation, Revoked
from auth.tokens import TokenVerifier
from auth.viewer import AccessRequest, Viewer
from gateway.app import create_app
from gateway.errors import ErrorCode, GatewayError
from gateway.holding import Holdings
from gateway.identity import Identity
from gateway.request import Answer, GraphQLRequest
from gateway.settings import Settings
from tests.gateway.serving import serving
from tests.gateway.test_http import SmallEngine

URL = "https://tongcha.example/graphql"
KEY = ec.generate_private_key(ec.SECP256R1())
JWK: dict[str, Any] = ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
CERTIFICATE = ":" + base64.b64encode(b"a certificate").decode() + ":"
PEER = "10.1.2.3"
PROTOCOL = Subprotocol("graphql-transport-ws")


class WaitingEngine(SmallEngine):
    """Answers when it may, and perhaps wants more assurance."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.wants = False

    async def answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        self.begun.set()
        await self.may_go_on.wait()
        if self.wants and viewer.assurance < 2:
            raise GatewayError(ErrorCode.STEP_UP_REQUIRED)
        return await super().answer(request, viewer, access)


@pytest.fixture
def engine() -> WaitingEngine:
    return WaitingEngine()


@pytest.fixture
def issuer(tmp_path: Path) -> DemoIssuer:
    return DemoIssuer.open(tmp_path)


@pytest.fixture
def verifier(issuer: DemoIssuer) -> TokenVerifier:
    return TokenVerifier(issuer.trusted())


def application(engine: WaitingEngine, verifier: TokenVerifier) -> Any:
    async def open_engine(_: Settings) -> WaitingEngine:
        return engine

    holdings = Holdings(URL, proxies=[ip_network("10.1.2.0/24")], certificate_header="client-cert")
    return create_app(Settings(), open_engine, Identity(verifier, holdings=holdings))


@pytest.fixture
async def ask(engine: WaitingEngine, verifier: TokenVerifier) -> AsyncIterator[Callable[..., Any]]:
    """Asks for ``{hello}`` with these headers."""
    app = application(engine, verifier)

    async def asked(
        token: str | None, scheme: str = "Bearer", peer: str = PEER, path: str = "/graphql", **headers: str
    ) -> httpx.Response:
        if token is not None:
            headers["authorization"] = f"{scheme} {token}"
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(peer, 1)), base_url="http://gateway"
        ) as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.post(path, json={"query": "{hello}"}, headers=named)

    async with app.router.lifespan_context(app):
        yield asked


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


def proof(token: str, url: str = URL, **changes: Any) -> str:
    ath = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    claims = {"htm": "POST", "htu": url, "iat": int(time.time()), "jti": secrets.token_hex(8), "ath": ath, **changes}
    return jwt.encode(claims, KEY, "ES256", headers={"typ": "dpop+jwt", "jwk": JWK})


# --- A9: stolen tokens ---------------------------------------------------------------------------


async def test_a9_a_token_bound_to_a_key(ask: Callable[..., Any], issuer: DemoIssuer, engine: WaitingEngine) -> None:
    token = issuer.mint("officer", cnf={"jkt": thumbprint(JWK)})
    stolen = [
        await ask(token),
        await ask(token, "DPoP"),
        await ask(token, dpop=proof(token)),
        await ask(token, "DPoP", dpop=proof(token, "http://gateway/graphql")),
        await ask(token, "DPoP", dpop="x"),
    ]
    assert {refusal(response) for response in stolen} == {(401, "UNAUTHENTICATED")}
    assert len({response.content for response in stolen}) == 1
    assert engine.asked == []
    made = proof(token)
    assert (await ask(token, "DPoP", dpop=made)).status_code == 200
    assert refusal(await ask(token, "DPoP", dpop=made)) == (401, "UNAUTHENTICATED")


async def test_a9_two_proofs_are_refused(engine: WaitingEngine, verifier: TokenVerifier, issuer: DemoIssuer) -> None:
    token = issuer.mint("officer", cnf={"jkt": thumbprint(JWK)})
    app = application(engine, verifier)
    headers = [("authorization", f"DPoP {token}"), ("dpop", proof(token)), ("dpop", proof(token))]
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        assert (await client.post("/graphql", json={"query": "{hello}"}, headers=headers)).status_code == 400


async def test_a9_a_token_bound_to_a_certificate(
    ask: Callable[..., Any], issuer: DemoIssuer, engine: WaitingEngine
) -> None:
    token = issuer.mint("partner", cnf={"x5t#S256": thumbprint_in(CERTIFICATE.encode())})
    other = ":" + base64.b64encode(b"another certificate").decode() + ":"
    for response in (
        await ask(token),
        await ask(token, client_cert=other),
        await ask(token, client_cert=CERTIFICATE, peer="192.0.2.1"),
        await ask(token, x_forwarded_client_cert=CERTIFICATE),
    ):
        assert refusal(response) == (401, "UNAUTHENTICATED")
    assert engine.asked == []
    assert (await ask(token, client_cert=CERTIFICATE)).status_code == 200


async def test_a_nonce_is_given_with_the_refusal(engine: WaitingEngine, issuer: DemoIssuer) -> None:
    clock = Clock()
    app = application(engine, TokenVerifier(issuer.trusted(), proofs=Proofs(clock, nonces=Nonces(b"key")), clock=clock))
    token = issuer.mint("officer", cnf={"jkt": thumbprint(JWK)})
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        client.headers["authorization"] = f"DPoP {token}"
        first = await client.post("/graphql", json={"query": "{hello}"}, headers={"dpop": proof(token)})
        assert refusal(first) == (401, "UNAUTHENTICATED")
        challenge = 'DPoP realm="tongcha", algs="ES256 EdDSA", error="use_dpop_nonce"'
        assert first.headers["www-authenticate"] == challenge
        made = proof(token, nonce=first.headers["dpop-nonce"])
        assert (await client.post("/graphql", json={"query": "{hello}"}, headers={"dpop": made})).status_code == 200


# --- A10: step-up --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"acr": "1", "auth_time": int(time.time())},
        {"acr": "2", "auth_time": int(time.time()) - 301},
    ],
)
async def test_a10_a_login_that_is_too_weak_or_too_old_is_asked_for_again(
    ask: Callable[..., Any], issuer: DemoIssuer, engine: WaitingEngine, claims: dict[str, Any]
) -> None:
    engine.wants = True
    response = await ask(issuer.mint("officer", **claims))
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == (
        'Bearer realm="tongcha", error="insufficient_user_authentication", '
        'error_description="A stronger or more recent authentication is required", acr_values="2", max_age="300"'
    )
    assert response.json() == {
        "errors": [
            {
                "message": ErrorCode.STEP_UP_REQUIRED.message,
                "extensions": {"code": "STEP_UP_REQUIRED", "acr_values": ["2"], "max_age": 300},
            }
        ]
    }


async def test_after_stepping_up_there_is_an_answer(
    ask: Callable[..., Any], issuer: DemoIssuer, engine: WaitingEngine
) -> None:
    engine.wants = True
    assert (await ask(issuer.mint("officer", acr="2"))).status_code == 200


async def test_a_bound_token_is_asked_for_in_its_own_scheme(
    ask: Callable[..., Any], issuer: DemoIssuer, engine: WaitingEngine
) -> None:
    engine.wants = True
    token = issuer.mint("officer", cnf={"jkt": thumbprint(JWK)})
    response = await ask(token, "DPoP", dpop=proof(token))
    assert response.headers["www-authenticate"].startswith(
        'DPoP realm="tongcha", algs="ES256 EdDSA", error="insufficient_'
    )


# --- A11: revocation -----------------------------------------------------------------------------


def revoke(verifier: TokenVerifier, issuer: DemoIssuer, subject: str = "demo:officer") -> None:
    verifier.revocations.add(
        Revocation(kind=Revoked.SUBJECT, issuer=issuer.iss("staff"), value=subject, at=time.time())
    )


async def test_a11_revoked_between_two_requests(
    ask: Callable[..., Any], issuer: DemoIssuer, verifier: TokenVerifier
) -> None:
    token = issuer.mint("officer")
    assert (await ask(token)).status_code == 200
    revoke(verifier, issuer)
    assert refusal(await ask(token)) == (401, "TOKEN_REVOKED")
    assert (await ask(issuer.mint("supervisor"))).status_code == 200


@pytest.mark.parametrize(("subject", "revoked"), [("demo:officer", True), ("demo:supervisor", False)])
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
async def test_a11_revoked_while_it_is_answered(
    ask: Callable[..., Any],
    issuer: DemoIssuer,
    verifier: TokenVerifier,
    engine: WaitingEngine,
    accept: str,
    subject: str,
    revoked: bool,
) -> None:
    engine.may_go_on.clear()
    asked = asyncio.create_task(ask(issuer.mint("officer"), accept=accept))
    await engine.begun.wait()
    revoke(verifier, issuer, subject)
    engine.may_go_on.set()
    response = await asked
    assert response.status_code == (401 if revoked and accept == "application/json" else 200)
    assert ("hello" in response.text, "TOKEN_REVOKED" in response.text) == (not revoked, revoked)


# --- A12, A13: other ways in ---------------------------------------------------------------------


async def test_a12_a_token_elsewhere_than_in_the_first_message_opens_no_websocket(
    engine: WaitingEngine, verifier: TokenVerifier, issuer: DemoIssuer
) -> None:
    token = issuer.mint("officer")
    subscribe = json.dumps({"id": "1", "type": "subscribe", "payload": {"query": "{ hello }"}})
    async with serving(application(engine, verifier)) as url:
        address = f"{url.replace('http', 'ws')}/graphql?access_token={token}"
        headers = {"authorization": f"Bearer {token}", "cookie": f"access_token={token}"}
        async with connect(address, subprotocols=[PROTOCOL], additional_headers=headers) as socket:
            await socket.send(subscribe)
            await socket.wait_closed()
    assert (socket.close_code, engine.asked) == (4401, [])


async def test_a10_a_bound_token_opens_a_websocket_with_its_proof_only(
    engine: WaitingEngine, verifier: TokenVerifier, issuer: DemoIssuer
) -> None:
    token = issuer.mint("officer", cnf={"jkt": thumbprint(JWK)})
    proven = {"Authorization": f"DPoP {token}", "DPoP": proof(token, htm="GET")}
    unproven = {"Authorization": f"DPoP {token}"}
    borne = {"Authorization": f"Bearer {token}", "DPoP": proof(token, htm="GET")}
    async with serving(application(engine, verifier)) as url:
        answers = [await _first_message(url, payload) for payload in (proven, unproven, borne, proven)]
    assert answers == ["connection_ack", 4401, 4401, 4401]  # a proof is good once


async def _first_message(url: str, payload: dict[str, str]) -> str | int | None:
    """The type of what a connection_init is answered with, or the code that it is closed with."""
    async with connect(f"{url.replace('http', 'ws')}/graphql", subprotocols=[PROTOCOL]) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        try:
            return str(json.loads(await socket.recv())["type"])
        except ConnectionClosed:
            return socket.close_code


@pytest.mark.parametrize(
    "headers",
    [
        {"x_user_id": "chief"},
        {"x_forwarded_user": "chief", "x_remote_user": "chief", "remote_user": "chief"},
        {"x_forwarded_client_cert": "Subject=chief", "client_cert": CERTIFICATE},
        {"x_forwarded_for": "127.0.0.1", "forwarded": "for=127.0.0.1"},
        {"x_original_url": "/healthz", "x_rewrite_url": "/healthz", "x_http_method_override": "GET"},
        {"host": "a/?x="},
        {"host": "gateway/healthz?x="},
        {"cookie": "access_token=chief"},
    ],
)
async def test_a13_no_header_makes_somebody(
    ask: Callable[..., Any], issuer: DemoIssuer, engine: WaitingEngine, headers: dict[str, str]
) -> None:
    assert refusal(await ask(None, **headers)) == (401, "UNAUTHENTICATED")
    assert engine.asked == []
    assert (await ask(issuer.mint("officer"), **headers)).status_code == 200
    assert [viewer.subject for _, viewer, _ in engine.asked] == ["demo:officer"]


@pytest.mark.parametrize(
    "path",
    [
        "//graphql/../healthz",
        "/healthz/../graphql",
        "/graphql/healthz",
        "/graphql;/healthz",
        "/%2e/graphql",
        "/graphql%00",
    ],
)
async def test_CVE_2026_48710_the_path_is_that_of_the_request_line(
    ask: Callable[..., Any], engine: WaitingEngine, path: str
) -> None:
    assert (await ask(None, path=path)).status_code in {401, 404, 405}
    assert engine.asked == []


async def test_j13_a_header_cannot_be_smuggled_in_twice_or_under_another_name(
    engine: WaitingEngine, verifier: TokenVerifier, issuer: DemoIssuer
) -> None:
    """Over a socket, byte by byte, as a proxy might let it through."""
    token, body = issuer.mint("officer"), json.dumps({"query": "{hello}"})
    rest = f"Host: gateway\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    cases = {
        f"Authorization: Bearer x\r\nAuthorization: Bearer {token}\r\n": b"400",
        f"Authorization: Bearer {token}\r\nauthorization: Bearer {token}\r\n": b"400",
        f"Authorization: Bearer {token}\r\nClient-Cert: {CERTIFICATE}\r\nclient-cert: {CERTIFICATE}\r\n": b"400",
        f"Authorization: Bearer {token}, Bearer {token}\r\n": b"401",
        f"Authorization : Bearer {token}\r\n": b"400",
        f"Author\0ization: Bearer {token}\r\n": b"400",
        f"X: y\nAuthorization: Bearer {token}\r\n": b"400",
        f"Authorization_: Bearer {token}\r\n": b"401",
        f"X: y\r\n Authorization: Bearer {token}\r\n": b"400",
        f"Authorization: Bearer {token}\r\n": b"200",
    }
    found = {}
    async with serving(application(engine, verifier)) as url:
        for lines in cases:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            writer.write(f"POST /graphql HTTP/1.1\r\n{lines}{rest}\r\n{body}".encode())
            found[lines] = (await reader.read()).split(b" ")[1]
            writer.close()
            await writer.wait_closed()
    assert found == cases
    assert [viewer.subject for _, viewer, _ in engine.asked] == ["demo:officer"]


# --- an issuer whose keys are not there ----------------------------------------------------------


class NoKeys:
    epoch = 0
    usable = False

    def get(self, _: str) -> Key | None:
        return None

    async def awaited(self, _: str) -> Key | None:
        return None


async def test_without_keys_a_client_is_told_to_come_back_and_not_to_log_in(
    engine: WaitingEngine, issuer: DemoIssuer
) -> None:
    issuers: dict[Issuer, Any] = {one: NoKeys() for one in issuer.issuers()}
    app = application(engine, TokenVerifier(issuers))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client,
    ):
        client.headers["authorization"] = f"Bearer {issuer.mint('officer')}"
        response = await client.post("/graphql", json={"query": "{hello}"})
        assert (*refusal(response), response.headers["retry-after"]) == (503, "OVERLOADED", "1")
        client.headers["authorization"] = "Bearer a.b.c"
        assert refusal(await client.post("/graphql", json={"query": "{hello}"})) == (401, "UNAUTHENTICATED")
