"""What is asked of a busy database, until it is its turn: what is alike collects, and goes as one.

One connection is left to officers: batches never take it, partners only while no officer has asked for a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from datasources.errors import SourceBusy, SourceUnavailable
from datasources.pool import Pool
from datasources.turns import ON_BEHALF, Turns
from datasources.urgency import URGENCY, Urgency
from datasources.work import Work

QUIET = 1.0
"""Seconds without an officer after which partners may have every connection."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many seconds a partner's statement and a batch's wait for their turn, and how many works of a class (`room`).

    Officers wait as long as they have.
    """

    partner: float = 0.3
    batch: float = 0.1
    room: int = 500


WAITING = Waiting()


class Queue:
    """The works that wait for the connections of a pool. `start` gets each when there is one for it."""

    def __init__(self, name: str, pool: Pool, start: Callable[[Work], None], waiting: Waiting = WAITING) -> None:
        self.turns = Turns(waiting.room)
        self._name = name
        self._pool = pool
        self._start = start
        self._waiting = waiting
        self._joinable: dict[Hashable, Work] = {}
        self._others = 0
        self._officers = self._officers_before = 0
        self._quiet_since = 0.0
        pool.freed = self.next

    def joined(self, signature: Hashable, room: Callable[[Work], bool]) -> Work | None:
        """The work that asks the same, was not sent yet and has room, if there is one; where it waits, it may now go with this
        caller's turn too.
        """
        work = self._joinable.get(signature)
        if work is None or not room(work):
            return None
        if not work.taken:
            self.turns.add(work)  # where its class has no place left, it goes with the turn of those who wait
            if not work.urgent and URGENCY.get() == "officer":
                self._count_officer()
                work.urgent = True
        return work

    def submit(self, work: Work, signature: Hashable = None) -> None:
        """Starts the work when a connection is free or may be opened, else it waits. With a signature others may join until it is
        sent. Raises SourceBusy.
        """
        urgency = URGENCY.get()
        if urgency == "officer":
            self._count_officer()
            work.urgent = True
        if self._pool.has_room() and (work.urgent or self._is_left(urgency)):
            work.taken = True
            self._begin(work)
        elif not self.turns.add(work):
            raise SourceBusy(self._name)
        if signature is not None:
            work.signature = signature
            self._joinable[signature] = work

    def waits(self, until: float) -> float:
        """Until when this caller waits for a turn; `until` is when all its time is over."""
        urgency = URGENCY.get()
        if urgency == "officer":
            return until
        return min(until, time.monotonic() + (self._waiting.partner if urgency == "partner" else self._waiting.batch))

    def next(self) -> None:
        """A connection is free, or there may be one more: the work goes whose turn it is."""
        turns = self.turns
        while turns.count and self._pool.has_room():
            others = turns.others > 0
            work = turns.take(partners=others and self._is_left("partner"), batches=others and self._is_left("batch"))
            if work is None:
                return
            if work.wanted():
                self._begin(work)
            else:
                self.close(work)

    def over(self, work: Work) -> None:
        """A work that was started needs its connection no longer."""
        self._others -= not work.urgent

    def leave(self, work: Work) -> None:
        """Nobody waits for the work any more."""
        self.turns.leave(work)
        self.close(work)

    def close(self, work: Work) -> None:
        """No others may join."""
        if work.signature is not None and self._joinable.get(work.signature) is work:
            del self._joinable[work.signature]

    def shed(self) -> None:
        """There is no database to ask: whoever waits for a turn need not."""
        while (work := self.turns.take()) is not None:
            self.close(work)
            work.fail(SourceUnavailable(self._name))

    def _count_officer(self) -> None:
        """What the gateway asks for itself is as urgent, and no sign that an officer is there."""
        self._officers += bool(ON_BEHALF.get())

    def _begin(self, work: Work) -> None:
        self._others += not work.urgent
        self._start(work)

    def _is_left(self, urgency: Urgency) -> bool:
        """Whether there is a connection for a class other than the officers'."""
        if self._others < max(1, self._pool.limit - 1):
            return True
        now = time.monotonic()
        if self._officers != self._officers_before:
            self._officers_before, self._quiet_since = self._officers, now
        return urgency == "partner" and now - self._quiet_since >= QUIET
