"""The demo's identity provider (统一身份认证): discovery, key sets, tokens, key rotation, revocation, over HTTP.

It plays 粤政易 for staff, 粤省事/粤商通 for citizens and enterprises, and the registry of partner systems, an issuer each. It hands
a token to whoever asks and is bound to this machine: for demonstrations and tests, never for production.

    GET   /<realm>/.well-known/openid-configuration    OpenID Connect Discovery 1.0
    GET   /<realm>/jwks                                RFC 7517
    POST  /<realm>/token                               grant_type=client_credentials (systems), or DEMO_GRANT with caller=officer
                                                       and perhaps acr=2; a DPoP header binds the token to its key (RFC 9449)
    POST  /<realm>/revoke                              token=… (RFC 7009), or subject=…, client_id=…, kid=…
    POST  /<realm>/rotate                              a new key; overlap=no takes the old one away at once
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import jwt
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.binding import Holding, Scheme
from auth.clock import Clock
from auth.dpop import ALGORITHMS, Proofs, proof_key
from auth.errors import Unauthenticated
from auth.issuer import DEMO_CALLERS, LIFETIME, REALMS, DemoIssuer, realm_of
from auth.keys import ES256
from auth.revocation import Revocation, Revoked

DEMO_GRANT = "urn:tongcha:params:oauth:grant-type:demo-caller"
CLIENT_CREDENTIALS = "client_credentials"
SECRET = "demo"  # noqa: S105
"""Of every client here: whoever reaches this server gets every token anyway."""
ACR_VALUES = ("1", "2")
BODY_SIZE = 16 * 1024

Revoke = Callable[[Revocation], Awaitable[None]]


class OAuthError(Exception):
    """An error response of RFC 6749 section 5.2."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


class Provider:
    """The endpoints over one set of key rings. `revoke` tells the gateways."""

    def __init__(self, issuer: DemoIssuer, revoke: Revoke) -> None:
        self._issuer = issuer
        self._revoke = revoke
        self._proofs = Proofs(Clock())

    async def discovery(self, request: Request) -> Response:
        iss = self._issuer.iss(_realm(request))
        return JSONResponse(
            {
                "issuer": iss,
                "jwks_uri": f"{iss}/jwks",
                "token_endpoint": f"{iss}/token",
                "revocation_endpoint": f"{iss}/revoke",
                "response_types_supported": [],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": [ES256],
                "grant_types_supported": [CLIENT_CREDENTIALS, DEMO_GRANT],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "none"],
                "acr_values_supported": list(ACR_VALUES),
                "dpop_signing_alg_values_supported": list(ALGORITHMS),
            }
        )

    async def jwks(self, request: Request) -> Response:
        return JSONResponse(self._issuer.jwks(_realm(request)), headers={"cache-control": "no-cache"})

    async def token(self, request: Request) -> Response:
        realm, form = _realm(request), await _form(request)
        caller = _caller(realm, form)
        acr = form.get("acr")
        if acr is not None and acr not in ACR_VALUES:
            raise OAuthError("invalid_request")
        key = await self._bound_to(request, f"{self._issuer.iss(realm)}/token")
        claims: dict[str, Any] = {"cnf": {"jkt": key}} if key is not None else {}
        return JSONResponse(
            {
                "access_token": self._issuer.mint(caller, acr=acr, **claims),
                "token_type": "Bearer" if key is None else "DPoP",
                "expires_in": LIFETIME,
            },
            headers={"cache-control": "no-store"},
        )

    async def revoke(self, request: Request) -> Response:
        realm, form = _realm(request), await _form(request)
        for kind, value in _revoked(form):
            await self._revoke(Revocation(kind=kind, issuer=self._issuer.iss(realm), value=value, at=time.time()))
        return Response(status_code=200)

    async def rotate(self, request: Request) -> Response:
        realm, form = _realm(request), await _form(request)
        return JSONResponse({"kid": self._issuer.rotate(realm, overlap=form.get("overlap") != "no")})

    async def _bound_to(self, request: Request, url: str) -> str | None:
        """The thumbprint of the key that the request proves to hold; None when it proves nothing."""
        proof = request.headers.get("dpop")
        if proof is None:
            return None
        try:
            key = proof_key(proof.encode())
            holding = Holding(scheme=Scheme.DPOP, proof=proof.encode(), method=request.method, url=url)
            await self._proofs.check(holding, None, key)
        except Unauthenticated:
            raise OAuthError("invalid_dpop_proof") from None
        return key


def create_provider(issuer: DemoIssuer, revoke: Revoke) -> Starlette:
    """The application. Answers only requests that name this machine as their host, which no web page elsewhere can."""
    provider = Provider(issuer, revoke)

    async def refuse(_: Request, error: Exception) -> Response:
        assert isinstance(error, OAuthError)
        return JSONResponse({"error": error.error}, error.status, headers={"cache-control": "no-store"})

    return Starlette(
        routes=[
            Route("/{realm}/.well-known/openid-configuration", provider.discovery),
            Route("/{realm}/jwks", provider.jwks),
            Route("/{realm}/token", provider.token, methods=["POST"]),
            Route("/{realm}/revoke", provider.revoke, methods=["POST"]),
            Route("/{realm}/rotate", provider.rotate, methods=["POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        exception_handlers={OAuthError: refuse},
    )


def _realm(request: Request) -> str:
    realm = str(request.path_params["realm"])
    if realm not in REALMS:
        raise OAuthError("not_found", 404)
    return realm


async def _form(request: Request) -> Mapping[str, str]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_SIZE:
            raise OAuthError("invalid_request", 413)
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=20, strict_parsing=bool(body), errors="strict")
    except ValueError:
        raise OAuthError("invalid_request") from None
    if any(len(values) > 1 for values in fields.values()):
        raise OAuthError("invalid_request")
    return {name: values[0] for name, values in fields.items()}


def _caller(realm: str, form: Mapping[str, str]) -> str:
    match form.get("grant_type"):
        case "client_credentials":
            if form.get("client_secret") != SECRET:
                raise OAuthError("invalid_client", 401)
            named = [name for name, claims in DEMO_CALLERS.items() if claims["client_id"] == form.get("client_id")]
            found = next((name for name in named if realm == realm_of(name) == "systems"), None)
        case grant if grant == DEMO_GRANT:
            caller = form.get("caller", "")
            found = caller if caller in DEMO_CALLERS and realm_of(caller) == realm else None
        case _:
            raise OAuthError("unsupported_grant_type")
    if found is None:
        raise OAuthError("invalid_client" if form["grant_type"] == CLIENT_CREDENTIALS else "invalid_grant", 401)
    return found


def _revoked(form: Mapping[str, str]) -> list[tuple[Revoked, str]]:
    """What the form names. A token that cannot be read is revoked already, says RFC 7009 section 2.2."""
    names = {"subject": Revoked.SUBJECT, "client_id": Revoked.CLIENT, "kid": Revoked.KEY}
    found = [(kind, form[name]) for name, kind in names.items() if name in form]
    if "token" in form:
        try:
            claims = jwt.decode(form["token"], options={"verify_signature": False})
        except jwt.PyJWTError:
            return found
        found.append((Revoked.TOKEN, str(claims.get("jti"))))
    return found
