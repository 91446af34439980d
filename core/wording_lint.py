"""Finds phrases that diagnose or judge, in English and German, in texts that are shown to people.

The product says what a face looked like and what a person reported, never what they are. Titles of references are
exempt: they are quotations.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_STATES: Final = (
    "sad|angry|afraid|anxious|depressed|stressed|disgusted|unhappy|miserable|lonely|unstable|unwell|"
    "overwhelmed|exhausted|burn(?:ed|t)[ -]out|mentally ill"
)
_PEOPLE: Final = "employee|worker|person|people|user|colleague|staff(?: member)?|team"
_ZUSTAND: Final = "traurig|wütend|ängstlich|depressiv|gestresst|unglücklich|ausgebrannt|einsam|krank|labil|erschöpft"
_LEUTE: Final = (
    "Mitarbeiter(?:in|innen|n)?|Mitarbeitende[nr]?|Beschäftigte[nr]?|Person(?:en)?|Mensch(?:en)?|"
    "Kolleg(?:e|en|in|innen)|Nutzer(?:in|innen)?|Team"
)
#: Each matches whole words only; a space stands for any white space.
PATTERNS: Final[tuple[str, ...]] = (
    rf"you(?:['\u2019]re| are| were| seem| appear| look| feel)"
    rf"(?: (?:so|very|too|a bit|a little|really|often|feeling|to be))* (?:{_STATES})",
    rf"(?:{_STATES}|negative|troubled|problematic) (?:{_PEOPLE})s?",
    r"diagnos(?:is|es|e|ed|ing|tic|tics)",
    r"suffer(?:s|ed|ing)? from",
    r"mental(?:ly)? (?:ill|illness|disorder|disease)",
    r"(?:depression|anxiety disorder|burnout|burn-out|psychiatric|pathological|symptoms?|patients?)",
    r"your (?:condition|illness|disorder|mental state)",
    rf"du (?:bist|warst|wirkst|scheinst)(?: (?:so|sehr|zu|etwas|ein wenig|wirklich|gerade|oft))* (?:{_ZUSTAND})",
    rf"(?:{_ZUSTAND})e[nrms]? (?:{_LEUTE})",
    r"Diagnosen?|diagnosti\w+",
    r"leide(?:st|t|n)? (?:\w+ )?(?:an|unter)",
    r"psychisch(?:e[nr]?)? (?:krank|Erkrankung|Störung|Krankheit)\w*",
    r"(?:Depression(?:en)?|Angststörung|Burnout|Symptome?|Patient(?:in|innen|en)?)",
)
#: The only exceptions: phrases that say what the product is not.
ALLOWED: Final[tuple[str, ...]] = (
    "not a diagnosis",
    "no diagnosis",
    "neither a diagnosis",
    "never a diagnosis",
    "keine Diagnose",
)

_SPACE: Final = r"\s+"
_JUDGING: Final = re.compile(
    "|".join(rf"(?<!\w)(?:{pattern.replace(' ', _SPACE)})(?!\w)" for pattern in PATTERNS), re.IGNORECASE
)
_ALLOWED: Final = re.compile("|".join(re.escape(text).replace(r"\ ", _SPACE) for text in ALLOWED), re.IGNORECASE)
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


def find_judgements(text: str) -> list[tuple[int, str]]:
    """Line (from 1) and phrase of everything in `text` that diagnoses or judges."""
    cleared = _ALLOWED.sub(_blank, text)
    return [
        (cleared.count("\n", 0, match.start()) + 1, " ".join(match[0].split())) for match in _JUDGING.finditer(cleared)
    ]


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
    yield 1, _TAGS.sub(_blank, text)


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


def _blank(match: re.Match[str]) -> str:
    """Spaces of the same length, so that line numbers do not change."""
    return re.sub(r"[^\n]", " ", match[0])
