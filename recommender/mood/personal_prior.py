"""What is known of a mix before its window: how a face at a desk looks, and how this person's own weeks looked.

How much earlier weeks say is learned from them: as much as they were alike, and as much as the window looks like one of
them. What weeks differ by beyond the chance of few readings and of misread ones is found by the method of moments of
DerSimonian and Laird, "Meta-analysis in clinical trials", Controlled Clinical Trials 7 (1986),
doi:10.1016/0197-2456(86)90046-2, on what each reading tells once the mix is known. `docs/decisions/0024` tells why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.mood.affect import as_vector
from recommender.mood.prevalence import EFFECTIVE_SAMPLE_FACTOR, Floats, find_mix

#: What a face at a desk is taken to show until readings say otherwise: mostly nothing. It weighs as much as
#: DESK_READINGS readings. An assumption, chosen so that little evidence never invents an emotion.
DESK_MIX: Final[Mapping[str, float]] = {
    "anger": 0.05,
    "disgust": 0.03,
    "fear": 0.04,
    "happiness": 0.15,
    "neutral": 0.60,
    "sadness": 0.08,
    "surprise": 0.05,
}
DESK_READINGS: Final = 4.0
#: How far back earlier weeks go, and what it takes of them to say anything.
EARLIER_DAYS: Final = 56
LEAST_WEEKS: Final = 3
LEAST_READINGS: Final = 60
_LEAST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class WeightedReadings:
    """Likelihoods (n, k), what each counts (n), and the week each is of (n)."""

    likelihoods: Floats
    weights: Floats
    weeks: NDArray[np.int64]


def desk_mix() -> Floats:
    """In readings: how a face at a desk is taken to look."""
    return DESK_READINGS * as_vector(DESK_MIX)


def own_mix(window: WeightedReadings, earlier: WeightedReadings) -> Floats:
    """In readings: what the person's `earlier` weeks say of this `window`; nothing while they are too few."""
    if len(np.unique(earlier.weeks)) < LEAST_WEEKS or len(earlier.weights) < LEAST_READINGS:
        return np.zeros(window.likelihoods.shape[1])
    mix = find_mix(earlier.likelihoods, earlier.weights[None], desk_mix())[0]
    variation = find_variation(window, earlier, mix)
    return np.asarray(mix / (variation + 1 / (EFFECTIVE_SAMPLE_FACTOR * earlier.weights.sum())))


def find_variation(window: WeightedReadings, earlier: WeightedReadings, mix: Floats) -> float:
    """How much a week's mix differs from `mix`, as a share of the most it could: 0 for weeks all alike.

    The greater of how much the earlier weeks differed and how much the window does.
    """
    rated, weights = _tell(earlier.likelihoods, mix), earlier.weights
    middle = np.average(rated, axis=0, weights=weights)
    noise = float(np.average(((rated - middle) ** 2).sum(axis=1), weights=weights))
    reach = max(_reach(rated, weights, mix), _LEAST)
    total = weights.sum()
    weeks = np.unique(earlier.weeks, return_inverse=True)[1]
    sizes = np.bincount(weeks, weights=weights)
    means = np.stack([np.bincount(weeks, weights=weights * column) for column in rated.T], axis=1) / sizes[:, None]
    apart = sizes @ ((means - middle) ** 2).sum(axis=1) - (len(sizes) - 1) * noise
    among = float(apart / (reach * (total - (sizes**2).sum() / total)))
    off = np.average(_tell(window.likelihoods, mix), axis=0, weights=window.weights) - middle
    count = window.weights.sum() ** 2 / (window.weights**2).sum()
    return max(among, float(off @ off - noise / count) / reach, 0.0)


def _tell(likelihoods: Floats, mix: Floats) -> Floats:
    """The chance of each expression for each reading, given the mix; rows sum to 1."""
    weighed = likelihoods * mix
    return np.asarray(weighed / np.maximum(weighed.sum(axis=1, keepdims=True), _LEAST))


def _reach(rated: Floats, weights: Floats, mix: Floats) -> float:
    """How far the mean of what readings tell moves at most when weeks differ, squared: less where they tell less."""
    joint = (rated * weights[:, None]).T @ rated
    told = joint / np.maximum(joint.sum(axis=1, keepdims=True), _LEAST)
    return float(np.trace(told.T @ (np.diag(mix) - np.outer(mix, mix)) @ told))
