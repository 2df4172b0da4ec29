"""The legal-entity database (法人库), schema ``ent``. Masters: market regulation, civil affairs, establishment."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, MetaData, Numeric, SmallInteger, String, Table, Text, Uuid

from datasources.tables.indexes import NAMES, index, trigram
from datasources.tables.record import record_columns
from datasources.tables.types import Point

metadata = MetaData(schema="ent", naming_convention=NAMES)

entity = Table(
    "entity",
    metadata,
    Column("entity_id", Uuid, primary_key=True),
    Column("uscc", String(18), nullable=False, unique=True, index=True),
    Column("name", String(300), nullable=False),
    Column("entity_type", String(8)),
    Column("status_code", String(4), nullable=False),
    Column("industry_code", String(5)),
    Column("established_on", Date),
    Column("term_end", Date),
    Column("registered_capital", Numeric(20, 4)),
    Column("currency_code", String(3)),
    Column("registered_address", String(300)),
    Column("division_code", String(12)),
    Column("business_scope", Text),
    Column("registration_org", String(100)),
    Column("legal_rep_name", String(150)),
    Column("legal_rep_id_type", String(3)),
    Column("legal_rep_id_no", String(32), index=True),
    Column("legal_rep_mobile", String(20)),
    Column("contact_name", String(150)),
    Column("contact_phone", String(20)),
    Column("employee_count", Integer),
    Column("annual_revenue", Numeric(20, 2)),
    Column("bank_account", String(40)),
    Column("risk_class", String(1)),
    Column("legal_rep_mark", SmallInteger),
    *record_columns(),
)

entity_person = Table(
    "entity_person",
    metadata,
    Column("entity_id", Uuid, ForeignKey("entity.entity_id"), primary_key=True),
    Column("person_ref", Uuid, primary_key=True, index=True),
    Column("role_code", String(4), primary_key=True),
    Column("person_name", String(150)),
    Column("person_id_no", String(32)),
    Column("share_ratio", Numeric(9, 6)),
    Column("since", Date),
    Column("until", Date),
    Column("subject_mark", SmallInteger),
)

operating_site = Table(
    "operating_site",
    metadata,
    Column("site_id", Uuid, primary_key=True),
    Column("entity_id", Uuid, ForeignKey("entity.entity_id"), nullable=False, index=True),
    Column("address", String(300)),
    Column("division_code", String(12)),
    Column("geo_point", Point),
    Column("unit_no", String(28), index=True),
)

licence = Table(
    "licence",
    metadata,
    Column("licence_no", String(60), primary_key=True),
    Column("entity_id", Uuid, ForeignKey("entity.entity_id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("licensing_org", String(100)),
    Column("scope", Text),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("status_code", String(4), nullable=False),
)

abnormal_listing = Table(
    "abnormal_listing",
    metadata,
    Column("listing_id", Uuid, primary_key=True),
    Column("entity_id", Uuid, ForeignKey("entity.entity_id"), nullable=False, index=True),
    Column("list_kind", String(4), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("listed_on", Date, nullable=False),
    Column("removed_on", Date),
    Column("listed_by", String(100)),
)

inspection_quota = Table(
    "inspection_quota",
    metadata,
    Column("entity_id", Uuid, ForeignKey("entity.entity_id"), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("annual_cap", Integer),
    Column("done_count", Integer),
    Column("planned_count", Integer),
    Column("exempt_reason", String(200)),
)

legacy_code = Table(
    "legacy_code",
    metadata,
    Column("entity_id", Uuid, ForeignKey("entity.entity_id"), primary_key=True),
    Column("code_kind", String(4), primary_key=True),
    Column("code", String(50), primary_key=True, index=True),
)

trigram(entity.c.name)
index(entity.c.division_code, entity.c.entity_id)
