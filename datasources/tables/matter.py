"""The enforcement-matter database (执法事项库), schema ``mat``. Master: the service-matter catalogue (GB/T 39554.1).

A matter is versioned: a case keeps the version it was filed under. ``matter_cause`` and ``matter_supervision``
belong to the matter whatever its version, so their key into it is not unique and carries no foreign key.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
)

from datasources.tables.indexes import NAMES, index, trigram, unique
from datasources.tables.record import record_columns

metadata = MetaData(schema="mat", naming_convention=NAMES)

matter = Table(
    "matter",
    metadata,
    Column("matter_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("basic_code", String(40), nullable=False, index=True),
    Column("implementation_code", String(40), nullable=False),
    Column("name", String(500), nullable=False),
    Column("type_code", String(2), nullable=False),
    Column("org_uscc", String(18), nullable=False),
    Column("exercise_level", String(1), nullable=False),
    Column("delegated_from", String(18)),
    Column("status_code", String(4), nullable=False),
    Column("effective_from", Date),
    Column("effective_to", Date),
    *record_columns(),
)

matter_cause = Table(
    "matter_cause",
    metadata,
    Column("cause_code", String(20), primary_key=True),
    Column("matter_id", Uuid, nullable=False, index=True),
    Column("cause_name", String(300), nullable=False),
)

matter_basis = Table(
    "matter_basis",
    metadata,
    Column("matter_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("article_id", Uuid, primary_key=True, index=True),
    Column("role_code", String(2), primary_key=True),
    ForeignKeyConstraint(["matter_id", "version"], ["matter.matter_id", "matter.version"]),
)

discretion = Table(
    "discretion",
    metadata,
    Column("discretion_id", Uuid, primary_key=True),
    Column("cause_code", String(20), ForeignKey("matter_cause.cause_code"), nullable=False, index=True),
    Column("grade", String(8), nullable=False),
    Column("condition", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("amount_min", Numeric(18, 2)),
    Column("amount_max", Numeric(18, 2)),
)

matter_supervision = Table(
    "matter_supervision",
    metadata,
    Column("implementation_code", String(40), primary_key=True),
    Column("supervision_code", String(40), primary_key=True),
    Column("checklist_code", String(40)),
    Column("supervision_name", String(300), nullable=False),
)

change_request = Table(
    "change_request",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("matter_id", Uuid, index=True),
    Column("change_kind", String(4), nullable=False),
    Column("applicant_org", String(18)),
    Column("state", String(8), nullable=False),
    Column("reviewed_at", DateTime(timezone=True)),
)

unique(matter.c.implementation_code, matter.c.version)
index(matter.c.org_uscc, matter.c.type_code, matter.c.implementation_code)
trigram(matter.c.name)
