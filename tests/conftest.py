"""One PostgreSQL with one city and one Redis for the whole run, started by the process that starts the workers.

The city is kept in ``.state/tests`` (or the directory in TONGCHA_TEST_STATE) and built anew when the tables or the
generator change. The Redis is the one that TONGCHA_TEST_REDIS names, or a ``redis-server`` on the PATH; without either the
tests that need it are left out, and the end of the run says how many.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from datasources import embedded
from datasources.city.sizes import SEED
from datasources.embedded import EmbeddedPostgres
from gateway.commands.building import build_city
from gateway.commands.state import State, addresses_of, running_postgres
from tests.redis_server import RedisServer
from tests.world import World

HASTY = {"fsync": "off", "full_page_writes": "off"}
"""Settings of a server whose databases are made anew when the machine has lost power."""
STATE = State(Path(os.environ.get("TONGCHA_TEST_STATE") or Path(__file__).parent.parent / ".state" / "tests"))


class Servers:
    """What the main process runs for its workers."""

    def __init__(self) -> None:
        self._exits = contextlib.ExitStack()
        self._postgres: EmbeddedPostgres | None = None
        self._redis = os.environ.get("TONGCHA_TEST_REDIS", "")

    def redis(self) -> str:
        """The URL of the running Redis; empty when there is none."""
        if not self._redis and RedisServer.can_be_started():
            server = RedisServer()
            self._exits.callback(server.remove)
            server.start()
            self._redis = server.url
        return self._redis

    def postgres(self) -> EmbeddedPostgres:
        """The running server."""
        if self._postgres is None:
            embedded._SETTINGS.update(HASTY)
            self._postgres = self._exits.enter_context(running_postgres(STATE))
        return self._postgres

    def city(self) -> dict[str, str]:
        """The DSN of each database of the city, which is built when it is not there."""
        postgres = self.postgres()
        if STATE.city() is None:
            build_city(STATE, postgres, "S", SEED, lambda _: None)
        return addresses_of(postgres)

    def stop(self) -> None:
        """Ends everything, and leaves of the databases only the city: nobody is connected to the others any more."""
        if self._postgres is not None:
            asyncio.run(drop_scratch(self._postgres.admin_dsn))
        self._exits.close()


async def drop_scratch(admin_dsn: str) -> None:
    """Drops what `scratch` made, in this run or in one that was killed."""
    admin = await asyncpg.connect(admin_dsn)
    for row in await admin.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, 'scratch_')"):
        await admin.execute(f'DROP DATABASE "{row["datname"]}" WITH (FORCE)')
    await admin.close()


SERVERS = Servers()
LEFT_OUT = pytest.StashKey[int]()
"""How many tests were left out for want of Redis."""


def pytest_configure_node(node: Any) -> None:
    """Runs in the main process for each worker of xdist."""
    node.workerinput["admin_dsn"] = SERVERS.postgres().admin_dsn
    node.workerinput["city"] = SERVERS.city()
    node.workerinput["redis"] = SERVERS.redis()


def pytest_testnodedown(node: Any) -> None:
    """Runs in the main process when a worker has ended."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the tests that need a Redis which is not there."""
    wanting = set()
    if not _given(config, "redis", SERVERS.redis):
        wanting.add("redis_url")
    if not RedisServer.can_be_started():
        wanting.add("redis_server")
    left_out = [item for item in items if wanting & set(getattr(item, "fixturenames", ()))]
    items[:] = [item for item in items if item not in left_out]
    config.stash[LEFT_OUT] = len(left_out)
    if hasattr(config, "workeroutput"):
        config.workeroutput["left_out"] = len(left_out)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Says what was measured, and what was not tested."""
    reports = [
        report for found in terminalreporter.stats.values() for report in found if hasattr(report, "user_properties")
    ]
    measured = sorted(
        {(report.nodeid, *one) for report in reports for one in report.user_properties if report.when == "call"}
    )
    for place, name, value in measured:
        terminalreporter.write_line(f"{place.rpartition('::')[2]}: {name} {value}")
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(
            f"{count} tests need Redis and were left out: install redis-server or set TONGCHA_TEST_REDIS.", yellow=True
        )


def _given(config: pytest.Config, name: str, start: Callable[[], Any]) -> Any:
    """What the main process gave this worker, or is started here when this is the main process."""
    given = getattr(config, "workerinput", None)
    return given[name] if given is not None else start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The servers end with the process that started them."""
    if not hasattr(config, "workerinput"):
        SERVERS.stop()


@pytest.fixture(scope="session")
def admin_dsn(request: pytest.FixtureRequest) -> str:
    """An administrator's DSN of the run's PostgreSQL."""
    return str(_given(request.config, "admin_dsn", lambda: SERVERS.postgres().admin_dsn))


@pytest.fixture(scope="session")
def city(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """The DSN of each database of the city, for the gateway's role in it."""
    return dict(_given(request.config, "city", SERVERS.city))


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[[str, float], None]:
    """Writes down something measured, by its name and unit: it is shown at the end of the run and asserted nowhere."""

    def write(name: str, value: float) -> None:
        request.node.user_properties.append((name, round(value, 1)))

    return write


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> str:
    """The URL of the run's Redis, which others use too: take keys of `redis_name`."""
    return str(_given(request.config, "redis", SERVERS.redis))


@pytest.fixture(scope="session", autouse=True)
def patience_with_redis() -> Iterator[None]:
    """A command has as long as it needs on a machine that is busy: what hangs is for tests that take the time away again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("datasources.cache.COMMAND_SECONDS", 30.0)
        yield


@pytest.fixture
def impatience_with_redis(monkeypatch: pytest.MonkeyPatch) -> float:
    """The seconds that a command has, where Redis is to hang. In earnest it is 0.05."""
    monkeypatch.setattr("datasources.cache.COMMAND_SECONDS", 0.3)
    return 0.3


@pytest.fixture
def redis_name() -> str:
    """A key that nobody else has."""
    return f"test:{secrets.token_hex(8)}"


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis of the test's own, which it may stop."""
    server = RedisServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
async def world(city: Mapping[str, str]) -> AsyncIterator[World]:
    """Both engines over the city."""
    made = World(city)
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def scratch(admin_dsn: str) -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Makes databases for this worker, empty ones or copies of another. They are dropped when all workers have ended: until then
    every process of the server would have to hear of each.
    """
    admin = await asyncpg.connect(admin_dsn)

    async def make(name: str, *, of: str = "") -> str:
        database = f"scratch_{name}_{os.getpid()}"
        await admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        template = of.rpartition("/")[2] or "template1"
        await admin.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return admin_dsn.rsplit("/", 1)[0] + f"/{database}"

    yield make
    await admin.close()
