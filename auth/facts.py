"""What the policies may know: of every field, and of every kind of caller. No value, no row, no name of a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from auth.classes import DataClass
from auth.purpose import PROOFS, Standing
from auth.viewer import CallerKind, Purpose


class FactKind(Enum):
    """What a coordinate stands for."""

    COLUMN = "column"
    """A value: one column, or several that it is derived from."""
    LINK = "link"
    """Other records. It is followed, not read."""
    KEY = "key"
    """A column that the caller names a value for, to find a record by: a predicate over it."""
    HIDDEN = "hidden"
    """A column that no field shows, but conditions and orders read."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One coordinate, ``Type.field`` (``Type.field.part`` in a value object, ``Type.(column)`` where hidden).

    The type is the concrete one. `columns` are the ``schema.table.column`` that are read, empty for a constant or a
    pseudonym; those of a link are the ones it goes by. A coordinate may have several facts: the strictest outcome counts.
    """

    coordinate: str
    data_class: DataClass
    database: str
    columns: frozenset[str]
    mask: str | None = None
    kind: FactKind = FactKind.COLUMN


ASSURANCES = (1, 2)
"""1: what the issuer's ordinary login gives. 2: two factors, recently (人脸识别 is one). More is not told apart."""


@dataclass(frozen=True, order=True, kw_only=True)
class Profile:
    """All that a policy may know of a caller. `purpose` is there when it was shown to hold and fits the kind of caller."""

    kind: str
    purpose: str | None
    assurance: int
    own: bool = False
    full_names: bool = False

    def __str__(self) -> str:
        parts = [self.kind, self.purpose or "no purpose"]
        if self.own:
            parts.append("own records")
        if self.full_names:
            parts.append("full names")
        if self.assurance > ASSURANCES[0]:
            parts.append("stepped up")
        return ", ".join(parts)


def profile_of(standing: Standing) -> Profile:
    """The profile that decides for a standing. A purpose that was not shown, or does not fit the caller, counts as none."""
    holds = standing.granted and (standing.kind, standing.purpose) in PROOFS
    purpose = standing.purpose.value if holds and standing.purpose is not None else None
    return Profile(
        kind=standing.kind.value,
        purpose=purpose,
        assurance=min(max(standing.assurance, ASSURANCES[0]), ASSURANCES[-1]),
        own=standing.own and purpose == Purpose.SELF_SERVICE.value,
        full_names=standing.full_names and purpose == Purpose.PARTNER_DISCLOSURE.value,
    )


def profiles() -> Iterator[Profile]:
    """Every profile that a standing can have."""
    for kind in CallerKind:
        purposes = [purpose for owner, purpose in PROOFS if owner is kind]
        for assurance in ASSURANCES:
            yield Profile(kind=kind.value, purpose=None, assurance=assurance)
            for purpose in purposes:
                yield Profile(kind=kind.value, purpose=purpose.value, assurance=assurance)
                if purpose is Purpose.SELF_SERVICE:
                    yield Profile(kind=kind.value, purpose=purpose.value, assurance=assurance, own=True)
                if purpose is Purpose.PARTNER_DISCLOSURE:
                    yield Profile(kind=kind.value, purpose=purpose.value, assurance=assurance, full_names=True)
