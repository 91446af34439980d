"""Phrases that diagnose or judge, in English and German.

The product says what a face looked like and what a person reported, never what they are.
"""

import re
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


def find_judgements(text: str) -> list[tuple[int, str]]:
    """Line (from 1) and phrase of everything in `text` that diagnoses or judges."""
    cleared = _ALLOWED.sub(blank_out, text)
    return [
        (cleared.count("\n", 0, match.start()) + 1, " ".join(match[0].split())) for match in _JUDGING.finditer(cleared)
    ]


def blank_out(match: re.Match[str]) -> str:
    """Spaces of the same length, so that line numbers do not change."""
    return re.sub(r"[^\n]", " ", match[0])
