"""The catalogue of attacks by inference, group D, a test named after each case; those with an advisory after that.

What cannot be read cannot be asked about either: as a filter, an order, a count, a search, a cursor or an error. The property
behind the cases is in ``test_paired_worlds.py``, every condition of the schema in ``test_statements.py``.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from graphql import GraphQLInputObjectType

from auth.audit.record import Pseudonyms
from auth.mask_rules import token_of
from auth.viewer import AccessRequest, Purpose
from datasources.errors import SourceError, SourceFault
from datasources.tables import DATABASES
from gateway.pipeline import Pipeline
from resolvers.catalog import CatalogError
from resolvers.fields import PER, column
from resolvers.schema import catalog
from tests.gateway import stock
from tests.gateway.asking import Asker, answered, told
from tests.gateway.hearing import Heard
from tests.gateway.parties import catalog_of, people
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

ENGINES = ("compiled", "resolvers")

PREDICATES: Mapping[str, tuple[str, str]] = {
    "CVE-2023-22894 a prefix of what is masked": ("supervisor", '{ vehicles(filter: {platePrefix: "粤C"}) { totalCount } }'),
    "CVE-2026-27886 a value behind a link": ("supervisor", '{ cases(filter: {subjectRef: "p_7QK2M9"}) { totalCount } }'),
    "an argument of a link": (
        "public",
        '{ legalEntity(uscc: "92440499MA7X0A12X1") { certificates(validOnly: true) { certType { code } } } }',
    ),
    "a code": ("public", '{ legalEntities(filter: {riskClasses: ["D"]}) { totalCount } }'),
    "a number among the keys": ("supervisor", '{ nonTaxPayments(paymentCodes: ["1"]) { status } }'),
    "in a variable": ("public", "query($f: LegalEntityFilter) { legalEntities(filter: $f) { totalCount } }"),
    "beside an open one": ("public", '{ legalEntities(filter: {name: "小吃", riskClasses: ["D"]}) { nodes { name } } }'),
    "beside another root": ("public", '{ divisions { totalCount } b: legalEntities(filter: {riskClasses: ["A"]}) { totalCount } }'),
    "for one item": ("public", '{ legalEntities(filter: {riskClasses: ["A"]}, first: 1) { pageInfo { hasNextPage } } }'),
}  # fmt: skip
"""Conditions on what the caller sees masked or not at all."""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", PREDICATES)
async def test_D1_a_filter_on_a_hidden_column(world: World, name: str, engine: str) -> None:
    """Refused when the plan is made: with one code, whatever the value, and nothing is asked of a database."""
    asking, text = PREDICATES[name]
    variables = {"f": {"riskClasses": ["D"]}} if "$f" in text else {}
    await answered(world.pipeline(engine), "{ __typename }", CALLERS[asking])
    before = world.statements()
    body = await told(world.pipeline(engine), text, CALLERS[asking], variables)
    assert {error["extensions"]["code"] for error in body["errors"]} == {"NOT_FILTERABLE"}
    assert "data" not in body
    assert world.statements() == before


@pytest.mark.parametrize("engine", ENGINES)
async def test_D1_the_value_makes_no_difference(world: World, engine: str) -> None:
    text = "query($v: [String!]) { legalEntities(filter: {riskClasses: $v}) { totalCount } }"
    bodies = {await answered(world.pipeline(engine), text, CALLERS["public"], {"v": [value]}) for value in "ABCDZ"}
    assert len(bodies) == 1


async def test_D3_CVE_2026_63309_orders_are_of_public_columns(world: World) -> None:
    """No list can be ordered by anything else: a name that is none is refused, and so is an expression."""
    orders = {
        (type_name, name): sorted(argument.orders)
        for (type_name, name), source in catalog.sources.items()
        for argument in getattr(source, "arguments", ())
        if argument.orders
    }
    assert orders == {("Query", "disclosures"): ["DECIDED_ON", "FINE", "PUBLISHED_AT"]}
    for field in ("SUBJECT_NAME", "facts", "1", '"decided_on; DROP TABLE"'):
        text = f"{{ disclosures(orderBy: {{field: {field}, direction: DESC}}) {{ totalCount }} }}"
        body = await told(world.pipeline(), text, CALLERS["public"])
        assert [error["extensions"]["code"] for error in body["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]


FIGURES = '{ enforcementStats(groupBy: [ORG], from: "2026-01-01", to: "2026-10-31") { rows { filed } } }'


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["officer-stepped-up", "partner", "public", "citizen", "auditor"])
async def test_D5_CVE_2026_35442_to_aggregate_is_an_action_of_its_own(world: World, name: str, engine: str) -> None:
    """Who may read every case of an agency may not sum them up; nothing is asked of a database."""
    await answered(world.pipeline(engine), "{ __typename }", CALLERS[name])
    before = world.statements()
    body = await told(world.pipeline(engine), FIGURES, CALLERS[name])
    assert body["data"] == {"enforcementStats": None}
    assert {error["extensions"]["code"] for error in body["errors"]} <= {"FORBIDDEN", "PURPOSE_REQUIRED"}
    assert world.statements() == before


def test_D5_nothing_else_aggregates() -> None:
    """CVE-2026-92771, CVE-2026-92684, GHSA-c8jx-96c9-8xrp: no grouping, no distinct values, no extremes, no sums."""
    words = ("groupBy", "distinct", "aggregate", "min", "max", "sum", "avg", "having")
    named = {
        (type_name, name, argument)
        for type_name, type_ in catalog.object_types.items()
        for name, field in type_.fields.items()
        for argument in field.args
    }
    assert {entry[:2] for entry in named if entry[2] in words} == {("Query", "enforcementStats")}
    assert not {name for type_ in catalog.object_types.values() for name in type_.fields if name in words}


# --- errors --------------------------------------------------------------------------------------


class Failing(Heard):
    """A database that refuses every statement, as one does that stumbles over a hidden value."""

    def __init__(self, name: str, error: type[SourceError]) -> None:
        self.name, self._error = name, error

    async def rows(self, *_: Any, **__: Any) -> Any:
        raise self._error(self.name)

    async def keyed(self, *_: Any, **__: Any) -> Any:
        raise self._error(self.name)


@pytest.mark.parametrize("engine", ENGINES)
async def test_CVE_2026_78693_an_error_of_a_database_is_a_code(engine: str) -> None:
    """D8: neither text nor value, and the path as the caller wrote it."""
    databases = {name: Failing(name, SourceFault) for name in DATABASES}
    pipeline = Pipeline(catalog, databases, engine=engine, seal_key=SEAL_KEY, now=lambda: MOMENT)
    body = await told(
        pipeline, '{ a: legalEntity(uscc: "92440499MA7X0A12X1") { name } divisions { totalCount } }', CALLERS["public"]
    )
    assert body["data"] == {"a": None, "divisions": None}
    assert body["errors"] == [
        {
            "message": "A stored value cannot be shown.",
            "path": [path],
            "extensions": {"code": "DATA_ERROR", "source": source},
        }
        for path, source in (("a", "legal_entity"), ("divisions", "personnel"))
    ]


ODD = {
    "a quote": "x' OR '1'='1", "a comment": "x'; DROP TABLE pop.person; --", "a wildcard": "%", "a backslash": "\\", "nothing": "",
    "long": "9" * 10_000, "a number": "1e309", "brackets": "${jndi:ldap://x}", "bidi": "\u202e440499", "full width": "４４０４９９",
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
async def test_D8_odd_values_are_values(world: World, name: str) -> None:
    """No value makes a database stumble: it is found, not found, or refused before it is asked."""
    for text in (
        "query($v: String!) { enforcementOrgs(filter: {keyword: $v}) { totalCount } }",
        "query($v: String!) { disclosures(filter: {keyword: $v}) { totalCount } }",
        "query($v: String!) { legalEntities(filter: {name: $v}) { totalCount } }",
        "query($v: String!) { matter(implementationCode: $v) { name } }",
    ):
        body = await answered(world.pipeline(), text, CALLERS["public"], {"v": ODD[name]})
        codes = {error["extensions"]["code"] for error in json.loads(body).get("errors", [])}
        assert codes <= {"BAD_USER_INPUT"}
        assert not any(word in body for word in (b"syntax", b"column", b"asyncpg", b"ent.entity", b"SELECT"))


def test_D9_a_guarded_field_may_be_null() -> None:
    """One that may not be empties what is around it, as stock Strawberry shows; the build refuses it."""
    assert stock.ask("{ strict { name secret } }").data is None
    with pytest.raises(CatalogError, match="may be withheld and must be nullable"):
        catalog_of("phone", phone=column(people.c.phone, PER, "电话"))


@pytest.mark.parametrize("engine", ENGINES)
async def test_D9_one_denial_does_not_empty_its_siblings(world: World, engine: str) -> None:
    text = '{ legalEntity(uscc: "92440499MA7X0A12X1") { name contactPhone positions { personName personIdNo } } }'
    entity = (await told(world.pipeline(engine), text, CALLERS["public"]))["data"]["legalEntity"]
    assert entity["name"]
    assert entity["contactPhone"] is None
    assert [sorted(position) for position in entity["positions"]] == [["personIdNo", "personName"]]
    assert entity["positions"][0]["personName"]
    assert entity["positions"][0]["personIdNo"] is None


# --- masked values -------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
async def test_D11_a_pseudonym_is_of_one_client_and_purpose(world: World, engine: str) -> None:
    """The same key under another client is another text, and neither is the key."""
    text = '{ officer(certNo: "19040130215") { id assignments(first: 5) { nodes { subjectRef } } } }'
    found = {}
    for client in ("yuezhifa-supervision", "another"):
        viewer = dataclasses.replace(CALLERS["supervisor"][0], client=client)
        bodies = {await answered(world.pipeline(engine), text, (viewer, CALLERS["supervisor"][1])) for _ in range(2)}
        (body,) = bodies
        officer = orjson.loads(body)["data"]["officer"]
        found[client] = {officer["id"], *(node["subjectRef"] for node in officer["assignments"]["nodes"])}
    one, other = found.values()
    assert len(one) > 1
    assert not one & other
    assert not any(text.startswith(("p_", "e_")) for text in one | other)


SHOP = '{ legalEntity(uscc: "92440499MA7X0A12X1") { subjectRef } }'


async def shown_as(world: World, engine: str, caller: Asker) -> str:
    body = await told(world.pipeline(engine), SHOP, caller)
    return str(body["data"]["legalEntity"]["subjectRef"])


@pytest.mark.parametrize("engine", ENGINES)
async def test_D11_a_subject_reference_is_of_one_client_and_purpose(world: World, engine: str) -> None:
    """Staff see what their case systems store; for others it is a token that nobody else is shown, and always the same."""
    staff = {await shown_as(world, engine, CALLERS[name]) for name in ("officer", "officer-without-task", "supervisor")}
    (reference,) = staff
    assert reference.startswith("e_")
    partner, access = CALLERS["partner-disclosure"]
    askers: list[Asker] = [
        CALLERS[name] for name in ("public", "citizen", "partner", "partner-disclosure", "partner-linkage")
    ]
    askers += [
        (dataclasses.replace(partner, client="another"), access),
        (dataclasses.replace(partner, issuer="https://another"), access),
        (partner, AccessRequest(purpose=Purpose.PUBLIC_DISCLOSURE)),
    ]
    tokens = [await shown_as(world, engine, asker) for asker in askers]
    assert tokens == [await shown_as(world, "resolvers", asker) for asker in askers]
    assert len({*tokens, reference}) == len(askers) + 1
    assert all(re.fullmatch("[0-9a-f]{16}", token) for token in tokens)


async def test_D11_the_token_is_the_one_that_the_database_makes(world: World) -> None:
    """What is masked in one record and shown by another is the same subject, to one caller."""
    caller = CALLERS["supervisor"]
    mask_key = (await world.pipeline().reception.asking(*caller)).mask_key
    text = '{ officer(certNo: "19040130215") { assignments(first: 5) { nodes { subjectRef } } } }'
    body = await told(world.pipeline(), text, caller)
    rows = await world.databases["personnel"].rows(
        "SELECT DISTINCT subject_ref FROM off.assignment JOIN off.officer USING (officer_id) WHERE cert_no = $1",
        ["19040130215"],
    )
    made = {token_of(mask_key, row[0]) for row in rows}
    shown = {node["subjectRef"] for node in body["data"]["officer"]["assignments"]["nodes"]} - {None}
    assert shown
    assert shown <= made


@pytest.mark.parametrize("name", ["public", "citizen", "partner", "partner-disclosure", "partner-linkage", "auditor"])
async def test_D11_only_staff_ask_by_a_subject_reference(world: World, name: str) -> None:
    """So nobody hands a token back, and the reference of staff is no way in for others."""
    named = {
        f"{type_.name}.{field}"
        for type_ in catalog.schema.type_map.values()
        if isinstance(type_, GraphQLInputObjectType)
        for field in type_.fields
        if re.search("[rR]efs?$", field)
    }
    assert named == {"CaseFilter.subjectRef", "CriminalTransferInput.suspectRefs", "AccessLogFilter.subjectRef"}
    for reference in ("p_7QK2M9", "e_2HV0TC", "0123456789abcdef"):
        text = f'{{ cases(filter: {{subjectRef: "{reference}"}}) {{ totalCount nodes {{ caseNo }} }} }}'
        body = await told(world.pipeline(), text, CALLERS[name])
        assert body["data"] == {"cases": None}
        assert [entry["code"] for entry in body["extensions"]["access"]["withheld"]] == ["FORBIDDEN"]


@pytest.mark.parametrize("name", sorted(CALLERS.keys() - {"auditor"}))
async def test_D11_only_auditors_ask_the_log_by_a_subject_reference(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.pipeline(), "pseudonyms", Pseudonyms(b"k" * 64))
    text = '{ accessLog(filter: {subjectRef: "p_7QK2M9"}) { nodes { seq } } }'
    body = await told(world.pipeline(), text, CALLERS[name])
    withheld = body.get("extensions", {}).get("access", {}).get("withheld", ())
    codes = {error["extensions"]["code"] for error in body.get("errors", ())} | {entry["code"] for entry in withheld}
    assert codes <= {"NOT_FILTERABLE", "FORBIDDEN", "PURPOSE_REQUIRED", "PURPOSE_DENIED", "GRAPHQL_VALIDATION_FAILED"}
    assert codes
    assert (body.get("data") or {"accessLog": None}) == {"accessLog": None}


@pytest.mark.parametrize("name", CALLERS)
async def test_D12_the_extensions_are_two(world: World, name: str) -> None:
    """No cost, no timing, no trace: which fields are not shown and why, and of which databases it is."""
    body = await told(
        world.pipeline(), '{ legalEntity(uscc: "92440499MA7X0A12X1") { name contactPhone } }', CALLERS[name]
    )
    assert set(body) <= {"data", "errors", "extensions"}
    assert set(body["extensions"]) <= {"access", "sources"}
    assert all(set(entry) <= {"source", "status", "asOf", "code"} for entry in body["extensions"]["sources"])
