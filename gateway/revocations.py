"""Revocations over Redis: one stream, which every process reads from its beginning and then follows."""

from __future__ import annotations

import asyncio
import logging

from auth.revocation import LEEWAY, LIFETIME, Revocation, Revocations
from datasources.cache import Cache, CacheUnavailable
from gateway.observe import event

STREAM = "tongcha:revocations"
"""The key in Redis. A record has ``kind`` (subject, client, token, key), ``issuer`` (its iss), ``value`` and ``at``."""
KEEP = LIFETIME + 4 * LEEWAY
"""Seconds that a record stays: longer than it has anything to refuse."""
AGAIN_AFTER = 0.5
"""Seconds until Redis is asked again after it failed."""


async def tell(url: str, revocation: Revocation) -> None:
    """Tell every process that listens to the Redis at `url`. Raises CacheUnavailable."""
    cache = Cache(url)
    try:
        await cache.push(STREAM, revocation.record(), keep=KEEP)
    finally:
        await cache.close()


async def follow(cache: Cache, revocations: Revocations, begun: asyncio.Event) -> None:
    """Add what is pushed, until cancelled. `begun` is set when everything from before has been added."""
    failing = False
    while True:
        try:
            async for records in cache.listen(STREAM):
                for record in records:
                    _add(revocations, record)
                if not records:
                    revocations.heard()
                    begun.set()
                    failing = False
        except CacheUnavailable as error:
            if not failing:
                event(logging.ERROR, "revocations not heard", why=str(error))
            failing = True
            await asyncio.sleep(AGAIN_AFTER)


def _add(revocations: Revocations, record: dict[str, str]) -> None:
    try:
        revocations.add(Revocation.parse(record))
    except ValueError:
        event(logging.ERROR, "revocation not understood")
