"""Cases of inspection, penalty and coercion (执法监督主题库, DB44/T 2402-2022). Masters: the case systems."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry
from sqlalchemy import String, Text, cast, exists

from datasources.tables import enforcement as t
from datasources.tables import matter as mat
from datasources.tables import personnel as off
from datasources.tables.disclosure import disclosure as published
from resolvers import deadlines as periods
from resolvers.args import after_arg, arg, filter_arg, first_arg, key_arg, where_field
from resolvers.case_enums import CaseKind, CaseStage, CaseStatus
from resolvers.case_parts import CaseDocument, CaseEvent, CaseOfficer, CaseReview, CaseSubject, Evidence, Recording
from resolvers.checks import code as code_text
from resolvers.checks import codes
from resolvers.conditions import any_of, at_least, at_most, equals, prefix, when_true
from resolvers.deadlines import Deadline
from resolvers.fields import (
    INT,
    PER,
    PUB,
    RES,
    code,
    column,
    computed,
    hidden,
    link,
    link_source,
    lookup,
    named,
    root,
    sealed_id,
    source_of,
)
from resolvers.involvement import NEWEST_FIRST
from resolvers.keys import number, numbers, record_keys
from resolvers.marks import unmarked
from resolvers.matter import Matter
from resolvers.measures import Coercion, Decision, Inspection
from resolvers.paging import Connection
from resolvers.personnel import Division, EnforcementOrg
from resolvers.scalars import Cursor
from resolvers.sources import Where
from resolvers.types import filters, record, value
from resolvers.values import Code, Node, RecordMeta, meta_of

if TYPE_CHECKING:
    from resolvers.disclosure import Disclosure, DisclosureHandling
    from resolvers.payment import NonTaxPayment
    from resolvers.transfer import CriminalTransfer

LazyDisclosure: TypeAlias = Annotated["Disclosure", strawberry.lazy("resolvers.disclosure")]
LazyHandling: TypeAlias = Annotated["DisclosureHandling", strawberry.lazy("resolvers.disclosure")]
LazyPayment: TypeAlias = Annotated["NonTaxPayment", strawberry.lazy("resolvers.payment")]
LazyTransfer: TypeAlias = Annotated["CriminalTransfer", strawberry.lazy("resolvers.transfer")]

case = t.case_

__all__ = ["Case", "CaseFilter", "CaseKind", "CaseQuery"]


@record(
    case,
    "案件",
    key=case.c.case_id,
    order=NEWEST_FIRST,
    hidden=(
        hidden(case.c.informant_ref, RES, "举报人"),
        hidden(case.c.org_id, INT, "办案单位"),
        hidden(case.c.division_code, INT, "案发地区划"),
        hidden(case.c.secret_flag, RES, "涉密标识"),
    ),
)
class Case(Node):
    """One case of one of the three kinds, from its source to the archive."""

    id: strawberry.ID = sealed_id(case.c.case_id)
    case_id: strawberry.ID | None = column(cast(case.c.case_id, Text), INT, "案件标识")
    case_no: str | None = column(case.c.case_no, INT, "案件编号")
    kind: CaseKind | None = named(case.c.kind, INT, "案件类别", CaseKind)
    procedure: Code | None = code(case.c.procedure_code, INT, "适用程序")
    cause_code: str | None = column(case.c.cause_code, INT, "案由代码")
    cause_name: str | None = lookup(
        link_source(INT, "案由", key=case.c.cause_code, match=mat.matter_cause.c.cause_code, target="MatterCause"),
        source_of(mat.matter_cause.c.cause_name, PUB, "案由名称"),
        "案由名称",
    )
    matter: Matter | None = link(
        INT,
        "执法事项",
        key=(case.c.implementation_code, case.c.matter_version),
        match=(mat.matter.c.implementation_code, mat.matter.c.version),
        doc="The version that the case was filed under",
    )
    matter_code: str | None = column(case.c.implementation_code, INT, "事项实施编码")
    matter_version: int | None = column(case.c.matter_version, INT, "事项版本")
    status: CaseStatus | None = named(case.c.status, INT, "状态", CaseStatus)
    stage: CaseStage | None = named(case.c.stage, INT, "阶段", CaseStage)
    org: EnforcementOrg | None = link(INT, "办案单位", key=case.c.org_id, match=off.org.c.org_id)
    division: Division | None = link(INT, "案发地区划", key=case.c.division_code, match=off.division.c.code)
    place: str | None = column(case.c.place, INT, "案发地点", mask="addr_to_town")
    subjects: list[CaseSubject] | None = link(PER, "当事人", key=case.c.case_id, match=t.party.c.case_id)
    officers: list[CaseOfficer] | None = link(INT, "办案人员", key=case.c.case_no, match=off.assignment.c.task_no)
    source: Code | None = code(case.c.source_code, INT, "案件来源")
    clue_no: str | None = column(case.c.clue_no, INT, "线索编号")
    filed_on: datetime.date | None = column(case.c.filed_on, INT, "立案日期")
    decided_on: datetime.date | None = column(case.c.decided_on, INT, "决定日期")
    served_on: datetime.date | None = column(case.c.served_on, INT, "送达日期")
    closed_on: datetime.date | None = column(case.c.closed_on, INT, "结案日期")
    archived_on: datetime.date | None = column(case.c.archived_on, INT, "归档日期")
    excluded_days: int | None = column(case.c.excluded_days, INT, "扣除天数")
    extension_count: int | None = column(case.c.extension_count, INT, "延期次数")
    is_major: bool | None = column(case.c.is_major, INT, "重大案件")
    legally_reviewed: bool | None = column(case.c.legally_reviewed, INT, "法制审核")
    collective_discussion: bool | None = column(case.c.collective_discussion, INT, "集体讨论")
    hearing_held: bool | None = column(case.c.hearing_held, INT, "听证")
    disclosure_class: Code | None = code(case.c.disclosure_class, INT, "公开属性")
    decision: Decision | None = link(INT, "处罚决定", key=case.c.case_id, match=t.decision.c.case_id)
    inspection: Inspection | None = link(INT, "行政检查", key=case.c.case_id, match=t.inspection.c.case_id)
    coercions: list[Coercion] | None = link(INT, "行政强制", key=case.c.case_id, match=t.coercion.c.case_id)
    deadlines: list[Deadline] | None = computed(periods.deadlines, "办案期限", tuple(periods.COLUMNS.values()))
    timeline: Connection[CaseEvent] | None = link(
        INT,
        "全过程记录",
        key=case.c.case_id,
        match=t.event.c.case_id,
        args=(first_arg(50), after_arg(Cursor | None)),
    )
    documents: list[CaseDocument] | None = link(
        INT,
        "案件文书",
        key=case.c.case_id,
        match=t.document.c.case_id,
        args=(arg("types", list[str] | None, "文书类型代码", any_of(t.document.c.doc_type), check=codes),),
    )
    evidence: list[Evidence] | None = link(RES, "证据", key=case.c.case_id, match=t.evidence.c.case_id)
    recordings: list[Recording] | None = link(RES, "音像记录", key=case.c.case_id, match=t.recording.c.case_id)
    disclosure: LazyDisclosure | None = link(
        PUB, "公示信息", key=case.c.case_id, match=published.c.case_id, doc="What the public sees of the case now"
    )
    disclosure_handling: LazyHandling | None = link(
        INT, "公示办理情况", key=case.c.case_id, match=t.disclosure.c.case_id
    )
    payments: list[LazyPayment] | None = link(INT, "罚款缴款", key=case.c.case_id, match=t.payment.c.case_id)
    criminal_transfer: LazyTransfer | None = link(
        RES, "涉嫌犯罪案件移送", key=case.c.case_id, match=t.criminal_transfer.c.case_id
    )
    reviews: list[CaseReview] | None = link(INT, "案卷评查", key=case.c.case_id, match=t.review.c.case_id)
    meta: RecordMeta = meta_of(case, sealed=RES)


def _about(column_name: str) -> Where:
    """The case has a party (当事人) with this value in the column; nobody is found who is marked."""
    party = t.party
    shown = party.c[column_name]
    return Where(
        columns=(shown,),
        bind=String(),
        build=lambda given: exists().where(
            party.c.case_id == case.c.case_id,
            party.c.role_code == "1",
            unmarked(party.c.subject_mark),
            shown == given,
        ),
    )


@filters("案件筛选")
class CaseFilter:
    """Which cases."""

    case_nos: list[str] | None = where_field(any_of(case.c.case_no), "案件编号", check=numbers)
    kinds: list[CaseKind] | None = where_field(any_of(case.c.kind), "案件类别")
    statuses: list[CaseStatus] | None = where_field(any_of(case.c.status), "状态")
    stages: list[CaseStage] | None = where_field(any_of(case.c.stage), "阶段")
    org_ids: list[strawberry.ID] | None = where_field(any_of(case.c.org_id), "办案单位", check=record_keys)
    division_prefix: str | None = where_field(prefix(case.c.division_code), "案发地区划前缀", check=code_text)
    matter_code: str | None = where_field(equals(case.c.implementation_code), "事项实施编码", check=number)
    cause_codes: list[str] | None = where_field(any_of(case.c.cause_code), "案由代码", check=numbers)
    filed_from: datetime.date | None = where_field(at_least(case.c.filed_on), "立案日期不早于")
    filed_to: datetime.date | None = where_field(at_most(case.c.filed_on), "立案日期不晚于")
    decided_from: datetime.date | None = where_field(at_least(case.c.decided_on), "决定日期不早于")
    decided_to: datetime.date | None = where_field(at_most(case.c.decided_on), "决定日期不晚于")
    open_only: bool | None = where_field(when_true(case.c.closed_on.is_(None), case.c.closed_on), "仅未结案")
    major_only: bool | None = where_field(when_true(case.c.is_major.is_(True), case.c.is_major), "仅重大案件")
    subject_ref: str | None = where_field(_about("subject_ref"), "当事人引用")


@value("案件查询")
class CaseQuery:
    """Cases."""

    case: Case | None = root(
        INT,
        "按编号查案件",
        by=("caseNo",),
        match=(t.case_.c.case_no,),
        args=(key_arg("caseNo", str, "案件编号", check=number),),
    )
    cases: Connection[Case] | None = root(
        INT,
        "案件列表",
        args=(filter_arg(CaseFilter), first_arg(20), after_arg(Cursor | None)),
        doc="Cases, the newest first",
    )
