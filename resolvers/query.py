"""The root fields: each domain's own, in one type."""

from __future__ import annotations

from resolvers.fields import value
from resolvers.matter import MatterQuery
from resolvers.personnel import PersonnelQuery
from resolvers.regulation import RegulationQuery


@value("查询")
class Query(
    PersonnelQuery,
    RegulationQuery,
    MatterQuery,
):
    """Everything that can be asked."""
