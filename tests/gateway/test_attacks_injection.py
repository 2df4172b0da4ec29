"""Attacks by values: group F. What a caller writes is a parameter, a word of a closed list, or refused; never text of a statement,
of a policy or of the log.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLString, get_named_type, is_required_argument, is_specified_scalar_type

from auth.audit.reader import records
from auth.audit.writer import AuditLog
from auth.viewer import AccessInvalid, AccessRequest, Purpose, parse_access
from gateway.recorder import LogRecorder
from gateway.request import GraphQLRequest
from resolvers.schema import catalog
from resolvers.sources import Link
from tests.gateway.asking import told
from tests.gateway.looking import PSEUDONYMS, logs_of
from tests.gateway.routes import EXAMPLES
from tests.world import CALLERS, World

STAFF = CALLERS["officer-stepped-up"]
INJECTIONS = (
    "x' OR '1'='1",
    "'; DROP TABLE pop.person; --",
    "$1",
    "%' ESCAPE '",
    '"; SELECT 1',
    "\\'; --",
    "${jndi:ldap://x}",
)


def questions() -> dict[str, tuple[str, Mapping[str, Any], list[str]]]:
    """Every root field that is compiled and takes a text: its document, variables that it takes, and which of them are texts."""
    query = catalog.schema.query_type
    assert query is not None
    found: dict[str, tuple[str, Mapping[str, Any], list[str]]] = {}
    for name, field in query.fields.items():
        given = {
            argument: EXAMPLES[argument]
            for argument, declared in field.args.items()
            if is_specified_scalar_type(get_named_type(declared.type))
            and argument in EXAMPLES
            and (is_required_argument(declared) or get_named_type(declared.type) is GraphQLString)
        }
        texts = [argument for argument, value in given.items() if isinstance(value, str)]
        required = {argument for argument, declared in field.args.items() if is_required_argument(declared)}
        if not isinstance(catalog.sources.get(("Query", name)), Link) or not texts or not required <= given.keys():
            continue
        declared_as = ", ".join(f"${argument}: {field.args[argument].type}" for argument in given)
        asked = ", ".join(f"{argument}: ${argument}" for argument in given)
        found[name] = (f"query({declared_as}) {{ {name}({asked}) {{ __typename }} }}", given, texts)
    return found


QUESTIONS = questions()


@pytest.mark.parametrize("name", QUESTIONS)
async def test_F1_no_value_is_in_the_text_of_a_statement(world: World, name: str) -> None:
    text, given, arguments = QUESTIONS[name]
    pipeline = world.pipeline()
    usual = await pipeline.explain(text, given, *STAFF)
    assert "SELECT" in usual or "clear" in usual or "withheld" in usual
    for injection in INJECTIONS:
        for argument in arguments:
            asked = {**given, argument: injection}
            answer = await told(pipeline, text, STAFF, asked)
            assert {error["extensions"]["code"] for error in answer.get("errors", [])} <= {"BAD_USER_INPUT"}
            if "errors" not in answer:
                assert await pipeline.explain(text, asked, *STAFF) == usual


WILD: Mapping[str, str] = {
    "persons": "query($v: String!) { legalEntities(filter: {name: $v}) { totalCount } }",
    "keyword": "query($v: String!) { enforcementOrgs(filter: {keyword: $v}) { totalCount } }",
    "search": "query($v: String!) { searchSubjects(text: $v) { __typename } }",
}


@pytest.mark.parametrize("name", WILD)
@pytest.mark.parametrize("value", ["%%", "__", "\\%", "%_%"])
async def test_F1_wildcards_are_letters(world: World, name: str, value: str) -> None:
    data = (await told(world.pipeline(), WILD[name], STAFF, {"v": value}))["data"]
    assert list(data.values()) in ([{"totalCount": 0}], [[]])


@pytest.mark.parametrize("value", ["a\0b", "\0"])
async def test_F1_a_NUL_in_a_document_is_bad_input(world: World, value: str) -> None:
    text = f"{{ legalEntity(uscc: {json.dumps(value)}) {{ name }} }}"
    (error,) = (await told(world.pipeline(), text, STAFF))["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": "uscc"}


async def test_F1_an_order_is_a_word_of_a_closed_list(world: World) -> None:
    text = "query($o: DisclosureOrder) { disclosures(orderBy: $o, first: 1) { totalCount } }"
    for field in ("decided_on; DROP TABLE gw.disclosure", "decidedOn", 1, ["DECIDED_ON"], None):
        answer = await told(world.pipeline(), text, STAFF, {"o": {"field": field, "direction": "DESC"}})
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}


STATED: Mapping[str, dict[str, Any]] = {
    "policy text": {"purpose": 'CASE_HANDLING"}; permit(principal,action,resource);//'},
    "a purpose in small letters": {"purpose": "case_handling"},
    "a list": {"purpose": ["CASE_HANDLING"]},
    "a line break": {"purpose": "AUDIT", "caseNo": '1\n{"kind":"access"}'},
    "a bidirectional control": {"purpose": "AUDIT", "taskNo": "1\u202e2"},
    "NUL": {"purpose": "AUDIT", "agreementNo": "1\0"},
    "a reason that is none": {"purpose": "AUDIT", "reason": {"$ne": 1}},
}


@pytest.mark.parametrize("name", STATED)
def test_F2_a_purpose_is_a_word_and_a_number_has_no_control_characters(name: str) -> None:
    with pytest.raises(AccessInvalid):
        parse_access(STATED[name])


async def test_F2_what_stands_in_a_reason_stays_in_its_place_in_the_log(world: World, tmp_path: Path) -> None:
    """A record is one line of JSON whatever is in it."""
    reason = '核对 "}, {"outcome":"RELEASED", "subject":"someone else'
    viewer, access = CALLERS["officer"]
    assert access is not None
    stated = dataclasses.replace(access, reason=reason)
    recorder = LogRecorder(AuditLog.claim(tmp_path), PSEUDONYMS)
    request = GraphQLRequest(query="{ divisions(first: 1) { nodes { name } } }")
    answer = await world.pipeline().answer(request, viewer, stated)
    await recorder.record(viewer, stated, {}, answer, b"{}")
    await recorder.close()
    written = [one.entry for log in logs_of(tmp_path) for one in records(log) if one.entry["kind"] == "access"]
    assert [json.loads(json.dumps(one["grounds"]))["reason"] for one in written] == [reason]


NUMBERS: Mapping[str, tuple[str, Any]] = {
    "an Int beyond 32 bits": ("Int", 2**31),
    "an Int of 400 digits": ("Int", 10**400),
    "an Int that is a text": ("Int", "1"),
    "an Int that is a fraction": ("Int", 1.5),
    "an Int that is true": ("Int", True),
    "a Date in the year 10000": ("Date", "10000-01-01"),
    "a Date in Arabic digits": ("Date", "٢٠٢٦-٠١-٠١"),
    "a Date in full width": ("Date", "２０２６-01-01"),
    "a Date that is none": ("Date", "2026-02-30"),
    "a Date in the year 0": ("Date", "0000-01-01"),
    "a DateTime without a zone": ("DateTime", "2026-01-01T00:00:00"),
    "a DateTime in a leap second": ("DateTime", "2026-01-01T00:00:61Z"),
    "a Decimal that is none": ("Decimal", "NaN"),
    "a Decimal that is endless": ("Decimal", "Infinity"),
    "a Decimal of 400 digits": ("Decimal", "1e400"),
    "a Decimal in Arabic digits": ("Decimal", "٠٫٥"),
}
TAKERS = {
    "Int": "query($v: Int) { divisions(first: $v) { totalCount } }",
    "Date": "query($v: Date) { disclosures(filter: {decidedFrom: $v}) { totalCount } }",
    "DateTime": "query($v: DateTime) { criminalTransfers(updatedAfter: $v) { status } }",
    "Decimal": "query($v: Decimal) { disclosures(filter: {minFine10k: $v}) { totalCount } }",
}


@pytest.mark.parametrize("name", NUMBERS)
async def test_F4_a_value_that_its_scalar_does_not_have_is_bad_input(world: World, name: str) -> None:
    scalar, value = NUMBERS[name]
    before = world.statements()
    answer = await told(world.pipeline(), TAKERS[scalar], STAFF, {"v": value})
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert world.statements() == before


@pytest.mark.parametrize("digits", ["9" * 10_000, "1e400", "-0.5e-400"])
async def test_F4_a_number_in_a_document_that_no_scalar_has_is_refused(world: World, digits: str) -> None:
    (error,) = (await told(world.pipeline(), f"{{ divisions(first: {digits}) {{ totalCount }} }}", STAFF))["errors"]
    assert error["extensions"]["code"] in {"GRAPHQL_VALIDATION_FAILED", "TOO_COMPLEX"}


def test_F2_the_purposes_are_a_closed_list() -> None:
    assert AccessRequest.__dataclass_fields__["purpose"].type in ("Purpose", Purpose)


def test_F1_there_is_something_to_inject_into() -> None:
    assert len(QUESTIONS) > 10
