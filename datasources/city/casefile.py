"""The record a case is built up in: who, when, how it was decided, served, paid and closed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from datasources.city.briefs import Brief
from datasources.city.organisations import Officer, Org
from datasources.city.parties import Party

_OPEN = ("REGISTERED", "FILED", "INVESTIGATING", "SUSPENDED", "UNDER_LEGAL_REVIEW", "NOTIFIED", "HEARING")


class Payment(NamedTuple):
    """How the fine was paid; `paid` are (ordinal, yuan) of the receipts, `instalments` (ordinal due, yuan, paid)."""

    due: int
    surcharge: int
    paid: tuple[tuple[int, int], ...]
    instalments: tuple[tuple[int, int, bool], ...]
    status: str


@dataclass(slots=True)
class Case:
    """One case; days are ordinals, 0 when it has not happened."""

    brief: Brief
    key: UUID
    org: Org
    officers: tuple[Officer, Officer, Officer]
    version: int
    cause: str
    cause_name: str
    parties: tuple[Party, ...]
    place: str
    division: str
    system: str
    chance: float
    procedure: str = "2"
    status: str = "INVESTIGATING"
    stage: str = "INVESTIGATION"
    decided: int = 0
    served: int = 0
    closed: int = 0
    archived: int = 0
    excluded: int = 0
    extensions: int = 0
    major: bool = False
    reviewed: bool = False
    discussed: bool = False
    hearing: bool = False
    sealed: bool = False
    secret: bool = False
    fine: int = 0
    confiscated: int = 0
    grade: str | None = None
    kinds: list[str] = field(default_factory=list)
    revoked: str | None = None
    document_no: str = ""
    result: str = ""
    mode: str = ""
    rectify: int = 0
    measure: str = ""
    due: int = 0
    withdrawn: int = 0
    transferred: int = 0
    payment: Payment | None = None
    flags: list[str] = field(default_factory=list)

    @property
    def filed(self) -> int:
        return self.brief.filed

    @property
    def is_open(self) -> bool:
        return self.status in _OPEN
