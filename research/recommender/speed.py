"""Time to summarise and rank a window."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

import numpy as np

from recommender.mood.summary import Mood, MoodRules, summarise
from recommender.ranking.history import Situation, read_history
from recommender.ranking.reward_model import Candidate
from recommender.ranking.suggest import suggest
from research.recommender.people import DESK, SIZE, Faces

NOW: Final = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
YEAR: Final = MoodRules(window_days=365, half_life_days=90)
COUNTS: Final = (60, 4_000, 25_000, 100_000)
_REPEATS: Final = 9


@dataclass(frozen=True, slots=True)
class Line:
    """A journal entry as `vault.journal` hands it out."""

    kind: str
    at: datetime
    data: dict[str, Any]
    id: uuid.UUID = field(default_factory=uuid.uuid4)


def measure_speed(candidates: Sequence[Candidate], faces: Faces, *, prior: Sequence[float]) -> dict[str, float]:
    """Milliseconds of processor time of the quickest of several runs, for a year that holds so many readings.

    `rank` reads the history of answers and suggests; `window` is both together, intervals included.
    """
    figures: dict[str, float] = {}
    for count in COUNTS:
        entries = make_year(candidates, faces, count)
        mood = summarise(entries, now=NOW, rules=YEAR, prior=prior)
        sum_up = partial(summarise, entries, now=NOW, rules=YEAR, prior=prior)
        figures[f"summarise_{count}_ms"] = _quickest(sum_up)
        figures[f"rank_{count}_ms"] = _quickest(partial(_rank, candidates, entries, mood))
        figures[f"window_{count}_ms"] = round(figures[f"summarise_{count}_ms"] + figures[f"rank_{count}_ms"], 1)
    return figures


def _rank(candidates: Sequence[Candidate], entries: Sequence[Line], mood: Mood) -> object:
    situation, rng = Situation(now=NOW), np.random.default_rng(3)
    return suggest(candidates, mood=mood, situation=situation, history=read_history(entries), rng=rng)


def make_year(candidates: Sequence[Candidate], faces: Faces, count: int) -> list[Line]:
    """`count` readings spread evenly over a year, and two answered suggestions on one day in three."""
    rng = np.random.default_rng(1)
    seen, _ = faces.read(rng.choice(SIZE, count, p=np.array(DESK)), rng)
    lines = [
        Line("reading", NOW - timedelta(days=365 * index / count), {"outcome": "reading", "p": row, "quality": 0.8})
        for index, row in enumerate(seen.tolist())
    ]
    for index in range(2 * 365 // 3):
        at = NOW - timedelta(days=3 * (index // 2), hours=1)
        slug = candidates[int(rng.integers(len(candidates)))].slug
        offer = Line("suggestion", at, {"activity": slug, "slot": index % 2, "reason": {}, "propensity": 0.1})
        data = {"suggestion": str(offer.id), "activity": slug, "answer": "did", "helped": int(rng.integers(-2, 3))}
        lines += [offer, Line("feedback", at + timedelta(minutes=20), data)]
    return lines


def _quickest(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(_REPEATS):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return round(min(times), 1)
