"""Who is believed in this process: the verifier of tokens, and what keeps its keys and its revocations those of now."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from auth.clock import Clock
from auth.dpop import REMEMBERED, Nonces, Proofs, Seen, SeenHere
from auth.issuers import Issuer, IssuersInvalid, parse_issuers
from auth.keycache import KeyCache, Pace
from auth.keys import FILE_SIZE, KeySet, KeySetInvalid
from auth.revocation import Revocations
from auth.tokens import TokenVerifier
from datasources.cache import Cache, CacheUnavailable
from datasources.fetch import Document
from gateway.holding import Holdings
from gateway.observe import event
from gateway.revocations import follow
from gateway.settings import Settings

BEGIN_SECONDS = 2.0
"""How long the start waits for revocations from before. Without them nothing above INTERNAL is shown at first."""


class IdentityInvalid(Exception):
    """The issuers cannot be used as they are set. Says which and why."""


class Identity:
    """The verifier with its background work. Tests give a verifier alone; then there is none."""

    def __init__(
        self,
        verifier: TokenVerifier,
        *,
        holdings: Holdings | None = None,
        keys: Mapping[str, KeyCache] | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.verifier = verifier
        self.holdings = holdings or Holdings("")
        self._keys = dict(keys or {})
        self._cache = cache
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    def of(cls, settings: Settings, issuers: Iterable[Issuer], *, revocations: Revocations | None = None) -> Identity:
        """As the settings want it. `revocations` are those of this process when there is no Redis.

        Raises IdentityInvalid.
        """
        clock = Clock()
        cache = Cache(settings.redis) if settings.redis else None
        keys = {issuer: _keys(issuer, loopback=settings.loopback_http) for issuer in issuers}
        seen: Seen = SeenHere(clock)
        if cache is not None:
            seen = _SeenByAll(seen, cache)
        nonces = Nonces(hmac.digest(settings.seal_key, b"dpop nonce", "sha256")) if settings.dpop_nonce else None
        verifier = TokenVerifier(
            keys,
            revocations=Revocations(pushed=cache is not None) if revocations is None else revocations,
            clock=clock,
            proofs=Proofs(clock, seen=seen, nonces=nonces),
        )
        origin = settings.origin or f"http://{settings.host}:{settings.port}"
        holdings = Holdings(
            f"{origin}/graphql", proxies=settings.proxies, certificate_header=settings.certificate_header
        )
        return cls(verifier, holdings=holdings, keys={issuer.name: one for issuer, one in keys.items()}, cache=cache)

    def usable(self) -> dict[str, bool]:
        """Whether there are keys to believe, by the issuer's name."""
        return {name: keys.usable for name, keys in self._keys.items()}

    def keys_age(self) -> float:
        """Seconds since keys were last fetched, of the issuer where that is longest ago."""
        return max((keys.age for keys in self._keys.values()), default=0.0)

    async def open(self) -> None:
        """Begin the background work, and wait a little for its first results. Nothing here stops the start."""
        first: list[Awaitable[Any]] = [keys.renew() for keys in self._keys.values() if not keys.usable]
        if self._cache is not None:
            begun = asyncio.Event()
            self._begin(follow(self._cache, self.verifier.revocations, begun))
            first.append(_at_most(BEGIN_SECONDS, begun))
        await asyncio.gather(*first)
        for keys in self._keys.values():
            self._begin(keys.follow())

    def _begin(self, work: Any) -> None:
        self._tasks.append(asyncio.create_task(work))

    async def close(self) -> None:
        """End it."""
        # More than once: asyncio.wait_for, which the Redis driver sends by, loses a cancellation that comes as it ends (3.11).
        while running := [task for task in self._tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=0.2)
        if self._cache is not None:
            await self._cache.close()


class _SeenByAll:
    """Proofs that came to any process. When Redis cannot say, those that came to this one."""

    def __init__(self, here: Seen, cache: Cache) -> None:
        self._here = here
        self._cache = cache

    async def first(self, key: str, proof: str) -> bool:
        if not await self._here.first(key, proof):
            return False
        try:
            return await self._cache.first(f"tongcha:proof:{key}:{proof}", REMEMBERED)
        except CacheUnavailable:
            return True


def read_issuers(path: Path) -> tuple[Issuer, ...]:
    """The issuers of a file. Raises IdentityInvalid."""
    try:
        return parse_issuers(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise IdentityInvalid(f"{path}: {type(error).__name__}") from None
    except IssuersInvalid as error:
        raise IdentityInvalid(f"{path}: {error}") from None


def _keys(issuer: Issuer, *, loopback: bool) -> KeyCache:
    fetch: Callable[[], Awaitable[bytes]]
    known = None
    if urlsplit(issuer.keys).scheme in {"http", "https"}:
        try:
            fetch = Document(issuer.keys, limit=FILE_SIZE, loopback=loopback).fetch
        except ValueError as error:
            raise IdentityInvalid(f"{issuer.name}: keys: {error}") from None
    else:
        path = Path(issuer.keys)
        try:
            known = KeySet.load(path, issuer.family)
        except KeySetInvalid as error:
            raise IdentityInvalid(f"{issuer.name}: keys: {error}") from None

        async def fetch() -> bytes:
            return await asyncio.to_thread(_read, path)

    return KeyCache(issuer.name, issuer.family, fetch, keys=known, pace=Pace(poll=issuer.poll))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(FILE_SIZE + 1)


async def _at_most(seconds: float, begun: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await begun.wait()
            return
    event(logging.ERROR, "revocations not read at the start")
