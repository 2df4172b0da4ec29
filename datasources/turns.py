"""Whose statement goes next when a database is busy.

**Classes.** Of a hundred turns officers have sixty, partners thirty and batches ten; what a class does not use, the others have. A
class has so many places to wait, and who finds none is told at once.

**Callers.** Within a class everybody who waits has a turn, one statement each, and then again: whoever asks for much waits
behind themselves and not in front of the others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextvars import ContextVar

from datasources.urgency import URGENCY, Urgency
from datasources.work import Work

ON_BEHALF: ContextVar[str] = ContextVar("on_behalf", default="")
"""Of whom statements are sent: a caller. Set once per request."""

SHARES: Mapping[Urgency, int] = {"officer": 60, "partner": 30, "batch": 10}
"""Of a hundred turns, the most urgent class first."""


class Turns:
    """The works that wait, by class and by who waits for them. One that several wait for goes with the first turn of any of them.

    `room` is how many of a class may wait.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self.count = self.others = 0
        """How often a class waits for a work, and how often one that is not the officers'."""
        self._classes = {urgency: _Class(share) for urgency, share in SHARES.items()}
        self._officers = self._classes["officer"]

    def add(self, work: Work) -> bool:
        """Lets the caller wait for a work; a second time changes nothing. False when the class has no place left."""
        caller, urgency = ON_BEHALF.get(), URGENCY.get()
        if (urgency, caller) in work.callers:
            return True
        kind = self._classes[urgency]
        if urgency not in work.classes:
            if kind.count >= self._room:
                return False
            kind.count += 1
            self.count += 1
            self.others += urgency != "officer"
            work.classes += (urgency,)
        work.callers.add((urgency, caller))
        kind.add(caller, work)
        return True

    def take(self, *, partners: bool = True, batches: bool = True) -> Work | None:
        """The work whose turn it is, if there is one, of the officers and of those who may. Its caller's next turn comes after
        all others' of its class.
        """
        best = self._next_class(partners=partners, batches=batches) if self.others else self._officers
        if best is None or not best.count:
            return None
        work = best.take()
        self.leave(work)
        return work

    def _next_class(self, *, partners: bool, batches: bool) -> _Class | None:
        best: _Class | None = None
        total = 0
        for urgency, kind in self._classes.items():
            if not kind.count or (urgency == "partner" and not partners) or (urgency == "batch" and not batches):
                continue
            total += kind.share
            kind.credit += kind.share
            if best is None or kind.credit > best.credit:
                best = kind
        if best is not None:
            best.credit -= total
        return best

    def leave(self, work: Work) -> None:
        """Gives up the places of a work that is taken, or that nobody waits for any more."""
        if not work.taken:
            work.taken = True
            for urgency in work.classes:
                kind = self._classes[urgency]
                kind.count -= 1
                self.count -= 1
                self.others -= urgency != "officer"
                if not kind.count:
                    kind.clear()

    def waiting(self) -> dict[str, int]:
        """How many works wait, by class."""
        return {urgency: kind.count for urgency, kind in self._classes.items()}


class _Class:
    """The callers of one class in the order of their turns. `count` is how many works wait; `credit` is what it has not used."""

    __slots__ = ("_waiting", "count", "credit", "share")

    def __init__(self, share: int) -> None:
        self.share = share
        self.credit = 0
        self.count = 0
        self._waiting: dict[str, deque[Work]] = {}

    def add(self, caller: str, work: Work) -> None:
        waiting = self._waiting.get(caller)
        if waiting is None:
            self._waiting[caller] = deque((work,))
        else:
            waiting.append(work)

    def take(self) -> Work:
        """The work whose turn it is; there is one."""
        while True:
            caller = next(iter(self._waiting))
            waiting = self._waiting.pop(caller)
            while waiting:
                work = waiting.popleft()
                if not work.taken:  # else it went with another's turn
                    if waiting:
                        self._waiting[caller] = waiting
                    return work

    def clear(self) -> None:
        """Nobody waits: what is left are works that went with other turns."""
        self.credit = 0
        self._waiting.clear()
