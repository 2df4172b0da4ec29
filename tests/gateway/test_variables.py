"""Variables are coerced as graphql-core coerces them."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, parse
from graphql.execution.values import get_variable_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.document import choose_operation
from gateway.errors import Refused
from gateway.variables import MAX_ERRORS, Variables
from resolvers.schema import catalog

TYPES = (
    "String", "ID", "Int", "Float", "Boolean", "Date", "DateTime", "Decimal", "Cursor", "CaseKind", "DisclosureFilter",
    "DisclosureOrder", "[String]", "[String!]", "[CaseKind!]", "[[Int]]",
)  # fmt: skip

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**33), 2**33)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from(
        ["2026-11-05", "2026-11-05T09:00:00+08:00", "12.50", "INSPECTION", "PENALTY", "DECIDED_ON", "DESC"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["kinds", "divisionPrefix", "decidedFrom", "minFine10k", "keyword", "field", "direction", "nope"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


def both(definitions: str, values: dict[str, Any]) -> tuple[Any, Any]:
    """What the stage makes of the values, and what graphql-core makes of them: coerced values, or places of errors."""
    text = f"query({definitions}) {{ __typename }}"
    operation = choose_operation(text, parse(text), None)
    expected = get_variable_values(
        catalog.schema, operation.definition.variable_definitions or (), values, max_errors=MAX_ERRORS
    )
    judged: Any = (
        [[(place.line, place.column) for place in error.locations or ()] for error in expected]
        if isinstance(expected, list)
        else expected.coerced
    )
    try:
        return Variables(catalog.schema, operation).coerced(values), judged
    except Refused as refused:
        return [
            [(place["line"], place["column"]) for place in error.locations or ()] for error in refused.errors
        ], judged


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the first one reads the whole schema
@given(st.data())
def test_values_are_those_of_graphql_core(data: st.DataObject) -> None:
    types = data.draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=4))
    required = data.draw(st.lists(st.booleans(), min_size=len(types), max_size=len(types)))
    definitions = ", ".join(
        f"$v{n}: {name}{'!' * bang}" for n, (name, bang) in enumerate(zip(types, required, strict=True))
    )
    names = st.sampled_from([f"v{n}" for n in range(len(types))] + ["other"])
    values = data.draw(st.dictionaries(names, VALUES, max_size=len(types) + 1))
    found, expected = both(definitions, values)
    assert found == expected
    assert repr(found) == repr(expected)  # 1, 1.0 and True are three values


@pytest.mark.parametrize(
    ("definitions", "values"),
    [
        ("$a: Int = 3", {}),
        ("$a: Int = 3", {"a": None}),
        ("$a: Int! = 3", {}),
        ("$a: Int! = 3", {"a": None}),
        ("$a: [Int!]! = [1, 2]", {}),
        ("$a: DisclosureFilter = {kinds: [PENALTY]}", {}),
        ("$a: [String!]", {"a": "alone"}),
        ("$a: Date!", {"a": "2026-02-30"}),
        ("$a: Int, $b: Int!", {"a": 1}),
    ],
)
def test_defaults_and_what_is_left_out_are_those_of_graphql_core(definitions: str, values: dict[str, Any]) -> None:
    found, expected = both(definitions, values)
    assert found == expected


def test_variables_may_be_of_any_schema() -> None:
    schema = build_schema("type Query { a(b: B): Int } input B { c: Int = 4, d: [B!] }")
    text = "query($b: B) { a(b: $b) }"
    operation = choose_operation(text, parse(text), None)
    assert Variables(schema, operation).coerced({"b": {"d": {"c": 1}}}) == {"b": {"c": 4, "d": [{"c": 1}]}}
