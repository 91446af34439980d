"""A year of entries summed up and ranked, as JSON: `python benchmarks/recommender.py`. Needs no database."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from emotion.labels import EXPRESSIONS
from recommender.history import read_history
from recommender.mood import MoodRules, summarise
from recommender.ranking import Option, Situation, suggest
from tests.recommender.people import DESK_WORKER, EVERYDAY, NOW, Line, MadeUpClassifier, reading

CATALOGUE = json.loads((Path(__file__).parent.parent / "recommender/catalogue/activities.json").read_text())
YEAR = MoodRules(window_days=365, half_life_days=90)
REPEATS = 15


def make_entries(count: int, *, days: int = 365) -> list[Line]:
    """Readings spread evenly over `days`, and three answered suggestions on each of them."""
    rng = np.random.default_rng(1)
    seen = MadeUpClassifier().read(rng.choice(len(EXPRESSIONS), count, p=DESK_WORKER), rng)
    moments = [NOW - timedelta(days=days * index / count) for index in range(count)]
    return [reading(row.tolist(), at) for row, at in zip(seen, moments, strict=True)] + make_answers(days)


def make_answers(days: int) -> list[Line]:
    rng = np.random.default_rng(2)
    slugs = [item["slug"] for item in CATALOGUE["activities"]]
    lines = []
    for index in range(3 * days):
        at = NOW - timedelta(days=index // 3, hours=1)
        slug = slugs[int(rng.integers(len(slugs)))]
        offer = Line("suggestion", at, {"activity": slug, "slot": index % 3, "reason": {}, "propensity": 0.1})
        data = {"suggestion": str(offer.id), "activity": slug, "answer": "did", "helped": int(rng.integers(-2, 3))}
        lines += [offer, Line("feedback", at + timedelta(minutes=20), data)]
    return lines


def make_options() -> list[Option]:
    return [
        Option(
            slug=item["slug"],
            category=item["category"],
            targets=frozenset(item["targets"]),
            minutes=item["minutes"],
            grade=item["evidence_grade"],
            places=frozenset(item["places"]),
            dayparts=frozenset(item["dayparts"]),
            limits=frozenset(item["limits"]),
            cooldown_hours=item["cooldown_hours"],
            safety=item["safety"],
            review_due=date(2099, 1, 1),
        )
        for item in CATALOGUE["activities"]
    ]


def measure(work: Callable[[], object]) -> float:
    """Milliseconds of the quickest run: others on the machine only ever add."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return round(min(times), 1)


def main() -> None:
    figures: dict[str, float] = {}
    options, situation = make_options(), Situation(now=NOW)
    for count in (60, 4_000, 100_000):
        entries = make_entries(count)
        mood = summarise(entries, now=NOW, rules=YEAR, prior=EVERYDAY.tolist())
        history = read_history(entries)
        rng = np.random.default_rng(3)
        figures[f"summarise_{count}_ms"] = measure(
            lambda entries=entries: summarise(entries, now=NOW, rules=YEAR, prior=EVERYDAY.tolist())
        )
        figures[f"read_history_{count}_ms"] = measure(lambda entries=entries: read_history(entries))
        figures[f"suggest_{count}_ms"] = measure(
            lambda mood=mood, history=history, rng=rng: suggest(
                options, mood=mood, situation=situation, history=history, rng=rng
            )
        )
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
