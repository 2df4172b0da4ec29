"""Requests that take long: nobody works for who has gone, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth.audit.reader import records
from auth.issuer import DemoIssuer
from auth.revocation import Revocation, Revoked
from auth.tokens import TokenVerifier
from auth.viewer import AccessRequest, Viewer
from datasources.deadlines import DEADLINE
from datasources.urgency import URGENCY
from gateway.app import create_app
from gateway.identity import Identity
from gateway.inflight import carry_through
from gateway.recorder import LogRecorder, open_recorder
from gateway.request import Answer, GraphQLRequest
from gateway.settings import Settings
from tests.datasources.soon import soon
from tests.gateway.serving import serving

TIMES: Mapping[str, float] = {"deadline": 0.2, "report_deadline": 0.2}
EXECUTED = Answer(status_hint="executed", http_status=200, payload={"data": {}})


class Slow:
    """An engine that answers when it is told to, and notes what became of each question."""

    def __init__(self) -> None:
        self.told = asyncio.Event()
        self.asked: list[tuple[float, str]] = []
        self.ends: list[str] = []

    async def answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        until = DEADLINE.get()
        assert until is not None
        self.asked.append((until - time.monotonic(), URGENCY.get()))
        if request.query.startswith("mutation"):
            carry_through()
        if "broken" in request.query:
            raise ValueError
        try:
            await self.told.wait()
        except asyncio.CancelledError:
            self.ends.append("cancelled")
            raise
        self.ends.append("answered")
        return EXECUTED

    async def readiness(self) -> dict[str, bool]:
        return {}

    def standing(self) -> dict[str, Any]:
        return {}

    async def close(self) -> None:
        pass


class Served:
    """A gateway over that engine, on a socket, with a log."""

    def __init__(
        self, address: str, engine: Slow, issuer: DemoIssuer, log: Path, verifier: TokenVerifier, recorder: LogRecorder
    ) -> None:
        self.engine = engine
        self.verifier = verifier
        self.recorder = recorder
        self._address = address
        self.issuer = issuer
        self._log = log

    async def post(self, caller: str = "officer", query: str = "{hello}", **headers: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.issuer.mint(caller)}", **headers}
        async with httpx.AsyncClient(timeout=60) as client:
            return await client.post(f"{self._address}/graphql", json={"query": query}, headers=headers)

    async def abandon(self, query: str = "{hello}") -> None:
        """Asks, and goes away once the engine is at work."""
        asking = asyncio.create_task(self.post(query=query))
        await soon(lambda: self.engine.asked != [])
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    def recorded(self) -> list[tuple[str, str]]:
        """The outcome and the client of every record; of who is not known there is none."""
        entries = [one.entry for one in records(self._log)]
        return [(one["outcome"], one.get("caller", {}).get("client", "")) for one in entries if "outcome" in one]


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    async with contextlib.AsyncExitStack() as exits:

        async def made(**settings: Any) -> Served:
            engine, issuer = Slow(), DemoIssuer.open(tmp_path / "issuer")
            recorder = open_recorder(tmp_path / "log", bytes(32))

            async def open_engine(_: Settings) -> Slow:
                return engine

            verifier = TokenVerifier(issuer.trusted())
            app = create_app(Settings(**settings), open_engine, Identity(verifier), recorder)
            address = await exits.enter_async_context(serving(app))
            return Served(address, engine, issuer, tmp_path / "log" / "0", verifier, recorder)

        yield made


async def test_the_work_for_a_client_that_goes_away_is_ended_and_written_down(serve: Callable[..., Any]) -> None:
    served = await serve()
    await served.abandon()
    await soon(lambda: served.recorded() != [])
    assert (served.engine.ends, served.recorded()) == (["cancelled"], [("ABANDONED", "yuezhifa")])
    served.engine.told.set()
    response = await served.post()
    assert response.json() == {"data": {}}


async def test_a_client_that_waits_is_answered_however_long_it_takes(serve: Callable[..., Any]) -> None:
    served = await serve()
    asked = asyncio.create_task(served.post())
    await asyncio.sleep(0.3)
    served.engine.told.set()
    assert (await asked).json() == {"data": {}}
    assert served.recorded() == [("RELEASED", "yuezhifa")]


async def test_a_change_is_carried_through_without_its_client(serve: Callable[..., Any]) -> None:
    served = await serve()
    await served.abandon("mutation {hello}")
    await asyncio.sleep(0.1)
    served.engine.told.set()
    await soon(lambda: served.recorded() == [("RELEASED", "yuezhifa")])


async def test_what_keeps_to_no_time_is_given_up(serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http.LAST", 0.0)
    served = await serve(**TIMES)
    response = await served.post()
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["errors"][0]["extensions"]["code"] == "OVERLOADED"
    assert served.engine.ends == ["cancelled"]
    assert served.recorded() == [("FAILED", "yuezhifa")]


async def test_a_change_is_carried_through_beyond_its_time(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.http.LAST", 0.1)
    served = await serve(**TIMES)
    asked = asyncio.create_task(served.post(query="mutation {hello}"))
    await asyncio.sleep(0.5)
    served.engine.told.set()
    assert (await asked).json() == {"data": {}}
    assert served.recorded() == [("RELEASED", "yuezhifa")]


@pytest.mark.parametrize(("said", "most"), [(None, 2.0), ("0.5", 0.5), ("60", 2.0)])
async def test_a_client_can_make_the_time_shorter(serve: Callable[..., Any], said: str | None, most: float) -> None:
    served = await serve()
    served.engine.told.set()
    await served.post(**({"request-timeout": said} if said is not None else {}))
    ((left, _),) = served.engine.asked
    assert most - 0.4 < left <= most


def slow_log(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Nothing is written down sooner than that."""
    record = LogRecorder.record

    async def slow(*args: Any) -> None:
        await asyncio.sleep(seconds)
        await record(*args)

    monkeypatch.setattr(LogRecorder, "record", slow)


async def test_a_refusal_that_is_written_down_for_longer_than_a_body_may_take_is_sent(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_log(monkeypatch, 0.3)
    served = await serve(body_timeout=0.1)
    response = await served.post(authorization="Bearer nobody")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert served.recorded() == [("DENIED", "")]


async def test_a_refusal_waits_for_a_log_that_hangs_no_longer_than_an_answer(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_log(monkeypatch, 30)
    monkeypatch.setattr("gateway.http.NOTED", 0.1)
    served = await serve()
    response = await served.post(authorization="Bearer nobody")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")


async def test_a_time_that_is_none_is_refused(serve: Callable[..., Any]) -> None:
    response = await (await serve()).post(**{"request-timeout": "soon"})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("caller", "urgency"), [("officer", "officer"), ("citizen", "officer"), ("partner", "partner")]
)
async def test_platforms_come_after_people(serve: Callable[..., Any], caller: str, urgency: str) -> None:
    served = await serve()
    served.engine.told.set()
    await served.post(caller)
    assert [one for _, one in served.engine.asked] == [urgency]


async def test_what_nobody_expected_is_written_down_with_who_had_asked(serve: Callable[..., Any]) -> None:
    served = await serve()
    response = await served.post(query="{broken}")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (500, "INTERNAL")
    assert served.recorded() == [("FAILED", "yuezhifa")]


async def test_what_nobody_expected_of_the_log_is_no_more_than_an_error(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise ValueError

    served = await serve()
    served.engine.told.set()
    monkeypatch.setattr(served.recorder, "record", broken)
    response = await served.post()
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (500, "INTERNAL")


async def test_who_is_revoked_while_rows_are_read_is_written_down(serve: Callable[..., Any]) -> None:
    served = await serve()
    asked = asyncio.create_task(served.post())
    await soon(lambda: served.engine.asked != [])
    viewer = await served.verifier.verify(served.issuer.mint("officer"))
    told = Revocation(kind=Revoked.CLIENT, issuer=viewer.issuer, value=viewer.client, at=time.time())
    served.verifier.revocations.add(told)
    served.engine.told.set()
    response = await asked
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "TOKEN_REVOKED")
    assert served.recorded() == [("DENIED", "yuezhifa")]


async def test_a_refusal_waits_for_its_record_beyond_its_time(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    served = await serve(body_timeout=0.1)
    append = served.recorder.record

    async def slow(*told: Any) -> None:
        await asyncio.sleep(0.4)
        await append(*told)

    monkeypatch.setattr(served.recorder, "record", slow)
    response = await served.post(authorization="Bearer none")
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert served.recorded() == [("DENIED", "")]
