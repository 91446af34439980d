"""Journal entries as lines to read: one heading, one detail, and what may be done with them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import singledispatch
from typing import Final, NamedTuple
from uuid import UUID

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from emotion.labels import EXPRESSIONS, READING
from recommender.choices import Answer, CheckInWord, Helped
from recommender.wording.moods import energy_word, pleasantness_word, tell_look, tell_outcome, tell_percent
from vault.journal import kinds
from vault.journal.contents import AnyEntry

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


@dataclass(frozen=True, slots=True)
class Titles:
    """What activities were called from which moment on, by slug, oldest first; those that are gone, too."""

    since: Mapping[str, Sequence[tuple[datetime, str]]] = field(default_factory=dict)

    def find(self, slug: str, at: datetime) -> str:
        """As it was called then; before its first title, as it was called first."""
        known = self.since.get(slug) or [(at, slug.replace("-", " ").capitalize())]
        return next((title for since, title in reversed(known) if since <= at), known[0][1])


class Known(NamedTuple):
    """What is known beside an entry: its moment, the person's own word for a reading, and titles of activities."""

    at: datetime
    corrected: str | None
    titles: Titles

    def title(self, slug: str) -> str:
        return self.titles.find(slug, self.at)


def describe_entries(
    entries: Iterable[AnyEntry],
    *,
    zone: tzinfo | None,
    corrections: Mapping[UUID, str],
    titles: Titles | None = None,
) -> tuple[Line, ...]:
    """Newest first; what has no words of its own is left out."""
    lines = [
        Line(entry.id, entry.at.astimezone(zone), *words)
        for entry in entries
        if (words := describe(entry.data, Known(entry.at, corrections.get(entry.id), titles or Titles())))
    ]
    return tuple(sorted(lines, key=lambda line: line.at, reverse=True))


@singledispatch
def describe(data: kinds.Kind, known: Known) -> Words | None:
    """The words for an entry of one kind; None: it is told beside another, on a page of its own, or nowhere."""
    raise TypeError(f"{type(data).__name__} has no words")


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
        return Words(_("No reading"), capfirst(tell_outcome(reading.outcome)))
    ranked = sorted(zip(reading.p, EXPRESSIONS, strict=True), reverse=True)
    named = [f"{tell_look(name)} {_percent(share)}" for share, name in ranked[:_NAMES_AT_MOST] if share >= _NAMED]
    if known.corrected:
        heading = _("You said: %(look)s") % {"look": tell_look(known.corrected)}
        detail = _("The camera read %(looks)s") % {"looks": ", ".join(named)}
        return Words(heading, detail, known.corrected, corrected=True)
    heading = _("Your face looked %(look)s") % {"look": tell_look(ranked[0][1])}
    return Words(heading, capfirst(", ".join(named)), ranked[0][1])


def _percent(share: float) -> str:
    """One picture is never certain, so no share of it is told as the whole."""
    return _("over %(share)s") % {"share": tell_percent(99)} if share > 0.99 else tell_percent(round(share * 100))


@describe.register
def _describe_checkin(checkin: kinds.CheckIn, known: Known) -> Words:
    heading = _("You checked in: %(pleasant)s, %(energy)s")
    told = {"pleasant": pleasantness_word(checkin.pleasantness), "energy": energy_word(checkin.energy)}
    said = [", ".join(map(_tell_word, checkin.words)), checkin.note]
    return Words(heading % told, " · ".join(part for part in said if part))


def _tell_word(word: str) -> str:
    """One of the person's own stays as it is."""
    return str(CheckInWord(word).label) if word in CheckInWord.values else word


@describe.register
def _describe_suggestion(suggestion: kinds.Suggestion, known: Known) -> Words:
    heading = _("You picked: %(title)s") if suggestion.chosen else _("Suggested: %(title)s")
    return Words(heading % {"title": known.title(suggestion.activity)}, in_report=False)


@describe.register
def _describe_feedback(feedback: kinds.Feedback, known: Known) -> Words:
    helped = "" if feedback.helped is None else str(Helped(feedback.helped).label)
    return Words(f"{known.title(feedback.activity)}: {Answer(feedback.answer).label}", capfirst(helped))


@describe.register
def _describe_preferences(preferences: kinds.Preferences, known: Known) -> Words | None:
    return None if preferences.kept else Words(_("You said what fits the moment"), in_report=False)


@describe.register
def _describe_taste(taste: kinds.Taste, known: Known) -> Words | None:
    return None if taste.kept else Words(_("You said what usually does you good"))


@describe.register
def _describe_low_days(low_days: kinds.LowDays, known: Known) -> Words:
    low, other = _("You said that the days before were low ones"), _("You said that the days before were not low")
    return Words(low if low_days.low else other)


@describe.register
def _describe_display(display: kinds.Display, known: Known) -> Words | None:
    heading = _("You chose to show trends") if display.trends else _("You chose to hide trends")
    return None if display.kept else Words(heading)
