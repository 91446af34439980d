"""What the data of each kind of entry may be when it comes from a file, so that no page breaks over it later."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from emotion.labels import EXPRESSIONS, OUTCOMES, READING


def find_misfit(kind: str, data: Mapping[str, Any]) -> str | None:
    """What is wrong with the data of a kind this site reads. Kinds it does not know are kept as they are."""
    for name in _NEEDED.get(kind, ()):
        if name not in data:
            return f"{name} is missing."
    for name, (fits, wanted) in _FIELDS.get(kind, {}).items():
        if name in data and not fits(data[name]):
            return f"{name} must be {wanted}."
    if kind in ("reading", "neutral") and data["outcome"] == READING and data["p"] is None:
        return "p must be seven shares where the outcome is reading."
    return None


def _is_number(low: float, high: float) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high

    return fits


def _is_share_list(value: Any) -> bool:
    share = _is_number(0, 1)
    return value is None or (isinstance(value, list) and len(value) == len(EXPRESSIONS) and all(map(share, value)))


def _is_shift(value: Any) -> bool:
    fits = _is_number(-100, 100)
    return isinstance(value, list) and len(value) == len(EXPRESSIONS) and all(map(fits, value))


def _is_text(value: Any) -> bool:
    """PostgreSQL, which is asked for the activities that are named, takes no NUL."""
    return isinstance(value, str) and "\0" not in value


def _is_model(value: Any) -> bool:
    """As `PersonalSettings.resting_face_model` holds it."""
    return isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable()


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _or_null(rule: _Rule) -> _Rule:
    fits, wanted = rule
    return lambda value: value is None or fits(value), f"{wanted} or null"


_Rule = tuple[Callable[[Any], bool], str]
_BALANCE: Final[_Rule] = (_is_number(-1, 1), "a number from -1 to 1")
_RATING: Final[_Rule] = (lambda value: value is None or _is_number(-2, 2)(value), "a number or null")
_TEXT: Final[_Rule] = (_is_text, "text")
_TEXTS: Final[_Rule] = (_is_texts, "a list of words")
_MODEL: Final[_Rule] = (_is_model, "the name of a model")
_TRUTH: Final[_Rule] = (_is_truth, "true or false")
_MINUTES: Final[_Rule] = _or_null((_is_number(0, 1440), "a number of minutes"))
_LOOK: Final[Mapping[str, _Rule]] = {
    "capture": _TEXT,
    "outcome": (lambda value: value in OUTCOMES, "one of " + ", ".join(OUTCOMES)),
    "p": (_is_share_list, "seven shares from 0 to 1, or null"),
    "quality": (_is_number(0, 1), "a number from 0 to 1"),
    "model": _MODEL,
}
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "reading": ("capture", "outcome", "p", "quality", "model"),
    "correction": ("of", "expression"),
    "neutral": ("outcome", "p", "model"),
    "resting_face": ("version", "model", "shift"),
    "checkin": ("pleasantness", "energy"),
    "suggestion": ("activity",),
    "feedback": ("suggestion", "activity", "answer"),
    "camera": ("use", "trigger", "ended"),
    "low_days": ("low",),
    "display": ("trends",),
}
_FIELDS: Final[Mapping[str, Mapping[str, _Rule]]] = {
    "reading": _LOOK,
    "neutral": _LOOK,
    "resting_face": {"model": _MODEL, "shift": (_is_shift, "seven numbers")},
    "correction": {"of": _TEXT, "expression": (lambda value: value in EXPRESSIONS, "one of the seven expressions")},
    "checkin": {"pleasantness": _BALANCE, "energy": _BALANCE, "words": _TEXTS, "note": _TEXT},
    "suggestion": {
        "activity": _TEXT,
        "slot": (lambda value: isinstance(value, int) and 0 <= value < 1000, "a small whole number"),
        "reason": (lambda value: isinstance(value, dict), "an object"),
        "propensity": _or_null((_is_number(0, 1), "a number from 0 to 1")),
        "chosen": _TRUTH,
    },
    "feedback": {
        "suggestion": _TEXT,
        "activity": _TEXT,
        "answer": (lambda value: value in ("did", "not_now", "never"), "did, not_now or never"),
        "helped": _RATING,
        "before": _RATING,
        "after": _RATING,
    },
    "camera": {"use": _TEXT, "trigger": _TEXT, "ended": _TEXT},
    "preferences": {"place": _or_null(_TEXT), "minutes": _MINUTES, "avoid": _TEXTS},
    "taste": {"likes": _TEXTS, "minutes": _MINUTES, "company": _TEXT},
    "low_days": {"low": _TRUTH},
    "display": {"trends": _TRUTH},
}
