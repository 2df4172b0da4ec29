"""Validation in pieces finds what graphql-core finds in one go."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from graphql import DocumentNode, GraphQLError, parse, validate

from gateway.document import MAX_ERRORS, MAX_TOKENS
from gateway.errors import GatewayError
from gateway.limits import check_size
from gateway.pace import at_once
from gateway.validation import NODES, findings
from resolvers.schema import catalog
from tests.gateway.hostile import Hostile

OPERATIONS = sorted((Path(__file__).parent.parent / "cases" / "operations").glob("*/query.graphql"))
MANY = "query($v: [Int!] = [1, null]) { " + " ".join(f"a{n}: no{n} @skip(if: 3) @no" for n in range(30)) + " }"
WRONG = {
    "more than are told": MANY,
    "fragments and variables": (
        "query A($a: No, $b: Int, $b: Int) { ...F ...G person(idNo: 3, no: 1) { name { x } vehicles } } "
        "fragment F on Query { ...F __typename @include } fragment G on Int { x } fragment H on Person { name name(x: 1) }"
    ),
    "fields that do not merge": '{ person(idNo: "1") { a: name a: idNo vehicles { plateNo } vehicles(first: 1) { plateNo: vin } } }',
    "values": '{ cases(first: "x", filter: {no: 1, causeCode: [[1]]}, orderBy: {field: NO}) { nodes { caseNo } } node { id } }',
}


def told(errors: list[GraphQLError]) -> list[tuple[str, object]]:
    return [(error.message, error.locations) for error in errors]


def in_one_go(document: DocumentNode) -> list[GraphQLError]:
    return validate(catalog.schema, document, max_errors=MAX_ERRORS, hide_suggestions=True)


@pytest.mark.parametrize("name", WRONG)
def test_the_findings_are_those_of_graphql_core_in_the_same_order(name: str) -> None:
    document = parse(WRONG[name])
    expected = told(in_one_go(document))
    assert expected
    assert told(at_once(findings(catalog.schema, document, MAX_ERRORS))) == expected


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.parent.name)
def test_nothing_is_found_in_honest_operations(path: Path) -> None:
    assert at_once(findings(catalog.schema, parse(path.read_text()), MAX_ERRORS)) == []


def test_it_agrees_with_graphql_core_on_documents_made_to_be_wrong() -> None:
    search = Hostile(random.Random(20261124), catalog.schema)
    compared = 0
    for _ in range(int(os.environ.get("TONGCHA_MUTATIONS", "150"))):
        text = search.propose()
        try:
            document = parse(text, max_tokens=MAX_TOKENS)
            check_size(document)
        except (GraphQLError, GatewayError):
            continue
        search.learn(text, len(text))
        compared += 1
        assert told(at_once(findings(catalog.schema, document, MAX_ERRORS))) == told(in_one_go(document)), text
    assert compared > 20


def test_a_long_document_is_validated_in_pieces() -> None:
    document = parse('{ person(idNo: "1") { ' + "name " * NODES + "} }")
    assert sum(1 for _ in findings(catalog.schema, document, MAX_ERRORS)) >= 1
