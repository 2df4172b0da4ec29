"""Group commit, and F-16 to F-19 as those who wait see them."""

from __future__ import annotations

import asyncio
import dataclasses
import errno
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from auth.audit.digests import sha256
from auth.audit.lock import AuditLocked
from auth.audit.reader import records
from auth.audit.record import Encoded, SubjectLine
from auth.audit.terms import AuditUnavailable, Limits, State
from auth.audit.writer import SLOTS, AuditLog
from tests.auth.audit.samples import ENTRY, SMALL, WIDE, Unsynced, entry, verified


class Gate(Unsynced):
    """Syncs when the test lets it, and counts."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.opened.set()
        self.syncs = 0
        self.failing = 0

    def sync(self, descriptor: int) -> None:
        self.syncs += 1
        assert self.opened.wait(10)
        if self.failing:
            self.failing -= 1
            raise OSError(errno.EIO, "broken")


@pytest.fixture
async def gate() -> Gate:
    return Gate()


@pytest.fixture
async def log(tmp_path: Path, gate: Gate) -> AsyncIterator[AuditLog]:
    log = AuditLog(tmp_path, limits=dataclasses.replace(SMALL, segment_bytes=1 << 20, waiting=64), files=gate)
    yield log
    gate.opened.set()
    await log.close()


async def test_many_records_share_a_sync(log: AuditLog, gate: Gate, tmp_path: Path) -> None:
    before = gate.syncs
    receipts = await asyncio.gather(*(log.append(entry(number)) for number in range(60)))
    assert gate.syncs - before < 5
    assert [receipt.sequence for receipt in receipts] == list(range(2, 62))
    assert {(record.sequence, record.hash) for record in records(tmp_path, after=1)} == set(receipts)


async def test_nobody_hears_before_the_sync(log: AuditLog, gate: Gate) -> None:
    gate.opened.clear()
    waiting = [asyncio.create_task(log.append(entry(number))) for number in range(10)]
    await asyncio.sleep(0.02)
    assert not any(task.done() for task in waiting)
    assert log.snapshot.head.sequence == 1
    gate.opened.set()
    assert len(await asyncio.gather(*waiting)) == 10


async def test_what_comes_during_a_sync_makes_the_next_batch(log: AuditLog, gate: Gate) -> None:
    gate.opened.clear()
    before = gate.syncs
    waiting = [asyncio.create_task(log.append(entry(0)))]
    await asyncio.sleep(0.02)
    waiting += [asyncio.create_task(log.append(entry(number))) for number in range(30)]
    await asyncio.sleep(0.02)
    gate.opened.set()
    await asyncio.gather(*waiting)
    assert gate.syncs - before == 2


async def test_only_so_many_are_on_their_way(log: AuditLog, gate: Gate) -> None:
    gate.opened.clear()
    waiting = [asyncio.create_task(log.append(entry(number))) for number in range(200)]
    await asyncio.sleep(0.02)
    assert len(log._waiting) < 64  # one batch is with the disk, the rest of the 64 wait here, 136 before the door
    gate.opened.set()
    assert sorted(receipt.sequence for receipt in await asyncio.gather(*waiting)) == list(range(2, 202))


async def test_an_error_is_survived_without_anybody_noticing(log: AuditLog, gate: Gate, tmp_path: Path) -> None:
    gate.failing = 1
    receipts = await asyncio.gather(*(log.append(entry(number)) for number in range(10)))
    written = {record.sequence: record.hash for record in records(tmp_path)}
    assert all(written[receipt.sequence] == receipt.hash for receipt in receipts)
    assert log.state is State.NORMAL


async def test_everybody_is_refused_when_the_disk_takes_nothing(log: AuditLog, gate: Gate) -> None:
    gate.failing = 6  # the first goes alone, what comes meanwhile makes a batch: both try three times
    refusals = await asyncio.gather(*(log.append(entry(number)) for number in range(10)), return_exceptions=True)
    assert {type(refusal) for refusal in refusals} == {AuditUnavailable}
    assert len({id(refusal) for refusal in refusals}) == 10
    assert log.state is State.UNAVAILABLE
    assert (await log.append(entry(11))).sequence > 1


async def test_a_fault_of_ours_refuses_and_is_over(log: AuditLog, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("auth.audit.segments.link", lambda *_: 1 / 0)
        with pytest.raises(AuditUnavailable):
            await log.append(entry(1))
    assert (await log.append(entry(2))).sequence == 2


async def test_who_goes_away_disturbs_nobody(log: AuditLog, gate: Gate, tmp_path: Path) -> None:
    gate.opened.clear()
    waiting = [asyncio.create_task(log.append(entry(number))) for number in range(10)]
    await asyncio.sleep(0.02)
    for task in waiting[::2]:
        task.cancel()
    gate.opened.set()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(each, asyncio.CancelledError) for each in done] == [True, False] * 5
    assert verified(tmp_path).count == 11


class Odd:
    """What cannot be written down."""

    def __init__(self, encoded: Any) -> None:
        self._encoded = encoded

    def encode(self, digest: object) -> Encoded:
        if isinstance(self._encoded, Exception):
            raise self._encoded
        assert isinstance(self._encoded, Encoded)
        return self._encoded


@pytest.mark.parametrize(
    "odd",
    [
        Odd(Encoded(b'"' + b"x" * (1 << 20) + b'"', b"[]")),
        Odd(TypeError("no JSON")),
        dataclasses.replace(ENTRY, subjects=tuple(SubjectLine(f"{n:032x}", "Person") for n in range(20_000))),
        dataclasses.replace(ENTRY, code="\ud800"),
    ],
    ids=["too large", "no JSON", "too many subjects", "half a character"],
)
async def test_what_cannot_be_written_down_is_refused(log: AuditLog, odd: Any) -> None:
    with pytest.raises(AuditUnavailable):
        await log.append(odd)
    assert (await log.append(entry(1))).sequence == 2


async def test_a_list_of_two_hundred_persons_is_one_record(log: AuditLog, tmp_path: Path) -> None:
    subjects = tuple(SubjectLine(f"{number:032x}", "Person") for number in range(200))
    receipt = await log.append(dataclasses.replace(ENTRY, subjects=subjects))
    (record,) = records(tmp_path, after=1)
    assert (record.sequence, len(record.subjects), record.entry["subjects"]["count"]) == (receipt.sequence, 200, 200)
    assert verified(tmp_path).count == 2


async def test_closing_writes_what_waits_and_then_nothing(tmp_path: Path) -> None:
    log = AuditLog(tmp_path, limits=SMALL, files=Unsynced())
    waiting = [asyncio.create_task(log.append(entry(number))) for number in range(50)]
    await asyncio.sleep(0)
    await log.close()
    await log.close()
    assert len(await asyncio.gather(*waiting)) == 50
    with pytest.raises(AuditUnavailable):
        await log.append(entry(1))
    assert verified(tmp_path).count > 50


async def test_two_writers_do_not_share_a_directory(tmp_path: Path) -> None:
    limits = Limits(reserve_bytes=4096)
    first = AuditLog.claim(tmp_path, limits=limits, files=Unsynced())
    second = AuditLog.claim(tmp_path, limits=limits, files=Unsynced())
    assert [first.directory.name, second.directory.name] == ["0", "1"]
    with pytest.raises(AuditLocked):
        AuditLog(first.directory, limits=limits)
    await first.close()
    third = AuditLog.claim(tmp_path, limits=limits, files=Unsynced())
    assert third.directory == first.directory
    await second.close()
    await third.close()


async def test_who_has_a_number_takes_that_directory_or_the_next_free_one(tmp_path: Path) -> None:
    limits = Limits(reserve_bytes=4096)
    logs = [
        AuditLog.claim(tmp_path, first=first, limits=limits, files=Unsynced()) for first in (2, 2, SLOTS - 1, SLOTS - 1)
    ]
    assert [log.directory.name for log in logs] == ["2", "3", str(SLOTS - 1), "0"]
    for log in logs:
        await log.close()


async def test_the_digest_is_configured(tmp_path: Path) -> None:
    log = AuditLog(tmp_path, digest="sm3", limits=SMALL, files=Unsynced())
    await log.append(entry(2))
    await log.close()
    assert verified(tmp_path).digest == "sm3"
    with pytest.raises(KeyError):
        AuditLog(tmp_path, digest="md5")
    assert ENTRY.encode(sha256).entry


class Slow(Unsynced):
    """A disk that takes its time to sync."""

    SECONDS = 0.05

    def sync(self, descriptor: int) -> None:
        time.sleep(self.SECONDS)


async def test_f16_with_a_slow_disk_more_records_share_a_sync(
    tmp_path: Path, figure: Callable[[str, float], None]
) -> None:
    """Who comes waits for the sync that is under way and for one more."""
    log = AuditLog(tmp_path, limits=WIDE, files=Slow())
    waits: list[float] = []

    async def client(number: int) -> None:
        for _ in range(10):
            began = time.perf_counter()
            receipt = await log.append(entry(number))
            waits.append(time.perf_counter() - began)
            assert log.snapshot.head.sequence >= receipt.sequence

    await asyncio.gather(*(client(number) for number in range(200)))
    await log.close()
    figure("p99, in syncs", sorted(waits)[int(len(waits) * 0.99)] / Slow.SECONDS)
    assert verified(tmp_path).count == 2001
