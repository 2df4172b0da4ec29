"""A consumer that follows the feed through lost answers, restarts, publications and withdrawals ends with what a fresh read gives.

TONGCHA_DISCONNECTS: how many answers are lost. 100 is the long run. After every fourth the gateways start anew.
"""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.deliveries import DeliveryRecorder
from gateway.quotas import Quota, Quotas
from gateway.recorder import open_recorder
from gateway.request import GraphQLRequest
from resolvers.feed import cursor_at
from tests.gateway.publishing import BATCH, PARTNER, Town

DISCONNECTS = int(os.environ.get("TONGCHA_DISCONNECTS", "10"))
SEED = int(os.environ.get("TONGCHA_SEED", "20261124"))


@pytest.fixture(scope="module")
async def town(copied_village: Callable[[str], Awaitable[str]]) -> AsyncIterator[Town]:
    """A village of one's own, looked at once."""
    made = await Town.of(await copied_village("following"))
    yield made
    await made.close()


class Follower:
    """What a partner keeps: the records by number, and the cursor of its last batch."""

    def __init__(self) -> None:
        self.records: dict[str, Any] = {}
        self.cursor: str | None = None

    def take(self, batch: Any) -> None:
        """The changes of a batch, one after the other. A batch may come twice, or be another one the second time."""
        for change in batch["changes"]:
            if change["op"] == "WITHDRAW":
                assert change["record"] is None
                assert change["withdrawReason"]
                self.records.pop(change["disclosureId"], None)
            elif change["record"] is None:  # withdrawn while the batch was read: the change that says so comes
                self.records.pop(change["disclosureId"], None)
            else:
                self.records[change["disclosureId"]] = change["record"]


async def happen(town: Town, dice: random.Random) -> None:
    """Some records are withdrawn, come back, or change."""
    live = sorted(await town.everything())
    gone = [row[0] for row in await town.admin.fetch("SELECT disclosure_id FROM gw.disclosure WHERE state = '3'")]
    for key in dice.sample(live, 2):
        reason = dice.choice(["CREDIT_REPAIRED", "DECISION_CHANGED"])
        await town.change(key, "cas.disclosure", f"state = '3', withdraw_reason = '{reason}'")
    for key in dice.sample(sorted(gone), min(len(gone), 2)):
        await town.change(key, "cas.disclosure", "state = '2', version = version + 1")
    for key in dice.sample(live, 2):
        await town.change(key, "cas.decision", f"content = '罚款人民币{dice.randrange(1, 99)}00元'")
    await town.look()


async def test_a_consumer_that_loses_answers_ends_with_what_is_published(town: Town) -> None:
    dice = random.Random(SEED)
    follower, lost = Follower(), 0
    while lost < DISCONNECTS:
        engine = dice.choice(["compiled", "resolvers"])
        if follower.cursor is None:  # who begins anew begins with nothing
            follower.records.clear()
        batch = await town.batch(follower.cursor, dice.choice([1, 7, 40, 500]), engine=engine)
        fate = dice.choice(["arrives", "arrives", "is lost", "is lost after it was taken"])
        if fate != "is lost":
            follower.take(batch)
        if fate == "arrives":
            follower.cursor = batch["nextCursor"]
        else:
            lost += 1
            if lost % 4 == 0:
                await town.restart()
        if batch["caughtUp"] or dice.random() < 0.3:
            await happen(town, dice)
    while True:
        batch = await town.batch(follower.cursor, 500)
        follower.take(batch)
        follower.cursor = batch["nextCursor"]
        if batch["caughtUp"]:
            break
    fresh = Follower()
    fresh.take({"changes": await town.changes(0)})
    assert follower.records == fresh.records == await town.everything()


async def test_who_begins_anew_is_sent_each_record_once_and_nothing_that_is_withdrawn(town: Town) -> None:
    dice = random.Random(SEED)
    await happen(town, dice)
    changes = await town.changes(0)
    assert {change["op"] for change in changes} <= {"PUBLISH", "UPDATE"}
    keys = [change["disclosureId"] for change in changes]
    assert len(keys) == len(set(keys))
    assert all(change["record"] for change in changes)
    numbers = [int(change["seq"]) for change in changes]
    assert numbers == sorted(numbers)


async def test_both_engines_read_the_same_feed_from_any_place(town: Town) -> None:
    head = await town.head()
    for place in [*random.Random(SEED).sample(range(head - 40, head), 8), head - 100]:
        for cursor in (cursor_at(place), cursor_at(place, place + 10)):
            compiled, fieldwise = [await town.batch(cursor, 9, engine=engine) for engine in ("compiled", "resolvers")]
            assert compiled == fieldwise


async def test_it_is_shown_who_was_handed_out_a_withdrawal_and_when(town: Town, tmp_path: Path) -> None:
    """The batch before it proves nothing, the one with it does; a public client leaves no trace of this kind."""
    recorder = DeliveryRecorder(open_recorder(tmp_path, b"k" * 64), town.databases["gateway"], lambda: town.now)

    async def fetch(after: str, engine: str) -> str:
        request = GraphQLRequest(query=BATCH, variables={"after": after, "first": 500})
        answer = await town.pipelines[engine].answer(request, *PARTNER)
        await recorder.record(*PARTNER, request.variables, answer, orjson.dumps(answer.payload))
        assert isinstance(answer.payload, dict)
        return str(answer.payload["data"]["disclosureChanges"]["nextCursor"])

    cursor = await fetch(cursor_at(await town.head() - 50), "compiled")
    key = await town.penalty()
    seq = await town.published.withdraw(key, "DECISION_REVOKED", "撤销。", town.now)
    assert seq is not None
    assert await town.published.delivered(seq) == []
    for engine in ("compiled", "resolvers"):
        await fetch(cursor, engine)
        assert [tuple(one) for one in await town.published.delivered(seq)] == [("partner-disclosure", town.now)]
        await town.admin.execute("DELETE FROM gw.feed_delivery WHERE seq = $1", seq)
    assert await town.published.last_change_of(key) == seq
    await town.admin.execute("DELETE FROM gw.feed_delivery")
    await fetch(cursor_at(seq - 1), "compiled")
    assert await town.published.delivered(seq - 1) == []
    await fetch(cursor_at(seq - 20), "compiled")  # ends where the one before did, and began earlier
    assert len(await town.published.delivered(seq - 1)) == 1
    await recorder.close()


async def test_a_batch_that_does_not_leave_is_not_delivered(town: Town, tmp_path: Path) -> None:
    """The rows of the day are used up: what the answer would have had is in the log, and no proof that it was handed out."""
    await town.admin.execute("DELETE FROM gw.feed_delivery")
    recorder = DeliveryRecorder(open_recorder(tmp_path, b"k" * 64), town.databases["gateway"], lambda: town.now)
    head = await town.head()
    request = GraphQLRequest(query=BATCH, variables={"after": cursor_at(head - 20), "first": 500})
    answer = await town.pipelines["compiled"].answer(request, *PARTNER)
    refusal = await Quotas().release(Quota(agreement_no="GX-2026-0131", rows=1), answer)
    for one, delivered in ((refusal, []), (answer, ["partner-disclosure"])):
        assert one.trace is not None
        assert one.trace.fed
        await recorder.record(*PARTNER, request.variables, one, orjson.dumps(one.payload))
        assert [delivery.client for delivery in await town.published.delivered(head)] == delivered
    await recorder.close()
