"""Charts as numbers: what a template needs to draw days as SVG and a year as a table. Texts, so that no locale
puts a comma into a coordinate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from django.utils.functional import Promise

from recommender.mood.affect import level_of
from recommender.mood.baseline import Usual
from recommender.mood.daily_values import DAYS_DRAWN, DayValue

#: Words in the language of whoever reads them.
Text = str | Promise
#: The drawing's own units.
WIDTH: Final = 640
HEIGHT: Final = 180
_LEFT, _TOP, _BOTTOM = 8, 8, 22


@dataclass(frozen=True, slots=True)
class Dot:
    day: DayValue
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class DayChart:
    """`lines` are broken where days are missing. `band` (top, height) is the usual; None while it is not known."""

    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    middle: str
    band: tuple[str, str] | None
    ticks: tuple[tuple[str, date], ...]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of a calendar; `level` is None for a day without anything."""

    date: date
    level: int | None = None
    letter: Text = ""
    word: Text = ""


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    weeks: tuple[tuple[Cell | None, ...], ...]


def draw_days(days: Sequence[DayValue], *, usual: Usual | None, until: date, span: int = DAYS_DRAWN) -> DayChart:
    """The last `span` days up to `until`: a dot a day, lines only between neighbours."""
    start = until - timedelta(days=span - 1)
    dots = [Dot(day, _x((day.date - start).days, span), _y(day.value)) for day in days if start <= day.date <= until]
    runs = groupby(enumerate(dots), key=lambda pair: pair[1].day.date.toordinal() - pair[0])
    lines = (" ".join(f"{dot.x},{dot.y}" for _, dot in run) for _, run in runs)
    weeks = [start + timedelta(days=offset) for offset in range(span)]
    band = None
    if usual is not None:
        top, bottom = (_height(usual.centre + sign * usual.spread) for sign in (1, -1))
        band = (f"{top:.1f}", f"{bottom - top:.1f}")
    return DayChart(
        dots=tuple(dots),
        lines=tuple(line for line in lines if " " in line),
        middle=_y(0.0),
        band=band,
        ticks=tuple((_x(i, span), day) for i, day in enumerate(weeks) if day.weekday() == 0),
    )


def draw_year(days: Sequence[DayValue], *, year: int, levels: Sequence[tuple[Text, Text]]) -> tuple[Month, ...]:
    """Twelve months of weeks from Monday to Sunday; None pads the first and last week. `levels`: letter and word."""
    cells = {day.date: Cell(day.date, level := level_of(day.value), *levels[level]) for day in days}
    return tuple(_draw_month(date(year, month, 1), cells) for month in range(1, 13))


def _draw_month(first: date, known: dict[date, Cell]) -> Month:
    following = (first + timedelta(days=31)).replace(day=1)
    count = (following - first).days
    cells: list[Cell | None] = [None] * first.weekday()
    for offset in range(count):
        day = first + timedelta(days=offset)
        cells.append(known.get(day, Cell(day)))
    cells += [None] * (-len(cells) % 7)
    return Month(first, tuple(tuple(cells[i : i + 7]) for i in range(0, len(cells), 7)))


def _x(offset: int, span: int) -> str:
    return f"{_LEFT + offset * (WIDTH - 2 * _LEFT) / max(span - 1, 1):.1f}"


def _y(value: float) -> str:
    return f"{_height(value):.1f}"


def _height(value: float) -> float:
    """From -1 at the bottom to 1 at the top."""
    clipped = min(max(value, -1.0), 1.0)
    return _TOP + (1 - clipped) / 2 * (HEIGHT - _TOP - _BOTTOM)
