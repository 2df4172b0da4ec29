"""What the parts of the shape stage share: paths, the answer in the making, and the way of a null."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from gateway.errors import ErrorCode, GatewayError
from gateway.plan import Cell
from gateway.rows import Row, Rows, RunState

Trail = tuple[Any, ...]
"""() at the root, else (parent's trail, response key or index)."""
Read = Callable[[Row, Trail, "Shaping"], Any]
Build = Callable[[Sequence[Cell]], Read]
"""Makes the reader of an object from its cells."""
Shaper = Callable[["RunState"], tuple[dict[str, Any] | None, list[GatewayError]]]


class Bubble(Exception):
    """A null in a non-null position on its way up; its error is already recorded."""


class Shaping:
    """One answer in the making: what ran, the errors so far, and what links that were read lead to, by link and key."""

    __slots__ = ("errors", "made", "run")

    def __init__(self, run: RunState) -> None:
        self.run = run
        self.errors: list[GatewayError] = []
        self.made: defaultdict[int, dict[Any, Any]] = defaultdict(dict)

    def fail(self, code: ErrorCode, trail: Trail, **extra: Any) -> None:
        """Records an error at a path."""
        path: list[str | int] = []
        while trail:
            trail, key = trail
            path.append(key)
        self.errors.append(GatewayError(code, path=path[::-1], **extra))


class Found:
    """The rows of one parent, from one branch."""

    __slots__ = ("branch", "key", "result", "rows")

    def __init__(self, branch: int, key: Any, result: Rows, rows: Sequence[Row]) -> None:
        self.branch = branch
        self.key = key
        self.result = result
        self.rows = rows


def items_of(rows: Sequence[tuple[Row, Read]], items_required: bool, trail: Trail, shaping: Shaping) -> list[Any]:
    if items_required:
        return [build(row, (trail, index), shaping) for index, (row, build) in enumerate(rows)]
    items: list[Any] = []
    for index, (row, build) in enumerate(rows):
        try:
            items.append(build(row, (trail, index), shaping))
        except Bubble:
            items.append(None)
    return items
