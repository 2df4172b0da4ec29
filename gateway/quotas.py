"""How many requests and rows a day an agreement is good for (日调用量, 日共享量).

    requests   counted before anything is asked of an owner's database
    rows       of an answer, as its record has them: counted when it is made and before it leaves, all of them or none

Counted in Redis for all processes together, by the day in China. While Redis cannot be asked, each process keeps to its
share of the quota, with what it has counted itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from auth.viewer import AccessRequest
from datasources.cache import Cache, CacheUnavailable
from gateway.budgets import DAY, EAST
from gateway.errors import ErrorCode, GatewayError
from gateway.observe import event
from gateway.request import Answer, refused
from gateway.settings import Settings

REQUESTS, ROWS = "agreement", "rows"
"""What is used up, as the refusal names it (`quota`)."""
KEYS = {REQUESTS: "quota", ROWS: "rows"}
DAYS_KEPT = 2
"""Days that a count is kept in Redis: it is of one of them."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """The requests and the rows a day of one agreement; None: any number."""

    agreement_no: str
    limit: int | None = None
    rows: int | None = None

    @classmethod
    def of(cls, access: AccessRequest | None, limit: int | None, rows: int | None) -> Quota | None:
        """That of the stated agreement, when it has one."""
        if (limit is None and rows is None) or access is None or access.agreement_no is None:
            return None
        return cls(agreement_no=access.agreement_no, limit=limit, rows=rows)


class Quotas:
    """The counts of a day. `share` is how many processes there are, `wall` gives seconds since 1970."""

    def __init__(self, cache: Cache | None = None, *, share: int = 1, wall: Callable[[], float] = time.time) -> None:
        self._cache = cache
        self._share = share
        self._wall = wall
        self._day = 0
        self._counted: dict[tuple[str, str], int] = {}

    @classmethod
    def of(cls, settings: Settings) -> Quotas:
        """Those of a process. Redis is connected to when first asked."""
        return cls(Cache(settings.redis) if settings.redis else None, share=settings.processes * settings.workers)

    async def close(self) -> None:
        """Closes the connection to Redis."""
        if self._cache is not None:
            await self._cache.close()

    async def admit(self, quota: Quota) -> None:
        """Counts a request. Raises GatewayError (RATE_LIMITED) when the day's are used up."""
        if quota.limit is not None and not await self._counts(quota, REQUESTS, 1, quota.limit):
            raise GatewayError(ErrorCode.RATE_LIMITED, quota=REQUESTS)

    async def release(self, quota: Quota, answer: Answer) -> Answer:
        """The answer, or in its place the refusal when the day's rows are used up. What it would have shown is still told to
        the log."""
        rows = sum(answer.trace.rows.values()) if answer.trace is not None else 0
        if quota.rows is None or not rows or await self._counts(quota, ROWS, rows, quota.rows):
            return answer
        return replace(refused([GatewayError(ErrorCode.RATE_LIMITED, quota=ROWS)]), trace=answer.trace)

    async def _counts(self, quota: Quota, what: str, more: int, limit: int) -> bool:
        day = (int(self._wall()) + EAST) // DAY
        if day != self._day:
            self._day, self._counted = day, {}
        place = (what, quota.agreement_no)
        if not await self._within(place, day, more, limit):
            event(logging.WARNING, "agreement_quota_exceeded", agreement=quota.agreement_no, quota=what)
            return False
        self._counted[place] = self._counted.get(place, 0) + more
        return True

    async def _within(self, place: tuple[str, str], day: int, more: int, limit: int) -> bool:
        what, agreement_no = place
        allowed = limit
        if self._cache is not None:
            try:
                key = f"tongcha:{KEYS[what]}:{day}:{agreement_no}"
                return await self._cache.count_within(key, limit, more=more, seconds=DAYS_KEPT * DAY)
            except CacheUnavailable:
                allowed = limit // self._share
        return self._counted.get(place, 0) + more <= allowed
