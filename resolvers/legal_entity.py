"""Legal entities, sole traders and other organisations (法人库); masters: market regulation, civil affairs, 编办."""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING, Annotated

import strawberry
from sqlalchemy import Text, case, cast, exists, func, literal_column

from datasources.tables import certificate as lic
from datasources.tables import legal_entity as t
from datasources.tables import population as pop
from datasources.tables import property as rea
from datasources.tables import vehicle as veh
from datasources.tables.personnel import division
from resolvers import checks
from resolvers.conditions import TODAY, any_of, at_least, at_most, contains, equals, period_covers, prefix
from resolvers.fields import (
    INT,
    PER,
    PUB,
    RES,
    after_arg,
    arg,
    code,
    coded,
    column,
    embed,
    filter_arg,
    filters,
    first_arg,
    hidden,
    key_arg,
    link,
    link_source,
    lookup,
    named,
    part,
    pseudonym,
    record,
    root,
    sealed_id,
    source_of,
    value,
    where_field,
)
from resolvers.involvement import cases_of
from resolvers.jurisdiction import applicable_matters
from resolvers.matter import Matter
from resolvers.paging import Connection
from resolvers.scalars import Cursor
from resolvers.sources import Order, Where
from resolvers.subject import CURRENT_FIRST, Subject, SubjectType, entity_reference
from resolvers.validity import certificate_arguments, current_only, valid_only
from resolvers.values import Address, Code, GeoPoint, Node, RecordMeta, address_of, meta_of, point_of

if TYPE_CHECKING:
    from resolvers.case import Case
    from resolvers.certificate import ECertificate
    from resolvers.population import Person
    from resolvers.property import RealEstateRight, RealEstateUnit
    from resolvers.vehicle import Vehicle

entity, position, site, licence = t.entity, t.entity_person, t.operating_site, t.licence
listing, quota, legacy = t.abnormal_listing, t.inspection_quota, t.legacy_code

KIND_OF_SUBJECT = case(
    (func.left(entity.c.uscc, literal_column("2")) == literal_column("'92'"), literal_column("'3'")),
    (func.left(entity.c.uscc, literal_column("1")) == literal_column("'Y'"), literal_column("'4'")),
    else_=literal_column("'2'"),
)
"""By the registering authority in the code (GB 32100-2015): 92 is a sole trader, Y an organisation of another kind."""

TRADE_REGISTER = "7"
"""The document of an organisation in the property register (TD/T 1066): the business licence."""


@value("人员信息")
class EntityPerson:
    """A person as the register of an organisation names them; the population database may say otherwise."""

    name: str | None = part("姓名")
    id_type: Code | None = part("证件类型")
    id_no: str | None = part("证件号码")
    mobile: str | None = part("联系电话")
    person: Annotated[Person, strawberry.lazy("resolvers.population")] | None = part("自然人", doc="The person today")


@record(
    position,
    "任职与出资",
    key=(position.c.entity_id, position.c.person_ref, position.c.role_code),
    hidden=(hidden(position.c.entity_id, INT, "主体"), hidden(position.c.person_ref, INT, "人员")),
)
class EntityPosition:
    """An office or a share that a person holds in an organisation, as registered."""

    role: Code = code(position.c.role_code, PUB, "职务/角色")
    person_name: str | None = column(position.c.person_name, PUB, "姓名", doc="As registered")
    person_id_no: str | None = column(position.c.person_id_no, PER, "证件号码", mask="id_6_4")
    ratio: decimal.Decimal | None = column(position.c.share_ratio, PUB, "出资比例", doc="Of the capital, 0 to 1")
    since: datetime.date | None = column(position.c.since, PUB, "任职起")
    until: datetime.date | None = column(position.c.until, PUB, "任职止")
    entity: LegalEntity | None = link(PUB, "主体", key=position.c.entity_id, match=entity.c.entity_id)
    person: Annotated[Person, strawberry.lazy("resolvers.population")] | None = link(
        PER, "人员", key=position.c.person_ref, match=pop.person.c.person_id
    )


@record(
    site,
    "经营场所",
    key=site.c.site_id,
    hidden=(hidden(site.c.entity_id, INT, "主体"), hidden(site.c.geo_point, INT, "经纬度")),
)
class OperatingSite:
    """A place where an organisation works; a shop is often not at the registered address."""

    site_id: strawberry.ID | None = column(cast(site.c.site_id, Text), INT, "场所标识")
    division_code: str | None = column(site.c.division_code, PUB, "区划")
    division_name: str | None = lookup(
        link_source(PUB, "区划", key=site.c.division_code, match=division.c.code, target="Division"),
        source_of(division.c.name, PUB, "名称"),
        "行政区划名称",
    )
    full_text: str | None = column(site.c.address, PUB, "经营场所", doc="The address")
    geo_point: GeoPoint | None = point_of(site.c.geo_point, INT, "经纬度")
    unit_no: str | None = column(site.c.unit_no, INT, "不动产单元号", mask="unit_keep_12")
    unit: Annotated[RealEstateUnit, strawberry.lazy("resolvers.property")] | None = link(
        INT, "不动产单元", key=site.c.unit_no, match=rea.unit.c.unit_no
    )


@record(licence, "行政许可", key=licence.c.licence_no, hidden=(hidden(licence.c.entity_id, INT, "主体"),))
class AdministrativeLicence:
    """A licence granted to an organisation (行政许可法)."""

    licence_no: str = column(licence.c.licence_no, PUB, "许可证编号")
    name: str = column(licence.c.name, PUB, "许可名称")
    licensing_org: str | None = column(licence.c.licensing_org, PUB, "许可机关")
    scope: str | None = column(licence.c.scope, PUB, "许可内容")
    valid_from: datetime.date | None = column(licence.c.valid_from, PUB, "有效期自")
    valid_to: datetime.date | None = column(licence.c.valid_to, PUB, "有效期至")
    status: Code = code(licence.c.status_code, PUB, "状态")


@record(listing, "异常名录", key=listing.c.listing_id, hidden=(hidden(listing.c.entity_id, INT, "主体"),))
class AbnormalListing:
    """An entry in the list of abnormal operations or of serious violations."""

    listing_id: strawberry.ID = column(cast(listing.c.listing_id, Text), PUB, "记录标识")
    kind: Code = code(listing.c.list_kind, PUB, "名单类别")
    reason: str = column(listing.c.reason, PUB, "列入原因")
    listed_on: datetime.date = column(listing.c.listed_on, PUB, "列入日期")
    listed_by: str | None = column(listing.c.listed_by, PUB, "列入机关")
    removed_on: datetime.date | None = column(listing.c.removed_on, PUB, "移出日期")


@record(
    quota,
    "年度检查频次",
    key=(quota.c.entity_id, quota.c.year),
    hidden=(hidden(quota.c.entity_id, INT, "主体"),),
)
class InspectionQuota:
    """How often an organisation may be inspected in a year (国办发〔2024〕54号), and how often it was."""

    year: int | None = column(quota.c.year, INT, "年度")
    annual_cap: int | None = column(quota.c.annual_cap, INT, "年度检查上限")
    done: int | None = column(quota.c.done_count, INT, "已检查次数")
    planned: int | None = column(quota.c.planned_count, INT, "计划次数")
    exempt_reason: str | None = column(quota.c.exempt_reason, INT, "不受限原因")


@record(
    legacy,
    "旧码",
    key=(legacy.c.entity_id, legacy.c.code_kind, legacy.c.code),
    hidden=(hidden(legacy.c.entity_id, INT, "主体"),),
)
class LegacyCode:
    """A code from before the unified social credit code; old cases name organisations by it."""

    kind: Code = code(legacy.c.code_kind, PUB, "旧码类别")
    code: str = column(legacy.c.code, PUB, "旧码")


@record(
    entity,
    "市场主体与其他组织",
    key=entity.c.entity_id,
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
        entity.c.registered_address, entity.c.division_code, PUB, "住所", place_label="区划"
    )
    business_scope: str | None = column(entity.c.business_scope, PUB, "经营范围")
    registration_org: str | None = column(entity.c.registration_org, PUB, "登记机关")
    legal_representative: EntityPerson | None = embed(
        "法定代表人",
        {
            "name": source_of(entity.c.legal_rep_name, PUB, "法定代表人姓名"),
            "idType": source_of(entity.c.legal_rep_id_type, PER, "法定代表人证件类型", form=coded("GA/T 517")),
            "idNo": source_of(entity.c.legal_rep_id_no, PER, "法定代表人证件号码", mask="id_6_4"),
            "mobile": source_of(entity.c.legal_rep_mobile, PER, "法定代表人电话", mask="mobile_3_4"),
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
    contact_name: str | None = column(entity.c.contact_name, PER, "联络员", mask="name_surname")
    contact_phone: str | None = column(entity.c.contact_phone, PER, "联络电话", mask="mobile_3_4")
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
    vehicles: list[Annotated[Vehicle, strawberry.lazy("resolvers.vehicle")]] | None = link(
        PER,
        "名下机动车",
        key=entity.c.entity_id,
        match=veh.ownership.c.owner_ref,
        join=((veh.ownership, veh.ownership.c.vehicle_id == veh.vehicle.c.vehicle_id),),
        where=(
            veh.ownership.c.owner_type == literal_column("'2'"),
            period_covers(veh.ownership.c.valid_from, veh.ownership.c.valid_to, TODAY),
        ),
        args=(first_arg(10),),
        doc="Owned today",
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
