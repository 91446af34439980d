"""Ratings after activities: one effect for each activity that the person rated often enough."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from recommender.mood.summary import Estimate
from recommender.ranking.history import Answer, History

#: Ratings needed before an effect is shown.
FLOOR: Final = 8
#: Expected effect by evidence grade, -2..2; small, as for micro-breaks (d = 0.35,
#: doi:10.1371/journal.pone.0272460). It counts as `_EXPECTED_WEIGHT` ratings.
EXPECTED: Final[Mapping[str, float]] = {"A": 0.5, "B": 0.4, "C": 0.3, "D": 0.2}
_EXPECTED_WEIGHT: Final = 4.0
#: Prior standard deviation of single ratings.
_SPREAD: Final = 1.0


@dataclass(frozen=True, slots=True)
class Effect:
    """`change`: -2..2 (or after minus before, -4..4), shrunk towards what studies found. Not causal."""

    activity: str
    change: Estimate
    count: int


def find_effects(history: History, *, grades: Mapping[str, str]) -> tuple[Effect, ...]:
    """Activities with at least FLOOR ratings, most helpful first; `grades` maps slugs to evidence grades."""
    ratings: dict[str, list[float]] = defaultdict(list)
    for offer in history.offers:
        change = change_of(offer.answer) if offer.answer else None
        if change is not None:
            ratings[offer.activity].append(change)
    effects = [
        Effect(slug, _shrink(values, EXPECTED.get(grades.get(slug, "D"), EXPECTED["D"])), len(values))
        for slug, values in ratings.items()
        if len(values) >= FLOOR
    ]
    return tuple(sorted(effects, key=lambda effect: -effect.change.value))


def change_of(answer: Answer) -> float | None:
    """After minus before if both were given, else how much it helped; None without either."""
    if answer.answer != "did":
        return None
    if answer.before is not None and answer.after is not None:
        return float(answer.after - answer.before)
    return None if answer.helped is None else float(answer.helped)


def _shrink(values: list[float], expected: float) -> Estimate:
    """Mean and 95 % interval, with `expected` counted as _EXPECTED_WEIGHT ratings."""
    count = len(values)
    mean = sum(values) / count
    squares = sum((value - mean) ** 2 for value in values) + _EXPECTED_WEIGHT * _SPREAD**2
    spread = math.sqrt(squares / (count - 1 + _EXPECTED_WEIGHT))
    shrunk = (sum(values) + _EXPECTED_WEIGHT * expected) / (count + _EXPECTED_WEIGHT)
    margin = 1.96 * spread / math.sqrt(count + _EXPECTED_WEIGHT)
    return Estimate(shrunk, shrunk - margin, shrunk + margin)
