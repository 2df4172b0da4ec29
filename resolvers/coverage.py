"""Matters that are not mapped to the catalogue of 互联网+监管 (监管事项目录清单), and how many are (覆盖率).

The national system finds the conduct of an authority by the code of its checklist (检查实施清单编码): of a matter that has none,
whatever is done under it is not counted (国发〔2018〕11号 and the plans that follow it).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol

import strawberry
from sqlalchemy import ARRAY, ColumnElement, Integer, Select, String, any_, bindparam, func, literal, select, tuple_

from auth.classes import Action
from datasources.tables.matter import matter, matter_supervision
from datasources.tables.personnel import org
from resolvers.case_enums import KIND_OF_MATTER, MATTER_TYPES, CaseKind
from resolvers.checks import credit_code
from resolvers.conditions import TODAY
from resolvers.errors import BadInput
from resolvers.fields import INT, by_hand
from resolvers.hand_pages import Place, Sealing, counted, opened
from resolvers.paging import PageInfo
from resolvers.prices import PASS
from resolvers.scalars import Cursor

COORDINATE = "Query.unmappedMatters"
FIRST = 50
IN_USE = "1"
"""``mat.matter.status_code``: 在用."""

Row = Mapping[str, Any]
KINDS = {code: CaseKind[name] for code, name in KIND_OF_MATTER.names.items()}


class Context(Protocol):
    """What these resolvers find in ``info.context``."""

    seal: Sealing

    async def rows(self, database: str, statement: Any) -> list[Row]:
        """The rows of a statement; raises what the gateway shows when the database does not answer."""
        ...


@strawberry.enum(description="What a matter lacks.（缺失类别）")
class MappingGap(enum.Enum):
    """NOT_MAPPED 未对应监管事项; WITHOUT_CHECKLIST 未关联检查实施清单, of a matter that is mapped."""

    NOT_MAPPED = "1"
    WITHOUT_CHECKLIST = "2"


@strawberry.enum(description="What coverage is counted by.（统计维度）")
class CoverageDimension(enum.Enum):
    """实施主体, or the kind of case (案件类别) that the matters are for."""

    ORG = "org_uscc"
    KIND = "type_code"


@strawberry.type(description="A matter in use that the national system cannot find.（未对应执法事项）")
class UnmappedMatter:
    """The version that is in force today."""

    implementation_code: str = strawberry.field(description="Code of implementation.（实施编码）")
    basic_code: str = strawberry.field(description="Basic code (GB/T 39554.1).（基本编码）")
    name: str = strawberry.field(description="Name.（事项名称）")
    kind: CaseKind | None = strawberry.field(description="Kind of its cases.（案件类别）")
    org_uscc: str = strawberry.field(description="The authority.（实施主体统一社会信用代码）")
    org_name: str | None = strawberry.field(description="Name of the authority.（实施主体名称）")
    gap: MappingGap = strawberry.field(description="What it lacks.（缺失类别）")


@strawberry.type(description="One page of matters, by code.（未对应执法事项列表）")
class UnmappedMatterPage:
    """A page in a total order."""

    nodes: list[UnmappedMatter] = strawberry.field(description="The matters.（未对应执法事项）")
    page_info: PageInfo = strawberry.field(description="Where the page stands.（分页信息）")


@strawberry.type(description="How many matters are mapped.（监管事项覆盖情况）")
class MatterCoverage:
    """The matters in use of one group; what was not grouped by is null."""

    org_uscc: str | None = strawberry.field(description="The authority.（实施主体统一社会信用代码）")
    org_name: str | None = strawberry.field(description="Name of the authority.（实施主体名称）")
    kind: CaseKind | None = strawberry.field(description="Kind of their cases.（案件类别）")
    matters: int = strawberry.field(description="Matters in use.（在用事项数）")
    mapped: int = strawberry.field(description="Of these, mapped to a matter of supervision.（已对应事项数）")
    with_checklist: int = strawberry.field(description="Of these, with a checklist.（已关联检查实施清单事项数）")


OrgUscc = Annotated[
    str | None, strawberry.argument(name="orgUscc", description="The authority.（实施主体统一社会信用代码）")
]


async def unmapped_matters(
    info: strawberry.Info[Context, None],
    org_uscc: OrgUscc = None,
    kind: Annotated[CaseKind | None, strawberry.argument(description="Kind of their cases.（案件类别）")] = None,
    gap: Annotated[MappingGap | None, strawberry.argument(description="What they lack.（缺失类别）")] = None,
    first: Annotated[int | None, strawberry.argument(description="How many, 1 to 200.（条数）")] = FIRST,
    after: Annotated[Cursor | None, strawberry.argument(description="Cursor of the item before.（起始游标）")] = None,
) -> UnmappedMatterPage | None:
    """Raises BadInput."""
    context = info.context
    count = counted(first, FIRST)
    behind = opened(after, context.seal, COORDINATE, _read)
    wanted = _in_use(_code(org_uscc), kind)
    query = select(wanted).where(~wanted.c.listed)
    if gap is not None:
        query = query.where(wanted.c.mapped if gap is MappingGap.WITHOUT_CHECKLIST else ~wanted.c.mapped)
    if behind is not None:
        query = query.where(tuple_(*_sort(wanted)) > tuple_(literal(behind[0]), literal(behind[1], Integer())))
    rows = await context.rows("matter", query.order_by(*_sort(wanted)).limit(literal(count + 1, Integer())))
    names = await _names(context, rows[:count])
    place: Any = Place(
        items=rows[:count],
        more=len(rows) > count,
        seal=context.seal,
        coordinate=COORDINATE,
        sort=lambda row: (row["implementation_code"], row["version"]),
    )
    return UnmappedMatterPage(nodes=[_shown(row, names) for row in rows[:count]], page_info=place)


async def matter_coverage(
    info: strawberry.Info[Context, None],
    by: Annotated[CoverageDimension, strawberry.argument(description="The groups.（统计维度）")],
    org_uscc: OrgUscc = None,
) -> list[MatterCoverage] | None:
    """Raises BadInput."""
    context = info.context
    wanted = _in_use(_code(org_uscc), None)
    group = wanted.c[by.value]
    counts = (
        func.count().label("matters"),
        func.count().filter(wanted.c.mapped).label("mapped"),
        func.count().filter(wanted.c.listed).label("with_checklist"),
    )
    rows = await context.rows("matter", select(group, *counts).group_by(group).order_by(group))
    names = await _names(context, rows)
    return [
        MatterCoverage(
            org_uscc=row.get("org_uscc"),
            org_name=names.get(row.get("org_uscc")),
            kind=KINDS.get(row.get("type_code", "")),
            **{name: row[name] for name in ("matters", "mapped", "with_checklist")},
        )
        for row in rows
    ]


def _in_use(org_uscc: str | None, kind: CaseKind | None) -> Any:
    """The matters that are in use and in force today, each with whether it is `mapped`, and `listed` by a checklist."""
    its = matter_supervision.c.implementation_code == matter.c.implementation_code
    known = select(matter_supervision.c.supervision_code).where(its)
    names = ("implementation_code", "version", "basic_code", "name", "type_code", "org_uscc")
    found = select(
        *(matter.c[name] for name in names),
        known.exists().label("mapped"),
        known.where(matter_supervision.c.checklist_code.is_not(None)).exists().label("listed"),
    ).where(
        matter.c.status_code == literal(IN_USE),
        matter.c.sealed.is_(False),
        (matter.c.effective_from.is_(None)) | (matter.c.effective_from <= TODAY),
        (matter.c.effective_to.is_(None)) | (matter.c.effective_to >= TODAY),
    )
    if org_uscc is not None:
        found = found.where(matter.c.org_uscc == literal(org_uscc))
    if kind is not None:
        found = found.where(matter.c.type_code == literal(MATTER_TYPES[kind]))
    return found.subquery("in_use")


def _sort(wanted: Any) -> tuple[ColumnElement[Any], ...]:
    return wanted.c.implementation_code, wanted.c.version


def _read(values: Sequence[Any]) -> tuple[str, int]:
    code, version = values
    return str(code), int(version)


def _code(org_uscc: str | None) -> str | None:
    try:
        return None if org_uscc is None else credit_code(org_uscc)
    except ValueError as error:
        raise BadInput("orgUscc") from error


async def _names(context: Context, rows: Sequence[Row]) -> Mapping[Any, str]:
    codes = sorted({row["org_uscc"] for row in rows if row.get("org_uscc") is not None})
    if not codes:
        return {}
    wanted = bindparam("codes", codes, type_=ARRAY(String()))
    found: Select[Any] = select(org.c.uscc, org.c.name).where(org.c.uscc == any_(wanted), org.c.sealed.is_(False))
    return {row["uscc"]: row["name"] for row in await context.rows("personnel", found)}


def _shown(row: Row, names: Mapping[Any, str]) -> UnmappedMatter:
    return UnmappedMatter(
        **{name: row[name] for name in ("implementation_code", "basic_code", "name", "org_uscc")},
        kind=KINDS.get(row["type_code"]),
        org_name=names.get(row["org_uscc"]),
        gap=MappingGap.WITHOUT_CHECKLIST if row["mapped"] else MappingGap.NOT_MAPPED,
    )


@strawberry.type(description="Coverage by the catalogue of supervision.（监管事项覆盖查询）")
class CoverageQuery:
    """What the city is scored by."""

    unmapped_matters: UnmappedMatterPage | None = by_hand(
        unmapped_matters,
        INT,
        "未对应监管事项的执法事项",
        action=Action.READ,
        database="matter",
        columns=("mat.matter_supervision.*",),
        beside=("personnel",),
        doc="Matters in use that are mapped to no matter of supervision, or have no checklist",
    )
    matter_coverage: list[MatterCoverage] | None = by_hand(
        matter_coverage,
        INT,
        "监管事项覆盖率",
        action=Action.AGGREGATE,
        database="matter",
        columns=("mat.matter_supervision.*",),
        beside=("personnel",),
        reads=PASS,
        doc="How many matters in use are mapped, by authority or by kind",
    )
