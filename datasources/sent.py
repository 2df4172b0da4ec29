"""What is told of a statement, whoever wants to hear it: how long it took and how it ended. No text and no value of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

Outcome: TypeAlias = Literal["ok", "timeout", "busy", "unavailable", "fault", "canceled"]

OUTCOMES: tuple[Outcome, ...] = ("ok", "timeout", "busy", "unavailable", "fault", "canceled")
"""`busy`: its turn did not come in time. `canceled`: nobody waited for it any more."""

ENDS: Mapping[str, Outcome] = MappingProxyType(
    {
        "SOURCE_UNAVAILABLE": "unavailable",
        "SOURCE_TIMEOUT": "timeout",
        "SOURCE_BUSY": "busy",
        "DATA_ERROR": "fault",
    }
)
"""By the code of what was raised."""


class Sent(NamedTuple):
    """One statement, or one that was to be sent and whose turn did not come. `waited` and `ran` are seconds; `requests` are
    those that it was for.
    """

    database: str
    waited: float
    ran: float
    rows: int
    requests: int
    outcome: Outcome
