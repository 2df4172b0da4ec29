"""Random draws (随机抽取): made, recorded with all that they can be repeated from, and repeated.

The gateway chooses the seed after the question is fixed, and every draw stays: whoever draws again until it suits is seen.
"""

from __future__ import annotations

import asyncio
import datetime
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from auth.viewer import Viewer
from datasources.tables.calendar import day_of
from datasources.tables.gateway import sampling_draw
from datasources.tickets import ALGORITHM, Drawn, Population, draw
from gateway.asking import Oneself
from gateway.attaching import Fault
from gateway.idempotency import USED, Texts, errors_of, key_texts
from gateway.populations import MOST, Wanted, industry, place_within, population_of
from gateway.temporary import DIGITS, certificate_of, idempotency_key
from resolvers import checks
from resolvers.sampling import (
    DrawKind,
    DrawnItem,
    DrawOutcome,
    DrawSampleInput,
    SampleDraw,
    SampleDrawPayload,
    SampleVerification,
)

LARGEST = 200
LONGEST = 3 * 366
"""Days of a period."""
AUDITOR = "auditor"
NUMBER = "CY-"
SEED_BYTES = 16

Row = Mapping[str, Any]
QUESTION = ("kind", "org_uscc", "first_day", "last_day", "place_prefix", "industry_prefix", "size", "division_prefix")

FAULTS: Texts = {
    **key_texts("draw"),
    "SIZE_INVALID": (("size",), "From 1 to 200 can be drawn."),
    "PERIOD_REQUIRED": (("from",), "A period of at most three years that is over is required."),
    "DIVISION_NOT_FOUND": (("divisionPrefix",), "No such division in the level."),
    "INDUSTRY_INVALID": (("industryPrefix",), "The beginning of a code of GB/T 4754 is required."),
    "NOT_APPLICABLE": ((), "A member of the input does not apply to this kind of draw."),
    "ORG_NOT_FOUND": (("orgUscc",), "No such organisation in the level."),
    "POPULATION_EMPTY": ((), "There is nothing to draw from."),
    "POPULATION_TOO_LARGE": ((), "More than 20,000 could be drawn: narrow the place, the industry or the period."),
}


class Asked(Protocol):
    """What the databases are asked through: the context of the request."""

    viewer: Viewer
    now: datetime.datetime
    today: datetime.date
    oneself: Oneself

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement. Raises GatewayError."""
        ...


async def answered(made: Awaitable[SampleDraw]) -> SampleDrawPayload:
    """The payload of a draw, or of the fault that there is none for."""
    try:
        return SampleDrawPayload(draw=await made, errors=[])
    except Fault as fault:
        return SampleDrawPayload(draw=None, errors=errors_of([str(fault)], FAULTS))


async def draw_sample(asked: Asked, given: DrawSampleInput) -> SampleDraw:
    """The draw as recorded, now or under the same key before. Raises Fault."""
    cert_no, key = certificate_of(asked.viewer), idempotency_key(given.idempotency_key)
    question = _question(asked, given)
    known = select(sampling_draw).where(sampling_draw.c.cert_no == cert_no, sampling_draw.c.idempotency_key == key)
    rows = await asked.rows("gateway", known)
    if not rows:
        values = await _drawn(asked, {**question, "cert_no": cert_no, "idempotency_key": key})
        added = insert(sampling_draw).values(**values).on_conflict_do_nothing()
        await asked.rows("gateway", added.returning(sampling_draw.c.draw_no))
        rows = await asked.rows("gateway", known)
    (row,) = rows
    if any(row[name] != question[name] for name in QUESTION):
        raise Fault(USED)
    return await _shown(asked, row)


async def sample_draw(asked: Asked, draw_no: str) -> SampleDraw | None:
    """A draw of the caller's level."""
    row = await _recorded(asked, draw_no)
    return await _shown(asked, row) if row is not None else None


async def sample_verification(asked: Asked, draw_no: str) -> SampleVerification | None:
    """A draw repeated. Auditors may repeat those of every level."""
    row = await _recorded(asked, draw_no)
    if row is None:
        return None
    outcome, population, _ = await repeated(asked, row)
    same = ("draw_no", "algorithm", "seed", "drawn_at", "population_size", "population_digest")
    return SampleVerification(
        **{name: row[name] for name in same},
        outcome=outcome,
        population_size_now=len(population.members),
        population_digest_now=population.digest(),
    )


async def repeated(asked: Any, row: Row) -> tuple[DrawOutcome, Population, list[Drawn]]:
    """What the recorded seed gives now, from what there is now. `asked` needs `rows` alone."""
    population = await population_of(asked, _wanted(row)) or Population(members=())
    found = await asyncio.to_thread(draw, row["seed"], population, row["size"])
    if population.digest() != row["population_digest"]:
        return DrawOutcome.POPULATION_CHANGED, population, found
    same = row["algorithm"] == ALGORITHM and _columns(found) == {name: row[name] for name in ("drawn", "teams")}
    return DrawOutcome.CONFIRMED if same else DrawOutcome.RESULT_DIFFERS, population, found


def of_number(draw_no: str) -> Any:
    """The statement that finds a draw, of whatever level."""
    return select(sampling_draw).where(sampling_draw.c.draw_no == draw_no)


# --- the question --------------------------------------------------------------------------------


def _question(asked: Asked, given: DrawSampleInput) -> dict[str, Any]:
    if not 1 <= given.size <= LARGEST:
        raise Fault("SIZE_INVALID")
    low, _ = asked.oneself.divisions
    of_files = given.kind is DrawKind.FILE_REVIEW
    if any(
        one is not None
        for one in ((given.division_prefix, given.industry_prefix) if of_files else (given.first, given.last))
    ):
        raise Fault("NOT_APPLICABLE")
    if of_files and not _is_past(given.first, given.last, asked.today):
        raise Fault("PERIOD_REQUIRED")
    return {
        "kind": given.kind.value,
        "org_uscc": _code(checks.credit_code, given.org_uscc, "ORG_NOT_FOUND"),
        "first_day": given.first,
        "last_day": given.last,
        "place_prefix": None
        if of_files
        else _code(lambda text: place_within(text, low), given.division_prefix or low, "DIVISION_NOT_FOUND"),
        "industry_prefix": None
        if given.industry_prefix is None
        else _code(industry, given.industry_prefix, "INDUSTRY_INVALID"),
        "size": given.size,
        "division_prefix": low,
    }


def _is_past(first: datetime.date | None, last: datetime.date | None, today: datetime.date) -> bool:
    return first is not None and last is not None and first <= last < today and (last - first).days <= LONGEST


def _code(check: Callable[[str], str], text: str, fault: str) -> str:
    try:
        return check(text)
    except ValueError as error:
        raise Fault(fault) from error


# --- the draw ------------------------------------------------------------------------------------


async def _drawn(asked: Asked, question: Row) -> Row:
    population = await population_of(asked, _wanted({**question, "drawn_at": asked.now}))
    if population is None:
        raise Fault("ORG_NOT_FOUND")
    if not population.members:
        raise Fault("POPULATION_EMPTY")
    if len(population.members) > MOST:
        raise Fault("POPULATION_TOO_LARGE")
    seed = secrets.token_hex(SEED_BYTES)
    found = await asyncio.to_thread(draw, seed, population, question["size"])
    return {
        **question,
        "draw_no": NUMBER + "".join(secrets.choice(DIGITS) for _ in range(12)),
        "seed": seed,
        "algorithm": ALGORITHM,
        "population_size": len(population.members),
        "population_digest": population.digest(),
        "drawn_at": asked.now,
        **_columns(found),
    }


def _columns(found: list[Drawn]) -> dict[str, list[str]]:
    return {"drawn": [one.key for one in found], "teams": ["+".join(one.team) for one in found]}


def _wanted(row: Row) -> Wanted:
    return Wanted(
        kind=DrawKind(row["kind"]),
        org_uscc=row["org_uscc"],
        level=row["division_prefix"],
        day=day_of(row["drawn_at"]),
        first_day=row["first_day"],
        last_day=row["last_day"],
        place_prefix=row["place_prefix"],
        industry_prefix=row["industry_prefix"],
    )


async def _recorded(asked: Asked, draw_no: str) -> Row | None:
    low, below = asked.oneself.divisions
    found = of_number(draw_no)
    if asked.oneself.kind != AUDITOR:
        found = found.where(sampling_draw.c.division_prefix >= low, sampling_draw.c.division_prefix < below)
    rows = await asked.rows("gateway", found)
    return rows[0] if rows else None


async def _shown(asked: Asked, row: Row) -> SampleDraw:
    alike = [sampling_draw.c[name].is_not_distinct_from(row[name]) for name in QUESTION]
    counted = select(func.count().label("count")).where(*alike, sampling_draw.c.drawn_at < row["drawn_at"])
    (earlier,) = await asked.rows("gateway", counted)
    same = ("draw_no", "org_uscc", "size", "seed", "algorithm", "population_size", "population_digest", "drawn_at")
    pairs = zip(row["drawn"], row["teams"], strict=True)
    return SampleDraw(
        **{name: row[name] for name in same},
        kind=DrawKind(row["kind"]),
        earlier=earlier["count"],
        items=[DrawnItem(key=key, officers=team.split("+") if team else []) for key, team in pairs],
    )
