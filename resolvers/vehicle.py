"""Vehicles (车辆): base data of the traffic police (公安交管) and transport permits (交通运输)."""

from __future__ import annotations

import datetime
from typing import Annotated

import strawberry
from sqlalchemy import and_

from datasources.references import reference
from datasources.tables import certificate as lic
from datasources.tables import enforcement as cas
from datasources.tables import vehicle as t
from resolvers.conditions import TODAY, any_of, equals, in_force, period_covers, prefix
from resolvers.fields import (
    INT,
    PER,
    PUB,
    arg,
    code,
    column,
    filters,
    first_arg,
    hidden,
    link,
    pseudonym,
    record,
    sealed_id,
    where_field,
)
from resolvers.paging import Connection
from resolvers.sources import Hop, Order
from resolvers.subject import Subject, by_kind, reference_by_kind
from resolvers.values import Code, Node, RecordMeta, meta_of

vehicle, ownership, permit = t.vehicle, t.ownership, t.transport_permit

ROAD_TRANSPORT_PERMIT = "11440499007000011Q045"
"""The certificate type (GB/T 36902) of a road transport permit, 道路运输证."""

OWNERSHIP = Hop(
    table=ownership,
    match=(ownership.c.vehicle_id,),
    columns=(ownership.c.owner_type, ownership.c.owner_ref),
    where=(period_covers(ownership.c.valid_from, ownership.c.valid_to, TODAY),),
    order=Order(columns=(ownership.c.valid_from,), descending=True),
)


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
    vehicle_ref: strawberry.ID = pseudonym(vehicle.c.vehicle_id, "车辆引用", lambda key: reference("v", key))
    plate_no: str | None = column(vehicle.c.plate_no, PER, "号牌号码", mask="plate_keep_5")
    plate_type: Code | None = code(vehicle.c.plate_type, PER, "号牌种类")
    vin: str | None = column(vehicle.c.vin, PER, "车辆识别代号", mask="vin_3_4")
    status: list[Code] | None = code(vehicle.c.status_code, INT, "机动车状态", many=True)
    usage_nature: Code | None = code(vehicle.c.usage_nature, INT, "使用性质")
    inspection_valid_to: datetime.date | None = column(vehicle.c.inspection_valid_to, INT, "检验有效期止")
    owner: Subject | None = link(
        PER, "所有人", key=vehicle.c.vehicle_id, through=OWNERSHIP, to=by_kind(), doc="Today's owner"
    )
    road_transport_permit: Annotated["ECertificate", strawberry.lazy("resolvers.certificate")] | None = link(
        PUB,
        "道路运输证",
        key=vehicle.c.vehicle_id,
        through=Hop(
            table=permit,
            match=(permit.c.vehicle_id,),
            columns=(permit.c.permit_no,),
            order=Order(columns=(permit.c.valid_to,), descending=True),
        ),
        match=lic.certificate.c.cert_no,
        where=(lic.certificate.c.type_code == ROAD_TRANSPORT_PERMIT,),
    )
    open_cases: Annotated["Connection[Case]", strawberry.lazy("resolvers.case")] | None = link(
        INT,
        "未结案件",
        key=vehicle.c.vehicle_id,
        through=OWNERSHIP,
        match=cas.party.c.subject_ref,
        transform=reference_by_kind,
        join=((cas.party, cas.party.c.case_id == cas.case_.c.case_id),),
        where=(cas.case_.c.closed_on.is_(None),),
        args=(first_arg(5),),
        doc="Open cases of today's owner",
    )
    meta: RecordMeta = meta_of(vehicle)


@filters("机动车筛选")
class VehicleFilter:
    """Which vehicles."""

    plate_prefix: str | None = where_field(prefix(vehicle.c.plate_no), "号牌前缀")
    usage_natures: list[str] | None = where_field(any_of(vehicle.c.usage_nature), "使用性质代码")
