"""The journal as a document to read or to show to somebody one trusts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from recommender.dashboard.entry_lines import Line
from rights.pace import at_ease

_FONTS: Final = Path(__file__).parent / "fonts"
_INK, _SOFT, _LEAF, _LINE = (43, 41, 36), (100, 94, 82), (56, 99, 80), (227, 219, 202)
#: What the time of day takes of a line, in millimetres.
_TIME_WIDTH: Final = 16


@dataclass(frozen=True, slots=True)
class Report:
    """`facts` are the pairs on the first page, `months` the rows of its table under `month_heads`.

    The `at` of each of the `moments` carries the person's time zone.
    """

    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    month_heads: tuple[str, ...]
    months: tuple[tuple[str, ...], ...]
    moments: Sequence[Line]
    sections: tuple[tuple[str, tuple[str, ...]], ...] = ()


def write_pdf(report: Report) -> bytes:
    page = _Page(report.title)
    page.add_page()
    _write_front(page, report)
    if report.moments:
        page.head("Day by day")
    for day, moments in groupby(at_ease(report.moments), key=lambda moment: moment.at.date()):
        _write_day(page, day, moments)
    for heading, lines in report.sections:
        page.head(heading)
        for line in lines:
            page.small(line)
    return bytes(page.output())


def _write_front(page: "_Page", report: Report) -> None:
    page.paragraph(report.title, size=22, bold=True)
    page.paragraph(report.subtitle, size=11, colour=_SOFT)
    page.ln(4)
    for name, value in report.facts:
        page.pair(name, value)
    if report.months:
        page.head("Month by month")
        page.rows(report.month_heads, report.months)


def _write_day(page: "_Page", day: date, moments: Iterable[Line]) -> None:
    page.day(f"{day:%A}, {day.day} {day:%B %Y}")
    for moment in moments:
        page.moment(f"{moment.at:%H:%M}", moment.heading, moment.detail)


class _Page(FPDF):
    """A4 in the site's own colours; characters the font lacks show as a box, the other formats have them."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.set_title(title)
        self.set_lang("en")
        self.set_creator("Wellbeing")
        self.set_margins(22, 20)
        self.set_auto_page_break(True, margin=20)
        for style, name in (("", "Regular"), ("B", "Bold")):
            self.add_font("Noto", style, _FONTS / f"NotoSans-{name}.ttf")

    def footer(self) -> None:
        self.set_y(-14)
        self._style(8, colour=_SOFT)
        self.cell(0, 5, f"Yours alone. Not a diagnosis, not a measure of work.   {self.page_no()}", align="C")

    def paragraph(self, text: str, *, size: float, bold: bool = False, colour: tuple[int, int, int] = _INK) -> None:
        self._style(size, bold=bold, colour=colour)
        self._wrap(text, size * 0.52)

    def head(self, text: str) -> None:
        self._keep_together(24)
        self.ln(7)
        self.paragraph(text, size=14, bold=True, colour=_LEAF)
        self.ln(1)

    def day(self, text: str) -> None:
        self._keep_together(18)
        self.ln(3)
        self._style(10.5, bold=True)
        self._put(text, 5.5)
        self.ln(5.5)

    def moment(self, time: str, heading: str, detail: str) -> None:
        self._keep_together(12)
        self._style(9.2)
        self._put(time, 5.2)
        self._flow(heading, 5.2)
        if detail:
            self.set_text_color(*_SOFT)
            self._flow(detail, 4.8)

    def pair(self, name: str, value: str) -> None:
        self._style(10, colour=_SOFT)
        self.cell(48, 6, name)
        self._style(10)
        self._wrap(value, 6)

    def small(self, text: str) -> None:
        self._style(9.5)
        self._wrap(text, 5.4)

    def rows(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self._style(9)
        self.set_draw_color(*_LINE)
        with self.table(borders_layout="HORIZONTAL_LINES", line_height=5, padding=(1, 1.5), text_align="LEFT") as table:
            table.row(heads)
            for row in rows:
                table.row(row)

    def _flow(self, text: str, height: float) -> None:
        """A line beside the time, or as many as it takes. A year has thousands, so what fits is put where it goes."""
        self.set_x(self.l_margin + _TIME_WIDTH)
        if self._fits(text, self.epw - _TIME_WIDTH - 2 * self.c_margin):
            self._put(text, height)
            self.ln(height)
        else:
            self._wrap(text, height)

    def _wrap(self, text: str, height: float) -> None:
        self.multi_cell(0, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _put(self, text: str, height: float) -> None:
        """Where `cell` would put it, without its borders, links and breaks, which take most of its time."""
        self.text(self.x + self.c_margin, self.y + 0.5 * height + 0.3 * self.font_size, text)

    def _fits(self, text: str, width: float) -> bool:
        """Whether a text is one line of at most `width` millimetres; no letter is wider than its font is high."""
        if "\n" in text or self.current_font is None:
            return False
        if len(text) * self.font_size < width:
            return True
        return self.current_font.get_text_width(text, self.font_size_pt, None)[1] < width * self.k

    def _style(self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = _INK) -> None:
        if (self.font_style, self.font_size_pt) != ("B" if bold else "", size):
            self.set_font("Noto", "B" if bold else "", size)
        self.set_text_color(*colour)

    def _keep_together(self, height: float) -> None:
        if self.will_page_break(height):
            self.add_page()
