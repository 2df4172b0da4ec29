"""The operations that every server answers, who asks them, and how often each comes in the mixed workload.

lookup    five databases in one request: a vehicle, its owner, the owner's certificates and their issuers, real property
list      a public list of fifty records with four links each
point     one record by its key
rows      five hundred records of ten columns
mixed     all of them at once
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

HERE = Path(__file__).parent / "operations"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation. `caller` is a demo caller's name, `access` what it states beside the token; `steps` are statements of one request."""

    name: str
    caller: str
    access: Mapping[str, str]
    steps: int

    @property
    def text(self) -> str:
        """The document."""
        return (HERE / f"{self.name}.graphql").read_text(encoding="utf-8")


ON_A_TASK = MappingProxyType({"purpose": "INSPECTION", "taskNo": "ZHJT-2026-JC-0004127"})
IN_PUBLIC: Mapping[str, str] = MappingProxyType({"purpose": "PUBLIC_DISCLOSURE"})

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        one.name: one
        for one in (
            Operation(name="lookup", caller="officer", access=ON_A_TASK, steps=5),
            Operation(name="list", caller="public", access=IN_PUBLIC, steps=5),
            Operation(name="point", caller="officer", access=ON_A_TASK, steps=1),
            Operation(name="rows", caller="officer", access=ON_A_TASK, steps=3),
        )
    }
)

MIXED = "mixed"
SHARES: Mapping[str, int] = MappingProxyType({"list": 60, "lookup": 20, "point": 17, "rows": 3})
"""Per cent of the mixed workload. The public list has the public's share of a city's requests, the five-database look-up the officers',
the long list that of the feeds; all others (timelines, matters, statistics, partners) are stood for by the point look-up."""

Variables = Mapping[str, Any]
