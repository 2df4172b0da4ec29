"""The outbox of transfers (移送发件箱): cases that were handed to the police, in one total order, from any point on.

The linkage platform (两法衔接平台) keeps the cursor of its last batch and asks from there. A package has what police and procuratorate
are given with a case (国务院令 310 as revised by 730, art. 6), and what they report of it since.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import enum
import re
from collections.abc import Sequence
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, Integer, String, Text, Uuid, and_, cast, func, literal_column

from datasources.tables import enforcement as t
from datasources.tables import gateway as gw
from datasources.tables import personnel as off
from resolvers.args import arg, first_arg
from resolvers.case_enums import CaseKind
from resolvers.case_parts import CaseDocument, CaseSubject, local_day
from resolvers.conditions import TODAY, after, any_of, when_true
from resolvers.fields import PUB, RES, code, column, hidden, link, link_source, lookup, named, page, root, source_of
from resolvers.measures import Coercion
from resolvers.personnel import EnforcementOrg
from resolvers.scalars import Cursor
from resolvers.sources import Hop, Order, PageRole
from resolvers.types import record, value
from resolvers.values import Code

transfer, report = gw.transfer, gw.transfer_report

MAX_TRANSFERS = 100
"""Packages in one batch."""


@strawberry.enum(description="How far a case is that was handed to the police.（移送办理进展）")
class TransferProgress(enum.Enum):
    """SENT is the gateway's; the others are what the police's platform reports."""

    SENT = "SENT"
    RECEIVED = "RECEIVED"
    FILED = "FILED"
    NOT_FILED = "NOT_FILED"
    RECONSIDERATION = "RECONSIDERATION"
    SUPERVISED = "SUPERVISED"
    JUDGED = "JUDGED"


def _words(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", String())


REPLY_DUE = local_day(transfer.c.sent_at) + literal_column("3", Integer())
"""The police decide on filing within three days (art. 8)."""
UNDECIDED = transfer.c.status.in_([_words(TransferProgress.SENT.value), _words(TransferProgress.RECEIVED.value)])
OVERDUE = and_(UNDECIDED, REPLY_DUE < TODAY)
SEIZURES = t.coercion.c.measure_kind.in_([_words("1"), _words("2")])
"""查封, 扣押."""


@record(
    report,
    "移送办理反馈",
    key=(report.c.transfer_id, report.c.no),
    order=Order(columns=(report.c.no,)),
    hidden=(hidden(report.c.transfer_id, RES, "移送标识"),),
)
class TransferReport:
    """What the police's platform reported of a transfer."""

    no: int | None = column(report.c.no, RES, "序号")
    status: TransferProgress | None = named(report.c.status, RES, "办理进展", TransferProgress)
    decision_no: str | None = column(report.c.decision_no, RES, "决定文号")
    decided_on: datetime.date | None = column(report.c.decided_on, RES, "决定日期")
    reason: str | None = column(report.c.reason, RES, "理由")
    reported_at: datetime.datetime | None = column(report.c.reported_at, RES, "反馈时间")


@record(
    transfer,
    "移送材料包",
    key=transfer.c.transfer_id,
    order=Order(columns=(transfer.c.seq,)),
    hidden=(
        hidden(transfer.c.seq, RES, "序号"),
        hidden(transfer.c.case_id, RES, "案件"),
        hidden(transfer.c.org_id, RES, "移送机关"),
        hidden(transfer.c.suspect_refs, RES, "涉嫌人引用"),
        hidden(transfer.c.document_ids, RES, "移送材料"),
    ),
)
class TransferPackage:
    """A case as it was handed to the police, and what became of it there."""

    transfer_id: strawberry.ID | None = column(cast(transfer.c.transfer_id, Text), RES, "移送标识")
    case_no: str | None = column(transfer.c.case_no, RES, "案件编号")
    case_kind: CaseKind | None = named(transfer.c.case_kind, RES, "案件类别", CaseKind)
    cause_code: str | None = column(transfer.c.cause_code, RES, "案由代码")
    filed_on: datetime.date | None = column(transfer.c.filed_on, RES, "立案日期")
    place: str | None = column(transfer.c.place, RES, "案发地点")
    status: TransferProgress | None = named(transfer.c.status, RES, "办理进展", TransferProgress)
    suspected_crime: Code | None = code(transfer.c.suspected_crime_code, RES, "涉嫌罪名", codes="刑法条文")
    suspects: list[CaseSubject] | None = link(
        RES,
        "涉嫌人",
        key=transfer.c.transfer_id,
        through=Hop(
            table=transfer,
            match=(transfer.c.transfer_id,),
            columns=(transfer.c.case_id, func.unnest(transfer.c.suspect_refs, type_=String())),
        ),
        match=(t.party.c.case_id, t.party.c.subject_ref),
        where=(t.party.c.role_code == _words("1"),),
        doc="Those of the parties who were named as suspects",
    )
    transferring_org: EnforcementOrg | None = link(RES, "移送机关", key=transfer.c.org_id, match=off.org.c.org_id)
    receiving_org: str | None = lookup(
        link_source(RES, "接收机关", key=transfer.c.police_org_uscc, match=off.org.c.uscc, target="EnforcementOrg"),
        source_of(off.org.c.name, PUB, "接收机关名称"),
        "接收机关名称",
    )
    receiving_org_uscc: str | None = column(transfer.c.police_org_uscc, RES, "接收机关")
    copied_to_procuratorate: bool | None = column(transfer.c.copied_to_procuratorate, RES, "抄送检察院")
    decided_on: datetime.date | None = column(transfer.c.decided_on, RES, "批准移送日期")
    approved_by_cert_no: str | None = column(transfer.c.approved_by_cert_no, RES, "批准人执法证号")
    submitted_by_cert_no: str | None = column(transfer.c.submitted_by_cert_no, RES, "移送人执法证号")
    sent_at: datetime.datetime | None = column(transfer.c.sent_at, RES, "移送时间")
    police_reply_due: datetime.date | None = column(
        REPLY_DUE, RES, "公安机关答复期限", doc="Three days after it was sent"
    )
    police_reply_overdue: bool | None = column(
        OVERDUE, RES, "公安机关逾期未答复", doc="Neither filed nor refused, and the three days are over"
    )
    documents: list[CaseDocument] | None = link(
        RES,
        "移送材料",
        key=transfer.c.transfer_id,
        through=Hop(
            table=transfer,
            match=(transfer.c.transfer_id,),
            columns=(func.unnest(transfer.c.document_ids, type_=Uuid()),),
        ),
        match=t.document.c.document_id,
        doc="The enclosures as the file has them now",
    )
    documents_digest: str | None = column(
        transfer.c.documents_digest,
        RES,
        "移送材料摘要",
        doc='SHA-256 over "documentId sha" of what was enclosed, in byte order, each followed by a line feed',
    )
    items_list_id: strawberry.ID | None = column(cast(transfer.c.items_list_id, Text), RES, "涉案物品清单")
    seized_items: list[Coercion] | None = link(
        RES,
        "涉案物品",
        key=transfer.c.case_id,
        match=t.coercion.c.case_id,
        where=(SEIZURES,),
        doc="What was sealed up or seized in the case",
    )
    note: str | None = column(transfer.c.note, RES, "备注")
    reports: list[TransferReport] | None = link(
        RES, "办理反馈", key=transfer.c.transfer_id, match=report.c.transfer_id, doc="What was reported of it, in order"
    )


_POSITION = re.compile(rb"to:([0-9]{16})")


def position_of(cursor: str) -> int:
    """The number that a cursor of the outbox stands for; ValueError when it is none: one of the feed is none."""
    try:
        found = _POSITION.fullmatch(base64.b64decode(cursor, validate=True))
    except binascii.Error as error:
        raise ValueError("not a cursor of the outbox") from error
    if found is None:
        raise ValueError("not a cursor of the outbox")
    return int(found[1])


def next_cursor(after_: int, last: Sequence[Any] | None) -> str:
    """The cursor behind a batch that was asked for from a number; `last` has the number of its last package."""
    return base64.b64encode(b"to:%016d" % (after_ if last is None else int(last[0]))).decode("ascii")


@value("移送批次")
class TransferBatch:
    """The packages after a cursor, oldest first, and where to go on."""

    nodes: list[TransferPackage] = page(PageRole.NODES, "移送材料包")
    next_cursor: Cursor = page(
        PageRole.NEXT_CURSOR, "下一批游标", doc="Where to go on; the same when nothing was added"
    )
    caught_up: bool = page(PageRole.CAUGHT_UP, "是否已追平", doc="No package after this batch")
    snapshot_at: datetime.datetime = page(PageRole.MOMENT, "快照时间", doc="When the batch was read")


@value("移送发件箱查询")
class OutboxQuery:
    """The outbox of transfers."""

    transfer_outbox: TransferBatch | None = root(
        RES,
        "移送发件箱",
        args=(
            arg("after", Cursor | None, "起始游标", after(transfer.c.seq), check=position_of, absent=0),
            arg("status", list[TransferProgress] | None, "办理进展", any_of(transfer.c.status)),
            arg(
                "overdueOnly",
                bool | None,
                "仅逾期未答复",
                when_true(OVERDUE, transfer.c.status, transfer.c.sent_at),
            ),
            first_arg(50, limit=MAX_TRANSFERS),
        ),
        cursor=next_cursor,
        doc="Cases that were handed to the police, in the order in which they were",
    )
