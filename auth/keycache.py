"""The keys of an issuer as they are now: fetched beforehand, kept when the issuer cannot be reached, renewed for an unknown one.

    poll       every 5 minutes, in the background: no request waits for it
    unknown    a key id that is not there begins one fetch and waits for it, half a second at most
    pause      no fetch begins within 30 s of the last one's end, whether that one went well or not
    refused    128 key ids that a fetch did not bring are not looked for again for 5 minutes
    stale      what cannot be renewed is believed for a day

So a flood of invented key ids costs the issuer two fetches a minute, and an issuer that hangs costs nobody anything.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from auth.keys import Family, Key, KeySet, KeySetInvalid

REFUSED_SIZE = 128
WAITING_SIZE = 1024
"""Requests that wait for one fetch. More are refused at once."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How often and how long, in seconds."""

    poll: float = 60.0
    fetch: float = 5.0
    wait: float = 0.5
    pause: float = 30.0
    refused: float = 300.0
    stale: float = 24 * 3600.0


class KeyCache:
    """The keys of one issuer. `fetch` gives its JWK Set, or raises; `keys` are those known at the start.

    What is not a good set (too large, not JSON, two keys of one id) is logged, and the keys before it stay.
    """

    def __init__(
        self,
        name: str,
        family: Family,
        fetch: Callable[[], Awaitable[bytes]],
        *,
        keys: KeySet | None = None,
        pace: Pace | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.epoch = 0
        self.fetches = 0
        """How many were begun."""
        self._name = name
        self._family = family
        self._source = fetch
        self._pace = pace or Pace()
        self._steady = steady
        self._keys = keys
        self._renewed = False
        """Whether the last fetch brought a good set."""
        self._renewed_at = steady()
        self._next_at = steady()
        """When the next poll is due."""
        self._paused_until = steady()
        self._flight: asyncio.Task[None] | None = None
        self._window = asyncio.Event()
        self._waiting = 0
        self._refused: OrderedDict[str, float] = OrderedDict()

    @property
    def usable(self) -> bool:
        """Whether there are keys that may still be believed."""
        return self._keys is not None and self._steady() - self._renewed_at < self._pace.stale

    @property
    def age(self) -> float:
        """Seconds since the keys were last fetched, or since the start where they never were."""
        return self._steady() - self._renewed_at

    def get(self, key_id: str) -> Key | None:
        """The key of this id among those at hand."""
        return self._keys.get(key_id) if self._keys is not None and self.usable else None

    async def awaited(self, key_id: str) -> Key | None:
        """The key of this id, after a fetch when one may begin or has just begun."""
        found = self.get(key_id)
        if found is not None or self._steady() < self._refused.get(key_id, 0.0):
            return found
        if self._flight is None and self._steady() >= self._paused_until:
            self._begin()
        if self._flight is None or self._window.is_set() or self._waiting >= WAITING_SIZE:
            return None
        self._waiting += 1
        try:
            await self._window.wait()
        finally:
            self._waiting -= 1
        found = self.get(key_id)
        if found is None:
            self._refuse(key_id)
        return found

    async def renew(self) -> bool:
        """Fetch now, or join the fetch that runs. Whether keys can be believed afterwards."""
        await asyncio.shield(self._flight or self._begin())
        return self.usable

    async def follow(self) -> None:
        """Fetch whenever it is due, until cancelled."""
        try:
            while True:
                delay = self._next_at - self._steady()
                if delay > 0:
                    await asyncio.sleep(delay)
                else:
                    await self.renew()
        finally:
            if self._flight is not None:
                self._flight.cancel()

    def _begin(self) -> asyncio.Task[None]:
        self.fetches += 1
        self._window = window = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(self._pace.wait, window.set)
        self._flight = flight = asyncio.create_task(self._fetch())

        def landed(_: object) -> None:
            self._flight = None
            timer.cancel()
            window.set()

        flight.add_done_callback(landed)
        return flight

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(self._pace.fetch):
                text = await self._source()
            self._take(await asyncio.to_thread(KeySet.parse, text, self._family))
            self._next_at = self._steady() + self._pace.poll
            self._renewed = True
        except Exception as error:  # noqa: BLE001  # the poll must outlive whatever is on the other side
            why = str(error) if isinstance(error, KeySetInvalid) else type(error).__name__
            log.error("keys not renewed", extra={"issuer": self._name, "why": why})  # noqa: TRY400
            self._next_at = self._steady() + self._pace.pause
            self._renewed = False
        finally:
            self._paused_until = self._steady() + self._pace.pause

    def _take(self, keys: KeySet) -> None:
        before = self._keys
        if before is not None and not keys.covers(before):
            self.epoch += 1
        if before is not None and not (keys.covers(before) and before.covers(keys)):
            log.info("keys changed", extra={"issuer": self._name, "keys": len(keys)})
        self._keys = keys
        self._renewed_at = self._steady()

    def _refuse(self, key_id: str) -> None:
        """Remembers an id that is nowhere. One that a fetch may have missed, because it failed or runs on, is not."""
        if self._flight is None and self._renewed:
            self._refused[key_id] = self._steady() + self._pace.refused
            self._refused.move_to_end(key_id)
            if len(self._refused) > REFUSED_SIZE:
                self._refused.popitem(last=False)
