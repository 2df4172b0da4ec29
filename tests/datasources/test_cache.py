"""Redis as it is and as it fails. F-14, F-15 and G3 are cases of the catalogue."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from datasources.cache import BATCH, REST_SECONDS, Cache, CacheUnavailable
from tests.redis_server import RedisServer


@pytest.fixture
async def cache(redis_url: str) -> AsyncIterator[Cache]:
    made = Cache(redis_url)
    yield made
    await made.close()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as made:
        yield made


async def until_quiet(cache: Cache, stream: str) -> list[str]:
    """The values of a stream up to the first empty batch."""
    values = []
    async with contextlib.aclosing(cache.listen(stream)) as batches:
        async for records in batches:
            if not records:
                break
            values += [record["value"] for record in records]
    return values


async def test_a_key_is_new_once(cache: Cache, redis: Redis, redis_name: str) -> None:
    assert [await cache.first(redis_name, 60) for _ in range(3)] == [True, False, False]
    assert 0 < await redis.ttl(redis_name) <= 60


async def test_of_many_processes_one_is_first(redis_url: str, redis_name: str) -> None:
    caches = [Cache(redis_url) for _ in range(8)]
    found = await asyncio.gather(*(cache.first(redis_name, 60) for cache in caches))
    assert sorted(found) == [False] * 7 + [True]
    for cache in caches:
        await cache.close()


async def test_a_stream_is_given_from_its_beginning(cache: Cache, redis_name: str) -> None:
    for number in range(3):
        await cache.push(redis_name, {"value": str(number)}, keep=3600)
    assert await until_quiet(cache, redis_name) == ["0", "1", "2"]


async def test_a_long_stream_comes_in_batches_before_it_is_quiet(cache: Cache, redis: Redis, redis_name: str) -> None:
    async with redis.pipeline() as pipeline:
        for number in range(2 * BATCH):
            pipeline.xadd(redis_name, {"value": number})
        await pipeline.execute()
    assert len(await until_quiet(cache, redis_name)) == 2 * BATCH


async def test_what_is_pushed_is_heard_at_once(cache: Cache, redis_url: str, redis_name: str) -> None:
    other = Cache(redis_url)
    async with contextlib.aclosing(cache.listen(redis_name)) as batches:
        assert await anext(batches) == []
        begun = time.monotonic()
        await other.push(redis_name, {"value": "x", "kind": "subject"}, keep=3600)
        assert await anext(batches) == [{"value": "x", "kind": "subject"}]
        assert time.monotonic() - begun < 1
    await other.close()


async def test_what_is_old_leaves_the_stream(cache: Cache, redis: Redis, redis_name: str) -> None:
    async with redis.pipeline() as pipeline:
        for number in range(500):
            pipeline.xadd(redis_name, {"value": "old"}, id=f"{number + 1}-1")
        await pipeline.execute()
    await cache.push(redis_name, {"value": "new"}, keep=3600)
    assert await redis.xlen(redis_name) < 500


async def test_f14_a_stream_begun_anew_is_given_anew(cache: Cache, redis: Redis, redis_name: str) -> None:
    """Its ids go by Redis's clock, which may have been set back: the new ones then look old."""
    await redis.xadd(redis_name, {"value": "before"}, id="9999999999999-5")
    async with contextlib.aclosing(cache.listen(redis_name)) as batches:
        assert await anext(batches) == [{"value": "before"}]
        await redis.delete(redis_name)
        await redis.xadd(redis_name, {"value": "after"}, id="1000-1")
        async with asyncio.timeout(5):
            while not (records := await anext(batches)):
                pass
        assert records == [{"value": "after"}]


async def test_f15_a_key_of_another_type_is_a_failure_and_no_surprise(
    cache: Cache, redis: Redis, redis_name: str
) -> None:
    await redis.set(redis_name, "text")
    with pytest.raises(CacheUnavailable):
        await until_quiet(cache, redis_name)
    with pytest.raises(CacheUnavailable):
        await cache.push(redis_name, {"value": "x"}, keep=60)


async def test_f15_bytes_that_are_no_text_are_taken_as_they_come(cache: Cache, redis: Redis, redis_name: str) -> None:
    await redis.xadd(redis_name, {b"value": b"\xff"})
    assert await until_quiet(cache, redis_name) == ["\ufffd"]


async def test_g3_cancelled_commands_leave_no_answer_for_the_next(cache: Cache, redis_name: str) -> None:
    async def one(number: int) -> bool:
        return await cache.first(f"{redis_name}:{number}", 60)

    for number in range(300):
        task = asyncio.create_task(one(2 * number))
        await asyncio.sleep(0)
        if number % 4 == 0:
            await asyncio.sleep(0.0001 * (number % 7))
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await cache.first(f"{redis_name}:{2 * number + 1}", 60) is True
        assert await cache.first(f"{redis_name}:{2 * number + 1}", 60) is False


async def test_what_is_put_there_is_there_for_so_long(cache: Cache, redis: Redis, redis_name: str) -> None:
    assert await cache.get(redis_name) is None
    await cache.put(redis_name, b"\x00value", seconds=60)
    assert await cache.get(redis_name) == b"\x00value"
    assert 0 < await redis.ttl(redis_name) <= 60


async def test_f15_what_is_no_text_is_not_there(cache: Cache, redis: Redis, redis_name: str) -> None:
    await redis.sadd(redis_name, "x")
    assert await cache.get(redis_name) is None


# --- a Redis that fails --------------------------------------------------------------------------


async def test_f14_gone_in_flight_and_back(redis_server: RedisServer, redis_name: str) -> None:
    cache = Cache(redis_server.url)
    assert await cache.first(redis_name, 60)
    redis_server.stop()
    with pytest.raises(CacheUnavailable):
        await cache.first(redis_name, 60)
    with pytest.raises(CacheUnavailable):
        await until_quiet(cache, redis_name)
    redis_server.start()
    await asyncio.sleep(REST_SECONDS)
    assert await cache.first(redis_name, 60)
    assert await until_quiet(cache, f"{redis_name}:stream") == []
    await cache.close()


async def test_f14_a_redis_that_hangs_costs_one_command_a_second(
    redis_server: RedisServer, redis_name: str, impatience_with_redis: float
) -> None:
    cache = Cache(redis_server.url)
    assert await cache.first(redis_name, 60)
    redis_server.hang()
    begun = time.monotonic()
    for number in range(1_000):
        with pytest.raises(CacheUnavailable):
            await cache.first(f"{redis_name}:{number}", 60)
    assert time.monotonic() - begun < 10 * impatience_with_redis
    redis_server.go_on()
    await cache.close()


@pytest.mark.usefixtures("impatience_with_redis")
async def test_f14_after_a_rest_one_command_finds_out_for_all(redis_server: RedisServer, redis_name: str) -> None:
    cache = Cache(redis_server.url)
    assert await cache.first(redis_name, 60)
    redis_server.hang()
    with pytest.raises(CacheUnavailable):
        await cache.first(redis_name, 60)
    await asyncio.sleep(REST_SECONDS)
    asked = (cache.first(f"{redis_name}:{number}", 60) for number in range(100))
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(one) for one in found].count("rests") == 99
    redis_server.go_on()
    await asyncio.sleep(REST_SECONDS)
    assert await cache.first(f"{redis_name}:again", 60)
    await cache.close()


async def test_f14_gone_at_the_start(redis_name: str) -> None:
    cache = Cache("unix:///nowhere/redis.sock")
    with pytest.raises(CacheUnavailable):
        await cache.first(redis_name, 60)
    with pytest.raises(CacheUnavailable):
        await cache.push(redis_name, {}, keep=60)
    with pytest.raises(CacheUnavailable):
        await cache.get(redis_name)
    with pytest.raises(CacheUnavailable):
        await cache.put(redis_name, b"", seconds=60)
    assert not await cache.answers()
    await cache.close()


async def test_a_failure_shows_no_text_of_others() -> None:
    cache = Cache("redis://:secret@127.0.0.1:1/0")
    with pytest.raises(CacheUnavailable) as failure:
        await cache.first("key", 60)
    assert (str(failure.value), failure.value.__cause__) == ("ConnectionError", None)
    await cache.close()
