"""The table file of a tenth database: fire hydrants (消火栓)."""

from __future__ import annotations

from sqlalchemy import Column, Date, MetaData, String, Table

metadata = MetaData(schema="hyd")

hydrant = Table(
    "hydrant",
    metadata,
    Column("hydrant_no", String(20), primary_key=True),
    Column("division_code", String(12), index=True),
    Column("checked_on", Date),
    Column("keeper_phone", String(20)),
)
