"""The transport alone, over an engine of a few lines. Attack names (a13, e7, j1) are those of the threat catalogue."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLField,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    execute,
    get_operation_ast,
    parse,
    validate,
)
from graphql.type import GraphQLArgument

from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from gateway.app import create_app
from gateway.errors import ErrorCode, GatewayError
from gateway.identity import Identity
from gateway.observe import JsonLines
from gateway.request import Answer, GraphQLRequest, refused
from gateway.settings import Settings

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
SECRET = "440499198603120178"


def secret(*_: Any) -> str:
    raise ValueError(SECRET)


SCHEMA = GraphQLSchema(
    GraphQLObjectType(
        "Query",
        {
            "hello": GraphQLField(
                GraphQLString,
                args={"name": GraphQLArgument(GraphQLString), "times": GraphQLArgument(GraphQLInt)},
                resolve=lambda _source, _info, name="you", times=1: f"hello {name}" * times,
            ),
            "broken": GraphQLField(GraphQLString),
        },
    )
)


class SmallEngine:
    """graphql-core on a schema of two fields; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[GraphQLRequest, Viewer, AccessRequest | None]] = []
        self.databases = {"vehicle": True}
        self.closed = False

    async def answer(self, request: GraphQLRequest, viewer: Viewer, access: AccessRequest | None) -> Answer:
        self.asked.append((request, viewer, access))
        if request.named is not None and not request.query:
            raise GatewayError(ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED)
        if "broken" in request.query:
            raise ValueError(SECRET)
        if "busy" in request.query:
            raise GatewayError(ErrorCode.OVERLOADED)
        try:
            document = parse(request.query)
        except GraphQLError:
            return refused([GatewayError(ErrorCode.GRAPHQL_PARSE_FAILED)])
        if validate(SCHEMA, document):
            return refused([GatewayError(ErrorCode.GRAPHQL_VALIDATION_FAILED)])
        if get_operation_ast(document, request.operation_name) is None:
            return refused([GatewayError(ErrorCode.OPERATION_RESOLUTION_FAILURE)])
        result = execute(SCHEMA, document, variable_values=request.variables, operation_name=request.operation_name)
        assert isinstance(result, ExecutionResult)
        if result.errors and result.data is None:
            return refused([GatewayError(ErrorCode.BAD_USER_INPUT)])
        return Answer(status_hint="executed", http_status=200, payload={"data": result.data})

    async def readiness(self) -> dict[str, bool]:
        return self.databases

    def standing(self) -> dict[str, Any]:
        return {}

    async def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> DemoIssuer:
    return DemoIssuer.open(tmp_path_factory.mktemp("issuer"))


@pytest.fixture
def engine() -> SmallEngine:
    return SmallEngine()


@pytest.fixture
async def client(engine: SmallEngine, issuer: DemoIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async def open_engine(_: Settings) -> SmallEngine:
        return engine

    identity = Identity(TokenVerifier(issuer.trusted()))
    app = create_app(Settings(body_timeout=0.2), open_engine, identity)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://gateway",
            headers={"authorization": f"Bearer {issuer.mint('officer')}", "content-type": JSON, "accept": GRAPHQL},
        ) as client,
    ):
        yield client


def body(**parameters: Any) -> bytes:
    return json.dumps({"query": "{hello}", **parameters}).encode()


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


async def test_an_answer(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", content=body())
    assert response.status_code == 200
    assert response.json() == {"data": {"hello": "hello you"}}
    assert response.headers.pop("x-request-id").isalnum()
    assert dict(response.headers) == {
        "content-type": "application/graphql-response+json; charset=utf-8",
        "content-length": "30",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }


async def test_what_the_engine_is_asked(client: httpx.AsyncClient, engine: SmallEngine) -> None:
    extensions = {"access": {"purpose": "INSPECTION", "taskNo": "T-1"}, "client": "粤执法"}
    query = "query A($n: String) {hello(name: $n)} query B {hello}"
    await client.post(
        "/graphql", content=body(query=query, operationName="A", variables={"n": "珠海"}, extensions=extensions)
    )
    ((request, viewer, access),) = engine.asked
    assert request == GraphQLRequest(query=query, operation_name="A", variables={"n": "珠海"}, extensions=extensions)
    assert access == AccessRequest(purpose=Purpose.INSPECTION, task_no="T-1")
    assert (viewer.subject, viewer.client, viewer.kind) == ("demo:officer", "yuezhifa", CallerKind.OFFICER)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{JSON};q=0.9, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.8, {JSON};q=0.9", JSON),
        (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"text/event-stream, {JSON}", JSON),
        (f"text/html, */*;q=0.1, {GRAPHQL};q=0.5", GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
    ],
)
async def test_the_answer_is_in_what_the_client_likes_best(
    client: httpx.AsyncClient, accept: str | None, content_type: str
) -> None:
    if accept is None:
        del client.headers["accept"]
    else:
        client.headers["accept"] = accept
    response = await client.post("/graphql", content=body())
    assert (response.status_code, response.headers["content-type"]) == (200, f"{content_type}; charset=utf-8")


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream;q=0", f"{JSON};q=0", f"{JSON};q=x", "", "x" * 1000])
async def test_a_client_that_takes_neither_is_told(client: httpx.AsyncClient, accept: str) -> None:
    response = await client.post("/graphql", content=body(), headers={"accept": accept})
    assert (response.status_code, codes(response)) == (406, ["BAD_REQUEST"])


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_j1_only_post(client: httpx.AsyncClient, engine: SmallEngine, method: str) -> None:
    response = await client.request(method, "/graphql?query={hello}")
    assert (response.status_code, response.headers["allow"], engine.asked) == (405, "POST", [])


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/jsonp",
        "text/plain; application/json",
        "application/json; charset=utf-16",
        "application/json; charset=gb18030",
    ],
)
async def test_j1_only_json(client: httpx.AsyncClient, engine: SmallEngine, content_type: str | None) -> None:
    if content_type is None:
        del client.headers["content-type"]
    else:
        client.headers["content-type"] = content_type
    response = await client.post("/graphql", content=body())
    assert (response.status_code, codes(response), engine.asked) == (415, ["BAD_REQUEST"], [])


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=UTF-8", "Application/JSON", 'application/json;charset="utf-8"']
)
async def test_json_in_utf_8_is_taken(client: httpx.AsyncClient, content_type: str) -> None:
    assert (await client.post("/graphql", content=body(), headers={"content-type": content_type})).status_code == 200


async def test_e10_no_compressed_request(client: httpx.AsyncClient) -> None:
    assert (await client.post("/graphql", content=b"x", headers={"content-encoding": "gzip"})).status_code == 415


UNREADABLE = {
    "empty": b"",
    "not-json": b"{hello}",
    "not-json-whole": b'{"query": "{hello}"',
    "utf-8-invalid": b'{"query": "{hello}\xff"}',
    "utf-16": '{"query": "{hello}"}'.encode("utf-16"),
    "byte-order-mark": b"\xef\xbb\xbf" + body(),
    "number": b"3",
    "null": b"null",
    "text": b'"{hello}"',
    "E9-batch": b"[" + body() + b"]",
    "E9-batch-empty": b"[]",
    "deep-20000": b"[" * 20_000 + b"]" * 20_000,
    "deep-20000-objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "nan": b'{"query": "{hello}", "variables": {"n": NaN}}',
    "F4-infinite": b'{"query": "{hello}", "variables": {"n": 1e400}}',
    "F4-long-number": b'{"query": "{hello}", "variables": {"n": ' + b"9" * 10_000 + b"}}",
    "lone-surrogate": b'{"query": "{hello}", "variables": {"n": "\\ud800"}}',
    "lone-surrogate-in-query": b'{"query": "{hello(name: \\"\\udfff\\")}"}',
    "query-missing": b"{}",
    "query-null": body(query=None),
    "query-number": body(query=1),
    "query-object": body(query={}),
    "query-list": body(query=["{hello}"]),
    "operation-name-number": body(operationName=1),
    "variables-text": body(variables="{}"),
    "variables-list": body(variables=[]),
    "variables-false": body(variables=False),
    "extensions-text": body(extensions=""),
    "extensions-zero": body(extensions=0),
    "access-text": body(extensions={"access": "INSPECTION"}),
    "access-unknown-purpose": body(extensions={"access": {"purpose": "CURIOSITY"}}),
    "F2-access-newline": body(extensions={"access": {"purpose": "AUDIT", "caseNo": "1\n2"}}),
}


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_is_no_request_is_400(
    client: httpx.AsyncClient, engine: SmallEngine, name: str, accept: str
) -> None:
    response = await client.post("/graphql", content=UNREADABLE[name], headers={"accept": accept})
    assert (response.status_code, codes(response), engine.asked) == (400, ["BAD_REQUEST"], [])
    assert "data" not in response.json()


async def test_the_field_of_a_bad_access_is_named(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", content=UNREADABLE["F2-access-newline"])
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST", "field": "extensions.access.caseNo"}


REFUSED = {
    "syntax": (body(query="{"), "GRAPHQL_PARSE_FAILED"),
    "query-empty": (body(query=""), "GRAPHQL_PARSE_FAILED"),
    "query-nul": (body(query="{hello\0}"), "GRAPHQL_PARSE_FAILED"),
    "unknown-field": (body(query="{goodbye}"), "GRAPHQL_VALIDATION_FAILED"),
    "unknown-operation": (body(operationName="Other"), "OPERATION_RESOLUTION_FAILURE"),
    "variable-type": (
        body(query="query($n: Int) {hello(times: $n)}", variables={"n": "many"}),
        "BAD_USER_INPUT",
    ),
    "nul-in-variable": (body(variables={"n": "a\0b"}), "BAD_USER_INPUT"),
    "nul-deep-in-variable": (body(variables={"n": [{"a": ["b", {"c\0": 1}]}]}), "BAD_USER_INPUT"),
    "deep-variable": (body(variables={"n": json.loads("[" * 100 + "]" * 100)}), "BAD_USER_INPUT"),
    "deep-extension": (body(extensions={"n": json.loads("[" * 100 + "]" * 100)}), "BAD_USER_INPUT"),
    "persisted-query": (
        body(query=None, extensions={"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}),
        "PERSISTED_QUERY_NOT_SUPPORTED",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_refused_document_is_400_without_data(client: httpx.AsyncClient, name: str) -> None:
    content, code = REFUSED[name]
    response = await client.post("/graphql", content=content)
    assert (response.status_code, codes(response), list(response.json())) == (400, [code], ["errors"])


@pytest.mark.parametrize("name", ["syntax", "unknown-field", "unknown-operation", "variable-type"])
async def test_to_application_json_it_is_200(client: httpx.AsyncClient, name: str) -> None:
    content, code = REFUSED[name]
    response = await client.post("/graphql", content=content, headers={"accept": JSON})
    assert (response.status_code, codes(response), list(response.json())) == (200, [code], ["errors"])


@pytest.mark.parametrize("parameters", [{"operationName": None, "variables": None, "extensions": None}, {"id": "x"}])
async def test_null_and_unknown_parameters_are_left_out(client: httpx.AsyncClient, parameters: dict[str, Any]) -> None:
    assert (await client.post("/graphql", content=body(**parameters))).status_code == 200


@pytest.mark.parametrize("depth", [1, 30])
async def test_variables_may_nest(client: httpx.AsyncClient, depth: int) -> None:
    variables = {"n": json.loads("[" * depth + '"\\\\u0000"' + "]" * depth)}
    assert (await client.post("/graphql", content=body(variables=variables))).status_code == 200


async def test_e7_a_large_body_is_413(client: httpx.AsyncClient, engine: SmallEngine) -> None:
    response = await client.post("/graphql", content=body(query="#" * 65_536))
    assert (response.status_code, codes(response), engine.asked) == (413, ["BAD_REQUEST"], [])


@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), (JSON, 200)])
async def test_F31_an_answer_beyond_two_megabytes_does_not_leave(
    client: httpx.AsyncClient, accept: str, status: int
) -> None:
    response = await client.post("/graphql", content=body(query="{hello(times: 300000)}"), headers={"accept": accept})
    assert response.status_code == status
    assert [error["extensions"] for error in response.json()["errors"]] == [{"code": "TOO_COMPLEX", "limit": "answer"}]


async def test_e7_a_large_body_of_unknown_length_is_413(client: httpx.AsyncClient) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100:
            sent += 1
            yield b" " * 1024

    response = await client.post("/graphql", content=chunks())
    assert response.status_code == 413
    assert sent <= 66


async def test_a_body_of_just_the_limit_is_taken(client: httpx.AsyncClient) -> None:
    content = body()
    assert (await client.post("/graphql", content=content + b" " * (65_536 - len(content)))).status_code == 200


async def test_e10_a_body_that_never_ends_is_408(client: httpx.AsyncClient) -> None:
    async def drip() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.05)
            yield b" "

    response = await client.post("/graphql", content=drip())
    assert (response.status_code, codes(response)) == (408, ["BAD_REQUEST"])


@pytest.mark.parametrize("content_length", ["x", "-1", "1, 2"])
async def test_j2_an_odd_length_is_refused(client: httpx.AsyncClient, content_length: str) -> None:
    response = await client.post("/graphql", content=body(), headers={"content-length": content_length})
    assert response.status_code == 413


@pytest.mark.parametrize("name", ["authorization", "content-type", "content-length"])
async def test_a_header_given_twice_is_refused(client: httpx.AsyncClient, name: str) -> None:
    first = client.headers.get(name, "17")
    request = client.build_request("POST", "/graphql", content=body(), headers=[(name, first), (name, first)])
    assert (await client.send(request)).status_code == 400


@pytest.mark.parametrize("authorization", [None, "Bearer", "Basic dTpw", "Bearer a.b.c", "Bearer " + "a" * 9000])
async def test_without_a_good_token_every_answer_is_the_same(
    client: httpx.AsyncClient, engine: SmallEngine, authorization: str | None
) -> None:
    del client.headers["authorization"]
    headers = {} if authorization is None else {"authorization": authorization}
    response = await client.post("/graphql", content=body(), headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="tongcha", DPoP realm="tongcha", algs="ES256 EdDSA"'
    assert response.json() == {
        "errors": [{"message": "A valid access token is required.", "extensions": {"code": "UNAUTHENTICATED"}}]
    }
    assert engine.asked == []


async def test_an_expired_token_is_told_so(client: httpx.AsyncClient, issuer: DemoIssuer) -> None:
    token = issuer.mint("officer", lifetime=-60)
    response = await client.post("/graphql", content=body(), headers={"authorization": f"Bearer {token}"})
    assert (response.status_code, codes(response)) == (401, ["TOKEN_EXPIRED"])


@pytest.mark.parametrize(
    "headers",
    [
        {"x-user-id": "chief", "x-forwarded-user": "chief", "x-forwarded-client-cert": "Subject=chief"},
        {"host": "gateway/healthz?x="},
    ],
)
async def test_a13_identity_is_the_token_alone(
    client: httpx.AsyncClient, engine: SmallEngine, headers: dict[str, str]
) -> None:
    await client.post("/graphql", content=body(), headers=headers)
    assert [viewer.subject for _, viewer, _ in engine.asked] == ["demo:officer"]
    del client.headers["authorization"]
    assert (await client.post("/graphql", content=body(), headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/graphql/", "//graphql", "/graphql%2f..%2fhealthz", "/Graphql", "/docs", "/metrics"]
)
async def test_j6_there_is_nothing_else(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.post(path, content=body())).status_code == 404


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_an_unknown_failure_shows_an_id_only(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, accept: str
) -> None:
    with caplog.at_level(logging.INFO):
        response = await client.post("/graphql", content=body(query="{broken}"), headers={"accept": accept})
    request_id = response.headers["x-request-id"]
    assert response.status_code == 500
    assert response.json() == {
        "errors": [{"message": "An internal error occurred.", "extensions": {"code": "INTERNAL", "id": request_id}}]
    }
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records if record.name == "tongcha"]
    assert [(line["event"], line["error"]) for line in lines] == [("internal", "ValueError")]
    assert SECRET not in json.dumps(lines)


async def test_an_answer_that_is_no_json_is_an_internal_error(
    client: httpx.AsyncClient, engine: SmallEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def odd(*_: Any) -> Answer:
        return Answer(status_hint="executed", http_status=200, payload={"data": object()})

    monkeypatch.setattr(engine, "answer", odd)
    response = await client.post("/graphql", content=body())
    assert (response.status_code, codes(response)) == (500, ["INTERNAL"])


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_a_full_gateway_says_when_to_come_back(client: httpx.AsyncClient, accept: str) -> None:
    response = await client.post("/graphql", content=body(query="{busy}"), headers={"accept": accept})
    assert (response.status_code, codes(response), response.headers["retry-after"]) == (503, ["OVERLOADED"], "1")


async def test_healthz_needs_no_token(client: httpx.AsyncClient) -> None:
    del client.headers["authorization"]
    response = await client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("population", "vehicle", "status"),
    [
        pytest.param(True, True, 200, id="all"),
        pytest.param(True, False, 200, id="one is down"),
        pytest.param(False, False, 503, id="none"),
    ],
)
async def test_readyz_names_each_database(
    client: httpx.AsyncClient, engine: SmallEngine, population: bool, vehicle: bool, status: int
) -> None:
    engine.databases = {"population": population, "vehicle": vehicle}
    response = await client.get("/readyz")
    assert response.status_code == status
    assert response.json() == {
        "ready": status == 200,
        "worker": 0,
        "databases": engine.databases,
        "data": {},
        "issuers": {},
    }


async def test_over_a_socket(engine: SmallEngine, issuer: DemoIssuer) -> None:
    """The same over uvicorn, as it is deployed: an answer, a chunked body that is too large, a clean end."""

    started = asyncio.Event()

    async def open_engine(_: Settings) -> SmallEngine:
        started.set()
        return engine

    app = create_app(Settings(), open_engine, Identity(TokenVerifier(issuer.trusted())))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, http="httptools", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        headers = {"authorization": f"Bearer {issuer.mint('citizen')}"}
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", headers=headers
        ) as client:
            async with asyncio.timeout(5):
                await started.wait()
            assert (await client.post("/graphql", json={"query": "{hello}"})).json() == {"data": {"hello": "hello you"}}
            large = await client.post("/graphql", content=iter_chunks(), headers={"content-type": JSON})
            assert large.status_code == 413
            assert (await client.get("/readyz")).status_code == 200
        server.should_exit = True
        await task
    assert engine.closed


async def iter_chunks() -> AsyncIterator[bytes]:
    for _ in range(80):
        yield b" " * 1024
