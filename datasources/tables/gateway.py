"""The gateway's own tables, schema ``gw``: partners, agreements, registered documents, the working days, temporary tasks, draws.

An ``agreement`` states what 政务数据共享条例 asks an applicant to state: basis, scenario, scope, mode and term. ``fields`` is
its annex: the types and fields of the schema that it covers (``NonTaxPayment``, ``Query.nonTaxPayments``), ``case_nos`` the
cases (案号) that it is about, if it is about some and not all. ``status_code``: 1 生效 in force, 2 中止 suspended, 3 终止 ended.
``holiday`` lists only the days that differ from the week: holidays, and weekend days worked in their place (调休).
``client.documents``: ``ANY`` documents or only those that are ``REGISTERED`` for it. A ``document`` is known by the SHA-256 of its
text in hexadecimal and, where the client calls it by another name (Relay's MD5), by ``given_id``; ``revoked_at`` takes it back.
``temporary_task`` is a task that an officer opened for themselves (临时任务): ``review_state`` is 1 待审批 pending, 2 已批准 approved,
3 已驳回 rejected; ``division_code`` is that of the officer's organisation.
``sampling_draw`` is a random draw (随机抽取) with all that it can be repeated from: ``kind`` is 1 案卷评查 file review, 2 双随机
double-random; ``division_prefix`` are the digits of the drawer's level, ``place_prefix`` and ``industry_prefix`` narrow the objects.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from datasources.tables.indexes import NAMES, unique

metadata = MetaData(schema="gw", naming_convention=NAMES)

client = Table(
    "client",
    metadata,
    Column("client_id", String(60), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("org_uscc", String(18)),
    Column("realm", String(20), nullable=False),
    Column("status_code", String(4), nullable=False),
    Column("registered_on", Date, nullable=False),
    Column("documents", String(12), nullable=False, server_default=text("'ANY'")),
)

document = Table(
    "document",
    metadata,
    Column("client_id", String(60), ForeignKey("client.client_id"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("given_id", String(128)),
    Column("name", String(200)),
    Column("purpose", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
)

unique(document.c.client_id, document.c.given_id)

agreement = Table(
    "agreement",
    metadata,
    Column("agreement_no", String(40), primary_key=True),
    Column("client_id", String(60), ForeignKey("client.client_id"), nullable=False, index=True),
    Column("provider_org", String(200), nullable=False),
    Column("legal_basis", String(500), nullable=False),
    Column("scenario", String(500), nullable=False),
    Column("scope", String(500), nullable=False),
    Column("mode", String(40), nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("fields", ARRAY(String), nullable=False),
    Column("case_nos", ARRAY(String)),
    Column("status_code", String(4), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
)

source_batch = Table(
    "source_batch",
    metadata,
    Column("source_system", String(40), primary_key=True),
    Column("last_batch_at", DateTime(timezone=True), nullable=False),
)

holiday = Table(
    "holiday",
    metadata,
    Column("day", Date, primary_key=True),
    Column("is_working", Boolean, nullable=False),
    Column("name", String(40), nullable=False),
)

temporary_task = Table(
    "temporary_task",
    metadata,
    Column("task_no", String(40), primary_key=True),
    Column("cert_no", String(20), nullable=False),
    Column("idempotency_key", String(64), nullable=False),
    Column("co_officer_cert_no", String(20)),
    Column("division_code", String(12), nullable=False, index=True),
    Column("purpose", String(40), nullable=False),
    Column("subject_ref", String(64), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column("valid_to", DateTime(timezone=True), nullable=False),
    Column("review_state", String(4), nullable=False),
    Column("reviewed_by", String(20)),
    Column("reviewed_at", DateTime(timezone=True)),
    Column("review_note", String(200)),
)

unique(temporary_task.c.cert_no, temporary_task.c.idempotency_key)

sampling_draw = Table(
    "sampling_draw",
    metadata,
    Column("draw_no", String(40), primary_key=True),
    Column("kind", String(4), nullable=False),
    Column("cert_no", String(20), nullable=False),
    Column("idempotency_key", String(64), nullable=False),
    Column("division_prefix", String(12), nullable=False, index=True),
    Column("org_uscc", String(18), nullable=False),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("place_prefix", String(12)),
    Column("industry_prefix", String(5)),
    Column("size", Integer, nullable=False),
    Column("seed", String(64), nullable=False),
    Column("algorithm", String(40), nullable=False),
    Column("population_size", Integer, nullable=False),
    Column("population_digest", String(64), nullable=False),
    Column("drawn", ARRAY(String), nullable=False),
    Column("teams", ARRAY(String), nullable=False),
    Column("drawn_at", DateTime(timezone=True), nullable=False),
)

unique(sampling_draw.c.cert_no, sampling_draw.c.idempotency_key)
