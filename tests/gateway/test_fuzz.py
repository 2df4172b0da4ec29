"""Whatever is sent, what comes back is an answer: typed, of the closed set, without a word of the inside.

Schemathesis makes operations of the schema, which are sent over a socket as each kind of caller; and good requests are damaged byte by
byte. ``TONGCHA_EXAMPLES`` and ``TONGCHA_DAMAGED`` make it long, ``TONGCHA_SEED`` another one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from graphql import GraphQLScalarType, is_specified_scalar_type, print_schema
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from schemathesis.core.result import Ok
from schemathesis.graphql import nodes

from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from gateway.app import create_app
from gateway.commands.patience import PatientProtocol
from gateway.errors import ErrorCode
from gateway.identity import Identity
from gateway.observe import JsonLines
from gateway.pipeline import Pipeline
from gateway.recorder import open_recorder
from gateway.settings import Settings
from resolvers.schema import catalog
from tests.gateway.fuzzing import Answered, Wire, answers_in, exchanged, faults
from tests.gateway.serving import serving
from tests.gateway.test_leaks import ID_NO, Written, claims_of, files_of, stated, values_of
from tests.world import CALLERS, World

SEED = int(os.environ.get("TONGCHA_SEED", "20261124"))
EXAMPLES = int(os.environ.get("TONGCHA_EXAMPLES", "20"))
DAMAGED = int(os.environ.get("TONGCHA_DAMAGED", "400"))
ASKERS = ("officer-stepped-up", "supervisor", "partner-disclosure", "citizen-own", "auditor", "public")
EACH = 2
"""Callers by whom one generated operation is asked, in turn."""
AT_ONCE = 32
SOON = 0.2
"""Seconds in which headers and bodies must be there."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A gateway on a socket, what it writes, and a token for each caller."""

    address: str
    tokens: Mapping[str, str]
    directory: Path

    @property
    def host_and_port(self) -> tuple[str, int]:
        host, _, port = self.address.removeprefix("http://").partition(":")
        return host, int(port)

    def events(self) -> str:
        """What was logged."""
        return (self.directory / "events.jsonl").read_text(encoding="utf-8", errors="replace")


@pytest.fixture(scope="module")
async def place(city: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    directory = tmp_path_factory.mktemp("fuzz")
    handler = logging.FileHandler(directory / "events.jsonl", encoding="utf-8")
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    world, issuer = World(city), DemoIssuer.open(directory)

    async def engine(_: Settings) -> Pipeline:
        return world.pipeline()

    recorder = open_recorder(directory / "audit", b"k" * 64)
    app = create_app(Settings(body_timeout=SOON), engine, Identity(TokenVerifier(issuer.trusted())), recorder)
    tokens = {name: issuer.mint(viewer.kind.value, **claims_of(viewer)) for name, (viewer, _) in CALLERS.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PatientProtocol, "header_seconds", SOON)
        async with serving(app) as address:
            yield Place(address=address, tokens=tokens, directory=directory)
    logging.getLogger().removeHandler(handler)
    handler.close()


# --- operations of the schema --------------------------------------------------------------------


def generated() -> list[dict[str, Any]]:
    """Bodies with operations that the schema allows."""
    for name, scalar in catalog.schema.type_map.items():
        if isinstance(scalar, GraphQLScalarType) and not is_specified_scalar_type(scalar):
            schemathesis.graphql.scalar(name, strategies.text(max_size=12).map(nodes.String))
    schema = schemathesis.graphql.from_file(print_schema(catalog.schema))
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    bodies: list[dict[str, Any]] = []

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategies.one_of([operation.as_strategy() for operation in operations]))
    def collect(case: Any) -> None:
        bodies.append(case.as_transport_kwargs(base_url="http://gateway")["json"])

    collect()
    return bodies


async def test_an_operation_of_the_schema_is_answered_in_the_closed_set_of_words(place: Place) -> None:
    bodies = generated()  # while the loop stands still: it may not draw from `random`, whose state hypothesis watches
    written = Written(values={ID_NO})
    bad: list[Any] = []
    async with httpx.AsyncClient(base_url=place.address, timeout=30) as client:
        for number, body in enumerate(bodies):
            for turn in range(EACH):
                name = ASKERS[(number * EACH + turn) % len(ASKERS)]
                answer = await asked(client, place, name, body)
                bad += [(name, body["query"], fault) for fault in faults(answer)]
                payload = json.loads(answer.body)
                written.values |= set(values_of(payload.get("data")))
                written.texts[f"errors of {number} {name}"] = json.dumps(payload.get("errors"), ensure_ascii=False)
    written.texts |= files_of(place.directory)
    assert bad == []
    assert written.leaks() == []


async def asked(client: httpx.AsyncClient, place: Place, name: str, body: Mapping[str, Any]) -> Answered:
    sent = {**body, "extensions": stated(CALLERS[name][1])}
    headers = {"authorization": f"Bearer {place.tokens[name]}", "accept": "application/graphql-response+json"}
    response = await client.post("/graphql", json=sent, headers=headers)
    return Answered(status=response.status_code, headers=response.headers, body=response.content)


# --- nearly requests -----------------------------------------------------------------------------


def good(place: Place) -> Iterator[bytes]:
    """Requests that are well formed."""
    query = "query Q($n: Int = 2, $id: String) { divisions(first: $n) { nodes { name } } person(idNo: $id) { name } }"
    for name in ("officer", "public"):
        body: dict[str, Any] = {
            "query": query,
            "variables": {"n": 1, "id": ID_NO},
            "extensions": stated(CALLERS[name][1]),
        }
        content = json.dumps({"operationName": "Q", **body}).encode()
        lines = [
            b"POST /graphql HTTP/1.1",
            b"host: gateway",
            b"authorization: Bearer " + place.tokens[name].encode(),
            b"content-type: application/json",
            b"accept: application/graphql-response+json, application/json;q=0.9",
        ]
        yield b"\r\n".join([*lines, b"content-length: %d" % len(content)]) + b"\r\n\r\n" + content
        chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (content[:50], content[50:]))
        yield b"\r\n".join([*lines, b"transfer-encoding: chunked"]) + b"\r\n\r\n" + chunked + b"0\r\n\r\n"
    yield b"GET /d/" + b"0" * 64 + b" HTTP/1.1\r\nhost: gateway\r\n\r\n"


async def test_damaged_requests_are_refused_in_the_closed_set_of_words(place: Place) -> None:
    wire = Wire(random.Random(SEED), list(good(place)))
    bad: list[tuple[bytes, str]] = []
    seen: set[int] = set()
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(data: bytes) -> None:
        async with gate:
            said = await exchanged(*place.host_and_port, data)
        for answer in answers_in(said):
            seen.add(answer.status)
            bad.extend((data, fault) for fault in faults_of_any(answer))

    await asyncio.gather(*(one(wire.propose()) for _ in range(DAMAGED)))
    assert bad == []
    assert {200, 400, 401} <= seen
    assert '"internal"' not in place.events()


def faults_of_any(answer: Answered) -> Iterator[str]:
    """What uvicorn says of bytes that are no HTTP, and what is said of other addresses, is plain text; all else is GraphQL's."""
    if answer.headers.get("content-type") == "text/plain; charset=utf-8":
        if answer.status not in {400, 404, 405}:
            yield f"plain text with {answer.status}"
    elif not (answer.status == 200 and answer.headers.get("content-type") == "application/json"):
        yield from faults(answer)


async def test_after_all_of_it_a_good_request_is_answered(place: Place) -> None:
    async with httpx.AsyncClient(base_url=place.address) as client:
        answer = await asked(client, place, "public", {"query": "{ divisions(first: 1) { nodes { name } } }"})
    assert list(faults(answer)) == []
    assert "errors" not in json.loads(answer.body)


def test_a_fault_is_found() -> None:
    """A check that finds nothing wrong with anything would be none."""
    headers = {"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}
    wrong: list[tuple[int, Any]] = [
        (500, {"errors": [{"message": ErrorCode.INTERNAL.message, "extensions": {"code": "INTERNAL"}}]}),
        (200, {"errors": []}),
        (200, {}),
        (200, []),
        (400, {"data": None}),
        (200, {"errors": [{"message": "column idno does not exist", "extensions": {"code": "BAD_USER_INPUT"}}]}),
        (200, {"errors": [{"message": ErrorCode.BAD_USER_INPUT.message, "extensions": {"code": "SURPRISE"}}]}),
        (403, {"errors": [{"message": ErrorCode.UNAUTHENTICATED.message, "extensions": {"code": "UNAUTHENTICATED"}}]}),
    ]
    for status, payload in wrong:
        assert list(faults(Answered(status=status, headers=headers, body=json.dumps(payload).encode()))), payload
