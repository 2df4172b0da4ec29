"""What is not counted where it happens is looked at: twice a second whether the event loop comes in time, once a second the rest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from gateway.board import Meter, observe
from gateway.families import PLACES, SHORT
from gateway.observe import event

BEAT_SECONDS = 0.5
LOOK_EVERY = 2
"""Beats."""
READY_SECONDS = 5.0
"""Between two looks at whether the databases answer: what a platform does that probes."""

Reading = Callable[[], Iterable[tuple[int, float]]]
"""Gives places of the board, and what is to stand there."""
Readiness = tuple[bool, dict[str, bool], dict[str, bool]]
"""Whether the process is ready, which databases answer, which issuers have keys."""

_LAG = PLACES["tongcha_event_loop_lag_seconds"][()]
_READY = PLACES["tongcha_worker_ready"][()]
_DRAINING = PLACES["tongcha_worker_draining"][()]
_UP = PLACES["tongcha_database_up"]
_WITHOUT_KEYS = PLACES["tongcha_issuers_without_keys"][()]


class Sampler:
    """Looks, for one process, until it is closed."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._gauges: list[Reading] = []
        self._counts: list[Reading] = []
        self._before: dict[int, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def watch(self, gauges: Reading, counts: Reading | None = None, *, from_now: bool = False) -> None:
        """Looks at this too. `counts` are of things that are counted already: what they grow by is added, `from_now` on or
        since the process began.
        """
        self._gauges.append(gauges)
        if counts is not None:
            self._counts.append(counts)
            self._before.update(counts() if from_now else ())

    def open(self, readiness: Callable[[], Awaitable[Readiness]]) -> None:
        """Begins."""
        self._meter.begin()
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._be_ready(readiness))]

    def leave(self) -> None:
        """The process is about to end: who looks is not to wait for the next look of ours."""
        self._meter.set(_DRAINING, 1)
        self._meter.set(_READY, 0)

    async def close(self) -> None:
        """Ends, with a last look."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.look()

    def look(self) -> None:
        """Writes down how everything stands. What cannot be looked at is told of: neither the beat nor the end waits for it."""
        try:
            for reading in self._gauges:
                for place, value in reading():
                    self._meter.set(place, value)
            for reading in self._counts:
                for place, value in reading():
                    self._meter.count(place, value - self._before.get(place, 0.0))
                    self._before[place] = value
        except Exception as error:  # noqa: BLE001
            event(logging.ERROR, "not measured", error=error)

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        beats = 0
        while True:
            due = loop.time() + BEAT_SECONDS
            await asyncio.sleep(BEAT_SECONDS)
            observe(self._meter.cells, _LAG, max(0.0, loop.time() - due), SHORT)
            self._meter.beat()
            beats += 1
            if beats % LOOK_EVERY == 0:
                self.look()

    async def _be_ready(self, readiness: Callable[[], Awaitable[Readiness]]) -> None:
        while True:
            try:
                ready, databases, issuers = await readiness()
            except Exception as error:  # noqa: BLE001
                event(logging.ERROR, "not measured", error=error)
            else:
                self._meter.set(_READY, ready)
                self._meter.set(_WITHOUT_KEYS, sum(not usable for usable in issuers.values()))
                for name, answers in databases.items():
                    if (name,) in _UP:
                        self._meter.set(_UP[name,], answers)
            await asyncio.sleep(READY_SECONDS)
