"""Revocations over Redis: one stream, which every process reads from its beginning and then follows.

Beside it stands a mark, which goes when the Redis is emptied. A process that knew the mark and does not find it writes back what it
holds; one that starts and finds none waits for such a process, and when nobody comes it begins anew and says so.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping

from auth.revocation import LEEWAY, LIFETIME, Revocation, Revocations
from datasources.cache import Cache, CacheUnavailable
from gateway.observe import event

STREAM = "tongcha:revocations"
"""The key in Redis. A record has ``kind`` (subject, client, token, key), ``issuer`` (its iss), ``value`` and ``at``."""
KEEP = LIFETIME + 4 * LEEWAY
"""Seconds that a record stays: longer than it has anything to refuse."""
ALONE_AFTER = 1.5
"""Seconds that a process which starts waits for one that knows: each looks for the mark once a second."""
LOOK_SECONDS = 0.1
"""Between two looks meanwhile."""
ANEW = "anew"
"""How a mark begins that was set by a process which knew nothing. The moment follows, in seconds since 1970, and a number of its own."""
BACK = "back"
"""The same of one that had known them."""
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
    mark = _Mark(cache, revocations)
    while True:
        try:
            async for records in cache.listen(STREAM):
                for record in records:
                    _add(revocations, record)
                if not records and await mark.stands():
                    revocations.heard()
                    begun.set()
                    failing = False
        except CacheUnavailable as error:
            if not failing:
                event(logging.ERROR, "revocations not heard", why=str(error))
            failing = True
            await asyncio.sleep(AGAIN_AFTER)


class _Mark:
    """The mark as one process knows it, who has read the stream to its end whenever it asks."""

    def __init__(self, cache: Cache, revocations: Revocations) -> None:
        self._cache = cache
        self._revocations = revocations
        self._known: str | None = None

    async def stands(self) -> bool:
        """Whether the stream, as far as it was read, has what there is to know. Raises CacheUnavailable."""
        found = await self._cache.mark(mark_of(STREAM))
        if self._known is None:
            return await self._begin(found)
        if found != self._known:
            await self._write_back()
            self._known = await self._agreed(found)
        return True

    async def _agreed(self, found: str | None) -> str | None:
        """The mark after what was known here was written back: who began anew is told so by it, and takes it."""
        if found is None:
            return await self._cache.mark(mark_of(STREAM), _new(ANEW if self._revocations.begun_anew else BACK))
        if begun_anew_at(found) is None:
            self._revocations.complete()
        elif not self._revocations.begun_anew:
            return await self._cache.mark(mark_of(STREAM), _new(BACK), over=True)
        return found

    async def _write_back(self) -> None:
        """Before the mark: who finds it finds what was written back."""
        there = {_key(record) for record in await self._cache.pushed(STREAM)}
        lacking = [record for one in self._revocations.held() if _key(record := one.record()) not in there]
        for record in lacking:
            await self._cache.push(STREAM, record, keep=KEEP)
        if lacking:
            event(logging.WARNING, "revocations written back", count=len(lacking))

    async def _begin(self, found: str | None) -> bool:
        """Takes the mark that there is. Where there is none it waits for it, and then sets its own."""
        until = time.monotonic() + ALONE_AFTER
        self._known = found
        while self._known is None and time.monotonic() < until:
            await asyncio.sleep(LOOK_SECONDS)
            self._known = await self._cache.mark(mark_of(STREAM))
        if self._known is not None:
            if (at := begun_anew_at(self._known)) is not None:
                self._revocations.begin_anew(at)
            return found is not None  # what was written back meanwhile has not been read yet
        mine = _new(ANEW)
        self._known = await self._cache.mark(mark_of(STREAM), mine)
        if self._known == mine:
            self._revocations.begin_anew(time.time())
            event(logging.ERROR, "revocations begun anew")
        return self._known == mine


def mark_of(stream: str) -> str:
    """The key of the mark beside a stream."""
    return f"{stream}:mark"


def begun_anew_at(mark: str) -> float | None:
    """When a process that knew nothing set the mark, in seconds since 1970; None of any other mark."""
    kind, _, rest = mark.partition(":")
    try:
        return float(rest.partition(":")[0]) if kind == ANEW else None
    except ValueError:
        return None


def _new(kind: str) -> str:
    return f"{kind}:{time.time():.0f}:{secrets.token_hex(8)}"


def _key(record: Mapping[str, str]) -> tuple[str | None, ...]:
    return tuple(record.get(name) for name in ("kind", "issuer", "value", "at"))


def _add(revocations: Revocations, record: dict[str, str]) -> None:
    try:
        revocations.add(Revocation.parse(record))
    except ValueError:
        event(logging.ERROR, "revocation not understood")
