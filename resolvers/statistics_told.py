"""What a caller is told of figures: supervisors all but the amounts of few decisions, partners rounded ones (`resolvers.cells`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from resolvers.cells import LEVELS, Protection, is_whole_period
from resolvers.errors import BadInput
from resolvers.statistics_sql import AMOUNTS, AMOUNTS_OF, COUNTS, Question

SMALLEST = 5
"""Decisions below which their amounts are suppressed for supervisors (GB/T 37964)."""

Row: TypeAlias = Mapping[str, Any]


def ask_for_rounded(question: Question) -> None:
    """Refuses what no rounded figures are for: only whole periods that are over, whole divisions, and one kind or all.

    Each of these sets contains or excludes another whole: that is what the draws are made for. Raises BadInput.
    """
    if not is_whole_period(question.first, question.last, question.today):
        raise BadInput("to")
    if question.division_prefix is not None and len(question.division_prefix) not in LEVELS:
        raise BadInput("divisionPrefix")
    if question.kinds is not None and len(set(question.kinds)) != 1:
        raise BadInput("kinds")


def exact(row: Row) -> Row:
    """The row as supervisors are told it."""
    few = 0 < row[AMOUNTS_OF] < SMALLEST
    return {**row, **(dict.fromkeys(AMOUNTS) if few else {}), "suppressed": few}


def rounded(row: Row, protection: Protection) -> Row | None:
    """The row as partners are told it; None when nothing is left of it: a group of few cases is as one without any."""
    keys = {name: int(row[f"key_{name}"]) for name in COUNTS}
    counts = {name: protection.count(row[name], keys[name]) for name in COUNTS}
    if all(count is None for count in counts.values()):
        return None
    hidden = counts[AMOUNTS_OF] is None
    amounts = {
        name: None if hidden else protection.amount(row[name], row[f"largest_{name}"], keys[AMOUNTS_OF])
        for name in AMOUNTS
    }
    return {**row, **counts, **amounts, "suppressed": None in counts.values()}


def told(rows: Iterable[Row], protection: Protection | None) -> list[Row]:
    """The rows as the caller is told them."""
    if protection is None:
        return [exact(row) for row in rows]
    return [found for row in rows if (found := rounded(row, protection)) is not None]
