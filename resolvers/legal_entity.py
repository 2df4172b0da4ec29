"""Legal entities, sole traders and other organisations (法人库); masters: market regulation, civil affairs, 编办."""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING, Annotated

import strawberry
from sqlalchemy import case, exists, func, literal_column

from datasources.tables import certificate as lic
from datasources.tables import legal_entity as t
from datasources.tables import population as pop
from datasources.tables import property as rea
from resolvers import checks
from resolvers.args import after_arg, arg, filter_arg, first_arg, key_arg, where_field
from resolvers.conditions import any_of, at_least, at_most, contains, equals, prefix
from resolvers.entity_parts import (
    AbnormalListing,
    AdministrativeLicence,
    EntityPerson,
    EntityPosition,
    InspectionQuota,
    LegacyCode,
    OperatingSite,
)
from resolvers.fields import (
    INT,
    PER,
    PUB,
    RES,
    code,
    coded,
    column,
    embed,
    hidden,
    link,
    link_source,
    named,
    pseudonym,
    root,
    sealed_id,
    source_of,
)
from resolvers.holdings import vehicles_of
from resolvers.involvement import cases_of
from resolvers.jurisdiction import applicable_matters
from resolvers.marks import not_protected
from resolvers.matter import Matter
from resolvers.paging import Connection
from resolvers.scalars import Cursor
from resolvers.sources import Order, Where
from resolvers.subject import CURRENT_FIRST, Subject, SubjectType, entity_reference
from resolvers.types import filters, record, value
from resolvers.validity import certificate_arguments, current_only, valid_only
from resolvers.values import Address, Code, Node, RecordMeta, address_of, meta_of

if TYPE_CHECKING:
    from resolvers.case import Case
    from resolvers.certificate import ECertificate
    from resolvers.property import RealEstateRight
    from resolvers.vehicle import Vehicle

entity, position, site, licence = t.entity, t.entity_person, t.operating_site, t.licence
listing, quota, legacy = t.abnormal_listing, t.inspection_quota, t.legacy_code

KIND_OF_SUBJECT = case(
    (func.left(entity.c.uscc, literal_column("2")) == literal_column("'92'"), literal_column("'3'")),
    (func.left(entity.c.uscc, literal_column("1")) == literal_column("'Y'"), literal_column("'4'")),
    else_=literal_column("'2'"),
)
"""By the registering authority in the code (GB 32100-2015): 92 is a sole trader, Y an organisation of another kind."""

NOT_PROTECTED = not_protected(entity.c.legal_rep_mark)
"""The people named in the row may be: the mark is the stricter of the representative's and the contact's."""

TRADE_REGISTER = "7"
"""The document of an organisation in the property register (TD/T 1066): the business licence."""


@record(
    entity,
    "市场主体与其他组织",
    key=entity.c.entity_id,
    named_by=(entity.c.entity_id, entity.c.uscc),
    hidden=(hidden(entity.c.entity_id, INT, "主体标识"), hidden(entity.c.bank_account, RES, "银行账号")),
)
class LegalEntity(Subject, Node):
    """A legal entity, a sole trader or another organisation under its unified social credit code (GB 32100-2015)."""

    id: strawberry.ID = sealed_id(entity.c.entity_id)
    subject_ref: strawberry.ID = pseudonym(
        entity.c.entity_id, "主体引用", entity_reference, doc="How case systems refer to the subject"
    )
    subject_type: SubjectType = named(KIND_OF_SUBJECT, PUB, "主体类型", SubjectType)
    display_name: str | None = column(entity.c.name, PUB, "名称", doc="The name")
    uscc: str = column(entity.c.uscc, PUB, "统一社会信用代码", doc="Unified social credit code")
    name: str | None = column(entity.c.name, PUB, "名称")
    entity_type: Code | None = code(entity.c.entity_type, PUB, "主体类型")
    status: Code = code(entity.c.status_code, PUB, "登记状态")
    industry: Code | None = code(entity.c.industry_code, PUB, "行业代码")
    established_on: datetime.date | None = column(entity.c.established_on, PUB, "成立日期")
    term_end: datetime.date | None = column(entity.c.term_end, PUB, "营业期限止")
    registered_capital: decimal.Decimal | None = column(
        entity.c.registered_capital, PUB, "注册资本(万元)", doc="In 万元 of the currency"
    )
    currency: Code | None = code(entity.c.currency_code, PUB, "币种")
    registered_address: Address | None = address_of(
        entity.c.registered_address,
        entity.c.division_code,
        PUB,
        "住所",
        place_label="区划",
        mask="addr_to_town for sole traders at home",
    )
    business_scope: str | None = column(entity.c.business_scope, PUB, "经营范围")
    registration_org: str | None = column(entity.c.registration_org, PUB, "登记机关")
    legal_representative: EntityPerson | None = embed(
        "法定代表人",
        {
            "name": source_of(entity.c.legal_rep_name, PUB, "法定代表人姓名", shown_where=NOT_PROTECTED),
            "idType": source_of(
                entity.c.legal_rep_id_type,
                PER,
                "法定代表人证件类型",
                form=coded("GA/T 517"),
                shown_where=NOT_PROTECTED,
            ),
            "idNo": source_of(
                entity.c.legal_rep_id_no, PER, "法定代表人证件号码", mask="id_6_4", shown_where=NOT_PROTECTED
            ),
            "mobile": source_of(
                entity.c.legal_rep_mobile, PER, "法定代表人电话", mask="mobile_3_4", shown_where=NOT_PROTECTED
            ),
            "person": link_source(
                PER,
                "法定代表人",
                key=(entity.c.legal_rep_id_type, entity.c.legal_rep_id_no),
                match=(pop.person.c.id_type, pop.person.c.id_no),
                order=CURRENT_FIRST,
                target="Person",
            ),
        },
        doc="The legal representative, or the operator of a sole trader",
    )
    contact_name: str | None = column(
        entity.c.contact_name, PER, "联络员", mask="name_surname", shown_where=NOT_PROTECTED
    )
    contact_phone: str | None = column(
        entity.c.contact_phone, PER, "联络电话", mask="mobile_3_4", shown_where=NOT_PROTECTED
    )
    employee_count: int | None = column(entity.c.employee_count, INT, "从业人数", mask="band")
    annual_revenue: decimal.Decimal | None = column(
        entity.c.annual_revenue, INT, "营业收入", mask="band", doc="In 元 a year"
    )
    risk_class: Code | None = code(entity.c.risk_class, INT, "信用风险分类")
    legacy_codes: list[LegacyCode] | None = link(
        PUB, "旧码", key=entity.c.entity_id, match=legacy.c.entity_id, args=(first_arg(20),)
    )
    positions: list[EntityPosition] | None = link(
        PUB,
        "任职与出资人员",
        key=entity.c.entity_id,
        match=position.c.entity_id,
        args=(current_only(position.c.until), first_arg(50)),
        doc="Who holds an office or a share",
    )
    operating_addresses: list[OperatingSite] | None = link(
        PUB, "经营场所", key=entity.c.entity_id, match=site.c.entity_id, args=(first_arg(20),)
    )
    licences: list[AdministrativeLicence] | None = link(
        PUB,
        "行政许可",
        key=entity.c.entity_id,
        match=licence.c.entity_id,
        args=(valid_only(licence.c.status_code, licence.c.valid_to), first_arg(50)),
    )
    certificates: list[Annotated[ECertificate, strawberry.lazy("resolvers.certificate")]] | None = link(
        PUB,
        "电子证照",
        key=entity.c.uscc,
        match=lic.certificate.c.holder_id_no,
        where=(lic.certificate.c.holder_type == literal_column("'2'"),),
        args=certificate_arguments(),
    )
    abnormal_listings: list[AbnormalListing] | None = link(
        PUB,
        "异常名录",
        key=entity.c.entity_id,
        match=listing.c.entity_id,
        order=Order(columns=(listing.c.listed_on, listing.c.listing_id), descending=True),
        args=(current_only(listing.c.removed_on), first_arg(50)),
    )
    inspection_quota: InspectionQuota | None = link(
        INT,
        "年度检查频次",
        key=entity.c.entity_id,
        match=quota.c.entity_id,
        args=(arg("year", int, "年度", equals(quota.c.year), check=checks.year),),
    )
    applicable_matters: Connection[Matter] | None = applicable_matters(entity.c.division_code)
    vehicles: list[Annotated[Vehicle, strawberry.lazy("resolvers.vehicle")]] | None = vehicles_of(
        entity.c.entity_id, literal_column("'2'")
    )
    real_estate_rights: list[Annotated[RealEstateRight, strawberry.lazy("resolvers.property")]] | None = link(
        PER,
        "不动产权利",
        key=entity.c.uscc,
        match=rea.right.c.holder_id_no,
        where=(rea.right.c.holder_id_type == literal_column(f"'{TRADE_REGISTER}'"),),
        args=(first_arg(10),),
    )
    cases: Connection[Annotated[Case, strawberry.lazy("resolvers.case")]] | None = cases_of(
        entity.c.entity_id, entity_reference
    )
    meta: RecordMeta = meta_of(entity)


def _formerly() -> Where:
    """The organisation had this code before it had a unified social credit code."""
    return Where(
        columns=(legacy.c.code,),
        bind=legacy.c.code.type,
        build=lambda code: exists().where(legacy.c.entity_id == entity.c.entity_id, legacy.c.code == code),
    )


@filters("主体筛选")
class LegalEntityFilter:
    """Which organisations."""

    name: str | None = where_field(contains(entity.c.name), "名称", check=checks.keyword, doc="A part of the name")
    legacy_code: str | None = where_field(_formerly(), "旧码", check=checks.plain)
    division_prefix: str | None = where_field(prefix(entity.c.division_code), "区划前缀", check=checks.code)
    statuses: list[str] | None = where_field(any_of(entity.c.status_code), "登记状态代码", check=checks.codes)
    entity_types: list[str] | None = where_field(any_of(entity.c.entity_type), "主体类型代码", check=checks.codes)
    industry_prefix: str | None = where_field(prefix(entity.c.industry_code), "行业代码前缀", check=checks.code)
    risk_classes: list[str] | None = where_field(any_of(entity.c.risk_class), "信用风险分类", check=checks.codes)
    established_from: datetime.date | None = where_field(at_least(entity.c.established_on), "成立日期起")
    established_to: datetime.date | None = where_field(at_most(entity.c.established_on), "成立日期止")


@value("法人查询")
class LegalEntityQuery:
    """Organisations."""

    legal_entity: LegalEntity | None = root(
        PUB,
        "按统一社会信用代码查主体",
        by=("uscc",),
        match=(entity.c.uscc,),
        args=(key_arg("uscc", str, "统一社会信用代码", check=checks.credit_code),),
        doc="An organisation by its unified social credit code",
    )
    legal_entities: Connection[LegalEntity] | None = root(
        PUB, "主体列表", args=(filter_arg(LegalEntityFilter), first_arg(20), after_arg(Cursor | None))
    )
