"""The electronic-certificate database (电子证照), schema ``lic`` (GB/T 36901 to 36906)."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, MetaData, SmallInteger, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from datasources.tables.indexes import NAMES
from datasources.tables.record import record_columns

metadata = MetaData(schema="lic", naming_convention=NAMES)

certificate = Table(
    "certificate",
    metadata,
    Column("cert_id", String(64), primary_key=True),
    Column("type_code", String(24), nullable=False),
    Column("holder_type", String(1), nullable=False),
    Column("holder_name", String(300)),
    Column("holder_id_no", String(32), nullable=False, index=True),
    Column("cert_no", String(100), index=True),
    Column("issuer_uscc", String(18)),
    Column("issued_on", Date),
    Column("valid_to", Date),
    Column("status_code", String(4), nullable=False),
    Column("trust_level", String(1)),
    Column("seal_verified", Boolean),
    Column("surface_data", JSONB),
    Column("file_ref", String(200)),
    Column("subject_mark", SmallInteger),
    *record_columns(present=("valid_to",)),
)

use_log = Table(
    "use_log",
    metadata,
    Column("use_id", Uuid, primary_key=True),
    Column("cert_id", String(64), ForeignKey("certificate.cert_id"), nullable=False, index=True),
    Column("used_by_cert_no", String(20)),
    Column("purpose", String(40)),
    Column("used_at", DateTime(timezone=True), nullable=False),
)
