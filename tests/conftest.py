"""One PostgreSQL for the whole run: started by the process that starts the workers, stopped with it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from datasources.embedded import EmbeddedPostgres

STATE = Path(__file__).parent.parent / ".state" / "tests"


class Servers:
    """What the main process runs for its workers."""

    def __init__(self) -> None:
        self.postgres: EmbeddedPostgres | None = None

    def admin_dsn(self) -> str:
        if self.postgres is None:
            self.postgres = EmbeddedPostgres(STATE)
            self.postgres.start()
        return self.postgres.admin_dsn

    def stop(self) -> None:
        if self.postgres is not None:
            self.postgres.stop()


SERVERS = Servers()


def pytest_configure_node(node: Any) -> None:
    """Runs in the main process for each worker of xdist."""
    node.workerinput["admin_dsn"] = SERVERS.admin_dsn()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The servers end with the process that started them."""
    if not hasattr(config, "workerinput"):
        SERVERS.stop()


@pytest.fixture(scope="session")
def admin_dsn(request: pytest.FixtureRequest) -> str:
    """An administrator's DSN of the run's PostgreSQL."""
    given = getattr(request.config, "workerinput", None)
    return str(given["admin_dsn"]) if given is not None else SERVERS.admin_dsn()


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
