"""What holds for a stream whatever it is sent over: every event is decided, recorded and shared as the answer to a query."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from datasources.published import Published
from datasources.urgency import URGENCY
from gateway.subscriptions import AT_ONCE
from tests.gateway.following import AGREED, NUMBERS, Feed, Start, end_of, events, numbers_in, socket

FULL = """subscription($after: Cursor) { disclosureChanges(after: $after) {
  changes { seq record { subjectName causeName } } nextCursor } }"""
CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = $1 AND application_name = 'tongcha'"""
AGREEMENT = "UPDATE gw.agreement SET status_code = $1 WHERE agreement_no = 'GX-2026-0131'"


CONTENT = """subscription($after: Cursor) { disclosureChanges(after: $after) {
  changes { op disclosureId withdrawReason record { documentNo content } } nextCursor } }"""


# --- what comes ----------------------------------------------------------------------------------


async def test_what_was_there_comes_first_and_then_what_happens(feed: Feed) -> None:
    before = await feed.publish(3)
    async with events(feed) as stream:
        assert await stream.changes(3) == before
        after = await feed.publish(2)
        assert await stream.changes(2) == after


async def test_who_is_at_the_end_is_told_so_at_once(feed: Feed) -> None:
    end = end_of(await feed.publish(2))
    async with events(feed, after=end) as stream:
        batch = (await stream.told())["data"]["disclosureChanges"]
        assert batch == {"changes": [], "nextCursor": end, "caughtUp": True}


async def test_more_than_fits_an_event_comes_in_several(feed: Feed) -> None:
    written = await feed.publish(250)
    async with events(feed) as stream:
        told = [await stream.told() for _ in range(3)]
    assert [len(numbers_in(one)) for one in told] == [100, 100, 50]
    assert [number for one in told for number in numbers_in(one)] == written
    assert [one["data"]["disclosureChanges"]["caughtUp"] for one in told] == [False, False, True]


async def test_a_writer_that_gives_no_notice_is_seen_all_the_same(feed: Feed) -> None:
    async with events(feed) as stream:
        await stream.told()
        written = await feed.publish(notify=False)
        assert await stream.changes(1) == written


async def test_I4_of_what_is_withdrawn_nobody_is_sent_the_content(feed: Feed) -> None:
    """Neither who had it, nor who was cut off before it came; and who begins is not told of it at all."""
    start, published = end_of(await feed.publish()), Published(feed.desk.dsn)
    await feed.publish(9, real=True)
    async with events(feed, CONTENT, after=start) as stream:
        changes = (await stream.told())["data"]["disclosureChanges"]["changes"]
        key = next(one["disclosureId"] for one in changes if one["record"] and one["record"]["documentNo"])
        row = await feed.writer.fetchrow("SELECT * FROM gw.disclosure WHERE disclosure_id = $1", key)
        assert row is not None
        assert await published.withdraw(key, "DECISION_REVOKED", "撤销。", row["published_at"]) == next(NUMBERS)
        gone = {"op": "WITHDRAW", "disclosureId": key, "withdrawReason": "DECISION_REVOKED", "record": None}
        assert (await stream.told())["data"]["disclosureChanges"]["changes"] == [gone]
    async with events(feed, CONTENT, after=start) as stream:
        changes = (await stream.told())["data"]["disclosureChanges"]["changes"]
        assert [one for one in changes if one["disclosureId"] == key] == [gone]
    async with events(feed, CONTENT) as stream:
        assert key not in str(await stream.told())
    await feed.writer.execute("DELETE FROM gw.disclosure WHERE disclosure_id = $1", key)
    await feed.writer.copy_records_to_table("disclosure", schema_name="gw", columns=list(row.keys()), records=[row])
    await published.close()


async def test_a_notice_about_nothing_new_sends_nothing(feed: Feed) -> None:
    async with events(feed) as stream:
        await stream.told()
        await feed.writer.execute("NOTIFY tongcha_disclosure, 'nothing'")
        await asyncio.sleep(0.1)
        written = await feed.publish()
        assert numbers_in(await stream.told()) == written


async def test_the_connection_that_hears_is_made_again(feed: Feed) -> None:
    async with events(feed) as stream:
        await stream.told()
        await feed.writer.execute(CUT, await feed.writer.fetchval("SELECT current_database()"))
        written = await feed.publish(2)
        assert await stream.changes(2) == written


async def test_who_says_that_a_stream_can_wait_has_it_as_a_batch_from_its_first_answer(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    engine = feed.app.subscriptions.engine
    answer = engine.answer

    async def noted(*given: Any) -> Any:
        asked.append(URGENCY.get())
        return await answer(*given)

    monkeypatch.setattr(engine, "answer", noted)
    for headers in ({}, {"priority": "u=7"}):
        async with events(feed, headers=headers) as stream:
            await stream.told()
        async with socket(feed, headers=headers) as one:
            await one.subscribe("1")
            await one.told()
    assert asked == ["partner", "partner", "batch", "batch"]


# --- what decides --------------------------------------------------------------------------------


async def test_fields_are_masked_and_withheld_as_in_the_query(feed: Feed) -> None:
    await feed.publish(5, real=True)
    query = {"query": FULL.replace("subscription", "query"), "extensions": {"access": AGREED}}
    async with events(feed, FULL) as stream:
        told = await stream.told()
    async with httpx.AsyncClient(base_url=feed.address, verify=False) as client:
        answer = await client.post("/graphql", json=query, headers={"authorization": f"Bearer {feed.token()}"})
    assert told == answer.json()
    assert told["extensions"]["access"]["masked"]


async def test_a_caller_without_the_feed_gets_the_reason_and_the_end(feed: Feed) -> None:
    async with events(feed, token=feed.token("auditor"), access={"purpose": "AUDIT"}) as stream:
        told = await stream.told()
        assert told["data"] == {"disclosureChanges": None}
        assert told["extensions"]["access"]["withheld"][0]["code"] == "FORBIDDEN"
        assert await stream.next() == {"event": "complete", "data": ""}


async def test_an_agreement_that_is_suspended_ends_the_stream(feed: Feed) -> None:
    async with events(feed) as stream:
        await stream.told()
        feed.desk.pipeline.reception.lookup._believed.drop(lambda _: True)
        feed.desk.pipeline.reception._kept.drop(lambda _: True)
        await feed.desk.execute(AGREEMENT, "2")
        try:
            await feed.publish()
            assert (await stream.told())["errors"][0]["extensions"]["code"] == "PURPOSE_DENIED"
            assert await stream.next() == {"event": "complete", "data": ""}
        finally:
            await feed.desk.execute(AGREEMENT, "1")


async def test_a11_revoked_in_the_middle_of_a_stream(feed: Feed) -> None:
    async with events(feed) as stream:
        await stream.told()
        feed.revoke()
        await feed.publish()
        assert (await stream.told())["errors"][0]["extensions"]["code"] == "TOKEN_REVOKED"
        assert await stream.next() == {"event": "complete", "data": ""}
        assert await stream.next() is None


async def test_a11_revoked_while_nothing_happens(feed: Feed) -> None:
    async with events(feed) as stream:
        await stream.told()
        feed.revoke()
        assert (await stream.told())["errors"][0]["extensions"]["code"] == "TOKEN_REVOKED"


async def test_a11_an_expired_token_ends_its_stream(feed: Feed) -> None:
    async with events(feed, token=feed.token(iat=1, exp=2)) as stream:
        assert stream.response.status_code == 401
    now = int(time.time())
    soon = feed.token(iat=now - 100, exp=now - 27)  # clocks may differ by 30 seconds
    async with events(feed, token=soon) as stream:
        await stream.told()
        assert (await stream.told())["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"


# --- what is written down ------------------------------------------------------------------------


async def test_every_event_has_its_record_and_quiet_has_none(feed: Feed) -> None:
    async with events(feed) as stream:
        await stream.told()
        await feed.publish(2)
        await stream.changes(2)
        feed.revoke()
        await stream.told()
    kept = [(one["outcome"], one.get("code"), dict(one.get("rows") or {})) for one in feed.recorded()]
    assert kept == [
        ("RELEASED", None, {"gateway": 0}),
        ("RELEASED", None, {"gateway": 2}),
        ("DENIED", "TOKEN_REVOKED", {}),
    ]


CHANGE = """mutation { openTemporaryTask(input: {idempotencyKey: "1", purpose: INSPECTION, reason: "x", subject: {}}) {
  errors { code } } }"""


async def test_a_change_is_recorded_also_when_nobody_waits_for_its_answer(feed: Feed) -> None:
    body = orjson.dumps({"query": CHANGE})
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {feed.token('officer')}\r\n"
        f"accept: text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection(*feed.place)
    writer.write(head.encode() + body)
    await writer.drain()
    writer.transport.abort()
    async with asyncio.timeout(10):
        while not feed.recorded():  # noqa: ASYNC110 - what it looks at is a file
            await asyncio.sleep(0.02)
    (kept,) = feed.recorded()
    assert (kept["outcome"], kept["coordinates"]) == ("RELEASED", {"clear": ["Mutation.openTemporaryTask"]})


# --- how many ------------------------------------------------------------------------------------


async def test_streams_that_ask_the_same_share_their_statements(feed: Feed) -> None:
    async with socket(feed) as one:
        for number in range(20):
            await one.subscribe(str(number))
        for _ in range(20):
            await one.told()
        before = feed.desk.databases["gateway"].statements
        written = await feed.publish()
        told = [await one.told() for _ in range(20)]
        assert {tuple(numbers_in(message["payload"])) for message in told} == {tuple(written)}
        assert feed.desk.databases["gateway"].statements - before < AT_ONCE / 5


async def test_a_caller_has_so_many_streams_and_no_more(gateway: Start) -> None:
    async with (
        gateway(subscriptions_caller=2) as feed,
        events(feed) as first,
        events(feed) as second,
    ):
        await first.told()
        await second.told()
        async with events(feed) as third:
            assert third.response.status_code == 429
            assert third.response.headers["retry-after"] == "1"
        async with events(feed, token=feed.token("public"), access=None) as other:
            assert await other.told()


async def test_a_stream_that_has_ended_leaves_its_place_to_another_of_the_caller(gateway: Start) -> None:
    async with gateway(subscriptions_caller=1) as feed:
        for _ in range(2):
            async with events(feed) as stream:
                assert await stream.told()
            await feed.app.subscriptions.emptied()


async def test_a_process_has_so_many_streams_and_no_more(gateway: Start) -> None:
    async with gateway(subscriptions=1) as feed:
        async with events(feed) as first:
            await first.told()
            async with events(feed, token=feed.token("public"), access=None) as second:
                assert second.response.status_code == 503
        await feed.app.subscriptions.emptied()
        async with events(feed) as third:
            assert await third.told()


# --- when a database is away ---------------------------------------------------------------------


async def test_a_feed_that_cannot_be_read_is_an_error_and_not_quiet(
    feed: Feed, admin_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasources.notices.PAUSES", (0.01,))
    name = await feed.writer.fetchval("SELECT current_database()")
    admin = await asyncpg.connect(admin_dsn)
    async with events(feed) as stream:
        await stream.told()
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            await admin.execute(CUT, name)
            told = await stream.told()
        finally:
            await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            await admin.close()
        assert told["data"] == {"disclosureChanges": None}
        assert told["errors"][0]["path"] == ["disclosureChanges"]
        assert (
            next(one for one in told["extensions"]["sources"] if one["source"] == "gateway")["status"] == "UNAVAILABLE"
        )
        assert await stream.next() == {"event": "complete", "data": ""}
