"""The real-property database (不动产), schema ``rea``. Master: natural resources (TD/T 1066, GB/T 37346)."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, MetaData, Numeric, SmallInteger, String, Table, Uuid

from datasources.tables.indexes import NAMES
from datasources.tables.record import record_columns

metadata = MetaData(schema="rea", naming_convention=NAMES)

unit = Table(
    "unit",
    metadata,
    Column("unit_no", String(28), primary_key=True),
    Column("location", String(300)),
    Column("division_code", String(12), index=True),
    Column("planned_usage", String(4)),
    Column("building_area", Numeric(14, 2)),
    Column("shared_area", Numeric(14, 2)),
    Column("land_usage", String(4)),
    Column("land_term_end", Date),
    Column("floor_no", String(10)),
    Column("built_year", Integer),
    *record_columns(),
)

right = Table(
    "right",
    metadata,
    Column("right_id", Uuid, primary_key=True),
    Column("unit_no", String(28), ForeignKey("unit.unit_no"), nullable=False, index=True),
    Column("certificate_no", String(60)),
    Column("right_type", String(4), nullable=False),
    Column("right_nature", String(4)),
    Column("holder_name", String(300)),
    Column("holder_id_type", String(4)),
    Column("holder_id_no", String(50), index=True),
    Column("shared_mode", String(1)),
    Column("share_ratio", Numeric(9, 6)),
    Column("registered_on", Date),
    Column("acquisition_price", Numeric(18, 2)),
    Column("subject_mark", SmallInteger),
)

encumbrance = Table(
    "encumbrance",
    metadata,
    Column("encumbrance_id", Uuid, primary_key=True),
    Column("unit_no", String(28), ForeignKey("unit.unit_no"), nullable=False, index=True),
    Column("kind_code", String(2), nullable=False),
    Column("amount", Numeric(18, 2)),
    Column("effective_on", Date),
    Column("ended_on", Date),
)
