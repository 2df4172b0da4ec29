"""What the demo's explorer shows of the inside, and to whom."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from auth.issuer import DEMO_CALLERS
from gateway.console.inside import is_own
from gateway.console.operations import operations
from tests.gateway.console.conftest import Explorer

ROADSIDE = operations()[0]
PLACES = [("POST", "/console/token"), ("POST", "/console/plan"), ("GET", f"/console/record/{'0' * 64}")]


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer.json()["errors"]]


# --- tokens --------------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", DEMO_CALLERS)
async def test_a_token_is_of_the_caller_that_was_asked_for(explorer: Explorer, caller: str) -> None:
    token = (await explorer.client.post("/console/token", json={"caller": caller})).json()["token"]
    answer = await explorer.client.post(
        "/graphql", json={"query": "{__typename}"}, headers={"authorization": f"Bearer {token}"}
    )
    assert answer.json().get("data", {"__typename": "Query"}) == {"__typename": "Query"}
    assert answer.status_code == 200 or codes(answer) == ["DOCUMENT_NOT_REGISTERED"]


@pytest.mark.parametrize(
    "body", [{}, {"caller": "chief"}, {"caller": ["officer"]}, {"caller": "officer", "acr": "3"}, [], "officer"]
)
async def test_nobody_else_gets_one(explorer: Explorer, body: Any) -> None:
    answer = await explorer.client.post("/console/token", json=body)
    assert (answer.status_code, codes(answer)) == (400, ["BAD_REQUEST"])


async def test_a_body_that_is_too_large_is_refused(explorer: Explorer) -> None:
    assert (await explorer.client.post("/console/token", json={"caller": "x" * 70_000})).status_code == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_j1_a_form_of_another_page_gets_none(explorer: Explorer, kind: str) -> None:
    answer = await explorer.client.post(
        "/console/token", content='{"caller": "officer"}', headers={"content-type": kind}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8000", "", "localhost@evil.example"]
)
@pytest.mark.parametrize(("method", "path"), PLACES)
async def test_j1_a_name_that_leads_here_from_elsewhere_gets_nothing(
    explorer: Explorer, host: str, method: str, path: str
) -> None:
    headers = {**explorer.bearing("officer"), "host": host}
    answer = await explorer.client.request(method, path, json={"caller": "officer"}, headers=headers)
    assert (answer.status_code, answer.content) == (421, b"")


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://0.0.0.0:8000", False),
        ("http://192.168.0.7:8000", False),
        ("https://tongcha.example", False),
        ("http://localhost.example", False),
    ],
)
def test_tokens_are_for_who_is_on_this_machine(origin: str, own: bool) -> None:
    assert is_own(origin) is own
    assert is_own("http://127.0.0.1:8000", origin) is own


# --- the plan ------------------------------------------------------------------------------------


async def test_the_plan_has_steps_statements_and_decisions(explorer: Explorer) -> None:
    plan = (await explorer.ask("/console/plan", ROADSIDE, explorer.bearing("officer"))).json()
    assert {step["path"]: step["database"] for step in plan["steps"]}["vehicle"] == "vehicle"
    assert all(step["statement"].startswith("SELECT") for step in plan["steps"])
    outcomes = {field["coordinate"]: field["outcome"] for field in plan["fields"]}
    assert outcomes["Vehicle.plateNo"] == "clear"
    assert all(field["policy"] for field in plan["fields"])


async def test_the_plan_of_who_may_less_asks_for_less(explorer: Explorer) -> None:
    plans = [
        (await explorer.ask("/console/plan", ROADSIDE, explorer.bearing(caller))).json()
        for caller in ("officer", "officer-without-task")
    ]
    assert len(plans[1]["steps"]) < len(plans[0]["steps"])
    assert {field["code"] for field in plans[1]["fields"]} == {None, "PURPOSE_DENIED"}


async def test_what_has_a_resolver_of_its_own_has_no_steps(explorer: Explorer) -> None:
    figures = operations()[4]
    plan = (await explorer.ask("/console/plan", figures, explorer.bearing("supervisor"))).json()
    assert (plan["by_hand"], plan["steps"]) == ("Query.enforcementStats", [])


async def test_b11_a_field_that_a_caller_may_not_know_of_has_no_plan(explorer: Explorer) -> None:
    def asked(field: str) -> dict[str, Any]:
        query = f'{{ matters(orgUscc: "1144049900700088X4", first: 1) {{ nodes {{ {field} {{ changeKind }} }} }} }}'
        return {"query": query, "variables": {}, "access": {"purpose": "SELF_SERVICE"}}

    there, invented = [
        await explorer.ask("/console/plan", asked(field), explorer.bearing("citizen"))
        for field in ("changeRequests", "changeRequestz")
    ]
    answer = await explorer.ask("/graphql", asked("changeRequests"), explorer.bearing("citizen"))
    assert there.content.replace(b"changeRequests", b"changeRequestz") == invented.content
    assert there.json() == answer.json()


# --- the record ----------------------------------------------------------------------------------


async def record(explorer: Explorer, content: bytes, caller: str) -> Any:
    name = hashlib.sha256(content).hexdigest()
    return (await explorer.client.get(f"/console/record/{name}", headers=explorer.bearing(caller))).json()


async def test_the_record_is_of_the_answer(explorer: Explorer) -> None:
    answer = await explorer.ask("/graphql", ROADSIDE, explorer.bearing("officer"))
    found = await record(explorer, answer.content, "officer")
    assert (found["entry"]["outcome"], found["entry"]["operation_name"]) == ("RELEASED", "RoadsideVehicle")
    assert found["entry"]["caller"]["subject"] == "demo:officer"
    assert len(found["subjects"]) == found["entry"]["subjects"]["count"] > 0


async def test_the_record_has_no_value_of_the_answer(explorer: Explorer) -> None:
    answer = await explorer.ask("/graphql", ROADSIDE, explorer.bearing("officer"))
    found = str(await record(explorer, answer.content, "officer"))
    owner = answer.json()["data"]["vehicle"]["owner"]
    assert [text for text in ("粤C12A34", owner["uscc"], owner["displayName"]) if text in found] == []


async def test_the_record_of_a_refusal_has_its_code(explorer: Explorer) -> None:
    refused = {**ROADSIDE, "access": {**ROADSIDE["access"], "onWithheld": "REJECT"}}
    answer = await explorer.ask("/graphql", refused, explorer.bearing("officer-without-task"))
    found = await record(explorer, answer.content, "officer-without-task")
    assert (answer.status_code, found["entry"]["outcome"]) == (403, "DENIED")


async def test_nobody_is_shown_the_record_of_another(explorer: Explorer) -> None:
    answer = await explorer.ask("/graphql", ROADSIDE, explorer.bearing("officer"))
    assert await record(explorer, answer.content, "supervisor") is None


@pytest.mark.parametrize("name", ["0" * 64, "x", '","x":"', "..", "%2e%2e"])
async def test_what_is_no_answer_has_no_record(explorer: Explorer, name: str) -> None:
    answer = await explorer.client.get(f"/console/record/{name}", headers=explorer.bearing("officer"))
    assert answer.status_code == 404 or answer.json() is None


# --- who may look --------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), PLACES[1:])
@pytest.mark.parametrize("token", [{}, {"authorization": "Bearer x"}, {"authorization": "Basic b2s="}])
async def test_inside_is_shown_to_nobody_without_a_token(
    explorer: Explorer, method: str, path: str, token: dict[str, str]
) -> None:
    answer = await explorer.client.request(
        method, path, json={"query": "{__typename}"} if method == "POST" else None, headers=token
    )
    assert (answer.status_code, codes(answer)) == (401, ["UNAUTHENTICATED"])


@pytest.mark.parametrize(("method", "path"), PLACES)
async def test_nothing_of_the_inside_is_kept_or_shared(explorer: Explorer, method: str, path: str) -> None:
    answer = await explorer.client.request(
        method, path, json={"caller": "officer"}, headers=explorer.bearing("officer")
    )
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
