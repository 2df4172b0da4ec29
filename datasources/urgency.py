"""How urgent a request is: an officer at somebody's door goes before a partner's platform, and both before a batch."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Literal, TypeAlias

Urgency: TypeAlias = Literal["officer", "partner", "batch"]

URGENCY: ContextVar[Urgency] = ContextVar("urgency", default="officer")
"""Of the request that statements are sent for. Set once per request."""
