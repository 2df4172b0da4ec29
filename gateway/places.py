"""Who is in flight: a limit of places, divided among those who wait differently, and lent where it is not used.

    officer 60 %    partner 30 %    batch 10 %

One person has no more than so many of them: people ask one thing, or a page of things, at a time, and the class of all who wait
for an answer must not be one's own. A system is not held to that: it asks for many.

Whoever is within their own share always gets in. Whoever is beyond it gets in where there is room, less what the others have used
of their shares in the last window. What was lent is not taken back, but comes back by itself within the time of a request: until then
there are more in flight than the limit says.
"""

from __future__ import annotations

from collections.abc import Mapping

from datasources.urgency import Urgency

SHARES: Mapping[Urgency, float] = {"officer": 0.6, "partner": 0.3, "batch": 0.1}


class Places:
    """The places of one process."""

    def __init__(self, person: int) -> None:
        """`person` is how many one person may have."""
        self._person = person
        self._persons: dict[str, int] = {}
        self.taken: dict[Urgency, int] = dict.fromkeys(SHARES, 0)
        self.total = 0
        self.shed: frozenset[Urgency] = frozenset()
        """Who gets none at the moment, whatever is free."""
        self._used: dict[Urgency, int] = dict.fromkeys(SHARES, 0)
        """The most that were taken in the window before this one."""
        self._most: dict[Urgency, int] = dict.fromkeys(SHARES, 0)

    def has_room(self, urgency: Urgency, limit: int) -> bool:
        """Whether one more gets in under this limit."""
        if urgency in self.shed:
            return False
        if self.taken[urgency] < SHARES[urgency] * limit:
            return True
        self._most[urgency] = limit  # who is sent away would have used more than it has
        return self.total + self._reserved(urgency, limit) < limit

    def has_enough(self, person: str) -> bool:
        """Whether this person has as many as one may have; "" is nobody in particular."""
        return self._persons.get(person, 0) >= self._person

    def _reserved(self, borrower: Urgency, limit: int) -> float:
        """Places of the others that they will want: those of their shares that they had lately and do not have now."""
        reserved = 0.0
        for urgency, share in SHARES.items():
            if urgency != borrower:
                wanted = min(share * limit, max(self._used[urgency], self._most[urgency]))
                reserved += max(0.0, wanted - self.taken[urgency])
        return reserved

    def take(self, urgency: Urgency, person: str = "") -> None:
        """One more is in flight."""
        if person:
            self._persons[person] = self._persons.get(person, 0) + 1
        self.total += 1
        self.taken[urgency] = taken = self.taken[urgency] + 1
        self._most[urgency] = max(self._most[urgency], taken)

    def give_back(self, urgency: Urgency, person: str = "") -> None:
        """One is not in flight any more."""
        if person:
            left = self._persons.pop(person) - 1
            if left:
                self._persons[person] = left
        self.total -= 1
        self.taken[urgency] -= 1

    def turn(self) -> None:
        """A window has ended."""
        self._used, self._most = self._most, dict(self.taken)
