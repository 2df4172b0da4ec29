"""The words of the log that its users and its parts share."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeAlias

from auth.audit.chain import Head

Report: TypeAlias = Callable[..., None]
"""Takes the name of an event and its fields, which hold counts and words of ours."""


class AuditUnavailable(Exception):
    """It cannot be written down, so it must not be answered."""


class State(Enum):
    """How the log stands."""

    NORMAL = "normal"
    RESERVE = "reserve"
    """The disk is full: records go to the space that was kept for it. An operator has to act."""
    UNAVAILABLE = "unavailable"
    """Nothing can be written. Tried again after a while."""


class Receipt(NamedTuple):
    """Where a record is: given only once it is on the disk."""

    sequence: int
    hash: str


class Snapshot(NamedTuple):
    """The log as it is on the disk: its name, its digest, its last record, the tree over all (see ``tree.Peaks``)."""

    log: str
    digest: str
    head: Head
    nodes: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How large and how long."""

    segment_bytes: int = 64 * 1024 * 1024
    """A segment that has reached this is closed and the next one begun."""
    reserve_bytes: int = 256 * 1024 * 1024
    """Space that is kept for when the disk is full."""
    waiting: int = 4096
    """Records that may be on their way to the disk. Who comes then waits to be taken."""
    retry_seconds: float = 1.0
    """How long a log that cannot be written refuses before it tries the disk again."""


def now() -> datetime.datetime:
    """The wall clock, UTC."""
    return datetime.datetime.now(datetime.UTC)


def timestamp(at: datetime.datetime) -> str:
    """RFC 3339, UTC, with microseconds: in the order of the texts is the order of the times."""
    return at.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
