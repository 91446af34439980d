"""Accuracy and macro precision, recall and F1 of predictions, with bootstrap intervals."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from emotion.training import metrics
from emotion.training.paper.protocol import CLASSES, Rows

FIGURES: Final = ("accuracy", "precision", "recall", "f1")
RESAMPLES: Final = 1000


def score(labels: Rows, predicted: Rows, *, units: Rows | None = None, seed: int = 0) -> dict[str, Any]:
    """Every figure with its 95 % interval and the confusion; `units` (people) are drawn whole where given."""
    drawn = [_figures(labels[rows], predicted[rows]) for rows in _resample(len(labels), units, seed)]
    low, high = np.percentile(np.array(drawn), [2.5, 97.5], axis=0)
    point = _figures(labels, predicted)
    return {
        "images": len(labels),
        **{
            name: {"value": round(point[i], 4), "interval": [round(float(low[i]), 4), round(float(high[i]), 4)]}
            for i, name in enumerate(FIGURES)
        },
        "confusion": metrics.confusion_counts(labels, predicted, len(CLASSES)).tolist(),
    }


def _figures(labels: Rows, predicted: Rows) -> list[float]:
    """Classes without a picture are left out of the means, as scikit-learn's macro average with the labels present."""
    confusion = metrics.confusion_counts(labels, predicted, len(CLASSES))
    there = confusion.sum(axis=1) > 0
    means = [
        float(values[there].mean())
        for values in (metrics.precisions(confusion), metrics.recalls(confusion), metrics.f1_scores(confusion))
    ]
    return [float((labels == predicted).mean()), *means]


def _resample(count: int, units: Rows | None, seed: int) -> list[NDArray[np.int64]]:
    random = np.random.default_rng(seed)
    if units is None:
        return [random.integers(0, count, count) for _ in range(RESAMPLES)]
    members = [np.flatnonzero(units == unit) for unit in np.unique(units)]
    return [
        np.concatenate([members[index] for index in random.integers(0, len(members), len(members))])
        for _ in range(RESAMPLES)
    ]
