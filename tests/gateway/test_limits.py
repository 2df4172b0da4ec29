"""The size of documents: attack group E, what honest callers send, and a search for the worst that gets through."""

from __future__ import annotations

import cProfile
import gc
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from graphql import DocumentNode, FragmentDefinitionNode, get_introspection_query, parse, visit
from graphql.language import Visitor

from auth.purpose import Standing
from auth.viewer import CallerKind, Purpose
from gateway.bound import Bound
from gateway.collecting import Scope
from gateway.compile import NotCompilable, compile_operation
from gateway.costs import Cost, CostLimits
from gateway.described import size_of
from gateway.document import MAX_DOCUMENT, choose_operation, judge, parse_document
from gateway.errors import ErrorCode, GatewayError, Refused
from gateway.introspect import asks_about_schema, cut_schema
from gateway.limits import LIMITS, check_size, merged
from gateway.operation import Operation
from gateway.pace import Pieces, at_once
from gateway.plan import Plan
from gateway.subscribed import as_query
from gateway.variables import Variables
from resolvers.schema import catalog
from tests.gateway.hostile import Hostile
from tests.gateway.reads import PIPELINE, SEAL, Caller

OPERATIONS = sorted((Path(__file__).parent.parent / "cases" / "operations").glob("*/query.graphql"))
PERSON = 'person(idNo: "440499198603120178")'


def doubling(levels: int) -> str:
    steps = "".join(f"fragment F{n} on Person {{ ...F{n + 1} ...F{n + 1} }} " for n in range(levels))
    return f"{{ {PERSON} {{ ...F0 }} }} {steps} fragment F{levels} on Person {{ name }}"


TWENTY_ALIASES = " ".join(f"a{n}: name" for n in range(20))

ATTACKS = {
    "CVE_2025_32034_fragments_that_double": (doubling(30), "fields"),
    "CVE_2026_75507_one_field_many_times": (f"{{ {PERSON} {{ {'name ' * 900} }} }}", "repeats"),
    "one object many times": (f"{{ {PERSON} {{ {'vehicles { plateNo } ' * 390} }} }}", "repeats"),
    "inline fragments": (f"{{ {PERSON} {{ {'... { name } ' * 390} }} }}", "fragments"),
    "many fragments": (
        f"{{ {PERSON} {{ {' '.join(f'...F{n}' for n in range(60))} }} }}"
        + "".join(f" fragment F{n} on Person {{ name }}" for n in range(60)),
        "fragments",
    ),
    "CVE_2026_47707_aliases": (f"{{ {PERSON} {{ {' '.join(f'a{n}: name' for n in range(200))} }} }}", "aliases"),
    "aliases through fragments": (
        f"{{ {PERSON} {{ ...A b: household {{ head {{ ...A }} }} }} }} fragment A on Person {{ {TWENTY_ALIASES} }}",
        "aliases",
    ),
    "many roots": ("{" + " ".join(f'p{n}: person(idNo: "{n}") {{ name }}' for n in range(11)) + "}", "roots"),
    "deep": ("{" + f"{PERSON} " + "{ vehicles { owner " * 8 + "{ __typename }" + "}}" * 8 + "}", "depth"),
    "deep by fragments": (
        f"{{ {PERSON} {{ ...F0 }} }}"
        + "".join(f" fragment F{n} on Person {{ household {{ head {{ ...F{n + 1} }} }} }}" for n in range(10))
        + " fragment F10 on Person { name }",
        "depth",
    ),
    "deep introspection": ("{ __schema { types { " + "ofType { " * 30 + "name" + " }" * 30 + " } } }", "depth"),
    "directives": (f"{{ {PERSON} {{ name {'@skip(if: false) ' * 51} }} }}", "directives"),
    "several operations": ("query A { __typename } query B { __typename }", "operations"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_E_a_document_that_unfolds_into_too_much_is_refused_by_its_limit(name: str) -> None:
    text, limit = ATTACKS[name]
    with pytest.raises(GatewayError) as caught:
        check_size(parse(text))
    assert caught.value.code is ErrorCode.TOO_COMPLEX
    assert caught.value.extra == {"limit": limit}


@pytest.mark.parametrize("path", OPERATIONS, ids=lambda path: path.parent.name)
def test_honest_operations_take_at_most_half_of_what_is_allowed(path: Path) -> None:
    document = parse(path.read_text())
    check_size(document)
    fields, depth = unfolded(document)
    assert fields <= LIMITS.fields / 2
    assert depth <= LIMITS.depth * 2 / 3
    roots, repeats = merged(document.definitions[0].selection_set, {})  # type: ignore[attr-defined]
    assert roots <= LIMITS.roots / 2
    assert repeats <= LIMITS.repeats / 2


def test_the_introspection_of_the_usual_tools_is_not_too_complex() -> None:
    check_size(
        parse(
            get_introspection_query(
                specified_by_url=True,
                directive_is_repeatable=True,
                schema_description=True,
                input_value_deprecation=True,
            )
        )
    )


CIRCLES = {
    "of one": ("{ person { ...A } } fragment A on Person { ...A }", "A"),
    "of two, through a field": (
        "{ person { ...A } } fragment A on Person { head { ...B } } fragment B on Person { ...A }",
        "A",
    ),
}


@pytest.mark.parametrize("name", CIRCLES)
def test_E3_a_circle_of_fragments_is_an_error_of_validation(name: str) -> None:
    text, fragment = CIRCLES[name]
    with pytest.raises(GatewayError) as caught:
        check_size(parse(text))
    assert caught.value.code is ErrorCode.GRAPHQL_VALIDATION_FAILED
    assert caught.value.extra == {"reason": f"Cannot spread fragment '{fragment}' within itself."}


def test_a_fragment_that_nothing_spreads_is_not_validated_at_length() -> None:
    with pytest.raises(GatewayError) as caught:
        check_size(parse(f"{{ __typename }} fragment A on Person {{ {'name ' * 900} }}"))
    assert caught.value.extra == {"reason": "Fragment 'A' is never used."}


def test_a_fragment_counts_as_often_as_it_is_spread() -> None:
    text = f"{{ {PERSON} {{ name ...A ...A }} }} fragment A on Person {{ name vehicles {{ plateNo vin }} }}"
    fragments = {node.name.value: node for node in parse(text).definitions if isinstance(node, FragmentDefinitionNode)}
    assert merged(parse(text).definitions[0].selection_set, fragments) == (1, 3 + 1 + 1 + 1)  # type: ignore[attr-defined]


def unfolded(document: DocumentNode) -> tuple[int, int]:
    """Fields and depth of a document without fragments of its own, the plain way."""
    fields = depth = level = 0

    class Count(Visitor):
        def enter_field(self, *_: object) -> None:
            nonlocal fields, depth, level
            fields, level = fields + 1, level + 1
            depth = max(depth, level)

        def leave_field(self, *_: object) -> None:
            nonlocal level
            level -= 1

    visit(document, Count())
    return fields, depth


LONG = "TONGCHA_MUTATIONS" in os.environ
"""Whether the search goes by time, over many documents. Else it goes by calls, which are the same in every run."""
MOST_CALLS = 120_000
"""Python calls from a text to its plan. A core makes about ten million a second."""


def test_the_search_for_the_worst_document_finds_none_that_is_long_work(
    record_property: Callable[[str, object], None],
) -> None:
    """Mutates documents towards what takes longest from text to plan. TONGCHA_MUTATIONS and TONGCHA_SEED make it long."""
    search = Hostile(random.Random(int(os.environ.get("TONGCHA_SEED", "20261124"))), catalog.schema)
    measure = seconds if LONG else calls
    worst, text = 0.0, ""
    for _ in range(int(os.environ.get("TONGCHA_MUTATIONS", "100"))):
        tried = search.propose()
        assert len(tried.encode()) <= MAX_DOCUMENT
        taken = measure(tried)
        if taken > worst:
            taken = min(taken, measure(tried))  # a collection of garbage is not the document's
        search.learn(tried, taken)
        if taken > worst:
            worst, text = taken, tried
    record_property("worst document, ms", round(min(seconds(text) for _ in range(5)) * 1000, 1))
    record_property("its calls", calls(text))
    record_property("its bytes", len(text.encode()))
    if LONG and (path := os.environ.get("TONGCHA_WORST")):
        Path(path).write_text(text)
    assert calls(text) <= MOST_CALLS


def seconds(text: str) -> float:
    """Of CPU: the machine may be busy with something else. Looking for garbage among all that a test process holds is not the text's."""
    gc.disable()
    try:
        begun = time.thread_time()
        verdict(text)
        return time.thread_time() - begun
    finally:
        gc.enable()


def calls(text: str) -> int:
    """How many functions of Python's are called on the way."""
    profile = cProfile.Profile(subcalls=False, builtins=False)
    profile.enable()
    try:
        verdict(text)
    finally:
        profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


WORST = Path(__file__).with_name("worst.graphql")
"""Links wherever the limits allow one: of all documents that were grown by such a search, the longest work to bind."""
MOST_CALLS_OF_A_PIECE = 50_000


def pieces(text: str) -> Pieces[Bound]:
    """From a text to its bound plan and statements, as `gateway.plans` goes there: a turn of the event loop lies between two pieces."""
    document = parse_document(text)
    check_size(document)
    yield
    yield from judge(catalog.schema, document)
    yield
    operation = as_query(choose_operation(text, document, None))
    Cost(Scope(catalog, operation, {})).check({}, CostLimits())
    yield
    plan = compiled(operation)
    yield
    standing = Standing(kind=CallerKind.OFFICER, purpose=Purpose.CASE_HANDLING, granted=True, assurance=2)
    bound = yield from PIPELINE.plans.binding(plan, Caller("", standing).asking, ())
    yield from bound.write(PIPELINE.values(bound, {}, SEAL))
    return bound


def compiled(operation: Operation) -> Plan:
    """The plan, of what can be compiled."""
    try:
        return compile_operation(catalog, operation, {})
    except NotCompilable as reason:
        return reason.rest or Plan(nodes=(), links=())


def test_no_piece_of_the_worst_document_is_long_work(record_property: Callable[[str, object], None]) -> None:
    work, longest, done = pieces(WORST.read_text()), 0, False
    while not done:
        profile = cProfile.Profile(subcalls=False, builtins=False)
        profile.enable()
        try:
            next(work)
        except StopIteration:
            done = True
        finally:
            profile.disable()
        longest = max(longest, sum(entry.callcount for entry in profile.getstats()))
    record_property("calls of its longest piece", longest)
    assert longest <= MOST_CALLS_OF_A_PIECE


ABSENT = frozenset({"Matter.changeRequests", "Case.evidence", "Query.accessLog"})
CUT = cut_schema(catalog.sdl, ABSENT)
"""The schema of somebody who does not know of everything: by it documents are judged once more."""


def verdict(text: str) -> str:
    """What the stages before the first statement make of a text, on the event loop; every refusal is typed."""
    try:
        document = parse_document(text)
        check_size(document)
        at_once(judge(catalog.schema, document))
        at_once(judge(CUT, document))
        operation = as_query(choose_operation(text, document, None))
        if asks_about_schema(operation):
            return f"an introspection of {size_of(CUT, document)} fields"
        variables = Variables(catalog.schema, operation).coerced({})
        conditions = dict(zip(operation.conditions, operation.told(variables), strict=True))
        Cost(Scope(catalog, operation, conditions)).check(variables, CostLimits())
        compile_operation(catalog, operation, conditions)
    except (GatewayError, Refused, NotCompilable) as refusal:
        return str(refusal)
    return "accepted"
