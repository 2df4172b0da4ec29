"""H3: a flood of refusals is counted, not written one by one, and nothing of it is dropped."""

from __future__ import annotations

import asyncio
import datetime
import json
from typing import Any

import pytest

from auth.audit import denials
from auth.audit.denials import Denials
from auth.audit.digests import sha256
from auth.audit.record import Caller, Entry, Loggable, Outcome
from auth.audit.terms import AuditUnavailable, Receipt


class Log:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.broken = False

    async def append(self, entry: Loggable) -> Receipt:
        if self.broken:
            raise AuditUnavailable
        self.entries.append(json.loads(entry.encode(sha256).entry))
        return Receipt(len(self.entries), "")

    def count(self) -> int:
        return sum(entry.get("count", 1) for entry in self.entries)


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.at = datetime.datetime(2026, 11, 24, 8, tzinfo=datetime.UTC)

    def __call__(self) -> datetime.datetime:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(denials, "SUM_SECONDS", 0.01)
    return Clock()


def refusal(subject: str | None = "u-1", code: str = "FORBIDDEN") -> Entry:
    caller = Caller(subject=subject, client="c", kind="partner") if subject else None
    return Entry(caller=caller, grounds=None, outcome=Outcome.DENIED, code=code)


async def test_up_to_a_hundred_in_a_second_are_written_one_by_one(clock: Clock) -> None:
    log = Log()
    gate = Denials(log, clock=clock)
    await asyncio.gather(*(gate.append(refusal()) for _ in range(100)))
    assert [entry["kind"] for entry in log.entries] == ["access"] * 100


async def test_those_above_are_summed_up_by_code(clock: Clock) -> None:
    log = Log()
    gate = Denials(log, clock=clock)
    codes = ["FORBIDDEN", "RATE_LIMITED"]
    receipts = await asyncio.gather(*(gate.append(refusal(code=codes[number % 2])) for number in range(400)))
    assert len(log.entries) == 101
    assert log.entries[-1]["kind"] == "denied"
    assert log.entries[-1]["codes"] == {"FORBIDDEN": 150, "RATE_LIMITED": 150}
    assert log.entries[-1]["caller"] == {"subject": "u-1", "client": "c", "kind": "partner"}
    assert log.count() == 400
    assert len(set(receipts)) == 101


async def test_one_callers_flood_leaves_the_others_their_records(clock: Clock) -> None:
    log = Log()
    gate = Denials(log, clock=clock)
    await asyncio.gather(*(gate.append(refusal(f"u-{number % 10 if number % 2 else 1}")) for number in range(400)))
    assert log.count() == 400
    assert {entry["caller"]["subject"] for entry in log.entries if entry["kind"] == "denied"} == {"u-1"}


async def test_all_without_a_token_count_as_one(clock: Clock) -> None:
    log = Log()
    gate = Denials(log, clock=clock)
    await asyncio.gather(*(gate.append(refusal(None, "UNAUTHENTICATED")) for _ in range(150)))
    assert log.entries[-1]["codes"] == {"UNAUTHENTICATED": 50}
    assert "caller" not in log.entries[-1]


async def test_the_next_second_begins_anew(clock: Clock) -> None:
    log = Log()
    gate = Denials(log, clock=clock, per_second=2)
    for _ in range(3):
        await asyncio.gather(*(gate.append(refusal()) for _ in range(2)))
        clock.at += datetime.timedelta(seconds=1)
    assert [entry["kind"] for entry in log.entries] == ["access"] * 6


async def test_no_refusal_leaves_before_its_sum_is_written(clock: Clock) -> None:
    log = Log()
    gate = Denials(log, clock=clock, per_second=0)
    waiting = asyncio.create_task(gate.append(refusal()))
    await asyncio.sleep(0)
    assert not waiting.done()
    await waiting
    assert log.count() == 1


async def test_a_sum_that_cannot_be_written_refuses_all_in_it(clock: Clock) -> None:
    log = Log()
    log.broken = True
    gate = Denials(log, clock=clock, per_second=0)
    refusals = await asyncio.gather(*(gate.append(refusal()) for _ in range(5)), return_exceptions=True)
    assert {type(each) for each in refusals} == {AuditUnavailable}


async def test_a_sum_is_written_when_everybody_has_gone_away(clock: Clock) -> None:
    log = Log()
    gate = Denials(log, clock=clock, per_second=0)
    waiting = [asyncio.create_task(gate.append(refusal())) for _ in range(5)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    await gate.finish()
    assert log.count() == 5


async def test_what_is_refused_unread_is_counted_and_not_waited_for(clock: Clock) -> None:
    log = Log()
    gate = Denials(log, clock=clock)
    for _ in range(1_000):
        gate.count("OVERLOADED")
    assert log.entries == []
    await gate.finish()
    assert [(entry["codes"], "caller" in entry) for entry in log.entries] == [({"OVERLOADED": 1_000}, False)]


async def test_what_the_log_did_not_take_is_in_the_next_sum(clock: Clock) -> None:
    log = Log()
    gate = Denials(log, clock=clock)
    log.broken = True
    gate.count("OVERLOADED")
    await gate.finish()
    log.broken = False
    gate.count("OVERLOADED")
    await gate.finish()
    assert log.count() == 2
