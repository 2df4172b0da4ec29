"""How long a request may take, from when all of it is there: one moment that every stage keeps to."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from datasources.deadlines import DEADLINE
from gateway.errors import TransportError
from gateway.settings import Settings

HEADER = b"request-timeout"
"""In which a client says for how many seconds it waits, as ``0.5``. It can only make the time shorter."""
SECONDS = re.compile(rb"\d{1,4}(?:\.\d{1,3})?")


def stated(headers: Mapping[bytes, bytes]) -> float | None:
    """For how many seconds the client waits; None when it does not say. Raises TransportError for what is no such number."""
    said = headers.get(HEADER)
    if said is None:
        return None
    if not SECONDS.fullmatch(said) or not (seconds := float(said)):
        raise TransportError(400)
    return seconds


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds: of an ordinary request, and of a `report`, an operation with a root field that has a resolver of its own.

    Those go through many records, or write.
    """

    ordinary: float = 2.0
    report: float = 10.0

    @classmethod
    def of(cls, settings: Settings) -> Patience:
        """That of the settings."""
        return cls(ordinary=settings.deadline, report=settings.report_deadline)

    def begin(self, said: float | None = None) -> None:
        """The time of a request begins now, whose client waits for so many seconds."""
        DEADLINE.set(time.monotonic() + min(self.ordinary, math.inf if said is None else said))

    def extend(self, said: float | None) -> None:
        """It is a report."""
        until = DEADLINE.get()
        if until is not None:
            more = min(self.report, math.inf if said is None else said) - self.ordinary
            DEADLINE.set(until + max(0.0, more))


PATIENCE = Patience()
