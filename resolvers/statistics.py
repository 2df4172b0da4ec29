"""Figures of enforcement (行政执法统计) for supervisors: by district, town, organisation, month, kind of case.

Supervisors have exact counts; amounts that stand for fewer than five decisions are suppressed (GB/T 37964): they would tell what
one party paid. Partners whose agreement is about figures have small counts hidden and the others rounded (`resolvers.cells`).
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Protocol, TypeAlias

import strawberry
from sqlalchemy import ARRAY, ColumnElement, FromClause, String, Uuid, any_, bindparam, select

from auth.classes import Action
from datasources.tables.enforcement import case_
from datasources.tables.gateway import source_batch
from datasources.tables.personnel import division, org
from resolvers.case_enums import CaseKind
from resolvers.cells import Protection
from resolvers.checks import code as code_text
from resolvers.errors import BadInput
from resolvers.fields import INT, by_hand, coded
from resolvers.prices import PASS
from resolvers.statistics_sql import AMOUNTS, COUNTS, Question, StatDimension, statement
from resolvers.statistics_told import ask_for_rounded, told
from resolvers.values import Code

LONGEST = 3 * 366
"""Days of the longest period."""

Row: TypeAlias = Mapping[str, Any]


class Context(Protocol):
    """What a hand-written resolver finds in ``info.context``."""

    today: datetime.date
    now: datetime.datetime

    async def rows(self, database: str, statement: Any) -> list[Mapping[str, Any]]:
        """The rows of a statement; raises what the gateway shows when the database does not answer."""
        ...

    protection: Protection | None
    """How figures are told to the caller; None: exactly."""

    def figure_conditions(self, source: FromClause) -> tuple[ColumnElement[bool], ...]:
        """Which rows of a table the caller's figures are made of; its parameters are bound by `rows`."""
        ...


@strawberry.type(description="A division that figures are grouped by.（统计区划）")
class StatDivision:
    """The code and the name of a division; the name is missing when the division is not in the register."""

    code: str = strawberry.field(description="Code (GB/T 2260, GB/T 10114).（区划代码）")
    name: str | None = strawberry.field(description="Name.（名称）")


@strawberry.type(description="An organisation that figures are grouped by.（统计执法主体）")
class StatOrg:
    """The id, the USCC and the name of an organisation."""

    org_id: strawberry.ID = strawberry.field(description="Id of the organisation.（主体标识）")
    uscc: str | None = strawberry.field(description="Unified social credit code.（统一社会信用代码）")
    name: str | None = strawberry.field(description="Name.（执法主体名称）")


@strawberry.type(description="The figures of one group.（统计行）")
class StatRow:
    """A member that was not grouped by is null, and so is a figure that is suppressed."""

    district: StatDivision | None = strawberry.field(description="District, or functional zone.（区、功能区）")
    town: StatDivision | None = strawberry.field(description="Town or street.（镇街）")
    org: StatOrg | None = strawberry.field(description="Organisation.（办案单位）")
    month: str | None = strawberry.field(description="Month, YYYY-MM.（月份）")
    case_kind: CaseKind | None = strawberry.field(description="Kind of case.（案件类别）")
    matter_type: Code | None = strawberry.field(description="Type of matter.（事项类型）")
    filed: int | None = strawberry.field(description="Cases filed.（立案数）")
    decided: int | None = strawberry.field(description="Cases decided.（决定数）")
    closed: int | None = strawberry.field(description="Cases closed.（结案数）")
    on_time_closed: int | None = strawberry.field(
        description="Cases closed whose decision kept the handling period (行政处罚法 art. 60).（按期办结数）"
    )
    fine_amount: decimal.Decimal | None = strawberry.field(
        description="Fines of the cases decided, 元; null when suppressed.（罚款金额）"
    )
    collected_amount: decimal.Decimal | None = strawberry.field(
        description="What has been paid of these, 元; null when suppressed.（实缴金额）"
    )
    inspected: int | None = strawberry.field(description="Inspections ended.（检查数）")
    issue_found: int | None = strawberry.field(description="Inspections that found a fault.（发现问题数）")
    reviewed_reversed: int | None = strawberry.field(
        description="Cases decided whose decision was revoked, changed or declared illegal.（被撤销、变更或者确认违法数）"
    )
    disclosed_on_time: int | None = strawberry.field(
        description="Cases decided that were published in time (国办发〔2018〕118号).（按期公示数）"
    )
    disclosure_due: int | None = strawberry.field(
        description="Cases decided that had to be published by today, or were.（应公示数）"
    )
    suppressed: bool = strawberry.field(
        description="Figures of the row are null because they are small: to supervisors the amounts of fewer than five decisions, "
        "to partners whatever stands for fewer cases than was agreed.（是否隐藏小数值）"
    )


@strawberry.type(description="How far behind a source is.（来源时延）")
class SourceLag:
    """The last delivery of a source system."""

    source_system: str = strawberry.field(description="Source system.（来源系统）")
    last_batch_at: datetime.datetime = strawberry.field(description="Its last delivery.（最近批次时间）")
    lag_seconds: int = strawberry.field(description="Seconds since then.（时延秒数）")


@strawberry.type(description="Figures, and how fresh they are.（统计结果）")
class StatResult:
    """The rows in the order of their groups."""

    rows: list[StatRow] = strawberry.field(description="One row a group.（统计行）")
    as_of: datetime.datetime = strawberry.field(description="When the figures were taken.（统计时点）")
    source_lag: list[SourceLag] = strawberry.field(description="How far behind each source of cases is.（来源时延）")


def ask(
    group_by: Iterable[StatDimension],
    first: datetime.date,
    last: datetime.date,
    division_prefix: str | None,
    kinds: list[CaseKind] | None,
    today: datetime.date,
) -> Question:
    """The question, checked. Raises BadInput."""
    if last < first or (last - first).days > LONGEST:
        raise BadInput("to")
    if not datetime.date(2000, 1, 1) <= first <= datetime.date(2100, 1, 1):
        raise BadInput("from")
    try:
        prefix = None if division_prefix is None else code_text(division_prefix)
    except ValueError as error:
        raise BadInput("divisionPrefix") from error
    return Question(
        group_by=tuple(dict.fromkeys(group_by)),
        first=first,
        last=last,
        today=today,
        division_prefix=prefix,
        kinds=None if kinds is None else tuple(kinds),
    )


def shown(row: Row, divisions: Mapping[str, str], orgs: Mapping[str, Row]) -> StatRow:
    """One row that is told as a row of the answer."""
    kind = row.get("kind")
    type_code = row.get("matter_type")
    org_id = None if row.get("org") is None else str(row["org"])
    known = orgs.get(org_id or "", {})
    return StatRow(
        district=_division(row.get("district"), divisions),
        town=_division(row.get("town"), divisions),
        org=None
        if org_id is None
        else StatOrg(org_id=strawberry.ID(org_id), uscc=known.get("uscc"), name=known.get("name")),
        month=row.get("month"),
        case_kind=None if kind is None else CaseKind(kind),
        matter_type=None if type_code is None else _matter_type(type_code),
        **{name: row[name] for name in (*COUNTS, *AMOUNTS, "suppressed")},
    )


def _division(code: str | None, names: Mapping[str, str]) -> StatDivision | None:
    return None if code is None else StatDivision(code=code, name=names.get(code))


def _matter_type(code: str) -> Any:
    form = coded("matter.type_code")
    return {"list": form.list_name, "code": code, "label": form.labels.get(code, code)}


async def _divisions(context: Context, rows: list[Row]) -> dict[str, str]:
    codes = sorted({row[name] for row in rows for name in ("district", "town") if row.get(name) is not None})
    if not codes:
        return {}
    wanted = bindparam("codes", codes, type_=ARRAY(String()))
    found = await context.rows(
        "personnel", select(division.c.code, division.c.name).where(division.c.code == any_(wanted))
    )
    return {row["code"]: row["name"] for row in found}


async def _orgs(context: Context, rows: list[Row]) -> dict[str, Row]:
    ids = sorted({row["org"] for row in rows if row.get("org") is not None})
    if not ids:
        return {}
    wanted = bindparam("ids", ids, type_=ARRAY(Uuid()))
    found = await context.rows(
        "personnel", select(org.c.org_id, org.c.uscc, org.c.name).where(org.c.org_id == any_(wanted))
    )
    return {str(row["org_id"]): row for row in found}


async def _lags(context: Context) -> list[SourceLag]:
    seen = select(case_.c.source_system).where(*context.figure_conditions(case_)).distinct()
    systems = [row["source_system"] for row in await context.rows("enforcement", seen)]
    wanted = bindparam("systems", systems, type_=ARRAY(String()))
    batches = await context.rows(
        "gateway",
        select(source_batch.c.source_system, source_batch.c.last_batch_at)
        .where(source_batch.c.source_system == any_(wanted))
        .order_by(source_batch.c.source_system),
    )
    return [
        SourceLag(
            source_system=batch["source_system"],
            last_batch_at=batch["last_batch_at"],
            lag_seconds=max(0, int((context.now - batch["last_batch_at"]).total_seconds())),
        )
        for batch in batches
    ]


async def enforcement_stats(
    info: strawberry.Info[Context, None],
    group_by: Annotated[list[StatDimension], strawberry.argument(description="The groups.（统计维度）")],
    first: Annotated[datetime.date, strawberry.argument(name="from", description="First day.（起始日期）")],
    last: Annotated[datetime.date, strawberry.argument(name="to", description="Last day.（截止日期）")],
    division_prefix: Annotated[
        str | None, strawberry.argument(description="Beginning of the division code.（区划前缀）")
    ] = None,
    kinds: Annotated[list[CaseKind] | None, strawberry.argument(description="Kinds of case.（案件类别）")] = None,
) -> StatResult | None:
    """Raises BadInput."""
    context = info.context
    question = ask(group_by, first, last, division_prefix, kinds, context.today)
    protection = context.protection
    if protection is not None:
        ask_for_rounded(question)
    question = dataclasses.replace(
        question, cut=context.figure_conditions(case_), secret=None if protection is None else protection.secret
    )
    rows = told(await context.rows("enforcement", statement(question)), protection)
    divisions, orgs = await _divisions(context, rows), await _orgs(context, rows)
    return StatResult(
        rows=[shown(row, divisions, orgs) for row in rows], as_of=context.now, source_lag=await _lags(context)
    )


@strawberry.type(description="Figures.（统计查询）")
class StatisticsQuery:
    """Figures of enforcement."""

    enforcement_stats: StatResult | None = by_hand(
        enforcement_stats,
        INT,
        "行政执法统计",
        action=Action.AGGREGATE,
        database="enforcement",
        columns=("cas.case.*",),
        beside=("personnel", "gateway"),
        reads=PASS,
        doc="What was enforced in a period, grouped as asked",
    )
