"""Random draws (随机抽取): files for review (案卷评查), objects and officers of double-random inspections (双随机).

A draw is recorded with its seed and a digest of what was drawn from; whoever has both databases and twenty lines of code can
repeat it (`datasources.tickets`).
"""

from __future__ import annotations

import datetime
import enum
from typing import Annotated, Protocol

import strawberry

from auth.classes import Action
from resolvers.fields import INT, by_hand
from resolvers.prices import WHOLE
from resolvers.transfer import UserError

ASKED_OF = ("enforcement", "legal_entity", "personnel", "population")
"""The databases that populations are read from."""


@strawberry.enum(description="What is drawn.（抽取类别）")
class DrawKind(enum.Enum):
    """案卷评查: closed cases of an organisation, by kind. 双随机: entities in business, by risk, each with two officers."""

    FILE_REVIEW = "1"
    DOUBLE_RANDOM = "2"


@strawberry.enum(description="What came of repeating a draw.（复核结果）")
class DrawOutcome(enum.Enum):
    """CONFIRMED 一致; POPULATION_CHANGED 名录已变化, nothing follows; RESULT_DIFFERS 结果不符, from the same population."""

    CONFIRMED = "confirmed"
    POPULATION_CHANGED = "population_changed"
    RESULT_DIFFERS = "result_differs"


@strawberry.input(description="A draw to be made.（抽取申请）")
class DrawSampleInput:
    """For FILE_REVIEW the period, for DOUBLE_RANDOM the place; the other members do not apply."""

    idempotency_key: strawberry.ID = strawberry.field(description="The same key draws once.（幂等键）")
    kind: DrawKind = strawberry.field(description="What is drawn.（抽取类别）")
    org_uscc: str = strawberry.field(
        description="The organisation whose closed cases, or whose officers, are drawn from.（统一社会信用代码）"
    )
    size: int = strawberry.field(description="How many, 1 to 200.（抽取数量）")
    first: datetime.date | None = strawberry.field(
        name="from", default=None, description="First day on which the case was closed.（起始日期）"
    )
    last: datetime.date | None = strawberry.field(name="to", default=None, description="Last such day.（截止日期）")
    division_prefix: str | None = strawberry.field(
        default=None, description="Beginning of the division code of the objects.（区划前缀）"
    )
    industry_prefix: str | None = strawberry.field(
        default=None, description="Beginning of the industry of the objects (GB/T 4754).（行业前缀）"
    )


@strawberry.type(description="What was drawn.（抽取对象）")
class DrawnItem:
    """A case, or an entity with the two officers who inspect it."""

    key: str = strawberry.field(
        description="Number of the case, or unified social credit code.（案号或统一社会信用代码）"
    )
    officers: list[str] = strawberry.field(
        description="Certificate numbers of the two officers; none where there are not two who may.（执法证号）"
    )


@strawberry.type(description="A draw as recorded.（抽取记录）")
class SampleDraw:
    """All that it can be repeated from."""

    draw_no: str = strawberry.field(description="Number of the draw.（抽取编号）")
    kind: DrawKind = strawberry.field(description="What was drawn.（抽取类别）")
    org_uscc: str = strawberry.field(description="The organisation.（统一社会信用代码）")
    size: int = strawberry.field(description="How many were asked for.（抽取数量）")
    seed: str = strawberry.field(description="Where chance began; the gateway chose it.（随机种子）")
    algorithm: str = strawberry.field(description="Name and version of the algorithm.（抽取算法）")
    population_size: int = strawberry.field(description="How many could be drawn.（名录数量）")
    population_digest: str = strawberry.field(description="SHA-256 over the lines of the population.（名录摘要）")
    drawn_at: datetime.datetime = strawberry.field(description="When.（抽取时间）")
    earlier: int = strawberry.field(
        description="Draws of the same question before this one: a draw is not to be repeated until it suits.（此前相同抽取次数）"
    )
    items: list[DrawnItem] = strawberry.field(description="What was drawn, in the order of the draw.（抽取结果）")


@strawberry.type(description="A draw, or why there is none.（抽取结果）")
class SampleDrawPayload:
    """Either `draw` or `errors`."""

    draw: SampleDraw | None = strawberry.field(description="The draw as recorded.（抽取记录）")
    errors: list[UserError] = strawberry.field(description="Faults of the input; none when it was taken.（输入错误）")


@strawberry.type(description="A draw repeated.（抽取复核）")
class SampleVerification:
    """What stands in the record, and what the same seed gives now. Of what was drawn it says nothing."""

    draw_no: str = strawberry.field(description="Number of the draw.（抽取编号）")
    outcome: DrawOutcome = strawberry.field(description="What came of it.（复核结果）")
    algorithm: str = strawberry.field(description="Name and version of the algorithm.（抽取算法）")
    seed: str = strawberry.field(description="Where chance began.（随机种子）")
    drawn_at: datetime.datetime = strawberry.field(description="When it was drawn.（抽取时间）")
    population_size: int = strawberry.field(description="How many could be drawn then.（名录数量）")
    population_digest: str = strawberry.field(description="The digest then.（名录摘要）")
    population_size_now: int = strawberry.field(description="How many can be drawn now.（当前名录数量）")
    population_digest_now: str = strawberry.field(description="The digest now.（当前名录摘要）")


class Context(Protocol):
    """What the resolvers find in ``info.context``."""

    async def draw_sample(self, given: DrawSampleInput) -> SampleDrawPayload:
        """Draw, and record it."""
        ...

    async def sample_draw(self, draw_no: str) -> SampleDraw | None:
        """A draw of the caller's level."""
        ...

    async def sample_verification(self, draw_no: str) -> SampleVerification | None:
        """A draw of the caller's level, or for auditors any, repeated."""
        ...


DrawNo = Annotated[str, strawberry.argument(name="drawNo", description="Number of the draw.（抽取编号）")]


async def draw_sample(
    info: strawberry.Info[Context, None],
    given: Annotated[DrawSampleInput, strawberry.argument(name="input", description="The draw.（抽取申请）")],
) -> SampleDrawPayload | None:
    """The draw, or what is wrong with the input."""
    return await info.context.draw_sample(given)


async def sample_draw(info: strawberry.Info[Context, None], draw_no: DrawNo) -> SampleDraw | None:
    """The draw; null when there is none of this number in the level."""
    return await info.context.sample_draw(draw_no)


async def sample_verification(info: strawberry.Info[Context, None], draw_no: DrawNo) -> SampleVerification | None:
    """What came of repeating it; null when there is none of this number in the level."""
    return await info.context.sample_verification(draw_no)


@strawberry.type(description="Random draws.（随机抽取查询）")
class SamplingQuery:
    """Draws, and draws repeated."""

    sample_draw: SampleDraw | None = by_hand(
        sample_draw,
        INT,
        "抽取记录",
        action=Action.READ,
        database="gateway",
        columns=("gw.sampling_draw.*",),
        doc="A draw of the level as recorded",
    )
    sample_verification: SampleVerification | None = by_hand(
        sample_verification,
        INT,
        "抽取复核",
        action=Action.AGGREGATE,
        database="gateway",
        columns=("gw.sampling_draw.population_digest",),
        beside=ASKED_OF,
        reads=WHOLE,
        doc="A draw repeated from its seed: the same list from the same population, or what has changed",
    )


@strawberry.type(description="Random draws.（随机抽取变更）")
class SamplingMutation:
    """Drawn by supervisors."""

    draw_sample: SampleDrawPayload | None = by_hand(
        draw_sample,
        INT,
        "随机抽取",
        action=Action.CHANGE,
        database="gateway",
        columns=("gw.sampling_draw.*",),
        beside=ASKED_OF,
        reads=WHOLE,
        doc="Draws closed cases for review, or entities and officers for inspection, once per idempotency key",
    )
