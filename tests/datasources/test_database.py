"""One database: sharing without mixing, deadlines, reconnecting, and errors that say nothing."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import asyncpg
import pytest

from datasources.database import Database
from datasources.errors import SourceBusy, SourceError, SourceFault, SourceTimeout, SourceUnavailable
from datasources.sent import Sent
from datasources.turns import ON_BEHALF
from datasources.urgency import URGENCY, Urgency
from tests.datasources.between import Between

KEYED = "SELECT owner || '/' || $2::text, key FROM shelf WHERE key = ANY($1::int[]) ORDER BY key, position"
SLOW = "SELECT pg_sleep(0.2)"
WHO: ContextVar[str] = ContextVar("who")
POISONED = "SELECT 10 / key, key FROM shelf WHERE key = ANY($1::int[])"


@pytest.fixture(scope="module")
async def dsn(scratch: Callable[[str], Awaitable[str]]) -> str:
    """A table of keys with three rows each."""
    made = await scratch("database")
    admin = await asyncpg.connect(made)
    await admin.execute("CREATE TABLE shelf (key int, position int, owner text)")
    await admin.executemany(
        "INSERT INTO shelf VALUES ($1, $2, $3)",
        [(key, position, f"{key}-{position}") for key in range(200) for position in range(3)],
    )
    await admin.close()
    return made


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """One connection: whatever comes while it is at work collects."""
    made = Database("shelf", dsn, connections=1, budget=5)
    yield made
    await made.close()


async def ask(database: Database, keys: list[int], other: str = "a") -> dict[Any, list[str]]:
    found = await database.keyed(KEYED, keys, [None, other], [0], key_at=1)
    return {key: [row[0] for row in rows] for key, rows in found.items()}


def rows_of(keys: list[int], other: str = "a") -> dict[int, list[str]]:
    return {key: [f"{key}-{position}/{other}" for position in range(3)] for key in keys}


async def test_waiting_requests_share_one_statement(database: Database) -> None:
    await database.rows("SELECT 1", ())
    before = database.statements
    busy = asyncio.create_task(database.rows(SLOW, ()))
    await asyncio.sleep(0.05)
    asked = [[number, number + 1, 150] for number in range(40)]
    found = await asyncio.gather(*(ask(database, keys) for keys in asked))
    await busy
    assert found == [rows_of(keys) for keys in asked]
    assert database.statements - before == 2


async def test_a_statement_is_sent_in_the_context_of_who_asked_for_it(database: Database) -> None:
    sent: list[str] = []
    database.told = lambda _: sent.append(WHO.get())

    async def asked(who: str, asking: Awaitable[Any]) -> None:
        WHO.set(who)
        with contextlib.suppress(SourceFault):
            await asking

    busy = asyncio.create_task(asked("first", database.rows(SLOW, ())))
    await asyncio.sleep(0.05)
    poisoned = [database.keyed(POISONED, [key], [None], [0], key_at=1) for key in (0, 1)]
    alone = [database.rows(f"SELECT {number}", ()) for number in range(2)]
    asking = zip(("second", "third", "fourth", "fifth"), [*alone, *poisoned], strict=True)
    await asyncio.gather(busy, *(asked(who, one) for who, one in asking))
    assert sent == ["first", "second", "third", "fourth", "fourth", "fifth"]


async def test_other_parameters_are_never_shared(database: Database) -> None:
    busy = asyncio.create_task(database.rows(SLOW, ()))
    await asyncio.sleep(0.05)
    found = await asyncio.gather(*(ask(database, [7], other) for other in "abcabc"))
    await busy
    assert found == [rows_of([7], other) for other in "abcabc"]


async def test_values_of_different_types_are_different_parameters(database: Database) -> None:
    text = "SELECT pg_typeof($1::text)::text || $1::text, 1 FROM generate_series(1, 1)"
    busy = asyncio.create_task(database.rows(SLOW, ()))
    await asyncio.sleep(0.05)
    first, second = await asyncio.gather(database.rows(text, ["1"]), database.rows(text, ["1.0"]))
    await busy
    assert (first[0][0], second[0][0]) == ("text1", "text1.0")


async def test_nobody_s_many_statements_stand_before_another_s(database: Database) -> None:
    busy = asyncio.create_task(database.rows(SLOW, ()))
    await asyncio.sleep(0.05)
    order: list[str] = []

    async def one(name: str) -> None:
        ON_BEHALF.set(name[0])
        await database.rows(f"SELECT '{name}'", ())
        order.append(name)

    await asyncio.gather(*(asyncio.create_task(one(name)) for name in ("a1", "a2", "a3", "a4", "b1", "c1")))
    await busy
    assert order == ["a1", "b1", "c1", "a2", "a3", "a4"]


async def test_an_idle_database_is_asked_at_once(database: Database) -> None:
    await database.rows("SELECT 1", ())
    started = database.statements
    assert await ask(database, [1]) == rows_of([1])
    assert database.statements == started + 1


async def test_a_key_without_rows_is_absent(database: Database) -> None:
    assert await ask(database, [3, 9999]) == rows_of([3])


async def test_who_gives_up_hurts_nobody(database: Database) -> None:
    busy = asyncio.create_task(database.rows(SLOW, ()))
    await asyncio.sleep(0.05)
    tasks = [asyncio.create_task(ask(database, [number])) for number in range(20)]
    await asyncio.sleep(0.01)
    for task in tasks[::2]:
        task.cancel()
    left = await asyncio.gather(*tasks[1::2])
    await busy
    assert left == [rows_of([number]) for number in range(1, 20, 2)]
    assert await ask(database, [5]) == rows_of([5])


async def test_G3_a_storm_of_cancelled_requests_leaves_the_others_their_own(dsn: str) -> None:
    """Thousands who go away, at whatever point, mix up nothing, keep no place and stand before nobody."""
    dice = random.Random(7)
    database = Database("shelf", dsn, connections=2, budget=30)

    async def one(number: int) -> None:
        ON_BEHALF.set(f"caller {number % 7}")
        keys = dice.sample(range(200), 3)
        other = str(dice.randrange(40))
        assert await ask(database, keys, other) == rows_of(keys, other)

    for _ in range(4):
        tasks = [asyncio.create_task(one(number)) for number in range(500)]
        for _ in range(5):
            await asyncio.sleep(dice.random() / 200)
            for task in dice.sample(tasks, 100):
                task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(one) for one in ended} <= {type(None), asyncio.CancelledError}
    async with asyncio.timeout(60):
        assert await ask(database, [1, 2]) == rows_of([1, 2])
    assert database.statements < 2_000
    await database.close()


async def test_a_statement_that_nobody_waits_for_is_cancelled_on_the_server(database: Database, dsn: str) -> None:
    text = "SELECT 'nobody', pg_sleep(30)"
    task = asyncio.create_task(database.rows(text, (), budget=30))
    admin = await asyncpg.connect(dsn)

    async def until(running: int) -> None:
        query = "SELECT count(*) FROM pg_stat_activity WHERE query = $1 AND state = 'active'"
        async with asyncio.timeout(8):  # after ten seconds the server ends it by itself
            while await admin.fetchval(query, text) != running:  # noqa: ASYNC110 - what it asks is a server
                await asyncio.sleep(0.01)

    await until(1)
    task.cancel()
    await until(0)
    await admin.close()
    assert await ask(database, [5]) == rows_of([5])


async def test_one_bad_key_fails_its_own_request_only(database: Database) -> None:
    busy = asyncio.create_task(database.rows(SLOW, ()))
    await asyncio.sleep(0.05)

    async def divide(key: int) -> Any:
        try:
            found = await database.keyed(POISONED, [key], [None], [0], key_at=1)
        except SourceFault as fault:
            return fault.code
        return found[key][0][0]

    found = await asyncio.gather(*(divide(key) for key in (1, 2, 0, 5)))
    await busy
    assert found == [10, 5, "DATA_ERROR", 2]


async def test_what_is_asked_for_alone_after_a_bad_key_is_of_the_class_that_asked(database: Database) -> None:
    waiting: list[Any] = []

    def heard(sent: Sent) -> None:
        if sent.outcome == "fault" and sent.requests > 1:
            asyncio.get_running_loop().call_soon(lambda: waiting.append(database.standing()["waiting"]))

    async def divide(key: int, urgency: Urgency) -> None:
        URGENCY.set(urgency)
        with contextlib.suppress(SourceFault):
            await database.keyed(POISONED, [key], [None], [0], key_at=1)

    database.told = heard
    busy = asyncio.create_task(database.rows(SLOW, ()))
    await asyncio.sleep(0.05)
    await asyncio.gather(divide(1, "partner"), divide(0, "partner"), divide(2, "officer"))
    await busy
    assert waiting == [{"officer": 1, "partner": 1, "batch": 0}]


async def test_random_interleavings_give_each_its_own(dsn: str) -> None:
    """Callers with parameters of their own, cancellations and bad keys: every answer is what it is alone."""
    dice = random.Random(20261105)
    database = Database("shelf", dsn, connections=2, budget=10)

    async def one(number: int) -> None:
        keys = dice.sample(range(200), dice.randint(1, 12))
        other = dice.choice("abcd")
        await asyncio.sleep(dice.random() / 50)
        task = asyncio.create_task(ask(database, keys, other))
        if dice.random() < 0.2:
            await asyncio.sleep(dice.random() / 200)
            task.cancel()
        try:
            found = await task
        except asyncio.CancelledError:
            return
        assert found == rows_of(keys, other), number

    await asyncio.gather(*(one(number) for number in range(1_500)))
    assert database.statements < 1_500
    await database.close()


async def test_composite_keys(database: Database) -> None:
    text = (
        "SELECT s.owner, k.a, k.b FROM unnest($1::int[], $2::int[]) AS k(a, b)"
        " JOIN shelf s ON s.key = k.a AND s.position = k.b"
    )
    found = await database.keyed(text, [(1, 2), (3, 0), (3, 9)], [None, None], [0, 1], key_at=1)
    assert {key: [row[0] for row in rows] for key, rows in found.items()} == {(1, 2): ["1-2"], (3, 0): ["3-0"]}


async def test_a_slow_answer_is_a_timeout_and_the_connection_is_good_again(dsn: str) -> None:
    database = Database("shelf", dsn, connections=1, budget=0.3)
    with pytest.raises(SourceTimeout):
        await database.rows("SELECT pg_sleep(5)", ())
    assert await ask(database, [1]) == rows_of([1])
    await database.close()


async def test_who_waits_too_long_for_a_connection_is_told_that_it_is_busy(dsn: str) -> None:
    database = Database("shelf", dsn, connections=1, budget=0.4)
    first = asyncio.create_task(database.rows("SELECT pg_sleep(0.39), 1", ()))
    await asyncio.sleep(0.01)
    second = asyncio.create_task(database.rows("SELECT pg_sleep(0.39), 2", ()))
    third = asyncio.create_task(database.rows("SELECT pg_sleep(0.39), 3", ()))
    results = await asyncio.gather(first, second, third, return_exceptions=True)
    assert isinstance(results[2], SourceBusy)
    await database.close()


async def test_a_database_that_is_down_is_not_hammered() -> None:
    connects = 0

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connects
        connects += 1
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    database = Database("gone", f"postgresql://nobody:x@127.0.0.1:{port}/none", connections=2)
    begun = time.monotonic()
    while time.monotonic() < begun + 1.0:
        with pytest.raises(SourceUnavailable):
            await database.rows("SELECT 1", ())
        await asyncio.sleep(0.01)
    server.close()
    assert 1 <= connects <= 3 + (time.monotonic() - begun)  # two at once, and then one a second to find out


async def test_a_dead_connection_is_replaced_without_an_error(dsn: str, admin_dsn: str) -> None:
    database = Database("shelf", dsn, connections=1)
    pid = (await database.rows("SELECT pg_backend_pid()", ()))[0][0]
    admin = await asyncpg.connect(admin_dsn)
    await admin.execute("SELECT pg_terminate_backend($1)", pid)
    await admin.close()
    await asyncio.sleep(0.1)
    assert await ask(database, [1]) == rows_of([1])
    await database.close()


async def test_what_is_sent_between_the_last_word_of_a_server_and_the_end_of_the_connection_is_repeated(
    dsn: str,
) -> None:
    async with Between(dsn) as between:
        database = Database("shelf", between.dsn, connections=1, budget=3)
        assert await ask(database, [1]) == rows_of([1])
        between.last_word()
        await asyncio.sleep(0.1)
        assert await ask(database, [2]) == rows_of([2])
        await database.close()


async def test_a_statement_whose_time_ends_before_its_first_turn_keeps_no_connection(database: Database) -> None:
    busy = asyncio.create_task(database.rows(SLOW, ()))
    late = asyncio.create_task(database.rows("SELECT 2", ()))
    await asyncio.sleep(0.05)
    ((work,),) = database._queue.turns._classes["officer"]._waiting.values()
    (waiter,) = work.waiters

    def expire() -> None:
        if not work.taken:
            asyncio.get_running_loop().call_soon(expire)
        else:
            database._expire(waiter)

    expire()
    with pytest.raises(SourceBusy):
        await late
    await busy
    assert await ask(database, [1]) == rows_of([1])


@pytest.mark.parametrize(("key", "key_at"), [(1, 7), ((1, 2), 0), (2**40, 0)])
async def test_whoever_waits_is_told_of_any_error_and_the_database_is_not_down(
    database: Database, key: Any, key_at: int
) -> None:
    with pytest.raises(SourceFault):
        await database.keyed("SELECT 1 FROM shelf WHERE $1::int[] IS NOT NULL", [key], [None], [0], key_at=key_at)
    assert await ask(database, [1]) == rows_of([1])


@pytest.mark.parametrize("text", ["SELECT nothing FROM nowhere", "SELECT 1 / 0", "SELECT $1::int"])
async def test_what_the_server_says_stays_here(database: Database, text: str) -> None:
    with pytest.raises(SourceError) as raised:
        await database.rows(text, ["secret-value"] if "$1" in text else ())
    assert str(raised.value) == "shelf"
    assert raised.value.__cause__ is None
