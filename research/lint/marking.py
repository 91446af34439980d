"""Finds text in Django templates that is not marked for translation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Final

from django.template.base import Lexer, Token, TokenType

#: Attributes that are shown, or read aloud by screen readers.
SHOWN_ATTRIBUTES: Final = frozenset({"aria-label", "title", "alt", "placeholder"})
#: The same in every language.
ALLOWED_WORDS: Final = ("Wellbeing", "UTC", "doi.org")
#: Blocks that fill an attribute in the base page, so that they contain no text.
ATTRIBUTE_BLOCKS: Final = frozenset({"page_class", "main_attributes"})

_TRANSLATED: Final = frozenset({"blocktranslate", "blocktrans"})
_UNREAD_ELEMENTS: Final = frozenset({"code", "script", "style"})
_ALLOWED: Final = re.compile(rf"\b(?:{'|'.join(map(re.escape, ALLOWED_WORDS))})\b")


def unmarked_texts(source: str) -> list[tuple[int, str]]:
    """Line (from 1) and text of everything shown that is outside `translate` and `blocktranslate`, in order."""
    reader = _TextReader()
    reader.feed("".join(_strip_tags(Lexer(source).tokenize())))
    reader.close()
    return reader.found


def _strip_tags(tokens: Iterable[Token]) -> Iterator[str]:
    """The markup of a template without tags and what they translate or leave out; line numbers do not change."""
    skipping_until = ""
    for token in tokens:
        name = token.contents.split()[0] if token.token_type is TokenType.BLOCK else ""
        if skipping_until:
            skipping_until = "" if name == skipping_until else skipping_until
        elif token.token_type is TokenType.TEXT:
            yield token.contents
            continue
        else:
            skipping_until = _end_of_skipped(token, name)
        yield "\n" * token.contents.count("\n")


def _end_of_skipped(token: Token, name: str) -> str:
    """The tag that ends the skipped part that `token` begins; "" if what follows is shown and untranslated."""
    if name in _TRANSLATED or name == "comment":
        return f"end{name}"
    return "endblock" if name == "block" and token.split_contents()[1] in ATTRIBUTE_BLOCKS else ""


class _TextReader(HTMLParser):
    """Collects what a page shows: its text and SHOWN_ATTRIBUTES."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._is_unread = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_unread = self._is_unread or tag in _UNREAD_ELEMENTS
        for name, value in attrs:
            if name in SHOWN_ATTRIBUTES and value:
                self._note(value, self._lines_before_attribute(name))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self._is_unread = self._is_unread and tag not in _UNREAD_ELEMENTS

    def handle_data(self, data: str) -> None:
        if not self._is_unread:
            self._note(data)

    def _lines_before_attribute(self, name: str) -> int:
        before, *_ = re.split(rf"\s{name}\s*=", self.get_starttag_text() or "", maxsplit=1, flags=re.IGNORECASE)
        return before.count("\n")

    def _note(self, text: str, lines_before: int = 0) -> None:
        letter = re.search(r"[^\W\d_]", _ALLOWED.sub(lambda match: " " * len(match[0]), text))
        if letter:
            line = self.getpos()[0] + lines_before + text.count("\n", 0, letter.start())
            self.found.append((line, " ".join(text.split())))
