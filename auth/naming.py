"""Whom a task must name: an officer on a task sees the subjects that it names, and of all others what a passer-by may.

The others are third persons (第三人). What the rules compare with, the subjects of an open assignment and the case at
hand, comes from a task that was checked, never from an argument.

    asked for directly   absent where `absent` says so: the same bytes as an unknown number; else as by a link
    reached by a link    PERSONAL and above masked where the column has a mask, null where it has none
    links from there     those of class `severs` and above lead nowhere
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auth.classes import DataClass
from auth.purpose import PROOFS, Proof, Standing
from auth.viewer import CallerKind


@dataclass(frozen=True, kw_only=True)
class Naming:
    """What is left of a subject that the task does not name."""

    absent: bool
    severs: DataClass

    def cuts(self, link: DataClass) -> bool:
        """Whether a link of this class leads nowhere from a third person."""
        return _RANK[link] >= _RANK[self.severs]

    @staticmethod
    def guards(column: DataClass) -> bool:
        """Whether a column of this class is not shown in clear of a third person."""
        return _RANK[column] >= _RANK[DataClass.PERSONAL]


_RANK = {data_class: rank for rank, data_class in enumerate(DataClass)}

NAMED: Mapping[str, Naming] = {
    "pop.person": Naming(absent=True, severs=DataClass.PUBLIC),
    "ent.entity": Naming(absent=False, severs=DataClass.PERSONAL),
    "cas.party": Naming(absent=False, severs=DataClass.PERSONAL),
}
"""The tables whose rows are about a subject. A party is named by its case: that at hand, and no other.

Vehicles, real property and certificates are open to an active task, whomever it names (domain 2.6, 2.7).
"""


def naming_of(standing: Standing, table: str) -> Naming | None:
    """What this kind of caller sees of the table's subjects when they are not named; None: naming changes nothing."""
    if not standing.granted or standing.kind is not CallerKind.OFFICER or standing.purpose is None:
        return None
    return NAMED.get(table) if PROOFS.get((standing.kind, standing.purpose)) is Proof.TASK else None
