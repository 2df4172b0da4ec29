"""The way of one request through the gateway, as those see it who look from outside: which stage took how long, who asked,
what became of it. Whoever has done a stage says so; where nobody looks that is one look at a context variable.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.spans import Recording

STAGES = (
    "token",
    "body",
    "document",
    "standing",
    "bind",
    "run",
    "shape",
    "budget",
    "record",
    "leave",
    "send",
)
"""In their order: the token is checked, the body read, the document and its variables too, the caller's standing found, the plan
made and bound, its statements sent, the answer shaped, counted against the budgets, recorded, held until it may leave, and sent.
Where one refuses the request, what it took counts to the next that is done.
"""

NOBODY = "nobody"
"""The kind of whoever was not let in."""
GONE = "gone"
"""What became of a request whose client went away."""


class Passage:
    """One request. `spent` are seconds by stage, where it is `timed`; `status` is 0 until an answer goes out."""

    __slots__ = ("at", "begun", "codes", "kind", "recording", "spent", "status", "streams", "timed")

    def __init__(self, *, timed: bool = True, recording: Recording | None = None) -> None:
        self.begun = self.at = time.perf_counter()
        self.spent: dict[str, float] = {}
        self.kind = NOBODY
        self.codes: frozenset[str] = frozenset()
        self.status = 0
        self.streams = False
        """It stays open, and says nothing of how long anything takes."""
        self.timed = timed
        self.recording = recording

    def end(self) -> None:
        """The last byte is sent."""
        if self.timed and not self.streams:
            self.passed("send")
        self.at = time.perf_counter()

    def passed(self, stage: str) -> None:
        """The stage is done."""
        now = time.perf_counter()
        self.spent[stage] = self.spent.get(stage, 0.0) + now - self.at
        if self.recording is not None:
            self.recording.stage(stage, self.at, now)
        self.at = now


PASSAGE: ContextVar[Passage | None] = ContextVar("passage", default=None)
"""That of the request at hand, where somebody looks."""


def passed(stage: str) -> None:
    """The request at hand has done a stage."""
    if (passage := PASSAGE.get()) is not None and passage.timed:
        passage.passed(stage)


def asked_by(kind: str) -> None:
    """Who asks is known."""
    if (passage := PASSAGE.get()) is not None:
        passage.kind = kind


def went_wrong(codes: Iterable[str]) -> None:
    """The answer has errors of these codes."""
    if (passage := PASSAGE.get()) is not None:
        passage.codes = frozenset(codes)


def streams() -> None:
    """What follows is a stream: what it does later is no part of the request that began it."""
    if (passage := PASSAGE.get()) is not None:
        passage.streams = True
        PASSAGE.set(None)
