"""The four kinds of enforcement that goes too far (行政执法监督条例)."""

from __future__ import annotations

import enum

import strawberry


@strawberry.enum(description="Enforcement that goes too far (行政执法监督条例).（监督事项）")
class FindingKind(enum.Enum):
    """乱收费, 乱罚款, 乱检查, 乱查封."""

    FEES = "fees"
    FINES = "fines"
    INSPECTIONS = "inspections"
    SEIZURES = "seizures"
