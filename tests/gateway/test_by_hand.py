"""Fields with a resolver of their own: what is decided on them is declared, and comes before all else that they do."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import strawberry

from auth.classes import Action
from auth.viewer import AccessRequest, OnWithheld, Purpose
from gateway.facts import facts_of
from resolvers.catalog import Catalog, CatalogError
from resolvers.fields import PER, RES, by_hand
from resolvers.schema import catalog
from tests.gateway.asking import Asker, answered, told
from tests.world import CALLERS, World

ENGINES = ("compiled", "resolvers")
SUBMIT = "mutation($input: CriminalTransferInput!) { submitCriminalTransfer(input: $input) { errors { code } } }"
CASE_NO = "ZHXZ-CX-2026-CF-0003071"


def handed(case_id: str, **others: Any) -> dict[str, Any]:
    """The input of a transfer."""
    return {
        "input": {
            "idempotencyKey": "1",
            "caseId": case_id,
            "suspectedCrimeCode": "140",
            "suspectRefs": ["p_4"],
            "receivingOrgUscc": "11440400007000011B",
            "approvedByCertNo": "19040130001",
            "approvedOn": "2026-11-04",
            "documentIds": [],
            **others,
        }
    }


def on(purpose: Purpose, name: str = "officer-stepped-up", **stated: Any) -> Asker:
    return CALLERS[name][0], AccessRequest(purpose=purpose, **(stated or {"case_no": CASE_NO}))


REFUSED: dict[str, tuple[Asker, str]] = {
    **{name: (caller, "FORBIDDEN") for name, caller in CALLERS.items() if not name.startswith("officer")},
    "an officer on another purpose": (CALLERS["officer-stepped-up"], "PURPOSE_REQUIRED"),
    "an officer who states nothing": ((CALLERS["officer"][0], None), "PURPOSE_REQUIRED"),
    "an officer without the task": (on(Purpose.CRIMINAL_LINKAGE, "officer-without-task"), "PURPOSE_DENIED"),
    "an officer on a case that is not there": (on(Purpose.CRIMINAL_LINKAGE, case_no="ZHXZ-CX-2099-CF-9999999"), "PURPOSE_DENIED"),
    "an officer by an ordinary login": (on(Purpose.CRIMINAL_LINKAGE, "officer"), "STEP_UP_REQUIRED"),
    "a supervisor": (on(Purpose.CRIMINAL_LINKAGE, "supervisor-stepped-up"), "FORBIDDEN"),
}  # fmt: skip


NOTHING = "{ __typename }"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", REFUSED)
async def test_a_transfer_is_refused_before_it_is_read(world: World, name: str, engine: str) -> None:
    """With the code of the decision, the same bytes whatever case is named, and no statement but the purpose's."""
    caller, code = REFUSED[name]
    ((case_id,),) = await world.databases["enforcement"].rows(
        "SELECT case_id::text FROM cas.case WHERE case_no = $1", [CASE_NO]
    )
    pipeline, cases = world.pipeline(engine), world.databases["enforcement"]

    async def statements(text: str, given: dict[str, Any]) -> tuple[bytes, int]:
        before = cases.statements
        return await answered(pipeline, text, caller, given), cases.statements - before

    await statements(NOTHING, {})
    _, for_the_purpose = await statements(NOTHING, {})  # the stated case is looked up to check the purpose, no other
    inputs = [handed(case_id), handed("00000000-0000-0000-0000-0000000000ff"), handed("x", suspectRefs=[], note="note")]
    found = [await statements(SUBMIT, one) for one in inputs]
    assert {sent for _, sent in found} == {for_the_purpose}
    bodies = {body for body, _ in found}
    assert len(bodies) == 1
    body = await told(pipeline, SUBMIT, caller, inputs[0])
    assert body["data"] == {"submitCriminalTransfer": None}
    assert [error["extensions"]["code"] for error in body["errors"]] == [code]


@pytest.mark.parametrize("engine", ENGINES)
async def test_whoever_may_submit_is_told_what_is_wrong(world: World, engine: str) -> None:
    body = await told(world.pipeline(engine), SUBMIT, on(Purpose.CRIMINAL_LINKAGE), handed("x"))
    assert body["data"] == {"submitCriminalTransfer": {"errors": [{"code": "CASE_NOT_STATED"}]}}


@pytest.mark.parametrize("engine", ENGINES)
async def test_reject_holds_for_a_change_too(world: World, engine: str) -> None:
    viewer, access = on(Purpose.CASE_HANDLING)
    assert access is not None
    rejecting = (viewer, dataclasses.replace(access, on_withheld=OnWithheld.REJECT))
    body = await told(world.pipeline(engine), SUBMIT, rejecting, handed("x"))
    assert "data" not in body
    assert [entry["coordinate"] for entry in body["extensions"]["access"]["withheld"]] == [
        "Mutation.submitCriminalTransfer"
    ]


# --- declarations --------------------------------------------------------------------------------


def test_every_root_field_is_decided_on() -> None:
    """Queries and changes: each has a class and a fact that the policies know."""
    known = {(fact.coordinate, fact.data_class) for fact in facts_of(catalog)}
    coordinates = {coordinate for coordinate, _ in known}
    schema = catalog.schema
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for field in root.fields if root is not None else ():
            assert root is not None
            assert f"{root.name}.{field}" in coordinates
    for (type_name, field), decided in catalog.by_hand.items():
        assert (f"{type_name}.{field}", decided.data_class) in known


def _answer() -> str | None:
    return "42"


@strawberry.type(name="Query")
class Silent:
    """A root whose resolver says nothing of what is decided."""

    @strawberry.field
    def answer(self) -> str | None:
        return "42"


@strawberry.type(name="Query")
class Sure:
    """A root that cannot be refused."""

    answer: str = by_hand(_answer, PER, "答", action=Action.READ, database="d", columns=(), doc="The answer")


@strawberry.type(name="Query")
class Empty:
    """A root without any resolver."""

    answer: str | None


@strawberry.type(name="Query")
class Decided:
    """A root as it should be."""

    answer: str | None = by_hand(_answer, RES, "答", action=Action.READ, database="d", columns=(), doc="The answer")


@strawberry.type(name="Mutation")
class Change:
    """A change that says nothing of what is decided."""

    @strawberry.mutation
    def shred(self) -> str | None:
        return None


@pytest.mark.parametrize(
    ("query", "mutation", "reason"),
    [
        (Silent, None, "Query.answer has a resolver of its own and says nothing"),
        (Sure, None, "Query.answer may be refused and must be nullable"),
        (Empty, None, "Query.answer comes from nowhere"),
        (Decided, Change, "Mutation.shred has a resolver of its own and says nothing"),
    ],
)
def test_a_resolver_without_a_decision_is_no_catalog(query: Any, mutation: Any, reason: str) -> None:
    with pytest.raises(CatalogError, match=reason):
        Catalog(strawberry.Schema(query, mutation), {})


def test_a_resolver_with_a_decision_is_one() -> None:
    assert Catalog(strawberry.Schema(Decided), {}).by_hand["Query", "answer"].data_class is RES
