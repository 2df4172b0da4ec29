"""The gateway as it is served: its documents and kept answers follow what happens in the databases."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import orjson
import pytest

from auth.viewer import Purpose
from datasources.tables import DATABASES
from gateway.documented import Documented
from gateway.named import Form, Named
from gateway.registering import revoke
from gateway.request import GraphQLRequest
from gateway.settings import Settings
from tests.gateway.registry import FINANCE, PAYMENTS, RECENT, SITE, Registry
from tests.gateway.test_answers import WITHDRAW
from tests.redis_server import RedisServer
from tests.world import MOMENT

LOOKS = 1200
"""How often a test looks for what is to come, twenty times a second."""


@pytest.fixture
async def registry(opened: Callable[..., Awaitable[Registry]]) -> Registry:
    return await opened()


@pytest.fixture
async def gateway(registry: Registry, redis_server: RedisServer) -> AsyncIterator[Documented]:
    settings = Settings(databases=dict.fromkeys(DATABASES, registry.dsn), redis=redis_server.url)
    made = await Documented.open(settings)
    yield made
    await made.close()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Returns once it does."""
    for _ in range(LOOKS):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError


async def code(gateway: Documented, name: str) -> str:
    """The code of a refusal to run a document of the finance bureau; empty when there is none."""
    request = GraphQLRequest(query="", named=Named(id=name, form=Form.ID))
    answer = await gateway.answer(request, *FINANCE)
    return "" if answer.status_hint == "executed" else answer.payload["errors"][0]["extensions"]["code"]


async def test_what_is_registered_and_revoked_reaches_a_gateway_that_runs(
    registry: Registry, gateway: Documented
) -> None:
    (name,) = await registry.register("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS)

    async def runs() -> bool:
        return await code(gateway, name) == ""

    async def is_refused() -> bool:
        return await code(gateway, name) == "DOCUMENT_NOT_REGISTERED"

    await until(runs)
    await revoke(registry.databases["gateway"], "partner-finance", name, MOMENT)
    await until(is_refused)


async def test_what_is_withdrawn_is_gone_from_a_gateway_that_runs(registry: Registry, gateway: Documented) -> None:
    async def listed() -> Mapping[str, Any]:
        request = GraphQLRequest(query=RECENT, variables={"first": 1})
        found: Mapping[str, Any] = orjson.loads(orjson.dumps((await gateway.answer(request, *SITE)).payload))["data"]
        return found

    async def is_kept() -> bool:
        before = sum(database.statements for database in gateway.pipeline.databases.values())
        await listed()
        return sum(database.statements for database in gateway.pipeline.databases.values()) == before

    await until(is_kept)
    (first,) = (await listed())["disclosures"]["nodes"]
    await registry.execute("UPDATE gw.disclosure SET state = '3' WHERE disclosure_id = $1", first["disclosureId"])
    await registry.execute(WITHDRAW, first["disclosureId"])

    async def is_gone() -> bool:
        return first["disclosureId"] not in str(await listed())

    await until(is_gone)


async def test_without_its_own_database_a_gateway_starts_and_runs_no_document(caplog: pytest.LogCaptureFixture) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nowhere"
    with caplog.at_level(logging.ERROR):
        gateway = await Documented.open(Settings(databases=dict.fromkeys(DATABASES, nowhere)))
    assert await code(gateway, "0" * 64) == "OVERLOADED"
    answer = await gateway.answer(GraphQLRequest(query="{ __typename }"), *SITE)
    assert answer.payload["data"] == {"__typename": "Query"}
    said = [record.msg for record in caplog.records if record.msg != "database left alone"]  # if that took long enough
    assert said == ["documents not read"]
    await gateway.close()
