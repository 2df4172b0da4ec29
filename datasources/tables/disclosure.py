"""What the gateway publishes (行政执法公示), and the rules it publishes by: in its own database, since owners' are read only.

``disclosure`` has the record as it is published, one row for each case that ever was: the texts without the names of persons,
and none while they are held (暂缓). What is withdrawn keeps its number, its times and the reason; the content is deleted.
``change_log`` is the feed: ``seq`` grows in the order in which the changes were committed.

``disclosure_rule`` says of each circumstance of a case whether it is to be published (``obligation``: 1 应当, 2 可以, 3 不得), and
within how many working days of the decision; ``disclosure_period`` for how many months, by the field of law and by how severe
the sanction is. ``*`` stands for any. ``disclosure_profile`` says what a partner gets of what is published, by its agreement,
and the row `PUBLIC` what everybody does. ``feed_delivery`` proves to whom changes were handed out.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Table,
    Uuid,
    text,
)

from datasources.tables.gateway import metadata
from datasources.tables.indexes import index, trigram
from datasources.tables.record import record_columns

ANY = "*"
"""Whatever stands there."""
PUBLIC_PROFILE = "PUBLIC"
"""The profile of whoever has none of their own."""

disclosure = Table(
    "disclosure",
    metadata,
    Column("disclosure_id", String(40), primary_key=True),
    Column("case_id", Uuid, nullable=False, unique=True, index=True),
    Column("kind", String(1), nullable=False),
    Column("state", String(8), nullable=False),
    Column("version", Integer, nullable=False),
    Column("owner_version", Integer, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("publish_until", Date),
    Column("due_on", Date),
    Column("due_provisional", Boolean),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("withdraw_reason", String(20)),
    Column("cause_code", String(20)),
    Column("implementation_code", String(40)),
    Column("org_id", Uuid),
    Column("division_code", String(12)),
    Column("decided_on", Date),
    Column("document_no", String(100)),
    Column("subject_name", String(300)),
    Column("subject_uscc", String(18), index=True),
    Column("illegal_act_type", String(2000)),
    Column("facts", String(5000)),
    Column("basis", String(2048)),
    Column("penalty_kinds", ARRAY(String)),
    Column("content", String(4000)),
    Column("text_held", Boolean),
    Column("fine_amount", Numeric(18, 2)),
    Column("confiscated_amount", Numeric(18, 2)),
    Column("revoked_licence", String(200)),
    Column("result_code", String(1)),
    Column("valid_until", Date),
    *record_columns(),
)

change_log = Table(
    "change_log",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("op", String(8), nullable=False),
    Column("disclosure_id", String(40), nullable=False),
    Column("kind", String(1), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, index=True),
    Column("withdraw_reason", String(20)),
    Column("public_reason", String(500)),
)

disclosure_rule = Table(
    "disclosure_rule",
    metadata,
    Column("kind", String(1), primary_key=True),
    Column("circumstance", String(20), primary_key=True),
    Column("obligation", String(1), nullable=False),
    Column("within_days", SmallInteger),
    Column("basis", String(200), nullable=False),
)

disclosure_period = Table(
    "disclosure_period",
    metadata,
    Column("kind", String(1), primary_key=True),
    Column("field", String(20), primary_key=True),
    Column("severity", String(8), primary_key=True),
    Column("months", SmallInteger, nullable=False),
    Column("basis", String(200), nullable=False),
)

disclosure_profile = Table(
    "disclosure_profile",
    metadata,
    Column("profile_no", String(40), primary_key=True),
    Column("kinds", ARRAY(String), nullable=False),
    Column("name_rule", String(8), nullable=False, server_default=text("'MASKED'")),
    Column("fields", ARRAY(String)),
    Column("suppress_below", Integer, nullable=False, server_default=text("10")),
    Column("round_to", Integer, nullable=False, server_default=text("5")),
)

feed_delivery = Table(
    "feed_delivery",
    metadata,
    Column("client_id", String(60), primary_key=True),
    Column("issuer", String(200), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("after_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("agreement_no", String(40)),
    Column("delivered_at", DateTime(timezone=True), nullable=False),
)

index(change_log.c.disclosure_id, change_log.c.seq)
index(disclosure.c.decided_on, disclosure.c.disclosure_id)
index(disclosure.c.division_code, disclosure.c.decided_on)
index(disclosure.c.published_at, disclosure.c.disclosure_id)
index(disclosure.c.fine_amount, disclosure.c.disclosure_id)
index(disclosure.c.publish_until)
trigram(disclosure.c.subject_name)
