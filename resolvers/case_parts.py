"""The parts of a case: its parties, officers, documents, events, evidence and reviews."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import strawberry
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    Interval,
    String,
    Text,
    and_,
    cast,
    exists,
    func,
    literal_column,
    or_,
)

from datasources.tables import enforcement as t
from datasources.tables import personnel as off
from resolvers.case_enums import CaseStage
from resolvers.fields import INT, PER, PUB, RES, code, column, hidden, link, named
from resolvers.marks import not_protected
from resolvers.personnel import Officer
from resolvers.scalars import JSON
from resolvers.sources import Hop, Order
from resolvers.subject import BY_REFERENCE, Subject, SubjectType
from resolvers.types import record
from resolvers.values import Code

party, document, event, evidence = t.party, t.document, t.event, t.evidence
recording, review, assignment, officer = t.recording, t.review, off.assignment, off.officer

NATURAL_PERSON: ColumnElement[str] = literal_column("'1'")

HOLDER_AT = (officer.c.cert_no, officer.c.valid_from)
"""What leads to the officer who held a certificate number on a day: numbers are issued again after a transfer."""


def held_on(cert_no: ColumnElement[Any], day: ColumnElement[Any]) -> ColumnElement[bool]:
    """The officer held the certificate number on this day."""
    return and_(
        officer.c.cert_no == cert_no,
        or_(officer.c.valid_from.is_(None), officer.c.valid_from <= day),
        or_(officer.c.valid_to.is_(None), officer.c.valid_to >= day),
    )


def local_day(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The day of a moment in China."""
    return cast(func.timezone(literal_column("'Asia/Shanghai'"), moment), Date)


@record(
    party,
    "当事人",
    key=party.c.party_id,
    named_by=(party.c.case_id,),
    order=Order(columns=(party.c.role_code, party.c.party_id)),
    hidden=(
        hidden(party.c.party_id, INT, "当事人标识"),
        hidden(party.c.case_id, INT, "案件"),
    ),
)
class CaseSubject:
    """A party as it stood at the time of the decision; today's record of the subject may differ."""

    role: Code | None = code(party.c.role_code, PER, "当事人角色")
    subject_type: SubjectType | None = named(party.c.subject_type, INT, "当事人类型", SubjectType)
    subject_ref: strawberry.ID | None = column(party.c.subject_ref, INT, "基础库引用", mask="token")
    subject: Subject | None = link(
        PER, "当事人主体", key=party.c.subject_ref, to=BY_REFERENCE, doc="Today's record of the subject"
    )
    name_at_decision: str | None = column(
        party.c.name_at_decision,
        PER,
        "名称(姓名)",
        mask="disclosure_name",
        mask_where=party.c.subject_type == NATURAL_PERSON,
    )
    id_type: Code | None = code(party.c.id_type, PER, "证件类型")
    id_no: str | None = column(party.c.id_no, PER, "证件号码", mask="id_6_4")
    uscc: str | None = column(party.c.uscc, PUB, "统一社会信用代码")
    legal_rep_name: str | None = column(
        party.c.legal_rep_name, PUB, "法定代表人", shown_where=not_protected(party.c.legal_rep_mark)
    )
    legal_rep_id_no: str | None = column(
        party.c.legal_rep_id_no,
        PER,
        "法定代表人证件号",
        mask="id_6_4",
        shown_where=not_protected(party.c.legal_rep_mark),
    )
    address: str | None = column(party.c.address, PER, "住址/住所", mask="addr_to_town")
    phone: str | None = column(party.c.phone, PER, "联系电话", mask="mobile_3_4")


_other = assignment.alias("other")
ONCE_PER_OFFICER = ~exists().where(
    _other.c.task_no == assignment.c.task_no,
    _other.c.officer_id == assignment.c.officer_id,
    _other.c.subject_ref < assignment.c.subject_ref,
)
"""A task names an officer once for each subject; the officer is shown once."""


@record(
    assignment,
    "办案人员",
    key=(assignment.c.task_no, assignment.c.officer_id),
    order=Order(columns=(assignment.c.role_code, assignment.c.officer_id)),
    where=(ONCE_PER_OFFICER,),
)
class CaseOfficer:
    """An officer of a case or an inspection."""

    officer: Officer | None = link(INT, "人员", key=assignment.c.officer_id, match=off.officer.c.officer_id)
    role: Code | None = code(assignment.c.role_code, INT, "角色")


@record(
    document,
    "案件文书",
    key=document.c.document_id,
    order=Order(columns=(document.c.created_at, document.c.document_id)),
    hidden=(hidden(document.c.case_id, INT, "案件"),),
)
class CaseDocument:
    """A document of the file (案卷), fixed by its SM3 digest (GB/T 32905)."""

    document_id: strawberry.ID | None = column(cast(document.c.document_id, Text), INT, "文书标识")
    doc_type: Code | None = code(document.c.doc_type, INT, "文书类型")
    document_no: str | None = column(document.c.document_no, INT, "文书文号")
    created_at: datetime.datetime | None = column(document.c.created_at, INT, "形成时间")
    sealed: bool | None = column(
        document.c.seal_info.is_not(None), INT, "是否已用印", doc="It carries an electronic seal (GB/T 38540)"
    )
    seal_verified: bool | None = column(document.c.seal_info["验证结果"].astext.cast(Boolean), INT, "印章是否验证通过")
    seal_info: JSON | None = column(document.c.seal_info, INT, "电子印章信息")
    sha: str | None = column(document.c.digest_sm3, INT, "摘要(SM3)")
    page_count: int | None = column(document.c.page_count, INT, "页数")
    file_url: str | None = column(document.c.storage_ref, RES, "存储引用", doc="Where the owner's store keeps the file")


@record(
    event,
    "办案记录",
    key=(event.c.case_id, event.c.seq),
    order=Order(columns=(event.c.seq,)),
    hidden=(
        hidden(event.c.case_id, INT, "案件"),
        hidden(event.c.actor_cert_no, INT, "经办人证号"),
        hidden(event.c.document_id, INT, "文书"),
    ),
)
class CaseEvent:
    """One entry of the record of the whole process (执法全过程记录); in the order of `seq`, not of the clock."""

    seq: int | None = column(event.c.seq, INT, "序号")
    at: datetime.datetime | None = column(event.c.at, INT, "发生时间")
    uploaded_at: datetime.datetime | None = column(event.c.uploaded_at, INT, "上传时间")
    stage: CaseStage | None = named(event.c.stage, INT, "阶段", CaseStage)
    action: Code | None = code(event.c.action_code, INT, "动作")
    actor: Officer | None = link(
        INT,
        "经办人",
        key=(event.c.actor_cert_no, local_day(event.c.at)),
        match=HOLDER_AT,
        condition=held_on,
        doc="Who held the certificate number on the day",
    )
    actor_role: str | None = column(event.c.actor_role, INT, "经办角色")
    document: CaseDocument | None = link(INT, "文书", key=event.c.document_id, match=t.document.c.document_id)
    recording_ids: list[strawberry.ID] | None = column(event.c.recording_ids, RES, "音像记录")
    note: str | None = column(event.c.note, INT, "备注")
    remote: bool | None = column(
        event.c.uploaded_at > event.c.at + literal_column("INTERVAL '1 minute'", Interval()),
        INT,
        "是否离线补传",
        doc="Recorded away from the network: uploaded more than a minute after it happened",
    )


@record(
    evidence,
    "证据",
    key=evidence.c.evidence_id,
    order=Order(columns=(evidence.c.collected_at, evidence.c.evidence_id)),
    hidden=(
        hidden(evidence.c.case_id, INT, "案件"),
        hidden(evidence.c.collected_by_cert_nos, RES, "取证人证号"),
    ),
)
class Evidence:
    """A piece of evidence (行政处罚法 art. 46), fixed by its SM3 digest."""

    evidence_id: strawberry.ID | None = column(cast(evidence.c.evidence_id, Text), RES, "证据标识")
    kind: Code | None = code(evidence.c.kind_code, RES, "证据种类")
    collected_at: datetime.datetime | None = column(evidence.c.collected_at, RES, "取得时间")
    collected_by: list[Officer] | None = link(
        RES,
        "取证人",
        key=evidence.c.evidence_id,
        through=Hop(
            table=evidence,
            match=(evidence.c.evidence_id,),
            columns=(
                func.unnest(evidence.c.collected_by_cert_nos, type_=String()),
                local_day(evidence.c.collected_at),
            ),
        ),
        match=HOLDER_AT,
        condition=held_on,
    )
    digest: str | None = column(evidence.c.digest_sm3, RES, "摘要")
    file_url: str | None = column(evidence.c.storage_ref, RES, "存储引用", doc="Where the owner's store keeps the file")


@record(
    recording,
    "音像记录",
    key=recording.c.recording_id,
    order=Order(
        columns=(
            func.coalesce(recording.c.started_at, literal_column("'-infinity'::timestamptz")),
            recording.c.recording_id,
        )
    ),
    hidden=(hidden(recording.c.case_id, INT, "案件"),),
)
class Recording:
    """A recording of a body camera (执法记录仪); the video stays in its own store."""

    recording_id: strawberry.ID | None = column(cast(recording.c.recording_id, Text), RES, "记录标识")
    device_no: str | None = column(recording.c.device_no, INT, "执法记录仪编号")
    started_at: datetime.datetime | None = column(recording.c.started_at, RES, "起")
    ended_at: datetime.datetime | None = column(recording.c.ended_at, RES, "止")
    digest: str | None = column(recording.c.digest_sm3, RES, "摘要")


@record(
    review,
    "案卷评查",
    key=review.c.review_id,
    order=Order(columns=(review.c.batch_no, review.c.review_id)),
    hidden=(hidden(review.c.case_id, INT, "案件"),),
)
class CaseReview:
    """A review of the file by the justice bureau."""

    review_id: strawberry.ID | None = column(cast(review.c.review_id, Text), INT, "评查标识")
    batch_no: str | None = column(review.c.batch_no, INT, "评查批次")
    score: decimal.Decimal | None = column(review.c.score, INT, "得分")
    defects: JSON | None = column(review.c.defects, INT, "问题")
