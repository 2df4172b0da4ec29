"""The catalogue of attacks on what a caller may know of the schema: cases B8 and B11, those with an advisory named after it."""

from __future__ import annotations

import json

import pytest
from graphql import build_schema

from gateway.cli import app
from tests.gateway import stock
from tests.gateway.asking import answered
from tests.world import CALLERS, World

CITIZEN = CALLERS["citizen"]


@pytest.mark.parametrize(
    "text", ['{ _entities(representations: [{__typename: "Matter", id: 9}]) { __typename } }', "{ _service { sdl } }"]
)
async def test_CVE_2026_35413_no_subgraph(world: World, text: str) -> None:
    """B8: neither field is there, with the bytes for any other field that is not."""
    assert stock.ask_subgraph("{ _service { sdl } }").data["_service"]["sdl"]
    assert stock.ask_subgraph("{ __schema { types { name } } }").errors
    name = "_entities" if "_entities" in text else "_service"
    other = text.replace(name, "x" * len(name))
    found = [await answered(world.pipeline(), one, CALLERS["public"]) for one in (text, other)]
    assert found[0].replace(name.encode(), b"x" * len(name)) == found[1]


ABSENT = ("changeRequests", "MatterChangeRequest")
"""A field and a type that are not in a citizen's schema."""

INTROSPECTIONS = {
    "__schema": "{ __schema { types { name fields { name } } } }",
    "__type": '{ __type(name: "Matter") { fields { name type { name ofType { ofType { name } } } } } }',
    "__type of what is absent": '{ __type(name: "MatterChangeRequest") { name fields { name } } }',
    "alias": '{ a: __type(name: "Matter") { b: fields { c: name } } }',
    "fragment on Query": '{ ... on Query { __type(name: "Matter") { fields { name } } } }',
    "fragments": '{ ...F } fragment F on Query { ...G } fragment G on Query { __type(name: "Matter") { fields { name } } }',
    "variable": "query($n: String!) { __type(name: $n) { name fields { name } } }",
}


@pytest.mark.parametrize("name", INTROSPECTIONS)
async def test_CVE_2026_30854_introspection_shows_the_callers_own_schema(world: World, name: str) -> None:
    """B11, also CVE-2026-66009: by every route, and after somebody who knows more has asked the same."""
    text = INTROSPECTIONS[name]
    variables = {"n": "MatterChangeRequest"} if "$n" in text else {}
    whole = await answered(world.pipeline(), text, CALLERS["officer"], variables)
    own = await answered(world.pipeline(), text, CITIZEN, variables)
    assert any(word.encode() in whole for word in ABSENT)
    assert not any(word.encode() in own for word in ABSENT)
    assert b'"data"' in own


UNKNOWN = {
    "alone": '{ matter(implementationCode: "x") { F { state { code } } } }',
    "beside another mistake": '{ matter(implementationCode: "x") { F { state { code } } nothing } }',
    "with a wrong variable": "query($c: String!) { matter(implementationCode: $c) { F { state { code } } } }",
    "beside a second operation": 'query A { matter(implementationCode: "x") { F { __typename } } } query B { __typename }',
    "in a fragment that nothing spreads": "{ __typename } fragment M on Matter { F { state { code } } }",
    "in a fragment": '{ matter(implementationCode: "x") { ...M } } fragment M on Matter { F { state { code } } }',
    "with a wrong argument": '{ matter(implementationCode: "x") { F(first: 1) { state { code } } } }',
    "without a selection": '{ matter(implementationCode: "x") { F } }',
}


@pytest.mark.parametrize("name", UNKNOWN)
async def test_B11_what_is_absent_and_what_is_not_there_are_the_same_bytes(world: World, name: str) -> None:
    real, other = UNKNOWN[name].replace("F", "changeRequests"), UNKNOWN[name].replace("F", "changeReqwests")
    await answered(world.pipeline(), real, CALLERS["officer"])  # whoever knows it has asked before
    found = await answered(world.pipeline(), real, CITIZEN)
    assert found == (await answered(world.pipeline(), other, CITIZEN)).replace(b"changeReqwests", b"changeRequests")
    assert b"GRAPHQL_VALIDATION_FAILED" in found or b"TOO_COMPLEX" in found


@pytest.mark.parametrize(
    "text",
    [
        '{ matter(implementationCode: "x") { changeRequest { state } } }',
        "{ legalEntitys { name } }",
        "{ vehicle(plate: 1) { vin } }",
    ],
)
async def test_BIT_parse_2026_109302_no_suggestions(world: World, text: str) -> None:
    """B11: an error repeats what the caller wrote, and names nothing that is there instead."""
    for caller in (*CALLERS.values(), CITIZEN):
        body = await answered(world.pipeline(), text, caller)
        assert b"Did you mean" not in body
        assert not any(name in body for name in (b"changeRequests", b"legalEntities", b"DECIDED_ON"))


MIXED = (
    "{ __schema { types { name } } divisions { totalCount } }",
    '{ ... { __typename } ...F } fragment F on Query { division(code: "1") { name } __type(name: "Query") { name } }',
)


@pytest.mark.parametrize("text", MIXED)
async def test_B11_introspection_is_asked_for_on_its_own(world: World, text: str) -> None:
    before = world.statements()
    body = json.loads(await answered(world.pipeline(), text, CALLERS["public"]))
    assert [error["extensions"]["code"] for error in body["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]
    assert "data" not in body
    assert world.statements() == before


def test_B11_the_schema_of_a_caller_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    printed = {}
    for words in ((), ("--for", "officer"), ("--for", "citizen")):
        with pytest.raises(SystemExit) as ended:
            app(["schema", *words])
        assert not ended.value.code
        printed[words] = capsys.readouterr().out
    citizen, officer = build_schema(printed["--for", "citizen"]), build_schema(printed["--for", "officer"])
    assert set(officer.type_map) - set(citizen.type_map) == {"MatterChangeRequest"}
    assert build_schema(printed[()]).type_map.keys() == officer.type_map.keys()
    assert "changeRequests" not in printed["--for", "citizen"]
