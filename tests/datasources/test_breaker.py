"""Whether a database is asked at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from datasources import breaker as breaking
from datasources.breaker import IN_A_ROW, Breaker
from tests.datasources.soon import soon


class Source:
    """A database of which it is only known whether it answers. `words` are what its breaker was told: g is good, b is bad."""

    def __init__(self) -> None:
        self.answers = False
        self.probes = self.at_once = self.most = self.shed = 0
        self.breaker = Breaker("shelf", self.probe, self.opened)

    async def probe(self) -> None:
        self.probes += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0.01)
        self.at_once -= 1
        if not self.answers:
            raise ConnectionError

    def opened(self) -> None:
        self.shed += 1

    def tell(self, words: str) -> str:
        for word in words:
            (self.breaker.good if word == "g" else self.breaker.bad)()
        return self.breaker.state

    async def until(self, state: str) -> None:
        await soon(lambda: self.breaker.state == state)


@pytest.fixture
async def source(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Source]:
    monkeypatch.setattr(breaking, "PAUSE", 0.02)
    monkeypatch.setattr(breaking, "BREATH", 0.005)
    made = Source()
    yield made
    made.breaker.close()


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("bbbb", "closed"),
        ("bbbbb", "open"),
        ("bbbbgbbbb", "closed"),
        ("bg" * 9, "closed"),
        ("bg" * 9 + "b", "open"),
        ("bggg" * 50, "closed"),
        ("g" * 100, "closed"),
    ],
)
async def test_it_opens_after_five_in_a_row_or_half_of_the_last_twenty(source: Source, words: str, state: str) -> None:
    assert source.tell(words) == state


async def test_it_is_looked_after_by_one_at_a_time_until_it_answers(source: Source) -> None:
    source.tell("bbbbb")
    await soon(lambda: source.probes >= 3)
    assert source.tell("bbbbbbbbbb") != "closed"
    source.answers = True
    await source.until("closed")
    assert (source.most, source.shed) == (1, 1)
    probes = source.probes
    await asyncio.sleep(0.05)
    assert source.probes == probes


async def test_every_change_is_counted(source: Source) -> None:
    source.answers = True
    source.tell("bbbbb")
    await source.until("closed")
    assert source.breaker.transitions == 3


@pytest.mark.parametrize(
    ("words", "state"), [("b", "open"), ("gb", "closed"), ("g" * 30 + "b" * (IN_A_ROW - 1), "closed")]
)
async def test_who_has_answered_the_probe_is_on_trial(source: Source, words: str, state: str) -> None:
    source.answers = True
    source.tell("bbbbb")
    await source.until("closed")
    assert source.tell(words) == state
