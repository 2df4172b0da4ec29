"""The regulation database (法规库), schema ``reg``. An article is kept in every version that was ever in force."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, MetaData, String, Table, Text, Uuid

from datasources.tables.indexes import NAMES, trigram
from datasources.tables.record import record_columns

metadata = MetaData(schema="reg", naming_convention=NAMES)

regulation = Table(
    "regulation",
    metadata,
    Column("regulation_id", Uuid, primary_key=True),
    Column("title", String(300), nullable=False),
    Column("doc_no", String(100)),
    Column("level_code", String(4), nullable=False),
    Column("issuer", String(200)),
    Column("promulgated_on", Date),
    Column("effective_on", Date),
    Column("repealed_on", Date),
    Column("status_code", String(4), nullable=False),
    *record_columns(),
)

article = Table(
    "article",
    metadata,
    Column("article_id", Uuid, primary_key=True),
    Column("regulation_id", Uuid, ForeignKey("regulation.regulation_id"), nullable=False, index=True),
    Column("article_no", String(20), nullable=False),
    Column("paragraph_no", String(20)),
    Column("item_no", String(20)),
    Column("text", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("effective_to", Date),
    Column("replaces_id", Uuid, ForeignKey("article.article_id"), index=True),
)

trigram(regulation.c.title)
