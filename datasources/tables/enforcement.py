"""The enforcement-case database (执法监督主题库), schema ``cas``: inspection, penalty and coercion cases.

``party`` is a snapshot at the time of the decision and may differ from the base databases: nothing overwrites it.
``payment_instalment`` and ``payment_receipt`` carry what the non-tax system (财政非税) reports back.
``disclosure`` says what is to become of the publication of a case; what is published is in the gateway's own database.
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
    SmallInteger,
    String,
    Table,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from datasources.tables.indexes import NAMES, index
from datasources.tables.record import record_columns
from datasources.tables.types import Point

metadata = MetaData(schema="cas", naming_convention=NAMES)

case_ = Table(
    "case",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("case_no", String(40), nullable=False, unique=True, index=True),
    Column("kind", String(1), nullable=False),
    Column("procedure_code", String(1)),
    Column("source_code", String(4)),
    Column("clue_no", String(40)),
    Column("informant_ref", String(64)),
    Column("cause_code", String(20), index=True),
    Column("implementation_code", String(40)),
    Column("matter_version", Integer),
    Column("org_id", Uuid, nullable=False, index=True),
    Column("division_code", String(12), nullable=False),
    Column("place", String(300)),
    Column("status", String(20), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("filed_on", Date),
    Column("decided_on", Date),
    Column("served_on", Date),
    Column("closed_on", Date, index=True),
    Column("archived_on", Date),
    Column("excluded_days", Integer),
    Column("extension_count", Integer),
    Column("is_major", Boolean),
    Column("legally_reviewed", Boolean),
    Column("collective_discussion", Boolean),
    Column("hearing_held", Boolean),
    Column("secret_flag", Boolean),
    Column("disclosure_class", String(1)),
    *record_columns(),
)

party = Table(
    "party",
    metadata,
    Column("party_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, index=True),
    Column("role_code", String(4), nullable=False),
    Column("subject_type", String(1), nullable=False),
    Column("subject_ref", String(64), index=True),
    Column("name_at_decision", String(300)),
    Column("id_type", String(3)),
    Column("id_no", String(32), index=True),
    Column("uscc", String(18), index=True),
    Column("legal_rep_name", String(150)),
    Column("legal_rep_id_no", String(32)),
    Column("address", String(300)),
    Column("phone", String(20)),
    Column("subject_mark", SmallInteger),
    Column("legal_rep_mark", SmallInteger),
)

decision = Table(
    "decision",
    metadata,
    Column("document_no", String(100), primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, unique=True, index=True),
    Column("decided_on", Date, nullable=False),
    Column("illegal_act_type", String(2000)),
    Column("facts", String(5000)),
    Column("basis", String(2048)),
    Column("penalty_kinds", ARRAY(String), nullable=False),
    Column("content", String(4000)),
    Column("fine_amount", Numeric(18, 2)),
    Column("confiscated_amount", Numeric(18, 2)),
    Column("revoked_licence", String(200)),
    Column("valid_until", Date),
    Column("discretion_grade", String(8)),
)

inspection = Table(
    "inspection",
    metadata,
    Column("task_no", String(40), primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, unique=True, index=True),
    Column("plan_no", String(40), index=True),
    Column("mode_code", String(4)),
    Column("checklist_code", String(40)),
    Column("notice_doc_id", Uuid, ForeignKey("document.document_id"), index=True),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("location_point", Point),
    Column("result_code", String(1)),
    Column("rectify_due", Date),
    Column("followup_case_no", String(40), index=True),
    Column("qr_scanned", Boolean),
)

coercion = Table(
    "coercion",
    metadata,
    Column("coercion_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, index=True),
    Column("measure_kind", String(4)),
    Column("item_list", JSONB),
    Column("started_on", Date),
    Column("due_on", Date),
    Column("extended", Boolean),
    Column("ended_on", Date),
    Column("urgent_report_at", DateTime(timezone=True)),
)

event = Table(
    "event",
    metadata,
    Column("case_id", Uuid, ForeignKey("case.case_id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("uploaded_at", DateTime(timezone=True)),
    Column("stage", String(20), nullable=False),
    Column("action_code", String(10), nullable=False),
    Column("actor_cert_no", String(20), index=True),
    Column("actor_role", String(20)),
    Column("document_id", Uuid, ForeignKey("document.document_id"), index=True),
    Column("recording_ids", ARRAY(String)),
    Column("note", String(500)),
)

document = Table(
    "document",
    metadata,
    Column("document_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, index=True),
    Column("doc_type", String(10), nullable=False),
    Column("document_no", String(100), index=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("digest_sm3", String(64)),
    Column("seal_info", JSONB),
    Column("page_count", Integer),
    Column("storage_ref", String(200)),
)

evidence = Table(
    "evidence",
    metadata,
    Column("evidence_id", Uuid, primary_key=True),
    Column("kind_code", String(4), nullable=False),
    Column("collected_at", DateTime(timezone=True), nullable=False),
    Column("digest_sm3", String(64), nullable=False),
    Column("storage_ref", String(200)),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, index=True),
    Column("collected_by_cert_nos", ARRAY(String), nullable=False),
)

recording = Table(
    "recording",
    metadata,
    Column("recording_id", Uuid, primary_key=True),
    Column("device_no", String(40)),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("digest_sm3", String(64)),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, index=True),
)

disclosure = Table(
    "disclosure",
    metadata,
    Column("disclosure_id", String(40), primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, unique=True, index=True),
    Column("version", Integer, nullable=False),
    Column("subject_name", String(300), nullable=False),
    Column("subject_uscc", String(18)),
    Column("published_at", DateTime(timezone=True)),
    Column("publish_until", Date),
    Column("state", String(8), nullable=False),
    Column("non_disclosure_basis", String(500)),
    Column("withdraw_reason", String(20)),
    Column("subject_mark", SmallInteger),
    *record_columns(),
)

payment = Table(
    "payment",
    metadata,
    Column("payment_code", String(24), primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, index=True),
    Column("item_code", String(20), nullable=False),
    Column("amount_due", Numeric(18, 2), nullable=False),
    Column("surcharge_due", Numeric(18, 2), nullable=False),
    Column("amount_paid", Numeric(18, 2), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("status", String(20), nullable=False),
    Column("bill_code", String(8)),
    Column("bill_no", String(10)),
    Column("payer_account", String(40)),
    Column("document_no", String(100), index=True),
    Column("payer_name", String(300)),
    Column("payer_mark", SmallInteger),
    *record_columns(),
)

criminal_transfer = Table(
    "criminal_transfer",
    metadata,
    Column("transfer_id", Uuid, primary_key=True),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, index=True),
    Column("suspected_crime_code", String(10), nullable=False),
    Column("decided_on", Date),
    Column("sent_at", DateTime(timezone=True), index=True),
    Column("police_org_uscc", String(18)),
    Column("police_decision", String(4)),
    Column("police_decision_no", String(100)),
    Column("copied_to_procuratorate", Boolean, nullable=False),
)

sampling_draw = Table(
    "sampling_draw",
    metadata,
    Column("draw_id", Uuid, primary_key=True),
    Column("plan_no", String(40), nullable=False, index=True),
    Column("population_digest", String(64)),
    Column("seed", String(64)),
    Column("algorithm", String(40)),
    Column("result", JSONB),
)

review = Table(
    "review",
    metadata,
    Column("review_id", Uuid, primary_key=True),
    Column("batch_no", String(40), nullable=False, index=True),
    Column("case_id", Uuid, ForeignKey("case.case_id"), nullable=False, index=True),
    Column("score", Numeric(5, 1)),
    Column("defects", JSONB),
)

payment_instalment = Table(
    "payment_instalment",
    metadata,
    Column("payment_code", String(24), ForeignKey("payment.payment_code"), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("due_on", Date, nullable=False),
    Column("amount", Numeric(18, 2), nullable=False),
    Column("paid", Boolean, nullable=False),
)

payment_receipt = Table(
    "payment_receipt",
    metadata,
    Column("bill_code", String(8), primary_key=True),
    Column("bill_no", String(10), primary_key=True),
    Column("payment_code", String(24), ForeignKey("payment.payment_code"), nullable=False, index=True),
    Column("amount", Numeric(18, 2), nullable=False),
    Column("paid_at", DateTime(timezone=True), nullable=False),
    Column("channel_code", String(4), nullable=False),
)

index(case_.c.division_code, case_.c.decided_on)
index(case_.c.implementation_code, case_.c.matter_version)
index(case_.c.filed_on, case_.c.case_id)
index(case_.c.decided_on, case_.c.case_id)
index(decision.c.decided_on, decision.c.case_id)
index(decision.c.fine_amount, decision.c.case_id)
index(payment.c.status, payment.c.due_on)
