"""Cases handed to the police: what must hold, once per key, in an outbox that the linkage platform reads and answers."""

from __future__ import annotations

import asyncio
import datetime
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from auth.terms import Detail, Terms
from auth.viewer import AccessRequest, Purpose
from datasources.city.personas import Operations
from datasources.database import Database
from datasources.digests import digest_of
from datasources.references import parse_reference
from gateway.pipeline import Pipeline
from gateway.reporting import FOLLOWS
from gateway.request import GraphQLRequest
from resolvers.feed import cursor_at
from resolvers.outbox import TransferProgress, next_cursor, position_of
from tests.gateway.asking import Asker, answered, told
from tests.gateway.desk import Desk, make_desk
from tests.world import CALLERS, MOMENT, World

ENGINES = ("compiled", "resolvers")
FIELDS = """transferId caseNo status suspectedCrime { code }
  suspects { nameAtDecision idNo subject { __typename ... on Person { name idNo } ... on LegalEntity { name uscc } } }
  transferringOrg { uscc } receivingOrg receivingOrgUscc copiedToProcuratorate decidedOn sentAt policeReplyDue policeReplyOverdue
  documents { documentId docType { code } sha } documentsDigest reports { no status decisionNo decidedOn reason }"""
FOR_POLICE = FIELDS.replace("subject { __typename ... on Person { name idNo } ... on LegalEntity { name uscc } }", "")
SUBMIT = f"""mutation($input: CriminalTransferInput!) {{ submitCriminalTransfer(input: $input) {{
  transfer {{ {FIELDS} }} errors {{ code path message }} }} }}"""
OUTBOX = f"""query($after: Cursor, $overdue: Boolean) {{ transferOutbox(after: $after, overdueOnly: $overdue) {{
  nodes {{ {FOR_POLICE} }} nextCursor caughtUp }} }}"""
REPORT = """mutation($input: TransferStatusInput!) { reportTransferStatus(input: $input) {
  transfer { status reports { no status decisionNo reason } } errors { code path } } }"""
SEEN = "query($key: String!) { case(caseNo: $key) { criminalTransfer { package { status reports { status } } } } }"

OFFICER: Asker = (
    CALLERS["officer-stepped-up"][0],
    AccessRequest(purpose=Purpose.CRIMINAL_LINKAGE, case_no=Operations.case_no),
)
POLICE = CALLERS["partner-linkage"]
DOCUMENTS = {kind: str(parse_reference(f"p_{name}")[1]) for kind, name in Operations.documents.items()}
UNKNOWN = "00000000-0000-0000-0000-0000000000ff"


def handed(**others: Any) -> dict[str, Any]:
    """The input of a transfer as it should be, but for `others`."""
    asked = {
        "idempotencyKey": "1",
        "caseId": Operations.case_no,
        "suspectedCrimeCode": "140",
        "suspectRefs": [Operations.party_ref, Operations.firm_ref],
        "receivingOrgUscc": Operations.police_uscc,
        "approvedByCertNo": Operations.approver,
        "approvedOn": "2026-11-04",
        "documentIds": list(DOCUMENTS.values()),
        "seizedItemsListId": DOCUMENTS["0706"],
    }
    return {"input": asked | others}


def said(key: str, transfer_id: str, status: str, **others: Any) -> dict[str, Any]:
    """The input of a report."""
    asked = {"idempotencyKey": key, "transferId": transfer_id, "status": status, "decidedOn": "2026-11-05"}
    return {"input": asked | others}


@pytest.fixture(scope="module")
async def own(scratch: Callable[[str], Awaitable[str]]) -> str:
    dsn = await scratch("handover")
    await make_desk(dsn)
    return dsn


@pytest.fixture(scope="module")
async def room(world: World, own: str) -> AsyncIterator[Desk]:
    database = Database("gateway", own)
    yield Desk({**world.databases, "gateway": database})
    await database.close()


@pytest.fixture
async def desk(room: Desk) -> Desk:
    """With nothing handed over, on the day of the tests."""
    await room.cleared()
    return room


async def submitted(pipeline: Pipeline, caller: Asker = OFFICER, **others: Any) -> dict[str, Any]:
    body = await told(pipeline, SUBMIT, caller, handed(**others))
    payload: dict[str, Any] = body["data"]["submitCriminalTransfer"]
    return payload


async def sent(pipeline: Pipeline) -> str:
    """The key of a transfer, made."""
    payload = await submitted(pipeline)
    assert payload["errors"] == []
    return str(payload["transfer"]["transferId"])


async def reported(pipeline: Pipeline, *given: Any, caller: Asker = POLICE, **others: Any) -> Any:
    """The status then, or the codes of what is wrong."""
    payload = (await told(pipeline, REPORT, caller, said(*given, **others)))["data"]["reportTransferStatus"]
    if payload["transfer"] is None:
        return [error["code"] for error in payload["errors"]]
    assert payload["errors"] == []
    return payload["transfer"]["status"]


# --- handing over --------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_case_is_handed_over_with_all_that_the_police_are_given(desk: Desk, engine: str) -> None:
    payload = await submitted(desk.gateway(engine))
    transfer = payload["transfer"]
    assert payload["errors"] == []
    assert (transfer["status"], transfer["caseNo"], transfer["decidedOn"]) == ("SENT", Operations.case_no, "2026-11-04")
    assert (transfer["policeReplyDue"], transfer["policeReplyOverdue"]) == ("2026-11-08", False)
    assert (transfer["receivingOrgUscc"], transfer["copiedToProcuratorate"]) == (Operations.police_uscc, True)
    assert {suspect["subject"]["__typename"] for suspect in transfer["suspects"]} == {"Person", "LegalEntity"}
    assert Operations.party_id_no in {suspect["subject"].get("idNo") for suspect in transfer["suspects"]}
    assert [document["documentId"] for document in transfer["documents"]] == list(DOCUMENTS.values())
    lines = [f"{document['documentId']} {document['sha']}" for document in transfer["documents"]]
    assert transfer["documentsDigest"] == digest_of(lines)


@pytest.mark.parametrize("engine", ENGINES)
async def test_what_is_shown_of_a_transfer_is_recorded_like_any_other_data(desk: Desk, engine: str) -> None:
    request = GraphQLRequest(query=SUBMIT, variables=handed())
    trace = (await desk.gateway(engine).answer(request, *OFFICER)).trace
    assert trace is not None
    assert {"Mutation.submitCriminalTransfer", "TransferPackage.caseNo", "Person.idNo"} <= set(trace.coordinates.clear)
    assert {"Person", "LegalEntity", "TransferPackage"} <= {kind for kind, _ in trace.subjects}


@pytest.mark.parametrize("case_id", ["number", "key"])
async def test_the_case_is_named_by_its_number_or_its_key(desk: Desk, case_id: str) -> None:
    ((key,),) = await desk.databases["enforcement"].rows(
        "SELECT case_id::text FROM cas.case WHERE case_no = $1", [Operations.case_no]
    )
    payload = await submitted(desk.gateway(), caseId={"number": Operations.case_no, "key": key}[case_id])
    assert payload["errors"] == []


def without(kind: str) -> list[str]:
    return [key for other, key in DOCUMENTS.items() if other != kind]


FAULTS: Mapping[str, tuple[dict[str, Any], set[str]]] = {
    "another case": ({"caseId": "ZHJT-2026-CF-0000968"}, {"CASE_NOT_STATED"}),
    "no case": ({"caseId": UNKNOWN}, {"CASE_NOT_STATED"}),
    "no key": ({"idempotencyKey": ""}, {"IDEMPOTENCY_KEY_INVALID"}),
    "another crime": ({"suspectedCrimeCode": "141"}, {"CRIME_NOT_DECIDED"}),
    "another receiver": ({"receivingOrgUscc": Operations.org_uscc}, {"RECEIVER_NOT_DECIDED"}),
    "another day": ({"approvedOn": "2026-11-05"}, {"NOT_APPROVED"}),
    "an approver who handles the case": ({"approvedByCertNo": Operations.officer}, {"APPROVER_NOT_HEAD"}),
    "an approver who is nobody": ({"approvedByCertNo": "0"}, {"APPROVER_NOT_HEAD"}),
    "no suspect": ({"suspectRefs": []}, {"SUSPECT_NOT_PARTY"}),
    "a suspect who is no party": ({"suspectRefs": ["p_1"]}, {"SUSPECT_NOT_PARTY"}),
    "no letter": ({"documentIds": without("0704")}, {"NO_LETTER"}),
    "no report": ({"documentIds": without("0705")}, {"NO_REPORT"}),
    "no list": ({"documentIds": without("0706"), "seizedItemsListId": None}, {"NO_ITEMS_LIST"}),
    "no opinion": ({"documentIds": without("0308")}, {"NO_OPINION"}),
    "a list that is none": ({"seizedItemsListId": DOCUMENTS["0705"]}, {"ITEMS_LIST_NOT_ENCLOSED"}),
    "a document of nowhere": ({"documentIds": [*DOCUMENTS.values(), UNKNOWN]}, {"DOCUMENT_NOT_FOUND"}),
    "a remark that forges a line": ({"note": "a\nb"}, {"NOTE_INVALID"}),
    "several": (
        {"documentIds": [], "seizedItemsListId": None, "suspectRefs": [], "approvedByCertNo": "0"},
        {"NO_LETTER", "NO_REPORT", "NO_ITEMS_LIST", "NO_OPINION", "SUSPECT_NOT_PARTY", "APPROVER_NOT_HEAD"},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_every_check_that_fails_is_named(desk: Desk, name: str) -> None:
    others, codes = FAULTS[name]
    payload = await submitted(desk.gateway(), **others)
    assert payload["transfer"] is None
    assert {error["code"] for error in payload["errors"]} == codes
    assert await desk.count("transfer") == await desk.count("idempotency") == 0


async def test_the_day_after_the_decision_is_the_last_one(desk: Desk) -> None:
    desk.now = MOMENT + datetime.timedelta(days=1)
    payload = await submitted(desk.gateway())
    assert [error["code"] for error in payload["errors"]] == ["TRANSFERRED_TOO_LATE"]


async def test_a_case_of_another_organisation_is_not_handed_over(desk: Desk) -> None:
    """The officer is sent to help with it, and so sees it."""
    ((key,),) = await desk.databases["enforcement"].rows(
        "SELECT case_id::text FROM cas.case WHERE case_no = $1", [Operations.roadside_task]
    )
    on_the_road = replace(OFFICER[1], case_no=Operations.roadside_task)  # type: ignore[type-var]
    payload = await submitted(desk.gateway(), (OFFICER[0], on_the_road), caseId=key)
    assert "CASE_NOT_OWN" in {error["code"] for error in payload["errors"]}


async def test_a_case_that_exists_is_refused_like_one_that_does_not(desk: Desk) -> None:
    """Another officer's, and nobody's: the same bytes."""
    pipeline = desk.gateway()
    bodies = {
        await answered(pipeline, SUBMIT, OFFICER, handed(caseId=case))
        for case in ("ZHJT-2026-CF-0000968", "x", UNKNOWN)
    }
    assert len(bodies) == 1


# --- once ----------------------------------------------------------------------------------------


async def test_the_same_key_submits_once_and_answers_alike(desk: Desk) -> None:
    first, second = [await submitted(desk.gateway()) for _ in range(2)]
    assert first == second
    assert await desk.count("transfer") == 1


async def test_the_same_key_for_another_input_is_refused(desk: Desk) -> None:
    await submitted(desk.gateway())
    payload = await submitted(desk.gateway(), note="补充")
    assert [error["code"] for error in payload["errors"]] == ["IDEMPOTENCY_KEY_USED"]
    assert await desk.count("transfer") == 1


async def test_another_key_does_not_hand_over_a_second_time(desk: Desk) -> None:
    await submitted(desk.gateway())
    payload = await submitted(desk.gateway(), idempotencyKey="2")
    assert [error["code"] for error in payload["errors"]] == ["ALREADY_TRANSFERRED"]


@pytest.mark.parametrize("keys", [("1", "1"), ("1", "2")])
async def test_of_twins_at_the_same_moment_one_is_recorded(desk: Desk, own: str, keys: tuple[str, str]) -> None:
    """Two processes, each with connections of its own."""
    other = Database("gateway", own)
    gateways = [desk.gateway(), Desk({**desk.databases, "gateway": other}).gateway()]
    for pipeline in gateways:
        await told(pipeline, "{ __typename }", OFFICER)
    payloads = await asyncio.gather(
        *(submitted(pipeline, idempotencyKey=key) for pipeline, key in zip(gateways * 3, keys * 3, strict=True))
    )
    await other.close()
    assert await desk.count("transfer") == 1
    made = {payload["transfer"]["transferId"] for payload in payloads if payload["transfer"] is not None}
    assert len(made) == 1
    refused = {error["code"] for payload in payloads for error in payload["errors"]}
    assert refused == (set() if keys == ("1", "1") else {"ALREADY_TRANSFERRED"})


async def test_a_key_is_of_one_client(desk: Desk) -> None:
    """Another client's key is another key: what stops it is that the case was handed over."""
    await submitted(desk.gateway())
    elsewhere = replace(OFFICER[0], client="another")
    payload = await submitted(desk.gateway(), (elsewhere, OFFICER[1]), note="补充")
    assert [error["code"] for error in payload["errors"]] == ["ALREADY_TRANSFERRED"]


async def test_a_key_is_forgotten_after_its_days(desk: Desk) -> None:
    await submitted(desk.gateway())
    desk.now = MOMENT + datetime.timedelta(days=7, seconds=1)
    payload = await submitted(desk.gateway(), note="补充")
    assert "IDEMPOTENCY_KEY_USED" not in {error["code"] for error in payload["errors"]}


# --- the outbox ----------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
async def test_the_platform_reads_the_outbox_in_clear_from_its_cursor_on(desk: Desk, engine: str) -> None:
    pipeline = desk.gateway(engine)
    before = (await told(pipeline, OUTBOX, POLICE))["data"]["transferOutbox"]
    assert (before["nodes"], before["caughtUp"]) == ([], True)
    await sent(desk.gateway())
    body = await told(pipeline, OUTBOX, POLICE, {"after": before["nextCursor"]})
    (package,) = body["data"]["transferOutbox"]["nodes"]
    assert "access" not in body["extensions"]
    assert package["caseNo"] == Operations.case_no
    assert Operations.party_id_no in {suspect["idNo"] for suspect in package["suspects"]}
    assert all(len(document["sha"]) == 64 for document in package["documents"])
    after = await told(pipeline, OUTBOX, POLICE, {"after": body["data"]["transferOutbox"]["nextCursor"]})
    assert after["data"]["transferOutbox"]["nodes"] == []


def test_a_cursor_of_the_feed_is_none_of_the_outbox() -> None:
    assert position_of(next_cursor(0, ["12", "x"])) == 12
    assert position_of(next_cursor(12, None)) == 12
    for text in (cursor_at(12), "no cursor", ""):
        with pytest.raises(ValueError, match="not a cursor of the outbox"):
            position_of(text)


async def test_the_outbox_has_one_order_without_a_gap_for_a_reader(desk: Desk) -> None:
    gateway = desk.databases["gateway"]
    await sent(desk.gateway())
    rows = await gateway.rows("SELECT t.seq, o.last_seq FROM gw.transfer t, gw.outbox o", ())
    assert [tuple(row) for row in rows] == [(1, 1)]


async def test_a_decision_that_the_police_owe_is_seen(desk: Desk) -> None:
    await sent(desk.gateway())
    for days, overdue in ((3, []), (4, [True])):
        desk.now = MOMENT + datetime.timedelta(days=days)
        body = await told(desk.gateway(), OUTBOX, POLICE, {"overdue": True})
        assert [node["policeReplyOverdue"] for node in body["data"]["transferOutbox"]["nodes"]] == overdue


NOT_READERS = [
    name for name in CALLERS if name not in ("partner-linkage", "supervisor-stepped-up", "officer-stepped-up")
]


@pytest.mark.parametrize("engine", ENGINES)
async def test_nobody_else_reads_it(desk: Desk, engine: str) -> None:
    """The same bytes whether there is a transfer or not."""
    pipeline = desk.gateway(engine)
    empty = {name: await answered(pipeline, OUTBOX, CALLERS[name]) for name in NOT_READERS}
    await sent(desk.gateway())
    for name in NOT_READERS:
        body = await told(pipeline, OUTBOX, CALLERS[name])
        assert body["data"] == {"transferOutbox": None}, name
        assert await answered(pipeline, OUTBOX, CALLERS[name]) == empty[name]


async def test_an_officer_sees_those_of_the_own_organisation(desk: Desk) -> None:
    await sent(desk.gateway())
    mine = await told(desk.gateway(), OUTBOX, CALLERS["officer-stepped-up"])
    assert len(mine["data"]["transferOutbox"]["nodes"]) == 1
    await desk.databases["gateway"].rows("UPDATE gw.transfer SET org_id = $1, case_no = 'x'", [UUID(int=1)])
    others = await told(desk.gateway(), OUTBOX, CALLERS["officer-stepped-up"])
    assert others["data"]["transferOutbox"]["nodes"] == []


# --- what became of it ---------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
async def test_the_platform_reports_and_the_officer_sees_it(desk: Desk, engine: str) -> None:
    key = await sent(desk.gateway())
    police, officer = desk.gateway(engine), desk.gateway(engine)
    assert await reported(police, "a", key, "RECEIVED") == "RECEIVED"
    assert (
        await reported(police, "b", key, "NOT_FILED", decisionNo="珠公不立字〔2026〕1号", reason="情节轻微")
        == "NOT_FILED"
    )
    assert await reported(police, "c", key, "SUPERVISED", decisionNo="珠检〔2026〕2号") == "SUPERVISED"
    assert await reported(police, "d", key, "FILED", decisionNo="珠公立字〔2026〕3号") == "FILED"
    assert await reported(police, "e", key, "JUDGED", decisionNo="（2026）粤04刑初1号") == "JUDGED"
    body = await told(officer, SEEN, CALLERS["officer-stepped-up"], {"key": Operations.case_no})
    package = body["data"]["case"]["criminalTransfer"]["package"]
    assert package["status"] == "JUDGED"
    assert [report["status"] for report in package["reports"]] == [
        "RECEIVED",
        "NOT_FILED",
        "SUPERVISED",
        "FILED",
        "JUDGED",
    ]


ALL = list(TransferProgress)


async def test_a_step_follows_only_what_it_may(desk: Desk) -> None:
    key, pipeline = await sent(desk.gateway()), desk.gateway()
    for place, (status, then) in enumerate(itertools.product(ALL, ALL)):
        await desk.databases["gateway"].rows("UPDATE gw.transfer SET status = $1, reports = 0", [status.value])
        await desk.databases["gateway"].rows("DELETE FROM gw.transfer_report", ())
        found = await reported(pipeline, f"{place}", key, then.value, decisionNo="1", reason="理由")
        assert (found == then.value) == (then in FOLLOWS[status]), (status, then)
        assert found in (then.value, ["STEP_NOT_POSSIBLE"])


async def test_after_a_refusal_the_case_may_be_handed_over_again(desk: Desk) -> None:
    key, pipeline = await sent(desk.gateway()), desk.gateway()
    await reported(pipeline, "a", key, "RECEIVED")
    await reported(pipeline, "b", key, "NOT_FILED", decisionNo="1", reason="证据不足")
    again = await submitted(pipeline, idempotencyKey="2")
    assert again["errors"] == []
    assert again["transfer"]["transferId"] != key


REPORT_FAULTS: Mapping[str, tuple[str, dict[str, Any], list[str]]] = {
    "no number": ("FILED", {}, ["NUMBER_REQUIRED"]),
    "no reason": ("NOT_FILED", {"decisionNo": "1", "reason": " "}, ["REASON_REQUIRED"]),
    "a day before": ("FILED", {"decisionNo": "1", "decidedOn": "2026-11-04"}, ["DAY_NOT_POSSIBLE"]),
    "a day to come": ("FILED", {"decisionNo": "1", "decidedOn": "2026-11-06"}, ["DAY_NOT_POSSIBLE"]),
    "a number that forges a line": ("FILED", {"decisionNo": "1\n2"}, ["NUMBER_INVALID"]),
    "a reason without end": ("NOT_FILED", {"decisionNo": "1", "reason": "一" * 501}, ["REASON_INVALID"]),
    "all at once": (
        "JUDGED",
        {"decidedOn": "2026-11-06"},
        ["STEP_NOT_POSSIBLE", "DAY_NOT_POSSIBLE", "NUMBER_REQUIRED"],
    ),
}


@pytest.mark.parametrize("name", REPORT_FAULTS)
async def test_a_report_says_what_it_must(desk: Desk, name: str) -> None:
    status, others, codes = REPORT_FAULTS[name]
    key, pipeline = await sent(desk.gateway()), desk.gateway()
    await reported(pipeline, "a", key, "RECEIVED")
    assert await reported(pipeline, "b", key, status, **others) == codes
    assert await desk.count("transfer_report") == 1


async def test_a_report_is_recorded_once_per_key(desk: Desk) -> None:
    key, pipeline = await sent(desk.gateway()), desk.gateway()
    assert [await reported(pipeline, "a", key, "RECEIVED") for _ in range(3)] == ["RECEIVED"] * 3
    assert await reported(pipeline, "a", key, "FILED", decisionNo="1") == ["IDEMPOTENCY_KEY_USED"]
    assert await desk.count("transfer_report") == 1


async def test_of_two_reports_at_the_same_moment_one_is_recorded(desk: Desk) -> None:
    key, pipeline = await sent(desk.gateway()), desk.gateway()
    await reported(pipeline, "a", key, "RECEIVED")
    found = await asyncio.gather(
        reported(pipeline, "b", key, "FILED", decisionNo="1"),
        reported(pipeline, "c", key, "NOT_FILED", decisionNo="2", reason="理由"),
    )
    assert ["STEP_NOT_POSSIBLE"] in found
    assert await desk.count("transfer_report") == 2


@pytest.mark.parametrize("engine", ENGINES)
async def test_I1_a_transfer_of_a_case_that_the_agreement_does_not_name_is_like_none(desk: Desk, engine: str) -> None:
    """Neither in the outbox nor to be reported on: the bytes are those for a transfer that nobody made."""
    key = await sent(desk.gateway())
    narrow = replace(POLICE[0], details=(Detail(terms=Terms(cases=frozenset({"ZHXZ-CX-2026-CF-9999999"}))),))
    caller, pipeline = (narrow, POLICE[1]), desk.gateway(engine)
    assert (await told(pipeline, OUTBOX, caller))["data"]["transferOutbox"]["nodes"] == []
    bodies = {await answered(pipeline, REPORT, caller, said("a", one, "RECEIVED")) for one in (key, UNKNOWN, "x")}
    assert len(bodies) == 1
    assert b"TRANSFER_NOT_FOUND" in bodies.pop()


@pytest.mark.parametrize("engine", ENGINES)
async def test_I1_without_the_agreement_a_report_is_refused_like_any_other(desk: Desk, engine: str) -> None:
    key, missing = await sent(desk.gateway()), replace(POLICE[1], agreement_no="GX-2099-9998")  # type: ignore[type-var]
    bodies = {
        await answered(desk.gateway(engine), REPORT, (POLICE[0], missing), said("a", one, "RECEIVED"))
        for one in (key, UNKNOWN)
    }
    assert len(bodies) == 1
    assert await desk.count("transfer_report") == 0


@pytest.mark.parametrize("engine", ENGINES)
async def test_I5_a_token_without_the_change_may_read_and_not_report(desk: Desk, engine: str) -> None:
    key = await sent(desk.gateway())
    reads = Terms(
        fields=frozenset({"Query.transferOutbox", "TransferPackage", "TransferStatusPayload", "TransferReport"})
    )
    caller = (replace(POLICE[0], details=(Detail(terms=reads),)), POLICE[1])
    body = await told(desk.gateway(engine), REPORT, caller, said("a", key, "RECEIVED"))
    assert [error["extensions"]["code"] for error in body["errors"]] == ["PURPOSE_DENIED"]
    assert await desk.count("transfer_report") == 0


@pytest.mark.parametrize("engine", ENGINES)
async def test_nobody_but_the_platform_reports(desk: Desk, engine: str) -> None:
    for name in CALLERS.keys() - {"partner-linkage"}:
        body = await told(desk.gateway(engine), REPORT, CALLERS[name], said("a", UNKNOWN, "RECEIVED"))
        assert body.get("data") in (None, {"reportTransferStatus": None}), name
        assert body["errors"]
