"""Two engines, one answer: random operations over the city must give the same bytes on both.

`TONGCHA_OPERATIONS` sets how many operations each kind of caller gets (2000 is the long run), `TONGCHA_SEED` where they start;
a failure names the seed of its operation.
"""

from __future__ import annotations

import datetime
import os
import random
from typing import Any

import orjson
import pytest
from graphql import print_schema
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from hypothesis_graphql import from_schema, nodes

from auth.viewer import AccessRequest, Viewer
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from resolvers.schema import catalog
from tests.gateway.operations import Generator
from tests.world import CALLERS, World

OPERATIONS = int(os.environ.get("TONGCHA_OPERATIONS", "500"))
SEED = int(os.environ.get("TONGCHA_SEED", "20261105"))
CHUNKS = 8
COMPARED = ("officer", "partner", "citizen-own", "enterprise-own", "public")
SHARE_OF_HYPOTHESIS = 10
"""One operation in so many comes from hypothesis-graphql, whose keys exist only by luck."""


SCALARS = {
    "Date": strategies.dates(datetime.date(1990, 1, 1), datetime.date(2030, 1, 1)).map(
        lambda day: nodes.String(day.isoformat())
    ),
    "DateTime": strategies.just(nodes.String("2026-01-01T00:00:00+00:00")),
    "Decimal": strategies.integers(0, 10_000).map(lambda number: nodes.String(str(number))),
    "Cursor": strategies.text(max_size=20).map(nodes.String),
    "JSON": strategies.just(nodes.String("{}")),
}
"""What hypothesis puts where the schema has scalars of its own."""


async def payload(pipeline: Pipeline, request: GraphQLRequest, caller: tuple[Viewer, AccessRequest | None]) -> bytes:
    """The bytes of an answer."""
    return orjson.dumps((await pipeline.answer(request, *caller)).payload)


async def compare(world: World, request: GraphQLRequest, name: str, told: Any) -> bytes:
    """Both engines' answer; fails when they differ."""
    compiled = await payload(world.pipeline("compiled"), request, CALLERS[name])
    resolvers = await payload(world.pipeline("resolvers"), request, CALLERS[name])
    assert compiled == resolvers, (told, name, request.query, request.variables)
    return compiled


@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("name", COMPARED)
async def test_generated_operations_over_keys_that_exist(world: World, name: str, chunk: int) -> None:
    pools = await world.pools()
    answered = 0
    count = OPERATIONS // CHUNKS
    for number in range(chunk * count, (chunk + 1) * count):
        dice = random.Random(SEED * 1_000_003 + number)
        made = Generator(catalog.schema, pools, dice).operation()
        answer = await compare(world, GraphQLRequest(query=made.text, variables=made.variables), name, number)
        answered += b'"errors"' not in answer
    assert answered > count * 0.4


@pytest.mark.parametrize("name", COMPARED)
async def test_hypothesis_operations(world: World, name: str) -> None:
    texts: list[str] = []

    @seed(SEED)
    @settings(
        max_examples=max(OPERATIONS // SHARE_OF_HYPOTHESIS, 10),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(from_schema(print_schema(catalog.schema), custom_scalars=SCALARS))
    def collect(text: str) -> None:
        texts.append(text)

    collect()
    for number, text in enumerate(texts):
        await compare(world, GraphQLRequest(query=text), name, number)
