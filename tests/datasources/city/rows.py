"""Tables of the small city, generated when asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from datasources.city.feeds import table_rows
from datasources.city.sizes import SEED, S


class Rows:
    """One table of the small city."""

    def __init__(self, table: str, columns: tuple[str, ...]) -> None:
        self.table = table
        self.columns = columns

    @cached_property
    def tuples(self) -> list[tuple[Any, ...]]:
        return list(table_rows(self.table, S, SEED))

    @cached_property
    def dicts(self) -> list[dict[str, Any]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.tuples]

    def column(self, name: str) -> list[Any]:
        place = self.columns.index(name)
        return [row[place] for row in self.tuples]

    def where(self, **wanted: Any) -> list[dict[str, Any]]:
        places = [(self.columns.index(name), value) for name, value in wanted.items()]
        return [
            dict(zip(self.columns, row, strict=True))
            for row in self.tuples
            if all(row[place] == value for place, value in places)
        ]

    def only(self, **wanted: Any) -> dict[str, Any]:
        (found,) = self.where(**wanted)
        return found


City = Mapping[str, Rows]
