"""How a Redis is set up, asked of the Redis itself: what it forgets, what survives its restart, what time it has."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from datasources.cache import CacheUnavailable

ANSWER_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class RedisStanding:
    """`version` is a pair of numbers; `eviction` its policy, empty where it does not say; `kept` whether it writes to a disk;
    `ahead` by how many seconds its clock is.
    """

    version: tuple[int, int]
    eviction: str
    kept: bool
    ahead: float


async def redis_standing(url: str) -> RedisStanding:
    """Raises CacheUnavailable."""
    redis = Redis.from_url(
        url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
    )
    try:
        told: Any = await redis.info()
        began = time.time()
        seconds, microseconds = await redis.time()
        here = (began + time.time()) / 2
        major, minor, *_ = str(told["redis_version"]).split(".")
        saves = told.get("rdb_last_save_time", 0) and await _saves(redis)
        return RedisStanding(
            version=(int(major), int(minor)),
            eviction=str(told.get("maxmemory_policy", "")),
            kept=bool(told.get("aof_enabled") or saves),
            ahead=seconds + microseconds / 1e6 - here,
        )
    except (RedisError, OSError, KeyError, ValueError) as error:
        raise CacheUnavailable(type(error).__name__) from None
    finally:
        await redis.aclose()


async def _saves(redis: Redis) -> bool:
    """Whether it writes itself down from time to time; a Redis that does not say is believed to."""
    try:
        told: Any = await redis.config_get("save")
    except RedisError:
        return True
    return bool(told.get("save"))
