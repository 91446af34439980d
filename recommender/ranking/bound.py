"""What a mood may change: the chance of no activity by more than a factor, whatever its targets and its rivals are.

Somebody who wrote the catalogue and sees what people do learns little of the mood behind it. Places on the page are
dealt before the mood is looked at, and the mood shifts chances only within its own pile, so the bound is the page's.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import chain, groupby
from typing import Final

import numpy as np

from recommender.mood.prevalence import Floats
from recommender.ranking.reward_model import Candidate

#: Between any two moods the chance of an activity differs at most so many times.
FACTOR: Final = 3.0
#: The part of its chance without a mood that every activity keeps in any mood; at most it gets FACTOR times this.
LEAST: Final = 0.6

Pile = list[Candidate]


def hold_chances(wanted: Floats, blind: Floats) -> Floats:
    """`wanted`, scaled and held between LEAST and FACTOR * LEAST of `blind`, which must not depend on the mood.

    Both have shape (n), are above 0 and sum to 1; so does the result.
    """
    least, most = LEAST * blind, FACTOR * LEAST * blind
    # The sum grows with the scale, linearly between the scales at which a chance reaches one of its bounds.
    scales = np.sort(np.concatenate([least / wanted, most / wanted]))
    sums = np.clip(scales[:, None] * wanted, least, most).sum(axis=1)
    return np.asarray(np.clip(np.interp(1.0, sums, scales) * wanted, least, most))


def deal(ranked: Pile, *, count: int, on_page: Collection[str] = (), waiting: Collection[str] = ()) -> list[Pile]:
    """`ranked`, in an order that must not depend on the mood, as one pile for each of `count` places.

    Piles share no category while there are enough; the categories `on_page`, then those `waiting`, are the last resort.
    There are fewer piles than `count` only if there are fewer activities.
    """
    groups: dict[str, Pile] = defaultdict(list)
    for candidate in ranked:
        groups[candidate.category].append(candidate)
    piles: list[Pile] = []
    tiers = {category: (category in on_page, category in waiting) for category in groups}
    for _tier, names in groupby(sorted(groups, key=tiers.__getitem__), key=tiers.__getitem__):
        piles += _deal_evenly([groups[name] for name in names], count - len(piles))
    return _split(piles, count)


def _deal_evenly(groups: Sequence[Pile], count: int) -> list[Pile]:
    count = min(count, len(groups))
    return [list(chain.from_iterable(groups[place::count])) for place in range(count)]


def _split(piles: list[Pile], count: int) -> list[Pile]:
    """Halves the largest until there are `count`."""
    while len(piles) < count and any(len(pile) > 1 for pile in piles):
        largest = max(piles, key=len)
        place = piles.index(largest)
        piles = [*piles[:place], largest[::2], *piles[place + 1 :], largest[1::2]]
    return piles
