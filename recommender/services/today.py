"""Everything the dashboard shows, from one reading of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from emotion.journal import Damage, JournalEntry, OpenedVault
from emotion.showing import read_shown_journal
from recommender.agreement import Agreement, measure_agreement
from recommender.history import Situation, find_own_words, read_situation
from recommender.lines import Line, describe_entries
from recommender.mood import Mood
from recommender.selectors import get_local_now, get_window_settings, summarise_entries
from recommender.services.suggestions import OfferedActivity, offer_suggestions
from wellbeing.models import User

RECENT: Final = 6
#: The offer to switch the camera off rests this long after it was declined.
OFFER_AGAIN: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Today:
    """The window up to `now` (in the person's time zone), today's suggestions and the latest readings."""

    now: datetime
    mood: Mood
    situation: Situation
    suggestions: tuple[OfferedActivity, ...]
    recent: tuple[Line, ...]
    damage: Damage
    held_back: int
    agreement: Agreement
    offers_camera_off: bool
    own_words: tuple[str, ...]


def look_at_today(*, user: User, opened: OpenedVault, rng: np.random.Generator | None = None) -> Today:
    """Sums up the window and, where today's suggestions are missing, offers new ones and notes them."""
    now = get_local_now(user)
    journal = read_shown_journal(user, opened)
    mood = summarise_entries(journal.entries, now=now, rules=get_window_settings().to_rules())
    situation = read_situation(journal.entries, now=now)
    suggestions = offer_suggestions(
        user=user, opened=opened, entries=journal.entries, mood=mood, situation=situation, rng=rng
    )
    readings = [entry for entry in journal.entries if entry.kind in ("reading", "correction")]
    recent = describe_entries(readings, zone=now.tzinfo)[:RECENT]
    agreement = measure_agreement(journal.entries, now=now)
    return Today(
        now=now,
        mood=mood,
        situation=situation,
        suggestions=suggestions,
        recent=recent,
        damage=journal.damage,
        held_back=len(journal.held_back),
        agreement=agreement,
        offers_camera_off=agreement.verdict == "adds_nothing" and not _was_kept(journal.entries, now),
        own_words=find_own_words(journal.entries),
    )


def _was_kept(entries: Sequence[JournalEntry], now: datetime) -> bool:
    return any(entry.kind == "camera_kept" and now - entry.at < OFFER_AGAIN for entry in entries)
