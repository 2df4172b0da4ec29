"""The access log as it can be asked: records shipped from the segments of every process into the gateway's own database.

The segments are the truth; these rows follow them and can be made anew from them. ``log_id`` names the log of one
process and ``seq`` the record in it. Subjects stand by pseudonym, one row each (Logboek Dataverwerkingen); no value of
the data is here.
"""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, ForeignKeyConstraint, Index, Integer, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from datasources.tables.gateway import metadata

access_record = Table(
    "access_record",
    metadata,
    Column("log_id", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("code", String(40)),
    Column("count", Integer, nullable=False),
    Column("caller_subject", String(200)),
    Column("caller_client", String(200)),
    Column("caller_kind", String(20)),
    Column("cert_no", String(20)),
    Column("org_uscc", String(200)),
    Column("device", String(200)),
    Column("purpose", String(40)),
    Column("task_no", String(40)),
    Column("case_no", String(40)),
    Column("agreement_no", String(40)),
    Column("reason", String(200)),
    Column("co_officer_cert_no", String(20)),
    Column("operation_name", String(200)),
    Column("operation_sha256", String(64)),
    Column("variables", String(64)),
    Column("policy_epoch", String(64)),
    Column("pseudonym_key", String(64)),
    Column("response_sha256", String(64)),
    Column("clear", ARRAY(String), nullable=False),
    Column("masked", ARRAY(String), nullable=False),
    Column("withheld", ARRAY(String), nullable=False),
    Column("rows", JSONB, nullable=False),
    Column("failed", JSONB, nullable=False),
)
Index("ix_access_record_caller", access_record.c.caller_subject, access_record.c.at)
Index("ix_access_record_client", access_record.c.caller_client, access_record.c.at)
Index("ix_access_record_cert", access_record.c.cert_no, access_record.c.at)
Index("ix_access_record_purpose", access_record.c.purpose, access_record.c.at)

access_subject = Table(
    "access_subject",
    metadata,
    Column("log_id", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("pseudonym", String(64), primary_key=True),
    Column("type", String(40), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    ForeignKeyConstraint(["log_id", "seq"], ["gw.access_record.log_id", "gw.access_record.seq"], ondelete="CASCADE"),
)
Index("ix_access_subject_pseudonym", access_subject.c.pseudonym, access_subject.c.at)

access_shipped = Table(
    "access_shipped",
    metadata,
    Column("log_id", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("shipped_at", DateTime(timezone=True), nullable=False),
)
"""How far each log has been shipped: every sequence up to ``seq``, whose record has ``hash``, is here, without a gap."""
