"""Journal entries as lines to read: one heading, one detail, and what may be done with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final
from uuid import UUID

from emotion.labels import EXPRESSIONS, READING
from recommender.choices import Answer, Helped
from recommender.mood.observations import JournalLine, corrections_of
from recommender.wording.moods import energy_word, pleasantness_word, tell_look, tell_outcome

#: An expression below this share of a reading is not worth naming.
_NAMED: Final = 0.1
_NAMES_AT_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """`expression` is what counts for a reading: the person's own word for it, else the camera's."""

    id: UUID
    kind: str
    at: datetime
    heading: str
    detail: str = ""
    expression: str = ""
    corrected: bool = False

    @property
    def is_reading(self) -> bool:
        return bool(self.expression)


def describe_entries(
    entries: Iterable[JournalLine], *, zone: tzinfo | None, titles: Mapping[str, str] | None = None
) -> tuple[Line, ...]:
    """Newest first, corrections folded into their readings; `titles` names activities by slug.

    Settings that were only taken along are left out: they were said another day.
    """
    kept = list(entries)
    corrections = corrections_of(kept)
    lines = [
        _describe(entry, entry.at.astimezone(zone), corrections.get(str(entry.id)), titles or {})
        for entry in kept
        if entry.kind == "reading" or (entry.kind in _DESCRIBED and not entry.data.get("kept"))
    ]
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True))


def _describe(entry: JournalLine, at: datetime, corrected: str | None, titles: Mapping[str, str]) -> Line:
    if entry.kind == "reading":
        return _describe_reading(entry, at, corrected)
    heading, detail = _DESCRIBED[entry.kind](entry.data, titles)
    return Line(entry.id, entry.kind, at, heading, detail)


def _describe_reading(entry: JournalLine, at: datetime, corrected: str | None) -> Line:
    p = entry.data.get("p")
    if entry.data.get("outcome") != READING or not p or len(p) != len(EXPRESSIONS):
        reason = tell_outcome(str(entry.data.get("outcome")))
        return Line(entry.id, "reading", at, "No reading", reason.capitalize())
    ranked = sorted(zip(p, EXPRESSIONS, strict=True), reverse=True)
    named = [f"{tell_look(name)} {_percent(share)}" for share, name in ranked[:_NAMES_AT_MOST] if share >= _NAMED]
    if corrected:
        detail = f"The camera read {', '.join(named)}"
        return Line(entry.id, "reading", at, f"You said: {tell_look(corrected)}", detail, corrected, corrected=True)
    heading = f"Your face looked {tell_look(ranked[0][1])}"
    return Line(entry.id, "reading", at, heading, ", ".join(named).capitalize(), ranked[0][1])


def _percent(share: float) -> str:
    """One picture is never certain, so no share of it is told as the whole."""
    return "over 99%" if share > 0.99 else f"{round(share * 100)}%"


def _describe_checkin(data: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, str]:
    pleasant = pleasantness_word(float(data.get("pleasantness", 0)))
    energy = energy_word(float(data.get("energy", 0)))
    said: Sequence[str] = [", ".join(data.get("words") or ()), str(data.get("note") or "")]
    return f"You checked in: {pleasant}, {energy}", " · ".join(part for part in said if part)


def _describe_suggestion(data: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, str]:
    return f"{'You picked' if data.get('chosen') else 'Suggested'}: {_title(data, titles)}", ""


def _describe_feedback(data: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, str]:
    answer = Answer(data["answer"]).label
    helped = str(Helped(data["helped"]).label) if data.get("helped") in Helped.values else ""
    return f"{_title(data, titles)}: {answer}", helped.capitalize()


def _describe_preferences(data: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, str]:
    return "You said what fits the moment", ""


def _describe_taste(data: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, str]:
    return "You said what usually does you good", ""


def _describe_low_days(data: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, str]:
    return f"You said that the days before were {'low ones' if data.get('low') else 'not low'}", ""


def _describe_display(data: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[str, str]:
    return f"You chose to {'hide' if data.get('trends') is False else 'show'} trends", ""


def _title(data: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    slug = str(data.get("activity", ""))
    return titles.get(slug, slug.replace("-", " ").capitalize())


_DESCRIBED: Final = {
    "checkin": _describe_checkin,
    "suggestion": _describe_suggestion,
    "feedback": _describe_feedback,
    "preferences": _describe_preferences,
    "taste": _describe_taste,
    "low_days": _describe_low_days,
    "display": _describe_display,
}
