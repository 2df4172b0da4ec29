"""aiodataloader for the field-by-field engine: keys that are asked for in one turn go out as one batch."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any

from aiodataloader import DataLoader

Batch = Callable[[Sequence[Hashable]], Awaitable[Mapping[Any, Any]]]


class KeyedLoader(DataLoader[Any, Any]):
    """A loader over a function from keys to a mapping by key; a key that is not in it gets `missing`.

    Lives for one request: no row outlives it, no caller sees another's.
    """

    def __init__(self, batch: Batch, missing: Any) -> None:
        super().__init__()
        self._batch = batch
        self._missing = missing

    async def batch_load_fn(self, keys: list[Any]) -> list[Any]:
        """Called by aiodataloader with the distinct keys of one turn, in order."""
        found = await self._batch(keys)
        return [found.get(key, self._missing) for key in keys]
