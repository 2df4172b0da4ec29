"""The population database (人口库), schema ``pop``. Master: the public security organ (公安)."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, MetaData, SmallInteger, String, Table, Uuid

from datasources.tables.indexes import NAMES, trigram, unique
from datasources.tables.record import record_columns

metadata = MetaData(schema="pop", naming_convention=NAMES)

person = Table(
    "person",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("id_type", String(3), nullable=False),
    Column("id_no", String(32), nullable=False),
    Column("name", String(150), nullable=False),
    Column("name_pinyin", String(200)),
    Column("former_name", String(150)),
    Column("gender_code", String(1)),
    Column("birth_date", Date),
    Column("ethnicity_code", String(2)),
    Column("nationality_code", String(3)),
    Column("mobile", String(20)),
    Column("reg_division_code", String(12)),
    Column("reg_address", String(300)),
    Column("res_division_code", String(12)),
    Column("res_address", String(300)),
    Column("res_permit_no", String(32)),
    Column("marital_code", String(2)),
    Column("education_code", String(2)),
    Column("photo_ref", String(64)),
    Column("death_date", Date),
    Column("is_minor_14", Boolean),
    Column("is_minor_18", Boolean),
    Column("protection_flag", SmallInteger, nullable=False),
    *record_columns(),
)

id_document = Table(
    "id_document",
    metadata,
    Column("id_type", String(3), primary_key=True),
    Column("id_no", String(32), primary_key=True),
    Column("person_id", Uuid, ForeignKey("person.person_id"), nullable=False, index=True),
    Column("issuing_org", String(100)),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("lost_flag", Boolean),
)

household = Table(
    "household",
    metadata,
    Column("household_no", String(20), primary_key=True),
    Column("household_type", String(2)),
    Column("division_code", String(12)),
    Column("head_person_id", Uuid, ForeignKey("person.person_id"), index=True),
)

household_member = Table(
    "household_member",
    metadata,
    Column("household_no", String(20), ForeignKey("household.household_no"), primary_key=True),
    Column("person_id", Uuid, ForeignKey("person.person_id"), primary_key=True, index=True),
    Column("relation_code", String(2), nullable=False),
    Column("joined_on", Date),
    Column("left_on", Date),
)

floating_population = Table(
    "floating_population",
    metadata,
    Column("person_id", Uuid, ForeignKey("person.person_id"), primary_key=True),
    Column("origin_division_code", String(6)),
    Column("registered_on", Date),
    Column("expires_on", Date),
    Column("landlord_ref", Uuid, ForeignKey("person.person_id"), index=True),
)

# One current record per document; a closed one may share its number (一人双证). Serves the look-up by number alone too.
unique(person.c.id_no, person.c.id_type, person.c.valid_to, nulls_equal=True)
trigram(person.c.name)
trigram(person.c.name_pinyin)
