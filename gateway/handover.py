"""Handing a suspected crime to the police (移送涉嫌犯罪案件): what must hold first, and the row in the outbox.

国务院令 310 as revised by 730: two officers or more (art. 5), the head's decision within three days of their report, the transfer
within 24 hours of it (art. 5), five kinds of enclosures (art. 6), a copy to the procuratorate. What the case system knows
is read there, and the input must agree with it: a claim alone hands nobody over.
"""

from __future__ import annotations

import datetime
import uuid
from asyncio import gather
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Select, or_, select

from auth.viewer import CERTIFICATE_NUMBER, Viewer
from datasources.digests import digest_of
from datasources.tables.calendar import day_of
from datasources.tables.enforcement import case_, coercion, criminal_transfer, document, inspection, party
from datasources.tables.gateway import transfer
from datasources.tables.personnel import assignment, officer
from gateway.idempotency import KEY_TEXTS, Claim, Faults, Texts, outdated
from gateway.outbox import handed_over, last_attempt
from gateway.tasks import VALID_CERTIFICATE
from gateway.temporary import certificate_of
from resolvers.handover import CriminalTransferInput

OPERATION = "submitCriminalTransfer"
NOTE_LENGTH = 200
DECISION_DAYS, TRANSFER_DAYS = 3, 1
"""Days: from the report to the head's decision; from that to the transfer, 24 hours of a decision that has a day and no hour."""
OFFICERS, HEAD = ("1", "2"), "4"
"""Roles on a case (assignment.role_code): 主办, 协办; 审核."""
PARTY = "1"
"""The role of who is a party (当事人) and no witness or agent."""
SEIZURES = ("1", "2")
"""Measures (coercion.measure_kind): 查封, 扣押."""
LETTER, REPORT, ITEMS, OPINIONS = "0704", "0705", "0706", ("0307", "0308")
"""Types of document: 移送书, 情况调查报告, 涉案物品清单; 鉴定意见 or 检验报告."""

Row = Mapping[str, Any]

FAULTS: Texts = {
    **KEY_TEXTS,
    "CASE_NOT_STATED": (("caseId",), "The case must be the one that the request states."),
    "CASE_NOT_OWN": (("caseId",), "The case must be one of the officer's own organisation."),
    "CASE_IS_SECRET": (("caseId",), "A secret case is not handed over this way."),
    "ALREADY_TRANSFERRED": (("caseId",), "The case was handed over, and the police have not refused it."),
    "TOO_FEW_OFFICERS": ((), "Two officers with valid certificates must be on the case, one of whom submits."),
    "CRIME_NOT_DECIDED": (("suspectedCrimeCode",), "It must be the suspected crime that the head decided on."),
    "SUSPECT_NOT_PARTY": (("suspectRefs",), "The suspects must be parties of the case, one at least."),
    "RECEIVER_NOT_DECIDED": (("receivingOrgUscc",), "It must be the police body that the head decided on."),
    "NO_COPY": ((), "The procuratorate must be given a copy."),
    "NOT_APPROVED": (("approvedOn",), "The head has not decided on this day that the case is handed over."),
    "APPROVED_TOO_LATE": (
        ("approvedOn",),
        "The head decides within three days of the report: a new decision is needed.",
    ),
    "TRANSFERRED_TOO_LATE": (("approvedOn",), "A transfer follows within 24 hours: a new decision is needed."),
    "APPROVER_NOT_HEAD": (
        ("approvedByCertNo",),
        "It must be whoever decides on the case, with a valid certificate and not one of its officers.",
    ),
    "DOCUMENT_NOT_FOUND": (("documentIds",), "A document is not in the file of the case."),
    "DOCUMENT_WITHOUT_DIGEST": (("documentIds",), "Every document must have a digest."),
    "NO_LETTER": (("documentIds",), "The letter of transfer (移送书) is missing."),
    "NO_REPORT": (("documentIds",), "The report on the facts (情况调查报告) is missing."),
    "NO_ITEMS_LIST": (("documentIds",), "The list of items (涉案物品清单) is missing."),
    "NO_OPINION": (("documentIds",), "An expert opinion or test report (鉴定意见, 检验报告) is missing."),
    "ITEMS_LIST_NOT_ENCLOSED": (("seizedItemsListId",), "It must be a list of items among the documents."),
    "ITEMS_LIST_NOT_NAMED": (("seizedItemsListId",), "Items were seized: their list must be named."),
    "NOTE_INVALID": (("note",), "A remark has at most 200 printable characters."),
}


class Asked(Protocol):
    """What the databases are asked through: the context of the request."""

    viewer: Viewer
    now: datetime.datetime
    scope: Mapping[str, Any]

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement. Raises GatewayError."""
        ...

    def row_conditions(self, source: Any) -> tuple[Any, ...]:
        """Which rows of a table the caller sees."""
        ...


@dataclass(frozen=True, kw_only=True)
class File:
    """The stated case with all that the checks want of it."""

    case: Row
    decisions: Sequence[Row]
    parties: Sequence[Row]
    documents: Mapping[UUID, Row]
    seized: bool
    team: Sequence[Row]


async def submit(asked: Asked, given: CriminalTransferInput, *, days: int) -> UUID:
    """The key of the transfer, made now or under the same idempotency key before, which is kept for `days`. Raises Faults."""
    cert_no = certificate_of(asked.viewer)
    claim = Claim.of(asked.viewer, OPERATION, given.idempotency_key, given, str(uuid.uuid4()))
    known = await claim.made(asked)
    if known is None:
        found = await _file(asked, given)
        attempts = await asked.rows("gateway", last_attempt(found.case["case_id"]))
        wrong = [*_wrong(asked, cert_no, found, given), *_repeated(attempts)]
        if not wrong:
            values = _values(
                asked, cert_no, found, given, attempt=max((row["attempt"] for row in attempts), default=0) + 1
            )
            await asked.rows("gateway", outdated(asked.now))
            await asked.rows("gateway", handed_over(claim, values, asked.now + datetime.timedelta(days=days)))
        known = await claim.made(asked)  # by this request, or by its twin meanwhile
        if known is None:
            raise Faults(*wrong)
    key = UUID(known)
    if not await asked.rows("gateway", select(transfer.c.seq).where(transfer.c.transfer_id == key)):
        raise Faults("ALREADY_TRANSFERRED")  # another one was quicker
    return key


# --- reading -------------------------------------------------------------------------------------


async def _file(asked: Asked, given: CriminalTransferInput) -> File:
    stated = asked.scope["scope_task"]
    by_task = select(inspection.c.case_id).where(inspection.c.task_no == stated)
    seen = asked.row_conditions(case_)
    at_hand = or_(case_.c.case_no == stated, case_.c.case_id.in_(by_task))
    cases = await asked.rows("enforcement", select(case_).where(at_hand, *seen))
    if len(cases) != 1 or given.case_id not in (cases[0]["case_no"], str(cases[0]["case_id"])):
        raise Faults("CASE_NOT_STATED")
    (case,) = cases
    key = case["case_id"]
    decisions, parties, documents, seized, team = await gather(
        asked.rows("enforcement", select(criminal_transfer).where(criminal_transfer.c.case_id == key)),
        asked.rows("enforcement", _parties(key).where(*asked.row_conditions(party))),
        asked.rows("enforcement", select(document).where(document.c.case_id == key)),
        asked.rows("enforcement", _seizures(key)),
        asked.rows("personnel", _team(case["case_no"], day_of(asked.now))),
    )
    return File(
        case=case,
        decisions=decisions,
        parties=parties,
        documents={row["document_id"]: row for row in documents},
        seized=bool(seized),
        team=team,
    )


def _parties(case_id: UUID) -> Select[Any]:
    return select(party.c.subject_ref).where(party.c.case_id == case_id, party.c.role_code == PARTY)


def _seizures(case_id: UUID) -> Select[Any]:
    columns = select(coercion.c.coercion_id)
    return columns.where(coercion.c.case_id == case_id, coercion.c.measure_kind.in_(SEIZURES)).limit(1)


def _team(case_no: str, today: datetime.date) -> Select[Any]:
    """Who is on the case, with a valid certificate (执法证)."""
    return (
        select(officer.c.cert_no, assignment.c.role_code)
        .select_from(assignment.join(officer, officer.c.officer_id == assignment.c.officer_id))
        .where(
            assignment.c.task_no == case_no,
            officer.c.cert_status == VALID_CERTIFICATE,
            or_(officer.c.cert_valid_to.is_(None), officer.c.cert_valid_to >= today),
        )
    )


# --- checking ------------------------------------------------------------------------------------


def _wrong(asked: Asked, cert_no: str, found: File, given: CriminalTransferInput) -> Iterator[str]:
    """The code of every check that fails."""
    if found.case["org_id"] not in asked.scope["scope_orgs"]:
        yield "CASE_NOT_OWN"
    if found.case["secret_flag"]:
        yield "CASE_IS_SECRET"
    yield from _of_team(cert_no, found.team, given)
    yield from _of_decision(day_of(asked.now), found, given)
    references = {row["subject_ref"] for row in found.parties}
    if not given.suspect_refs or not references.issuperset(given.suspect_refs):
        yield "SUSPECT_NOT_PARTY"
    yield from _of_documents(found, given)
    note = given.note
    if note is not None and (len(note) > NOTE_LENGTH or not note.replace("\u3000", " ").isprintable()):
        yield "NOTE_INVALID"


def _of_team(cert_no: str, team: Sequence[Row], given: CriminalTransferInput) -> Iterator[str]:
    officers = {row["cert_no"] for row in team if row["role_code"] in OFFICERS}
    heads = {row["cert_no"] for row in team if row["role_code"] == HEAD}
    if len(officers) < 2 or cert_no not in officers:
        yield "TOO_FEW_OFFICERS"
    if given.approved_by_cert_no not in heads - officers or not CERTIFICATE_NUMBER.fullmatch(given.approved_by_cert_no):
        yield "APPROVER_NOT_HEAD"


def _of_decision(today: datetime.date, found: File, given: CriminalTransferInput) -> Iterator[str]:
    decisions = [
        row for row in found.decisions if row["decided_on"] == given.approved_on and given.approved_on <= today
    ]
    if not decisions:
        yield "NOT_APPROVED"
        return
    if given.suspected_crime_code not in {row["suspected_crime_code"] for row in decisions}:
        yield "CRIME_NOT_DECIDED"
    if given.receiving_org_uscc not in {row["police_org_uscc"] for row in decisions}:
        yield "RECEIVER_NOT_DECIDED"
    if not any(row["copied_to_procuratorate"] for row in decisions):
        yield "NO_COPY"
    if today > given.approved_on + datetime.timedelta(days=TRANSFER_DAYS):
        yield "TRANSFERRED_TOO_LATE"
    reported = [_day(row) for row in found.documents.values() if row["doc_type"] == REPORT]
    last = max((day for day in reported if day <= given.approved_on), default=None)
    if last is not None and given.approved_on > last + datetime.timedelta(days=DECISION_DAYS):
        yield "APPROVED_TOO_LATE"


def _day(row: Row) -> datetime.date:
    created: datetime.datetime = row["created_at"]
    return day_of(created)


def _of_documents(found: File, given: CriminalTransferInput) -> Iterator[str]:
    keys = [key for text in given.document_ids if (key := _key(text)) is not None]
    enclosed = {key: found.documents[key] for key in keys if key in found.documents}
    types = {row["doc_type"] for row in enclosed.values()}
    if len(enclosed) < len(set(given.document_ids)):
        yield "DOCUMENT_NOT_FOUND"
    if not all(row["digest_sm3"] for row in enclosed.values()):
        yield "DOCUMENT_WITHOUT_DIGEST"
    for wanted, code in (
        ((LETTER,), "NO_LETTER"),
        ((REPORT,), "NO_REPORT"),
        ((ITEMS,), "NO_ITEMS_LIST"),
        (OPINIONS, "NO_OPINION"),
    ):
        if not types.intersection(wanted):
            yield code
    named = given.seized_items_list_id
    if named is None and found.seized:
        yield "ITEMS_LIST_NOT_NAMED"
    if named is not None and named not in {str(key) for key, row in enclosed.items() if row["doc_type"] == ITEMS}:
        yield "ITEMS_LIST_NOT_ENCLOSED"


def _key(text: str) -> UUID | None:
    """A key as ``CaseDocument.documentId`` shows it; None for what is none."""
    try:
        key = UUID(text)
    except ValueError:
        return None
    return key if str(key) == text else None


def _repeated(attempts: Sequence[Row]) -> Iterator[str]:
    if attempts and attempts[0]["status"] != "NOT_FILED":
        yield "ALREADY_TRANSFERRED"


# --- writing -------------------------------------------------------------------------------------


def _values(asked: Asked, cert_no: str, found: File, given: CriminalTransferInput, *, attempt: int) -> Row:
    """What the outbox has of it, but its place in the order and its key."""
    case = found.case
    keys = list(dict.fromkeys(UUID(text) for text in given.document_ids))
    return {
        "case_id": case["case_id"],
        "attempt": attempt,
        "case_no": case["case_no"],
        "case_kind": case["kind"],
        "cause_code": case["cause_code"],
        "filed_on": case["filed_on"],
        "place": case["place"],
        "org_id": case["org_id"],
        "division_code": case["division_code"],
        "suspected_crime_code": given.suspected_crime_code,
        "suspect_refs": list(dict.fromkeys(given.suspect_refs)),
        "document_ids": keys,
        "documents_digest": digest_of(f"{key} {found.documents[key]['digest_sm3']}" for key in keys),
        "items_list_id": UUID(given.seized_items_list_id) if given.seized_items_list_id is not None else None,
        "police_org_uscc": given.receiving_org_uscc,
        "copied_to_procuratorate": True,
        "decided_on": given.approved_on,
        "approved_by_cert_no": given.approved_by_cert_no,
        "submitted_by_cert_no": cert_no,
        "sent_at": asked.now,
        "note": given.note,
        "status": "SENT",
        "reports": 0,
    }
