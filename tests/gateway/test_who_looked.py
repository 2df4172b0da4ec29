"""A citizen sees exactly who looked, when and for what; a secret case's look-up appears only after its release."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from auth.viewer import AccessRequest, CallerKind, Purpose, Viewer
from resolvers.access_enums import AccessPurpose
from resolvers.case_enums import CaseStatus
from resolvers.looks import RULES
from tests.gateway.looking import CASE_NO, CITIZEN, ENTERPRISE, FIRM_USCC, ID_NO, INSPECTOR, Caller, Desk
from tests.world import CALLERS, MOMENT

PERSON = "query($i: String!) { person(idNo: $i) { name mobile } }"
FIRM = "query($u: String!) { legalEntity(uscc: $u) { name registeredCapital } }"
LOOKS = """query($first: Int, $after: Cursor) { whoLookedAtMe(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { at by organisation organisationUscc certNo officerName purpose caseNo data { record state fields } } } }"""

CASE = CALLERS["officer-stepped-up"]
LINKAGE = (CASE[0], AccessRequest(purpose=Purpose.CRIMINAL_LINKAGE, case_no=CASE_NO))
WIFE_REF = "p_1001WM"
LATER = datetime.timedelta(days=31)
STRANGER = (
    Viewer(subject="stranger", client="yueshengshi", kind=CallerKind.CITIZEN, subject_ref=WIFE_REF),
    AccessRequest(purpose=Purpose.SELF_SERVICE),
)


async def looks(desk: Desk, caller: Caller = CITIZEN, **variables: Any) -> dict[str, Any]:
    payload = await desk.ask(caller, LOOKS, **variables)
    assert "errors" not in payload, payload
    page: dict[str, Any] = payload["data"]["whoLookedAtMe"]
    return page


async def looked(desk: Desk, caller: Caller, at: datetime.datetime | None = None) -> None:
    payload = await desk.ask(caller, PERSON, i=ID_NO)
    assert payload["data"]["person"] is not None
    await desk.ship(at)


async def set_case(desk: Desk, status: CaseStatus, *, secret: bool = False) -> None:
    await desk.execute(
        "UPDATE cas.case SET status = $1, secret_flag = $2 WHERE case_no = $3", status.value, secret, CASE_NO
    )


# --- who, when, for what -------------------------------------------------------------------------


async def test_a_citizen_sees_who_looked_when_for_what_and_which_data(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    desk.now = MOMENT + LATER
    page = await looks(desk)
    (look,) = page["nodes"]
    assert page["totalCount"] == 1
    assert look["at"].startswith("2026-11-05T09:00:00")
    assert (look["by"], look["certNo"], look["purpose"]) == ("OFFICER", "19040130215", "INSPECTION")
    assert look["officerName"]
    assert look["organisation"].endswith("局")
    assert len(look["organisationUscc"]) == 18
    assert look["data"] == [{"record": "自然人", "state": "CLEAR", "fields": ["手机号码", "姓名"]}]
    assert look["caseNo"] is None


async def test_fields_of_others_in_the_same_answer_are_not_told(desk: Desk) -> None:
    query = "query($i: String!, $u: String!) { person(idNo: $i) { name } legalEntity(uscc: $u) { name contactPhone } }"
    await desk.ask(INSPECTOR, query, i=ID_NO, u=FIRM_USCC)
    await desk.ship()
    desk.now = MOMENT + LATER
    (look,) = (await looks(desk))["nodes"]
    assert [one["record"] for one in look["data"]] == ["市场主体与其他组织", "自然人"]  # he represents the firm
    (look,) = (await looks(desk, ENTERPRISE))["nodes"]
    assert [(one["record"], one["fields"]) for one in look["data"]] == [("市场主体与其他组织", ["联络电话", "名称"])]


async def test_nobody_sees_who_looked_at_somebody_else(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    desk.now = MOMENT + LATER
    assert (await looks(desk, STRANGER))["nodes"] == []
    assert (await looks(desk, ENTERPRISE))["nodes"] == []


async def test_whose_looks_they_are_is_not_asked(desk: Desk) -> None:
    payload = await desk.ask(CITIZEN, '{ whoLookedAtMe(subjectRef: "p_7QK2M9") { totalCount } }')
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]


async def test_a_login_that_names_nobody_gets_a_refusal_and_no_empty_list(desk: Desk) -> None:
    payload = await desk.ask(CALLERS["citizen"], LOOKS)
    assert payload["data"] == {"whoLookedAtMe": None}
    assert [error["extensions"]["code"] for error in payload["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize(
    "name", ["officer-stepped-up", "officer-without-task", "supervisor-stepped-up", "partner", "public", "auditor"]
)
async def test_it_is_for_citizens_and_enterprises_only(desk: Desk, name: str) -> None:
    payload = await desk.ask(CALLERS[name], LOOKS)
    assert payload["data"] == {"whoLookedAtMe": None}
    assert len(payload["errors"]) == 1


async def test_ones_own_looks_are_told_as_such_and_another_s_not_by_name(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    await desk.execute(
        "UPDATE gw.access_record SET purpose = 'SELF_SERVICE', caller_kind = 'citizen', caller_subject = 'citizen'"
    )
    (look,) = (await looks(desk))["nodes"]
    assert (look["by"], look["certNo"], look["organisation"]) == ("YOU", None, None)
    await desk.execute("UPDATE gw.access_record SET caller_subject = 'somebody'")
    (look,) = (await looks(desk))["nodes"]
    assert (look["by"], look["certNo"], look["organisation"], look["officerName"]) == ("PARTY", None, None, None)


async def test_a_partner_is_told_by_its_organisation(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    await desk.execute(
        "UPDATE gw.access_record SET purpose = 'NON_TAX_PAYMENT', caller_kind = 'partner', cert_no = NULL,"
        " caller_client = 'partner-finance'"
    )
    (look,) = (await looks(desk))["nodes"]
    assert (look["by"], look["certNo"]) == ("PARTNER", None)
    assert look["organisation"]


async def test_the_certificate_s_holder_is_who_held_it_on_the_day(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    await desk.execute("UPDATE off.officer SET valid_from = '2026-11-20' WHERE cert_no = '19040130215'")
    desk.now = MOMENT + LATER
    (look,) = (await looks(desk))["nodes"]
    assert (look["certNo"], look["officerName"]) == ("19040130215", None)


async def test_what_did_not_leave_was_not_looked_at(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    desk.now = MOMENT + LATER
    await desk.execute("UPDATE gw.access_record SET outcome = 'DENIED', code = 'SUBJECT_BUDGET_EXCEEDED'")
    assert (await looks(desk))["nodes"] == []


# --- when ----------------------------------------------------------------------------------------


def test_every_purpose_has_a_rule_with_its_reason() -> None:
    assert RULES.keys() == set(AccessPurpose)
    assert all(rule.why for rule in RULES.values())


@pytest.mark.parametrize("days", [0, 29])
async def test_an_inspection_is_not_told_before_it_can_have_ended(desk: Desk, days: int) -> None:
    await looked(desk, INSPECTOR)
    desk.now = MOMENT + datetime.timedelta(days=days)
    assert (await looks(desk))["totalCount"] == 0


@pytest.mark.parametrize("status", CaseStatus)
async def test_a_look_for_a_case_is_told_once_its_investigation_is_over(desk: Desk, status: CaseStatus) -> None:
    await looked(desk, CASE)
    await set_case(desk, status)
    over = {"NOT_FILED", "WITHDRAWN", "DECIDED", "SERVED", "EXECUTING", "CLOSED", "ARCHIVED"}
    assert [look["caseNo"] for look in (await looks(desk))["nodes"]] == ([CASE_NO] if status.value in over else [])


async def test_a_secret_case_s_look_appears_only_after_its_release(desk: Desk) -> None:
    await looked(desk, CASE)
    await set_case(desk, CaseStatus.CLOSED, secret=True)
    desk.now = MOMENT + datetime.timedelta(days=3650)
    assert (await looks(desk))["nodes"] == []
    await set_case(desk, CaseStatus.CLOSED)
    assert [look["purpose"] for look in (await looks(desk))["nodes"]] == ["CASE_HANDLING"]


async def test_a_case_at_the_police_waits_until_it_is_closed(desk: Desk) -> None:
    await looked(desk, LINKAGE)
    await set_case(desk, CaseStatus.DECIDED)
    assert (await looks(desk))["nodes"] == []
    await set_case(desk, CaseStatus.CLOSED)
    assert [look["purpose"] for look in (await looks(desk))["nodes"]] == ["CRIMINAL_LINKAGE"]


async def test_a_case_that_nobody_knows_is_not_released(desk: Desk) -> None:
    await looked(desk, CASE)
    await desk.execute("UPDATE gw.access_record SET task_no = 'ZHXX-0000-CF-0'")
    assert (await looks(desk))["nodes"] == []


async def test_a_purpose_without_a_rule_is_not_told(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    desk.now = MOMENT + LATER
    await desk.execute("UPDATE gw.access_record SET purpose = 'SOMETHING_NEW'")
    assert (await looks(desk))["nodes"] == []


# --- no trace ------------------------------------------------------------------------------------


async def test_what_is_held_back_leaves_no_trace_in_bytes_counts_or_pages(desk: Desk) -> None:
    await set_case(desk, CaseStatus.INVESTIGATING)
    nothing = json.dumps(await desk.ask(CITIZEN, LOOKS))
    await looked(desk, CASE)
    assert json.dumps(await desk.ask(CITIZEN, LOOKS)) == nothing
    for day in range(4):
        await looked(desk, INSPECTOR, MOMENT - datetime.timedelta(days=40 + day))
        await looked(desk, CASE, MOMENT - datetime.timedelta(days=40 + day, hours=1))
    days, cursor, more = [], None, True
    while more:
        page = await looks(desk, first=1, after=cursor)
        days += [node["at"][:10] for node in page["nodes"]]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert page["totalCount"] == 4
    assert days == ["2026-09-26", "2026-09-25", "2026-09-24", "2026-09-23"]


async def test_a_cursor_is_good_for_whom_it_was_given_to(desk: Desk) -> None:
    await looked(desk, INSPECTOR)
    desk.now = MOMENT + LATER
    cursor = (await looks(desk))["pageInfo"]["endCursor"]
    for given in (cursor, "x"):
        payload = await desk.ask(STRANGER, LOOKS, after=given)
        assert [error["extensions"]["code"] for error in payload["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("first", [0, 201])
async def test_a_page_has_1_to_200_looks(desk: Desk, first: int) -> None:
    payload = await desk.ask(CITIZEN, LOOKS, first=first)
    assert payload["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "argument": "first"}


async def test_when_the_cases_cannot_be_asked_nothing_is_told(desk: Desk) -> None:
    """Else a case that is secret would be told whenever its database is down."""
    await looked(desk, CASE)
    await set_case(desk, CaseStatus.CLOSED)
    await desk.execute('ALTER TABLE cas."case" RENAME TO gone')
    payload = await desk.ask(CITIZEN, LOOKS)
    await desk.execute('ALTER TABLE cas.gone RENAME TO "case"')
    assert payload["data"] == {"whoLookedAtMe": None}
    assert payload["errors"][0]["extensions"]["source"] == "enforcement"
