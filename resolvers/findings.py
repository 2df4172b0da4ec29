"""What a supervisor asks an authority about: 乱收费, 乱罚款, 乱检查, 乱查封 (行政执法监督条例), found by rules."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import func, select

from auth.classes import Action
from datasources.tables.enforcement import case_
from datasources.tables.legal_entity import entity, inspection_quota
from datasources.tables.matter import discretion, matter
from resolvers.authorities import authority
from resolvers.case_lists import CaseList, Context, Found, Row
from resolvers.errors import BadInput
from resolvers.fields import INT, by_hand
from resolvers.finding_kinds import FindingKind
from resolvers.finding_rules import RULES, References, Wanted
from resolvers.findings_sql import statement
from resolvers.hand_pages import counted
from resolvers.paging import PageInfo
from resolvers.prices import PASS
from resolvers.scalars import Cursor

LIST = CaseList(coordinate="Query.supervisionFindings", day="day")
FIRST = 50
LONGEST = 3 * 366
"""Days of the longest period."""
ALWAYS = datetime.date(1900, 1, 1), datetime.date(9999, 12, 31)


@strawberry.type(description="Something to ask an authority about.（监督发现）")
class SupervisionFinding:
    """One rule and one case."""

    case_no: str = strawberry.field(description="Number of the case.（案件编号）")
    day: datetime.date = strawberry.field(
        description="The day of the decision, of the end of the inspection, or on which the measure began.（日期）"
    )
    org_uscc: str | None = strawberry.field(
        description="Unified social credit code of the authority that handles it.（办案单位统一社会信用代码）"
    )
    org_name: str | None = strawberry.field(description="Name of that authority.（办案单位名称）")
    rule: str = strawberry.field(description="What was looked for.（规则名称）")
    basis: str = strawberry.field(description="Where it is laid down.（依据）")
    reason: str = strawberry.field(description="What was found, in a sentence.（说明）")


@strawberry.type(description="One page of findings, the latest in front.（监督发现列表）")
class SupervisionFindingPage:
    """A page in a total order."""

    nodes: list[SupervisionFinding] = strawberry.field(description="The findings.（监督发现）")
    page_info: PageInfo = strawberry.field(description="Where the page stands.（分页信息）")


async def supervision_findings(
    info: strawberry.Info[Context, None],
    kind: Annotated[FindingKind, strawberry.argument(description="What to look for.（监督事项）")],
    first_day: Annotated[datetime.date, strawberry.argument(name="from", description="First day.（起始日期）")],
    last_day: Annotated[datetime.date, strawberry.argument(name="to", description="Last day.（截止日期）")],
    org_uscc: Annotated[
        str | None, strawberry.argument(description="The authority.（办案单位统一社会信用代码）")
    ] = None,
    first: Annotated[int | None, strawberry.argument(description="How many, 1 to 200.（条数）")] = FIRST,
    after: Annotated[Cursor | None, strawberry.argument(description="Cursor of the item before.（起始游标）")] = None,
) -> SupervisionFindingPage | None:
    """Raises BadInput."""
    context = info.context
    count = counted(first, FIRST)
    if not 0 <= (last_day - first_day).days <= LONGEST:
        raise BadInput("to")
    behind = LIST.behind(context, after)
    found = await authority(context, org_uscc) if org_uscc is not None else None
    if org_uscc is not None and found is None:
        return _page(LIST.nothing(context))
    wanted = Wanted(
        kind=kind,
        first=first_day,
        last=last_day,
        today=context.today,
        references=await _references(context, kind, first_day, last_day),
        org_id=None if found is None else found["org_id"],
        behind=behind,
        cut=context.row_conditions(case_),
    )
    return _page(await LIST.page(context, statement(wanted, count + 1), count))


async def _references(context: Context, kind: FindingKind, first: datetime.date, last: datetime.date) -> References:
    if kind is FindingKind.FINES:
        return References(standards=await _standards(context))
    if kind is FindingKind.INSPECTIONS:
        return References(matters=await _matters(context), caps=await _caps(context, first, last))
    return References()


async def _standards(context: Context) -> list[tuple[str, str, Any]]:
    highest = select(discretion.c.cause_code, discretion.c.grade, func.max(discretion.c.amount_max).label("amount_max"))
    known = highest.where(discretion.c.amount_max.is_not(None)).group_by(discretion.c.cause_code, discretion.c.grade)
    rows = await context.rows("matter", known)
    return [(row["cause_code"], row["grade"], row["amount_max"]) for row in rows]


async def _matters(context: Context) -> list[tuple[str, datetime.date, datetime.date]]:
    versions = select(matter.c.implementation_code, matter.c.effective_from, matter.c.effective_to)
    rows = await context.rows("matter", versions.where(matter.c.sealed.is_(False)))
    begins, ends = ALWAYS
    return [(row["implementation_code"], row["effective_from"] or begins, row["effective_to"] or ends) for row in rows]


async def _caps(context: Context, first: datetime.date, last: datetime.date) -> list[tuple[str, int, int]]:
    """Of organisations that were inspected more often than they may be in a year, and no exemption (例外) is noted."""
    quota = inspection_quota.c
    over = (
        select(entity.c.uscc, quota.year, quota.annual_cap)
        .join(entity, entity.c.entity_id == quota.entity_id)
        .where(
            quota.year >= first.year,
            quota.year <= last.year,
            quota.done_count > quota.annual_cap,
            quota.exempt_reason.is_(None),
            entity.c.sealed.is_(False),
        )
    )
    return [(row["uscc"], row["year"], row["annual_cap"]) for row in await context.rows("legal_entity", over)]


def _page(found: Found) -> SupervisionFindingPage:
    nodes = [_shown(row, found.org(row)) for row in found.rows]
    return SupervisionFindingPage(nodes=nodes, page_info=found.place)


def _shown(row: Row, handling: Row) -> SupervisionFinding:
    rule = RULES[row["rule"]]
    return SupervisionFinding(
        case_no=row["case_no"],
        day=row["day"],
        org_uscc=handling.get("uscc"),
        org_name=handling.get("name"),
        rule=rule.name,
        basis=rule.basis,
        reason=rule.reason.format(found=row["found"], allowed=row["allowed"]),
    )


@strawberry.type(description="Findings of supervision.（监督发现查询）")
class FindingQuery:
    """What the four kinds have in common is that a party was burdened beyond the law."""

    supervision_findings: SupervisionFindingPage | None = by_hand(
        supervision_findings,
        INT,
        "监督发现",
        action=Action.READ,
        database="enforcement",
        columns=("cas.review.*",),
        beside=("matter", "legal_entity", "personnel"),
        reads=3 * PASS,
        doc="Cases of the level that a rule asks about: fees, fines, inspections or seizures beyond what is allowed",
    )
