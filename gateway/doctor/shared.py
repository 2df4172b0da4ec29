"""Redis, which all processes share: whether it forgets what must be known."""

from __future__ import annotations

from collections.abc import AsyncIterator

from datasources.cache import CacheUnavailable
from datasources.redis_standing import redis_standing
from gateway.doctor.findings import Finding, bad, good, warning
from gateway.doctor.sources import APART
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
    if not standing.kept:
        yield warning(
            AREA,
            "it writes nothing to a disk: with its restart revocations are forgotten",
            "set appendonly yes",
        )
    if abs(standing.ahead) > APART:
        yield warning(AREA, f"its clock is {standing.ahead:+.1f} s from ours", "set both clocks by one source (NTP)")
