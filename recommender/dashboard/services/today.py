"""Everything the dashboard shows, from one reading of the journal."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from accounts.models import User
from accounts.selectors import get_local_now
from emotion.displayed_journal import read_displayed_journal
from recommender.catalogue.selectors import get_prior, get_window_settings
from recommender.dashboard.entry_lines import Line, Titles, describe_entries
from recommender.dashboard.selectors import get_grades, get_titles
from recommender.dashboard.services.checkins import find_own_words
from recommender.dashboard.services.suggestions import OfferedActivity, offer_suggestions
from recommender.mood.agreement import Agreement, measure_agreement
from recommender.mood.observations import observe
from recommender.mood.personal_prior import EARLIER_DAYS
from recommender.mood.summary import Mood, summarise
from recommender.mood.trend import Trend, find_trend
from recommender.ranking.effects import Effect, find_effects
from recommender.ranking.history import (
    History,
    Situation,
    find_low_days,
    read_history,
    read_situation,
    shows_trends,
)
from vault.journal.contents import Damage, Journal
from vault.journal.entries import OpenedVault
from vault.journal.kinds import STANDING, CameraKept, Feedback, Kind, Reading, Suggestion, Taste

RECENT: Final = 6
#: How far back the page looks for readings and check-ins: at least a year and a day.
REACH_DAYS: Final = 367
#: Of more entries than anybody's own days make, the page looks at the newest: a file may have brought any number.
MOST_ENTRIES: Final = 30_000
#: What counts however long ago it was.
ALWAYS: Final[tuple[type[Kind], ...]] = (Suggestion, Feedback, *STANDING)


@dataclass(frozen=True, slots=True)
class Today:
    """The window up to `now` (in the person's time zone), today's suggestions, the weeks before, the latest readings.

    `effects` come with their activities' titles. What the page asks is asked of the person and noted in their journal.
    """

    now: datetime
    mood: Mood
    situation: Situation
    suggestions: tuple[OfferedActivity, ...]
    recent: tuple[Line, ...]
    damage: Damage
    withheld: int
    agreement: Agreement
    offers_camera_off: bool
    own_words: tuple[str, ...]
    trend: Trend
    effects: tuple[tuple[Effect, str], ...]
    asks_about_low_days: bool
    asks_about_taste: bool
    shows_trends: bool


def read_today(*, user: User, opened: OpenedVault, rng: np.random.Generator | None = None) -> Today:
    """Sums up the window and, where today's suggestions are missing, offers new ones and notes them."""
    now = get_local_now(user)
    settings = get_window_settings()
    reach = timedelta(days=max(REACH_DAYS, settings.window_days + EARLIER_DAYS))
    journal = read_displayed_journal(user, opened, since=now - reach, always=ALWAYS, newest=MOST_ENTRIES)
    prior, low_rules = get_prior(), settings.to_low_rules()
    seen = observe(journal, zone=now.tzinfo, until=now)
    mood = summarise(seen, now=now, rules=settings.to_rules(), prior=prior)
    situation = read_situation(journal, now=now, gentle_days=low_rules.gentle_days)
    history, taste = read_history(journal), journal.latest(Taste)
    suggestions = offer_suggestions(
        user=user,
        opened=opened,
        history=history,
        taste=taste.data if taste else None,
        mood=mood,
        situation=situation,
        rng=rng,
    )
    agreement = measure_agreement(journal, now=now)
    trend = find_trend(seen, today=now.date(), prior=prior, rules=low_rules)
    recent = journal.of(Reading)[-RECENT:]
    return Today(
        now=now,
        mood=mood,
        situation=situation,
        suggestions=suggestions,
        recent=describe_entries(recent, zone=now.tzinfo, corrections=journal.corrections),
        damage=journal.damage,
        withheld=len(journal.withheld),
        agreement=agreement,
        offers_camera_off=agreement.verdict == "adds_nothing" and not _was_kept(journal, now),
        own_words=find_own_words(journal),
        trend=trend,
        effects=_find_effects(history, now),
        asks_about_low_days=trend.drop is not None
        and find_low_days(journal, now=now, gentle_days=low_rules.gentle_days) is None,
        asks_about_taste=taste is None,
        shows_trends=shows_trends(journal),
    )


def _was_kept(journal: Journal, now: datetime) -> bool:
    """The offer to switch the camera off rests for a while after it was declined."""
    latest = journal.latest(CameraKept)
    return latest is not None and now - latest.at < CameraKept.lasting


def _find_effects(history: History, now: datetime) -> tuple[tuple[Effect, str], ...]:
    if not history.rewards:
        return ()
    effects = find_effects(history, grades=get_grades())
    titles = get_titles() if effects else Titles()
    return tuple((effect, titles.find(effect.activity, now)) for effect in effects)
