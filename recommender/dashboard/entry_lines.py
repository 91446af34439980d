"""Journal entries as lines to read: one heading, one detail, and what may be done with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import singledispatch
from typing import Final, NamedTuple
from uuid import UUID

from emotion.labels import EXPRESSIONS, READING
from recommender.choices import Answer, Helped
from recommender.wording.moods import energy_word, pleasantness_word, tell_look, tell_outcome
from vault.journal import kinds
from vault.journal.contents import AnyEntry, Journal

#: An expression below this share of a reading is not worth naming.
_NAMED: Final = 0.1
_NAMES_AT_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Line:
    """`expression` is what counts for a reading: the person's own word for it, else the camera's."""

    id: UUID
    at: datetime
    heading: str
    detail: str = ""
    expression: str = ""
    corrected: bool = False
    in_report: bool = True

    @property
    def is_reading(self) -> bool:
        return bool(self.expression)


class Words(NamedTuple):
    """A line without its moment. What was offered or asked is not `in_report`: its reader wants to know what was."""

    heading: str
    detail: str = ""
    expression: str = ""
    corrected: bool = False
    in_report: bool = True


class Known(NamedTuple):
    """What is known beside an entry: the person's own word for a reading, and titles of activities by slug."""

    corrected: str | None
    titles: Mapping[str, str]

    def title(self, slug: str) -> str:
        return self.titles.get(slug, slug.replace("-", " ").capitalize())


def describe_entries(
    entries: Iterable[AnyEntry],
    *,
    zone: tzinfo | None,
    corrections: Mapping[UUID, str],
    titles: Mapping[str, str] | None = None,
) -> tuple[Line, ...]:
    """Newest first; what has no words of its own is left out. `titles` names activities by slug."""
    lines = [
        Line(entry.id, entry.at.astimezone(zone), *words)
        for entry in entries
        if (words := describe(entry.data, Known(corrections.get(entry.id), titles or {})))
    ]
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True))


def find_activities_in(journal: Journal) -> set[str]:
    """The slugs that `describe_entries` looks for among the titles."""
    offered = {entry.data.activity for entry in journal.of(kinds.Suggestion)}
    return offered | {entry.data.activity for entry in journal.of(kinds.Feedback)}


@singledispatch
def describe(data: kinds.Kind, known: Known) -> Words | None:
    """The words for an entry of one kind; None: it is told beside another, on a page of its own, or nowhere."""
    raise NotImplementedError(f"{type(data).__name__} has no words")


@describe.register(kinds.Correction)
@describe.register(kinds.Neutral)
@describe.register(kinds.RestingFace)
@describe.register(kinds.CheckInSkipped)
@describe.register(kinds.Camera)
@describe.register(kinds.CameraKept)
@describe.register(kinds.Audit)
def _describe_nothing(data: kinds.Kind, known: Known) -> None:
    return None


@describe.register
def _describe_reading(reading: kinds.Reading, known: Known) -> Words:
    if reading.outcome != READING or reading.p is None:
        return Words("No reading", tell_outcome(reading.outcome).capitalize())
    ranked = sorted(zip(reading.p, EXPRESSIONS, strict=True), reverse=True)
    named = [f"{tell_look(name)} {_percent(share)}" for share, name in ranked[:_NAMES_AT_MOST] if share >= _NAMED]
    if known.corrected:
        heading, detail = f"You said: {tell_look(known.corrected)}", f"The camera read {', '.join(named)}"
        return Words(heading, detail, known.corrected, corrected=True)
    return Words(f"Your face looked {tell_look(ranked[0][1])}", ", ".join(named).capitalize(), ranked[0][1])


def _percent(share: float) -> str:
    """One picture is never certain, so no share of it is told as the whole."""
    return "over 99%" if share > 0.99 else f"{round(share * 100)}%"


@describe.register
def _describe_checkin(checkin: kinds.CheckIn, known: Known) -> Words:
    pleasant, energy = pleasantness_word(checkin.pleasantness), energy_word(checkin.energy)
    said = [", ".join(checkin.words), checkin.note]
    return Words(f"You checked in: {pleasant}, {energy}", " · ".join(part for part in said if part))


@describe.register
def _describe_suggestion(suggestion: kinds.Suggestion, known: Known) -> Words:
    did = "You picked" if suggestion.chosen else "Suggested"
    return Words(f"{did}: {known.title(suggestion.activity)}", in_report=False)


@describe.register
def _describe_feedback(feedback: kinds.Feedback, known: Known) -> Words:
    helped = "" if feedback.helped is None else str(Helped(feedback.helped).label)
    return Words(f"{known.title(feedback.activity)}: {Answer(feedback.answer).label}", helped.capitalize())


@describe.register
def _describe_preferences(preferences: kinds.Preferences, known: Known) -> Words | None:
    return None if preferences.kept else Words("You said what fits the moment", in_report=False)


@describe.register
def _describe_taste(taste: kinds.Taste, known: Known) -> Words | None:
    return None if taste.kept else Words("You said what usually does you good")


@describe.register
def _describe_low_days(low_days: kinds.LowDays, known: Known) -> Words:
    return Words(f"You said that the days before were {'low ones' if low_days.low else 'not low'}")


@describe.register
def _describe_display(display: kinds.Display, known: Known) -> Words | None:
    return None if display.kept else Words(f"You chose to {'show' if display.trends else 'hide'} trends")
