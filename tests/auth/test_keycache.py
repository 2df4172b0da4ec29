"""The cache with times of a thousandth, over a source that does what a test says. Names of faults are those of the catalogue."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from auth import keycache
from auth.keycache import REFUSED_SIZE, KeyCache, Pace
from auth.keys import Family, KeySet
from tests.auth.minting import JWK, OTHER_JWK, Time
from tests.datasources.soon import soon

NEW_JWK = {**OTHER_JWK, "kid": "k2"}
FAST = Pace(fetch=0.4, wait=0.05)


class Source:
    """An issuer's key endpoint, without the network."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.keys = list(keys)
        self.at: list[float] = []
        """When it was asked."""
        self.answer: Callable[[], Any] | None = None

    @property
    def fetches(self) -> int:
        return len(self.at)

    async def fetch(self) -> bytes:
        self.at.append(asyncio.get_running_loop().time())
        if self.answer is not None:
            made = self.answer()
            return bytes(await made if asyncio.iscoroutine(made) else made)
        return json.dumps({"keys": self.keys}).encode()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def source() -> Source:
    return Source(JWK)


@pytest.fixture
async def cache(source: Source, time: Time) -> KeyCache:
    made = KeyCache("staff", Family.EC, source.fetch, pace=FAST, steady=time.steady)
    await made.renew()
    assert source.fetches == made.fetches == 1
    return made


def fail() -> bytes:
    raise ConnectionRefusedError


async def hang() -> bytes:
    await asyncio.sleep(30)
    return b""


async def test_a_key_at_hand_asks_nobody(cache: KeyCache, source: Source) -> None:
    assert cache.get("k1") == await cache.awaited("k1") is not None
    assert source.fetches == 1


async def test_f27_a_new_key_is_found_by_the_first_request_that_brings_it(
    cache: KeyCache, source: Source, time: Time
) -> None:
    source.keys.append(NEW_JWK)
    time.passed = FAST.pause
    assert cache.get("k2") is None
    assert await cache.awaited("k2") is not None
    assert (source.fetches, cache.epoch) == (2, 0)


async def test_f27_without_overlap_the_old_key_s_tokens_are_over(cache: KeyCache, source: Source, time: Time) -> None:
    source.keys = [NEW_JWK]
    time.passed = FAST.pause
    assert await cache.awaited("k2") is not None
    assert (cache.get("k1"), cache.epoch) == (None, 1)


async def test_f27_a_key_id_used_again_is_another_key(cache: KeyCache, source: Source, time: Time) -> None:
    before, source.keys = cache.get("k1"), [OTHER_JWK]
    await cache.renew()
    assert before != cache.get("k1") is not None
    assert cache.epoch == 1


async def test_many_requests_share_one_fetch(cache: KeyCache, source: Source, time: Time) -> None:
    source.keys.append(NEW_JWK)
    time.passed = FAST.pause
    found = await asyncio.gather(*(cache.awaited("k2") for _ in range(100)))
    assert None not in found
    assert source.fetches == 2


@pytest.mark.parametrize("answer", [None, fail], ids=["it-went-well", "it-failed"])
async def test_between_two_fetches_is_a_pause(cache: KeyCache, source: Source, time: Time, answer: Any) -> None:
    source.answer = answer
    for time.passed in (29.9, 30, 31, 59.9):
        assert await cache.awaited(f"new-{time.passed}") is None
    assert source.fetches == 2
    time.passed = 60.1
    assert await cache.awaited("new-60") is None
    assert source.fetches == 3


async def test_an_id_that_is_nowhere_is_not_looked_for_again(cache: KeyCache, source: Source, time: Time) -> None:
    for time.passed in (30, 60, 90, 329):
        assert await cache.awaited("nowhere") is None
    assert source.fetches == 2
    time.passed = 331
    assert await cache.awaited("nowhere") is None
    assert source.fetches == 3


async def test_an_id_that_a_failed_fetch_did_not_bring_is_looked_for_again(
    cache: KeyCache, source: Source, time: Time
) -> None:
    source.answer, time.passed = fail, 30
    assert await cache.awaited("k2") is None
    source.answer, time.passed = None, 61
    source.keys.append(NEW_JWK)
    assert await cache.awaited("k2") is not None


async def test_a_refused_id_that_a_poll_brings_is_taken(cache: KeyCache, source: Source, time: Time) -> None:
    time.passed = 30
    assert await cache.awaited("k2") is None
    source.keys.append(NEW_JWK)
    await cache.renew()
    assert await cache.awaited("k2") is not None


async def test_the_memory_of_refused_ids_is_bounded(cache: KeyCache, time: Time) -> None:
    for number in range(2 * REFUSED_SIZE):
        time.passed += 31
        await cache.awaited(f"new-{number}")
    assert len(cache._refused) == REFUSED_SIZE


async def test_f26_a_source_that_hangs_costs_half_a_second_once(cache: KeyCache, source: Source, time: Time) -> None:
    source.answer, time.passed = hang, 30
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await asyncio.gather(*(cache.awaited(f"new-{number}") for number in range(100))) == [None] * 100
    assert FAST.wait <= loop.time() - begun < FAST.fetch
    begun = loop.time()
    for number in range(100):
        assert await cache.awaited(f"later-{number}") is None
    assert loop.time() - begun < FAST.wait
    assert cache.get("k1") is not None
    assert source.fetches == 2
    await cache.renew()
    assert cache._flight is None


async def test_more_requests_than_may_wait_are_refused_at_once(
    cache: KeyCache, source: Source, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keycache, "WAITING_SIZE", 3)
    source.keys.append(NEW_JWK)
    time.passed = FAST.pause
    found = await asyncio.gather(*(cache.awaited("k2") for _ in range(5)))
    assert [one is not None for one in found] == [True, True, True, False, False]


async def test_f26_stale_keys_are_believed_for_a_day(cache: KeyCache, source: Source, time: Time) -> None:
    source.answer = fail
    for time.passed in range(0, 24 * 3600, 3600):
        await cache.renew()
        assert cache.get("k1") is not None
    time.passed = 24 * 3600
    assert (cache.get("k1"), cache.usable) == (None, False)
    source.answer = None
    await cache.renew()
    assert cache.get("k1") is not None


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(lambda: b"<html>", "JSONDecodeError", id="A7-html"),
        pytest.param(lambda: b" " * (256 * 1024 + 1), "too large", id="A7-oversized"),
        pytest.param(lambda: json.dumps({"keys": [JWK, JWK]}).encode(), "two keys of one id", id="A7-duplicate-kid"),
        pytest.param(lambda: b'{"keys": []}', "no usable key", id="empty"),
        pytest.param(lambda: b"", "JSONDecodeError", id="nothing"),
        pytest.param(fail, "ConnectionRefusedError", id="down"),
        pytest.param(hang, "TimeoutError", id="hangs"),
        pytest.param(lambda: int("x"), "ValueError", id="a-mistake-of-ours"),
    ],
)
async def test_what_is_no_good_set_keeps_the_old_keys(
    cache: KeyCache, source: Source, caplog: pytest.LogCaptureFixture, answer: Any, why: str
) -> None:
    source.answer = answer
    assert await cache.renew()
    assert cache.get("k1") is not None
    assert cache.epoch == 0
    errors = [record.__dict__ for record in caplog.records if record.levelno == logging.ERROR]
    assert [(one["message"], one["issuer"], one["why"]) for one in errors] == [("keys not renewed", "staff", why)]


async def test_keys_from_the_start_are_believed_before_any_fetch(time: Time) -> None:
    known = KeySet.from_jwks({"keys": [JWK]})
    cache = KeyCache("staff", Family.EC, Source().fetch, keys=known, steady=time.steady)
    assert (cache.usable, cache.get("k1") is not None, cache.fetches) == (True, True, 0)


async def test_an_issuer_that_is_down_at_the_start_is_asked_again(source: Source, time: Time) -> None:
    cache = KeyCache("staff", Family.EC, source.fetch, pace=FAST, steady=time.steady)
    assert not cache.usable
    source.answer = fail
    assert not await cache.renew()
    source.answer, time.passed = None, 30
    assert await cache.awaited("k1") is not None


async def test_keys_are_polled_and_sooner_after_a_failure(source: Source) -> None:
    pace = dataclasses.replace(FAST, poll=0.2, pause=0.05)
    cache = KeyCache("staff", Family.EC, source.fetch, pace=pace)
    following = asyncio.create_task(cache.follow())
    await soon(lambda: source.fetches == 2)
    source.answer = fail
    await soon(lambda: source.fetches >= 8)
    apart = [later - earlier for earlier, later in itertools.pairwise(source.at)]
    assert apart[0] > 0.19
    assert min(apart[2:]) < 0.15
    source.answer, source.keys = None, [NEW_JWK]
    await soon(lambda: cache.get("k2") is not None)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_following_ends_with_its_fetch(source: Source) -> None:
    source.answer = hang
    cache = KeyCache("staff", Family.EC, source.fetch, pace=FAST)
    following = asyncio.create_task(cache.follow())
    await asyncio.sleep(0.01)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    await asyncio.sleep(0)
    assert cache._flight is None
