"""A strict Content-Security-Policy stands only while no template writes script or style inline."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=[\"']application/json)[^>]*>", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]*\sstyle=", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+=", re.IGNORECASE),
    "third-party host": re.compile(r"(?:src|action|href)=[\"']//", re.IGNORECASE),
    "script or style from elsewhere": re.compile(r"<(?:script|link|img|iframe)[^>]*https?://", re.IGNORECASE),
}

# The product speaks of what a face looked like, never of what somebody is.
JUDGING = re.compile(
    r"\byou(?:'re| are) (?:sad|angry|afraid|anxious|depressed|stressed|disgusted|unhappy|burn(?:ed|t) out)\b"
    r"|\b(?:sad|depressed|stressed|angry|unhappy) (?:employee|worker|person)s?\b",
    re.IGNORECASE,
)
SPOKEN = [*TEMPLATES, *(ROOT / "static" / "js").rglob("*.js"), *(ROOT / "recommender" / "catalogue").rglob("*.*")]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what: str) -> None:
    assert TEMPLATES
    assert [str(path.relative_to(ROOT)) for path in TEMPLATES if FORBIDDEN[what].search(path.read_text())] == []


def test_nothing_shown_to_people_says_what_they_are() -> None:
    found = {
        path.name: JUDGING.findall(path.read_text()) for path in SPOKEN if path.suffix != ".pyc" and path.is_file()
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_the_wording_check_would_notice() -> None:
    assert JUDGING.search("It seems you are sad today.")
    assert JUDGING.search("help for the stressed employee")
    assert not JUDGING.search("Your face looked sad in three of five snapshots.")
