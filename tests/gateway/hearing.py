"""A database that keeps what it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasources.database import Database, Grouped


class Heard(Database):
    """Another database, with every statement's text added to `log` before it is sent."""

    behind = 0.0

    def __init__(self, inner: Database, log: list[str]) -> None:
        self.name = inner.name
        self.log = log
        self._inner = inner

    async def rows(self, text: str, parameters: Sequence[Any], *, budget: float | None = None) -> list[Any]:
        self.log.append(text)
        return await self._inner.rows(text, parameters, budget=budget)

    async def keyed(
        self, text: str, keys: Sequence[Any], parameters: Sequence[Any], places: Sequence[int], *, key_at: int
    ) -> Grouped:
        self.log.append(text)
        return await self._inner.keyed(text, keys, parameters, places, key_at=key_at)
