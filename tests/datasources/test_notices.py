"""A channel and a number, heard over a connection that comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from datasources.notices import Notices

NUMBER = "SELECT max(n) FROM counted"


class Heard:
    """How often something was heard."""

    def __init__(self) -> None:
        self.times = 0
        self._again = asyncio.Event()

    def __call__(self) -> None:
        self.times += 1
        self._again.set()

    async def more(self) -> None:
        """Waits until something more has been heard."""
        await self._again.wait()
        self._again.clear()


@pytest.fixture(scope="session")
async def dsn(scratch: Callable[[str], Awaitable[str]]) -> str:
    return await scratch("notices")


@pytest.fixture
async def writer(dsn: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(dsn)
    await connection.execute("DROP TABLE IF EXISTS counted; CREATE TABLE counted (n int)")
    yield connection
    await connection.close()


@pytest.fixture
async def heard(dsn: str, writer: asyncpg.Connection[Any]) -> AsyncIterator[Heard]:
    found = Heard()
    await writer.execute("INSERT INTO counted VALUES (1)")
    following = asyncio.create_task(Notices("counted", dsn, "news", NUMBER, found).follow())
    await found.more()
    yield found
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_a_notice_is_heard(heard: Heard, writer: asyncpg.Connection[Any]) -> None:
    await writer.execute("NOTIFY news, '2'")
    await heard.more()


async def test_a_notice_of_a_number_that_was_seen_is_not_told(heard: Heard, writer: asyncpg.Connection[Any]) -> None:
    await writer.execute("NOTIFY news, '1'")
    await writer.execute("NOTIFY news, '2'")
    await heard.more()
    assert heard.times == 2


async def test_a_notice_without_a_number_is_told(heard: Heard, writer: asyncpg.Connection[Any]) -> None:
    await writer.execute("NOTIFY news")
    await heard.more()


async def test_a_number_that_grew_without_a_notice_is_seen(heard: Heard, writer: asyncpg.Connection[Any]) -> None:
    await writer.execute("INSERT INTO counted VALUES (2)")
    await heard.more()


async def test_what_was_written_while_there_was_no_connection_is_seen(
    heard: Heard, writer: asyncpg.Connection[Any]
) -> None:
    async with writer.transaction():
        await writer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await writer.execute("INSERT INTO counted VALUES (3)")
    await heard.more()


async def test_a_database_that_is_away_for_long_is_told_like_news(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasources.notices.PAUSES", (0.0,))
    found = Heard()
    nowhere = Notices("counted", "postgresql://nobody@127.0.0.1:1/nothing", "news", NUMBER, found)
    following = asyncio.create_task(nowhere.follow())
    await found.more()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
