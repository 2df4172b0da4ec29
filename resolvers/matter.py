"""The enforcement-matter database (执法事项库): what an organisation may do, on what basis, and how severely.

Master: the service-matter catalogue (GB/T 39554.1). A matter is versioned; a case keeps the version it was filed under.
"""

from __future__ import annotations

import datetime
import decimal

import strawberry
from sqlalchemy import String, Text, cast

from datasources.tables import matter as t
from datasources.tables import personnel as off
from datasources.tables import regulation as reg
from resolvers.args import after_arg, arg, first_arg, key_arg
from resolvers.case_enums import KIND_OF_MATTER, MATTER_TYPES, CaseKind
from resolvers.checks import credit_code, keyword
from resolvers.conditions import contains, equals, in_force
from resolvers.fields import INT, PUB, code, column, hidden, link, named, root
from resolvers.keys import number
from resolvers.paging import Connection
from resolvers.personnel import EnforcementOrg
from resolvers.regulation import RegulationArticle
from resolvers.scalars import Cursor
from resolvers.sources import Order, Where
from resolvers.types import record, value
from resolvers.values import Code, RecordMeta, meta_of

matter, cause, basis, discretion = t.matter, t.matter_cause, t.matter_basis, t.discretion
supervision, change_request = t.matter_supervision, t.change_request


def of_kind() -> Where:
    """The matter is of the type that cases of this kind are filed under."""
    return Where(
        columns=(matter.c.type_code,),
        bind=String(2),
        build=lambda type_code: matter.c.type_code == type_code,
        encode=lambda kind: MATTER_TYPES[kind],
    )


@record(
    matter,
    "执法事项",
    key=(matter.c.matter_id, matter.c.version),
    order=Order(columns=(matter.c.implementation_code, matter.c.version)),
    hidden=(
        hidden(matter.c.matter_id, INT, "事项标识"),
        hidden(matter.c.org_uscc, PUB, "实施主体"),
        hidden(matter.c.delegated_from, PUB, "委托/赋权来源"),
    ),
)
class Matter:
    """One version of an enforcement matter of one organisation."""

    basic_code: str = column(matter.c.basic_code, PUB, "基本编码")
    implementation_code: str = column(matter.c.implementation_code, PUB, "实施编码")
    name: str = column(matter.c.name, PUB, "事项名称")
    kind: CaseKind = named(matter.c.type_code, PUB, "案件类别", KIND_OF_MATTER.names)
    matter_type: Code = code(matter.c.type_code, PUB, "事项类型")
    org: EnforcementOrg | None = link(PUB, "实施主体", key=matter.c.org_uscc, match=off.org.c.uscc)
    exercise_level: Code = code(matter.c.exercise_level, PUB, "行使层级")
    delegated_from: EnforcementOrg | None = link(
        PUB,
        "委托/赋权来源",
        key=matter.c.delegated_from,
        match=off.org.c.uscc,
        doc="Who gave the power (行政处罚法 art. 24)",
    )
    status: Code = code(matter.c.status_code, PUB, "状态")
    effective_from: datetime.date | None = column(matter.c.effective_from, PUB, "生效日期")
    effective_to: datetime.date | None = column(matter.c.effective_to, PUB, "失效日期")
    version: int = column(matter.c.version, PUB, "版本")
    causes: list[MatterCause] | None = link(PUB, "案由", key=matter.c.matter_id, match=cause.c.matter_id)
    legal_basis: list[LegalBasis] | None = link(
        PUB, "依据", key=(matter.c.matter_id, matter.c.version), match=(basis.c.matter_id, basis.c.version)
    )
    discretion_standards: list[DiscretionStandard] | None = link(
        PUB,
        "裁量基准",
        key=matter.c.matter_id,
        match=cause.c.matter_id,
        join=((cause, cause.c.cause_code == discretion.c.cause_code),),
    )
    supervision_matters: list[SupervisionMatter] | None = link(
        INT, "监管事项", key=matter.c.implementation_code, match=supervision.c.implementation_code
    )
    change_requests: list[MatterChangeRequest] | None = link(
        INT, "调整申请", key=matter.c.matter_id, match=change_request.c.matter_id
    )
    meta: RecordMeta = meta_of(matter)


@record(
    cause,
    "案由",
    key=cause.c.cause_code,
    hidden=(hidden(cause.c.matter_id, PUB, "事项"),),
)
class MatterCause:
    """What a case under the matter is about."""

    cause_code: str = column(cause.c.cause_code, PUB, "案由代码")
    cause_name: str = column(cause.c.cause_name, PUB, "案由名称")
    discretion_standards: list[DiscretionStandard] | None = link(
        PUB, "裁量基准", key=cause.c.cause_code, match=discretion.c.cause_code
    )


@record(
    basis,
    "事项依据",
    key=(basis.c.role_code, basis.c.article_id),
    hidden=(
        hidden(basis.c.matter_id, PUB, "事项"),
        hidden(basis.c.version, PUB, "版本"),
        hidden(basis.c.article_id, PUB, "条款"),
    ),
)
class LegalBasis:
    """An article that a matter rests on: what it forbids, what it threatens, the procedure, the power."""

    role: Code = code(basis.c.role_code, PUB, "依据类别")
    article: RegulationArticle | None = link(PUB, "条款", key=basis.c.article_id, match=reg.article.c.article_id)


@record(
    discretion,
    "裁量基准",
    key=discretion.c.discretion_id,
    order=Order(columns=(discretion.c.cause_code, discretion.c.discretion_id)),
    hidden=(hidden(discretion.c.cause_code, PUB, "案由"),),
)
class DiscretionStandard:
    """How severe the measure is under which circumstances; amounts in 元."""

    discretion_id: strawberry.ID = column(cast(discretion.c.discretion_id, Text), PUB, "裁量标识")
    grade: str = column(discretion.c.grade, PUB, "裁量阶次")
    condition: str = column(discretion.c.condition, PUB, "适用条件")
    measure: str = column(discretion.c.measure, PUB, "具体标准")
    amount_min: decimal.Decimal | None = column(discretion.c.amount_min, PUB, "罚款下限(元)")
    amount_max: decimal.Decimal | None = column(discretion.c.amount_max, PUB, "罚款上限(元)")


@record(
    supervision,
    "监管事项",
    key=(supervision.c.implementation_code, supervision.c.supervision_code),
    hidden=(hidden(supervision.c.implementation_code, PUB, "实施编码"),),
)
class SupervisionMatter:
    """The matter of 互联网+监管 that an enforcement matter answers to."""

    supervision_code: str | None = column(supervision.c.supervision_code, INT, "监管事项编码")
    checklist_code: str | None = column(supervision.c.checklist_code, INT, "检查实施清单编码")
    name: str | None = column(supervision.c.supervision_name, INT, "监管事项名称")


@record(
    change_request,
    "事项调整申请",
    key=change_request.c.request_id,
    hidden=(
        hidden(change_request.c.matter_id, INT, "事项"),
        hidden(change_request.c.applicant_org, INT, "申请部门"),
    ),
)
class MatterChangeRequest:
    """A request to add, change or drop a matter: 部门申请 → 司法局审核 → 数据局入库."""

    request_id: strawberry.ID | None = column(cast(change_request.c.request_id, Text), INT, "申请标识")
    change_kind: Code | None = code(change_request.c.change_kind, INT, "调整类型")
    applicant: EnforcementOrg | None = link(INT, "申请部门", key=change_request.c.applicant_org, match=off.org.c.uscc)
    state: Code | None = code(change_request.c.state, INT, "状态")
    reviewed_at: datetime.datetime | None = column(change_request.c.reviewed_at, INT, "审核时间")


NEWEST_VERSION = Order(columns=(matter.c.version,), descending=True)


@value("执法事项查询")
class MatterQuery:
    """Enforcement matters."""

    matter: Matter | None = root(
        PUB,
        "按实施编码查执法事项",
        by=("implementationCode",),
        match=(t.matter.c.implementation_code,),
        order=NEWEST_VERSION,
        args=(
            key_arg("implementationCode", str, "实施编码", check=number),
            arg("version", int | None, "版本", equals(t.matter.c.version)),
        ),
        doc="One version of a matter, the newest when none is named",
    )
    matters: Connection[Matter] | None = root(
        PUB,
        "执法事项列表",
        args=(
            arg("orgUscc", str | None, "实施主体", equals(t.matter.c.org_uscc), check=credit_code),
            arg("kind", CaseKind | None, "案件类别", of_kind()),
            arg("keyword", str | None, "名称包含", contains(t.matter.c.name), check=keyword),
            arg(
                "inForceOn",
                datetime.date | None,
                "在此日有效",
                in_force(t.matter.c.effective_from, t.matter.c.effective_to),
            ),
            first_arg(20),
            after_arg(Cursor | None),
        ),
    )
