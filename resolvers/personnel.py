"""Enforcement organisations and personnel (执法队伍及人员库) and the divisions they work in.

Master: the justice bureau (司法局). Who enforces, with which certificate, in which field and where is published before
the fact (行政执法公示制度); what is known of an officer beyond that is not.
"""

from __future__ import annotations

import datetime
import decimal

import strawberry
from sqlalchemy import ColumnElement, Text, cast, literal_column

from datasources.tables import personnel as t
from resolvers.args import after_arg, filter_arg, first_arg, key_arg, where_field
from resolvers.checks import code as code_text
from resolvers.checks import codes, credit_code, keyword
from resolvers.conditions import TODAY, any_of, contains, equals, in_force, period_covers, prefix
from resolvers.fields import INT, PER, PUB, SEN, code, column, hidden, link, root, sealed_id
from resolvers.keys import number, numbers
from resolvers.paging import Connection
from resolvers.scalars import Cursor
from resolvers.sources import Order
from resolvers.subject import BY_REFERENCE, Subject
from resolvers.types import filters, record, value
from resolvers.values import Code, Node, RecordMeta, meta_of

division, org, officer = t.division, t.org, t.officer
jurisdiction, training, assignment = t.org_jurisdiction, t.training, t.assignment

COMMISSIONED: ColumnElement[str] = literal_column("'3'")
"""受委托组织: it enforces in the name of the body that commissioned it (行政处罚法 art. 20 and 21)."""


@record(division, "行政区划", key=division.c.code)
class Division:
    """An administrative division (GB/T 2260, GB/T 10114), or a functional zone under a local code."""

    code: str = column(division.c.code, PUB, "区划代码")
    name: str = column(division.c.name, PUB, "名称")
    level: int = column(
        division.c.level, PUB, "层级", doc="1 province, 2 city, 3 district, 4 town or street, 5 village"
    )
    parent_code: str | None = column(division.c.parent_code, PUB, "上级")
    parent: Division | None = link(PUB, "上级区划", key=division.c.parent_code, match=division.c.code)
    is_functional_zone: bool = column(division.c.is_functional_zone, PUB, "功能区")
    valid_from: datetime.date | None = column(division.c.valid_from, PUB, "启用日期")
    valid_to: datetime.date | None = column(division.c.valid_to, PUB, "停用日期")


@record(
    org,
    "执法主体",
    key=org.c.org_id,
    order=Order(columns=(org.c.uscc,)),
    hidden=(
        hidden(org.c.parent_org_id, PUB, "上级主体"),
        hidden(org.c.division_code, PUB, "所属区划"),
    ),
)
class EnforcementOrg(Node):
    """A body that enforces the law in its own name, or in the name of another."""

    id: strawberry.ID = sealed_id(org.c.org_id)
    org_id: strawberry.ID = column(cast(org.c.org_id, Text), PUB, "主体标识")
    uscc: str = column(org.c.uscc, PUB, "统一社会信用代码")
    name: str = column(org.c.name, PUB, "执法主体名称")
    org_kind: Code = code(org.c.org_kind, PUB, "主体类别")
    level: Code = code(org.c.level, PUB, "层级")
    is_delegated: bool = column(
        org.c.org_kind == COMMISSIONED, PUB, "是否受委托", doc="It enforces in another body's name"
    )
    division: Division | None = link(PUB, "所属区划", key=org.c.division_code, match=division.c.code)
    parent: EnforcementOrg | None = link(PUB, "上级主体", key=org.c.parent_org_id, match=org.c.org_id)
    jurisdictions: list[OrgJurisdiction] | None = link(PUB, "管辖", key=org.c.org_id, match=jurisdiction.c.org_id)
    officers: Connection[Officer] | None = link(
        PUB, "执法人员", key=org.c.org_id, match=officer.c.org_id, args=(first_arg(20), after_arg(Cursor | None))
    )
    meta: RecordMeta = meta_of(org)


@record(
    jurisdiction,
    "管辖",
    key=(jurisdiction.c.org_id, jurisdiction.c.division_code, jurisdiction.c.matter_type, jurisdiction.c.valid_from),
    hidden=(
        hidden(jurisdiction.c.org_id, PUB, "主体"),
        hidden(jurisdiction.c.division_code, PUB, "管辖区划"),
    ),
)
class OrgJurisdiction:
    """Which kind of matter an organisation handles in which division, and since when."""

    division: Division | None = link(PUB, "管辖区划", key=jurisdiction.c.division_code, match=division.c.code)
    matter_type: Code = code(jurisdiction.c.matter_type, PUB, "事项类型")
    valid_from: datetime.date = column(jurisdiction.c.valid_from, PUB, "起")
    valid_to: datetime.date | None = column(jurisdiction.c.valid_to, PUB, "止")


@record(
    officer,
    "执法人员",
    key=officer.c.officer_id,
    order=Order(columns=(officer.c.cert_no, officer.c.officer_id)),
    hidden=(
        hidden(officer.c.officer_id, INT, "人员标识"),
        hidden(officer.c.org_id, PUB, "所属主体"),
        hidden(officer.c.photo_ref, SEN, "照片"),
        hidden(officer.c.valid_from, PUB, "证号启用日期"),
        hidden(officer.c.valid_to, PUB, "证号停用日期"),
    ),
)
class Officer(Node):
    """A person who holds an enforcement certificate."""

    id: strawberry.ID = sealed_id(officer.c.officer_id)
    cert_no: str = column(officer.c.cert_no, PUB, "执法证号")
    name: str = column(officer.c.name, PUB, "姓名")
    org: EnforcementOrg | None = link(PUB, "所属主体", key=officer.c.org_id, match=org.c.org_id)
    cert_valid_to: datetime.date | None = column(officer.c.cert_valid_to, PUB, "证件有效期")
    cert_status: Code = code(officer.c.cert_status, PUB, "证件状态")
    fields: list[str] = column(officer.c.cert_fields, PUB, "执法领域")
    post: str | None = column(officer.c.post, INT, "职务")
    hire_type: Code | None = code(officer.c.hire_type, INT, "编制类型")
    id_no: str | None = column(officer.c.id_no, PER, "公民身份号码", mask="id_6_4")
    mobile: str | None = column(officer.c.mobile, PER, "手机", mask="mobile_3_4")
    birth_date: datetime.date | None = column(officer.c.birth_date, PER, "出生日期", mask="date_to_year")
    political_status: Code | None = code(officer.c.political_status, SEN, "政治面貌")
    education: Code | None = code(officer.c.education_code, PER, "学历")
    trainings: list[Training] | None = link(INT, "培训考试", key=officer.c.officer_id, match=training.c.officer_id)
    assignments: Connection[Assignment] | None = link(
        INT,
        "任务派单",
        key=officer.c.officer_id,
        match=assignment.c.officer_id,
        order=Order(columns=(assignment.c.valid_from, assignment.c.task_no, assignment.c.subject_ref), descending=True),
        args=(first_arg(20), after_arg(Cursor | None)),
        doc="Tasks that name the officer, the latest first",
    )
    meta: RecordMeta = meta_of(officer)


@record(
    training,
    "培训考试",
    key=training.c.training_id,
    hidden=(hidden(training.c.officer_id, INT, "人员"),),
)
class Training:
    """A training of an officer with its examination."""

    training_id: strawberry.ID | None = column(cast(training.c.training_id, Text), INT, "培训标识")
    hours: decimal.Decimal | None = column(training.c.hours, INT, "学时")
    exam_score: decimal.Decimal | None = column(training.c.exam_score, INT, "考试成绩")


@record(
    assignment,
    "任务派单",
    key=(assignment.c.task_no, assignment.c.officer_id, assignment.c.subject_ref),
    hidden=(hidden(assignment.c.officer_id, INT, "人员"),),
)
class Assignment:
    """A task that names an officer and a subject: while it is open, it opens the subject's data to the officer."""

    task_no: str | None = column(assignment.c.task_no, INT, "任务编号")
    officer: Officer | None = link(INT, "人员", key=assignment.c.officer_id, match=officer.c.officer_id)
    role: Code | None = code(assignment.c.role_code, INT, "角色")
    subject_ref: strawberry.ID | None = column(assignment.c.subject_ref, INT, "检查对象", mask="token")
    subject: Subject | None = link(PER, "检查对象", key=assignment.c.subject_ref, to=BY_REFERENCE)
    valid_from: datetime.datetime | None = column(assignment.c.valid_from, INT, "起")
    valid_to: datetime.datetime | None = column(assignment.c.valid_to, INT, "止")
    origin: Code | None = code(assignment.c.origin, INT, "来源")


@filters("区划筛选")
class DivisionFilter:
    """Which divisions."""

    levels: list[int] | None = where_field(any_of(division.c.level), "层级")
    parent_code: str | None = where_field(equals(division.c.parent_code), "上级区划代码", check=code_text)
    code_prefix: str | None = where_field(prefix(division.c.code), "区划代码前缀", check=code_text)
    is_functional_zone: bool | None = where_field(equals(division.c.is_functional_zone), "是否功能区")
    in_force_on: datetime.date | None = where_field(in_force(division.c.valid_from, division.c.valid_to), "在此日有效")


@filters("执法主体筛选")
class EnforcementOrgFilter:
    """Which organisations."""

    keyword: str | None = where_field(contains(org.c.name), "名称包含", check=keyword)
    org_kinds: list[str] | None = where_field(any_of(org.c.org_kind), "主体类别代码", check=codes)
    levels: list[str] | None = where_field(any_of(org.c.level), "层级代码", check=codes)
    division_prefix: str | None = where_field(prefix(org.c.division_code), "所属区划前缀", check=code_text)


@filters("执法人员筛选")
class OfficerFilter:
    """Which officers."""

    cert_nos: list[str] | None = where_field(any_of(officer.c.cert_no), "执法证号", check=numbers)
    cert_statuses: list[str] | None = where_field(any_of(officer.c.cert_status), "证件状态代码", check=codes)


@value("执法队伍查询")
class PersonnelQuery:
    """Organisations, officers and divisions."""

    enforcement_org: EnforcementOrg | None = root(
        PUB,
        "按统一社会信用代码查执法主体",
        by=("uscc",),
        match=(org.c.uscc,),
        args=(key_arg("uscc", str, "统一社会信用代码", check=credit_code),),
    )
    enforcement_orgs: Connection[EnforcementOrg] | None = root(
        PUB, "执法主体列表", args=(filter_arg(EnforcementOrgFilter), first_arg(20), after_arg(Cursor | None))
    )
    officer: Officer | None = root(
        PUB,
        "按执法证号查执法人员",
        by=("certNo",),
        match=(officer.c.cert_no,),
        where=(period_covers(officer.c.valid_from, officer.c.valid_to, TODAY),),
        args=(key_arg("certNo", str, "执法证号", check=number),),
        doc="Today's holder of the certificate number",
    )
    officers: Connection[Officer] | None = root(
        PUB, "执法人员列表", args=(filter_arg(OfficerFilter), first_arg(20), after_arg(Cursor | None))
    )
    division: Division | None = root(
        PUB,
        "按代码查行政区划",
        by=("code",),
        match=(division.c.code,),
        args=(key_arg("code", str, "区划代码", check=code_text),),
    )
    divisions: Connection[Division] | None = root(
        PUB, "行政区划列表", args=(filter_arg(DivisionFilter), first_arg(50), after_arg(Cursor | None))
    )
