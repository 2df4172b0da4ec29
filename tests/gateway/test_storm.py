"""All clients at once, and nothing is known yet. F-24 is a case of the catalogue."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from gateway.app import create_app
from gateway.identity import Identity
from gateway.pipeline import Pipeline
from gateway.settings import Settings
from tests.gateway.serving import running_provider, serving

CLIENTS = 100
QUERY = '{ division(code: "440402000000") { code name } }'


async def test_f24_a_hundred_clients_of_a_cold_process_cost_one_fetch_of_keys_and_few_statements(
    city: Mapping[str, str], tmp_path: Path, figure: Callable[[str, float], None]
) -> None:
    opened: list[Pipeline] = []

    async def open_engine(settings: Settings) -> Pipeline:
        opened.append(await Pipeline.open(settings))
        return opened[0]

    async with running_provider(tmp_path) as provider:
        settings = Settings(loopback_http=True, databases=city, deadline=30.0, source_budget=30.0)
        identity = Identity.of(settings, provider.issuer.issuers())
        tokens = [provider.issuer.mint("public", jti=str(number)) for number in range(CLIENTS)]
        async with serving(create_app(settings, open_engine, identity)) as address:
            limits = httpx.Limits(max_connections=CLIENTS)
            async with httpx.AsyncClient(base_url=address, limits=limits, timeout=30) as client:

                async def ask(token: str) -> httpx.Response:
                    return await client.post(
                        "/graphql", json={"query": QUERY}, headers={"authorization": f"Bearer {token}"}
                    )

                answers = await asyncio.gather(*map(ask, tokens))
            (pipeline,) = opened
            assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
            assert provider.asked.count("/systems/jwks") == 1
            statements = sum(database.statements for database in pipeline.databases.values())
            figure("statements of a hundred first requests", statements)
            assert statements < CLIENTS
