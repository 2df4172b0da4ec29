"""Vehicles (车辆): base data of the traffic police (公安交管) and transport permits (交通运输)."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from sqlalchemy import ColumnElement, Date, func, literal_column

from datasources.references import reference
from datasources.tables import certificate as lic
from datasources.tables import enforcement as cas
from datasources.tables import legal_entity as ent
from datasources.tables import vehicle as t
from resolvers import checks
from resolvers.args import after_arg, arg, filter_arg, first_arg, key_arg, where_field
from resolvers.conditions import TODAY, any_of, equals, in_force, period_covers, prefix
from resolvers.fields import INT, PER, PUB, code, column, hidden, link, pseudonym, root, sealed_id
from resolvers.involvement import NEWEST_FIRST, PARTIES, PARTY
from resolvers.paging import Connection
from resolvers.scalars import Cursor
from resolvers.sources import Hop, Order
from resolvers.subject import Subject, by_kind, reference_by_kind
from resolvers.types import filters, record, value
from resolvers.values import Code, Node, RecordMeta, meta_of

if TYPE_CHECKING:
    from resolvers.case import Case
    from resolvers.certificate import ECertificate
    from resolvers.legal_entity import LegalEntity

vehicle, ownership, permit = t.vehicle, t.ownership, t.transport_permit

ROAD_TRANSPORT_PERMIT: ColumnElement[str] = literal_column("'11440499007000011Q045'")
"""The certificate type (GB/T 36902) of a road transport permit, 道路运输证."""

NATURAL_PERSON: ColumnElement[str] = literal_column("'1'")

_NO_START = literal_column("DATE '0001-01-01'", Date())
_NO_END = literal_column("DATE 'infinity'", Date())

OWNERSHIP = Hop(
    table=ownership,
    match=(ownership.c.vehicle_id,),
    columns=(ownership.c.owner_type, ownership.c.owner_ref),
    where=(period_covers(ownership.c.valid_from, ownership.c.valid_to, TODAY),),
    order=Order(columns=(ownership.c.valid_from,), descending=True),
    one=True,
)
"""Today's owner of a vehicle."""

LATEST_HOLDER = Order(columns=(func.coalesce(vehicle.c.valid_from, _NO_START), vehicle.c.vehicle_id), descending=True)
"""Of the vehicles that carried one plate, the last one first."""

LAST_PERMIT = Order(columns=(func.coalesce(permit.c.valid_to, _NO_END), permit.c.permit_no), descending=True)


@record(
    ownership,
    "机动车所有权",
    key=(ownership.c.vehicle_id, ownership.c.valid_from),
    order=Order(columns=(ownership.c.valid_from, ownership.c.vehicle_id), descending=True),
    hidden=(hidden(ownership.c.vehicle_id, INT, "车辆"), hidden(ownership.c.owner_ref, INT, "所有人")),
)
class VehicleOwnership:
    """Who owned a vehicle from when to when, as the register has it."""

    owner_type: Code | None = code(ownership.c.owner_type, PER, "所有人类型")
    owner: Subject | None = link(
        PER, "所有人", key=(ownership.c.owner_type, ownership.c.owner_ref), to=by_kind(), doc="The owner today"
    )
    owner_name: str | None = column(
        ownership.c.owner_name,
        PER,
        "所有人名称",
        mask="name_surname",
        mask_where=ownership.c.owner_type == NATURAL_PERSON,
        doc="As registered",
    )
    owner_id_type: Code | None = code(ownership.c.owner_id_type, PER, "证件类型")
    owner_id_no: str | None = column(ownership.c.owner_id_no, PER, "证件号码", mask="id_6_4")
    owner_mobile: str | None = column(ownership.c.owner_mobile, PER, "手机号码", mask="mobile_3_4")
    owner_address: str | None = column(ownership.c.owner_address, PER, "住址", mask="addr_to_town")
    valid_from: datetime.date | None = column(ownership.c.valid_from, PER, "起")
    valid_to: datetime.date | None = column(ownership.c.valid_to, PER, "止")


@record(
    permit,
    "道路运输证",
    key=permit.c.permit_no,
    order=LAST_PERMIT,
    hidden=(hidden(permit.c.vehicle_id, INT, "车辆"),),
)
class TransportPermit:
    """A permit to carry passengers or goods for hire with a vehicle (道路运输条例)."""

    permit_no: str = column(permit.c.permit_no, PUB, "道路运输证号")
    operator_uscc: str | None = column(permit.c.operator_uscc, PUB, "业户", doc="USCC of the operator")
    operator: Annotated[LegalEntity, strawberry.lazy("resolvers.legal_entity")] | None = link(
        PUB, "业户", key=permit.c.operator_uscc, match=ent.entity.c.uscc
    )
    scope: str | None = column(permit.c.scope, PUB, "经营范围")
    valid_to: datetime.date | None = column(permit.c.valid_to, PUB, "有效期止")
    status: Code | None = code(permit.c.status_code, PUB, "状态")


@record(
    vehicle,
    "机动车",
    key=vehicle.c.vehicle_id,
    hidden=(
        hidden(vehicle.c.vehicle_id, INT, "车辆标识"),
        hidden(vehicle.c.valid_from, PUB, "号牌启用日期"),
        hidden(vehicle.c.valid_to, PUB, "号牌停用日期"),
    ),
)
class Vehicle(Node):
    """A motor vehicle under the plate it carries (GA 36-2018); plates are used again over time."""

    id: strawberry.ID = sealed_id(vehicle.c.vehicle_id)
    vehicle_ref: strawberry.ID = pseudonym(
        vehicle.c.vehicle_id, "车辆引用", lambda key: reference("v", key), doc="The same in every answer"
    )
    plate_no: str | None = column(vehicle.c.plate_no, PER, "号牌号码", mask="plate_keep_5")
    plate_type: Code | None = code(vehicle.c.plate_type, PER, "号牌种类")
    vin: str | None = column(vehicle.c.vin, PER, "车辆识别代号", mask="vin_3_4")
    engine_no: str | None = column(vehicle.c.engine_no, PER, "发动机号", mask="keep_last_4")
    brand_model: str | None = column(vehicle.c.brand_model, INT, "品牌型号")
    vehicle_type: Code | None = code(vehicle.c.vehicle_type, INT, "车辆类型")
    body_colour: Code | None = code(vehicle.c.body_colour, INT, "车身颜色")
    fuel_type: Code | None = code(vehicle.c.fuel_type, INT, "燃料种类")
    usage_nature: Code | None = code(vehicle.c.usage_nature, INT, "使用性质")
    first_registered_on: datetime.date | None = column(vehicle.c.first_registered_on, INT, "初次登记日期")
    inspection_valid_to: datetime.date | None = column(vehicle.c.inspection_valid_to, INT, "检验有效期止")
    compulsory_insurance_to: datetime.date | None = column(vehicle.c.insurance_to, INT, "交强险止期")
    scrap_deadline: datetime.date | None = column(vehicle.c.scrap_deadline, INT, "强制报废期止")
    status: list[Code] | None = code(vehicle.c.status_code, INT, "机动车状态", many=True)
    issuing_org: str | None = column(vehicle.c.issuing_org, INT, "发证机关")
    owner: Subject | None = link(
        PER, "所有人", key=vehicle.c.vehicle_id, through=OWNERSHIP, to=by_kind(), doc="Today's owner"
    )
    ownerships: list[VehicleOwnership] | None = link(
        PER,
        "所有权变更历史",
        key=vehicle.c.vehicle_id,
        match=ownership.c.vehicle_id,
        args=(first_arg(20),),
        doc="Today's owner and those before",
    )
    transport_permits: list[TransportPermit] | None = link(
        PUB, "道路运输证", key=vehicle.c.vehicle_id, match=permit.c.vehicle_id, args=(first_arg(20),)
    )
    road_transport_permit: Annotated[ECertificate, strawberry.lazy("resolvers.certificate")] | None = link(
        PUB,
        "道路运输证",
        key=vehicle.c.vehicle_id,
        through=Hop(
            table=permit, match=(permit.c.vehicle_id,), columns=(permit.c.permit_no,), order=LAST_PERMIT, one=True
        ),
        match=lic.certificate.c.cert_no,
        where=(lic.certificate.c.type_code == ROAD_TRANSPORT_PERMIT,),
        doc="The electronic certificate of the transport permit",
    )
    open_cases: Connection[Annotated[Case, strawberry.lazy("resolvers.case")]] | None = link(
        INT,
        "未结案件",
        key=vehicle.c.vehicle_id,
        through=OWNERSHIP,
        match=cas.party.c.subject_ref,
        transform=reference_by_kind,
        join=PARTIES,
        where=(cas.case_.c.closed_on.is_(None), cas.party.c.role_code == PARTY),
        order=NEWEST_FIRST,
        args=(first_arg(5), after_arg(Cursor | None)),
        doc="Open cases of today's owner, the newest first",
    )
    meta: RecordMeta = meta_of(vehicle)


@filters("机动车筛选")
class VehicleFilter:
    """Which vehicles."""

    plate_prefix: str | None = where_field(prefix(vehicle.c.plate_no), "号牌前缀", check=checks.plate)
    vin: str | None = where_field(equals(vehicle.c.vin), "车辆识别代号", check=checks.vehicle_number)
    vehicle_types: list[str] | None = where_field(any_of(vehicle.c.vehicle_type), "车辆类型代码", check=checks.codes)
    usage_natures: list[str] | None = where_field(any_of(vehicle.c.usage_nature), "使用性质代码", check=checks.codes)


@value("车辆查询")
class VehicleQuery:
    """Vehicles."""

    vehicle: Vehicle | None = root(
        PER,
        "按号牌查车辆",
        by=("plateNo", "plateType"),
        match=(vehicle.c.plate_no, vehicle.c.plate_type),
        order=LATEST_HOLDER,
        args=(
            key_arg("plateNo", str, "号牌号码", check=checks.plate),
            key_arg("plateType", str, "号牌种类", check=checks.code),
            arg("at", datetime.date | None, "日期", in_force(vehicle.c.valid_from, vehicle.c.valid_to)),
        ),
        doc="The vehicle that carried the plate on this day, or carries it now",
    )
    vehicles: Connection[Vehicle] | None = root(
        PER, "机动车列表", args=(filter_arg(VehicleFilter), first_arg(20), after_arg(Cursor | None))
    )
