"""What holds of every template: no inline script or style, a token in each form, no markup but the site's own."""

import re
from pathlib import Path

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.template.loader import render_to_string

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
FORM = re.compile(r"<form\b[^>]*\bmethod=[\"']?post\b.*?(?:</form>|\Z)", re.IGNORECASE | re.DOTALL)
#: With a token of their own.
HOLD_A_TOKEN = ("vault/fields.html", "recommender/_act.html")
UNESCAPED = re.compile(r"\|\s*safe(?:seq)?\b|\bautoescape\s+off\b")
#: The one shows a QR code drawn by the server, the other help texts written in the code.
MAY_BE_UNESCAPED = ["templates/mfa/totp/activate_form.html", "templates/partials/fields.html"]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what: str) -> None:
    assert TEMPLATES
    assert [str(path.relative_to(ROOT)) for path in TEMPLATES if FORBIDDEN[what].search(path.read_text())] == []


def test_every_form_that_posts_holds_a_token() -> None:
    forms = [(path, form) for path in TEMPLATES for form in FORM.findall(path.read_text())]
    assert forms
    assert [str(path.relative_to(ROOT)) for path, form in forms if not _holds_token(form)] == []


def _holds_token(markup: str) -> bool:
    included = [name for name in HOLD_A_TOKEN if f'{{% include "{name}"' in markup]
    return any("{% csrf_token %}" in text for text in [markup, *map(_text_of, included)])


def _text_of(name: str) -> str:
    return (ROOT / "templates" / name).read_text()


def test_texts_are_shown_unescaped_in_two_templates_only() -> None:
    found = [str(path.relative_to(ROOT)) for path in TEMPLATES if UNESCAPED.search(path.read_text())]
    assert found == MAY_BE_UNESCAPED


def test_messages_are_told_to_screen_readers_and_errors_at_once() -> None:
    messages = [Message(constants.SUCCESS, "Saved."), Message(constants.ERROR, "Not saved.")]
    told = render_to_string("partials/messages.html", {"messages": messages})
    assert re.findall(r'<p [^>]*role="(\w+)"[^>]*>([^<]*)</p>', told) == [("status", "Saved."), ("alert", "Not saved.")]
