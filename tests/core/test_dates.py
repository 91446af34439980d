"""Dates follow the language of the page, and every format that a template names has an order in each."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.template import engines
from django.utils import translation

from core.dates import FORMATS

ROOT = Path(__file__).parents[2]
MOMENT = datetime(2026, 3, 5, 9, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("style", "english", "german"),
    [
        ("j F Y", "5 March 2026", "5. März 2026"),
        ("j F Y, H:i", "5 March 2026, 09:07", "5. März 2026, 09:07"),
        ("D j M", "Thu 5 Mar", "Do, 5. März"),
        ("l, j F", "Thursday, 5 March", "Donnerstag, 5. März"),
        ("l", "Thursday", "Donnerstag"),
        ("H:i", "09:07", "09:07"),
    ],
)
def test_a_date_is_written_as_its_reader_would(style: str, english: str, german: str) -> None:
    template = engines["django"].from_string(f'{{{{ moment|date:"{style}" }}}}')
    assert template.render({"moment": MOMENT}) == english
    with translation.override("de"):
        assert template.render({"moment": MOMENT}) == german


def test_every_format_of_a_day_and_a_month_has_its_order() -> None:
    texts = (path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    named = {style for text in texts for style in re.findall(r'\|date:"([^"]+)"', text)}
    assert {style for style in named if re.search(r"j.*[FM]", style)} == set(FORMATS)
