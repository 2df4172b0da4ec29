"""What was looked at, how it is, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

SHOWN = 5
"""Names of a longer list."""


class Level(Enum):
    """How bad it is. BAD: the gateway cannot serve like this, or must not."""

    GOOD = "ok"
    WARNING = "warn"
    BAD = "bad"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`area` is what was looked at, `said` how it is, `todo` what to do; no value of a setting, no text of a driver."""

    area: str
    level: Level
    said: str
    todo: str = ""


def good(area: str, said: str) -> Finding:
    """As it should be."""
    return Finding(area=area, level=Level.GOOD, said=said)


def warning(area: str, said: str, todo: str) -> Finding:
    """To be looked at."""
    return Finding(area=area, level=Level.WARNING, said=said, todo=todo)


def bad(area: str, said: str, todo: str) -> Finding:
    """To be put right."""
    return Finding(area=area, level=Level.BAD, said=said, todo=todo)


def listed(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
