"""Everything the dashboard shows, from one reading of the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from emotion.journal import OpenedVault, read_journal
from recommender.history import Situation, read_situation
from recommender.lines import Line, describe_entries
from recommender.mood import Mood
from recommender.selectors import get_local_now, get_window_settings, summarise_entries
from recommender.services.suggestions import OfferedActivity, offer_suggestions
from wellbeing.models import User

RECENT: Final = 6


@dataclass(frozen=True, slots=True)
class Today:
    """The window up to `now` (in the person's time zone), today's suggestions and the latest readings."""

    now: datetime
    mood: Mood
    situation: Situation
    suggestions: tuple[OfferedActivity, ...]
    recent: tuple[Line, ...]
    damaged: int


def look_at_today(*, user: User, opened: OpenedVault, rng: np.random.Generator | None = None) -> Today:
    """Sums up the window and, where today's suggestions are missing, offers new ones and notes them."""
    now = get_local_now(user)
    journal = read_journal(opened)
    mood = summarise_entries(journal.entries, now=now, rules=get_window_settings().to_rules())
    situation = read_situation(journal.entries, now=now)
    suggestions = offer_suggestions(
        user=user, opened=opened, entries=journal.entries, mood=mood, situation=situation, rng=rng
    )
    readings = [entry for entry in journal.entries if entry.kind in ("reading", "correction")]
    recent = describe_entries(readings, zone=now.tzinfo)[:RECENT]
    return Today(now, mood, situation, suggestions, recent, len(journal.damaged))
