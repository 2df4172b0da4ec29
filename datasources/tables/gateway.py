"""The gateway's own tables, schema ``gw``: partners, agreements, registered documents, the working days, temporary tasks, draws,
transfers to the police, reports of payments.

An ``agreement`` states what 政务数据共享条例 asks an applicant to state: basis, scenario, scope, mode and term. ``fields`` is
its annex: the types and fields of the schema that it covers (``NonTaxPayment``, ``Query.nonTaxPayments``), ``case_nos`` the
cases (案号) that it is about, if it is about some and not all, ``quota`` how many requests a day it is good for, ``row_quota`` how
many rows.
``status_code``: 1 生效 in force, 2 中止 suspended, 3 终止 ended.
``holiday`` lists only the days that differ from the week: holidays, and weekend days worked in their place (调休).
``client.documents``: ``ANY`` documents or only those that are ``REGISTERED`` for it. A ``document`` is known by the SHA-256 of its
text in hexadecimal and, where the client calls it by another name (Relay's MD5), by ``given_id``; ``revoked_at`` takes it back.
``temporary_task`` is a task that an officer opened for themselves (临时任务): ``review_state`` is 1 待审批 pending, 2 已批准 approved,
3 已驳回 rejected; ``division_code`` is that of the officer's organisation.
``sampling_draw`` is a random draw (随机抽取) with all that it can be repeated from: ``kind`` is 1 案卷评查 file review, 2 双随机
double-random; ``division_prefix`` are the digits of the drawer's level, ``place_prefix`` and ``industry_prefix`` narrow the objects.

``transfer`` is the outbox of cases handed to the police (移送涉嫌犯罪案件): ``seq`` is their order, ``attempt`` counts the transfers of one
case, ``documents_digest`` is of what was enclosed (`datasources.digests`), ``reports`` counts what the police's platform
reported of it, each a row of ``transfer_report``. ``payment_report`` has payments and refunds as the finance bureau (财政非税)
reported them. ``outbox`` has the last number that was given of each. ``idempotency`` remembers by whom a
key was used and for what: ``input_digest`` is of the input, ``result`` the key of what was made.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    Uuid,
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
    Column("quota", Integer),
    Column("row_quota", Integer),
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

transfer = Table(
    "transfer",
    metadata,
    Column("transfer_id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("case_no", String(40), nullable=False),
    Column("case_kind", String(1), nullable=False),
    Column("cause_code", String(20)),
    Column("filed_on", Date),
    Column("place", String(300)),
    Column("org_id", Uuid, nullable=False, index=True),
    Column("division_code", String(12), nullable=False, index=True),
    Column("suspected_crime_code", String(10), nullable=False),
    Column("suspect_refs", ARRAY(String), nullable=False),
    Column("document_ids", ARRAY(Uuid), nullable=False),
    Column("documents_digest", String(64), nullable=False),
    Column("items_list_id", Uuid),
    Column("police_org_uscc", String(18), nullable=False),
    Column("copied_to_procuratorate", Boolean, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("approved_by_cert_no", String(20), nullable=False),
    Column("submitted_by_cert_no", String(20), nullable=False),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("note", String(200)),
    Column("status", String(20), nullable=False),
    Column("reports", Integer, nullable=False),
)

transfer_report = Table(
    "transfer_report",
    metadata,
    Column("transfer_id", Uuid, ForeignKey("transfer.transfer_id"), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("report_id", Uuid, nullable=False),
    Column("status", String(20), nullable=False),
    Column("decision_no", String(100)),
    Column("decided_on", Date, nullable=False),
    Column("reason", String(500)),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("client_id", String(60), nullable=False),
)

payment_report = Table(
    "payment_report",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("report_id", Uuid, nullable=False),
    Column("payment_code", String(24), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("amount", Numeric(18, 2), nullable=False),
    Column("bill_code", String(8), nullable=False),
    Column("bill_no", String(10), nullable=False),
    Column("paid_at", DateTime(timezone=True), nullable=False, index=True),
    Column("channel_code", String(4), nullable=False),
    Column("instalment_no", Integer),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("client_id", String(60), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("client", String(500), primary_key=True),
    Column("caller", String(200), primary_key=True),
    Column("operation", String(60), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("input_digest", String(64), nullable=False),
    Column("result", String(64), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
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
unique(transfer.c.seq)
unique(transfer.c.case_id, transfer.c.attempt)
unique(transfer_report.c.report_id)
unique(payment_report.c.report_id)
unique(payment_report.c.bill_code, payment_report.c.bill_no, payment_report.c.kind)
