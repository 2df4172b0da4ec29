"""The parts of an organisation's record: positions, places, licences, listings, quotas and former codes."""

from __future__ import annotations

import datetime
import decimal
from typing import TYPE_CHECKING, Annotated

import strawberry
from sqlalchemy import Text, cast

from datasources.tables import legal_entity as t
from datasources.tables import population as pop
from datasources.tables import property as rea
from datasources.tables.personnel import division
from resolvers.fields import INT, PER, PUB, code, column, hidden, link, link_source, lookup, part, source_of
from resolvers.types import record, value
from resolvers.values import Code, GeoPoint, point_of

if TYPE_CHECKING:
    from resolvers.legal_entity import LegalEntity
    from resolvers.population import Person
    from resolvers.property import RealEstateUnit

position, site, licence = t.entity_person, t.operating_site, t.licence
listing, quota, legacy = t.abnormal_listing, t.inspection_quota, t.legacy_code


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
    entity: Annotated[LegalEntity, strawberry.lazy("resolvers.legal_entity")] | None = link(
        PUB, "主体", key=position.c.entity_id, match=t.entity.c.entity_id
    )
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
