"""Documents asked for by GET. D12, G4, I4 and J1 are cases of the catalogue of attacks."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from auth.viewer import Purpose
from gateway.app import create_app
from gateway.errors import ErrorCode
from gateway.identity import Identity
from gateway.named import digest_of
from gateway.settings import Settings
from tests.gateway.registry import DETAIL, PAYMENTS, RECENT, Registry

Opened = Callable[..., Awaitable[Registry]]

PAGED = "query Paged { disclosures(first: 1) { pageInfo { endCursor } nodes { disclosureId } } }"
FEED = "query Feed { disclosureChanges(first: 1) { snapshotAt changes { seq } } }"
DIVISIONS = "query Divisions { divisions(first: 1) { totalCount } }"
DIVISIONS_OF = "query DivisionsOf($first: Int) { divisions(first: $first) { totalCount } }"
SCHEMA = '{ __type(name: "Query") { name } }'
MIXED = 'query Mixed { disclosures(first: 1) { totalCount } case(caseNo: "x") { caseNo } }'
OPEN = """mutation Open { openTemporaryTask(input: {idempotencyKey: "1", purpose: INSPECTION, reason: "r",
  subject: {plateNo: "x", plateType: "02"}}) { errors { code } } }"""
ONE = {"variables": '{"first":1}'}
GRAPHQL = "application/graphql-response+json"


class Recorded:
    """Counts what was written down."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def record(self, viewer: Any, access: Any, variables: Any, answer: Any, body: bytes) -> None:
        del viewer, access, variables, answer
        self.bodies.append(body)

    def count(self, code: ErrorCode) -> None:
        """Nothing is refused unread."""

    async def close(self) -> None:
        """Nothing to end."""


class Site:
    """Clients of a gateway whose documents were registered."""

    def __init__(self, registry: Registry, issuer: DemoIssuer, client: httpx.AsyncClient, recorded: Recorded) -> None:
        self.registry = registry
        self.recorded = recorded
        self._issuer = issuer
        self._client = client

    async def get(self, address: str, caller: str = "public", **options: Any) -> httpx.Response:
        return await self.ask("GET", address, caller, **options)

    async def ask(self, method: str, address: str, caller: str, **options: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self._issuer.mint(caller)}", **options.pop("headers", {})}
        return await self._client.request(method, address, headers=headers, **options)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DemoIssuer:
    return DemoIssuer.open(tmp_path_factory.mktemp("issuer"))


REGISTERED = (
    *(
        ("public-site", Purpose.PUBLIC_DISCLOSURE, text)
        for text in (RECENT, DETAIL, PAGED, FEED, DIVISIONS, DIVISIONS_OF, SCHEMA, MIXED, OPEN)
    ),
    ("partner-finance", Purpose.NON_TAX_PAYMENT, PAYMENTS),
    ("partner-disclosure", Purpose.PARTNER_DISCLOSURE, DETAIL),
)
BOTH_ENGINES = pytest.mark.parametrize("site", ["compiled", "resolvers"], indirect=True)


@pytest.fixture
async def site(opened: Opened, issuer: DemoIssuer, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    recorded = Recorded()
    registry = await opened(getattr(request, "param", "compiled"))
    await registry.put(REGISTERED)
    await registry.documents.look()

    class Engine:
        answer = staticmethod(registry.gateway.answer)

        async def readiness(self) -> dict[str, bool]:
            return {}

        def standing(self) -> dict[str, Any]:
            return {}

        async def close(self) -> None:
            """The village's databases go on."""

    async def open_engine(_: Settings) -> Engine:
        return Engine()

    app = create_app(Settings(), open_engine, Identity(TokenVerifier(issuer.trusted())), recorded)
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://g") as client:
        yield Site(registry, issuer, client, recorded)


ADDRESSES: dict[str, tuple[str, dict[str, str]]] = {
    "path": (f"/d/{digest_of(RECENT)}", ONE),
    "path, with the prefix": (f"/d/sha256:{digest_of(RECENT)}", ONE),
    "appendix A": ("/graphql", {"documentId": f"sha256:{digest_of(RECENT)}", **ONE}),
    "Apollo": (
        "/graphql",
        {
            "operationName": "Recent",
            "extensions": json.dumps({"persistedQuery": {"version": 1, "sha256Hash": digest_of(RECENT)}}),
            **ONE,
        },
    ),
    "with a reason": (
        f"/d/{digest_of(RECENT)}",
        {"extensions": json.dumps({"access": {"purpose": "PUBLIC_DISCLOSURE"}}), **ONE},
    ),
}


@BOTH_ENGINES
@pytest.mark.parametrize("name", ADDRESSES)
async def test_a_public_document_has_an_address(site: Site, name: str) -> None:
    address, params = ADDRESSES[name]
    response = await site.get(address, params=params)
    assert response.status_code == 200
    assert len(response.json()["data"]["disclosures"]["nodes"]) == 1
    assert response.headers["cache-control"] == "public, no-cache"
    assert response.headers["vary"] == "authorization, accept"


@BOTH_ENGINES
async def test_by_get_and_by_post_the_bytes_are_the_same(site: Site) -> None:
    got = await site.get(f"/d/{digest_of(RECENT)}", params=ONE)
    body = {"documentId": f"sha256:{digest_of(RECENT)}", "variables": {"first": 1}}
    posted = await site.ask("POST", "/graphql", "public", json=body)
    assert got.content == posted.content
    assert posted.headers["cache-control"] == "no-store"
    assert "etag" not in posted.headers


async def test_G4_whoever_kept_it_asks_again_and_is_told_that_it_still_is_so(site: Site) -> None:
    first = await site.get(f"/d/{digest_of(RECENT)}", params=ONE)
    for stated in (
        first.headers["etag"],
        f'"x", {first.headers["etag"]}',
        first.headers["etag"].removeprefix("W/"),
        "*",
    ):
        again = await site.get(f"/d/{digest_of(RECENT)}", params=ONE, headers={"if-none-match": stated})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert again.headers["cache-control"] == "public, no-cache"


async def test_not_changed_is_recorded_like_any_answer(site: Site) -> None:
    first = await site.get(f"/d/{digest_of(RECENT)}", params=ONE)
    await site.get(f"/d/{digest_of(RECENT)}", params=ONE, headers={"if-none-match": first.headers["etag"]})
    assert site.recorded.bodies == [first.content, first.content]


async def test_D12_the_tag_is_of_the_bytes_that_are_released(site: Site) -> None:
    tags = {
        (await site.get(f"/d/{digest_of(RECENT)}", params={"variables": json.dumps({"first": first})})).headers["etag"]
        for first in (1, 2)
    }
    other = await site.get(f"/d/{digest_of(RECENT)}", params=ONE, headers={"accept": GRAPHQL})
    assert len(tags | {other.headers["etag"]}) == 3


async def test_I4_what_is_withdrawn_is_in_no_answer_that_somebody_kept(site: Site) -> None:
    listed = (await site.get(f"/d/{digest_of(RECENT)}", params=ONE)).json()["data"]["disclosures"]["nodes"][0]
    asked = {"variables": json.dumps({"id": listed["disclosureId"]})}
    before = await site.get(f"/d/{digest_of(DETAIL)}", params=asked)
    assert before.json()["data"]["disclosure"]["facts"] == listed["facts"]
    await site.registry.execute("UPDATE gw.disclosure SET state = '3' WHERE disclosure_id = $1", listed["disclosureId"])
    after = await site.get(f"/d/{digest_of(DETAIL)}", params=asked, headers={"if-none-match": before.headers["etag"]})
    assert (after.status_code, after.json()["data"]) == (200, {"disclosure": None})
    assert after.headers["etag"] != before.headers["etag"]


NOT_BY_GET: dict[str, tuple[str, str, dict[str, Any]]] = {
    "G4 what is not public": (
        "partner-finance",
        PAYMENTS,
        {"purpose": "NON_TAX_PAYMENT", "agreementNo": "GX-2026-0088"},
    ),
    "a cursor, which is one caller's": ("public", PAGED, {}),
    "a feed, which is of one moment": ("public", FEED, {}),
    "what no feed tells changes of": ("public", DIVISIONS, {}),
    "the schema": ("public", SCHEMA, {}),
    "public with something withheld": ("public", MIXED, {}),
}


@BOTH_ENGINES
@pytest.mark.parametrize("name", NOT_BY_GET)
async def test_what_is_not_for_everybody_is_not_answered_by_get(site: Site, name: str) -> None:
    caller, text, access = NOT_BY_GET[name]
    params = {"extensions": json.dumps({"access": access})} if access else {}
    by_get = await site.get(f"/d/{digest_of(text)}", caller, params=params)
    assert (by_get.status_code, by_get.headers["allow"]) == (405, "POST")
    assert by_get.headers["cache-control"] == "no-store"
    assert "data" not in by_get.json()
    body = {"documentId": f"sha256:{digest_of(text)}", "extensions": {"access": access} if access else {}}
    assert (await site.ask("POST", "/graphql", caller, json=body)).status_code == 200


async def test_what_is_not_for_everybody_is_told_so_whatever_its_variables(site: Site) -> None:
    response = await site.get(f"/d/{digest_of(DIVISIONS_OF)}", params={"variables": '{"first":-1}'})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_a_change_is_never_made_by_get(site: Site) -> None:
    before = site.registry.statements()
    response = await site.get(f"/d/{digest_of(OPEN)}")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert site.registry.statements() == before


async def test_G4_a_partner_gets_a_public_document(site: Site) -> None:
    access = json.dumps({"access": {"purpose": "PARTNER_DISCLOSURE", "agreementNo": "GX-2026-0131"}})
    params = {"variables": '{"id":"GS1"}', "extensions": access}
    assert (await site.get(f"/d/{digest_of(DETAIL)}", "partner", params=params)).status_code == 200


REFUSED: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "J1 a text": ("GET", "/graphql?query={__typename}", {}, 405),
    "J1 a text beside a name": ("GET", f"/d/{digest_of(RECENT)}?query={{__typename}}", {}, 405),
    "J1 nothing": ("GET", "/graphql", {}, 405),
    "J1 HEAD": ("HEAD", f"/d/{digest_of(RECENT)}", {}, 405),
    "J1 POST to a document": ("POST", f"/d/{digest_of(RECENT)}", {"json": {}}, 405),
    "J1 a form": ("GET", f"/d/{digest_of(RECENT)}", {"headers": {"content-type": "text/plain"}}, 415),
    "J1 an odd Accept": ("GET", f"/d/{digest_of(RECENT)}", {"headers": {"accept": "text/html"}}, 406),
    "J5 a token in the address": (
        "GET",
        f"/d/{digest_of(RECENT)}?access_token=x",
        {"headers": {"authorization": ""}},
        401,
    ),
    "no id": ("GET", "/d/", {}, 400),
    "an id that is none": ("GET", "/d/a b", {}, 400),
    "a path": ("GET", "/d/../graphql", {}, 405),
    "variables twice": ("GET", f"/d/{digest_of(RECENT)}?variables={{}}&variables={{}}", {}, 400),
    "variables that are no JSON": ("GET", f"/d/{digest_of(RECENT)}?variables={{first:1}}", {}, 400),
    "variables that are no object": ("GET", f"/d/{digest_of(RECENT)}?variables=[1]", {}, 400),
    "a long address": ("GET", f"/d/{digest_of(RECENT)}?variables={'x' * 9000}", {}, 414),
    "F1 a NUL": (
        "GET",
        f"/d/{digest_of(DETAIL)}?variables=%7B%22id%22:%22%5C%75%30%30%30%30%22%7D",
        {"headers": {"accept": GRAPHQL}},
        400,
    ),
    "bytes that are no UTF-8": ("GET", f"/d/{digest_of(RECENT)}?variables=%ff", {}, 400),
    "not registered": ("GET", f"/d/{digest_of(PAYMENTS)}", {"headers": {"accept": GRAPHQL}}, 400),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_such_request_is_refused(site: Site, name: str) -> None:
    method, address, options, status = REFUSED[name]
    before = site.registry.statements()
    response = await site.ask(method, address, "public", **options)
    assert response.status_code == status
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers
    assert site.registry.statements() == before


async def test_a_database_that_is_down_is_in_no_answer_that_is_kept(site: Site) -> None:
    async with site.registry.without("personnel"):
        response = await site.get(f"/d/{digest_of(RECENT)}", params=ONE)
    assert response.json()["errors"][0]["extensions"]["code"] == "SOURCE_UNAVAILABLE"
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers
