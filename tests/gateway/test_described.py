"""Introspection: counted beforehand, made once, off the event loop."""

from __future__ import annotations

import pytest
from graphql import build_schema, get_introspection_query, parse

from gateway.described import LARGEST, Descriptions, size_of
from gateway.document import choose_operation, judge, parse_document
from gateway.errors import ErrorCode, GatewayError
from gateway.limits import check_size
from gateway.operation import Operation
from gateway.pace import at_once
from resolvers.schema import catalog

SMALL = build_schema("type Query { a: Int b(c: Int): String }")


def read(text: str) -> Operation:
    document = parse_document(text)
    check_size(document)
    at_once(judge(catalog.schema, document))
    return choose_operation(text, document, None)


TYPES = (
    "types { name fields { name description args { name type { name kind } } type { fields { name description } } } }"
)
TOO_LARGE = {
    "one schema many times": "{ " + " ".join(f"a{n}: __schema {{ {TYPES} }}" for n in range(10)) + " }",
    "one list many times": "{ __schema { types { fields { type { "
    + " ".join(f"a{n}: fields {{ name description }}" for n in range(30))
    + " } } } } }",
    "fields of the types of fields": "{ __schema { types { fields { type { ...F } args { type { ...F } } } } } } "
    "fragment F on __Type { fields { name description args { name description type { name kind } } type { name kind } } }",
}


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_E_an_answer_that_would_be_larger_than_any_tool_wants_is_not_made(name: str) -> None:
    with pytest.raises(GatewayError) as caught:
        await Descriptions().of(catalog.schema, read(TOO_LARGE[name]), {})
    assert caught.value.code is ErrorCode.TOO_COMPLEX
    assert caught.value.extra == {"limit": "introspection"}


@pytest.mark.parametrize(
    "options", [{}, {"descriptions": False}, {"schema_description": True, "specified_by_url": True}]
)
async def test_what_the_usual_tools_ask_is_answered(options: dict[str, bool]) -> None:
    data = await Descriptions().of(catalog.schema, read(get_introspection_query(**options)), {})
    assert len(data["__schema"]["types"]) == len(catalog.schema.type_map)


async def test_an_answer_is_made_once_for_each_schema_and_its_variables() -> None:
    told = Descriptions()
    query = read("query($of: String!) { __type(name: $of) { name fields { name } } }")
    first = await told.of(catalog.schema, query, {"of": "Query"})
    assert await told.of(catalog.schema, query, {"of": "Query"}) is first
    assert await told.of(catalog.schema, query, {"of": "Person"}) != first
    assert (await told.of(SMALL, query, {"of": "Query"}))["__type"]["fields"] == [{"name": "a"}, {"name": "b"}]


def test_a_fragment_counts_as_often_as_it_is_spread() -> None:
    once = size_of(SMALL, parse("{ __schema { ...F } } fragment F on __Schema { types { name } }"))
    twice = size_of(SMALL, parse("{ __schema { ...F ...F } } fragment F on __Schema { types { name } }"))
    assert twice - once == 2 * len(SMALL.type_map)


def test_the_limit_is_above_what_is_usual() -> None:
    assert LARGEST > 1
