"""The whole way over HTTP, with tokens: an officer looks, the log is shipped, the citizen and the auditor ask."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth.issuer import DemoIssuer
from auth.tokens import TokenVerifier
from datasources.city.personas import CuriousOfficer
from gateway.app import create_app
from gateway.identity import Identity
from gateway.settings import Settings
from tests.gateway.following import Borrowed
from tests.gateway.looking import CASE_NO, ID_NO, PERSON_REF, ROADSIDE_TASK, Desk
from tests.gateway.serving import serving

Post = Callable[..., Any]

CASE = {"purpose": "CASE_HANDLING", "caseNo": CASE_NO}
TASK = {"purpose": "INSPECTION", "taskNo": ROADSIDE_TASK}
PERSON = "query Look($i: String!) { person(idNo: $i) { name } }"
LOOKS = "{ whoLookedAtMe { totalCount nodes { by certNo purpose caseNo data { record fields } } } }"
LOG = """query($i: String!) { person(idNo: $i) { name }
  accessLog(filter: {subjectRef: "p_7QK2M9"}) { nodes { outcome code certNo caseNo clear } } }"""


@pytest.fixture
async def post(desk: Desk, tmp_path: Path) -> AsyncIterator[Post]:
    """Asks as a demo caller; claims are added to the token."""
    issuer = DemoIssuer.open(tmp_path / "issuer")

    async def open_engine(_: Settings) -> Borrowed:
        return Borrowed(desk.pipeline)

    settings = Settings(budget_officer=1)
    app = create_app(settings, open_engine, Identity(TokenVerifier(issuer.trusted())), desk.recorder)
    async with serving(app) as address, httpx.AsyncClient(base_url=address, timeout=60) as client:

        async def ask(caller: str, query: str, access: Any, *, claims: Any = None, **variables: Any) -> httpx.Response:
            token = issuer.mint(caller, **(claims or {}))
            body = {"query": query, "variables": variables, "extensions": {"access": access}}
            return await client.post("/graphql", json=body, headers={"authorization": f"Bearer {token}"})

        yield ask


async def officer_looks(post: Post, access: Any, id_no: str = ID_NO) -> httpx.Response:
    response: httpx.Response = await post("officer", PERSON, access, i=id_no)
    return response


async def citizen_sees(post: Post, reference: str = PERSON_REF) -> Any:
    access = {"purpose": "SELF_SERVICE"}
    return (await post("citizen", LOOKS, access, claims={"subject_ref": reference})).json()["data"]["whoLookedAtMe"]


async def test_a_citizen_sees_the_look_once_the_case_is_no_longer_secret(desk: Desk, post: Post) -> None:
    assert (await officer_looks(post, CASE)).json()["data"]["person"]["name"]
    await desk.ship()
    secret = "UPDATE cas.case SET status = $1, secret_flag = $2 WHERE case_no = $3"
    await desk.execute(secret, "INVESTIGATING", True, CASE_NO)
    assert await citizen_sees(post) == {"totalCount": 0, "nodes": []}
    await desk.execute(secret, "CLOSED", False, CASE_NO)
    look = {
        "by": "OFFICER",
        "certNo": "19040130215",
        "purpose": "CASE_HANDLING",
        "caseNo": CASE_NO,
        "data": [{"record": "自然人", "fields": ["姓名"]}],
    }
    assert await citizen_sees(post) == {"totalCount": 1, "nodes": [look]}
    assert await citizen_sees(post, "p_1001WM") == {"totalCount": 0, "nodes": []}


async def test_over_the_budget_nothing_leaves_and_the_auditor_sees_the_attempt(desk: Desk, post: Post) -> None:
    assert (await officer_looks(post, TASK, CuriousOfficer.id_no)).json()["data"]["person"]["name"]
    refused = await officer_looks(post, TASK)
    assert refused.status_code == 429
    assert refused.json() == {
        "errors": [
            {
                "message": "The number of subjects that may be looked up is used up.",
                "extensions": {"code": "SUBJECT_BUDGET_EXCEEDED", "budget": "certificate"},
            }
        ]
    }
    await desk.ship()
    data = (await post("auditor", LOG, {"purpose": "AUDIT"}, i=ID_NO)).json()["data"]
    assert data["person"] is None
    assert [(node["outcome"], node["code"]) for node in data["accessLog"]["nodes"]] == [
        ("DENIED", "SUBJECT_BUDGET_EXCEEDED")
    ]
    assert await citizen_sees(post) == {"totalCount": 0, "nodes": []}
