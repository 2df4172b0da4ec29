"""The access log as auditors and partners ask it: what is in it, whom it shows it to, and that it is about nobody by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auth.viewer import Purpose
from resolvers.access_enums import AccessPurpose
from tests.gateway.looking import CITIZEN, ID_NO, INSPECTOR, PERSON_REF, PSEUDONYMS, Desk
from tests.world import CALLERS

PERSON = "query Look($idNo: String!) { person(idNo: $idNo) { name mobile ethnicity { label } } }"
PAYMENT = '{ nonTaxPayments(paymentCodes: ["44040026000000412376"]) { amountDue payerName } }'
PUBLIC = "{ disclosures(first: 2) { nodes { disclosureId } } }"
LOG = """query($filter: AccessLogFilter, $first: Int, $after: Cursor) {
  accessLog(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { seq kind outcome code count callerSubject callerClient callerKind certNo purpose taskNo agreementNo reason
      operationName clear masked withheld rows subjects { totalCount nodes { pseudonym type } } } } }"""
OWN = "{ accessLog { nodes { callerClient callerKind purpose clear } } }"
SUBJECT = PSEUDONYMS.subject("Person", PERSON_REF).pseudonym


async def logged(desk: Desk, **filters: Any) -> list[dict[str, Any]]:
    payload = await desk.ask(CALLERS["auditor"], LOG, filter=filters)
    assert "errors" not in payload, payload
    nodes: list[dict[str, Any]] = payload["data"]["accessLog"]["nodes"]
    return nodes


async def looked(desk: Desk) -> None:
    """An officer looks at a person, the treasury at a payment, the public at the public list; one is refused."""
    await desk.ask(INSPECTOR, PERSON, idNo=ID_NO)
    await desk.ask(CALLERS["partner"], PAYMENT)
    await desk.ask(CALLERS["public"], PUBLIC)
    await desk.ask(CALLERS["officer"], "{ nothing }")
    await desk.ship()


def test_the_purposes_are_those_that_a_request_may_state() -> None:
    assert [purpose.value for purpose in AccessPurpose] == [purpose.value for purpose in Purpose]


async def test_an_auditor_reads_who_asked_what_and_whom_by_pseudonym(desk: Desk) -> None:
    await looked(desk)
    refused, _, _, look = await logged(desk)
    assert (refused["outcome"], refused["code"]) == ("DENIED", "GRAPHQL_VALIDATION_FAILED")
    assert look["certNo"] == "19040130215"
    assert (look["purpose"], look["taskNo"], look["reason"]) == ("INSPECTION", "ZHJT-2026-JC-0004127", "路面检查")
    assert (look["operationName"], look["outcome"]) == ("Look", "RELEASED")
    assert look["clear"] == ["Person.mobile", "Person.name", "Query.person"]
    assert look["withheld"] == ["Person.ethnicity"]
    assert look["rows"] == {"population": 1}
    assert look["subjects"] == {"totalCount": 1, "nodes": [{"pseudonym": SUBJECT, "type": "Person"}]}


async def test_nothing_in_it_is_business_data(desk: Desk) -> None:
    await looked(desk)
    text = json.dumps(await desk.ask(CALLERS["auditor"], LOG), ensure_ascii=False)
    person = (await desk.ask(INSPECTOR, PERSON, idNo=ID_NO))["data"]["person"]
    assert all(value not in text for value in (ID_NO, PERSON_REF, person["name"], person["mobile"]))


async def test_an_auditor_sees_the_log_and_no_business_data(desk: Desk) -> None:
    query = """query($i: String!) { accessLog { totalCount } person(idNo: $i) { name }
      cases(first: 1) { nodes { caseNo } } disclosures(first: 1) { nodes { disclosureId } } }"""
    payload = await desk.ask(CALLERS["auditor"], query, i=ID_NO)
    assert payload["data"] == {"accessLog": {"totalCount": 0}, "person": None, "cases": None, "disclosures": None}
    assert {one["source"] for one in payload["extensions"]["sources"]} == {"gateway"}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"subjectRef": PERSON_REF}, 1),
        ({"subject": SUBJECT}, 1),
        ({"subjectRef": "p_1"}, 0),
        ({"certNo": "19040130215"}, 2),
        ({"callerSubject": "officer", "outcomes": ["DENIED"]}, 1),
        ({"callerClient": "partner-finance"}, 1),
        ({"purposes": ["INSPECTION", "NON_TAX_PAYMENT"]}, 2),
        ({"outcomes": ["FAILED"]}, 0),
        ({"atFrom": "2026-11-05T08:00:00+00:00", "atTo": "2026-11-05T10:00:00+00:00"}, 4),
        ({"atFrom": "2026-11-05T10:00:00+00:00"}, 0),
    ],
)
async def test_it_is_found_by_whom_who_what_for_when_and_outcome(
    desk: Desk, filters: dict[str, Any], found: int
) -> None:
    await looked(desk)
    assert len(await logged(desk, **filters)) == found


@pytest.mark.parametrize(
    "filters", [{"subject": "Person"}, {"subject": SUBJECT.upper()}, {"subjectRef": ID_NO}, {"callerSubject": ""}]
)
async def test_what_cannot_be_a_subject_is_refused(desk: Desk, filters: dict[str, Any]) -> None:
    payload = await desk.ask(CALLERS["auditor"], LOG, filter=filters)
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]


async def test_pages_follow_on_each_other_the_newest_first(desk: Desk) -> None:
    await looked(desk)
    seen, cursor = [], None
    for _ in range(4):
        page = (await desk.ask(CALLERS["auditor"], LOG, first=1, after=cursor))["data"]["accessLog"]
        seen += [node["seq"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
        assert page["totalCount"] == 4
    assert page["pageInfo"]["hasNextPage"] is False
    assert seen == sorted(seen, key=int, reverse=True)


async def test_reading_the_log_is_recorded_like_anything_else(desk: Desk) -> None:
    await looked(desk)
    await logged(desk)
    await desk.ship()
    newest = (await logged(desk))[0]
    assert (newest["callerKind"], newest["purpose"]) == ("auditor", "AUDIT")
    assert "AccessRecord.reason" in newest["clear"]


async def test_a_partner_reads_the_records_of_its_own_client(desk: Desk) -> None:
    await looked(desk)
    nodes = (await desk.ask(CALLERS["partner"], OWN))["data"]["accessLog"]["nodes"]
    assert [(node["callerClient"], node["purpose"]) for node in nodes] == [("partner-finance", "NON_TAX_PAYMENT")]
    assert "NonTaxPayment.payerName" in nodes[0]["clear"]
    others = (await desk.ask(CALLERS["partner-disclosure"], OWN))["data"]["accessLog"]["nodes"]
    assert others == []


async def test_a_client_of_another_realm_under_the_same_name_is_another_one(desk: Desk) -> None:
    await looked(desk)
    await desk.execute("UPDATE gw.access_record SET caller_client = 'partner-disclosure' WHERE cert_no IS NOT NULL")
    assert (await desk.ask(CALLERS["partner-disclosure"], OWN))["data"]["accessLog"]["nodes"] == []


async def test_a_partner_is_not_shown_pseudonyms_and_cannot_search_by_them(desk: Desk) -> None:
    await looked(desk)
    shown = await desk.ask(CALLERS["partner"], "{ accessLog { nodes { subjects { totalCount } pseudonymKey } } }")
    assert shown["data"]["accessLog"]["nodes"] == [{"subjects": None, "pseudonymKey": None}]
    searched = await desk.ask(CALLERS["partner"], LOG, filter={"subjectRef": PERSON_REF})
    assert [error["extensions"]["code"] for error in searched["errors"]] == ["NOT_FILTERABLE"]


@pytest.mark.parametrize(
    "caller",
    [*(CALLERS[name] for name in ("officer-stepped-up", "officer-without-task", "supervisor-stepped-up", "public")), CITIZEN],
    ids=["officer", "officer without task", "supervisor", "public", "citizen"],
)  # fmt: skip
async def test_nobody_else_reads_it(desk: Desk, caller: Any) -> None:
    await looked(desk)
    payload = await desk.ask(caller, "{ accessLog { totalCount nodes { at } } }")
    assert payload["data"] == {"accessLog": None}
    assert payload["extensions"]["access"]["withheld"][0]["coordinate"] == "Query.accessLog"
