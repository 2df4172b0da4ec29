"""What the explorer shows of the inside, in the demo and nowhere else: there are no such routes in ``serve``.

    POST  /console/token              {"caller": "officer", "acr": "2"}: a token of the demo's identity provider
    POST  /console/plan               a request as for ``/graphql``: how it is answered
    GET   /console/record/<sha256>    the record of the answer whose bytes have this SHA-256, as the log has it

Plan and record want the token of whoever asks, and a record is shown to the caller whose it is. All three answer only requests
that name this machine as their host, which no page from elsewhere can.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from auth.errors import KeysUnavailable, Unauthenticated
from auth.issuer import DEMO_CALLERS, LIFETIME, DemoIssuer
from auth.tokens import credentials
from auth.viewer import Viewer
from gateway.challenges import refusal_of
from gateway.console.operations import operations
from gateway.console.page import NO_STORE, NOTHING
from gateway.console.records import record_of
from gateway.documented import Documented
from gateway.errors import ErrorCode, GatewayError, Refused, TransportError
from gateway.http import READ_ONCE, read_headers
from gateway.identity import Identity
from gateway.idp import ACR_VALUES
from gateway.media import is_json
from gateway.request import refused
from gateway.settings import Settings
from gateway.stating import parse_parameters

HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
MISDIRECTED = 421

Answering = Callable[[Request], Awaitable[Any]]


def is_own(*addresses: str) -> bool:
    """Whether all of these are on this machine, so that whoever reaches them is here too."""
    return all(HOST.fullmatch(urlsplit(address).netloc) for address in addresses)


class Inside:
    """The three endpoints. `logs` is the directory of the access log; there is an engine once it was opened."""

    def __init__(self, identity: Identity, issuer: DemoIssuer, logs: Path) -> None:
        self._identity = identity
        self._issuer = issuer
        self._logs = logs
        self._engine: Documented
        self._body_limit = 0

    @property
    def about(self) -> Mapping[str, Any]:
        """What the page is told."""
        callers = [{"name": name, "kind": claims["kind"]} for name, claims in DEMO_CALLERS.items()]
        return {**NOTHING, "demo": True, "callers": callers, "operations": operations()}

    def over(self, opening: Callable[[Settings], Awaitable[Documented]]) -> Callable[[Settings], Awaitable[Documented]]:
        """Opens the engine that answers, and that is looked into."""

        async def open_one(settings: Settings) -> Documented:
            self._body_limit = settings.body_limit
            self._engine = await opening(settings)
            return self._engine

        return open_one

    def routes(self) -> list[BaseRoute]:
        """Where they are."""
        return [
            Route("/console/token", _safe(self.token), methods=["POST"]),
            Route("/console/plan", _safe(self.plan), methods=["POST"]),
            Route("/console/record/{response}", _safe(self.record), methods=["GET"]),
        ]

    async def token(self, request: Request) -> Any:
        """A token for a demo caller."""
        asked = _object(await self._body(request))
        caller, acr = asked.get("caller"), asked.get("acr", ACR_VALUES[0])
        if not isinstance(caller, str) or caller not in DEMO_CALLERS or acr not in ACR_VALUES:
            raise GatewayError(ErrorCode.BAD_REQUEST)
        return {"token": self._issuer.mint(caller, acr=acr), "seconds": LIFETIME}

    async def plan(self, request: Request) -> Any:
        """Steps, statements and decisions."""
        viewer = await self._viewer(request)
        parameters, access = parse_parameters(await self._body(request))
        return dataclasses.asdict(await self._engine.explained(parameters, viewer, access))

    async def record(self, request: Request) -> Any:
        """The record; null where the log has none."""
        viewer = await self._viewer(request)
        response = str(request.path_params["response"])
        return await asyncio.to_thread(record_of, self._logs, response, viewer)

    async def _viewer(self, request: Request) -> Viewer:
        holdings = self._identity.holdings
        headers = read_headers(request.scope, READ_ONCE | holdings.read_once)
        scheme, token = credentials(headers.get(b"authorization"))
        return await self._identity.verifier.verify(token, holdings.read(scheme, request.scope, headers))

    async def _body(self, request: Request) -> bytes:
        if not is_json(request.headers.get("content-type", "").encode("latin-1")):
            raise TransportError(415)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._body_limit:
                raise TransportError(413)
        return body


def _safe(answering: Answering) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint, for requests from this machine, with its refusals as GraphQL has them."""

    async def endpoint(request: Request) -> Response:
        if HOST.fullmatch(request.headers.get("host", "")) is None:
            return Response(status_code=MISDIRECTED, headers=dict(NO_STORE))
        try:
            return JSONResponse(await answering(request), headers=dict(NO_STORE))
        except Refused as refusal:
            errors = refusal.errors
        except (GatewayError, Unauthenticated, KeysUnavailable) as error:
            errors = [error if isinstance(error, GatewayError) else refusal_of(error)]
        answer = refused(errors)
        return JSONResponse(answer.payload, answer.http_status, headers=dict(NO_STORE))

    return endpoint


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise GatewayError(ErrorCode.BAD_REQUEST)
    return found
