"""One operation of a document, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, FragmentDefinitionNode, OperationDefinitionNode


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation of a document, ready to compile.

    `conditions` are the variables that ``@skip`` and ``@include`` read: a plan is made for their
    values, so that what is left out is in no plan and no statement.
    """

    text: str
    digest: str
    name: str | None
    definition: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    document: DocumentNode
    weight: int = 1
    """As how many operations it counts where they are kept. See `gateway.plans`."""
    resumed_by: str | None = None
    """The variable that says where a subscription goes on; None of what is none. See `gateway.subscribed`."""

    def told(self, variables: Mapping[str, Any]) -> tuple[bool, ...]:
        """What ``@skip`` and ``@include`` are told by the variables."""
        return tuple([bool(variables.get(name)) for name in self.conditions])
