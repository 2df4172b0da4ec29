"""Sockets whose caller is not known yet: how many may wait to say who they are, and who has to go when one more comes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

WAITING = 500
"""Sockets of a process."""


class Antechamber:
    """Where sockets wait until their caller is known. When there are too many, the one that has waited longest has to go: who says
    at once who they are gets past a crowd that says nothing."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Timeout, None] = {}

    @contextlib.asynccontextmanager
    async def wait(self, seconds: float) -> AsyncIterator[None]:
        """Raises TimeoutError after so many seconds, or when the place is needed."""
        async with asyncio.timeout(seconds) as limit:
            if len(self._waiting) >= WAITING:
                longest = next(iter(self._waiting))
                del self._waiting[longest]
                if not longest.expired():
                    longest.reschedule(0)
            self._waiting[limit] = None
            try:
                yield
            finally:
                self._waiting.pop(limit, None)
