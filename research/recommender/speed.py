"""Time to summarise and rank a window."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final
from uuid import uuid4

import numpy as np

from emotion.labels import READING
from recommender.mood.observations import observe
from recommender.mood.summary import Mood, MoodRules, summarise
from recommender.ranking.history import Situation, read_history
from recommender.ranking.reward_model import Candidate
from recommender.ranking.suggest import suggest
from research.recommender.people import DESK, SIZE, Faces
from vault.journal.contents import AnyEntry, Journal, JournalEntry
from vault.journal.kinds import Feedback, Reading, Suggestion

NOW: Final = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
YEAR: Final = MoodRules(window_days=365, half_life_days=90)
COUNTS: Final = (60, 4_000, 25_000, 100_000)
_REPEATS: Final = 9


def measure_speed(candidates: Sequence[Candidate], faces: Faces, *, prior: Sequence[float]) -> dict[str, float]:
    """Milliseconds of processor time of the quickest of several runs, for a year that holds so many readings.

    `rank` reads the history of answers and suggests; `window` is both together, intervals included.
    """
    figures: dict[str, float] = {}
    for count in COUNTS:
        journal = make_year(candidates, faces, count)
        sum_up = partial(_sum_up, journal, prior)
        figures[f"summarise_{count}_ms"] = _quickest(sum_up)
        figures[f"rank_{count}_ms"] = _quickest(partial(_rank, candidates, journal, sum_up()))
        figures[f"window_{count}_ms"] = round(figures[f"summarise_{count}_ms"] + figures[f"rank_{count}_ms"], 1)
    return figures


def _sum_up(journal: Journal, prior: Sequence[float]) -> Mood:
    return summarise(observe(journal, zone=NOW.tzinfo, until=NOW), now=NOW, rules=YEAR, prior=prior)


def _rank(candidates: Sequence[Candidate], journal: Journal, mood: Mood) -> object:
    situation, rng = Situation(now=NOW), np.random.default_rng(3)
    return suggest(candidates, mood=mood, situation=situation, history=read_history(journal), rng=rng)


def make_year(candidates: Sequence[Candidate], faces: Faces, count: int) -> Journal:
    """`count` readings spread evenly over a year, and two answered suggestions on one day in three."""
    rng = np.random.default_rng(1)
    seen, _ = faces.read(rng.choice(SIZE, count, p=np.array(DESK)), rng)
    entries: list[AnyEntry] = []
    for index, row in enumerate(seen.tolist()):
        reading = Reading(capture=uuid4(), outcome=READING, p=tuple(row), quality=0.8, model="made up")
        entries.append(JournalEntry(uuid4(), NOW - timedelta(days=365 * index / count), reading))
    for index in range(2 * 365 // 3):
        at, offer = NOW - timedelta(days=3 * (index // 2), hours=1), uuid4()
        slug = candidates[int(rng.integers(len(candidates)))].slug
        suggestion = Suggestion(activity=slug, slot=index % 2, reason={}, propensity=0.1)
        helped = int(rng.integers(-2, 3))
        answer = Feedback(suggestion=offer, activity=slug, answer="did", helped=helped)
        entries += [JournalEntry(offer, at, suggestion), JournalEntry(uuid4(), at + timedelta(minutes=20), answer)]
    return Journal(tuple(sorted(entries, key=lambda entry: entry.at)))


def _quickest(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(_REPEATS):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return round(min(times), 1)
