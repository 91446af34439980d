"""How much the offers of a catalogue could tell of a mood to somebody who sees what is done: a check of `bound`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from emotion.labels import EXPRESSIONS
from recommender.ranking.history import History, Situation
from recommender.ranking.reward_model import Candidate
from recommender.ranking.suggest import weigh_piles

#: No mood known, and each expression as the only need: whatever is needed lies between these.
NEEDS: Final[Mapping[str, Mapping[str, float] | None]] = {
    "nothing known": None,
    **{need: {name: float(name == need) for name in EXPRESSIONS} for need in EXPRESSIONS},
}


@dataclass(frozen=True, slots=True)
class Exposure:
    """The activity whose chance of being on a page differs most between two moods, by `factor`, in `situation`."""

    factor: float
    activity: str
    likeliest: str
    unlikeliest: str
    situation: Situation


def measure_exposure(
    candidates: Sequence[Candidate], situations: Sequence[Situation], *, history: History | None = None, deals: int = 2
) -> Exposure | None:
    """The worst of all `situations`, days called low and others; each chance is the mean over `deals` deals.

    Without an activity that may be offered: None. The deals are the same for every mood, so the factor is no chance
    finding: with `hold_chances` it never passes FACTOR.
    """
    found = [_measure_one(candidates, situation, history or History(), deals) for situation in situations]
    return max((one for one in found if one), key=lambda one: one.factor, default=None)


def _measure_one(
    candidates: Sequence[Candidate], situation: Situation, history: History, deals: int
) -> Exposure | None:
    chances: dict[str, dict[str, float]] = defaultdict(dict)
    for mood, slug, chance in _find_chances(candidates, situation, history, deals):
        chances[slug][mood] = chance
    factors = {slug: max(of.values()) / min(of.values()) for slug, of in chances.items()}
    if not factors:
        return None
    worst = max(factors, key=factors.__getitem__)
    of = chances[worst]
    return Exposure(float(factors[worst]), worst, max(of, key=of.__getitem__), min(of, key=of.__getitem__), situation)


def _find_chances(
    candidates: Sequence[Candidate], situation: Situation, history: History, deals: int
) -> Iterator[tuple[str, str, float]]:
    """Mood, activity and its chance of being on the page."""
    for (name, needs), gentle in product(NEEDS.items(), (False, True)):
        on_page: dict[str, float] = defaultdict(float)
        for seed in range(deals):
            moment = replace(situation, gentle=gentle)
            rng = np.random.default_rng(seed)
            for pile, chances in weigh_piles(candidates, needs=needs, situation=moment, history=history, rng=rng):
                for candidate, chance in zip(pile, chances, strict=True):
                    on_page[candidate.slug] += chance / deals
        for slug, chance in on_page.items():
            yield f"{name}, a low day" if gentle else name, slug, chance
