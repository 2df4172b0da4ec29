"""What the authorities of the town do: its matters and laws, its officers, and cases with all their parts."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from datasources.references import reference
from datasources.tables import disclosure as pub
from datasources.tables import enforcement as cas
from datasources.tables import gateway as gw
from datasources.tables import matter as mat
from datasources.tables import personnel as off
from datasources.tables import regulation as reg
from tests.resolvers.town import JUICE, JUNJIE, RECORD, TOWN, day

OTHER_TOWN = "440403001000"


def at(text: str) -> datetime.datetime:
    """A moment in China, from YYYY-MM-DDThh:mm."""
    return datetime.datetime.fromisoformat(f"{text}:00+08:00")


def key(number: int) -> UUID:
    """The key of a record."""
    return UUID(int=number)


def officer(number: int, name: str, cert_no: str, **other: Any) -> dict[str, Any]:
    """A row of ``off.officer``."""
    row = {"officer_id": key(number), "name": name, "cert_no": cert_no, "org_id": key(1), "cert_fields": ["市场监管"]}
    return {**RECORD, **row, "cert_status": "1", "mobile": "13812341234", **other}


def assigned(task_no: str, officer_number: int, role: str, ref: str) -> dict[str, Any]:
    """A row of ``off.assignment``."""
    row = {"task_no": task_no, "officer_id": key(officer_number), "role_code": role, "subject_ref": ref}
    return {**row, "valid_from": at("2026-08-01T09:00"), "valid_to": None, "origin": "1"}


def case(number: int, kind: str, decided: str | None, **other: Any) -> dict[str, Any]:
    """A row of ``cas.case``."""
    row = {"case_id": key(number), "case_no": f"AN-{number}", "kind": kind, "org_id": key(1), "division_code": TOWN}
    row |= {"status": "DECIDED", "stage": "DECISION", "disclosure_class": "1", "procedure_code": "2"}
    row |= {"decided_on": day(decided) if decided else None, "cause_code": "C1", "implementation_code": "M1"}
    return {**RECORD, **row, "matter_version": 1, "filed_on": day("2026-08-01"), "closed_on": None, **other}


def decision(number: int, fine: str | None, facts: str, **other: Any) -> dict[str, Any]:
    """A row of ``cas.decision``."""
    row = {"document_no": f"珠香市监罚〔2026〕{number}号", "case_id": key(number), "decided_on": day("2026-09-30")}
    row |= {"illegal_act_type": "经营标签不符的食品", "facts": facts, "penalty_kinds": ["03", "04"]}
    row |= {"fine_amount": Decimal(fine) if fine else None, "confiscated_amount": Decimal("123.45")}
    return {**row, "basis": "《食品安全法》第一百二十五条", "content": "罚款", "discretion_grade": "从轻", **other}


def disclosed(number: int, name: str, uscc: str | None, **other: Any) -> dict[str, Any]:
    """A row of ``cas.disclosure``, with the texts that are published."""
    row = {"disclosure_id": f"GS{number}", "case_id": key(number), "version": 1, "subject_name": name, "state": "2"}
    row |= {"subject_uscc": uscc, "published_at": at("2026-10-12T10:00"), "publish_until": None}
    return {**RECORD, **row, "withdraw_reason": None, **other}


def event(seq: int, moment: str, uploaded: str, action: str, cert_no: str | None) -> dict[str, Any]:
    """A row of ``cas.event``."""
    row = {"case_id": key(10), "seq": seq, "at": at(moment), "uploaded_at": at(uploaded), "stage": "INVESTIGATION"}
    return {**row, "action_code": action, "actor_cert_no": cert_no, "recording_ids": ["r1", "r2"]}


def document(number: int, doc_type: str, seal: dict[str, Any] | None = None) -> dict[str, Any]:
    """A row of ``cas.document``."""
    row = {"document_id": key(number), "case_id": key(10), "doc_type": doc_type, "document_no": f"文{number}"}
    return {**row, "created_at": at("2026-09-01T10:00"), "digest_sm3": "0" * 64, "seal_info": seal}


def payment(code: str, paid: str, status: str, **other: Any) -> dict[str, Any]:
    """A row of ``cas.payment``."""
    row = {"payment_code": code, "case_id": key(10), "item_code": "103050109", "amount_due": Decimal("6000.00")}
    row |= {"surcharge_due": Decimal("0.00"), "amount_paid": Decimal(paid), "due_on": day("2026-10-31")}
    row |= {"document_no": "珠香市监罚〔2026〕10号", "payer_name": "100%果汁店", "status": status}
    return {**RECORD, **row, "payer_mark": 0, **other}


def transfer(number: int, **other: Any) -> dict[str, Any]:
    """A row of ``cas.criminal_transfer``."""
    row = {"transfer_id": key(number), "case_id": key(number), "suspected_crime_code": "140"}
    row |= {"decided_on": None, "sent_at": None, "police_org_uscc": "11440400007000011B"}
    return {**row, "police_decision": None, "copied_to_procuratorate": True, **other}


def change(seq: int, op: str, number: int, **other: Any) -> dict[str, Any]:
    """A row of ``gw.change_log``."""
    row = {"seq": seq, "op": op, "disclosure_id": f"GS{number}", "kind": "2", "changed_at": at("2026-10-12T10:00")}
    return {**row, "withdraw_reason": None, "public_reason": None, **other}


PERSON, SHOP = reference("p", JUNJIE), reference("e", JUICE)

ROWS: dict[Any, list[dict[str, Any]]] = {
    reg.regulation: [
        {**RECORD, "regulation_id": key(1), "title": "食品安全法", "level_code": "1", "status_code": "1"},
    ],
    reg.article: [
        {"article_id": key(number), "regulation_id": key(1), "article_no": "第一百二十五条", "text": text}
        | {"effective_from": day(start), "effective_to": day(end) if end else None, "replaces_id": replaces}
        for number, text, start, end, replaces in (
            (1, "旧条文", "2015-10-01", "2021-04-28", None),
            (2, "新条文", "2021-04-29", None, key(1)),
        )
    ],
    mat.matter: [
        {
            **RECORD,
            "matter_id": key(1),
            "version": 2,
            "basic_code": "B1",
            "implementation_code": "M1",
            "name": "事项1新版",
        }
        | {"type_code": "02", "org_uscc": "11440402007000011A", "exercise_level": "4", "status_code": "3"}
        | {"effective_from": day("2026-11-01"), "effective_to": None}
    ],
    mat.matter_cause: [{"cause_code": "C1", "matter_id": key(1), "cause_name": "经营标签不符的食品案"}],
    mat.matter_basis: [
        {"matter_id": key(1), "version": 1, "article_id": key(article), "role_code": role}
        for article, role in ((1, "01"), (2, "02"))
    ],
    mat.discretion: [
        {"discretion_id": key(1), "cause_code": "C1", "grade": "从轻", "condition": "初次", "measure": "罚款"}
        | {"amount_min": Decimal("5000.00"), "amount_max": Decimal("9999.50")}
    ],
    mat.matter_supervision: [
        {"implementation_code": "M1", "supervision_code": "S1", "checklist_code": "L1", "supervision_name": "食品监管"}
    ],
    mat.change_request: [
        {
            "request_id": key(1),
            "matter_id": key(1),
            "change_kind": "2",
            "applicant_org": "11440402007000011A",
            "state": "2",
        }
    ],
    off.officer: [
        officer(1, "李明", "19040130001"),
        officer(2, "何丽", "19040130002"),
        officer(3, "旧持证人", "19040130003", valid_from=day("2015-01-01"), valid_to=day("2026-08-31")),
        officer(4, "新持证人", "19040130003", valid_from=day("2026-09-01")),
    ],
    off.training: [
        {"training_id": key(1), "officer_id": key(1), "hours": Decimal("40.0"), "exam_score": Decimal("92.5")}
    ],
    off.assignment: [
        assigned("AN-10", 1, "1", PERSON),
        assigned("AN-10", 1, "1", SHOP),
        assigned("AN-10", 2, "2", SHOP),
        assigned("T-11", 2, "1", SHOP),
    ],
    cas.case_: [
        case(10, "2", "2026-09-30", served_on=day("2026-10-08")),
        case(11, "1", "2026-09-10", matter_version=None),
        case(12, "2", "2026-10-20"),
        case(13, "2", "2026-10-21"),
        case(14, "2", "2026-10-22", sealed=True),
        case(15, "2", "2026-10-23"),
        case(16, "2", "2026-10-24", division_code=OTHER_TOWN),
        case(17, "2", None, status="INVESTIGATING", stage="INVESTIGATION"),
        case(18, "2", None, filed_on=None, status="REGISTERED", stage="SOURCE"),
    ],
    cas.party: [
        {"party_id": key(number), "case_id": key(10), "role_code": role, "subject_type": kind, "subject_ref": ref}
        | {"name_at_decision": name, "subject_mark": 0, "legal_rep_mark": 0}
        for number, role, kind, ref, name in (
            (101, "1", "3", SHOP, "百分百果汁店"),
            (102, "5", "1", PERSON, "陈俊杰"),
            (103, "4", "1", None, "路人"),
        )
    ],
    cas.decision: [
        decision(10, "6000.00", "经营标签不符的食品，当事人身份证号440499199001010011，电话13800138000"),
        decision(12, "4999.99", "占道经营", illegal_act_type="占道经营"),
        decision(13, None, "占道经营", penalty_kinds=["01"], illegal_act_type=None),
        decision(14, "7000.00", "食品"),
        decision(15, "8000.00", "食品"),
        decision(16, "9000.00", "占道经营", illegal_act_type="占道经营"),
    ],
    cas.document: [
        document(1, "0302"),
        document(2, "0701", {"印章": "香洲局", "验证结果": True}),
        document(3, "0704", {"印章": "香洲局", "验证结果": False}),
    ],
    cas.inspection: [
        {
            "task_no": "T-11",
            "case_id": key(11),
            "plan_no": "P1",
            "mode_code": "4",
            "result_code": "5",
            "notice_doc_id": key(1),
        }
        | {"started_at": at("2026-09-10T09:00"), "ended_at": at("2026-09-10T11:00"), "location_point": (113.55, 22.22)}
        | {"followup_case_no": "AN-10", "qr_scanned": True}
    ],
    cas.sampling_draw: [
        {"draw_id": key(1), "plan_no": "P1", "seed": "7", "algorithm": "sha256", "result": {"objects": ["e_3"]}}
    ],
    cas.coercion: [
        {"coercion_id": key(1), "case_id": key(10), "measure_kind": "2", "item_list": [{"name": "果汁", "count": 12}]}
        | {"started_on": day("2026-08-03"), "due_on": day("2026-09-02"), "extended": False}
    ],
    cas.event: [
        event(3, "2026-08-31T23:30", "2026-08-31T23:30", "0303", "19040130003"),
        event(2, "2026-09-01T00:30", "2026-09-01T08:00", "0302", "19040130003"),
        event(1, "2026-09-02T09:00", "2026-09-02T09:00", "0301", None),
    ],
    cas.evidence: [
        {"evidence_id": key(1), "kind_code": "2", "collected_at": at("2026-09-01T10:00"), "digest_sm3": "f" * 64}
        | {"case_id": key(10), "collected_by_cert_nos": ["19040130001", "19040130003"]}
    ],
    cas.recording: [
        {"recording_id": key(1), "device_no": "D1", "started_at": at("2026-09-01T09:00"), "case_id": key(10)},
    ],
    cas.review: [
        {"review_id": key(1), "batch_no": "PC-1", "case_id": key(10), "score": Decimal("88.5"), "defects": ["缺页"]}
    ],
    cas.payment: [
        payment("440400260000000001", "2000.00", "PARTIALLY_PAID"),
        payment("440400260000000002", "6000.00", "PAID", document_no="其他〔2026〕1号"),
    ],
    cas.payment_instalment: [
        {
            "payment_code": "440400260000000001",
            "no": number,
            "due_on": day(due),
            "amount": Decimal(amount),
            "paid": paid,
        }
        for number, due, amount, paid in ((2, "2026-11-30", "4000.00", False), (1, "2026-10-31", "2000.00", True))
    ],
    cas.payment_receipt: [
        {"bill_code": "44010126", "bill_no": "0000000001", "payment_code": "440400260000000001"}
        | {"amount": Decimal("2000.00"), "paid_at": at("2026-10-20T10:00"), "channel_code": "1"}
    ],
    cas.criminal_transfer: [
        transfer(10, sent_at=at("2026-10-30T23:00"), decided_on=day("2026-10-29")),
        transfer(12, sent_at=at("2026-10-01T09:00"), police_decision="2"),
        transfer(13),
    ],
    pub.change_log: [
        change(1, "PUBLISH", 10),
        change(2, "PUBLISH", 15),
        change(3, "UPDATE", 10),
        change(4, "WITHDRAW", 15, withdraw_reason="DECISION_REVOKED", public_reason="复议撤销"),
    ],
    gw.source_batch: [{"source_system": "test", "last_batch_at": at("2026-11-05T08:00")}],
}

DISCLOSED = [
    disclosed(
        10,
        "100%果汁店",
        "92440499MA7X0A12X3",
        facts="经营标签不符的食品，当事人身份证号440499199001010011，电话13800138000",
        content="罚款",
    ),
    disclosed(11, "珠海食品有限公司", "91440499MA7X0A12X4"),
    disclosed(
        12, "王食品", None, published_at=at("2026-11-02T10:00"), facts="占道经营", content="罚款"
    ),  # due on 2026-10-29
    disclosed(13, "到期者", None, publish_until=day("2026-11-04"), facts="占道经营", content="罚款"),
    disclosed(14, "封存者", None, facts="食品", content="罚款"),
    disclosed(15, "撤下者", None, state="3", withdraw_reason="DECISION_REVOKED", facts="食品", content="罚款"),
    disclosed(
        16, "金湾食品协会", "51440499MA7X0A12X5", publish_until=day("2026-11-05"), facts="占道经营", content="罚款"
    ),
]

_TEXTS = ("facts", "content")
_OF_CASES = ("kind", "cause_code", "implementation_code", "org_id", "division_code", "decided_on", "sealed")
_OF_DECISIONS = ("document_no", "illegal_act_type", "basis", "penalty_kinds", "fine_amount", "confiscated_amount")


def published(row: dict[str, Any]) -> dict[str, Any]:
    """The row of ``gw.disclosure`` that is made of one of `DISCLOSED`."""
    made = {name: value for name, value in row.items() if name != "withdraw_reason"} | {"owner_version": 1}
    for table, names in ((cas.case_, _OF_CASES), (cas.decision, _OF_DECISIONS), (cas.inspection, ("result_code",))):
        found = next((other for other in ROWS[table] if other["case_id"] == row["case_id"]), {})
        made |= {name: found.get(name) for name in names if table is not cas.case_ or name in found}
    return made


ROWS[cas.disclosure] = [{name: value for name, value in row.items() if name not in _TEXTS} for row in DISCLOSED]
ROWS[pub.disclosure] = [published(row) for row in DISCLOSED]
