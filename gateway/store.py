"""A bounded memory: what was not used for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """At most `limit` entries, by last use; one that is said to weigh more counts as so many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._weights: dict[K, int] = {}
        """Of those that weigh more than one."""
        self._weight = 0

    def get(self, key: K) -> V | None:
        """The entry, which then counts as just used; None when it is not there."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: K, value: V, weight: int = 1) -> V:
        """Keeps an entry; the least recently used ones go when there are too many."""
        if key in self._entries:
            self._lighten(key)
        self._entries[key] = value
        self._entries.move_to_end(key)
        self._weight += weight
        if weight != 1:
            self._weights[key] = weight
        while self._weight > self._limit:
            oldest, _ = self._entries.popitem(last=False)
            self._lighten(oldest)
        return value

    def drop(self, of: Callable[[K], bool]) -> None:
        """Forgets the entries with such keys."""
        for key in [key for key in self._entries if of(key)]:
            del self._entries[key]
            self._lighten(key)

    def _lighten(self, key: K) -> None:
        """The entry of the key is there no more."""
        self._weight -= self._weights.pop(key, 1)

    def __len__(self) -> int:
        return len(self._entries)
