"""The change feed of disclosures: PUBLISH, UPDATE and WITHDRAW in one total order, from any point on.

A partner keeps the cursor of its last batch and asks from there. The feed is compacted: of each record it has the last change
alone, so that nobody is sent what was superseded. A withdrawn record's event has its reason and no content, and is for those
who may have the record: who starts from the beginning receives nothing of what was withdrawn before.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import strawberry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.elements import Grouping

from datasources.tables.disclosure import change_log as change
from datasources.tables.disclosure import disclosure
from resolvers.args import arg, first_arg
from resolvers.case_enums import DisclosureOp, WithdrawReason
from resolvers.disclosure import Disclosure
from resolvers.fields import PUB, column, hidden, link, named, page, root
from resolvers.scalars import Cursor
from resolvers.sources import Order, PageRole, Where
from resolvers.types import record, value

later, newest = change.alias("later"), change.alias("newest")

MAX_CHANGES = 500
"""Changes in one batch."""
PER_EVENT = 100
"""Changes in one event of a subscription."""

WITHDRAWN: ColumnElement[str] = literal_column(f"'{DisclosureOp.WITHDRAW.value}'", Text())

LAST = ~exists(
    select(literal_column("1"))
    .select_from(later)
    .where(later.c.disclosure_id == change.c.disclosure_id, later.c.seq > change.c.seq)
    .correlate(change)
)
"""No other change of the record comes after it."""

HEAD = select(func.max(newest.c.seq)).scalar_subquery()
"""The last change that there is, of whatever record."""

_POSITION = re.compile(rb"dc:([0-9]{16})(?::([0-9]{16}))?")


class Place(NamedTuple):
    """Where a follower is: up to which change it has read, and what the last change was when it began at the beginning.

    What was withdrawn up to `horizon` it has never had. Below zero the feed begins with this batch.
    """

    position: int
    horizon: int


BEGINNING = Place(0, -1)


def place_of(cursor: str) -> Place:
    """What a cursor of the feed stands for; ValueError when it is none."""
    try:
        text = base64.b64decode(cursor, validate=True)
    except binascii.Error as error:
        raise ValueError("not a cursor of the feed") from error
    found = _POSITION.fullmatch(text)
    if found is None:
        raise ValueError("not a cursor of the feed")
    position, horizon = int(found[1]), int(found[2] or 0)
    return Place(position, horizon) if position else BEGINNING


def cursor_at(position: int, horizon: int = 0) -> str:
    """The cursor behind the change with this sequence number; 0 is before the first. Behind the horizon there is none."""
    text = b"dc:%016d" % position
    return base64.b64encode(text if position >= horizon else text + b":%016d" % horizon).decode("ascii")


def next_cursor(after: Sequence[int], last: Sequence[Any] | None) -> str:
    """The cursor behind a batch that was asked for from `after`; `last` are the sequence number of its last change and `HEAD`."""
    position, horizon = after
    if last is None:
        return cursor_at(position, horizon)
    return cursor_at(int(last[0]), int(last[1]) if horizon < 0 else horizon)


def _member(place: ColumnElement[Any], number: int) -> ColumnElement[int]:
    """A member of a `Place`: 1 the position, 2 the horizon."""
    return Grouping(place).op("[", return_type=BigInteger())(literal_column(f"{number}]"))


def _behind(place: ColumnElement[Any]) -> ColumnElement[bool]:
    position, horizon = _member(place, 1), _member(place, 2)
    told = and_(horizon >= literal_column("0"), change.c.seq > horizon)
    return and_(change.c.seq > position, or_(change.c.op != WITHDRAWN, told))


def following() -> Where:
    """The changes behind a place; of withdrawals those of records that a follower there may have.

    Whether it has one is not asked: an answer that was taken may never have been confirmed by another request.
    """
    return Where(columns=(change.c.seq, change.c.op), bind=ARRAY(BigInteger), build=_behind, encode=list)


@record(
    change,
    "公示变更",
    key=change.c.seq,
    order=Order(columns=(change.c.seq, HEAD)),
    where=(LAST,),
    hidden=(
        hidden(later.c.seq, PUB, "序号"),
        hidden(later.c.disclosure_id, PUB, "公示标识"),
        hidden(newest.c.seq, PUB, "序号"),
    ),
)
class DisclosureChange:
    """One event of the feed: the last change of a record."""

    seq: str = column(cast(change.c.seq, Text), PUB, "序号")
    op: DisclosureOp = named(change.c.op, PUB, "变更类型", DisclosureOp)
    disclosure_id: strawberry.ID = column(change.c.disclosure_id, PUB, "公示标识")
    changed_at: datetime.datetime = column(change.c.changed_at, PUB, "变更时间")
    withdraw_reason: WithdrawReason | None = named(change.c.withdraw_reason, PUB, "撤下原因", WithdrawReason)
    public_reason: str | None = column(change.c.public_reason, PUB, "公开说明")
    record: Disclosure | None = link(
        PUB,
        "公示信息",
        key=case((change.c.op != WITHDRAWN, change.c.disclosure_id)),
        match=disclosure.c.disclosure_id,
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


AFTER = arg("after", Cursor | None, "起始游标", following(), check=place_of, absent=BEGINNING)


@value("公示变更查询")
class FeedQuery:
    """The change feed of disclosures."""

    disclosure_changes: DisclosureChangeBatch | None = root(
        PUB,
        "公示变更",
        args=(AFTER, first_arg(MAX_CHANGES, limit=MAX_CHANGES)),
        cursor=next_cursor,
        delivered=True,
    )


@value("公示变更订阅")
class FeedSubscription:
    """The change feed of disclosures, as it grows. Every event is the answer to the query of the same name."""

    disclosure_changes: DisclosureChangeBatch | None = root(
        PUB,
        "公示变更",
        args=(AFTER,),
        cursor=next_cursor,
        delivered=True,
        doc="The last change of each record after the cursor, then every change; at most 100 in an event; nextCursor is where to go on",
    )
