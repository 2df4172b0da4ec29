"""A village with an access log, for the tests that ask it, and an empty database of the gateway's own, for those that write."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from auth.audit.terms import Limits
from auth.audit.writer import AuditLog
from datasources.city.personas import CuriousOfficer
from gateway.recorder import LogRecorder
from tests.gateway.following import Feed, Start, following
from tests.gateway.looking import ID_NO, PSEUDONYMS, Desk
from tests.gateway.owntables import make_own
from tests.gateway.registry import Registry
from tests.gateway.village import make, refill, village

CHANGED = ("gw.access_subject", "gw.access_record", "cas.case", "off.officer", "off.assignment")
"""Tables that tests with a desk change."""


@pytest.fixture(scope="session")
async def gateway_dsn(scratch: Callable[[str], Awaitable[str]]) -> str:
    """A database with the gateway's own tables, empty: a test that writes empties what it writes to."""
    dsn = await scratch("gateway_own")
    await make_own(dsn)
    return dsn


@pytest.fixture(scope="session")
async def copied_village(scratch: Callable[..., Awaitable[str]]) -> Callable[[str], Awaitable[str]]:
    """Makes databases with the village in them: copies of one, for its tables and indexes take longer to make."""
    first = await scratch("village")
    await make(first, village())
    return functools.partial(scratch, of=first)


@pytest.fixture(scope="session")
async def desk_dsn(copied_village: Callable[[str], Awaitable[str]]) -> str:
    """The village's database."""
    return await copied_village("desk")


@pytest.fixture
async def desk(desk_dsn: str, shop: tuple[Desk, Path], tmp_path: Path) -> AsyncIterator[Desk]:
    """The village with an empty log."""
    await refill(desk_dsn, village(), CHANGED)
    log = AuditLog.claim(tmp_path, limits=Limits(segment_bytes=1 << 24, reserve_bytes=16384))
    recorder = LogRecorder(log, PSEUDONYMS)
    made = Desk(desk_dsn, recorder, tmp_path, like=shop[0])
    await made.name_in_task(ID_NO, CuriousOfficer.id_no, CuriousOfficer.brother_id_no)
    yield made
    await recorder.close()


@pytest.fixture(scope="session")
async def registries(desk_dsn: str) -> AsyncIterator[Callable[[str], Registry]]:
    """The gateway with one of its engines over the village; each is made once."""
    made: dict[str, Registry] = {}
    yield lambda engine: made.setdefault(engine, Registry(desk_dsn, engine))
    for registry in made.values():
        await registry.close()


@pytest.fixture
async def opened(
    desk_dsn: str, registries: Callable[[str], Registry]
) -> AsyncIterator[Callable[..., Awaitable[Registry]]]:
    """Gives such a gateway with the village's documents read and none remembered; what is changed is put back."""

    given: list[Registry] = []

    async def open_one(engine: str = "compiled", *, automatic: bool = False) -> Registry:
        registry = registries(engine)
        given.append(registry)
        registry.forget(automatic=automatic)
        await registry.documents.look()
        return registry

    yield open_one
    for registry in given:
        if registry.changed:
            await refill(desk_dsn, village(), registry.changed)
            registry.changed.clear()


@pytest.fixture(scope="session")
async def shop(desk_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Desk, Path]]:
    """The village as others left it, with a log, for tests that change nothing of it but the feed."""
    directory = tmp_path_factory.mktemp("shop")
    log = AuditLog.claim(directory, limits=Limits(segment_bytes=1 << 24, reserve_bytes=16384))
    recorder = LogRecorder(log, PSEUDONYMS)
    made = Desk(desk_dsn, recorder, directory)
    yield made, directory
    await made.close()
    await recorder.close()


@pytest.fixture(scope="session")
async def running_feed(shop: tuple[Desk, Path]) -> AsyncIterator[Feed]:
    """A gateway for all tests of subscriptions that want no other settings."""
    async with following(*shop) as made:
        yield made


@pytest.fixture
async def feed(running_feed: Feed) -> Feed:
    """It, with an empty feed and a partner of the test's own."""
    return await running_feed.cleared()


@pytest.fixture
def gateway(shop: tuple[Desk, Path]) -> Start:
    """Starts another one, with settings of the test's."""

    @asynccontextmanager
    async def start(**settings: Any) -> AsyncIterator[Feed]:
        async with following(*shop, **settings) as made:
            yield await made.cleared()

    return start
