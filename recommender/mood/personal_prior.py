"""Priors of a window's mix: how a face at a desk looks, and how this person's earlier weeks looked.

The weight of earlier weeks is learned: it is higher the more they resemble each other and the window. The variation
between weeks beyond sampling and classification error is estimated by the method of moments of DerSimonian and Laird,
"Meta-analysis in clinical trials", Controlled Clinical Trials 7 (1986), doi:10.1016/0197-2456(86)90046-2, on the
posterior of each reading given the mix. `docs/decisions/0024` gives the reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recommender.mood.affect import as_vector
from recommender.mood.prevalence import EFFECTIVE_SAMPLE_FACTOR, Floats, find_mix

#: Prior for a face at a desk: mostly neutral. It counts as DESK_READINGS readings. An assumption, chosen so that little
#: evidence never invents an emotion.
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
#: How far back earlier weeks go, and how many weeks and readings are needed to use them.
EARLIER_DAYS: Final = 56
LEAST_WEEKS: Final = 3
LEAST_READINGS: Final = 60
_LEAST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class WeightedReadings:
    """Likelihoods (n, k), the weight (n) and the week (n) of each."""

    likelihoods: Floats
    weights: Floats
    weeks: NDArray[np.int64]


def desk_mix() -> Floats:
    """Prior pseudo-counts (readings) for a face at a desk."""
    return DESK_READINGS * as_vector(DESK_MIX)


def own_mix(window: WeightedReadings, earlier: WeightedReadings) -> Floats:
    """Pseudo-counts (readings) from the person's `earlier` weeks for this `window`; zeros while they are too few."""
    if len(np.unique(earlier.weeks)) < LEAST_WEEKS or len(earlier.weights) < LEAST_READINGS:
        return np.zeros(window.likelihoods.shape[1])
    mix = find_mix(earlier.likelihoods, earlier.weights[None], desk_mix())[0]
    variation = find_variation(window, earlier, mix)
    return np.asarray(mix / (variation + 1 / (EFFECTIVE_SAMPLE_FACTOR * earlier.weights.sum())))


def find_variation(window: WeightedReadings, earlier: WeightedReadings, mix: Floats) -> float:
    """Variance of weekly mixes around `mix`, as a share of the largest possible: 0 for identical weeks.

    The larger of the variation between the earlier weeks and the deviation of the window.
    """
    rated, weights = _posteriors(earlier.likelihoods, mix), earlier.weights
    middle = np.average(rated, axis=0, weights=weights)
    noise = float(np.average(((rated - middle) ** 2).sum(axis=1), weights=weights))
    reach = max(_largest_variance(rated, weights, mix), _LEAST)
    total = weights.sum()
    weeks = np.unique(earlier.weeks, return_inverse=True)[1]
    sizes = np.bincount(weeks, weights=weights)
    means = np.stack([np.bincount(weeks, weights=weights * column) for column in rated.T], axis=1) / sizes[:, None]
    apart = sizes @ ((means - middle) ** 2).sum(axis=1) - (len(sizes) - 1) * noise
    among = float(apart / (reach * (total - (sizes**2).sum() / total)))
    off = np.average(_posteriors(window.likelihoods, mix), axis=0, weights=window.weights) - middle
    count = window.weights.sum() ** 2 / (window.weights**2).sum()
    return max(among, float(off @ off - noise / count) / reach, 0.0)


def _posteriors(likelihoods: Floats, mix: Floats) -> Floats:
    """The probability of each expression for each reading, given the mix; rows sum to 1."""
    weighed = likelihoods * mix
    return np.asarray(weighed / np.maximum(weighed.sum(axis=1, keepdims=True), _LEAST))


def _largest_variance(rated: Floats, weights: Floats, mix: Floats) -> float:
    """The largest variance between weeks of the mean posterior; smaller the less readings discriminate."""
    joint = (rated * weights[:, None]).T @ rated
    confusion = joint / np.maximum(joint.sum(axis=1, keepdims=True), _LEAST)
    return float(np.trace(confusion.T @ (np.diag(mix) - np.outer(mix, mix)) @ confusion))
