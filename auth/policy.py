"""The decision per field: who may see what. A table of permits; what no line permits is withheld."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from auth.classes import Action, DataClass
from auth.purpose import PURPOSE_REQUIRED, Standing
from auth.viewer import CallerKind, Purpose

__all__ = ["PERMITS", "Action", "Decision", "Outcome", "Permit", "decide"]

Coordinate: TypeAlias = str
"""A schema coordinate, ``Type.field``. The type is the concrete one that is read, never the interface."""

FORBIDDEN = "FORBIDDEN"


class Outcome(Enum):
    """What becomes of a field."""

    CLEAR = "clear"
    MASKED = "masked"
    WITHHELD = "withheld"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """An outcome with its reason: the line that permits, or the code that says why not and what is needed."""

    outcome: Outcome
    policy: str
    code: str | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Permit:
    """One line of the policy. None means: whichever."""

    policy: str
    classes: frozenset[DataClass]
    outcome: Outcome = Outcome.CLEAR
    kinds: frozenset[CallerKind] | None = None
    purposes: frozenset[Purpose] | None = None
    types: frozenset[str] | None = None
    granted: bool = True
    """Whether the purpose must have been shown to be true."""

    def permits(self, standing: Standing, type_name: str, data_class: DataClass) -> bool:
        return (
            data_class in self.classes
            and (standing.granted or not self.granted)
            and (self.kinds is None or standing.kind in self.kinds)
            and (self.purposes is None or standing.purpose in self.purposes)
            and (self.types is None or type_name in self.types)
        )


ENFORCEMENT = frozenset({CallerKind.OFFICER, CallerKind.SUPERVISOR})

PERMITS = (
    Permit(policy="public-data", classes=frozenset({DataClass.PUBLIC}), granted=False),
    Permit(
        policy="enforcement-on-a-task",
        classes=frozenset(DataClass),
        kinds=ENFORCEMENT,
        purposes=frozenset({Purpose.INSPECTION, Purpose.CASE_HANDLING, Purpose.CRIMINAL_LINKAGE, Purpose.SUPERVISION}),
    ),
    Permit(
        policy="payment-under-agreement",
        classes=frozenset({DataClass.INTERNAL, DataClass.PERSONAL}),
        kinds=frozenset({CallerKind.PARTNER}),
        purposes=frozenset({Purpose.NON_TAX_PAYMENT}),
        types=frozenset({"NonTaxPayment", "Instalment", "Receipt"}),  # the parts of one payment
    ),
)

_DEFAULT = "default-deny"


def decide(standing: Standing, coordinate: Coordinate, data_class: DataClass, action: Action) -> Decision:
    """Decide on one field. Pure; asked when a plan is bound, never per value.

    What is permitted to be read in clear is permitted in a predicate too; what is masked or withheld is in none.
    """
    type_name, _, _ = coordinate.partition(".")
    for permit in PERMITS:
        if permit.permits(standing, type_name, data_class):
            if permit.outcome is Outcome.CLEAR or action is Action.READ:
                return Decision(outcome=permit.outcome, policy=permit.policy)
            return Decision(outcome=Outcome.WITHHELD, policy=permit.policy, code=FORBIDDEN)
    return _withheld(standing)


def _withheld(standing: Standing) -> Decision:
    """An officer is told what to state; to everyone else the field is simply not open."""
    if standing.kind not in ENFORCEMENT:
        return Decision(outcome=Outcome.WITHHELD, policy=_DEFAULT, code=FORBIDDEN)
    if standing.code is None:  # a purpose that holds, and opens public data only
        return Decision(outcome=Outcome.WITHHELD, policy=_DEFAULT, code=PURPOSE_REQUIRED, needs=("purpose",))
    return Decision(outcome=Outcome.WITHHELD, policy=_DEFAULT, code=standing.code, needs=standing.needs)
