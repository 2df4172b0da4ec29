"""Electronic certificates (电子证照) and the record of their use; GB/T 36901 to 36906."""

from __future__ import annotations

import datetime

import strawberry
from sqlalchemy import ColumnElement, Text, cast, literal_column

from datasources.tables import certificate as t
from datasources.tables import personnel as off
from resolvers import checks
from resolvers.args import after_arg, filter_arg, first_arg, key_arg, where_field
from resolvers.case_parts import HOLDER_AT, held_on, local_day
from resolvers.conditions import at_most, equals
from resolvers.fields import (
    INT,
    PER,
    PUB,
    RES,
    code,
    column,
    hidden,
    link,
    link_source,
    lookup,
    root,
    sealed_id,
    source_of,
)
from resolvers.paging import Connection
from resolvers.personnel import Officer
from resolvers.scalars import JSON, Cursor
from resolvers.sources import Order
from resolvers.subject import Subject, by_number
from resolvers.types import filters, record, value
from resolvers.values import Code, Node, RecordMeta, meta_of

NATURAL_PERSON: ColumnElement[str] = literal_column("'1'")

certificate, use = t.certificate, t.use_log


@record(
    use,
    "用证记录",
    key=use.c.use_id,
    order=Order(columns=(use.c.used_at, use.c.use_id), descending=True),
    hidden=(hidden(use.c.cert_id, PER, "电子证照标识"),),
)
class CertificateUse:
    """Who looked at or used a certificate, when and for what; the newest first."""

    use_id: strawberry.ID | None = column(cast(use.c.use_id, Text), INT, "用证标识")
    used_by_cert_no: str | None = column(
        use.c.used_by_cert_no, INT, "用证人", doc="Enforcement certificate of the user"
    )
    used_by: Officer | None = link(
        INT,
        "用证人",
        key=(use.c.used_by_cert_no, local_day(use.c.used_at)),
        match=HOLDER_AT,
        condition=held_on,
        doc="Who held the enforcement certificate on that day",
    )
    purpose: str | None = column(use.c.purpose, INT, "用途")
    used_at: datetime.datetime | None = column(use.c.used_at, INT, "用证时间")


@record(certificate, "电子证照", key=certificate.c.cert_id)
class ECertificate(Node):
    """An electronic certificate or licence, with the legal force of the one on paper (国务院令第716号 art. 10)."""

    id: strawberry.ID = sealed_id(certificate.c.cert_id)
    cert_id: str | None = column(certificate.c.cert_id, PER, "电子证照标识", doc="Identifier, GB/T 36904")
    cert_type: Code = code(certificate.c.type_code, PUB, "证照类型代码")
    holder_type: Code | None = code(certificate.c.holder_type, PER, "持证主体类型")
    holder_name: str | None = column(
        certificate.c.holder_name,
        PER,
        "持证主体",
        mask="name_surname",
        mask_where=certificate.c.holder_type == NATURAL_PERSON,
        doc="As certified",
    )
    holder_id_no: str | None = column(certificate.c.holder_id_no, PER, "持证主体证件号", mask="id_6_4")
    holder: Subject | None = link(
        PER,
        "持证主体",
        key=(certificate.c.holder_type, certificate.c.holder_id_no),
        to=by_number(frozenset({"2"})),
        doc="The holder today",
    )
    cert_no: str | None = column(certificate.c.cert_no, PER, "证照编号", mask="keep_last_4")
    issuer_uscc: str | None = column(certificate.c.issuer_uscc, PUB, "颁发机构", doc="USCC of the issuing body")
    issuing_org: str | None = lookup(
        link_source(PUB, "颁发机构", key=certificate.c.issuer_uscc, match=off.org.c.uscc, target="EnforcementOrg"),
        source_of(off.org.c.name, PUB, "执法主体名称"),
        "颁发机构名称",
    )
    issued_on: datetime.date | None = column(certificate.c.issued_on, PER, "颁发日期")
    valid_to: datetime.date | None = column(certificate.c.valid_to, PER, "有效期止")
    status: Code | None = code(certificate.c.status_code, PER, "状态")
    trust_level: Code | None = code(certificate.c.trust_level, INT, "可信等级")
    seal_verified: bool | None = column(certificate.c.seal_verified, INT, "签章核验")
    surface_data: JSON | None = column(
        certificate.c.surface_data, PER, "证面数据", doc="What is printed on it; its form depends on the type"
    )
    file_url: str | None = column(certificate.c.file_ref, RES, "文件引用", doc="Reference of the file")
    uses: list[CertificateUse] | None = link(
        INT, "用证记录", key=certificate.c.cert_id, match=use.c.cert_id, args=(first_arg(50),)
    )
    meta: RecordMeta = meta_of(certificate)


@filters("电子证照筛选")
class ECertificateFilter:
    """Which certificates."""

    type_code: str | None = where_field(equals(certificate.c.type_code), "证照类型代码", check=checks.type_code)
    issuer_uscc: str | None = where_field(equals(certificate.c.issuer_uscc), "颁发机构", check=checks.credit_code)
    status: str | None = where_field(equals(certificate.c.status_code), "状态", check=checks.code)
    valid_until: datetime.date | None = where_field(
        at_most(certificate.c.valid_to), "有效期止于", doc="Ends by this day"
    )


@value("电子证照查询")
class CertificateQuery:
    """Electronic certificates."""

    certificate: ECertificate | None = root(
        PER,
        "按标识查电子证照",
        by=("certId",),
        match=(certificate.c.cert_id,),
        args=(key_arg("certId", str, "电子证照标识", check=checks.certificate_id),),
    )
    certificates: Connection[ECertificate] | None = root(
        PER, "电子证照列表", args=(filter_arg(ECertificateFilter), first_arg(20), after_arg(Cursor | None))
    )
