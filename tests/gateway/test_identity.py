"""The verifier with its keys and revocations, over HTTP and Redis. A6, A7, A11 and F-26 to F-28 are cases of the catalogue.

Bounds of time are loose on purpose: the figures are shown at the end of the run, not asserted to the millisecond.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from auth.errors import KeysUnavailable, TokenRevoked, Unauthenticated
from auth.issuer import REALMS
from auth.issuers import Issuer
from auth.keycache import KeyCache, Pace
from auth.keys import FILE_SIZE
from auth.revocation import Revocation, Revocations, Revoked
from auth.tokens import TokenVerifier
from auth.viewer import CallerKind
from datasources.cache import Cache
from datasources.fetch import Document
from gateway import revocations as module
from gateway.doctor.shared import look_at_redis
from gateway.identity import Identity, IdentityInvalid, read_issuers
from gateway.revocations import tell
from gateway.settings import Settings
from tests.datasources.soon import soon
from tests.gateway.serving import RunningProvider, running_provider
from tests.redis_server import RedisServer

SETTINGS = Settings(loopback_http=True)
QUICK = Pace(pause=0.2, fetch=30)
"""A fetch may begin sooner than it does in earnest, and may take as long as the catalogue's fault does."""

Figure = Callable[[str, float], None]


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[RunningProvider]:
    async with running_provider(tmp_path) as running:
        yield running


@contextlib.asynccontextmanager
async def opened(identity: Identity) -> AsyncIterator[TokenVerifier]:
    await identity.open()
    try:
        yield identity.verifier
    finally:
        await identity.close()


def staff(provider: RunningProvider) -> Issuer:
    return next(issuer for issuer in provider.issuer.issuers() if issuer.name == "staff")


def quick(provider: RunningProvider, pace: Pace = QUICK) -> tuple[TokenVerifier, KeyCache]:
    """A verifier of staff's tokens whose keys come over HTTP."""
    issuer = staff(provider)
    cache = KeyCache("staff", issuer.family, Document(issuer.keys, limit=FILE_SIZE, loopback=True).fetch, pace=pace)
    return TokenVerifier({issuer: cache}), cache


def fetches(provider: RunningProvider) -> int:
    return provider.asked.count("/staff/jwks")


@contextlib.asynccontextmanager
async def lag() -> AsyncIterator[list[float]]:
    """By how many seconds the event loop was late, every millisecond."""
    found: list[float] = []

    async def measure() -> None:
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            await asyncio.sleep(0.001)
            found.append(loop.time() - begun - 0.001)

    task = asyncio.create_task(measure())
    yield found
    task.cancel()


# --- keys over HTTP ------------------------------------------------------------------------------


async def test_every_realm_s_tokens_are_taken(provider: RunningProvider) -> None:
    identity = Identity.of(SETTINGS, provider.issuer.issuers())
    async with opened(identity) as verifier:
        assert identity.usable() == dict.fromkeys(REALMS, True)
        kinds = [
            (await verifier.verify(await provider.token(caller, realm))).kind
            for caller, realm in (("officer", "staff"), ("citizen", "people"), ("partner", "systems"))
        ]
    assert kinds == [CallerKind.OFFICER, CallerKind.CITIZEN, CallerKind.PARTNER]


@pytest.mark.parametrize("overlap", ["yes", "no"])
async def test_f27_a_new_key_is_usable_within_a_second(provider: RunningProvider, overlap: str, figure: Figure) -> None:
    verifier, cache = quick(provider)
    await cache.renew()
    old = await provider.token("officer")
    await verifier.verify(old)
    await asyncio.sleep(QUICK.pause)
    await provider.post("/staff/rotate", overlap=overlap)
    new, begun = await provider.token("officer"), time.perf_counter()
    await verifier.verify(new)
    took = time.perf_counter() - begun
    figure("new key usable after (ms)", took * 1000)
    assert took < 1
    if overlap == "yes":
        await verifier.verify(old)
    else:
        with pytest.raises(Unauthenticated):
            await verifier.verify(old)


async def test_f28_a_key_in_wrong_hands_is_refused_as_soon_as_it_is_told(provider: RunningProvider) -> None:
    async with opened(Identity.of(SETTINGS, provider.issuer.issuers())) as verifier:

        async def tell(revocation: Revocation) -> None:
            verifier.revocations.add(revocation)

        provider.tell = tell
        stolen, kid = await provider.token("officer"), provider.issuer.key_id("staff")
        await verifier.verify(stolen)
        await provider.post("/staff/revoke", kid=kid)
        for token in (stolen, provider.issuer.mint("supervisor")):
            with pytest.raises(TokenRevoked):
                await verifier.verify(token)


async def test_f28_a_key_that_is_gone_is_honoured_at_the_next_poll(provider: RunningProvider) -> None:
    verifier, cache = quick(provider, Pace(poll=0.1, pause=0.05))
    await cache.renew()
    following = asyncio.create_task(cache.follow())
    stolen = await provider.token("officer")
    await verifier.verify(stolen)
    await provider.post("/staff/rotate", overlap="no")
    await until_refused(verifier, stolen, Unauthenticated, lambda: None)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def until_refused(
    verifier: TokenVerifier, token: str, why: type[Exception], was_good: Callable[[], None]
) -> None:
    """Has a token checked again and again until it is refused."""
    async with asyncio.timeout(60):
        try:
            while True:
                await verifier.verify(token)
                was_good()
                await asyncio.sleep(0)
        except why:
            return


def with_random_kid(token: str) -> str:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": secrets.token_hex(16)}
    part = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return f"{part}.{token.partition('.')[2]}"


async def test_a6_ten_thousand_unknown_key_ids_cost_one_fetch(provider: RunningProvider, figure: Figure) -> None:
    verifier, cache = quick(provider, Pace())
    good = await provider.token("officer")
    flood = [with_random_kid(good) for _ in range(10_000)]
    late: list[float] = []
    refused = 0

    async def attack(part: list[str]) -> None:
        nonlocal refused
        for token in part:
            try:  # pytest.raises costs more than what is measured
                await verifier.verify(token)
            except Unauthenticated:
                refused += 1
            await asyncio.sleep(0)

    async def work() -> None:
        for _ in range(100):
            begun = time.perf_counter()
            await verifier.verify(good)
            late.append(time.perf_counter() - begun)
            await asyncio.sleep(0.001)

    await cache.renew()
    cache._paused_until = 0.0  # as if the last fetch were long ago
    begun, worked = time.perf_counter(), time.process_time()
    async with lag() as lags:
        await asyncio.gather(*(attack(flood[start::32]) for start in range(32)), work())
    took, worked = time.perf_counter() - begun, time.process_time() - worked
    figure("flood (s)", took)
    figure("CPU of a refusal (µs)", worked / len(flood) * 1e6)
    figure("event loop lag max (ms)", max(lags) * 1000)
    figure("event loop lag median (ms)", statistics.median(lags) * 1000)
    figure("good token max (ms)", max(late) * 1000)
    assert fetches(provider) == cache.fetches == 2  # one before the flood, one for all of it
    assert refused == len(flood)
    assert took < 20
    assert max(lags) < 0.5


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/jwks\r\nContent-Length: 0\r\n\r\n")


@contextlib.asynccontextmanager
async def instead(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            await serve(reader, writer)

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"
    server.close()


async def test_f26_keys_that_hang_for_30_s_delay_no_known_token(provider: RunningProvider, figure: Figure) -> None:
    verifier, cache = quick(provider)
    await cache.renew()
    good = await provider.token("officer")
    async with instead(hang) as url:
        cache._source = Document(url, limit=FILE_SIZE, loopback=True).fetch
        await asyncio.sleep(QUICK.pause)
        waited: list[float] = []

        async def unknown() -> None:
            begun = time.perf_counter()
            with pytest.raises(Unauthenticated):
                await verifier.verify(with_random_kid(good))
            waited.append(time.perf_counter() - begun)

        async with lag() as lags:
            others = asyncio.gather(*(unknown() for _ in range(50)))
            begun, asked = time.perf_counter(), 0
            while not others.done():
                await verifier.verify(provider.issuer.mint("officer"))  # not remembered: every check needs a key
                await asyncio.sleep(0)
                asked += 1
            took = time.perf_counter() - begun
            await unknown()
        figure("unknown key waited max (ms)", max(waited[:50]) * 1000)
        figure("unknown key after that (ms)", waited[50] * 1000)
        figure("event loop lag max (ms)", max(lags) * 1000)
        figure("checks meanwhile", asked)
        assert QUICK.wait * 0.9 <= max(waited[:50]) < QUICK.wait * 10  # and not the 30 s
        assert waited[50] < QUICK.wait / 2
        assert asked / took > 100
        assert cache._flight is not None
        cache._flight.cancel()
        await asyncio.gather(cache._flight, return_exceptions=True)


async def test_CVE_2026_102267_a_redirect_is_not_followed_and_the_old_keys_stay(
    provider: RunningProvider, caplog: pytest.LogCaptureFixture
) -> None:
    verifier, cache = quick(provider)
    await cache.renew()
    async with instead(redirect) as url:
        cache._source = Document(url, limit=FILE_SIZE, loopback=True).fetch
        assert await cache.renew()
    await verifier.verify(await provider.token("officer"))
    assert [record.__dict__["why"] for record in caplog.records if record.message == "keys not renewed"] == [
        "FetchFailed"
    ]


async def test_an_issuer_that_cannot_be_reached_does_not_stop_the_start(tmp_path: Path) -> None:
    async with running_provider(tmp_path) as gone:
        token, issuers = await gone.token("officer"), gone.issuer.issuers()
    identity = Identity.of(SETTINGS, issuers)
    async with opened(identity) as verifier:
        assert identity.usable() == dict.fromkeys(REALMS, False)
        with pytest.raises(KeysUnavailable):
            await verifier.verify(token)


def test_plain_http_is_refused_outside_the_demo(tmp_path: Path) -> None:
    issuer = Issuer(
        name="a", iss="a", audience="b", kinds=frozenset({CallerKind.CITIZEN}), keys="http://127.0.0.1/jwks"
    )
    with pytest.raises(IdentityInvalid, match="a: keys: not HTTPS"):
        Identity.of(Settings(), [issuer])
    for text, why in ((None, "FileNotFoundError"), ("[a]", "a: iss")):
        if text is not None:
            (tmp_path / "issuers.toml").write_text(text)
        with pytest.raises(IdentityInvalid, match=why):
            read_issuers(tmp_path / "issuers.toml")


# --- revocation over Redis -----------------------------------------------------------------------


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch, redis_name: str) -> str:
    """A stream of this test's own."""
    monkeypatch.setattr(module, "STREAM", redis_name)
    return redis_name


def subject(provider: RunningProvider, value: str = "demo:officer") -> Revocation:
    return Revocation(kind=Revoked.SUBJECT, issuer=provider.issuer.iss("staff"), value=value, at=time.time())


async def test_a_restart_sees_earlier_revocations(provider: RunningProvider, redis_url: str, stream: str) -> None:
    await tell(redis_url, subject(provider))
    settings = Settings(loopback_http=True, redis=redis_url)
    async with opened(Identity.of(settings, provider.issuer.issuers())) as verifier:
        with pytest.raises(TokenRevoked):
            await verifier.verify(await provider.token("officer"))
        assert (await verifier.verify(await provider.token("supervisor"))).current


async def test_a11_under_load_a_revocation_reaches_every_process_within_a_second(
    provider: RunningProvider, redis_url: str, stream: str, figure: Figure
) -> None:
    settings = Settings(loopback_http=True, redis=redis_url)
    token = await provider.token("officer")
    last_good = [0.0] * 3
    async with contextlib.AsyncExitStack() as stack:
        verifiers = [
            await stack.enter_async_context(opened(Identity.of(settings, provider.issuer.issuers()))) for _ in last_good
        ]

        async def load(number: int) -> None:
            def was_good() -> None:
                last_good[number] = time.perf_counter()

            await until_refused(verifiers[number], token, TokenRevoked, was_good)

        tasks = [asyncio.create_task(load(number)) for number in range(3) for _ in range(8)]
        await asyncio.sleep(0.5)
        told = time.perf_counter()
        await tell(redis_url, subject(provider))
        await asyncio.gather(*tasks)
        figure("revoked after (ms)", (max(last_good) - told) * 1000)
        assert max(last_good) - told < 1


async def test_a_record_that_is_none_stops_nobody(
    provider: RunningProvider, redis_url: str, stream: str, caplog: pytest.LogCaptureFixture
) -> None:
    cache = Cache(redis_url)
    for record in ({"kind": "chief"}, {"value": "x"}, {**subject(provider).record(), "at": "soon"}):
        await cache.push(stream, record, keep=3600)
    await cache.close()
    await tell(redis_url, subject(provider))
    settings = Settings(loopback_http=True, redis=redis_url)
    async with opened(Identity.of(settings, provider.issuer.issuers())) as verifier:
        assert (len(verifier.revocations), verifier.revocations.fresh) == (1, True)
    assert [record.message for record in caplog.records].count("revocation not understood") == 3


async def test_f14_redis_gone_and_back(
    provider: RunningProvider, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(loopback_http=True, redis=redis_server.url)
    heard = Revocations(pushed=True, steady=(clock := _Ahead()).steady)
    async with opened(Identity.of(settings, provider.issuer.issuers(), revocations=heard)) as verifier:
        token = await provider.token("officer")
        await tell(redis_server.url, subject(provider, "demo:supervisor"))
        await soon(lambda: len(heard) == 1)
        redis_server.stop()
        await soon(lambda: any(record.message == "revocations not heard" for record in caplog.records))
        assert (await verifier.verify(token)).current
        clock.ahead = 31
        assert not (await verifier.verify(token)).current
        with pytest.raises(TokenRevoked):
            await verifier.verify(provider.issuer.mint("supervisor"))
        assert [record.message for record in caplog.records].count("revocations not heard") == 1
        redis_server.start()
        await soon(lambda: heard.fresh)
        assert (await verifier.verify(token)).current
        await tell(redis_server.url, subject(provider))
        await soon(lambda: len(heard) == 2)
        with pytest.raises(TokenRevoked):
            await verifier.verify(token)


async def test_f14_redis_gone_at_the_start(provider: RunningProvider, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(loopback_http=True, redis="unix:///nowhere/redis.sock")
    begun = time.monotonic()
    async with opened(Identity.of(settings, provider.issuer.issuers())) as verifier:
        assert time.monotonic() - begun < 5
        assert not (await verifier.verify(await provider.token("officer"))).current
    assert "revocations not read at the start" in [record.message for record in caplog.records]


async def test_f14_after_a_flush_one_that_starts_refuses_what_another_knows(
    provider: RunningProvider, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(loopback_http=True, redis=redis_server.url)
    token = await provider.token("officer")
    async with opened(Identity.of(settings, provider.issuer.issuers())) as known:
        await tell(redis_server.url, subject(provider))
        await soon(lambda: len(known.revocations) == 1)
        async with Redis.from_url(redis_server.url) as redis:
            await redis.flushall()
        async with opened(Identity.of(settings, provider.issuer.issuers())) as late:
            await soon(lambda: late.revocations.fresh and len(late.revocations) == 1)
            with pytest.raises(TokenRevoked):
                await late.verify(token)
    assert [record.message for record in caplog.records].count("revocations written back") == 1


async def test_f14_one_that_finds_nothing_and_nobody_says_so_until_somebody_knows_more(
    provider: RunningProvider, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ALONE_AFTER", 0.2)
    settings = Settings(loopback_http=True, redis=redis_server.url)

    async def told() -> list[str]:
        return [
            finding.said
            for finding in [one async for one in look_at_redis(settings)]
            if "revocations, and" in finding.said
        ]

    async with opened(Identity.of(settings, provider.issuer.issuers())) as late:
        assert (late.revocations.begun_anew, len(await told())) == (True, 1)
        async with opened(Identity.of(settings, provider.issuer.issuers())) as later:
            assert later.revocations.begun_anew
        async with Redis.from_url(redis_server.url) as redis:
            await redis.set(module.mark_of(module.STREAM), f"{module.BACK}:1:another")
        await soon(lambda: not late.revocations.begun_anew)
        assert await told() == []


class _Ahead:
    """A steady clock that a test puts forward."""

    ahead = 0.0

    def steady(self) -> float:
        return time.monotonic() + self.ahead
