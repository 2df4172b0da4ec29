"""Whose statement goes next when a database is busy: everybody who waits has a turn, one statement each, and then again.

Whoever asks for much waits behind themselves and not in front of the others.
"""

from __future__ import annotations

from collections import deque
from contextvars import ContextVar

from datasources.work import Work

ON_BEHALF: ContextVar[str] = ContextVar("on_behalf", default="")
"""Of whom statements are sent: a caller. Set once per request."""


class Turns:
    """The works that wait, by who waits for them, in the order of their turns. One that several wait for goes with the first of them."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Work]] = {}

    def add(self, work: Work) -> None:
        """Lets the caller wait for a work; a second time changes nothing."""
        caller = ON_BEHALF.get()
        if caller in work.callers:
            return
        work.callers.add(caller)
        waiting = self._waiting.get(caller)
        if waiting is None:
            self._waiting[caller] = deque((work,))
        else:
            waiting.append(work)

    def count(self) -> int:
        """How many works wait, one that several wait for as often."""
        return sum(map(len, self._waiting.values()))

    def take(self) -> Work | None:
        """The work whose turn it is, if there is one. Its caller's next turn comes after all others'."""
        while self._waiting:
            caller = next(iter(self._waiting))
            waiting = self._waiting.pop(caller)
            while waiting:
                work = waiting.popleft()
                if not work.taken:  # else it went with another caller's turn
                    work.taken = True
                    if waiting:
                        self._waiting[caller] = waiting
                    return work
        return None
