"""What came after an activity, as the person rated it: a card for each activity they rated often enough."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from recommender.mood.summary import Estimate
from recommender.ranking.history import Answer, History

#: Ratings it takes before anything is said.
FLOOR: Final = 8
#: What studies of each grade let one expect on the scale -2..2; small, as micro-breaks are (d = 0.35,
#: doi:10.1371/journal.pone.0272460). It weighs as much as four ratings.
EXPECTED: Final[Mapping[str, float]] = {"A": 0.5, "B": 0.4, "C": 0.3, "D": 0.2}
_EXPECTED_WORTH: Final = 4.0
#: Spread of single ratings until the person's own is known.
_SPREAD: Final = 1.0


@dataclass(frozen=True, slots=True)
class Effect:
    """`change`: on the scale -2..2 (or after minus before, -4..4), drawn towards what studies found. Not a cause."""

    activity: str
    change: Estimate
    count: int


def find_effects(history: History, *, grades: Mapping[str, str]) -> tuple[Effect, ...]:
    """Activities with FLOOR ratings or more, the most helpful first; `grades` maps slugs to evidence grades."""
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
    """After minus before where both were said, else how much it helped; None where neither was."""
    if answer.answer != "did":
        return None
    if answer.before is not None and answer.after is not None:
        return float(answer.after - answer.before)
    return None if answer.helped is None else float(answer.helped)


def _shrink(values: list[float], expected: float) -> Estimate:
    """Mean and 95 % interval, with `expected` counted as _EXPECTED_WORTH ratings."""
    count = len(values)
    mean = sum(values) / count
    squares = sum((value - mean) ** 2 for value in values) + _EXPECTED_WORTH * _SPREAD**2
    spread = math.sqrt(squares / (count - 1 + _EXPECTED_WORTH))
    shrunk = (sum(values) + _EXPECTED_WORTH * expected) / (count + _EXPECTED_WORTH)
    margin = 1.96 * spread / math.sqrt(count + _EXPECTED_WORTH)
    return Estimate(shrunk, shrunk - margin, shrunk + margin)
