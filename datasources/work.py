"""One statement that is to be sent, for everybody who waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any

import asyncpg

from datasources.errors import SourceError


class Work:
    """One statement that is to be sent, and who waits for it.

    `keys` is the union of the waiters' keys, in the order they came; None for a statement without
    keys. A waiter is a future with the keys that are its own.
    """

    __slots__ = (
        "key_at",
        "key_width",
        "keys",
        "parameters",
        "places",
        "signature",
        "started",
        "task",
        "text",
        "waiters",
    )

    def __init__(self, signature: Hashable, text: str, parameters: Sequence[Any]) -> None:
        self.signature = signature
        self.text = text
        self.parameters = parameters
        self.keys: dict[Any, None] | None = None
        self.places: Sequence[int] = ()
        self.key_at = 0
        self.key_width = 0
        self.waiters: list[tuple[asyncio.Future[Any], Sequence[Any]]] = []
        self.started = False
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

    def deliver(self, records: list[asyncpg.Record]) -> None:
        """Gives each waiter the rows of its own keys."""
        if self.keys is None:
            for future, _ in self.waiters:
                if not future.done():
                    future.set_result(records)
            return
        grouped: dict[Any, list[asyncpg.Record]] = {}
        at, end = self.key_at, self.key_at + self.key_width
        if self.key_width == 1:
            for record in records:
                grouped.setdefault(record[at], []).append(record)
        else:
            for record in records:
                grouped.setdefault(record[at:end], []).append(record)
        alone = len(self.waiters) == 1
        for future, keys in self.waiters:
            if not future.done():
                future.set_result(grouped if alone else {key: grouped[key] for key in keys if key in grouped})

    def fail(self, error: SourceError) -> None:
        """Tells every waiter."""
        for future, _ in self.waiters:
            if not future.done():
                future.set_exception(error)
