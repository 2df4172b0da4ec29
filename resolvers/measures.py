"""What was done in a case: inspection (行政检查), decision (行政处罚决定), coercion (行政强制)."""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry
from sqlalchemy import ColumnElement, Text, cast, literal_column

from datasources.tables import enforcement as t
from datasources.tables import matter as mat
from datasources.tables import personnel as off
from datasources.tables import regulation as reg
from resolvers.case_parts import CaseDocument, CaseOfficer
from resolvers.fields import INT, PUB, RES, code, column, hidden, link
from resolvers.regulation import RegulationArticle
from resolvers.scalars import JSON
from resolvers.sources import Hop
from resolvers.types import record
from resolvers.values import Code, GeoPoint, point_of

if TYPE_CHECKING:
    from resolvers.case import Case

LazyCase: TypeAlias = Annotated["Case", strawberry.lazy("resolvers.case")]

case, decision, inspection, coercion = t.case_, t.decision, t.inspection, t.coercion
draw = t.sampling_draw

PENALTY_CLAUSE: ColumnElement[str] = literal_column("'02'")
"""罚则: the article that threatens the penalty."""

PENALTY_CLAUSES = Hop(
    table=mat.matter.join(
        mat.matter_basis,
        (mat.matter_basis.c.matter_id == mat.matter.c.matter_id) & (mat.matter_basis.c.version == mat.matter.c.version),
    ),
    match=(mat.matter.c.implementation_code, mat.matter.c.version),
    columns=(mat.matter_basis.c.article_id,),
    where=(mat.matter_basis.c.role_code == PENALTY_CLAUSE,),
)
"""The penalty clauses of the version of the matter that a case was filed under."""


@record(
    decision.join(case, case.c.case_id == decision.c.case_id),
    "处罚决定",
    key=decision.c.document_no,
    hidden=(hidden(decision.c.case_id, INT, "案件"),),
)
class Decision:
    """The decision of a penalty case; amounts in 元."""

    document_no: str = column(decision.c.document_no, PUB, "决定书文号")
    decided_on: datetime.date = column(decision.c.decided_on, PUB, "决定日期")
    illegal_act_type: str | None = column(decision.c.illegal_act_type, PUB, "违法行为类型")
    facts: str | None = column(decision.c.facts, PUB, "违法事实", mask="free_text_scan")
    basis: list[RegulationArticle] | None = link(
        INT,
        "处罚依据条款",
        key=(case.c.implementation_code, case.c.matter_version),
        through=PENALTY_CLAUSES,
        match=reg.article.c.article_id,
        doc="The penalty clauses of the matter, in the wording it was filed under",
    )
    basis_text: str | None = column(decision.c.basis, PUB, "处罚依据", doc="The basis as the decision cites it")
    penalty_kinds: list[Code] = code(decision.c.penalty_kinds, PUB, "处罚类别", many=True)
    content: str | None = column(decision.c.content, PUB, "处罚内容", mask="free_text_scan")
    fine_amount: decimal.Decimal | None = column(decision.c.fine_amount, PUB, "罚款金额(元)")
    confiscated_amount: decimal.Decimal | None = column(decision.c.confiscated_amount, PUB, "没收金额(元)")
    revoked_licence: str | None = column(decision.c.revoked_licence, PUB, "暂扣或吊销证照名称及编号")
    valid_until: datetime.date | None = column(decision.c.valid_until, PUB, "处罚有效期")
    discretion_grade: str | None = column(decision.c.discretion_grade, INT, "裁量阶次")
    legally_reviewed: bool | None = column(case.c.legally_reviewed, INT, "法制审核")
    collective_discussion: bool | None = column(case.c.collective_discussion, INT, "集体讨论")


@record(draw, "随机抽取", key=draw.c.draw_id)
class SamplingDraw:
    """A draw of 双随机: with its seed and the digest of the directory it can be drawn again."""

    draw_id: strawberry.ID | None = column(cast(draw.c.draw_id, Text), INT, "抽取标识")
    plan_no: str = column(draw.c.plan_no, PUB, "抽查计划")
    population_digest: str | None = column(draw.c.population_digest, INT, "名录摘要")
    seed: str | None = column(draw.c.seed, INT, "随机种子")
    algorithm: str | None = column(draw.c.algorithm, INT, "抽取算法")
    result: JSON | None = column(draw.c.result, INT, "抽取结果")


@record(
    inspection,
    "行政检查",
    key=inspection.c.task_no,
    hidden=(
        hidden(inspection.c.case_id, INT, "案件"),
        hidden(inspection.c.notice_doc_id, INT, "检查通知书"),
        hidden(inspection.c.location_point, INT, "检查位置"),
    ),
)
class Inspection:
    """An inspection on the spot or from afar."""

    task_no: str | None = column(inspection.c.task_no, INT, "检查任务编号")
    plan_no: str | None = column(inspection.c.plan_no, INT, "检查计划")
    draw: SamplingDraw | None = link(INT, "随机抽取", key=inspection.c.plan_no, match=t.sampling_draw.c.plan_no)
    mode: Code | None = code(inspection.c.mode_code, PUB, "检查方式")
    checklist_code: str | None = column(inspection.c.checklist_code, INT, "检查实施清单编码")
    notice: CaseDocument | None = link(
        INT, "检查通知书", key=inspection.c.notice_doc_id, match=t.document.c.document_id
    )
    officers: list[CaseOfficer] | None = link(INT, "检查人员", key=inspection.c.task_no, match=off.assignment.c.task_no)
    started_at: datetime.datetime | None = column(inspection.c.started_at, INT, "开始时间")
    ended_at: datetime.datetime | None = column(inspection.c.ended_at, INT, "结束时间")
    location: GeoPoint | None = point_of(inspection.c.location_point, INT, "检查位置")
    result: Code | None = code(inspection.c.result_code, PUB, "检查结果")
    rectify_due: datetime.date | None = column(inspection.c.rectify_due, INT, "整改期限")
    followup_case_no: str | None = column(inspection.c.followup_case_no, INT, "后续案件")
    followup_case: LazyCase | None = link(INT, "后续案件", key=inspection.c.followup_case_no, match=case.c.case_no)
    qr_scanned: bool | None = column(inspection.c.qr_scanned, INT, "扫码入企")


@record(
    coercion,
    "行政强制",
    key=coercion.c.coercion_id,
    hidden=(hidden(coercion.c.case_id, INT, "案件"),),
)
class Coercion:
    """A coercive measure, or coercive execution (行政强制法)."""

    coercion_id: strawberry.ID | None = column(cast(coercion.c.coercion_id, Text), INT, "强制标识")
    measure_kind: Code | None = code(coercion.c.measure_kind, PUB, "措施种类")
    item_list: JSON | None = column(coercion.c.item_list, RES, "物品清单")
    started_on: datetime.date | None = column(coercion.c.started_on, PUB, "起始日期")
    due_on: datetime.date | None = column(coercion.c.due_on, INT, "届满日期")
    extended: bool | None = column(coercion.c.extended, INT, "延长")
    ended_on: datetime.date | None = column(coercion.c.ended_on, PUB, "解除日期")
    urgent_report_at: datetime.datetime | None = column(coercion.c.urgent_report_at, INT, "紧急情况补报时间")
