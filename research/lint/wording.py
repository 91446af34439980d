"""Finds phrases that diagnose or judge in texts that are shown to people.

Titles of references are exempt: they are quotations.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.wording_lint import blank_out, find_judgements

_TAGS: Final = re.compile(r"<[^<>]*>|\{#.*?#\}|\{%\s*comment\b.*?endcomment\s*%\}", re.DOTALL)
#: Not shown, or quotations.
_EXEMPT_KEYS: Final = frozenset({"slug", "reference", "doi", "source", "url", "phone"})

#: Packages with strings that people may see.
PACKAGES: Final = ("core", "accounts", "vault", "emotion", "recommender", "rights", "wellbeing")


@dataclass(frozen=True, slots=True)
class Finding:
    """A phrase that must not be shown, and its place."""

    where: str
    line: int
    phrase: str

    def __str__(self) -> str:
        return f"{self.where}:{self.line}: {self.phrase!r} diagnoses or judges; say what was seen or said instead"


def check_wording(root: Path) -> list[Finding]:
    """Check all under `root` that is shown to people: pages, mails, scripts, catalogue, translations, code strings."""
    readers = (
        (sorted((root / "templates").rglob("*.html")), _read_markup),
        (sorted((root / "templates").rglob("*.txt")), _read_markup),
        (sorted((root / "static" / "js").rglob("*.js")), _read_markup),
        (sorted((root / "recommender" / "catalogue" / "data").glob("*.json")), _read_catalogue),
        (sorted((root / "locale").rglob("*.po")), _read_translations),
        (_code(root), _read_code),
    )
    return [
        Finding(str(path.relative_to(root)), line + below - 1, phrase)
        for paths, read in readers
        for path in paths
        for line, text in read(path.read_text(encoding="utf-8"))
        for below, phrase in find_judgements(text)
    ]


def _code(root: Path) -> Sequence[Path]:
    skipped = ("migrations", "wording_lint.py")
    paths = (path for package in PACKAGES for path in (root / package).rglob("*.py"))
    return sorted(path for path in paths if not any(part in skipped for part in path.parts))


def _read_markup(text: str) -> Iterator[tuple[int, str]]:
    yield 1, _TAGS.sub(blank_out, text)


def _read_catalogue(text: str) -> Iterator[tuple[int, str]]:
    for value in _strings(json.loads(text)):
        first = json.dumps(value, ensure_ascii=False)[:40]
        yield text.count("\n", 0, max(0, text.find(first))) + 1, value


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in _EXEMPT_KEYS:
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _read_translations(text: str) -> Iterator[tuple[int, str]]:
    # A long text is written as several quoted lines.
    for match in re.finditer(r'^msg(?:id|id_plural|str|str\[\d\]) ("(?:[^\n]*"\n?")*[^\n]*")', text, re.MULTILINE):
        yield text.count("\n", 0, match.start()) + 1, match[1].replace('"\n"', "")


def _read_code(text: str) -> Iterator[tuple[int, str]]:
    tree = ast.parse(text)
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "_" for part in node.values]
            yield node.lineno, "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield node.lineno, node.value
