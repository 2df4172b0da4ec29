"""One database that is slow, full or down: who waits for how long, what is sent to it meanwhile, and what is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from datasources.breaker import IN_A_ROW
from datasources.database import Database
from datasources.deadlines import DEADLINE
from datasources.errors import SourceBusy, SourceError, SourceFault, SourceTimeout, SourceUnavailable
from datasources.queueing import Waiting
from datasources.turns import ON_BEHALF
from datasources.urgency import URGENCY, Urgency
from tests.datasources.between import Between
from tests.datasources.soon import soon


@pytest.fixture(scope="module")
async def dsn(scratch: Callable[[str], Awaitable[str]]) -> str:
    return await scratch("faults")


@pytest.fixture
async def made(dsn: str) -> AsyncIterator[Callable[..., Database]]:
    """Makes databases, which are closed in the end."""
    databases: list[Database] = []

    def make(address: str = dsn, **options: Any) -> Database:
        databases.append(Database("shelf", address, **options))
        return databases[-1]

    yield make
    for database in databases:
        await database.close()


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is asked in it belongs to a request that has so many seconds."""
    token = DEADLINE.set(time.monotonic() + seconds)
    yield
    DEADLINE.reset(token)


async def ask(database: Database, text: str = "SELECT 1", urgency: Urgency = "officer", seconds: float = 30) -> str:
    """What becomes of a statement: its first value as a text, or the code of the error."""
    URGENCY.set(urgency)
    ON_BEHALF.set(urgency)
    with within(seconds):
        try:
            return str((await database.rows(text, ()))[0][0])
        except SourceError as error:
            return error.code


def asking(database: Database, *asked: Any, **options: Any) -> asyncio.Task[str]:
    return asyncio.create_task(ask(database, *asked, **options))


async def stop(database: Database, task: asyncio.Task[str]) -> None:
    """Returns when a task is cancelled and its connection idle again."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await soon(lambda: database.standing()["idle"] == database.standing()["connections"])


async def running(dsn: str, text: str) -> int:
    """How many backends are at a statement."""
    admin = await asyncpg.connect(dsn)
    count: int = await admin.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE query = $1 AND state = 'active' AND pid <> pg_backend_pid()", text
    )
    await admin.close()
    return count


async def ended(dsn: str, text: str) -> None:
    """Returns when no backend is at a statement any more."""
    async with asyncio.timeout(8):  # after ten seconds the server ends it by itself
        while await running(dsn, text):  # noqa: ASYNC110 - what it asks is a server
            await asyncio.sleep(0.02)


# --- time ---------------------------------------------------------------------------------------------


async def test_a_statement_has_what_its_request_has_left_and_is_ended_on_the_server(
    made: Callable[..., Database], dsn: str
) -> None:
    text = "SELECT 'left', pg_sleep(30)"
    assert await ask(made(), text, seconds=0.1) == "SOURCE_TIMEOUT"
    await ended(dsn, text)


async def test_nothing_is_sent_for_a_request_whose_time_is_over(made: Callable[..., Database]) -> None:
    database = made()
    assert await ask(database, seconds=0) == "SOURCE_TIMEOUT"
    assert database.statements == 0


async def test_a_short_time_hurts_nobody_who_waits_for_the_same(made: Callable[..., Database]) -> None:
    database = made(connections=1)
    text = "SELECT 'same', pg_sleep(0.4)"
    tasks = [asking(database, text, seconds=seconds) for seconds in (0.1, 30, 0.2)]
    assert await asyncio.gather(*tasks) == ["SOURCE_TIMEOUT", "same", "SOURCE_TIMEOUT"]
    assert database.statements == 1


async def test_a_statement_with_a_budget_of_its_own_may_take_longer(made: Callable[..., Database]) -> None:
    database = made(budget=0.2)
    assert len(await database.rows("SELECT pg_sleep(0.4)", (), budget=5.0)) == 1
    with pytest.raises(SourceTimeout):
        await database.rows("SELECT pg_sleep(0.4)", ())


async def test_the_server_ends_what_nobody_ends(made: Callable[..., Database]) -> None:
    database = made(budget=0.2, longest=0.3)
    with pytest.raises(SourceTimeout):
        await database.rows("SELECT pg_sleep(30)", (), budget=30)


async def test_a_connection_that_confirms_nothing_is_dropped(made: Callable[..., Database], dsn: str) -> None:
    async with Between(dsn) as between:
        database = made(between.dsn, connections=1, budget=5)
        assert await ask(database) == "1"
        between.silent = True
        assert await ask(database, seconds=0.1) == "SOURCE_TIMEOUT"
        await soon(lambda: database.standing()["connections"] == 0)
        between.silent = False
        assert await ask(database) == "1"
        assert database.standing()["connects"] == 2


async def test_after_many_cancellations_every_connection_is_there_and_the_server_has_nothing_to_do(
    made: Callable[..., Database], dsn: str
) -> None:
    database = made()
    text = "SELECT 'slow', pg_sleep(20)"
    for _ in range(15):
        tasks = [asking(database, text) for _ in range(10)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert await ask(database) == "1"
    await soon(lambda: database.standing()["idle"] == database.standing()["connections"] > 0)
    await ended(dsn, text)
    assert database.standing()["transitions"] == 0


# --- classes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("urgency", "answers"), [("batch", "SOURCE_BUSY"), ("partner", "SOURCE_BUSY"), ("officer", "1")]
)
async def test_one_connection_is_left_to_officers(
    made: Callable[..., Database], urgency: Urgency, answers: str
) -> None:
    database = made(waiting=Waiting(partner=0.05, batch=0.05))
    assert await ask(database) == "1"
    report = asking(database, "SELECT 'report', pg_sleep(30)", urgency)
    await asyncio.sleep(0.05)
    assert await ask(database, "SELECT 1", urgency) == answers
    assert await ask(database, "SELECT 2", "officer") == "2"
    await stop(database, report)


async def test_partners_have_every_connection_when_no_officer_asks(
    made: Callable[..., Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasources.queueing.QUIET", 0.0)
    database = made(waiting=Waiting(partner=0.05))
    report = asking(database, "SELECT 'report', pg_sleep(30)", urgency="partner")
    await asyncio.sleep(0.05)
    assert await ask(database, urgency="partner") == "1"
    await stop(database, report)


async def test_what_the_gateway_asks_for_itself_keeps_no_connection_from_partners(
    made: Callable[..., Database],
) -> None:
    database = made(waiting=Waiting(partner=0.05))
    report = asking(database, "SELECT 'report', pg_sleep(30)", urgency="partner")
    await asyncio.sleep(0.05)
    URGENCY.set("officer")
    ON_BEHALF.set("")
    assert (await database.rows("SELECT 'own'", ()))[0][0] == "own"
    assert await ask(database, urgency="partner") == "1"
    await stop(database, report)


async def test_who_waits_too_long_for_a_turn_is_told_so_and_officers_wait_on(made: Callable[..., Database]) -> None:
    database = made(connections=1, waiting=Waiting(partner=0.1, batch=0.05))
    report = asking(database, "SELECT 'report', pg_sleep(0.4)")
    await asyncio.sleep(0.05)
    classes: list[Urgency] = ["batch", "partner", "officer"]
    others = [asking(database, f"SELECT '{one}'", one) for one in classes]
    assert await asyncio.gather(*others) == ["SOURCE_BUSY", "SOURCE_BUSY", "officer"]
    assert await report == "report"
    assert database.standing()["waiting"] == {"officer": 0, "partner": 0, "batch": 0}


async def test_a_batch_that_asks_what_an_officer_asks_goes_along(made: Callable[..., Database]) -> None:
    database = made(connections=1, waiting=Waiting(batch=5))
    busy = asking(database, "SELECT 'busy', pg_sleep(0.2)")
    await asyncio.sleep(0.05)
    order: list[str] = []
    tasks = [asking(database, f"SELECT 'b{number}'", "batch") for number in range(3)]
    await asyncio.sleep(0)
    tasks.append(asking(database, "SELECT 'b2'"))
    for task in tasks:
        task.add_done_callback(lambda done: order.append(done.result()))
    await asyncio.gather(busy, *tasks)
    assert order[:2] == ["b2", "b2"]


async def test_who_finds_no_place_to_wait_is_told_at_once(made: Callable[..., Database]) -> None:
    database = made(connections=1, waiting=Waiting(room=2))
    busy = asking(database, "SELECT 'busy', pg_sleep(0.2)")
    await asyncio.sleep(0.05)
    asked = [asking(database, f"SELECT {number}") for number in (1, 2, 3, 2)]
    assert await asyncio.gather(busy, *asked) == ["busy", "1", "2", "SOURCE_BUSY", "2"]


# --- failure ------------------------------------------------------------------------------------------


class Down(Between):
    """A way to a server that ends every connection at once while it is `down`, and counts them."""

    down = True
    connects = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connects += 1
        if self.down:
            writer.close()
        else:
            await super()._serve(reader, writer)


async def test_a_database_that_is_down_is_asked_twice_and_asked_again_when_it_is_back(
    made: Callable[..., Database], dsn: str
) -> None:
    async with Down(dsn) as way:
        database = made(way.dsn)
        assert set(await asyncio.gather(*(ask(database, f"SELECT {number}") for number in range(50)))) == {
            SourceUnavailable.code
        }
        assert (way.connects, database.standing()["breaker"]) == (2, "open")
        assert await ask(database) == "SOURCE_UNAVAILABLE"
        assert way.connects == 2
        way.down = False
        await soon(lambda: database.standing()["breaker"] == "closed")
        assert await ask(database) == "1"
        assert way.connects == 3


async def test_a_server_that_takes_connections_and_says_nothing_is_looked_after_too(
    made: Callable[..., Database], dsn: str
) -> None:
    async with Between(dsn) as between:
        between.silent = True
        database = made(between.dsn, budget=0.2)
        codes = [await ask(database, f"SELECT {number}") for number in range(IN_A_ROW)]
        assert set(codes) == {"SOURCE_TIMEOUT", "SOURCE_UNAVAILABLE"}  # the others are no attempts to connect
        between.silent = False
        await soon(lambda: database.standing()["breaker"] == "closed" and database.standing()["transitions"] > 0)
        assert await ask(database) == "1"


async def test_what_waits_for_a_turn_is_not_kept_waiting(made: Callable[..., Database], dsn: str) -> None:
    async with Between(dsn) as between:
        database = made(between.dsn, connections=1, budget=5)
        assert await ask(database) == "1"
        between.silent = True
        first = asking(database, "SELECT 'first'")
        waiting = asking(database, "SELECT 'waiting'")
        await asyncio.sleep(0.05)
        for _ in range(IN_A_ROW):
            database._breaker.bad()
        assert await waiting == "SOURCE_UNAVAILABLE"
        await stop(database, first)


@pytest.mark.parametrize(("seconds", "breaker"), [(0.05, "closed"), (30, "open")])
async def test_a_statement_that_had_its_time_is_a_failure_of_the_database_and_one_that_had_none_is_not(
    made: Callable[..., Database], seconds: float, breaker: str
) -> None:
    database = made(budget=0.2)
    for number in range(IN_A_ROW):
        assert await ask(database, f"SELECT {number}, pg_sleep(10)", seconds=seconds) == "SOURCE_TIMEOUT"
    await soon(lambda: database.standing()["breaker"] == breaker)


async def test_who_waits_for_a_report_for_less_than_it_may_take_says_nothing_of_the_database(
    made: Callable[..., Database],
) -> None:
    database = made(budget=0.4)
    assert await ask(database) == "1"
    for number in range(IN_A_ROW):
        with within(0.3), pytest.raises(SourceTimeout):
            await database.rows(f"SELECT {number}, pg_sleep(10)", (), budget=10)
    await soon(lambda: database.standing()["idle"] == database.standing()["connections"])
    assert database.standing()["transitions"] == 0


async def test_a_refused_statement_is_no_failure_of_the_database(made: Callable[..., Database]) -> None:
    database = made()
    for _ in range(3 * IN_A_ROW):
        assert await ask(database, "SELECT 1 / 0") == SourceFault.code
    assert database.standing()["transitions"] == 0


async def test_a_turn_that_did_not_come_is_no_failure_of_the_database(made: Callable[..., Database]) -> None:
    database = made(connections=1, budget=5, waiting=Waiting(batch=0.02))
    busy = asking(database, "SELECT 'busy', pg_sleep(0.2)")
    await asyncio.sleep(0.05)
    asked = [asking(database, f"SELECT {number}", urgency="batch") for number in range(3 * IN_A_ROW)]
    assert set(await asyncio.gather(*asked)) == {SourceBusy.code}
    assert await busy == "busy"
    assert database.standing()["transitions"] == 0


async def test_a_read_whose_connection_broke_is_repeated_and_a_write_is_not(
    made: Callable[..., Database], dsn: str
) -> None:
    async with Between(dsn) as between:
        database = made(between.dsn, connections=1)
        assert await ask(database) == "1"
        between.last_word()
        await asyncio.sleep(0.05)
        assert await ask(database, "SELECT 2") == "2"
        between.last_word()
        await asyncio.sleep(0.05)
        assert await ask(database, "/* DELETE */ SELECT 3") == "SOURCE_UNAVAILABLE"


# --- where --------------------------------------------------------------------------------------------


async def test_the_next_address_serves_when_the_first_does_not(made: Callable[..., Database], dsn: str) -> None:
    async with Down(dsn) as way:
        database = made(f"{way.dsn} {dsn}")
        assert await ask(database) == "1"
        assert (way.connects, database.standing()["connects"]) == (1, 1)
        assert await asyncio.gather(*(ask(database, f"SELECT {number}") for number in range(5))) == list("01234")
        assert way.connects == 1


async def test_it_goes_back_to_the_first_address(
    made: Callable[..., Database], dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasources.pool.LOOK", 0.05)
    monkeypatch.setattr("datasources.pool.HOME", 0.05)
    async with Down(dsn) as way:
        database = made(f"{way.dsn} {dsn}", connections=1)
        assert await ask(database) == "1"
        way.down = False
        await soon(lambda: database._pool._address == 0)
        connects = way.connects
        assert await asyncio.gather(*(ask(database, f"SELECT {number}") for number in range(5))) == list("01234")
        assert way.connects == connects
        await soon(lambda: database.standing()["connections"] == 1)


async def test_a_new_password_is_used_when_the_file_has_it(
    made: Callable[..., Database], dsn: str, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    parts = urlsplit(dsn)
    file.write_text(parts._replace(netloc=parts.netloc.replace(str(parts.password), "old")).geturl())
    database = made(f"file:{file}")
    assert await ask(database) == "SOURCE_UNAVAILABLE"
    file.write_text(f"{dsn}\n")
    assert await ask(database) == "1"


@pytest.mark.parametrize(("writable", "setting"), [(True, "off"), (False, "on")])
async def test_owners_databases_are_only_read(made: Callable[..., Database], writable: bool, setting: str) -> None:
    assert await ask(made(writable=writable), "SHOW default_transaction_read_only") == setting


async def test_a_primary_is_never_behind(made: Callable[..., Database]) -> None:
    database = made(writable=False)
    assert await ask(database) == "1"
    assert (database.behind, database.standing()["behind"]) == (0.0, 0.0)


async def test_a_plan_that_fits_no_more_is_made_anew(made: Callable[..., Database], dsn: str) -> None:
    database, admin = made(connections=1), await asyncpg.connect(dsn)
    await admin.execute("CREATE TABLE changing (a int); INSERT INTO changing VALUES (1)")
    assert await ask(database, "SELECT * FROM changing") == "1"
    await admin.execute("ALTER TABLE changing ALTER a TYPE text")
    assert await ask(database, "SELECT * FROM changing") == "1"
    await admin.close()
