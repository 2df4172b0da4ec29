"""D10: an answer that found nothing leaves after a moment, all others at once."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from auth.viewer import AccessRequest, Viewer
from gateway.errors import ErrorCode, GatewayError
from gateway.http import GraphQLEndpoint
from gateway.identity import Identity
from gateway.leaving import LEAST, MOST, draw, found_nothing, moment
from gateway.request import Answer, GraphQLRequest, refused
from gateway.trace import Coordinates, Trace

READ = Trace(
    operation_name=None,
    operation_digest="",
    policy_epoch="",
    coordinates=Coordinates(),
    guarded=True,
    rows={"vehicle": 1},
)
NONE = dataclasses.replace(READ, rows={"vehicle": 0})


def answer(data: dict[str, Any] | None, trace: Trace | None = READ) -> Answer:
    return Answer(status_hint="executed", http_status=200, payload={"data": data}, trace=trace)


FOUND = answer({"vehicle": {"plateNo": None}})
WAITS = {
    "a root that is null": answer({"vehicle": None, "person": {"name": "x"}}),
    "a list of nothing": answer({"vehicles": []}, NONE),
    "no data": answer(None),
}
LEAVES = {
    "something": FOUND,
    "a list": answer({"vehicles": [{}]}),
    "no operation that reads": answer({"__schema": {}}, None),
    "a refusal": refused([GatewayError(ErrorCode.BAD_REQUEST)]),
}


@pytest.mark.parametrize("found", [pytest.param(one, id=name) for name, one in WAITS.items()])
def test_who_waits(found: Answer) -> None:
    assert found_nothing(found)


@pytest.mark.parametrize("found", [pytest.param(one, id=name) for name, one in LEAVES.items()])
def test_who_leaves_at_once(found: Answer) -> None:
    assert not found_nothing(found)


def test_every_moment_is_another() -> None:
    drawn = {draw(LEAST, MOST) for _ in range(100)}
    assert len(drawn) > 90
    assert all(LEAST <= one <= MOST for one in drawn)


class Knowing:
    """An engine that gives one answer."""

    def __init__(self, given: Answer) -> None:
        self.given = given

    async def answer(self, _request: GraphQLRequest, _viewer: Viewer, _access: AccessRequest | None) -> Answer:
        return self.given


@pytest.mark.parametrize(
    ("given", "waited"), [(WAITS["a root that is null"], 1), (FOUND, 0)], ids=["nothing", "something"]
)
async def test_the_endpoint_lets_it_wait(given: Answer, waited: int, tmp_path: Path) -> None:
    drawn: list[tuple[float, float]] = []

    def dice(least: float, most: float) -> float:
        drawn.append((least, most))
        return 0.0

    issuer = DemoIssuer.open(tmp_path)
    endpoint = GraphQLEndpoint(
        Identity(TokenVerifier(issuer.trusted())), body_limit=1_000, body_timeout=1.0, answer_limit=1_000
    )
    endpoint.engine, endpoint.dice = Knowing(given), dice
    async with httpx.AsyncClient(transport=httpx.ASGITransport(endpoint), base_url="http://gateway") as client:
        headers = {"authorization": f"Bearer {issuer.mint('officer')}"}
        response = await client.post("/graphql", json={"query": "{ vehicle }"}, headers=headers)
    assert response.json() == given.payload
    assert drawn == [(LEAST, MOST)] * waited


async def test_a_moment_is_waited_for_nothing_only() -> None:
    await moment(FOUND, lambda least, most: pytest.fail("it has to leave"))
