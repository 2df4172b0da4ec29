"""Pages of lists that a resolver of its own makes: how many are asked for, where a page stands, and its sealed cursors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from resolvers.errors import BadInput

MAX_FIRST = 200
"""No page has more items."""

Row = Mapping[str, Any]
Sort = TypeVar("Sort")


class Sealing(Protocol):
    """What seals cursors."""

    def close(self, purpose: str, scope: str, values: Sequence[Any]) -> str:
        """The sealed text of JSON values."""
        ...

    def open(self, purpose: str, scope: str, text: str) -> list[Any]:
        """The values of a sealed text; ValueError."""
        ...


def counted(first: int | None, default: int) -> int:
    """How many items a page has at the most. Raises BadInput."""
    count = default if first is None else first
    if not 1 <= count <= MAX_FIRST:
        raise BadInput("first")
    return count


def opened(cursor: str | None, seal: Sealing, coordinate: str, read: Callable[[Sequence[Any]], Sort]) -> Sort | None:
    """The sort values that a cursor holds; None without one. Raises BadInput."""
    if cursor is None:
        return None
    try:
        return read(seal.open("cursor", coordinate, cursor))
    except (ValueError, TypeError) as error:
        raise BadInput("after") from error


@dataclass(frozen=True, kw_only=True)
class Place:
    """A page as the members of ``PageInfo`` read it; `sort` gives the sort values of an item, as JSON has them."""

    items: Sequence[Row]
    more: bool
    seal: Sealing
    coordinate: str
    sort: Callable[[Row], Sequence[Any]]

    def cursor(self, row: Row) -> str:
        """The cursor of an item."""
        return self.seal.close("cursor", self.coordinate, list(self.sort(row)))
