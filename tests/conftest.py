"""One PostgreSQL with one city for the whole run, started by the process that starts the workers.

The city is kept in ``.state/tests`` (or the directory in TONGCHA_TEST_STATE) and built anew when the tables or the
generator change.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from datasources.city.sizes import SEED
from datasources.embedded import EmbeddedPostgres
from gateway.commands.building import build_city
from gateway.commands.state import State, addresses_of, running_postgres
from tests.world import World

STATE = State(Path(os.environ.get("TONGCHA_TEST_STATE") or Path(__file__).parent.parent / ".state" / "tests"))


class Servers:
    """What the main process runs for its workers."""

    def __init__(self) -> None:
        self._exits = contextlib.ExitStack()
        self._postgres: EmbeddedPostgres | None = None

    def postgres(self) -> EmbeddedPostgres:
        """The running server."""
        if self._postgres is None:
            self._postgres = self._exits.enter_context(running_postgres(STATE))
        return self._postgres

    def city(self) -> dict[str, str]:
        """The DSN of each database of the city, which is built when it is not there."""
        postgres = self.postgres()
        if STATE.city() is None:
            build_city(STATE, postgres, "S", SEED, lambda _: None)
        return addresses_of(postgres)

    def stop(self) -> None:
        """Ends everything."""
        self._exits.close()


SERVERS = Servers()


def pytest_configure_node(node: Any) -> None:
    """Runs in the main process for each worker of xdist."""
    node.workerinput["admin_dsn"] = SERVERS.postgres().admin_dsn
    node.workerinput["city"] = SERVERS.city()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The servers end with the process that started them."""
    if not hasattr(config, "workerinput"):
        SERVERS.stop()


@pytest.fixture(scope="session")
def admin_dsn(request: pytest.FixtureRequest) -> str:
    """An administrator's DSN of the run's PostgreSQL."""
    given = getattr(request.config, "workerinput", None)
    return str(given["admin_dsn"]) if given is not None else SERVERS.postgres().admin_dsn


@pytest.fixture(scope="session")
def city(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """The DSN of each database of the city, for the gateway's role in it."""
    given = getattr(request.config, "workerinput", None)
    return dict(given["city"]) if given is not None else SERVERS.city()


@pytest.fixture(scope="session")
async def world(city: Mapping[str, str]) -> AsyncIterator[World]:
    """Both engines over the city."""
    made = World(city)
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def scratch(admin_dsn: str) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """Makes empty databases for this worker, and drops them afterwards."""
    admin = await asyncpg.connect(admin_dsn)
    made: list[str] = []

    async def make(name: str) -> str:
        database = f"scratch_{name}_{os.getpid()}"
        await admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        await admin.execute(f'CREATE DATABASE "{database}"')
        made.append(database)
        return admin_dsn.rsplit("/", 1)[0] + f"/{database}"

    yield make
    for database in made:
        await admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
    await admin.close()
