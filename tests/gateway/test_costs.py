"""The cost of operations: as the schema prices them, of each database, and refused before anything is asked."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import parse

from gateway.collecting import Scope
from gateway.costs import ALL, MANY, Cost, CostLimits
from gateway.document import choose_operation
from gateway.errors import ErrorCode, GatewayError
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from gateway.subscribed import as_query
from gateway.variables import Variables
from resolvers.finding_kinds import FindingKind
from resolvers.prices import ASSUMED
from resolvers.schema import catalog
from tests.gateway.asking import told
from tests.gateway.hostile import Hostile
from tests.world import CALLERS, SEAL_KEY, World

OPERATIONS = sorted((Path(__file__).parent.parent / "cases" / "operations").glob("*/query.graphql"))
LIMITS = CostLimits()
OFFICER = CALLERS["officer"]


def read(text: str, given: Mapping[str, Any] | None = None) -> tuple[Cost, Mapping[str, Any]]:
    operation = as_query(choose_operation(text, parse(text), None))
    variables = Variables(catalog.schema, operation).coerced(given or {})
    conditions = dict(zip(operation.conditions, operation.told(variables), strict=True))
    return Cost(Scope(catalog, operation, conditions)), variables


def rows(text: str, given: Mapping[str, Any] | None = None) -> dict[str, int]:
    cost, variables = read(text, given)
    return dict(cost.rows(variables))


PERSON = 'person(idNo: "440499198603120178")'
COSTS: Mapping[str, tuple[str, dict[str, int]]] = {
    "one record": (f"{{ {PERSON} {{ name idNo }} }}", {ALL: 1, "population": 1}),
    "nothing": ("{ __typename }", {}),
    "what is only shown": (f"{{ {PERSON} {{ meta {{ stale }} idType {{ code label }} }} }}", {ALL: 1, "population": 1}),
    "twice": (f"{{ a: {PERSON} {{ name }} b: {PERSON} {{ name }} }}", {ALL: 2, "population": 2}),
    "merged": (f"{{ {PERSON} {{ name }} {PERSON} {{ idNo }} }}", {ALL: 1, "population": 1}),
    "a page": ("{ divisions(first: 7) { nodes { name } edges { node { code } } } }", {ALL: 7, "personnel": 7}),
    "a page that nobody said the length of": ("{ divisions { nodes { name } } }", {ALL: 50, "personnel": 50}),
    "more than is given": ("{ divisions(first: 100000) { nodes { name } } }", {ALL: 200, "personnel": 200}),
    "a list of no length": (
        '{ case(caseNo: "x") { officers { role { label } } } }',
        {ALL: 1 + ASSUMED, "enforcement": 1, "personnel": ASSUMED},
    ),
    "a link of each": (
        "{ disclosures(first: 3) { nodes { org { name } } } }",
        {ALL: 6, "gateway": 3, "personnel": 3},
    ),
    "the kind that costs most": (
        """{ vehicle(plateNo: "x") {
            owner { ... on Person { vehicles(first: 2) { vin } } ... on LegalEntity { vehicles(first: 5) { vin } } }
        } }""",
        {ALL: 7, "vehicle": 6, "population": 1, "legal_entity": 1},
    ),
    "a resolver of one's own": (
        "{ deadlineRisks(first: 4) { nodes { rule } } }",
        {ALL: 8, "enforcement": 4, "personnel": 4},
    ),
    "what has to be gone through for it": (
        "{ matterCoverage(by: ORG) { matters } }",
        {ALL: 1_000, "matter": 500, "personnel": 500},
    ),
    "what is read as a whole for it": (
        '{ sampleVerification(drawNo: "x") { outcome } }',
        {ALL: 4_000, **dict.fromkeys(["gateway", "enforcement", "legal_entity", "personnel", "population"], 800)},
    ),
    "what is left out": (f"{{ {PERSON} {{ name vehicles @skip(if: true) {{ vin }} }} }}", {ALL: 1, "population": 1}),
    "a subscription": ("subscription { disclosureChanges { changes { seq } } }", {ALL: 100, "gateway": 100}),
}


@pytest.mark.parametrize("name", COSTS)
def test_an_operation_costs_the_rows_that_it_may_read(name: str) -> None:
    text, wanted = COSTS[name]
    assert rows(text) == wanted


PERIOD = 'from: "2026-01-01", to: "2026-10-31"'
ORG = "SELECT uscc FROM off.org WHERE name = '珠海市香洲区市场监督管理局'"
BY_HAND = (
    "{ matterCoverage(by: ORG) { matters } }",
    "{ unmappedMatters { nodes { name } } }",
    "{ deadlineRisks { nodes { rule } } }",
    f"{{ enforcementStats(groupBy: [ORG, MONTH, CASE_KIND], {PERIOD}) {{ rows {{ filed }} }} }}",
    f"{{ accessAnomalies(kind: SELF_LOOKUP, {PERIOD.replace('01-01', '10-01')}) {{ requests }} }}",
    *(f"{{ supervisionFindings(kind: {kind}, {PERIOD}) {{ nodes {{ rule }} }} }}" for kind in FindingKind.__members__),
    "query($org: String!) { inspectionObjects(orgUscc: $org) { total } }",
)


@pytest.mark.parametrize("text", BY_HAND, ids=[re.findall(r"{ (\w+)", text)[0] for text in BY_HAND])
async def test_a_resolver_of_ones_own_reads_no_more_rows_than_it_costs(
    world: World, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    counts: list[int] = []
    for database in world.databases.values():
        monkeypatch.setattr(database, "told", lambda sent: counts.append(sent.rows))
    ((org,),) = await world.databases["personnel"].rows(ORG, ())
    given = {"org": org} if "$org" in text else {}
    assert "errors" not in await told(pipeline, text, CALLERS["supervisor"], given)
    assert 0 < sum(counts) <= rows(text, given)[ALL]


PAGES = "query($n: Int, $with: Boolean = true) { divisions(first: $n) { nodes { name @include(if: $with) } } }"


@pytest.mark.parametrize(
    ("given", "count"), [({}, 50), ({"n": None}, 50), ({"n": 3}, 3), ({"n": 100_000}, 200), ({"n": -5}, 0)]
)
def test_a_variable_says_how_long_a_page_is(given: Mapping[str, Any], count: int) -> None:
    assert rows(PAGES, given)[ALL] == count


def test_a_condition_says_what_is_counted() -> None:
    text = f"query($with: Boolean!) {{ {PERSON} {{ name vehicles(first: 5) @include(if: $with) {{ vin }} }} }}"
    assert [rows(text, {"with": told})[ALL] for told in (False, True)] == [1, 6]


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.parent.name)
def test_the_callers_own_operations_cost_at_most_half_of_what_is_allowed(path: Path) -> None:
    given = json.loads((path.parent / "variables.json").read_text())["variables"]
    found = rows(path.read_text(), given)
    assert found.pop(ALL) <= LIMITS.rows / 2
    assert max(found.values()) <= LIMITS.database / 2


def nested(first: int, levels: int) -> str:
    """Owners of vehicles of owners of vehicles."""
    inner = "vin"
    for _ in range(levels):
        inner = f"owner {{ ... on Person {{ vehicles(first: {first}) {{ {inner} }} }} }}"
    return f'{{ vehicle(plateNo: "x") {{ {inner} }} }}'


def test_a_count_ends() -> None:
    assert rows(nested(200, 5))[ALL] == MANY


@pytest.mark.parametrize("seed", range(3))
def test_reading_an_operation_looks_at_every_field_once_for_each_kind_of_record(seed: int) -> None:
    """Work, not time: fragments that spread each other twice are not gone through twice."""
    search = Hostile(random.Random(seed), catalog.schema)
    for levels in range(1, 12):
        steps = "".join(f"fragment F{n} on Person {{ household {{ head {{ a: {search.leaf('Person')} }} }} "
                        f"...F{n + 1} ...F{n + 1} }} " for n in range(levels))  # fmt: skip
        text = f"{{ {PERSON} {{ ...F0 }} }} {steps} fragment F{levels} on Person {{ name }}"
        cost, _ = read(text)
        assert cost.visits <= len(text.split())


# --- refused -------------------------------------------------------------------------------------

BEYOND: Mapping[str, tuple[str, dict[str, Any]]] = {
    "of all": (
        "{ cases(first: 200) { nodes { subjects { subject { displayName } } officers { officer { name } } coercions { startedOn } } } }",
        {"limit": "cost", "cost": 10_200, "most": 10_000},
    ),
    "of one database": (
        "{ disclosures(first: 200) { nodes { org { officers(first: 30) { nodes { name } } } } } }",
        {"limit": "cost", "cost": 6_200, "most": 5_000, "source": "personnel"},
    ),
}


@pytest.fixture
async def pipeline(world: World) -> Pipeline:
    return world.pipeline()


@pytest.mark.parametrize("name", BEYOND)
async def test_what_costs_too_much_is_refused_before_anything_is_asked(
    world: World, pipeline: Pipeline, name: str
) -> None:
    text, extra = BEYOND[name]
    before = world.statements()
    (error,) = (await told(pipeline, text, OFFICER))["errors"]
    assert error["extensions"] == {"code": "TOO_COMPLEX", **extra}
    assert world.statements() == before


async def test_E8_an_operation_that_is_kept_is_counted_every_time(world: World, pipeline: Pipeline) -> None:
    text = "query($n: Int) { disclosures(first: $n) { nodes { org { officers(first: 30) { nodes { name } } } } } }"
    assert "errors" not in await told(pipeline, text, OFFICER, {"n": 1})
    before = world.statements()
    (error,) = (await told(pipeline, text, OFFICER, {"n": 200}))["errors"]
    assert error["extensions"]["code"] == "TOO_COMPLEX"
    assert world.statements() == before


async def test_E8_narrower_limits_hold_for_what_was_run_under_wider_ones(world: World) -> None:
    pipeline = Pipeline(catalog, world.databases, seal_key=SEAL_KEY)
    text = "{ divisions(first: 20) { nodes { name } } }"
    assert "errors" not in await told(pipeline, text, OFFICER)
    pipeline.cost_limits = CostLimits(rows=19)
    (error,) = (await told(pipeline, text, OFFICER))["errors"]
    assert error["extensions"] == {"code": "TOO_COMPLEX", "limit": "cost", "cost": 20, "most": 19}


async def test_B11_a_field_that_is_not_the_callers_to_know_of_has_no_cost(pipeline: Pipeline) -> None:
    """Else a page that is too long would tell what is there from what is not."""
    citizen = CALLERS["citizen"]
    basis = "legalBasis { article { regulation { title } } } discretionStandards { grade }"
    hidden = f"{{ matters(first: 200) {{ nodes {{ changeRequests {{ state {{ code }} }} {basis} }} }} }}"
    assert rows(hidden)[ALL] > LIMITS.rows
    refused = await told(pipeline, hidden, citizen)
    absent = await told(pipeline, hidden.replace("changeRequests", "chanceRequests"), citizen)
    assert {error["extensions"]["code"] for error in refused["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    assert json.dumps(refused).replace("changeRequests", "chanceRequests") == json.dumps(absent)


def test_the_limit_is_named_with_what_it_would_cost() -> None:
    cost, variables = read(nested(200, 5))
    with pytest.raises(GatewayError) as caught:
        cost.check(variables, LIMITS)
    assert caught.value.code is ErrorCode.TOO_COMPLEX
    assert caught.value.extra == {"limit": "cost", "cost": MANY, "most": LIMITS.rows}


async def test_the_pipeline_knows_the_cost_of_a_request(pipeline: Pipeline) -> None:
    operation = await pipeline.plans.read(GraphQLRequest(query=PAGES))
    assert pipeline.plans.cost(operation, {"n": 4, "with": True}).rows({"n": 4, "with": True}) == {
        ALL: 4,
        "personnel": 4,
    }
