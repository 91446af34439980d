"""How often a face truly showed each expression, from readings that are sometimes wrong.

Counting the classifier's answers is biased: a class it often gets wrong looks rare and the classes it is mistaken for
look common. A calibrated probability divided by the prior it was given under is, up to a factor, how likely the
picture is under each expression; expectation maximisation over these likelihoods finds the mix that explains all
readings together, as in Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori
probabilities", Neural Computation 14 (2002), doi:10.1162/089976602753284446. Intervals are a Bayesian bootstrap
(Rubin 1981, doi:10.1214/aos/1176345338). `docs/decisions/0020` tells what was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS: Final = 240
#: What a reading met in real life is worth of one in the test set: with 1, 95 % intervals hold the truth 93 % of the
#: time on held-out faces.
EFFECTIVE_SAMPLE_FACTOR: Final = 0.8
#: The chance that a window is unlike the weeks before it, before its readings are looked at. High, because what is
#: vague foretells little and loses by that alone; chosen so that intervals hold as often as they say (decision 24).
UNLIKE_PRIOR: Final = 0.97
#: Resampling groups kept at most; with more, neighbours are merged so that a long history costs linear time.
MAX_GROUPS: Final = 250
#: Likelihoods are rounded to this many steps before alike readings are counted together, once there are more
#: readings than `_ALIKE_FROM`.
_ROUNDING_STEPS: Final = 6
_ALIKE_FROM: Final = 250
_SEED: Final = 20
_ROUNDS: Final = 400
_TOLERANCE: Final = 1e-7
_DRAW_ROUNDS: Final = 40
_DRAW_TOLERANCE: Final = 5e-4
_LEAST: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Mixture:
    """A mix over k expressions and what it could as well have been. `point` sums to 1, so does each row of `draws`.

    `effective`: how many readings of equal weight, hours apart, the mix stands on.
    """

    point: Floats
    draws: Floats
    effective: float

    def interval(self, values: Floats, *, level: float = 0.95) -> tuple[float, float, float]:
        """Value, low and high of the mix's mean of `values`, one number for each expression."""
        point = float(self.point @ values)
        tail = (1 - level) / 2
        low, high = np.quantile(self.draws @ values, [tail, 1 - tail])
        return point, min(float(low), point), max(float(high), point)


def to_likelihoods(probabilities: Floats, prior: Sequence[float] | Floats | None) -> Floats:
    """Rows of `probabilities`, given under `prior` (None: all classes alike), as likelihoods that sum to 1.

    Raises ValueError unless the prior has one positive number for each class.
    """
    k = probabilities.shape[1]
    shares = np.full(k, 1 / k) if prior is None else np.asarray(prior, dtype=np.float64)
    if shares.shape != (k,) or not np.isfinite(shares).all() or (shares <= 0).any():
        raise ValueError(f"A prior holds {k} positive numbers.")
    ratios = probabilities / shares
    return np.asarray(ratios / np.maximum(ratios.sum(axis=1, keepdims=True), _LEAST))


def find_mix(likelihoods: Floats, masses: Floats, prior: Floats, *, start: Floats | None = None) -> Floats:
    """The mix with the highest posterior for each row of `masses` (rows, n) over `likelihoods` (n, k).

    `prior` (k or rows, k) counts readings known beforehand. Each row of the answer sums to 1.
    """
    prior = np.broadcast_to(prior, (len(masses), likelihoods.shape[1]))
    total = masses.sum(axis=1, keepdims=True) + prior.sum(axis=1, keepdims=True)
    mix = prior / prior.sum(axis=1, keepdims=True) if start is None else start
    rounds, tolerance = (_ROUNDS, _TOLERANCE) if start is None else (_DRAW_ROUNDS, _DRAW_TOLERANCE)
    turned = np.ascontiguousarray(likelihoods.T)
    for _ in range(rounds):
        shown = mix @ turned
        np.maximum(shown, 1e-12, out=shown)
        better = (np.divide(masses, shown, out=shown) @ likelihoods * mix + prior) / total
        moved = float(np.abs(better - mix).max())
        mix = better
        if moved < tolerance:
            break
    return mix


def estimate_mix(
    likelihoods: Floats,
    weights: Floats,
    groups: NDArray[np.int64],
    *,
    prior: Floats,
    own: Floats | None = None,
    draws: int = DRAWS,
) -> Mixture:
    """The mix behind `likelihoods`, shape (n, k), each counted `weights` times, with what it could as well be.

    `prior` (k) counts readings known beforehand; `own` (k) those of the person's earlier weeks, which never count for
    more than the ones at hand, and for nothing in as many draws as the window is likely to be unlike them. Readings of
    one group (one hour) are resampled together, because they are not independent. Raises ValueError when nothing
    carries weight.
    """
    if not (weights > 0).any():
        raise ValueError("There is nothing to estimate a mix from.")
    alike, masses = _group(likelihoods, weights, groups)
    sizes = masses.sum(axis=1)
    effective = float(sizes.sum() ** 2 / (sizes**2).sum())
    worth = EFFECTIVE_SAMPLE_FACTOR * effective
    own = np.zeros_like(prior) if own is None else own * min(1.0, worth / max(own.sum(), _LEAST))
    bare, whole = np.maximum([prior, prior + own], _LEAST)
    point = find_mix(likelihoods, _scaled(weights[None] / weights.max(), worth), whole)
    alone, rough = find_mix(alike, _scaled(np.stack([masses.sum(axis=0)] * 2), worth), np.stack([bare, whole]))
    shaken = np.random.default_rng(_SEED)
    resampled = _scaled(shaken.standard_exponential((draws, len(masses))) @ masses, worth)
    unlike = np.arange(draws) < draws * chance_unlike(worth * alone, bare, whole)
    priors = np.maximum(shaken.standard_gamma(np.where(unlike[:, None], bare, whole)), _LEAST)
    spread = find_mix(alike, resampled, priors, start=np.tile(rough, (draws, 1))) * (point / rough)
    return Mixture(point=point[0], draws=spread / spread.sum(axis=1, keepdims=True), effective=effective)


def chance_unlike(counts: Floats, prior: Floats, whole: Floats) -> float:
    """The chance that a window with `counts` readings of each expression is unlike the weeks in `whole` (k each).

    By how well `prior` alone and `whole`, which has the earlier weeks in it, foretell the counts: the weights of a
    robust prior as in Schmidli and others, Biometrics 70 (2014), doi:10.1111/biom.12242, for Dirichlet distributions.
    """
    told = _foretell(counts, whole) - _foretell(counts, prior)
    return float(1 / (1 + (1 - UNLIKE_PRIOR) / UNLIKE_PRIOR * np.exp(np.clip(told, -50, 50))))


def _foretell(counts: Floats, prior: Floats) -> float:
    """Logarithm of how likely the counts are, one after the other, when `prior` readings were known."""
    return _log_beta(prior + counts) - _log_beta(prior)


def _log_beta(counts: Floats) -> float:
    return sum(map(lgamma, counts)) - lgamma(counts.sum())


def _group(likelihoods: Floats, weights: Floats, groups: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Likelihoods (cells, k) and the weight each of them has in each group (groups, cells).

    Counting alike readings together shifts a mix by a point or two; `estimate_mix` takes that out again.
    """
    rows = _number(groups)
    count = int(rows.max()) + 1
    if count > MAX_GROUPS:
        rows, count = rows * MAX_GROUPS // count, MAX_GROUPS
    cells = np.arange(len(likelihoods)) if len(likelihoods) <= _ALIKE_FROM else _find_alike(likelihoods)
    width = int(cells.max()) + 1
    masses = np.bincount(rows * width + cells, weights=weights / weights.max(), minlength=count * width)
    masses = masses.reshape(count, width)
    sizes = np.bincount(cells, minlength=width)
    sums = [np.bincount(cells, weights=column, minlength=width) for column in likelihoods.T]
    return np.stack(sums, axis=1) / sizes[:, None], np.asarray(masses[masses.sum(axis=1) > 0])


def _find_alike(likelihoods: Floats) -> NDArray[np.int64]:
    steps = np.rint(likelihoods * _ROUNDING_STEPS).astype(np.int64)
    return _number(steps @ (_ROUNDING_STEPS + 1) ** np.arange(likelihoods.shape[1]))


def _number(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2 ... for the distinct keys in their order."""
    return np.asarray(np.unique(keys, return_inverse=True)[1], dtype=np.int64)


def _scaled(masses: Floats, total: float) -> Floats:
    """Each row brought to the weight of `total` readings, so that the prior weighs the same in all."""
    return np.asarray(masses * (total / masses.sum(axis=1, keepdims=True)))
