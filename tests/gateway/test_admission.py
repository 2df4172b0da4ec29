"""Who is let in, before the token and before the body. F-16, F-33, E10 and H3 are cases of the catalogue."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from blockbuster import blockbuster_ctx

from auth.audit.reader import records
from auth.issuer import DemoIssuer
from auth.issuers import Issuer
from auth.keycache import KeyCache, Pace
from auth.keys import Keys, KeySet
from auth.tokens import TokenVerifier
from auth.viewer import AccessRequest, Viewer
from gateway.admission import RECENT, UNKNOWN, UNKNOWN_AT_ONCE, Admission
from gateway.app import Gateway, create_app
from gateway.identity import Identity
from gateway.recorder import LogRecorder, open_recorder
from gateway.request import Answer, GraphQLRequest
from gateway.settings import Settings
from tests.gateway.serving import serving

BODY = b'{"query":"{__typename}"}'
BY_POST_AND_GET = pytest.mark.parametrize("by_get", [False, True], ids=["POST", "GET"])
REFUSED = {
    "errors": [{"message": "The gateway takes no more requests at the moment.", "extensions": {"code": "OVERLOADED"}}]
}


class Holding:
    """An engine that holds every request until it is told to let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.held = 0

    async def answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        del request, viewer, access
        self.held += 1
        await self.go.wait()
        return Answer(status_hint="executed", http_status=200, payload={"data": {}})

    async def readiness(self) -> dict[str, bool]:
        return {"vehicle": True}

    def standing(self) -> dict[str, bool]:
        return {}

    async def close(self) -> None:
        """Nothing to close."""

    async def until(self, count: int) -> None:
        async with asyncio.timeout(60):
            while self.held < count:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.005)


class Site:
    """A gateway with ten places, and clients of it."""

    def __init__(self, app: Gateway, engine: Holding, issuer: DemoIssuer, directory: Path, address: str) -> None:
        self.app = app
        self.address = address
        self.engine = engine
        self.issuer = issuer
        self.directory = directory

    def client(self, caller: str = "officer", **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://gateway",
            headers={
                "authorization": f"Bearer {self.issuer.mint(caller)}",
                "content-type": "application/json",
                **headers,
            },
        )

    async def know(self, client: httpx.AsyncClient) -> None:
        """Its token was checked before."""
        await self.app.admission._verifier.verify(client.headers["authorization"].removeprefix("Bearer "))

    def written(self) -> list[Mapping[str, Any]]:
        return [record.entry for record in records(self.directory / "0")]


@contextlib.asynccontextmanager
async def site(
    directory: Path,
    recorder: LogRecorder | None = None,
    keys: Callable[[Issuer, KeySet], Keys] = lambda _, known: known,
    **settings: Any,
) -> AsyncIterator[Site]:
    engine, issuer = Holding(), DemoIssuer.open(directory)

    async def open_engine(_: Settings) -> Holding:
        return engine

    identity = Identity(TokenVerifier({one: keys(one, known) for one, known in issuer.trusted().items()}))
    app = create_app(Settings(requests=10, **settings), open_engine, identity, recorder)
    async with serving(app) as address:
        with blockbuster_ctx(
            scanned_modules=["gateway", "auth", "datasources"]
        ):  # F-34: what stops the event loop raises
            yield Site(app, engine, issuer, directory, address)


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[Site]:
    """A gateway whose places are all taken, by partners."""
    async with site(tmp_path, open_recorder(tmp_path, b"k" * 64)) as made, made.client("partner") as client:
        asked = [asyncio.create_task(client.post("/graphql", content=BODY)) for _ in range(10)]
        await made.engine.until(10)
        yield made
        made.engine.go.set()
        assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200] * 10


async def test_f33_who_finds_no_place_is_told_to_come_back(full: Site) -> None:
    async with full.client("partner") as client:
        answers = await asyncio.gather(*(client.post("/graphql", content=BODY) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.text for answer in answers} == {json.dumps(REFUSED, separators=(",", ":"))}
    assert {answer.headers["retry-after"] for answer in answers} == {"1", "2", "3", "4"}
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    assert len({answer.headers["x-request-id"] for answer in answers}) == 40
    assert full.app.admission.refused["partner"] == 40


async def test_f33_while_there_are_refusals_a_request_does_not_even_begin(full: Site) -> None:
    begun = []
    answer = full.app.admission.endpoint

    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        begun.append(scope)
        await answer(scope, receive, send)

    full.app.admission.endpoint = endpoint
    refused = full.app.admission.refused
    async with full.client("officer") as officer, httpx.AsyncClient(base_url=full.address) as client:
        await full.know(officer)
        first = await client.post("/graphql", content=BODY)
        assert (first.status_code, refused["partner"]) == (503, 1)
        now = full.app.admission.steady()
        full.app.admission.steady = lambda: now
        asked = full.app.turned_away(b"/graphql", []) is not None
        assert (asked, refused["partner"]) == (True, 2)
        for accept in ("application/json", "application/graphql-response+json"):
            there = await client.post("/graphql", content=BODY, headers={"accept": accept})
            assert (there.status_code, there.text) == (503, first.text)
            assert there.headers["content-type"] == f"{accept}; charset=utf-8"
            assert set(there.headers) == set(first.headers)
        assert (await client.get(f"/d/{'0' * 64}")).status_code == 503
        assert (refused["partner"], begun) == (5, [])
        known = [(b"authorization", officer.headers["authorization"].encode())]
        assert full.app.turned_away(b"/graphql", known) is None, "an officer has a place"
        assert full.app.turned_away(b"/readyz", []) is None
        now += RECENT
        assert full.app.turned_away(b"/graphql", []) is None, "nobody was refused lately"
        assert refused["partner"] == 5


async def test_e10_an_invented_token_is_turned_away_when_none_is_checked_any_more(full: Site) -> None:
    now = full.app.admission.steady()
    full.app.admission.steady = lambda: now
    invented = [(b"authorization", b"Bearer a.b.c")]
    async with full.client("partner", authorization="") as client:
        assert (await client.post("/graphql", content=BODY)).status_code == 503
        assert full.app.turned_away(b"/graphql", invented) is None, "it may be an officer's"
        answers = [
            await client.post("/graphql", content=BODY, headers={"authorization": "Bearer a.b.c"})
            for _ in range(UNKNOWN_AT_ONCE)
        ]
    assert {answer.status_code for answer in answers} == {401}
    assert full.app.turned_away(b"/graphql", invented) is not None
    assert full.app.admission.refused[None] == 1


@pytest.mark.parametrize("authorization", ["", "Bearer", "Basic eDp5"])
async def test_who_brings_no_token_is_not_looked_at(full: Site, authorization: str) -> None:
    async with full.client("partner", authorization=authorization) as client:
        answer = await client.post("/graphql", content=b"\x00" * 100_000)
    assert (answer.status_code, answer.json()) == (503, REFUSED)


async def test_an_officer_who_was_there_before_has_a_place(full: Site) -> None:
    async with full.client("officer") as client:
        await full.know(client)
        asked = asyncio.create_task(client.post("/graphql", content=BODY))
        await full.engine.until(11)
        full.engine.go.set()
        assert (await asked).status_code == 200


@BY_POST_AND_GET
async def test_an_officer_whom_nobody_knows_yet_has_an_officer_s_place(full: Site, by_get: bool) -> None:
    async with full.client("officer") as client:
        asked = asyncio.create_task(ask(client, by_get=by_get))
        await full.engine.until(11)
        assert full.app.admission.places.taken == {"officer": 1, "partner": 10, "batch": 0}
        full.engine.go.set()
        assert (await asked).status_code == 200


@BY_POST_AND_GET
async def test_a_partner_whom_nobody_knows_yet_is_refused_as_a_partner(full: Site, by_get: bool) -> None:
    async with full.client("partner") as client:
        answers = [await ask(client, by_get=by_get) for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(503, REFUSED)] * 2
    assert full.app.admission.refused == {"officer": 0, "partner": 2, "batch": 0, None: 0}


@pytest.mark.parametrize("priority", ["u=3", "u=6"])
async def test_e10_so_many_invented_tokens_are_checked_and_no_more_while_partners_wait(
    full: Site, priority: str
) -> None:
    now = full.app.admission.steady()
    full.app.admission.steady = lambda: now
    async with full.client("officer") as officer:
        invented = {"authorization": f"{officer.headers['authorization'][:-4]}AAAA", "priority": priority}
        answers = [await officer.post("/graphql", content=BODY, headers=invented) for _ in range(UNKNOWN_AT_ONCE + 5)]
        assert [answer.status_code for answer in answers] == [401] * UNKNOWN_AT_ONCE + [503] * 5
        assert (await officer.post("/graphql", content=b"\x00" * 100_000)).status_code == 503
        assert full.app.admission.refused[None] == 6
        now += 1.5 / UNKNOWN  # to the clock's last digit, one alone may be a hair less than one
        asked = asyncio.create_task(officer.post("/graphql", content=BODY))
        await full.engine.until(11)
        full.engine.go.set()
        assert (await asked).status_code == 200


async def test_the_client_s_media_type_is_kept(full: Site) -> None:
    async with full.client("partner") as client:
        for accept in ("application/json", "application/graphql-response+json"):
            answer = await client.post("/graphql", content=BODY, headers={"accept": accept})
            assert answer.headers["content-type"] == f"{accept}; charset=utf-8"


async def test_h3_refusals_are_counted_in_the_log(full: Site) -> None:
    async with full.client("partner") as client:
        await full.know(client)
        await asyncio.gather(*(client.post("/graphql", content=BODY) for _ in range(200)))

    def sums() -> list[int]:
        return [entry["codes"]["OVERLOADED"] for entry in full.written() if entry["kind"] == "denied"]

    async with asyncio.timeout(60):
        while sum(written := await asyncio.to_thread(sums)) < 200:  # noqa: ASYNC110 - what it looks at is a file
            await asyncio.sleep(0.05)
    assert (sum(written), len(written) < 20) == (200, True)


async def test_e10_who_sends_slowly_holds_no_place(tmp_path: Path) -> None:
    async with site(tmp_path, body_timeout=5.0) as made:
        made.engine.go.set()
        slow = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            yield BODY[:5]
            await slow.wait()
            yield BODY[5:]

        async with made.client() as quick:
            headers = {**quick.headers, "content-length": str(len(BODY))}
            async with httpx.AsyncClient(base_url=made.address, headers=headers) as client:
                asked = [asyncio.create_task(client.post("/graphql", content=body())) for _ in range(30)]
                await asyncio.sleep(0.2)
                assert made.app.admission.places.total == 0
                assert (await quick.post("/graphql", content=BODY)).status_code == 200
                slow.set()
                assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
        assert made.app.admission.places.total == 0


@BY_POST_AND_GET
async def test_e10_whoever_is_not_known_holds_no_place(tmp_path: Path, by_get: bool) -> None:
    found = asyncio.Event()

    def keys(issuer: Issuer, known: KeySet) -> Keys:
        async def fetch() -> bytes:
            await found.wait()
            return orjson.dumps(made.issuer.jwks(issuer.name))

        return KeyCache(issuer.name, issuer.family, fetch, pace=Pace(fetch=10, wait=10))

    async with site(tmp_path, keys=keys) as made, made.client() as client:
        asked = [asyncio.create_task(ask(client, by_get=by_get)) for _ in range(5)]
        await asyncio.sleep(0.1)
        assert made.app.admission.places.total == 0
        found.set()
        await made.engine.until(5)
        assert made.app.admission.places.total == 5
        made.engine.go.set()
        assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}


async def test_who_reads_slowly_or_goes_away_leaves_its_place(tmp_path: Path) -> None:
    async with site(tmp_path) as made:
        async with made.client() as client:
            asked = asyncio.create_task(client.post("/graphql", content=BODY))
            await made.engine.until(1)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
        assert made.app.admission.places.total == 0


async def test_e10_one_person_takes_no_more_than_so_many_places(tmp_path: Path) -> None:
    async with site(tmp_path, requests_person=2) as made, made.client() as officer, made.client("partner") as partner:
        asked = [asyncio.create_task(officer.post("/graphql", content=BODY)) for _ in range(2)]
        await made.engine.until(2)
        refused = await officer.post("/graphql", content=BODY)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert [error["extensions"]["code"] for error in refused.json()["errors"]] == ["RATE_LIMITED"]
        async with made.client("citizen") as another:
            asked.append(asyncio.create_task(another.post("/graphql", content=BODY)))
            await made.engine.until(3)
        asked += [asyncio.create_task(partner.post("/graphql", content=BODY)) for _ in range(3)]
        await made.engine.until(6)
        made.engine.go.set()
        assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200] * 6
        assert (await officer.post("/graphql", content=BODY)).status_code == 200


async def test_f33_a_refusal_costs_microseconds(tmp_path: Path, figure: Callable[[str, float], None]) -> None:
    issuer = DemoIssuer.open(tmp_path)
    verifier = TokenVerifier(issuer.trusted())
    token = issuer.mint("officer")
    await verifier.verify(token)
    admission = Admission(_nobody, verifier, most=1, person=1)
    admission.places.shed = frozenset({"officer"})
    headers = [(b"host", b"gateway"), (b"authorization", f"Bearer {token}".encode()), (b"accept", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers}

    async def send(_: Any) -> None:
        return

    begun = time.process_time()
    for _ in range(2_000):
        await admission(scope, _nothing, send)
    figure("CPU of a refusal (µs)", (time.process_time() - begun) / 2_000 * 1e6)
    assert admission.refused["officer"] == 2_000


async def ask(client: httpx.AsyncClient, *, by_get: bool) -> httpx.Response:
    if by_get:
        return await client.get(f"/d/{'0' * 64}")
    return await client.post("/graphql", content=BODY)


async def _nobody(*_: Any) -> None:
    raise AssertionError("nobody is let in")


async def _nothing() -> Any:
    raise AssertionError("nothing is read")
