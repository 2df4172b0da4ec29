"""Enforcement that goes too far, put into the city on purpose so that supervision finds it: which cases, by number."""

from __future__ import annotations

from datasources.city.staging import STAGED

OVERLONG_DAYS = 12
"""Days that a measure lasts beyond its last."""
CHARGED = 50
"""元 charged beside a fine (工本费)."""


def lasts_too_long(number: int) -> bool:
    """Whether the measure of a case outlasts its term (乱查封)."""
    return number >= len(STAGED) and number % 23 == 7


def is_overcharged(number: int) -> bool:
    """Whether more is charged in a case than was decided (乱收费)."""
    return number >= len(STAGED) and number % 67 == 11


def is_inspected_too_often(entity: int) -> bool:
    """Whether a watched entity was inspected more often in 2025 than it may be, without an exemption (乱检查)."""
    return entity % 5 == 2


def inspects_alone(number: int) -> bool:
    """Whether one officer does in an inspection what is two officers' to do (乱检查)."""
    return number >= len(STAGED) and number % 379 == 21
