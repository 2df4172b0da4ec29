"""Concurrent requests share statements and nothing else: what each gets is what it would get alone.

A schedule is a handful of requests of different callers at once, started in random turns over databases with one connection
each, so that they meet in batches. Some callers go away in the middle, and in some schedules a database loses its
connections. `TONGCHA_SCHEDULES` says how many, `TONGCHA_SEED` where they start; a failure names the seed of its schedule.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import pytest

from datasources.database import Database
from gateway.pipeline import Pipeline
from gateway.request import GraphQLRequest
from resolvers.schema import catalog
from tests.gateway.operations import Generator
from tests.test_cases import CASES, read
from tests.world import CALLERS, MOMENT, SEAL_KEY, World

SCHEDULES = int(os.environ.get("TONGCHA_SCHEDULES", "300"))
SEED = int(os.environ.get("TONGCHA_SEED", "20261124"))
CHUNKS = 4
POOL = 40
"""Generated operations, each asked by every caller, beside the callers' own ten."""
AT_ONCE = 10
LOST = frozenset({"SOURCE_UNAVAILABLE", "SOURCE_TIMEOUT", "SOURCE_BUSY"})


@dataclass(frozen=True)
class Asked:
    """A request of a caller, and its answer when nobody else asks."""

    request: GraphQLRequest
    caller: str
    alone: bytes


class Busy:
    """A gateway whose databases have one connection each."""

    def __init__(self, city: Mapping[str, str]) -> None:
        self.names = sorted(city)
        self.databases = {name: Database(name, dsn, connections=1, budget=30) for name, dsn in city.items()}
        self.pipeline = Pipeline(catalog, self.databases, seal_key=SEAL_KEY, now=lambda: MOMENT)

    async def answer(self, request: GraphQLRequest, caller: str) -> bytes:
        """The bytes of an answer."""
        return orjson.dumps((await self.pipeline.answer(request, *CALLERS[caller])).payload)

    def backends(self, name: str) -> list[int]:
        """The server's processes for a database: these and no others, for the city is everybody's."""
        return [connection.get_server_pid() for connection in self.databases[name]._pool._here]

    def statements(self) -> int:
        """Statements sent so far."""
        return sum(database.statements for database in self.databases.values())

    async def close(self) -> None:
        """Closes the databases."""
        for database in self.databases.values():
            await database.close()


@pytest.fixture(scope="module")
async def busy(city: Mapping[str, str]) -> AsyncIterator[Busy]:
    made = Busy(city)
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def asked(busy: Busy, world: World) -> Sequence[Asked]:
    """Requests with the answers that they have alone: the same documents by all callers, so that they could be mixed up."""
    requests = []
    for folder in sorted((CASES / "operations").iterdir()):
        query, variables, _ = read(folder)
        requests.append(GraphQLRequest(query=query, variables=variables))
    pools = await world.pools()
    for number in range(POOL):
        made = Generator(catalog.schema, pools, random.Random(SEED * 7_919 + number)).operation()
        requests.append(GraphQLRequest(query=made.text, variables=made.variables))
    return [
        Asked(request, caller, await busy.answer(request, caller)) for request in requests for caller in sorted(CALLERS)
    ]


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_every_answer_is_the_one_of_the_same_request_alone(
    busy: Busy, asked: Sequence[Asked], admin_dsn: str, chunk: int
) -> None:
    admin = await asyncpg.connect(admin_dsn)
    before, answers = busy.statements(), 0
    for number in range(chunk * SCHEDULES // CHUNKS, (chunk + 1) * SCHEDULES // CHUNKS):
        answers += await schedule(busy, asked, admin, number)
    await admin.close()
    assert answers > SCHEDULES // CHUNKS * AT_ONCE // 2
    assert busy.statements() > before


async def schedule(busy: Busy, asked: Sequence[Asked], admin: Any, number: int) -> int:
    """Runs one schedule; how many of its requests were answered."""
    dice = random.Random(SEED * 1_000_003 + number)
    # Of one document or few, so that requests of different callers want the same statements at the same time.
    documents = dice.sample(sorted({one.request.query for one in asked}), dice.randint(1, 4))
    taken = dice.choices([one for one in asked if one.request.query in documents], k=AT_ONCE)
    faulty = dice.random() < 0.1
    tasks = [asyncio.create_task(one_by_turns(busy, one, dice.randint(0, 12))) for one in taken]
    gone = [task for task in tasks if dice.random() < 0.15]
    for _ in range(dice.randint(0, 6)):
        await asyncio.sleep(0)
    if faulty:
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", busy.backends(dice.choice(busy.names))
        )
    for task in gone:
        for _ in range(dice.randint(0, 4)):
            await asyncio.sleep(0)
        task.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    for one, task, answer in zip(taken, tasks, found, strict=True):
        if isinstance(answer, asyncio.CancelledError):
            assert task in gone, number
        else:
            assert isinstance(answer, bytes), (number, answer)
            assert answer == one.alone or (faulty and is_part(answer, one.alone)), (number, one.caller, one.request)
    return sum(isinstance(answer, bytes) for answer in found)


async def one_by_turns(busy: Busy, one: Asked, turns: int) -> bytes:
    for _ in range(turns):
        await asyncio.sleep(0)
    return await busy.answer(one.request, one.caller)


def is_part(answer: bytes, alone: bytes) -> bool:
    """Whether an answer says that a database was lost, and nothing that the whole one does not say."""
    given, whole = orjson.loads(answer), orjson.loads(alone)
    codes, known = codes_of(given), codes_of(whole)
    return bool(codes & LOST) and codes <= LOST | known and words(given.get("data")) <= words(whole.get("data"))


def codes_of(answer: Any) -> set[str]:
    """The codes of the errors, and those of what is withheld: whether a task is open is asked of a database too."""
    withheld = answer.get("extensions", {}).get("access", {}).get("withheld", ())
    return {error["extensions"]["code"] for error in answer.get("errors", ())} | {one["code"] for one in withheld}


def words(value: Any) -> set[Any]:
    """The texts and numbers in an answer."""
    if isinstance(value, dict):
        return set().union(*(words(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(words(inner) for inner in value))
    return set() if value is None or isinstance(value, bool) else {value}
