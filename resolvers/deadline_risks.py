"""Cases whose statutory periods end soon or are over (办案期限预警): for supervisors of the level and officers of the authority."""

from __future__ import annotations

import datetime
from typing import Annotated

import strawberry

from auth.classes import Action
from datasources.tables.enforcement import case_
from resolvers.authorities import authority
from resolvers.case_enums import CaseKind, CaseStatus
from resolvers.case_lists import CaseList, Context, Found, Row
from resolvers.catalog import column_names
from resolvers.deadline_risks_sql import DUTIES, LOOK_BACK, Wanted, statement
from resolvers.deadlines import COLUMNS
from resolvers.errors import BadInput
from resolvers.fields import INT, by_hand
from resolvers.hand_pages import counted
from resolvers.paging import PageInfo
from resolvers.scalars import Cursor
from resolvers.workdays import is_known, working_days_after, working_days_between

LIST = CaseList(coordinate="Query.deadlineRisks", day="due_on")
WITHIN, FURTHEST = 5, 60
"""Working days."""
FIRST = 50


@strawberry.type(description="A period of a case that ends soon or is over.（期限预警）")
class DeadlineRisk:
    """One duty of the authority in one case."""

    case_no: str = strawberry.field(description="Number of the case.（案件编号）")
    kind: CaseKind = strawberry.field(description="Kind of case.（案件类别）")
    status: CaseStatus | None = strawberry.field(description="Status.（状态）")
    org_uscc: str | None = strawberry.field(
        description="Unified social credit code of the authority that handles it.（办案单位统一社会信用代码）"
    )
    org_name: str | None = strawberry.field(description="Name of that authority.（办案单位名称）")
    rule: str = strawberry.field(description="The period.（期限名称）")
    basis: str = strawberry.field(description="Where it is laid down.（依据）")
    due_on: datetime.date = strawberry.field(description="Its last day.（届满日期）")
    overdue: bool = strawberry.field(description="Whether that day is over.（是否逾期）")
    working_days: int = strawberry.field(
        description="Working days that are left, 0 on the last day; of an overdue one, how many ago it ended, below zero.（剩余工作日）"
    )
    provisional: bool = strawberry.field(
        description="It ends in a year whose days off are not announced yet.（是否暂定）"
    )


@strawberry.type(description="One page of periods, those that ended first in front.（期限预警列表）")
class DeadlineRiskPage:
    """A page in a total order."""

    nodes: list[DeadlineRisk] = strawberry.field(description="The periods.（期限预警）")
    page_info: PageInfo = strawberry.field(description="Where the page stands.（分页信息）")


async def deadline_risks(
    info: strawberry.Info[Context, None],
    within: Annotated[
        int | None, strawberry.argument(description="Working days from today, 0 to 60.（工作日数）")
    ] = WITHIN,
    org_uscc: Annotated[
        str | None, strawberry.argument(description="The authority.（办案单位统一社会信用代码）")
    ] = None,
    kinds: Annotated[list[CaseKind] | None, strawberry.argument(description="Kinds of case.（案件类别）")] = None,
    first: Annotated[int | None, strawberry.argument(description="How many, 1 to 200.（条数）")] = FIRST,
    after: Annotated[Cursor | None, strawberry.argument(description="Cursor of the item before.（起始游标）")] = None,
) -> DeadlineRiskPage | None:
    """Raises BadInput."""
    context = info.context
    count, days = counted(first, FIRST), WITHIN if within is None else within
    if not 0 <= days <= FURTHEST:
        raise BadInput("within")
    behind = LIST.behind(context, after)
    found = await authority(context, org_uscc) if org_uscc is not None else None
    if org_uscc is not None and found is None:
        return _page(LIST.nothing(context), context.today)
    wanted = Wanted(
        today=context.today,
        horizon=working_days_after(context.today, days),
        org_id=None if found is None else found["org_id"],
        kinds=None if kinds is None else tuple(kinds),
        behind=behind,
        cut=context.row_conditions(case_),
    )
    return _page(await LIST.page(context, statement(wanted, count + 1), count), context.today)


def _page(found: Found, today: datetime.date) -> DeadlineRiskPage:
    nodes = [_shown(row, found.org(row), today) for row in found.rows]
    return DeadlineRiskPage(nodes=nodes, page_info=found.place)


_STATUSES = {member.value: member for member in CaseStatus}


def _shown(row: Row, handling: Row, today: datetime.date) -> DeadlineRisk:
    rule, due_on = DUTIES[row["rule"]], row["due_on"]
    overdue = due_on < today
    return DeadlineRisk(
        case_no=row["case_no"],
        kind=CaseKind(row["kind"]),
        status=_STATUSES.get(row["status"]),
        org_uscc=handling.get("uscc"),
        org_name=handling.get("name"),
        rule=rule.rule,
        basis=rule.basis,
        due_on=due_on,
        overdue=overdue,
        working_days=-working_days_between(due_on, today) if overdue else working_days_between(today, due_on),
        provisional=not is_known(due_on),
    )


@strawberry.type(description="Periods that end soon or are over.（期限预警查询）")
class DeadlineRiskQuery:
    """What a supervisor looks at in the morning."""

    deadline_risks: DeadlineRiskPage | None = by_hand(
        deadline_risks,
        INT,
        "期限预警",
        action=Action.READ,
        database="enforcement",
        columns=sorted(
            column_names([*(column.expression for column in COLUMNS.values()), case_.c.case_no, case_.c.org_id])
        ),
        beside=("personnel",),
        doc="Duties of the authorities whose period ends within so many working days or is over, of cases of the last three "
        f"years ({LOOK_BACK} days)",
    )
