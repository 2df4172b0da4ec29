"""The vehicle database (车辆), schema ``veh``. Masters: traffic police (base data) and transport (道路运输证)."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, MetaData, SmallInteger, String, Table, Uuid

from datasources.tables.indexes import NAMES, unique
from datasources.tables.record import record_columns

metadata = MetaData(schema="veh", naming_convention=NAMES)

vehicle = Table(
    "vehicle",
    metadata,
    Column("vehicle_id", Uuid, primary_key=True),
    Column("plate_no", String(15), nullable=False),
    Column("plate_type", String(2), nullable=False),
    Column("vin", String(17), nullable=False, unique=True, index=True),
    Column("engine_no", String(30)),
    Column("brand_model", String(100)),
    Column("vehicle_type", String(4)),
    Column("body_colour", String(4)),
    Column("fuel_type", String(1)),
    Column("usage_nature", String(1), nullable=False),
    Column("first_registered_on", Date),
    Column("inspection_valid_to", Date),
    Column("insurance_to", Date),
    Column("scrap_deadline", Date),
    Column("status_code", String(8), nullable=False),
    Column("issuing_org", String(20)),
    *record_columns(),
)

ownership = Table(
    "ownership",
    metadata,
    Column("vehicle_id", Uuid, ForeignKey("vehicle.vehicle_id"), primary_key=True),
    Column("owner_type", String(1), nullable=False),
    Column("owner_ref", Uuid, nullable=False, index=True),
    Column("owner_name", String(300)),
    Column("owner_id_type", String(3)),
    Column("owner_id_no", String(32)),
    Column("owner_mobile", String(20)),
    Column("owner_address", String(300)),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    Column("subject_mark", SmallInteger),
)

transport_permit = Table(
    "transport_permit",
    metadata,
    Column("permit_no", String(40), primary_key=True),
    Column("vehicle_id", Uuid, ForeignKey("vehicle.vehicle_id"), nullable=False, index=True),
    Column("operator_uscc", String(18), index=True),
    Column("scope", String(200)),
    Column("valid_to", Date),
    Column("status_code", String(4)),
)

# A plate is issued again to another car: one current vehicle per plate and plate type, any number of past ones.
unique(vehicle.c.plate_no, vehicle.c.plate_type, vehicle.c.valid_to, nulls_equal=True)
# One open ownership (valid_to NULL) per vehicle.
unique(ownership.c.vehicle_id, ownership.c.valid_to, nulls_equal=True)
