"""Transfers of suspected crimes to the police (两法衔接; 国务院令 310 as revised by 730)."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry
from sqlalchemy import ColumnElement, Integer, String, Text, case, cast, func, literal_column

from datasources.tables import enforcement as t
from datasources.tables import gateway as gw
from datasources.tables import personnel as off
from resolvers.args import arg, first_arg
from resolvers.case_enums import TransferStatus
from resolvers.case_parts import CaseDocument, CaseSubject, local_day
from resolvers.conditions import after, any_of
from resolvers.fields import (
    INT,
    PUB,
    RES,
    code,
    column,
    hidden,
    link,
    link_source,
    lookup,
    named,
    root,
    source_of,
)
from resolvers.personnel import EnforcementOrg
from resolvers.sources import Order
from resolvers.types import record, value
from resolvers.values import Code

if TYPE_CHECKING:
    from resolvers.outbox import TransferPackage

LazyPackage: TypeAlias = Annotated["TransferPackage", strawberry.lazy("resolvers.outbox")]

case_, transfer = t.case_, t.criminal_transfer

ENCLOSURES = ("0704", "0705", "0706", "0307", "0308")
"""移送书, 情况调查报告, 涉案物品清单, 鉴定意见, 检验报告 (art. 6)."""


def _words(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", String())


STATUS = case(
    (transfer.c.police_decision == _words("1"), _words(TransferStatus.FILED.value)),
    (transfer.c.police_decision == _words("2"), _words(TransferStatus.NOT_FILED.value)),
    (transfer.c.sent_at.is_not(None), _words(TransferStatus.SENT.value)),
    (transfer.c.decided_on.is_not(None), _words(TransferStatus.APPROVED.value)),
    else_=_words(TransferStatus.DRAFT.value),
)

UPDATED_AT = func.coalesce(case_.c.source_updated_at, case_.c.fetched_at)
"""A transfer is part of its case's record: each step of it is delivered with the case."""

POLICE_REPLY_DUE = local_day(transfer.c.sent_at) + literal_column("3", Integer())
"""The police decide on filing within three days (art. 8)."""


@record(
    transfer.join(case_, case_.c.case_id == transfer.c.case_id),
    "涉嫌犯罪案件移送",
    key=transfer.c.transfer_id,
    order=Order(columns=(UPDATED_AT, transfer.c.transfer_id)),
    hidden=(hidden(transfer.c.case_id, RES, "案件"),),
)
class CriminalTransfer:
    """A case handed to the police because a crime is suspected."""

    transfer_id: strawberry.ID | None = column(cast(transfer.c.transfer_id, Text), RES, "移送标识")
    case_no: str | None = column(case_.c.case_no, INT, "案件编号")
    status: TransferStatus | None = named(STATUS, RES, "移送状态", TransferStatus)
    suspected_crime: Code | None = code(transfer.c.suspected_crime_code, RES, "涉嫌罪名")
    suspects: list[CaseSubject] | None = link(
        RES,
        "涉嫌人",
        key=transfer.c.case_id,
        match=t.party.c.case_id,
        where=(t.party.c.role_code == _words("1"),),
        doc="The parties of the case, not its witnesses and agents",
    )
    transferring_org: EnforcementOrg | None = link(RES, "移送机关", key=case_.c.org_id, match=off.org.c.org_id)
    receiving_org: str | None = lookup(
        link_source(RES, "接收机关", key=transfer.c.police_org_uscc, match=off.org.c.uscc, target="EnforcementOrg"),
        source_of(off.org.c.name, PUB, "接收机关名称"),
        "接收机关名称",
    )
    receiving_org_uscc: str | None = column(transfer.c.police_org_uscc, RES, "接收机关")
    copied_to_procuratorate: bool | None = column(transfer.c.copied_to_procuratorate, RES, "抄送检察院")
    decided_on: datetime.date | None = column(transfer.c.decided_on, RES, "批准移送日期")
    sent_at: datetime.datetime | None = column(transfer.c.sent_at, RES, "移送时间")
    police_reply_due: datetime.date | None = column(
        POLICE_REPLY_DUE, RES, "公安机关答复期限", doc="Three days after it was sent"
    )
    police_decision: Code | None = code(transfer.c.police_decision, RES, "立案/不立案")
    police_decision_no: str | None = column(transfer.c.police_decision_no, RES, "决定文号")
    documents: list[CaseDocument] | None = link(
        RES,
        "移送材料",
        key=transfer.c.case_id,
        match=t.document.c.case_id,
        where=(t.document.c.doc_type.in_([_words(number) for number in ENCLOSURES]),),
    )
    package: LazyPackage | None = link(
        RES,
        "移送材料包",
        key=transfer.c.case_id,
        match=gw.transfer.c.case_id,
        order=Order(columns=(gw.transfer.c.seq,), descending=True),
        doc="What was handed over through the gateway, and what the police reported of it; the latest",
    )


@value("案件移送查询")
class TransferQuery:
    """Transfers to the police."""

    criminal_transfers: list[CriminalTransfer] | None = root(
        RES,
        "涉嫌犯罪案件移送列表",
        args=(
            arg("status", list[TransferStatus] | None, "移送状态", any_of(STATUS)),
            arg("updatedAfter", datetime.datetime | None, "更新时间晚于", after(UPDATED_AT)),
            first_arg(50),
        ),
        doc="Transfers, those changed longest ago first",
    )


@strawberry.type(description="A fault of the input, said where it is.（输入错误）")
class UserError:
    """One fault; `path` leads to the member of the input."""

    code: str = strawberry.field(description="A stable code.（错误代码）")
    path: list[str] | None = strawberry.field(description="Where in the input.（位置）")
    message: str = strawberry.field(description="What is wrong.（说明）")
