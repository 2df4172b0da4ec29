"""Syncs keep a distance on a loop that has no time to spare, and only there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from auth.audit.spacing import DISTANCE, ENOUGH, WINDOW, Spacing
from auth.audit.writer import AuditLog
from tests.auth.audit.samples import SMALL, Unsynced, entry, verified


def paused(busy: float, elapsed: float) -> float:
    """The pause after `elapsed` seconds, by the share of the time before that the thread was busy."""
    spacing, at, used = Spacing(), 100.0, 50.0
    for _ in range(3):
        at, used = at + WINDOW, used + busy * WINDOW
        spacing.pause_at(at, used)
    return spacing.pause_at(at + elapsed, used + busy * elapsed)


@pytest.mark.parametrize(
    ("busy", "elapsed", "pause"),
    [
        pytest.param(0.0, 0.001, 0.0, id="idle"),
        pytest.param(0.7, 0.001, 0.0, id="at work"),
        pytest.param(1.0, 0.001, DISTANCE - 0.001, id="busy"),
        pytest.param(1.0, DISTANCE + 0.001, 0.0, id="busy, long ago"),
    ],
)
def test_a_sync_waits_on_a_busy_loop_only(busy: float, elapsed: float, pause: float) -> None:
    assert paused(busy, elapsed) == pytest.approx(pause)


def test_the_first_sync_waits_for_nothing() -> None:
    assert Spacing().pause() == 0.0


def test_a_loop_that_was_idle_for_long_is_not_busy() -> None:
    spacing = Spacing()
    spacing.pause_at(1.0, 1.0)
    spacing.pause_at(2.0, 2.0)
    spacing.pause_at(100.0, 2.1)
    assert spacing.pause_at(100.001, 2.1) == 0.0


class Never(Spacing):
    """Lets no sync begin, but for those that do not ask."""

    def pause(self) -> float:
        return 0.001


async def slow(directory: Path) -> AuditLog:
    return AuditLog(directory, limits=SMALL, files=Unsynced(), spacing=Never())


async def test_enough_records_ask_no_longer(tmp_path: Path) -> None:
    log = await slow(tmp_path)
    receipts = await asyncio.gather(*(log.append(entry(number)) for number in range(ENOUGH)))
    assert [receipt.sequence for receipt in receipts] == list(range(2, 2 + ENOUGH))
    await log.close()


async def test_what_still_collects_at_the_end_is_written(tmp_path: Path) -> None:
    log = await slow(tmp_path)
    waiting = [asyncio.create_task(log.append(entry(number))) for number in range(3)]
    await asyncio.sleep(0.02)
    assert not any(task.done() for task in waiting)
    await log.close()
    assert [(await task).sequence for task in waiting] == [2, 3, 4]
    assert verified(tmp_path).count == 4
