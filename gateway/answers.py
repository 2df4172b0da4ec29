"""Answers that may be shared (`gateway.shareable`), kept in Redis for all processes: never in one alone, never for long.

An answer is found by what was asked of the databases, to the last parameter, by whom its plan was bound for, under which
policies, and by the last change of the disclosure feed that this process knows. A withdrawal is such a change: what was kept
before it is found no more. Where the last change was not asked for within a second nothing is looked up and nothing kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
from sqlalchemy import func, select

from datasources.cache import Cache, CacheUnavailable
from datasources.database import Database
from datasources.errors import SourceError
from datasources.tables.disclosure import change_log
from gateway.adhoc import compile_adhoc
from gateway.observe import event
from gateway.request import Answer

LOOK_SECONDS = 0.4
"""Between two looks at the feed's end."""
FRESH_SECONDS = 1.0
"""How long the end that was found is gone by, from the moment it was asked for."""
FORM = 2
"""Of what is kept: it changes with the meaning of an entry."""
SIZE = 64 * 1024
"""Bytes of an answer that is kept."""
ROOM = 16 * 1024 * 1024
"""Bytes that a process has kept at once: whoever asks another question each time fills no Redis that others need."""
WAITING = 100
"""Answers that are on their way to Redis at once; more are not kept."""
TAG = 32
"""Bytes of the code before an entry."""

_LAST, _ = compile_adhoc(select(func.max(change_log.c.seq)))


class Kept(NamedTuple):
    """An answer as it is kept: the payload, and how many rows of each database it was made of."""

    payload: dict[str, Any]
    rows: dict[str, int]


class Answers:
    """The answers of one gateway. `key` makes entries that only its processes take; `seconds` is how long one is kept."""

    def __init__(
        self,
        cache: Cache,
        database: Database,
        *,
        key: bytes,
        seconds: int,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache = cache
        self._database = database
        self._key = hmac.digest(key, b"kept answers", "sha256")
        self._seconds = seconds
        self._steady = steady
        self._last: tuple[int, float] | None = None
        self._usable = True
        self._since, self._given = float("-inf"), 0
        self._going: set[asyncio.Task[None]] = set()
        self._following: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begins to follow the feed."""
        self._following = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Ends."""
        tasks = [*self._going, *([self._following] if self._following is not None else [])]
        while running := [task for task in tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=0.2)
        await self._cache.close()

    def place_of(self, identity: tuple[Any, ...], question: tuple[Any, ...]) -> str | None:
        """Where the answer to a question is, by what is known now; None when that is not known well enough."""
        last, asked_at = self._last or (0, float("-inf"))
        if not self._usable or self._steady() - asked_at > FRESH_SECONDS:
            return None
        asked = repr((FORM, last, identity, question))
        return f"tongcha:answer:{hashlib.sha256(asked.encode()).hexdigest()}"

    async def find(self, place: str) -> Kept | None:
        """The answer that is kept there. What is not of our making is as if it were not there."""
        try:
            entry = await self._cache.get(place)
        except CacheUnavailable:
            self._rest()
            return None
        if entry is None or not hmac.compare_digest(entry[:TAG], self._tag(place, entry[TAG:])):
            return None
        return Kept(**orjson.loads(entry[TAG:]))

    def keep(self, place: str, answer: Answer) -> None:
        """Keeps an answer, behind the request, as far as there is room."""
        rows = answer.trace.rows if answer.trace is not None else {}
        body = orjson.dumps(Kept(answer.payload, dict(rows))._asdict())
        if len(body) > SIZE or len(self._going) >= WAITING or not self._has_room(len(body)):
            return
        task = asyncio.create_task(self._put(place, self._tag(place, body) + body))
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    def _has_room(self, size: int) -> bool:
        """Whether so much may be kept besides what was, and may not have ended yet."""
        now = self._steady()
        if now - self._since > self._seconds:
            self._since, self._given = now, 0
        self._given += size
        return self._given <= ROOM

    async def look(self) -> None:
        """Asks for the feed's end, and whether Redis is back."""
        asked_at = self._steady()
        with contextlib.suppress(SourceError):
            ((last,),) = await self._database.rows(_LAST, ())
            self._last = (last or 0, asked_at)
        if not self._usable and await self._cache.answers():
            self._usable = True
            event(logging.INFO, "answers kept again")

    async def _follow(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def _put(self, place: str, entry: bytes) -> None:
        try:
            await self._cache.put(place, entry, seconds=self._seconds)
        except CacheUnavailable:
            self._rest()

    def _rest(self) -> None:
        """No request waits for Redis a second time: whether it is back is asked beside them."""
        if self._usable:
            self._usable = False
            event(logging.WARNING, "answers not kept")

    def _tag(self, place: str, body: bytes) -> bytes:
        return hmac.digest(self._key, place.encode() + body, "sha256")
