"""Answers that are kept in Redis. F-14, F-15, G1 and I4 are cases of the catalogue."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis

from datasources.cache import Cache
from gateway.answers import FRESH_SECONDS, Answers
from gateway.request import Answer, GraphQLRequest
from tests.gateway.asking import Asker
from tests.gateway.registry import DETAIL, RECENT, Registry
from tests.redis_server import RedisServer
from tests.world import CALLERS, SEAL_KEY

Opened = Callable[..., Awaitable[Registry]]

NEWEST = "query Newest { disclosures(first: 3) { totalCount nodes { disclosureId subjectName facts causeName org { name } } } }"
WITHDRAW = """INSERT INTO gw.change_log SELECT (made).* FROM (
  SELECT jsonb_populate_record(change, jsonb_build_object('seq', seq + 1, 'op', 'WITHDRAW', 'disclosure_id', $1::text)) AS made
  FROM gw.change_log AS change ORDER BY seq DESC LIMIT 1) AS one"""


class Kept:
    """A gateway that keeps answers, with a clock of its own."""

    def __init__(self, registry: Registry, redis: RedisServer) -> None:
        self.registry = registry
        self.redis = redis
        self.client: Any = Redis.from_url(redis.url)
        self.now = 1_000.0
        self.answers = self._answers(SEAL_KEY)
        registry.pipeline.answers = self.answers

    def _answers(self, key: bytes) -> Answers:
        cache, own = Cache(self.redis.url), self.registry.databases["gateway"]
        return Answers(cache, own, key=key, seconds=30, steady=lambda: self.now)

    async def ask(self, asker: Asker, text: str = NEWEST, **variables: Any) -> tuple[bytes, int, Answer]:
        """The bytes of an answer, how many statements it took, and the answer. What is to be kept is, before this ends."""
        before = self.registry.statements()
        answer = await self.registry.pipeline.answer(GraphQLRequest(query=text, variables=variables), *asker)
        await asyncio.gather(*self.answers._going)
        return orjson.dumps(answer.payload), self.registry.statements() - before, answer

    async def anew(self) -> None:
        """A second gateway with the same keys: nothing of the first one's memory is left."""
        self.registry.pipeline.plans.bind_again()
        await self.answers.close()
        self.answers = self.registry.pipeline.answers = self._answers(SEAL_KEY)
        await self.answers.look()

    async def close(self) -> None:
        await self.client.aclose()
        await self.answers.close()
        self.registry.pipeline.answers = None


@pytest.fixture
async def kept(opened: Opened, redis_server: RedisServer) -> AsyncIterator[Kept]:
    made = Kept(await opened(), redis_server)
    await made.answers.look()
    yield made
    await made.close()


PUBLIC = CALLERS["public"]


async def test_asked_again_it_is_not_run_again(kept: Kept) -> None:
    first, statements, ran = await kept.ask(PUBLIC)
    again, none, found = await kept.ask(PUBLIC)
    assert (first, statements > 0, none) == (again, True, 0)
    assert found.trace == ran.trace
    assert 0 < await kept.client.ttl((await kept.client.keys("tongcha:answer:*"))[0]) <= 30


async def test_G1_kept_or_not_every_caller_gets_the_same_and_nobody_another_s(kept: Kept) -> None:
    """The answers of all callers, each asked before and after all others have had theirs kept."""
    texts: list[tuple[str, dict[str, Any]]] = [(NEWEST, {}), (RECENT, {"first": 2}), (DETAIL, {"id": "GS1"})]
    kept.registry.pipeline.answers = None
    wanted = [[(await kept.ask(asker, text, **given))[0] for text, given in texts] for asker in CALLERS.values()]
    assert len({bodies[0] for bodies in wanted}) > 1
    kept.registry.pipeline.answers = kept.answers
    for _ in range(2):
        for asker, bodies in zip(CALLERS.values(), wanted, strict=True):
            assert [(await kept.ask(asker, text, **given))[0] for text, given in texts] == bodies
    assert await kept.client.dbsize() > 0


async def test_callers_of_one_standing_share_and_other_processes_too(kept: Kept) -> None:
    first, *_ = await kept.ask(PUBLIC)
    await kept.anew()
    other: Asker = (type(PUBLIC[0])(subject="another", client="another", kind=PUBLIC[0].kind), None)
    standing = await kept.registry.pipeline.reception.asking(*other)  # asks once who this is
    assert standing.standing == (await kept.registry.pipeline.reception.asking(*PUBLIC)).standing
    assert (await kept.ask(other))[:2] == (first, 0)


NOT_KEPT = {
    "a cursor": "{ disclosures(first: 1) { pageInfo { endCursor } } }",
    "the cursor of an edge": "{ disclosures(first: 1) { edges { cursor } } }",
    "a feed": "{ disclosureChanges(first: 1) { changes { seq } } }",
    "what no feed is of": "{ divisions(first: 1) { totalCount } }",
    "something withheld": '{ disclosures(first: 1) { totalCount } case(caseNo: "x") { caseNo } }',
    "something internal": "{ disclosures(first: 1) { nodes { meta { sealed } } } }",
    "nothing of a database": "{ __typename }",
    "the schema": '{ __type(name: "Query") { name } }',
}


@pytest.mark.parametrize("name", NOT_KEPT)
async def test_what_is_of_one_caller_or_of_no_feed_is_not_kept(kept: Kept, name: str) -> None:
    for asker in (PUBLIC, CALLERS["supervisor"], CALLERS["citizen-own"]):
        await kept.ask(asker, NOT_KEPT[name])
    assert await kept.client.dbsize() == 0


async def test_I4_what_is_withdrawn_is_not_found_once_the_feed_tells(kept: Kept) -> None:
    body, _, _ = await kept.ask(PUBLIC)
    gone = orjson.loads(body)["data"]["disclosures"]["nodes"][0]["disclosureId"]
    await kept.registry.execute("UPDATE gw.disclosure SET state = '3' WHERE disclosure_id = $1", gone)
    await kept.registry.execute(WITHDRAW, gone)
    kept.now += FRESH_SECONDS + 0.1
    assert gone.encode() not in (await kept.ask(PUBLIC))[0]
    await kept.answers.look()
    assert gone.encode() not in (await kept.ask(PUBLIC))[0]
    assert gone.encode() not in (await kept.ask(PUBLIC))[0]


async def test_where_the_feed_s_end_is_not_known_nothing_is_found_or_kept(kept: Kept) -> None:
    kept.now += FRESH_SECONDS + 0.1
    await kept.ask(PUBLIC)
    assert await kept.client.dbsize() == 0
    await kept.answers.look()
    await kept.ask(PUBLIC)
    kept.now += FRESH_SECONDS + 0.1
    assert (await kept.ask(PUBLIC))[1] > 0


FOREIGN: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "JSON": lambda _: b'{"payload":{"data":null},"rows":{}}',
    "a bit turned": lambda entry: entry[:-3] + bytes([entry[-3] ^ 1]) + entry[-2:],
    "cut off": lambda entry: entry[:-10],
    "the code alone": lambda entry: entry[:32],
}


@pytest.mark.parametrize("name", FOREIGN)
async def test_F15_what_we_did_not_write_there_is_not_there(kept: Kept, name: str) -> None:
    body, *_ = await kept.ask(PUBLIC)
    (key,) = await kept.client.keys("tongcha:answer:*")
    await kept.client.set(key, FOREIGN[name](await kept.client.get(key)))
    again, statements, _ = await kept.ask(PUBLIC)
    assert (again, statements > 0) == (body, True)


async def test_F15_an_entry_moved_to_another_place_is_not_there(kept: Kept) -> None:
    await kept.ask(PUBLIC)
    (first,) = await kept.client.keys("tongcha:answer:*")
    await kept.ask(PUBLIC, RECENT, first=2)
    (second,) = set(await kept.client.keys("tongcha:answer:*")) - {first}
    await kept.client.set(second, await kept.client.get(first))
    body, statements, _ = await kept.ask(PUBLIC, RECENT, first=2)
    assert statements > 0
    assert len(orjson.loads(body)["data"]["disclosures"]["nodes"]) == 2


async def test_F15_a_value_of_another_type_is_not_there(kept: Kept) -> None:
    body, *_ = await kept.ask(PUBLIC)
    (key,) = await kept.client.keys("tongcha:answer:*")
    await kept.client.delete(key)
    await kept.client.lpush(key, "x")
    again, statements, _ = await kept.ask(PUBLIC)
    assert (again, statements > 0) == (body, True)


async def test_an_entry_under_another_key_is_not_there(kept: Kept) -> None:
    await kept.ask(PUBLIC)
    await kept.answers.close()
    kept.answers = kept.registry.pipeline.answers = kept._answers(b"x" * 64)
    await kept.answers.look()
    assert (await kept.ask(PUBLIC))[1] > 0


@pytest.mark.usefixtures("impatience_with_redis")
async def test_F14_a_redis_that_hangs_is_waited_for_once(kept: Kept, figure: Callable[[str, float], None]) -> None:
    body, *_ = await kept.ask(PUBLIC)
    kept.redis.hang()
    assert (await kept.ask(PUBLIC))[0] == body
    began = time.perf_counter()
    for _ in range(50):
        assert (await kept.ask(PUBLIC))[0] == body
    figure("milliseconds for an answer beside a Redis that hangs", (time.perf_counter() - began) / 50 * 1e3)
    assert kept.answers.place_of((), ()) is None
    kept.redis.go_on()
    await kept.answers.look()
    await kept.ask(PUBLIC)
    assert (await kept.ask(PUBLIC))[:2] == (body, 0)


async def test_F14_without_redis_everything_is_answered(kept: Kept) -> None:
    body, *_ = await kept.ask(PUBLIC)
    kept.redis.stop()
    assert (await kept.ask(PUBLIC))[0] == body
    kept.redis.start()
    await kept.answers.look()
    assert (await kept.ask(PUBLIC))[0] == body


async def test_an_answer_with_a_gap_is_not_kept(kept: Kept) -> None:
    async with kept.registry.without("personnel"):
        assert b"SOURCE_UNAVAILABLE" in (await kept.ask(PUBLIC))[0]
    assert await kept.client.dbsize() == 0
