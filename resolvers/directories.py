"""The directories of double-random inspections (双随机、一公开: 一单两库): who may be inspected, and who inspects.

They are what a draw is made from (`resolvers.sampling`), for a platform that draws itself, and for whoever compares a draw with them.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Annotated, Protocol

import strawberry

from auth.classes import Action
from resolvers.fields import INT, PER, by_hand
from resolvers.paging import PageInfo
from resolvers.prices import WHOLE
from resolvers.scalars import Cursor
from resolvers.values import Code

OBJECTS, OFFICERS = "Query.inspectionObjects", "Query.inspectionOfficers"
FIRST = 50


@strawberry.type(description="What may be inspected.（检查对象）")
class InspectionObject:
    """An entity in business at the place, as the register has it."""

    uscc: str = strawberry.field(description="Unified social credit code.（统一社会信用代码）")
    name: str = strawberry.field(description="Name.（名称）")
    risk_class: Code | None = strawberry.field(description="Class of credit risk.（信用风险分类）")
    tickets: int = strawberry.field(description="Tickets that it has in a draw, by its class of risk.（抽取权重）")
    division_code: str | None = strawberry.field(description="Code of the division.（区划代码）")
    industry_code: str | None = strawberry.field(description="Industry (GB/T 4754).（行业代码）")


@strawberry.type(description="Who inspects.（执法检查人员）")
class InspectionOfficer:
    """An officer of the organisation with a valid certificate."""

    cert_no: str = strawberry.field(description="Number of the enforcement certificate.（执法证号）")
    name: str = strawberry.field(description="Name.（姓名）")
    fields: list[str] = strawberry.field(description="Fields of enforcement.（执法领域）")
    cert_valid_to: datetime.date | None = strawberry.field(
        description="Last day of the certificate, where it has one.（证件有效期）"
    )
    avoids: list[str] = strawberry.field(
        description="Codes of the objects of the directory that the officer must avoid (公务员法 art. 76); not why.（应当回避的检查对象）"
    )


AS_OF = "The moment that all pages of one reading are of.（名录时点）"
TOTAL = "How many the directory has.（名录数量）"
DIGEST = (
    "SHA-256 over the lines of this directory, sorted by code point, each followed by a line feed: member|code||tickets; "
    "officer|number and avoids|number|code.（名录摘要）"
)
POPULATION = (
    "What a draw of the same question at this moment has as its populationDigest: SHA-256 over the lines of both directories, sorted, "
    "joined by line feeds.（抽取名录摘要）"
)


@strawberry.type(description="One page of the objects, by code.（检查对象名录库）")
class InspectionObjectPage:
    """A page in a total order, of one moment."""

    as_of: datetime.datetime = strawberry.field(description=AS_OF)
    total: int = strawberry.field(description=TOTAL)
    digest: str = strawberry.field(description=DIGEST)
    population_digest: str = strawberry.field(description=POPULATION)
    nodes: list[InspectionObject] = strawberry.field(description="The objects.（检查对象）")
    page_info: PageInfo = strawberry.field(description="Where the page stands.（分页信息）")


@strawberry.type(description="One page of the officers, by certificate number.（执法检查人员名录库）")
class InspectionOfficerPage:
    """A page in a total order, of one moment."""

    as_of: datetime.datetime = strawberry.field(description=AS_OF)
    total: int = strawberry.field(description=TOTAL)
    digest: str = strawberry.field(description=DIGEST)
    population_digest: str = strawberry.field(description=POPULATION)
    nodes: list[InspectionOfficer] = strawberry.field(description="The officers.（执法检查人员）")
    page_info: PageInfo = strawberry.field(description="Where the page stands.（分页信息）")


@dataclass(frozen=True, kw_only=True)
class DirectoryAsked:
    """The arguments of both."""

    org_uscc: str
    division_prefix: str | None
    industry_prefix: str | None
    first: int | None
    after: str | None


class Context(Protocol):
    """What the resolvers find in ``info.context``."""

    async def inspection_objects(self, given: DirectoryAsked) -> InspectionObjectPage | None:
        """A page of the objects."""
        ...

    async def inspection_officers(self, given: DirectoryAsked) -> InspectionOfficerPage | None:
        """A page of the officers."""
        ...


MEMBERS, INSPECTORS = "ent.entity.*", "off.officer.*"
AVOIDANCE = ("pop.household_member.*", "ent.entity_person.*")
"""What whom to avoid (回避) is made of: who lives together, and who has a position where."""
BOTH = (MEMBERS, INSPECTORS, *AVOIDANCE)
"""Either page has the digest of a draw, which is over the whole of both directories: who is told one must be allowed all of it."""

OrgUscc = Annotated[
    str,
    strawberry.argument(name="orgUscc", description="The organisation that inspects.（实施检查单位统一社会信用代码）"),
]
DivisionPrefix = Annotated[
    str | None,
    strawberry.argument(
        name="divisionPrefix", description="Beginning of the division code of the objects.（区划前缀）"
    ),
]
IndustryPrefix = Annotated[
    str | None,
    strawberry.argument(
        name="industryPrefix", description="Beginning of the industry of the objects (GB/T 4754).（行业前缀）"
    ),
]
First = Annotated[int | None, strawberry.argument(description="How many, 1 to 200.（条数）")]
After = Annotated[Cursor | None, strawberry.argument(description="Cursor of the item before.（起始游标）")]


async def inspection_objects(
    info: strawberry.Info[Context, None],
    org_uscc: OrgUscc,
    division_prefix: DivisionPrefix = None,
    industry_prefix: IndustryPrefix = None,
    first: First = FIRST,
    after: After = None,
) -> InspectionObjectPage | None:
    """Null when there is no such organisation in the level. Raises BadInput, also for a cursor of a directory that has changed."""
    return await info.context.inspection_objects(
        DirectoryAsked(
            org_uscc=org_uscc,
            division_prefix=division_prefix,
            industry_prefix=industry_prefix,
            first=first,
            after=after,
        )
    )


async def inspection_officers(
    info: strawberry.Info[Context, None],
    org_uscc: OrgUscc,
    division_prefix: DivisionPrefix = None,
    industry_prefix: IndustryPrefix = None,
    first: First = FIRST,
    after: After = None,
) -> InspectionOfficerPage | None:
    """Null when there is no such organisation in the level. Raises BadInput, also for a cursor of a directory that has changed."""
    return await info.context.inspection_officers(
        DirectoryAsked(
            org_uscc=org_uscc,
            division_prefix=division_prefix,
            industry_prefix=industry_prefix,
            first=first,
            after=after,
        )
    )


@strawberry.type(description="Directories of double-random inspections.（双随机名录查询）")
class DirectoryQuery:
    """The two directories beside the list of matters (一单)."""

    inspection_objects: InspectionObjectPage | None = by_hand(
        inspection_objects,
        INT,
        "检查对象名录库",
        action=Action.READ,
        database="legal_entity",
        columns=BOTH,
        beside=("personnel", "population"),
        reads=WHOLE,
        doc="Entities in business that an organisation may be sent to, as of a moment",
    )
    inspection_officers: InspectionOfficerPage | None = by_hand(
        inspection_officers,
        PER,
        "执法检查人员名录库",
        action=Action.READ,
        database="personnel",
        columns=BOTH,
        beside=("legal_entity", "population"),
        reads=WHOLE,
        doc="Officers of an organisation who may be sent, and which of the objects they must avoid (回避), as of a moment",
    )
