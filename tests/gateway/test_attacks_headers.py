"""Attacks on what stands around a body: case D12. The headers of an answer are these five, and say nothing of what it cost or is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest

from auth.issuer import DEMO_CALLERS, DemoIssuer
from auth.tokens import TokenVerifier
from datasources.city.personas import SealedRecord
from gateway.app import create_app
from gateway.identity import Identity
from gateway.settings import Settings
from tests.gateway.serving import serving
from tests.world import World

ACCESS: Mapping[str, Mapping[str, str] | None] = {
    "officer": {"purpose": "INSPECTION", "taskNo": "ZHJT-2026-JC-0004127"},
    "officer-without-task": {"purpose": "INSPECTION", "taskNo": "ZHJT-2026-JC-0004127"},
    "supervisor": {"purpose": "SUPERVISION", "taskNo": "PC-2026-04"},
    "partner": {"purpose": "PARTNER_DISCLOSURE", "agreementNo": "GX-2026-0131"},
    "partner-finance": {"purpose": "NON_TAX_PAYMENT", "agreementNo": "GX-2026-0088"},
    "partner-credit": {"purpose": "PARTNER_DISCLOSURE", "agreementNo": "GX-2026-0140"},
    "partner-linkage": {"purpose": "CRIMINAL_LINKAGE", "agreementNo": "GX-2026-0102"},
    "partner-statistics": {"purpose": "STATISTICS", "agreementNo": "GX-2026-0142"},
    "partner-random": {"purpose": "DOUBLE_RANDOM", "agreementNo": "GX-2026-0115"},
    "partner-supervision": {"purpose": "INTERNET_SUPERVISION", "agreementNo": "GX-2026-0120"},
    "citizen": {"purpose": "SELF_SERVICE"},
    "enterprise": {"purpose": "SELF_SERVICE"},
    "public": None,
    "auditor": {"purpose": "AUDIT"},
}
"""What each of the demo's callers states."""

SENT = {"content-type", "content-length", "cache-control", "x-content-type-options", "x-request-id", "date"}
"""All that is sent with an answer; the server adds the date."""
CHALLENGED = frozenset({"www-authenticate", "retry-after", "allow"})
"""What a refusal may add."""

ASKED: Mapping[str, Mapping[str, Any]] = {
    "an answer": {"query": "{ divisions(first: 2) { totalCount nodes { code name } } }"},
    "an answer with nulls": {
        "query": '{ vehicle(plateNo: "粤C12A34", plateType: "02") { plateNo owner { displayName } } }'
    },
    "nothing there": {"query": '{ case(caseNo: "ZHDM-SJ-2024-CF-9999999") { caseNo } }'},
    "a document that does not fit the schema": {"query": "{ nothing }"},
    "a document that is none": {"query": "{"},
    "a wrong argument": {"query": "{ divisions(first: -1) { totalCount } }"},
    "the schema": {"query": "{ __schema { queryType { name } } }"},
}
"""Bodies of requests, good and bad."""


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DemoIssuer:
    return DemoIssuer.open(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
async def client(world: World, issuer: DemoIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the gateway over the city, on a socket."""

    class Engine:
        answer = staticmethod(world.pipeline().answer)

        async def readiness(self) -> dict[str, bool]:
            return {}

        def standing(self) -> dict[str, Any]:
            return {}

        async def close(self) -> None:
            """The city's databases go on."""

    async def open_engine(_: Settings) -> Engine:
        return Engine()

    app = create_app(Settings(), open_engine, Identity(TokenVerifier(issuer.trusted())))
    async with serving(app) as base, httpx.AsyncClient(base_url=base) as client:
        yield client


def check(response: httpx.Response, more: frozenset[str] = frozenset()) -> None:
    """Only what may be there is; nobody keeps it; its length is that of what was released."""
    headers = response.headers
    assert SENT <= set(headers) <= SENT | more, set(headers)
    assert len(headers.multi_items()) == len(set(headers))
    assert headers["cache-control"] == "no-store"
    assert int(headers["content-length"]) == len(response.content)


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("caller", DEMO_CALLERS)
async def test_D12_an_answer_has_these_headers_and_no_other(
    client: httpx.AsyncClient, issuer: DemoIssuer, caller: str, name: str
) -> None:
    """No ETag, which would tell of two answers whether they are one; no Server-Timing, no cost, no trace."""
    extensions = {} if ACCESS[caller] is None else {"extensions": {"access": ACCESS[caller]}}
    asking = {"apollo-federation-include-trace": "ftv1", "traceparent": f"00-{'1' * 32}-{'2' * 16}-01", "te": "trailers",
              "if-none-match": "*", "apollo-require-preflight": "1", "x-apollo-tracing": "1", "accept-encoding": "gzip"}  # fmt: skip
    for accept in ("application/json", "application/graphql-response+json"):
        response = await client.post(
            "/graphql",
            json={**ASKED[name], **extensions},
            headers={**asking, "authorization": f"Bearer {issuer.mint(caller)}", "accept": accept},
        )
        check(response)
        assert set(response.json()) <= {"data", "errors", "extensions"}
        assert set(response.json().get("extensions", {})) <= {"access", "sources"}


REFUSED: Mapping[str, tuple[str, Mapping[str, Any], int]] = {
    "no token": ("POST", {"json": {"query": "{ __typename }"}}, 401),
    "a token that is none": (
        "POST",
        {"json": {"query": "{ __typename }"}, "headers": {"authorization": "Bearer x.y.z"}},
        401,
    ),
    "a GET": ("GET", {}, 405),
    "a form": ("POST", {"data": {"query": "{ __typename }"}}, 415),
    "a media type that is none of ours": (
        "POST",
        {"json": {"query": "{ __typename }"}, "headers": {"accept": "text/html"}},
        406,
    ),
}
"""Requests that do not come as far as a document, and the status of each."""


@pytest.mark.parametrize("name", REFUSED)
async def test_D12_a_refusal_has_no_more(client: httpx.AsyncClient, name: str) -> None:
    method, request, status = REFUSED[name]
    response = await client.request(method, "/graphql", **request)
    assert response.status_code == status
    check(response, CHALLENGED)


@pytest.mark.parametrize("caller", DEMO_CALLERS)
async def test_D12_what_is_hidden_and_what_is_absent_come_with_the_same_headers(
    client: httpx.AsyncClient, issuer: DemoIssuer, caller: str
) -> None:
    """All but the date and the number of the request."""
    extensions = {} if ACCESS[caller] is None else {"extensions": {"access": ACCESS[caller]}}
    found = []
    for case_no in (SealedRecord.case_no, "ZHDM-SJ-2024-CF-9999999"):
        response = await client.post(
            "/graphql",
            json={
                "query": "query($n: String!) { case(caseNo: $n) { caseNo } }",
                "variables": {"n": case_no},
                **extensions,
            },
            headers={"authorization": f"Bearer {issuer.mint(caller)}"},
        )
        found.append({name: value for name, value in response.headers.items() if name not in {"date", "x-request-id"}})
    assert found[0] == found[1]
