"""``onWithheld: REJECT``: no answer rather than half of one, and nothing read."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from auth.viewer import AccessRequest, OnWithheld, Purpose, Viewer
from gateway.request import Answer, GraphQLRequest
from tests.world import CALLERS, World

SHOP = '{ legalEntity(uscc: "92440499MA7X0A12X1") { name employeeCount positions { personIdNo } } }'
CASE = '{ case(caseNo: "ZHXZ-CX-2026-CF-0003071") { caseNo subjects { nameAtDecision } } }'
FIGURES = """{ enforcementStats(groupBy: [MONTH], from: "2026-01-01", to: "2026-10-31") { asOf }
  legalEntity(uscc: "92440499MA7X0A12X1") { name } }"""


def rejecting(name: str) -> tuple[Viewer, AccessRequest]:
    """A caller who wants no half answers."""
    viewer, access = CALLERS[name]
    stated = access or AccessRequest(purpose=Purpose.PUBLIC_DISCLOSURE)
    return viewer, dataclasses.replace(stated, on_withheld=OnWithheld.REJECT)


async def both(world: World, engine: str, text: str, name: str) -> tuple[Answer, Answer, int]:
    """The answer with NULL, the one with REJECT, and the statements that the latter took."""
    request = GraphQLRequest(query=text)
    viewer, access = rejecting(name)
    half = await world.pipeline(engine).answer(
        request, viewer, dataclasses.replace(access, on_withheld=OnWithheld.NULL)
    )
    before = world.statements()
    whole = await world.pipeline(engine).answer(request, viewer, access)
    return half, whole, world.statements() - before


@pytest.mark.parametrize("engine", ["compiled", "resolvers"])
async def test_the_answer_is_403_with_the_same_lists(world: World, engine: str) -> None:
    half, whole, statements = await both(world, engine, SHOP, "public")
    withheld = half.payload["extensions"]["access"]["withheld"]
    assert [entry["path"] for entry in withheld] == [
        ["legalEntity", "employeeCount"],
        ["legalEntity", "positions", "personIdNo"],
    ]
    assert whole.http_status == 403
    assert whole.payload == {
        "errors": [{"message": "The caller may not see this.", "extensions": {"code": "FORBIDDEN"}}],
        "extensions": {"access": half.payload["extensions"]["access"]},
    }
    assert statements == 0
    assert whole.trace is not None
    assert whole.trace.coordinates.withheld == ("EntityPosition.personIdNo", "LegalEntity.employeeCount")
    assert whole.trace.coordinates.clear == ()


@pytest.mark.parametrize("engine", ["compiled", "resolvers"])
@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param('{ legalEntity(uscc: "92440499MA7X0A12X1") { name } }', "public", id="nothing withheld"),
        pytest.param(CASE, "supervisor", id="masked is not withheld"),
    ],
)
async def test_a_whole_answer_is_given(world: World, engine: str, text: str, name: str) -> None:
    half, whole, _ = await both(world, engine, text, name)
    assert whole.http_status == 200
    assert whole.payload == half.payload


@pytest.mark.parametrize("engine", ["compiled", "resolvers"])
async def test_figures_are_refused_with_what_is_asked_beside_them(world: World, engine: str) -> None:
    """A field with a resolver of its own is decided on before anything of the operation is read."""
    half, whole, statements = await both(world, engine, FIGURES, "public")
    assert half.payload["data"]["legalEntity"] is not None
    entry: dict[str, Any]
    (entry,) = whole.payload["extensions"]["access"]["withheld"]
    assert (entry["coordinate"], entry["path"], entry["code"]) == (
        "Query.enforcementStats",
        ["enforcementStats"],
        "FORBIDDEN",
    )
    assert (whole.http_status, statements) == (403, 0)


async def test_what_the_data_withhold_refuses_nothing(world: World) -> None:
    """A record out of reach is like none: a refusal would tell that it is there."""
    half, whole, _ = await both(world, "compiled", '{ person(idNo: "440499199106180021") { name } }', "officer")
    assert whole.payload == half.payload
