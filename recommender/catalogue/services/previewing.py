"""What somebody made up would be offered, with the reasons, and what is held back from them. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import numpy as np

from emotion.labels import EXPRESSIONS
from recommender.catalogue.models import Activity
from recommender.dashboard.selectors import get_window_settings, summarise_entries
from recommender.dashboard.wording import explain
from recommender.mood.summary import Mood
from recommender.ranking.history import History, Situation
from recommender.ranking.suggest import blocking_constraint, suggest

#: So many made-up snapshots a day: enough for any floor the settings allow within their window.
_A_DAY: Final = 12
_CERTAINTY: Final = 0.94
#: Why an activity is held back, for administrators.
HINDRANCES: Final[Mapping[str, str]] = {
    "switched_off": "Switched off",
    "no_evidence": "No evidence grade",
    "review_due": "Its review is overdue",
    "not_ranked": "Support or crisis: shown elsewhere, never ranked",
    "place": "Not at this place",
    "minutes": "Takes longer than they have",
    "daypart": "Not at this time of day",
    "limits": "Asks for something they want to be spared",
    "refused": "They said: not for me",
    "rests": "Was offered not long ago",
}


@dataclass(frozen=True, slots=True)
class MadeUpLine:
    """A journal entry that no journal holds."""

    kind: str
    at: datetime
    data: dict[str, Any]
    id: UUID = field(default_factory=uuid4)


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
    withheld: tuple[tuple[str, tuple[Activity, ...]], ...]


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
    lines = [
        *(_make_readings(at, expression, percent, rules.window_days) if expression else ()),
        *(_make_checkins(at, float(pleasantness), float(energy or 0), rules.floor_checkins) if pleasantness else ()),
    ]
    mood = summarise_entries(lines, now=at, rules=rules)
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
    hindered: dict[str, list[Activity]] = {}
    possible = []
    for slug in sorted(set(activities) - {one.slug for one in chosen}, key=lambda slug: activities[slug].title):
        hindrance = blocking_constraint(candidates[slug], situation=situation, history=History())
        if hindrance is None:
            possible.append(activities[slug])
        else:
            hindered.setdefault(hindrance, []).append(activities[slug])
    withheld = tuple((HINDRANCES.get(name, name), tuple(rows)) for name, rows in hindered.items())
    return Preview(mood, offered, tuple(possible), withheld)


def _make_readings(at: datetime, expression: str, percent: int, days: int) -> list[MadeUpLine]:
    count = min(days * _A_DAY, 600)
    lines = []
    for index in range(count):
        shown = expression if (index * 37) % 100 < percent else "neutral"
        rest = (1 - _CERTAINTY) / (len(EXPRESSIONS) - 1)
        p = [_CERTAINTY if name == shown else rest for name in EXPRESSIONS]
        moment = at - timedelta(days=index % days, minutes=5 * (index // days))
        data = {"capture": "", "outcome": "reading", "p": p, "quality": 1.0, "model": "made up"}
        lines.append(MadeUpLine("reading", moment, data))
    return lines


def _make_checkins(at: datetime, pleasantness: float, energy: float, count: int) -> list[MadeUpLine]:
    data = {"pleasantness": pleasantness, "energy": energy, "words": [], "note": ""}
    return [MadeUpLine("checkin", at - timedelta(minutes=30 * index), data) for index in range(max(count, 3))]
