"""The change feed of disclosures: PUBLISH, UPDATE and WITHDRAW in one total order, from any point on.

A partner keeps the cursor of its last batch and asks from there. A withdrawn record's event has its reason and no content,
and neither have the events before it: who starts from the beginning receives nothing that is withdrawn.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from typing import Any

import strawberry
from sqlalchemy import Text, cast

from datasources.tables import enforcement as t
from datasources.tables import gateway as gw
from resolvers.args import arg, first_arg
from resolvers.case_enums import DisclosureOp, WithdrawReason
from resolvers.conditions import after
from resolvers.disclosure import Disclosure
from resolvers.fields import PUB, column, link, named, page, root
from resolvers.scalars import Cursor
from resolvers.sources import PageRole
from resolvers.types import record, value

change = gw.change_log

MAX_CHANGES = 500
"""Changes in one batch."""
PER_EVENT = 100
"""Changes in one event of a subscription."""

_POSITION = re.compile(rb"dc:([0-9]{16})")


def position_of(cursor: str) -> int:
    """The sequence number that a cursor of a feed stands for; ValueError when it is none."""
    try:
        text = base64.b64decode(cursor, validate=True)
    except binascii.Error as error:
        raise ValueError("not a cursor of the feed") from error
    found = _POSITION.fullmatch(text)
    if found is None:
        raise ValueError("not a cursor of the feed")
    return int(found[1])


def cursor_at(position: Any) -> str:
    """The cursor behind the change with this sequence number; 0 is before the first."""
    return base64.b64encode(b"dc:%016d" % int(position)).decode("ascii")


@record(change, "公示变更", key=change.c.seq)
class DisclosureChange:
    """One event of the feed."""

    seq: str = column(cast(change.c.seq, Text), PUB, "序号")
    op: DisclosureOp = named(change.c.op, PUB, "变更类型", DisclosureOp)
    disclosure_id: strawberry.ID = column(change.c.disclosure_id, PUB, "公示标识")
    changed_at: datetime.datetime = column(change.c.changed_at, PUB, "变更时间")
    withdraw_reason: WithdrawReason | None = named(change.c.withdraw_reason, PUB, "撤下原因", WithdrawReason)
    public_reason: str | None = column(change.c.public_reason, PUB, "公开说明")
    record: Disclosure | None = link(
        PUB,
        "公示信息",
        key=change.c.disclosure_id,
        match=t.disclosure.c.disclosure_id,
        doc="The record as it is now; null when it is withdrawn",
    )


@value("公示变更批次")
class DisclosureChangeBatch:
    """The changes after a cursor, oldest first, and where to go on."""

    changes: list[DisclosureChange] = page(PageRole.NODES, "变更")
    next_cursor: Cursor = page(
        PageRole.NEXT_CURSOR, "下一批游标", doc="Where to go on; the same when nothing has changed"
    )
    caught_up: bool = page(PageRole.CAUGHT_UP, "是否已追平", doc="No change after this batch")
    snapshot_at: datetime.datetime = page(PageRole.MOMENT, "快照时间", doc="When the batch was read")


AFTER = arg("after", Cursor | None, "起始游标", after(change.c.seq), check=position_of)


@value("公示变更查询")
class FeedQuery:
    """The change feed of disclosures."""

    disclosure_changes: DisclosureChangeBatch | None = root(
        PUB,
        "公示变更",
        args=(AFTER, first_arg(MAX_CHANGES, limit=MAX_CHANGES)),
        cursor=cursor_at,
    )


@value("公示变更订阅")
class FeedSubscription:
    """The change feed of disclosures, as it grows. Every event is the answer to the query of the same name."""

    disclosure_changes: DisclosureChangeBatch | None = root(
        PUB,
        "公示变更",
        args=(AFTER,),
        cursor=cursor_at,
        doc="What came after the cursor, then every change as it happens, at most 100 in an event; nextCursor is where to go on",
    )
