"""The admin port: what it tells, and that nothing of it is on the public one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Route

from auth.tokens import TokenVerifier
from gateway.admin import create_admin
from gateway.app import Gateway, create_app
from gateway.board import Board
from gateway.families import PLACES
from gateway.identity import Identity
from gateway.settings import Settings


@pytest.fixture
def board() -> Board:
    return Board(2)


@pytest.fixture
async def client(board: Board) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_admin(board))
    async with httpx.AsyncClient(transport=transport, base_url="http://admin") as made:
        yield made


def public() -> Gateway:
    async def never(_: Settings) -> None:
        raise AssertionError

    return create_app(Settings(), never, Identity(TokenVerifier({})))  # type: ignore[arg-type]


def paths(routes: object) -> dict[str, set[str]]:
    assert isinstance(routes, list)
    assert all(type(route) is Route for route in routes)
    return {route.path: set(route.methods) for route in routes}


def test_every_route_of_both_ports_is_known() -> None:
    read = {"GET", "HEAD"}
    assert paths(public().routes) == {
        "/healthz": read,
        "/readyz": read,
    }  # beside /graphql and /d/, which the endpoints have
    assert paths(create_admin(Board(1)).routes) == {
        "/metrics": read,
        "/healthz": read,
        "/readyz": read,
        "/sources": read,
    }


@pytest.mark.parametrize("path", ["/metrics", "/sources", "/debug", "/docs", "/openapi.json", "/admin", "/"])
async def test_the_public_port_has_nothing_else(path: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(public()), base_url="http://gateway") as client:
        assert (await client.get(path)).status_code == 404


async def test_metrics_are_read_by_prometheus(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "tongcha_requests" in {family.name for family in text_string_to_metric_families(answer.text)}


async def test_ready_is_when_a_worker_is_that_goes_on(client: httpx.AsyncClient, board: Board) -> None:
    assert (await client.get("/readyz")).status_code == 503
    meter = board.meter(1)
    meter.begin()
    assert (await client.get("/readyz")).json() == {
        "ready": False,
        "workers": [{"worker": 1, "alive": True, "ready": False}],
    }
    meter.set(PLACES["tongcha_worker_ready"][()], 1)
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    meter.cells[PLACES["tongcha_worker_silent_seconds"][()]] -= 3600
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["workers"]) == (503, [{"worker": 1, "alive": False, "ready": False}])


async def test_draining_is_when_every_worker_is_about_to_end(client: httpx.AsyncClient, board: Board) -> None:
    said = []
    for number in range(2):
        board.meter(number).begin()
    for number in range(2):
        board.meter(number).set(PLACES["tongcha_worker_draining"][()], 1)
        said.append((await client.get("/readyz")).json().get("draining"))
    assert said == [None, True]


async def test_sources_tell_how_each_worker_sees_a_database(client: httpx.AsyncClient, board: Board) -> None:
    board.meter(0).begin()
    board.meter(0).set(PLACES["tongcha_database_connections"]["vehicle",], 2)
    (worker,) = (await client.get("/sources")).json()["vehicle"]["workers"].values()
    assert worker.keys() >= {"up", "breaker_open", "connections", "connections_idle", "waiting", "behind_seconds"}
    assert worker["connections"] == 2
