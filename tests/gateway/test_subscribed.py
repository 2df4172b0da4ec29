"""A subscription as the query that it repeats."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from graphql import print_ast

from gateway.document import choose_operation, judge, parse_document
from gateway.errors import ErrorCode, GatewayError, Refused
from gateway.operation import Operation
from gateway.pace import at_once
from gateway.request import GraphQLRequest
from gateway.subscribed import CAUGHT_UP, FROM, NEXT, as_query, batch_of, variables_of
from resolvers.schema import catalog
from tests.gateway.asking import answered
from tests.world import CALLERS, World

BESIDE = f"{NEXT}: nextCursor {CAUGHT_UP}: caughtUp"


def repeated(text: str) -> Operation:
    document = parse_document(text)
    at_once(judge(catalog.schema, document))
    return as_query(choose_operation(text, document, None))


def shown(operation: Operation) -> str:
    return " ".join(print_ast(operation.document).split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "subscription { disclosureChanges { caughtUp } }",
            f"query (${FROM}: Cursor) {{ disclosureChanges(after: ${FROM}, first: 100) {{ caughtUp {BESIDE} }} }}",
        ),
        (
            'subscription { disclosureChanges(after: "ZGM") { caughtUp } }',
            (
                f'query (${FROM}: Cursor = "ZGM") '
                f"{{ disclosureChanges(after: ${FROM}, first: 100) {{ caughtUp {BESIDE} }} }}"
            ),
        ),
        (
            "subscription S($c: Cursor) { feed: disclosureChanges(after: $c) { caughtUp } }",
            f"query S($c: Cursor) {{ feed: disclosureChanges(after: $c, first: 100) {{ caughtUp {BESIDE} }} }}",
        ),
        (
            (
                "subscription { ...F ... on Subscription { disclosureChanges { nextCursor } } }"
                " fragment F on Subscription { disclosureChanges { ...B } } fragment B on DisclosureChangeBatch { caughtUp }"
            ),
            (
                f"query (${FROM}: Cursor) {{ disclosureChanges(after: ${FROM}, first: 100) {{ ...B nextCursor {BESIDE} }} }}"
                " fragment B on DisclosureChangeBatch { caughtUp }"
            ),
        ),
    ],
    ids=["bare", "literal", "variable", "fragments"],
)
def test_the_query_asks_from_where_it_is_told_and_for_where_it_ends(text: str, expected: str) -> None:
    assert shown(repeated(text)) == expected


def test_the_record_has_the_digest_of_what_the_client_wrote() -> None:
    text = "subscription { disclosureChanges { caughtUp } }"
    assert repeated(text).digest == choose_operation(text, parse_document(text), None).digest


@pytest.mark.parametrize(
    "text",
    [
        "subscription { disclosureChanges { caughtUp } other: disclosureChanges { caughtUp } }",
        "subscription { __typename }",
        "subscription($s: Boolean!) { disclosureChanges @skip(if: $s) { caughtUp } }",
        "subscription { disclosures(first: 1) { totalCount } }",
        "subscription { disclosureChanges(first: 5) { caughtUp } }",
    ],
)
def test_what_is_no_subscription_of_ours_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        repeated(text)
    assert {error.code for error in refused.value.errors} == {ErrorCode.GRAPHQL_VALIDATION_FAILED}


def test_a_stream_goes_on_where_the_last_answer_ended() -> None:
    operation = repeated("subscription($c: Cursor) { disclosureChanges(after: $c) { caughtUp } }")
    request = GraphQLRequest(query=operation.text, variables={"c": "first"}, streamed=True)
    assert variables_of(operation, request) == {"c": "first"}
    assert variables_of(operation, GraphQLRequest(**{**vars(request), "after": "next"})) == {"c": "next"}


def test_without_a_stream_a_subscription_is_not_run() -> None:
    operation = repeated("subscription { disclosureChanges { caughtUp } }")
    with pytest.raises(GatewayError) as refused:
        variables_of(operation, GraphQLRequest(query=operation.text))
    assert refused.value.code is ErrorCode.GRAPHQL_VALIDATION_FAILED


FIELDS = "{ changes { seq op record { subjectName causeName org { name } } } nextCursor caughtUp }"


@pytest.mark.parametrize("caller", ["partner-disclosure", "supervisor", "citizen", "auditor", "public"])
@pytest.mark.parametrize("engine", ["compiled", "resolvers"])
async def test_an_event_is_the_answer_to_the_query(world: World, engine: str, caller: str) -> None:
    pipeline = world.pipeline(engine)
    request = GraphQLRequest(query=f"subscription {{ disclosureChanges {FIELDS} }}", streamed=True)
    answer: Any = await pipeline.answer(request, *CALLERS[caller])
    batch = batch_of(answer)
    query = f"{{ disclosureChanges(first: 100) {FIELDS} }}"
    assert await answered(pipeline, query, CALLERS[caller]) == orjson.dumps(answer.payload)
    if batch is not None:
        shown = answer.payload["data"]["disclosureChanges"]
        assert (batch.cursor, batch.caught_up) == (shown["nextCursor"], shown["caughtUp"])
