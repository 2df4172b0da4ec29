"""Transfers of suspected crimes to the police (两法衔接; 国务院令 310 as revised by 730)."""

from __future__ import annotations

import datetime
from typing import Annotated

import strawberry
from sqlalchemy import ColumnElement, Integer, String, Text, case, cast, func, literal_column

from auth.classes import Action
from datasources.tables import enforcement as t
from datasources.tables import personnel as off
from resolvers.args import arg, first_arg
from resolvers.case_enums import TransferStatus
from resolvers.case_parts import CaseDocument, CaseSubject, local_day
from resolvers.conditions import after, any_of
from resolvers.errors import NotAvailableYet
from resolvers.fields import (
    INT,
    PUB,
    RES,
    by_hand,
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


@strawberry.input(description="A suspected crime to be transferred, with its approval and enclosures.（移送申请）")
class CriminalTransferInput:
    """What the police must be given (国务院令 310 art. 5 and 6)."""

    idempotency_key: strawberry.ID = strawberry.field(description="The same key submits once.（幂等键）")
    case_id: strawberry.ID = strawberry.field(description="The case.（案件标识）")
    suspected_crime_code: str = strawberry.field(description="Article of 刑法 and its crime.（涉嫌罪名代码）")
    suspect_refs: list[strawberry.ID] = strawberry.field(description="The suspects among the parties.（涉嫌人引用）")
    receiving_org_uscc: str = strawberry.field(description="The police body.（接收机关）")
    approved_by_cert_no: str = strawberry.field(description="Who approved it.（批准人执法证号）")
    approved_on: datetime.date = strawberry.field(description="When it was approved.（批准移送日期）")
    document_ids: list[strawberry.ID] = strawberry.field(description="The enclosures.（移送材料）")
    seized_items_list_id: strawberry.ID | None = strawberry.field(
        default=None, description="The list of items, when items were seized.（涉案物品清单）"
    )
    note: str | None = strawberry.field(default=None, description="A remark.（备注）")


@strawberry.type(description="A fault of the input, said where it is.（输入错误）")
class UserError:
    """One fault; `path` leads to the member of the input."""

    code: str = strawberry.field(description="A stable code.（错误代码）")
    path: list[str] | None = strawberry.field(description="Where in the input.（位置）")
    message: str = strawberry.field(description="What is wrong.（说明）")


@strawberry.type(description="The transfer, or why there is none.（移送结果）")
class CriminalTransferPayload:
    """Either `transfer` or `errors`."""

    transfer: CriminalTransfer | None = strawberry.field(description="The transfer as recorded.（移送）")
    errors: list[UserError] = strawberry.field(description="Faults of the input; none when it was taken.（输入错误）")


async def submit_criminal_transfer(
    _input: Annotated[
        CriminalTransferInput, strawberry.argument(name="input", description="The transfer.（移送申请）")
    ],
) -> CriminalTransferPayload | None:
    """Raises NotAvailableYet: no linkage platform (两法衔接平台) takes transfers from this installation.

    Only who may submit gets that far, and the answer is the same for every case.
    """
    raise NotAvailableYet("submitCriminalTransfer")


@strawberry.type(description="Changes of transfers.（移送变更）")
class TransferMutation:
    """Changes go to the case systems; the gateway keeps no cases of its own."""

    submit_criminal_transfer: CriminalTransferPayload | None = by_hand(
        submit_criminal_transfer,
        RES,
        "移送涉嫌犯罪案件",
        action=Action.CHANGE,
        database="enforcement",
        columns=("cas.criminal_transfer.*",),
        doc="Hands a suspected crime to the police, once per idempotency key",
    )
