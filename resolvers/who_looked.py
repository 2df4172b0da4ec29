"""Who looked at me (本人被查询记录): a citizen or an enterprise sees who read which of their data, when and for what.

Whom it is about is not asked: it follows from the login. What may be shown when is in `resolvers.looks`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

import strawberry
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal,
    select,
    tuple_,
)
from strawberry.types.nodes import SelectedField

from auth.classes import Action
from datasources.tables.access_log import access_record, access_subject
from datasources.tables.gateway import client
from resolvers.fields import PER, by_hand
from resolvers.hand_pages import Place, counted, opened
from resolvers.looks import NUMBER, numbers_held, released, shown, states_of
from resolvers.looks_told import AccessLook, Context, Row, Told
from resolvers.paging import PageInfo
from resolvers.scalars import Cursor

COORDINATE = "Query.whoLookedAtMe"
FIRST = 20

Info = strawberry.Info[Context, None]


@strawberry.type(description="One page of looks, the newest first.（被查询记录列表）")
class AccessLookPage:
    """Made by `who_looked_at_me`."""

    nodes: list[AccessLook] = strawberry.field(description="Looks.（项）")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.（分页信息）")
    total_count: int | None = strawberry.field(description="Of the whole list; counted only when selected.（总数）")


async def who_looked_at_me(
    info: Info,
    first: Annotated[int | None, strawberry.argument(description="How many, 1 to 200.（条数）")] = FIRST,
    after: Annotated[Cursor | None, strawberry.argument(description="End of the page before.（起始游标）")] = None,
) -> AccessLookPage | None:
    """Raises BadInput."""
    context = info.context
    count = counted(first, FIRST)
    behind = opened(after, context.seal, COORDINATE, _read)
    own = [context.pseudonym(reference) for reference in context.oneself.references]
    # Asked whether a look waits for its case or not: which databases were asked tells nothing.
    held = await context.rows("gateway", select(NUMBER.label("number")).distinct().where(_of(own), numbers_held()))
    states = await context.rows("enforcement", states_of({row["number"] for row in held if row["number"]}))
    cases = released(states)
    seen = and_(_of(own), shown(cases, context.now))
    rows = await context.rows("gateway", _page(seen, own, count, behind))
    page, more = rows[:count], len(rows) > count
    told = await Told.of(context, page, {number for numbers in cases.values() for number in numbers})
    place: Any = Place(items=page, more=more, seal=context.seal, coordinate=COORDINATE, sort=_sort)
    return AccessLookPage(
        nodes=[told.look(row) for row in page],
        page_info=place,
        total_count=await _total(context, seen) if "totalCount" in _selected(info.selected_fields) else None,
    )


def _selected(selections: Iterable[Any]) -> Iterator[str]:
    """The names of what is selected of the page, in fragments too."""
    for one in selections:
        if isinstance(one, SelectedField) and one.name != "whoLookedAtMe":
            yield one.name
        else:
            yield from _selected(one.selections)


async def _total(context: Context, seen: ColumnElement[bool]) -> int:
    """What is held back does not count."""
    counting = select(func.count().label("total")).select_from(access_record).where(seen)
    (row,) = await context.rows("gateway", counting)
    return int(row["total"])


def _lines(own: Sequence[str]) -> ColumnElement[bool]:
    pseudonyms = bindparam("own", list(own), type_=ARRAY(String()))
    return and_(
        access_subject.c.log_id == access_record.c.log_id,
        access_subject.c.seq == access_record.c.seq,
        access_subject.c.pseudonym == any_(pseudonyms),
    )


def _of(own: Sequence[str]) -> ColumnElement[bool]:
    """Answers that left and show something of the caller."""
    about = exists().where(_lines(own)).correlate(access_record)
    return and_(access_record.c.outcome == "RELEASED", about)


_SORT = (access_record.c.at, access_record.c.log_id, access_record.c.seq)


def _page(seen: ColumnElement[bool], own: Sequence[str], count: int, behind: Sequence[Any] | None) -> Select[Any]:
    types = select(func.array_agg(access_subject.c.type)).where(_lines(own)).correlate(access_record).scalar_subquery()
    log = access_record.c
    found = (
        select(
            *_SORT, log.caller_kind, log.caller_subject, log.caller_client, log.cert_no, log.org_uscc, log.purpose,
            NUMBER.label("number"), log.clear, log.masked, types.label("types"),
            client.c.name.label("client_name"), client.c.org_uscc.label("client_uscc"),
        )
        .select_from(access_record.outerjoin(client, client.c.client_id == log.caller_client))
        .where(seen)
        .order_by(*(column.desc() for column in _SORT))
        .limit(count + 1)
    )  # fmt: skip
    if behind is not None:
        found = found.where(
            tuple_(*_SORT) < tuple_(*(literal(value, column.type) for value, column in zip(behind, _SORT, strict=True)))
        )
    return found


def _sort(row: Row) -> list[Any]:
    return [row["at"].isoformat(), row["log_id"], row["seq"]]


def _read(values: Sequence[Any]) -> Sequence[Any]:
    at, log_id, seq = values
    return datetime.datetime.fromisoformat(at), log_id, seq


@strawberry.type(description="Who looked.（本人被查询记录查询）")
class WhoLookedQuery:
    """The caller's own part of the access log."""

    who_looked_at_me: AccessLookPage | None = by_hand(
        who_looked_at_me,
        PER,
        "本人被查询记录",
        action=Action.READ,
        database="gateway",
        columns=("gw.access_subject.*",),
        beside=("enforcement", "personnel"),
        doc="Who looked at the caller's data, when, for what; shown when it can no longer hinder a duty"
        " (PIPL art. 18, 35, 44, 45)",
    )
