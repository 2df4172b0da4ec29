"""Redis: what several gateway processes have to share. Its errors end here.

    CacheUnavailable     Redis did not answer in time, or not as it should; an OSError

A command may take 50 ms. After a failure one a second is sent, which finds out whether Redis is back, and the others fail at once: a
Redis that hangs slows those requests that wait for it as it begins to, and then one a second.
What is kept for a while (`get`, `put`) can be done without: who keeps it asks `answers` whether Redis is back, beside the requests.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

COMMAND_SECONDS = 0.05
REST_SECONDS = 1.0
LISTEN_SECONDS = 1.0
"""How long one look at a stream waits for something new."""
BATCH = 1_000

_ADD_WITHIN = """
for place, key in ipairs(KEYS) do
    local count = redis.call('SCARD', key)
    for index = #KEYS + 2, #ARGV do
        count = count + 1 - redis.call('SISMEMBER', key, ARGV[index])
    end
    if count > tonumber(ARGV[place + 1]) then
        return place
    end
end
for _, key in ipairs(KEYS) do
    for index = #KEYS + 2, #ARGV do
        redis.call('SADD', key, ARGV[index])
    end
    redis.call('EXPIRE', key, ARGV[1])
end
return 0
"""
"""Adds members to all sets, unless one would have more members than it may; gives the place of that one, from 1."""


_COUNT_WITHIN = """
if tonumber(redis.call('GET', KEYS[1]) or '0') + tonumber(ARGV[3]) > tonumber(ARGV[2]) then
    return 0
end
redis.call('INCRBY', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
"""
"""Counts so many more, unless that were too many."""


FAILURES: Counter[str] = Counter()
"""Commands of this process that failed, by the type of what Redis or its driver said."""


class CacheUnavailable(OSError):
    """Redis cannot be used at the moment. Carries the type of what Redis or its driver said, no text of theirs."""


class Cache:
    """Redis at a URL (``redis://``, ``rediss://``, ``unix://``). Connects when first used."""

    def __init__(self, url: str) -> None:
        self._commands = _client(url, COMMAND_SECONDS)
        self._listening = _client(url, LISTEN_SECONDS + 4)
        self._rests_until: float | None = None
        """Until when no command is sent; None while Redis answers."""
        self._add_within = self._commands.register_script(_ADD_WITHIN)
        self._count_within = self._commands.register_script(_COUNT_WITHIN)

    async def close(self) -> None:
        """Close the connections."""
        await self._commands.aclose()
        await self._listening.aclose()

    def _check(self) -> None:
        """Raises CacheUnavailable while Redis rests. Who comes after that finds out for the others."""
        if self._rests_until is not None:
            now = time.monotonic()
            if now < self._rests_until:
                raise CacheUnavailable("rests")
            self._rests_until = now + REST_SECONDS

    async def _answered(self, command: Awaitable[Any]) -> Any:
        found = await command
        self._rests_until = None
        return found

    async def first(self, key: str, seconds: int) -> bool:
        """Whether this key is new to every process; it is known for so long. Raises CacheUnavailable."""
        self._check()
        try:
            return await self._answered(self._commands.set(key, b"", nx=True, ex=seconds)) is not None
        except (RedisError, OSError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            raise _failed(error) from None

    async def get(self, key: str) -> bytes | None:
        """What is kept under a key; None when nothing is, or something that is no text. Raises CacheUnavailable."""
        try:
            found: Any = await self._commands.get(key)
        except ResponseError:
            return None
        except (RedisError, OSError) as error:
            raise _failed(error) from None
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, value: bytes, *, seconds: int) -> None:
        """Keeps a value for so long. Raises CacheUnavailable."""
        try:
            await self._commands.set(key, value, ex=seconds)
        except (RedisError, OSError) as error:
            raise _failed(error) from None

    async def answers(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(await self._commands.ping())
        except (RedisError, OSError):
            return False

    async def add_within(
        self, keys: Sequence[str], limits: Sequence[int], members: Sequence[bytes], *, seconds: int
    ) -> int | None:
        """Adds different members to each of the sets, which are known for so long.

        Where a set would have more members than its limit nothing is added to any, and its place is given. Raises
        CacheUnavailable.
        """
        self._check()
        try:
            place = int(await self._answered(self._add_within(keys=list(keys), args=[seconds, *limits, *members])))
        except (RedisError, OSError, TypeError, ValueError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            raise _failed(error) from None
        return place - 1 if place else None

    async def count_within(self, key: str, limit: int, *, more: int = 1, seconds: int) -> bool:
        """Counts so many more under the key, which is known for so long.

        False, and nothing is counted, where that would be more than `limit`. Raises CacheUnavailable.
        """
        self._check()
        try:
            return bool(int(await self._answered(self._count_within(keys=[key], args=[seconds, limit, more]))))
        except (RedisError, OSError, TypeError, ValueError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            raise _failed(error) from None

    async def push(self, stream: str, record: Mapping[str, str], *, keep: int) -> None:
        """Append a record to a stream, which keeps those of the last `keep` seconds. Raises CacheUnavailable."""
        oldest = int((time.time() - keep) * 1000)
        fields: dict[Any, Any] = dict(record)
        try:
            await self._listening.xadd(stream, fields, minid=oldest)
        except (RedisError, OSError) as error:
            raise _failed(error) from None

    async def mark(self, key: str, value: str | None = None, *, over: bool = False) -> str | None:
        """What stands under a key that stays: `value` where nothing stood there, or `over` what did. Without one, None where nothing does.

        Raises CacheUnavailable.
        """
        try:
            if value is not None:
                await self._listening.set(key, value, nx=not over)
            found: Any = await self._listening.get(key)
        except (RedisError, OSError) as error:
            raise _failed(error) from None
        return _text(found) if found is not None else None

    async def pushed(self, stream: str) -> list[dict[str, str]]:
        """Every record of a stream that there is now. Raises CacheUnavailable."""
        try:
            return [record for _, record in _entries({stream: await self._listening.xrange(stream)})]
        except (RedisError, OSError, TypeError, ValueError) as error:
            raise _failed(error) from None

    async def listen(self, stream: str) -> AsyncGenerator[list[dict[str, str]], None]:
        """Every record of a stream from its beginning, and then each as it comes, in batches.

        An empty batch, at least every second, says that there is nothing that has not been given. When the stream was emptied
        or begun anew, it is given from its beginning again. Raises CacheUnavailable; then listen again.
        """
        last = "0"
        try:
            while True:
                found = await self._listening.xread({stream: last}, count=BATCH, block=int(LISTEN_SECONDS * 1000))
                records = _entries(found)
                if records:
                    last = records[-1][0]
                    yield [record for _, record in records]
                    if len(records) == BATCH:
                        continue
                elif await self._was_begun_anew(stream, last):
                    last = "0"
                    continue
                yield []
        except (RedisError, OSError, TypeError, ValueError) as error:
            raise _failed(error) from None

    async def _was_begun_anew(self, stream: str, last: str) -> bool:
        """Whether the newest record is older than the last one given: ids go by Redis's clock, which may be set back."""
        newest: Any = await self._listening.xrevrange(stream, count=1)
        return bool(newest) and _order(_text(newest[0][0])) < _order(last)


def _failed(error: Exception) -> CacheUnavailable:
    """What the caller is told of a command that failed, which is counted."""
    FAILURES[type(error).__name__] += 1
    return CacheUnavailable(type(error).__name__)


def _client(url: str, seconds: float) -> Redis:
    return Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0))


def _entries(found: Any) -> list[tuple[str, dict[str, str]]]:
    """The (id, record) pairs of one stream as XREAD gives them. Raises TypeError or ValueError."""
    if not found:
        return []
    streams = list(found.values()) if isinstance(found, dict) else [entries for _, entries in found]
    return [(_text(key), {_text(name): _text(value) for name, value in record.items()}) for key, record in streams[0]]


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _order(entry: str) -> tuple[int, ...]:
    return tuple(int(part) for part in entry.split("-"))
