"""The explorer of a demo over the city, whose day stands still, and its page alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from gateway.app import Around, Gateway, create_app
from gateway.console.inside import Inside
from gateway.console.page import page_routes
from gateway.documented import Documented
from gateway.identity import Identity
from gateway.recorder import open_recorder
from gateway.settings import Settings
from tests.world import MOMENT, SEAL_KEY

HOST = "127.0.0.1:8000"


@dataclass(frozen=True, kw_only=True)
class Explorer:
    """A client of the explorer's application."""

    app: Gateway
    issuer: DemoIssuer
    client: httpx.AsyncClient

    def bearing(self, caller: str, acr: str | None = None) -> dict[str, str]:
        return {"authorization": f"Bearer {self.issuer.mint(caller, acr=acr)}"}

    async def ask(self, place: str, asked: Mapping[str, Any], headers: Mapping[str, str]) -> httpx.Response:
        """What a ready operation gets at ``/graphql`` or at ``/console/plan``."""
        body = {"query": asked["query"], "variables": asked["variables"], "extensions": {"access": asked["access"]}}
        return await self.client.post(place, json=body, headers=dict(headers))


@pytest.fixture(scope="module")
async def explorer(city: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Explorer]:
    directory: Path = tmp_path_factory.mktemp("explorer")
    issuer, settings = (
        DemoIssuer.open(directory),
        Settings(seal_key=SEAL_KEY, databases=city, deadline=20.0, source_budget=20.0),
    )
    identity = Identity(TokenVerifier(issuer.trusted()))
    inside = Inside(identity, issuer, directory / "audit")

    async def opened(given: Settings) -> Documented:
        engine = await inside.over(Documented.open)(given)
        engine.pipeline.reception.now = lambda: MOMENT
        return engine

    routes = [*page_routes(inside.about), *inside.routes()]
    app = create_app(
        settings, opened, identity, open_recorder(directory / "audit", bytes(32)), around=Around(explorer=routes)
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client,
    ):
        yield Explorer(app=app, issuer=issuer, client=client)
