"""What a process does as its memory runs short. F-32 is a case of the catalogue."""

from __future__ import annotations

import logging

import pytest

from gateway.memory import FIRST_SECONDS, Memory, resident
from gateway.places import Places

LIMIT = 1_000


@pytest.mark.parametrize(
    ("used", "shed", "asks"),
    [
        (0, set(), 0),
        (799, set(), 0),
        (800, {"batch"}, 0),
        (900, {"batch", "partner"}, 0),
        (1_000, {"batch", "partner"}, 1),
        (2_000, {"batch", "partner"}, 1),
    ],
)
def test_f32_the_less_is_left_the_less_is_let_in(used: int, shed: set[str], asks: int) -> None:
    asked: list[bool] = []
    places = Places(32)
    Memory(LIMIT, places, lambda: asked.append(True), lambda: used).look(FIRST_SECONDS)
    assert (set(places.shed), len(asked)) == (shed, asks)


def test_a_process_that_has_just_begun_does_not_ask_for_another() -> None:
    asked: list[bool] = []
    Memory(LIMIT, Places(32), lambda: asked.append(True), lambda: LIMIT).look(FIRST_SECONDS - 1)
    assert asked == []


def test_when_there_is_room_again_all_are_let_in(caplog: pytest.LogCaptureFixture) -> None:
    places, used = Places(32), [850, 850, 100]
    memory = Memory(LIMIT, places, None, lambda: used.pop(0))
    with caplog.at_level(logging.INFO, "tongcha"):
        for _ in range(3):
            memory.look(1)
    assert places.shed == frozenset()
    assert [record.message for record in caplog.records] == ["memory", "memory"]


async def test_without_a_limit_nothing_is_looked_at() -> None:
    memory = Memory(0, Places(32), None, lambda: 1 // 0)
    memory.start()
    await memory.close()


def test_what_a_process_has_is_known() -> None:
    assert resident() > 1 << 20
