"""The directives that ``schema.graphql`` carries: class, mask and cost of a field."""

from __future__ import annotations

import strawberry
from strawberry.schema_directive import Location

from auth.classes import DataClass

strawberry.enum(DataClass, description="Class of data after GB/T 43697-2024 and PIPL.（数据分级）")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="The class of the data that the field shows; the policy decides on it.（数据分级）",
)
class Classified:
    """``@classified(as: PERSONAL)``."""

    as_: DataClass = strawberry.directive_field(name="as")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="The rule by which the value is masked for callers who may see it masked only.（脱敏规则）",
)
class Masked:
    """``@masked(rule: "id_6_4")``."""

    rule: str


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description="Rows that are read for each record that the field gives (IBM GraphQL Cost Directives).（查询代价）",
)
class Cost:
    """``@cost(weight: "1")``."""

    weight: str


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many records the field is assumed to give where no argument says it; a list without this, ten."
    "（列表规模）",
)
class ListSize:
    """``@listSize(assumedSize: 10, slicingArguments: ["first"])``."""

    assumed_size: int
    slicing_arguments: list[str]
