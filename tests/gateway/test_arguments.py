"""What is checked of arguments once, and what in every request: the small schema's links, bound as for the public."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import Undefined

from auth.audit.record import Pseudonyms
from gateway.arguments import Values, check_slot, settled
from gateway.compile import compile_operation
from gateway.document import choose_operation, parse_document
from gateway.errors import ErrorCode, GatewayError
from gateway.operation import Operation
from gateway.plan import Slot
from resolvers.catalog import Catalog
from resolvers.schema import catalog as city
from tests.gateway import shelf


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return shelf.make_catalog()


def slots(catalog: Catalog, text: str, forbidden: frozenset[str] = frozenset()) -> list[Slot]:
    """The links of an operation."""
    operation: Operation = choose_operation(text, parse_document(text), None)
    plan = compile_operation(catalog, operation, {})
    return [Slot(path=path, node=node, forbidden=forbidden) for path, node in plan.links]


def only(catalog: Catalog, text: str, forbidden: frozenset[str] = frozenset()) -> Values | None:
    """What is settled of the first link of an operation."""
    return settled(slots(catalog, text, forbidden)[0])


SETTLED = {
    "no argument": "{ authors { books { title } } }",
    "a constant": '{ books(title: "100 nights", first: 3) { totalCount } }',
    "an input object of constants": '{ books(filter: {titlePrefix: "100%", authorIds: [1, 3]}) { totalCount } }',
    "an order": "{ books(orderBy: {field: TITLE, direction: DESC}) { totalCount } }",
    "a cursor of null": "{ books(after: null) { totalCount } }",
    "a key": "{ author(id: 1) { name } }",
}


@pytest.mark.parametrize("name", SETTLED)
def test_what_takes_no_variable_is_what_every_request_would_find(catalog: Catalog, name: str) -> None:
    slot = slots(catalog, SETTLED[name])[0]
    found = settled(slot)
    assert found is not None
    assert found == check_slot(slot, {"id": 2, "title": "another"}, None)


OPEN = {
    "a variable": "query($id: Int!) { author(id: $id) { name } }",
    "a variable in an object": "query($p: String) { books(filter: {titlePrefix: $p}) { totalCount } }",
    "a variable in a list": "query($i: Int!) { books(filter: {authorIds: [1, $i]}) { totalCount } }",
    "a cursor, which the caller's key opens": '{ books(after: "AAAA") { totalCount } }',
    "an id, which the caller's key opens": '{ node(id: "AAAA") { __typename } }',
    "what is refused, which is said every time": "{ books(first: 6) { totalCount } }",
}


@pytest.mark.parametrize("name", OPEN)
def test_all_else_is_checked_in_every_request(catalog: Catalog, name: str) -> None:
    assert only(catalog, OPEN[name]) is None


def test_a_subject_that_the_log_is_searched_for_is_named_in_every_request() -> None:
    """Its pseudonym is made with the key of a process: without one there is none."""
    text = '{ accessLog(filter: {subjectRef: "p_7QK2M9"}) { totalCount } }'
    (slot, *_) = slots(city, text)
    assert settled(slot) is None
    assert check_slot(slot, {}, None, Pseudonyms(bytes(32))).signature[0] == "subjectRef"


def test_what_the_caller_may_not_filter_by_is_refused_every_time(catalog: Catalog) -> None:
    text = '{ books(title: "100 nights") { totalCount } }'
    assert only(catalog, text, frozenset({"title"})) is None
    with pytest.raises(GatewayError) as refused:
        check_slot(slots(catalog, text, frozenset({"title"}))[0], {}, None)
    assert refused.value.code is ErrorCode.NOT_FILTERABLE


def test_a_default_that_nobody_wrote_is_no_filter(catalog: Catalog) -> None:
    found: Any = only(catalog, "{ books { totalCount } }", frozenset({"title"}))
    assert found is not None
    assert Undefined not in found.parameters.values()
