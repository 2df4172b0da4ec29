"""Enforcement organisations and personnel (执法队伍及人员库), schema ``off``, and the divisions, schema ``div``.

Master: the justice bureau (司法局). ``assignment`` opens a person's data to an officer: an open task that names both.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Uuid,
)

from datasources.tables.indexes import NAMES, unique
from datasources.tables.record import record_columns

metadata = MetaData(naming_convention=NAMES)

division = Table(
    "division",
    metadata,
    Column("code", String(12), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("parent_code", String(12), ForeignKey("div.division.code"), index=True),
    Column("is_functional_zone", Boolean, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    schema="div",
)

org = Table(
    "org",
    metadata,
    Column("org_id", Uuid, primary_key=True),
    Column("uscc", String(18), nullable=False, unique=True, index=True),
    Column("name", String(200), nullable=False),
    Column("org_kind", String(4), nullable=False),
    Column("level", String(1), nullable=False),
    Column("parent_org_id", Uuid, ForeignKey("off.org.org_id"), index=True),
    Column("division_code", String(12), ForeignKey("div.division.code"), nullable=False, index=True),
    *record_columns(),
    schema="off",
)

org_jurisdiction = Table(
    "org_jurisdiction",
    metadata,
    Column("org_id", Uuid, ForeignKey("off.org.org_id"), primary_key=True),
    Column("division_code", String(12), ForeignKey("div.division.code"), primary_key=True, index=True),
    Column("matter_type", String(2), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date),
    schema="off",
)

officer = Table(
    "officer",
    metadata,
    Column("officer_id", Uuid, primary_key=True),
    Column("name", String(150), nullable=False),
    Column("cert_no", String(20), nullable=False),
    Column("org_id", Uuid, ForeignKey("off.org.org_id"), nullable=False, index=True),
    Column("cert_fields", ARRAY(String), nullable=False),
    Column("cert_valid_to", Date),
    Column("cert_status", String(4), nullable=False),
    Column("post", String(60)),
    Column("hire_type", String(4)),
    Column("id_no", String(18)),
    Column("mobile", String(20)),
    Column("birth_date", Date),
    Column("political_status", String(2)),
    Column("education_code", String(2)),
    Column("photo_ref", String(64)),
    *record_columns(),
    schema="off",
)

training = Table(
    "training",
    metadata,
    Column("training_id", Uuid, primary_key=True),
    Column("officer_id", Uuid, ForeignKey("off.officer.officer_id"), nullable=False, index=True),
    Column("hours", Numeric(6, 1)),
    Column("exam_score", Numeric(5, 1)),
    schema="off",
)

assignment = Table(
    "assignment",
    metadata,
    Column("task_no", String(40), primary_key=True),
    Column("officer_id", Uuid, ForeignKey("off.officer.officer_id"), primary_key=True, index=True),
    Column("role_code", String(4), nullable=False),
    Column("subject_ref", String(64), primary_key=True, index=True),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True)),
    Column("origin", String(4)),
    schema="off",
)

# A certificate number is issued again after a transfer: one current holder, any number of past ones.
unique(officer.c.cert_no, officer.c.valid_to, nulls_equal=True)
