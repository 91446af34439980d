"""What somebody made up would be offered, with the reasons, and what is held back from them. Nothing is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from emotion.labels import EXPRESSIONS, READING
from recommender.catalogue.models import Activity
from recommender.catalogue.selectors import get_prior, get_window_settings
from recommender.mood.observations import observe
from recommender.mood.summary import Mood, summarise
from recommender.ranking.history import History, Situation
from recommender.ranking.suggest import Constraint, blocking_constraint, suggest
from recommender.wording.reasons import explain
from vault.journal.contents import AnyEntry, Journal, JournalEntry
from vault.journal.kinds import CheckIn, Reading

#: So many made-up snapshots a day: enough for any floor the settings allow within their window.
_A_DAY: Final = 12
_CERTAINTY: Final = 0.94
#: Why an activity is held back, for administrators.
HINDRANCES: Final[Mapping[Constraint, Promise]] = {
    "switched_off": _("Switched off"),
    "no_evidence": _("No evidence grade"),
    "review_due": _("Its review is overdue"),
    "not_ranked": _("Support or crisis: shown elsewhere, never ranked"),
    "place": _("Not at this place"),
    "minutes": _("Takes longer than they have"),
    "daypart": _("Not at this time of day"),
    "limits": _("Asks for something they want to be spared"),
    "refused": _("They said: not for me"),
    "rests": _("Was offered not long ago"),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """`chance` is the probability with which it was drawn."""

    activity: Activity
    reason: str
    chance: float


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything in the catalogue is in exactly one of the three."""

    mood: Mood
    offered: tuple[Offered, ...]
    possible: tuple[Activity, ...]
    withheld: tuple[tuple[Promise, tuple[Activity, ...]], ...]


def preview_suggestions(
    *,
    at: datetime,
    expression: str = "",
    percent: int = 40,
    pleasantness: str = "",
    energy: str = "",
    place: str = "",
    minutes: int | None = None,
    avoid: Sequence[str] = (),
    draw: int = 1,
) -> Preview:
    """The same `draw` gives the same offer. An empty `expression` means no snapshots, an empty `pleasantness` nothing
    said; `percent` of the snapshots show the expression and the others a neutral face.
    """
    rules = get_window_settings().to_rules()
    entries = [
        *(_make_readings(at, expression, percent, rules.window_days) if expression else ()),
        *(_make_checkins(at, float(pleasantness), float(energy or 0), rules.floor_checkins) if pleasantness else ()),
    ]
    journal = Journal(tuple(sorted(entries, key=lambda entry: entry.at)))
    mood = summarise(observe(journal, zone=at.tzinfo, until=at), now=at, rules=rules, prior=get_prior())
    situation = Situation(now=at, place=place or None, minutes=minutes, avoid=frozenset(avoid))
    return _preview(mood, situation, draw)


def _preview(mood: Mood, situation: Situation, draw: int) -> Preview:
    activities = {row.slug: row for row in Activity.objects.select_related("category")}
    candidates = {slug: activity.to_candidate() for slug, activity in activities.items()}
    rng = np.random.default_rng(draw)
    chosen = suggest(list(candidates.values()), mood=mood, situation=situation, history=History(), rng=rng)
    offered = tuple(
        Offered(activities[one.slug], explain(one.reason, effect_note=activities[one.slug].effect_note), one.propensity)
        for one in chosen
    )
    hindered: dict[Constraint, list[Activity]] = {}
    possible = []
    for slug in sorted(set(activities) - {one.slug for one in chosen}, key=lambda slug: activities[slug].title):
        hindrance = blocking_constraint(candidates[slug], situation=situation, history=History())
        if hindrance is None:
            possible.append(activities[slug])
        else:
            hindered.setdefault(hindrance, []).append(activities[slug])
    withheld = tuple((HINDRANCES[name], tuple(rows)) for name, rows in hindered.items())
    return Preview(mood, offered, tuple(possible), withheld)


def _make_readings(at: datetime, expression: str, percent: int, days: int) -> Iterator[AnyEntry]:
    rest = (1 - _CERTAINTY) / (len(EXPRESSIONS) - 1)
    for index in range(min(days * _A_DAY, 600)):
        shown = expression if (index * 37) % 100 < percent else "neutral"
        p = tuple(_CERTAINTY if name == shown else rest for name in EXPRESSIONS)
        reading = Reading(capture=uuid4(), outcome=READING, p=p, quality=1.0, model="made up")
        yield JournalEntry(uuid4(), at - timedelta(days=index % days, minutes=5 * (index // days)), reading)


def _make_checkins(at: datetime, pleasantness: float, energy: float, count: int) -> Iterator[AnyEntry]:
    checkin = CheckIn(pleasantness=pleasantness, energy=energy, words=(), note="")
    return (JournalEntry(uuid4(), at - timedelta(minutes=30 * index), checkin) for index in range(max(count, 3)))
