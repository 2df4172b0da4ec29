"""A process seen from outside: what it counts of requests and statements, and the spans that it sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from datasources.database import Database
from datasources.errors import SourceBusy, SourceError
from datasources.fetch import Document
from datasources.tables import DATABASES
from gateway.app import Around, Gateway, create_app
from gateway.board import Board
from gateway.families import PLACES
from gateway.identity import Identity
from gateway.passage import STAGES
from gateway.pipeline import Pipeline
from gateway.seen import Seen
from gateway.settings import Settings
from gateway.spans import Parent, Recording
from gateway.tracing import OUTSIDE, OWN, Tracer, message, parent_of
from resolvers.schema import catalog
from tests.gateway.serving import serving
from tests.world import MOMENT, SEAL_KEY

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
DISCLOSURES = "{ disclosures(first: 1) { nodes { disclosureId org { name } } } }"


class Collector:
    """Takes spans as a collector of OpenTelemetry does. `status` is what it answers."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.status = 200
        self.app = Starlette(routes=[Route("/v1/traces", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        assert request.headers["content-type"] == "application/json"
        self.messages.append(orjson.loads(await request.body()))
        return Response(b"{}", self.status, media_type="application/json")

    def spans(self) -> list[Any]:
        return [
            span
            for message in self.messages
            for resource in message["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DemoIssuer:
    return DemoIssuer.open(tmp_path_factory.mktemp("issuer"))


@asynccontextmanager
async def asked_of(seen: Seen, dsn: str, issuer: DemoIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the village's gateway, which is seen."""

    async def opened(_: Settings) -> Pipeline:
        databases = {name: Database(name, dsn, connections=1) for name in DATABASES}
        pipeline = Pipeline(catalog, databases, seal_key=SEAL_KEY, now=lambda: MOMENT)
        seen.watch(pipeline)
        return pipeline

    app = create_app(Settings(), opened, Identity(TokenVerifier(issuer.trusted())), around=Around(seen=seen))
    headers = {"authorization": f"Bearer {issuer.mint('public')}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway", headers=headers) as client,
    ):
        yield client


def counted(board: Board, name: str, *labels: str) -> float:
    """A counter, or how often a histogram was added to."""
    place = PLACES[name][labels]
    return sum(board.cells(place, 16)) if name.endswith("_seconds") else board.cells(place, 1)[0]


async def post(client: httpx.AsyncClient, query: str, **headers: str) -> httpx.Response:
    return await client.post("/graphql", json={"query": query}, headers=headers)


# --- numbers -------------------------------------------------------------------------------------


async def test_requests_are_counted_by_who_asks_and_what_becomes_of_them(desk_dsn: str, issuer: DemoIssuer) -> None:
    board = Board(1)
    async with asked_of(Seen(board.meter(0)), desk_dsn, issuer) as client:
        assert (await post(client, DISCLOSURES)).status_code == 200
        assert (await post(client, "{ nothing }", accept="application/graphql-response+json")).status_code == 400
        assert (await post(client, DISCLOSURES, authorization="Bearer nonsense")).status_code == 401
        assert (await client.put("/graphql")).status_code == 405
    found = {
        labels: board.cells(place, 1)[0]
        for labels, place in PLACES["tongcha_requests_total"].items()
        if board.cells(place, 1)[0]
    }
    assert found == {("public", "2xx"): 1, ("public", "4xx"): 1, ("nobody", "4xx"): 2}
    assert counted(board, "tongcha_errors_total", "GRAPHQL_VALIDATION_FAILED") == 1
    assert counted(board, "tongcha_errors_total", "UNAUTHENTICATED") == 1
    assert counted(board, "tongcha_request_duration_seconds", "public") == 2


async def test_f33_a_request_that_was_turned_away_is_counted_and_not_timed(desk_dsn: str, issuer: DemoIssuer) -> None:
    board = Board(1)
    async with asked_of(Seen(board.meter(0)), desk_dsn, issuer) as client:
        transport = client._transport
        assert isinstance(transport, httpx.ASGITransport)
        app = transport.app
        assert isinstance(app, Gateway)
        app.admission.places.shed = frozenset({"partner"})
        assert (await client.post("/graphql", headers={"authorization": ""})).status_code == 503
        assert app.turned_away(b"/graphql", []) is not None
    assert counted(board, "tongcha_requests_total", "nobody", "5xx") == 2
    assert counted(board, "tongcha_errors_total", "OVERLOADED") == 2
    assert counted(board, "tongcha_request_duration_seconds", "nobody") == 1


async def test_a_request_is_timed_in_every_stage(desk_dsn: str, issuer: DemoIssuer) -> None:
    board = Board(1)
    async with asked_of(Seen(board.meter(0)), desk_dsn, issuer) as client:
        await post(client, DISCLOSURES)
    timed = {stage: counted(board, "tongcha_stage_duration_seconds", stage) for stage in STAGES}
    assert timed == dict.fromkeys(STAGES, 1)


async def test_plans_and_statements_are_counted(desk_dsn: str, issuer: DemoIssuer) -> None:
    board = Board(1)
    async with asked_of(Seen(board.meter(0)), desk_dsn, issuer) as client:
        for _ in range(3):
            await post(client, DISCLOSURES)
    assert counted(board, "tongcha_plans_made_total") == 1
    assert counted(board, "tongcha_plans_kept_total") == 2
    assert counted(board, "tongcha_statements_total", "gateway", "ok") >= 3
    assert counted(board, "tongcha_statement_rows_total", "gateway") >= 3
    assert counted(board, "tongcha_database_connects_total", "gateway") == 1


async def test_the_process_says_how_it_is(desk_dsn: str, issuer: DemoIssuer) -> None:
    board = Board(1)
    async with asked_of(Seen(board.meter(0)), desk_dsn, issuer):
        for _ in range(1000):
            if board.of(0, "tongcha_worker_ready") and board.of(0, "tongcha_policies_epoch"):
                break
            await asyncio.sleep(0.01)
    assert board.of(0, "tongcha_database_up", "vehicle") == 1
    assert board.of(0, "tongcha_policies_epoch") > 0


async def test_where_nobody_looks_nothing_is_in_the_way(desk_dsn: str, issuer: DemoIssuer) -> None:
    async def endpoint(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError

    assert Seen().over(endpoint) is endpoint


# --- spans ---------------------------------------------------------------------------------------


@asynccontextmanager
async def traced(desk_dsn: str, issuer: DemoIssuer, ratio: float) -> AsyncIterator[tuple[httpx.AsyncClient, Collector]]:
    """A client of a gateway that sends its spans, at the end at the latest."""
    collector = Collector()
    async with serving(collector.app) as url:
        tracer = Tracer(Document(f"{url}/v1/traces", limit=1024, loopback=True), ratio)
        async with asked_of(Seen(tracer=tracer), desk_dsn, issuer) as client:
            yield client, collector


async def test_a_trace_is_gone_on_with(desk_dsn: str, issuer: DemoIssuer) -> None:
    async with traced(desk_dsn, issuer, 0) as (client, collector):
        await post(client, DISCLOSURES, traceparent=PARENT)
    spans = collector.spans()
    assert {span["traceId"] for span in spans} == {"4bf92f3577b34da6a3ce929d0e0e4736"}
    (root,) = (span for span in spans if span["kind"] == 2)
    assert root["parentSpanId"] == "00f067aa0ba902b7"
    assert {span["parentSpanId"] for span in spans if span is not root} == {root["spanId"]}
    assert [span["name"] for span in spans if span["kind"] == 1] == list(STAGES)
    for span in spans:
        assert int(root["startTimeUnixNano"]) - 1000 <= int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"])


async def test_a_statement_is_a_span_with_its_coordinate_and_nothing_of_its_text(
    desk_dsn: str, issuer: DemoIssuer
) -> None:
    async with traced(desk_dsn, issuer, 1) as (client, collector):
        await post(client, DISCLOSURES)
    statements = [span for span in collector.spans() if span["kind"] == 3]
    assert {span["name"] for span in statements} == {"Query.disclosures", "Disclosure.org"}
    for span in statements:
        told = {one["key"]: one["value"]["stringValue"] for one in span["attributes"]}
        assert told == {
            "db.system.name": "postgresql",
            "db.namespace": told["db.namespace"],
            "tongcha.coordinate": span["name"],
        }
        assert told["db.namespace"] in DATABASES
    assert "SELECT" not in json.dumps(collector.messages)


async def test_a_statement_that_failed_has_its_code() -> None:
    async def fails() -> None:
        raise SourceBusy("vehicle")

    recording = Recording(None)
    with pytest.raises(SourceBusy):
        await recording.statement("Query.vehicle", "vehicle", fails())
    recording.end(0.0, {}, None)
    sent = orjson.loads(message({}, [recording]))
    failed, whole = sent["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert (failed["status"], whole.get("status")) == ({"code": 2}, None)
    assert failed["attributes"][-1] == {"key": "error.type", "value": {"stringValue": "SOURCE_BUSY"}}


@pytest.mark.parametrize(("ratio", "headers"), [(0, {}), (1, {"traceparent": PARENT[:-1] + "0"})])
async def test_what_is_not_sampled_is_not_sent(
    desk_dsn: str, issuer: DemoIssuer, ratio: float, headers: dict[str, str]
) -> None:
    async with traced(desk_dsn, issuer, ratio) as (client, collector):
        await post(client, DISCLOSURES, **headers)
    assert collector.messages == []


async def test_a_collector_that_refuses_costs_the_spans_and_nothing_else(desk_dsn: str, issuer: DemoIssuer) -> None:
    async with traced(desk_dsn, issuer, 1) as (client, collector):
        collector.status = 503
        assert (await post(client, DISCLOSURES)).status_code == 200


SAMPLED = Parent(trace_id="a" * 32, span_id="b" * 16, sampled=True)


def recorded(tracer: Tracer, parent: Parent | None) -> int:
    """Of a thousand requests at once."""
    return sum(tracer.begin(parent) is not None for _ in range(1_000))


def still(ratio: float, now: list[float]) -> Tracer:
    """Of a process in which time passes when a test says so."""
    return Tracer(Document("http://127.0.0.1:1/", limit=0, loopback=True), ratio, steady=lambda: now[0])


@pytest.mark.parametrize(("parent", "most"), [(SAMPLED, OUTSIDE), (None, OWN)])
def test_so_many_are_traced_in_a_second_whoever_wants_more(parent: Parent | None, most: int) -> None:
    now = [100.0]
    tracer = still(1, now)
    counts = [recorded(tracer, parent)]
    now[0] += 1
    counts.append(recorded(tracer, parent))
    assert counts == [most, most]


def test_whoever_wants_everything_traced_takes_nothing_from_what_is_chosen_here() -> None:
    tracer = still(1, [100.0])
    recorded(tracer, SAMPLED)
    assert recorded(tracer, None) == OWN


@pytest.mark.parametrize(
    ("header", "read"),
    [
        (PARENT, True),
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later", True),
        (f"{PARENT}-more", False),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", False),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", False),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", False),
        (PARENT.upper(), False),
        (f" {PARENT}", False),
        (f"{PARENT}\n", False),
        ("00-4bf9-00f0-01", False),
        ("", False),
    ],
)
def test_a_traceparent_that_cannot_be_read_is_as_none(header: str, read: bool) -> None:
    found = parent_of(header.encode())
    assert (found is not None) == read
    assert found is None or (found.trace_id, found.sampled) == ("4bf92f3577b34da6a3ce929d0e0e4736", True)


# --- what a database tells -----------------------------------------------------------------------


async def test_every_statement_is_told_of_with_how_it_ended(admin_dsn: str) -> None:
    database = Database("vehicle", admin_dsn, connections=1)
    told: list[tuple[str, int, int]] = []
    database.told = lambda sent: told.append((sent.outcome, sent.rows, sent.requests))
    await database.rows("SELECT generate_series(1, 3)", (), budget=30)
    for statement, budget in (("SELECT 1 / 0", 30), ("SELECT pg_sleep(5)", 0.3)):
        with pytest.raises(SourceError):
            await database.rows(statement, (), budget=budget)
    await asyncio.sleep(0)
    await database.close()
    assert told == [("ok", 3, 1), ("fault", 0, 1), ("timeout", 0, 1)]


async def test_a_statement_that_nobody_waits_for_any_more_is_told_of_as_canceled(admin_dsn: str) -> None:
    database = Database("vehicle", admin_dsn, connections=1)
    told: list[str] = []
    database.told = lambda sent: told.append(sent.outcome)
    asking = asyncio.create_task(database.rows("SELECT pg_sleep(5)", ()))
    await asyncio.sleep(0.1)
    asking.cancel()
    await asyncio.wait([asking])
    await asyncio.sleep(0)
    await database.close()
    assert told == ["canceled"]


async def test_a_shared_statement_is_told_of_once_with_all_that_it_was_for(admin_dsn: str) -> None:
    database = Database("vehicle", admin_dsn, connections=1)
    told: list[tuple[str, int]] = []
    database.told = lambda sent: told.append((sent.outcome, sent.requests))
    asking = [asyncio.create_task(database.rows("SELECT pg_sleep(0.1)", ()))]
    await asyncio.sleep(0.02)
    asking += [asyncio.create_task(database.rows("SELECT 1", ())) for _ in range(5)]
    await asyncio.gather(*asking)
    await database.close()
    assert told == [("ok", 1), ("ok", 5)]


async def test_a_statement_whose_turn_does_not_come_is_told_of_as_busy(admin_dsn: str) -> None:
    database = Database("vehicle", admin_dsn, connections=1, budget=0.3)
    await database.rows("SELECT 1", ())
    told: list[str] = []
    database.told = lambda sent: told.append(sent.outcome)
    asking = [database.rows(f"SELECT pg_sleep(0.2), {number}", ()) for number in range(3)]
    found = await asyncio.gather(*asking, return_exceptions=True)
    await database.close()
    assert isinstance(found[2], SourceBusy)
    assert "busy" in told
