"""How many requests a day an agreement is good for (日调用量): counted before anything is asked of an owner's database.

Counted in Redis for all processes together, by the day in China. While Redis cannot be asked, each process keeps to its
share of the quota, with what it has counted itself.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from auth.viewer import AccessRequest
from datasources.cache import Cache, CacheUnavailable
from gateway.budgets import DAY, EAST
from gateway.errors import ErrorCode, GatewayError
from gateway.observe import event
from gateway.settings import Settings

DAYS_KEPT = 2
"""Days that a count is kept in Redis: it is of one of them."""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """The requests a day of one agreement."""

    agreement_no: str
    limit: int

    @classmethod
    def of(cls, access: AccessRequest | None, limit: int | None) -> Quota | None:
        """That of the stated agreement, when it has one."""
        if limit is None or access is None or access.agreement_no is None:
            return None
        return cls(agreement_no=access.agreement_no, limit=limit)


class Quotas:
    """The counts of a day. `share` is how many processes there are, `wall` gives seconds since 1970."""

    def __init__(self, cache: Cache | None = None, *, share: int = 1, wall: Callable[[], float] = time.time) -> None:
        self._cache = cache
        self._share = share
        self._wall = wall
        self._day = 0
        self._counted: dict[str, int] = {}

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
        day = (int(self._wall()) + EAST) // DAY
        if day != self._day:
            self._day, self._counted = day, {}
        if not await self._counts(quota, day):
            event(logging.WARNING, "agreement_quota_exceeded", agreement=quota.agreement_no)
            raise GatewayError(ErrorCode.RATE_LIMITED, quota="agreement")
        self._counted[quota.agreement_no] = self._counted.get(quota.agreement_no, 0) + 1

    async def _counts(self, quota: Quota, day: int) -> bool:
        allowed = quota.limit
        if self._cache is not None:
            try:
                key = f"tongcha:quota:{day}:{quota.agreement_no}"
                return await self._cache.count_within(key, quota.limit, seconds=DAYS_KEPT * DAY)
            except CacheUnavailable:
                allowed = quota.limit // self._share
        return self._counted.get(quota.agreement_no, 0) < allowed
