"""One statement that is to be sent, for everybody who waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Sequence
from contextvars import copy_context
from typing import Any

import asyncpg

from datasources.deadlines import Waiter
from datasources.errors import SourceError
from datasources.urgency import Urgency


class Work:
    """One statement that is to be sent, and who waits for it.

    `keys` is the union of the waiters' keys, in the order they came; None for a statement without
    keys. `callers` are those who wait for its turn, each with a class, and `classes` all of these, until it is `taken`; it is
    `urgent` when an officer waits. `began` is when it was given a connection, 0.0 before. `asked` is when the first came, by
    `time.perf_counter`, and `context` that one's, in which it is sent. `expired`: it was ended for its time. `budget` is the
    seconds that the database gives it.
    """

    __slots__ = (
        "asked",
        "began",
        "budget",
        "callers",
        "classes",
        "context",
        "expired",
        "key_at",
        "key_width",
        "keys",
        "parameters",
        "places",
        "signature",
        "taken",
        "task",
        "text",
        "urgent",
        "waiters",
    )

    def __init__(self, text: str, parameters: Sequence[Any], budget: float) -> None:
        self.asked = time.perf_counter()
        self.budget = budget
        self.context = copy_context()
        self.signature: Hashable = None
        self.text = text
        self.parameters = parameters
        self.keys: dict[Any, None] | None = None
        self.places: Sequence[int] = ()
        self.key_at = 0
        self.key_width = 0
        self.waiters: list[Waiter] = []
        self.callers: set[tuple[Urgency, str]] = set()
        self.classes: tuple[Urgency, ...] = ()
        self.taken = False
        self.urgent = False
        self.began = 0.0
        self.expired = False
        self.task: asyncio.Task[None] | None = None

    def filled(self) -> Sequence[Any]:
        """The parameters with the keys in their places."""
        if self.keys is None:
            return self.parameters
        filled = list(self.parameters)
        if self.key_width == 1:
            filled[self.places[0]] = list(self.keys)
        else:
            for place, column in zip(self.places, zip(*self.keys, strict=True), strict=True):
                filled[place] = list(column)
        return filled

    def wanted(self) -> bool:
        """Whether anybody still waits for it."""
        return any(waiter.waiting for waiter in self.waiters)

    def deliver(self, records: list[asyncpg.Record]) -> None:
        """Gives each waiter the rows of its own keys."""
        if self.keys is None:
            for waiter in self.waiters:
                waiter.give(records)
            return
        grouped = self._grouped(records)
        if len(self.waiters) == 1:
            self.waiters[0].give(grouped)
            return
        for waiter in self.waiters:
            waiter.give({key: grouped[key] for key in waiter.keys if key in grouped})

    def _grouped(self, records: list[asyncpg.Record]) -> dict[Any, list[asyncpg.Record]]:
        grouped: dict[Any, list[asyncpg.Record]] = {}
        at, end = self.key_at, self.key_at + self.key_width
        for record in records:
            key = record[at] if self.key_width == 1 else record[at:end]
            group = grouped.get(key)
            if group is None:
                grouped[key] = [record]
            else:
                group.append(record)
        return grouped

    def fail(self, error: SourceError) -> None:
        """Tells every waiter."""
        for waiter in self.waiters:
            waiter.fail(error)


def signature_of(text: str, parameters: Sequence[Any]) -> Hashable:
    """What two works must have in common to be one. It tells values of different types apart (1, True, 1.0)."""
    kinds = tuple(map(type, parameters))
    if list in kinds or tuple in kinds:
        return (text, _frozen(parameters))
    return (text, kinds, tuple(parameters))


def _frozen(value: Any) -> Hashable:
    """A hashable form of parameters that tells values of different types apart (1, True, 1.0)."""
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    return (type(value), value)
