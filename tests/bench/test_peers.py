"""The Python servers, ours and the peers, give the same answers over the city; no lock file tells where it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import ASGIApp

from auth.viewer import AccessRequest, Purpose
from bench.check import difference
from bench.operations import OPERATIONS
from bench.ours import VARIANTS, everybody_named, opened
from bench.peers import Databases, handwritten, loaders
from bench.servers import NODE_PEERS, labelled
from bench.world import keys_of
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from gateway.settings import Settings
from resolvers.schema import catalog
from tests.gateway.serving import serving
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

SAMPLE = 5
ON_A_TASK = AccessRequest(purpose=Purpose.INSPECTION, task_no="ZHJT-2026-JC-0004127")
PEERS = {"handwritten": (handwritten.create_app, "/{}"), "strawberry": (loaders.create_app, "/graphql")}


@pytest.fixture(scope="module")
def pipeline(world: World) -> Pipeline:
    return Pipeline(catalog, world.databases, seal_key=SEAL_KEY, naming=everybody_named, now=lambda: MOMENT)


async def ours(pipeline: Pipeline, name: str, variables: Mapping[str, Any]) -> object:
    caller = (CALLERS["officer"][0], ON_A_TASK) if OPERATIONS[name].caller == "officer" else CALLERS["public"]
    answer = await pipeline.answer(GraphQLRequest(query=OPERATIONS[name].text, variables=dict(variables)), *caller)
    return orjson.loads(orjson.dumps(answer.payload))["data"]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("peer", PEERS)
async def test_a_peer_answers_as_we_do(
    peer: str, operation: str, pipeline: Pipeline, city: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_CODES", json.dumps(labelled()))
    create, path = PEERS[peer]
    app: ASGIApp = create(Databases(city))
    asked = (await keys_of(city, 1))[operation][:SAMPLE]
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=60) as client:
        for variables in asked:
            body = {"query": OPERATIONS[operation].text, "variables": variables}
            given = (await client.post(path.format(operation), json=body)).json()["data"]
            wanted = await ours(pipeline, operation, variables)
            assert given == wanted, difference(wanted, given)


async def test_our_server_reads_as_production_does(city: Mapping[str, str]) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/vehicle"
    pipeline = await opened(VARIANTS["tongcha"])(Settings(databases={**city, "vehicle": nowhere}))
    unchecked = pipeline.standing()["unchecked"]
    read_only = {
        name: (await pipeline.databases[name].rows("SHOW default_transaction_read_only", ()))[0][0]
        for name in ("personnel", "gateway")
    }
    await pipeline.close()
    assert (unchecked, read_only) == (["vehicle"], {"personnel": "on", "gateway": "off"})


async def test_every_key_finds_something(pipeline: Pipeline, city: Mapping[str, str]) -> None:
    for name, pool in (await keys_of(city, 1)).items():
        data = await ours(pipeline, name, pool[0])
        assert isinstance(data, dict)
        assert all(data.values()), name


async def test_the_same_seed_gives_the_same_keys(city: Mapping[str, str]) -> None:
    assert await keys_of(city, 1) == await keys_of(city, 1)


def test_the_node_peers_are_locked_by_content_and_by_no_address() -> None:
    text = (NODE_PEERS / "package-lock.json").read_text(encoding="utf-8")
    packages = [package for name, package in json.loads(text)["packages"].items() if name]
    assert all(package["integrity"] for package in packages)
    assert not any("resolved" in package for package in packages)


@pytest.mark.parametrize(
    ("wanted", "given", "said"),
    [
        ({"a": [1, 2]}, {"a": [1, 3]}, "data.a.1 is 3, not 2"),
        ({"a": [1]}, {"a": [1, 2]}, "data.a is [1, 2], not [1]"),
        ({"a": None}, {"b": None}, "data has ['b'], not ['a']"),
    ],
)
def test_a_difference_says_where_it_is(wanted: object, given: object, said: str) -> None:
    assert difference(wanted, given) == said
