"""Small plots as SVG text: lines over days and bars in groups. Colours read on white and on black."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 150, 30, 40
_COLOURS: Final = ("#2f8a5f", "#b8553f", "#4c7397", "#c98f1d", "#75608f", "#8c877b", "#2f8a86")
_INK: Final = "#808080"


def draw_lines(curves: Mapping[str, Sequence[float]], *, title: str, across: str, up: str) -> str:
    """Each curve has one value a step, the first at 1."""
    top = max(max(values) for values in curves.values()) * 1.05
    steps = max(len(values) for values in curves.values())
    parts = [_frame(title, across, up, top)]
    for number, (name, values) in enumerate(curves.items()):
        points = " ".join(f"{_x(i / (steps - 1)):.1f},{_y(v / top):.1f}" for i, v in enumerate(values))
        colour = _COLOURS[number % len(_COLOURS)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(_legend(number, name, colour))
    return _wrap(parts, title)


def draw_bars(groups: Mapping[str, Mapping[str, float]], *, title: str, up: str) -> str:
    """A group of bars for each key, in the order of the names of the first one."""
    names = list(next(iter(groups.values())))
    top = max(value for group in groups.values() for value in group.values()) * 1.05
    parts = [_frame(title, "", up, top)]
    room = 1 / len(groups)
    for place, (group, values) in enumerate(groups.items()):
        middle = _x((place + 0.5) * room)
        parts.append(f'<text x="{middle:.1f}" y="{HEIGHT - _BOTTOM + 18}" text-anchor="middle">{escape(group)}</text>')
        for number, name in enumerate(names):
            left = _x((place + 0.1 + 0.8 * number / len(names)) * room)
            width = 0.8 * room / len(names) * (WIDTH - _LEFT - _RIGHT) - 1
            height = _y(0) - _y(values[name] / top)
            parts.append(
                f'<rect x="{left:.1f}" y="{_y(values[name] / top):.1f}" width="{width:.1f}" height="{height:.1f}"'
                f' fill="{_COLOURS[number % len(_COLOURS)]}"/>'
            )
    parts += [_legend(number, name, _COLOURS[number % len(_COLOURS)]) for number, name in enumerate(names)]
    return _wrap(parts, title)


def _frame(title: str, across: str, up: str, top: float) -> str:
    lines = [f'<text x="{_LEFT}" y="18" font-weight="bold">{escape(title)}</text>']
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = _y(share)
        lines.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_INK}" opacity="0.35"/>'
        )
        lines.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share * top:.3g}</text>')
    lines.append(f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{escape(across)}</text>')
    lines.append(
        f'<text x="14" y="{_TOP + 90}" transform="rotate(-90 14 {_TOP + 90})" text-anchor="middle">{escape(up)}</text>'
    )
    return "".join(lines)


def _legend(number: int, name: str, colour: str) -> str:
    y = _TOP + 10 + 20 * number
    left = WIDTH - _RIGHT + 14
    return (
        f'<rect x="{left}" y="{y - 9}" width="10" height="10" fill="{colour}"/>'
        f'<text x="{left + 16}" y="{y}">{escape(name)}</text>'
    )


def _wrap(parts: Sequence[str], title: str) -> str:
    label = escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}"'
        f' font-family="sans-serif" font-size="12" fill="{_INK}">{"".join(parts)}</svg>\n'
    )


def _x(share: float) -> float:
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def _y(share: float) -> float:
    return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)
