"""The numbers as Prometheus reads them (text format 0.0.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gateway.board import Board
from gateway.families import FAMILIES, PLACES, Across, Family, Kind

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(board: Board) -> str:
    """All that is known now."""
    return "".join(line + "\n" for family in FAMILIES for line in _lines(board, family))


def _lines(board: Board, family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.told}"
    yield f"# TYPE {family.name} {family.kind.value}"
    for values, place in PLACES[family.name].items():
        labels = dict(zip(family.labels, values, strict=True))
        if family.kind is Kind.HISTOGRAM:
            yield from _histogram(family, labels, board.cells(place, family.width))
        elif family.across in {Across.EACH, Across.AGE}:
            for worker, value in board.each(family, values):
                yield _line(family.name, {**labels, "worker": str(worker)}, value)
        elif family.kind is Kind.COUNTER:
            yield _line(family.name, labels, board.cells(place, 1)[0])
        elif said := [value for _, value in board.each(family, values)]:
            yield _line(family.name, labels, _TOGETHER[family.across](said))


_TOGETHER: dict[Across, Callable[[list[float]], float]] = {Across.SUM: sum, Across.LEAST: min, Across.MOST: max}


def _histogram(family: Family, labels: dict[str, str], cells: list[float]) -> Iterator[str]:
    count = 0.0
    for bound, cell in zip((*map(_number, family.bounds), "+Inf"), cells, strict=False):
        count += cell
        yield _line(f"{family.name}_bucket", {**labels, "le": bound}, count)
    yield _line(f"{family.name}_sum", labels, cells[-1])
    yield _line(f"{family.name}_count", labels, count)


def _line(name: str, labels: dict[str, str], value: float) -> str:
    said = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return f"{name}{{{said}}} {_number(value)}" if said else f"{name} {_number(value)}"


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
