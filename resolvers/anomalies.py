"""Requests out of the ordinary (异常访问), for auditors and for the supervisors of an authority: computed from the access log.

Who an officer is in the population database is worked out while the question is answered, compared by pseudonym, and never
shown: neither a number nor a pseudonym of theirs is in an answer.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Protocol

import strawberry
from sqlalchemy import ARRAY, String, Uuid, any_, bindparam, select

from auth.classes import Action
from datasources.tables.access_log import access_record
from datasources.tables.personnel import assignment, officer, org
from datasources.tables.population import household_member, person
from resolvers.access_enums import AnomalyKind
from resolvers.anomalies_sql import NUMBER, SHOWN, Assigned, Pair, Period, statement, within
from resolvers.errors import BadInput
from resolvers.fields import INT, by_hand
from resolvers.prices import PASS
from resolvers.subject import person_reference

LONGEST = 92
"""Days of the longest period."""
MAX_FIRST = 200
FIRST = 100
THRESHOLD = 100
"""Subjects of one caller in a day that are in order unless the question says otherwise."""
AUDITOR = "auditor"

Row = Mapping[str, Any]


class Caller(Protocol):
    """Who asks."""

    @property
    def kind(self) -> str: ...

    @property
    def divisions(self) -> tuple[str, str]:
        """The division codes of the caller's level, from and below."""
        ...


class Context(Protocol):
    """What this resolver finds in ``info.context``."""

    oneself: Caller

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement; raises what the gateway shows when the database does not answer."""
        ...

    def pseudonym(self, reference: str) -> str:
        """What the log calls the subject of a reference; raises what the gateway shows when there is no log."""
        ...


@strawberry.type(description="Requests of one caller on one day that are out of the ordinary.（异常访问）")
class AccessAnomaly:
    """Members that do not apply are null."""

    kind: AnomalyKind = strawberry.field(description="What is out of the ordinary.（异常访问类别）")
    day: datetime.date = strawberry.field(description="The day, in China.（日期）")
    cert_no: str | None = strawberry.field(description="Certificate number of the caller.（执法证号）")
    caller_subject: str | None = strawberry.field(description="Subject of the token.（访问主体）")
    caller_client: str | None = strawberry.field(description="Client of the token.（访问客户端）")
    requests: int = strawberry.field(description="How many requests.（访问次数）")
    subjects: int = strawberry.field(
        description="How many different persons, enterprises and vehicles they show.（数据主体数）"
    )
    first_at: datetime.datetime = strawberry.field(description="The first of them.（首次时间）")
    last_at: datetime.datetime = strawberry.field(description="The last of them.（末次时间）")
    records: list[str] = strawberry.field(
        description="Their records, log and sequence number, 20 at most.（访问记录编号）"
    )


async def access_anomalies(
    info: strawberry.Info[Context, None],
    kind: Annotated[AnomalyKind, strawberry.argument(description="What to look for.（异常访问类别）")],
    first_day: Annotated[datetime.date, strawberry.argument(name="from", description="First day.（起始日期）")],
    last_day: Annotated[datetime.date, strawberry.argument(name="to", description="Last day.（截止日期）")],
    threshold: Annotated[
        int | None, strawberry.argument(description="Subjects in a day that are in order.（阈值）")
    ] = THRESHOLD,
    first: Annotated[int | None, strawberry.argument(description="How many, 1 to 200.（条数）")] = FIRST,
) -> list[AccessAnomaly] | None:
    """Those with most subjects first. Raises BadInput."""
    context = info.context
    count = FIRST if first is None else first
    if not 1 <= count <= MAX_FIRST:
        raise BadInput("first")
    period = _period(kind, first_day, last_day, THRESHOLD if threshold is None else threshold)
    if context.oneself.kind != AUDITOR:
        period = dataclasses.replace(period, certificates=await _of_level(context))
    if kind in (AnomalyKind.SELF_LOOKUP, AnomalyKind.RELATIVE_LOOKUP):
        period = dataclasses.replace(period, near=await _near(context, period))
    if kind is AnomalyKind.WITHOUT_TASK:
        period = dataclasses.replace(period, assigned=await _assigned(context, period))
    rows = await context.rows("gateway", statement(period, count))
    return [AccessAnomaly(kind=kind, **{**row, "records": sorted(row["records"])[:SHOWN]}) for row in rows]


def _period(kind: AnomalyKind, first: datetime.date, last: datetime.date, threshold: int) -> Period:
    if not datetime.date(2000, 1, 1) <= first <= datetime.date(2100, 1, 1):
        raise BadInput("from")
    if not 0 <= (last - first).days < LONGEST:
        raise BadInput("to")
    if threshold < 0:
        raise BadInput("threshold")
    return Period(kind=kind, first=first, last=last, threshold=threshold)


def _texts(name: str, values: Iterable[str]) -> Any:
    return bindparam(name, sorted(values), type_=ARRAY(String()))


async def _of_level(context: Context) -> Sequence[str]:
    """The certificates of the supervisor's level (本级): the city, a district, a town, a functional zone."""
    low, high = context.oneself.divisions
    found = (
        select(officer.c.cert_no)
        .distinct()
        .join(org, org.c.org_id == officer.c.org_id)
        .where(org.c.division_code >= low, org.c.division_code < high)
    )
    return [row["cert_no"] for row in await context.rows("personnel", found)]


async def _certificates(context: Context, period: Period) -> set[str]:
    asked = select(access_record.c.cert_no).distinct().where(within(period), access_record.c.cert_no.is_not(None))
    return {row["cert_no"] for row in await context.rows("gateway", asked)}


async def _near(context: Context, period: Period) -> list[Pair]:
    """Each certificate that asked, with the pseudonym of its holder, or of those who live with them."""
    wanted = officer.c.cert_no == any_(_texts("certs", await _certificates(context, period)))
    held = await context.rows(
        "personnel", select(officer.c.cert_no, officer.c.id_no).where(wanted, officer.c.id_no.is_not(None))
    )
    numbered = select(person.c.person_id, person.c.id_no).where(
        person.c.id_no == any_(_texts("numbers", {row["id_no"] for row in held}))
    )
    persons: dict[str, list[Any]] = {}
    for row in await context.rows("population", numbered):
        persons.setdefault(row["id_no"], []).append(row["person_id"])
    holders = [(row["cert_no"], one) for row in held for one in persons.get(row["id_no"], ())]
    if period.kind is AnomalyKind.RELATIVE_LOOKUP:
        beside = await _beside(context, {one for _, one in holders})
        holders = [(cert_no, other) for cert_no, one in holders for other in beside.get(one, ())]
    return [(cert_no, context.pseudonym(person_reference(one))) for cert_no, one in holders]


async def _beside(context: Context, persons: set[Any]) -> dict[Any, list[Any]]:
    """Who is or was of the same household (户) as each of these persons."""
    other = household_member.alias("other")
    wanted = bindparam("persons", sorted(persons), type_=ARRAY(Uuid()))
    found = (
        select(household_member.c.person_id.label("one"), other.c.person_id.label("other"))
        .distinct()
        .join(other, other.c.household_no == household_member.c.household_no)
        .where(household_member.c.person_id == any_(wanted), other.c.person_id != household_member.c.person_id)
    )
    beside: dict[Any, list[Any]] = {}
    for row in await context.rows("population", found):
        beside.setdefault(row["one"], []).append(row["other"])
    return beside


async def _assigned(context: Context, period: Period) -> list[Assigned]:
    """The tasks that name the certificates which stated them."""
    stated = select(NUMBER.label("number")).distinct().where(within(period), NUMBER.is_not(None))
    numbers = {row["number"] for row in await context.rows("gateway", stated)}
    found = (
        select(officer.c.cert_no, assignment.c.task_no, assignment.c.valid_from, assignment.c.valid_to)
        .distinct()
        .join(officer, officer.c.officer_id == assignment.c.officer_id)
        .where(assignment.c.task_no == any_(_texts("numbers", numbers)))
    )
    return [
        Assigned(cert_no=row["cert_no"], task_no=row["task_no"], since=row["valid_from"], until=row["valid_to"])
        for row in await context.rows("personnel", found)
    ]


@strawberry.type(description="Requests out of the ordinary.（异常访问查询）")
class AnomalyQuery:
    """What an audit looks for first."""

    access_anomalies: list[AccessAnomaly] | None = by_hand(
        access_anomalies,
        INT,
        "异常访问",
        action=Action.AGGREGATE,
        database="gateway",
        columns=("gw.access_record.*",),
        beside=("personnel", "population"),
        reads=PASS,
        doc="Callers and days with requests out of the ordinary, those with most subjects first",
    )
