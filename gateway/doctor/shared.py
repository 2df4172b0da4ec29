"""Redis, which all processes share: whether it forgets what must be known."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from auth.revocation import LIFETIME
from datasources.cache import Cache, CacheUnavailable
from datasources.redis_standing import redis_standing
from gateway.doctor.findings import Finding, bad, good, warning
from gateway.doctor.sources import APART
from gateway.revocations import STREAM, begun_anew_at, mark_of
from gateway.settings import Settings

AREA = "redis"
LEAST = (6, 2)
"""The first version that has XADD with MINID."""


async def look_at_redis(settings: Settings) -> AsyncIterator[Finding]:
    """Whether what is shared stays until its time is over."""
    if not settings.redis:
        return
    try:
        standing = await redis_standing(settings.redis)
    except CacheUnavailable as error:
        yield bad(AREA, f"it does not answer: {error}", "look at its address and the way there")
        return
    version = ".".join(map(str, standing.version))
    yield (
        good(AREA, f"answers, version {version}")
        if standing.version >= LEAST
        else bad(AREA, f"its version is {version}", "6.2 or newer is wanted")
    )
    if standing.eviction.startswith("allkeys"):
        yield bad(
            AREA,
            f"maxmemory-policy is {standing.eviction}: it may forget revocations",
            "set volatile-ttl or noeviction, and enough memory",
        )
    async for finding in _look_at_revocations(settings.redis):
        yield finding
    if not standing.kept:
        yield warning(
            AREA,
            "it writes nothing to a disk: with its restart revocations are forgotten",
            "set appendonly yes",
        )
    if abs(standing.ahead) > APART:
        yield warning(AREA, f"its clock is {standing.ahead:+.1f} s from ours", "set both clocks by one source (NTP)")


async def _look_at_revocations(url: str) -> AsyncIterator[Finding]:
    """Whether those of the last day are there."""
    cache = Cache(url)
    try:
        mark = await cache.mark(mark_of(STREAM))
    except CacheUnavailable as error:
        yield bad(AREA, f"it does not answer: {error}", "look at its address and the way there")
        return
    finally:
        await cache.close()
    at = begun_anew_at(mark) if mark is not None else None
    if mark is None:
        yield warning(
            AREA,
            "no process has read revocations there: it is new, or was emptied",
            "those that run write back what they know; where none runs, revoke once more what was revoked in the last day",
        )
    elif at is not None and time.time() - at <= LIFETIME:
        yield warning(
            AREA,
            "a process began there within a day that found no revocations, and none that knew any",
            "unless it was new then, revoke once more what was revoked in the day before",
        )
