"""Off-policy estimates of what other policies would have gained, from our logged propensities."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from research.recommender.world import Logged

_RESAMPLES: Final = 400


def judge_off_policy(log: Sequence[Logged]) -> list[dict[str, Any]]:
    """Self-normalised estimates (Swaminathan and Joachims 2015, https://papers.nips.cc/paper/5748), and the truth.

    95 % intervals by bootstrap over people.
    """
    return [
        _estimate(log, "everything alike", lambda row: 1 / len(row.among), lambda row: float(np.mean(row.worths))),
        _estimate(
            log,
            "the lookup table, every second time",
            lambda row: 0.5 * (row.candidate == row.table) + 0.5 / len(row.among),
            lambda row: 0.5 * row.worths[row.among.index(row.table)] + 0.5 * float(np.mean(row.worths)),
        ),
    ]


def _estimate(
    log: Sequence[Logged], name: str, chance: Callable[[Logged], float], worth: Callable[[Logged], float]
) -> dict[str, Any]:
    people = np.array([row.person for row in log])
    weights = np.array([chance(row) / row.propensity for row in log])
    gains = np.array([row.gain for row in log])
    numbers, index = np.unique(people, return_inverse=True)
    top = np.bincount(index, weights=weights * gains)
    bottom = np.bincount(index, weights=weights)
    rng = np.random.default_rng(5)
    picks = rng.integers(len(numbers), size=(_RESAMPLES, len(numbers)))
    drawn = top[picks].sum(axis=1) / bottom[picks].sum(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {
        "policy": name,
        "estimate": round(float(top.sum() / bottom.sum()), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
        "truth": round(float(np.mean([worth(row) for row in log])), 4),
        "logged": len(log),
    }
