"""What is decided about a field, and the codes that say why not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

FORBIDDEN = "FORBIDDEN"
STEP_UP_REQUIRED = "STEP_UP_REQUIRED"
STEP_UP_NEEDS = ("acr_values", "max_age")
"""The members of the challenge (RFC 9470) that say how to authenticate again."""

DEFAULT_DENY = "default-deny"
"""Stands for the policy where none permits."""


class Outcome(Enum):
    """What becomes of a field, mildest first."""

    CLEAR = "clear"
    MASKED = "masked"
    WITHHELD = "withheld"
    """Null, and the caller is told so."""
    ABSENT = "absent"
    """Not in the caller's schema."""

    @property
    def shown(self) -> bool:
        """Whether anything of the value is."""
        return self in (Outcome.CLEAR, Outcome.MASKED)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """An outcome with its reason: the policy that decides, or the code that says why not and what is needed."""

    outcome: Outcome
    policy: str
    code: str | None = None
    needs: tuple[str, ...] = ()


class Opens(Enum):
    """What would open a field to the same kind of caller."""

    IS_OPEN = "is open"
    BY_STEP_UP = "step-up"
    BY_PURPOSE = "purpose"
    NEVER = "never"
