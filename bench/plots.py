"""Bars and lines as SVG: no more than the report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, LABELS, ROW, MARGIN = 720, 260, 26, 40
HEIGHT = 320
COLOURS = ("#b3261e", "#1f6feb", "#2da44e", "#8250df", "#bf8700", "#57606a")
Points = Sequence[tuple[float, float]]


def bars(title: str, unit: str, values: Mapping[str, float], marked: str) -> str:
    """A bar per name, the longest for the highest value; `marked` stands out."""
    top = max(values.values(), default=1.0) or 1.0
    room = WIDTH - LABELS - 90
    parts = [_text(10, 22, title, weight="bold")]
    for row, (name, value) in enumerate(values.items()):
        y = MARGIN + row * ROW
        colour = COLOURS[0] if name == marked else COLOURS[1]
        parts += [
            _text(LABELS - 8, y + 15, name, anchor="end"),
            f'<rect x="{LABELS}" y="{y}" width="{max(1.0, room * value / top):.1f}" height="{ROW - 8}" fill="{colour}"/>',
            _text(LABELS + max(1.0, room * value / top) + 6, y + 15, f"{value:.3g} {unit}"),
        ]
    return _svg(MARGIN + len(values) * ROW + 10, parts)


def lines(title: str, across: str, up: str, series: Mapping[str, Points]) -> str:
    """A line per name. The places across are evenly spaced: 1, 8, 32, 128 are steps and no distances."""
    places = sorted({x for points in series.values() for x, _ in points})
    top = max((y for points in series.values() for _, y in points), default=1.0) or 1.0
    left, right, bottom = 60.0, WIDTH - 200.0, HEIGHT - 40.0
    step = (right - left) / max(1, len(places) - 1)
    x_of = {place: left + number * step for number, place in enumerate(places)}

    def y_of(value: float) -> float:
        return bottom - (bottom - MARGIN) * value / top

    parts = [
        _text(10, 22, title, weight="bold"),
        _text(right, HEIGHT - 6, across, anchor="end"),
        _text(8, MARGIN - 4, up),
    ]
    for share in (0.0, 0.5, 1.0):
        y = y_of(top * share)
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d0d7de"/>')
        parts.append(_text(left - 6, y + 4, f"{top * share:.3g}", anchor="end"))
    named = places if len(places) <= 8 else places[:: max(1, len(places) // 5)]
    parts += [_text(x_of[place], bottom + 18, f"{place:,.0f}", anchor="middle") for place in named]
    for number, (name, points) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x_of[x]:.1f},{y_of(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(right + 12, MARGIN + 14 + number * 18, name, fill=colour))
    return _svg(HEIGHT, parts)


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal", fill: str = "#1f2328"
) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="{fill}"'
    return f"<text {place}>{escape(text)}</text>"


def _svg(height: float, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" font-family="sans-serif" font-size="12">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""])
