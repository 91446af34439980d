"""How well probabilities match labels; numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Labels = NDArray[np.int64]


def softmax(logits: Floats) -> NDArray[np.float64]:
    """Probabilities along the last axis."""
    shifted = np.asarray(logits, dtype=np.float64)
    shifted = np.exp(shifted - shifted.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def confusion_counts(labels: Labels, predicted: Labels, classes: int) -> NDArray[np.int64]:
    """Counts with rows for the true class and columns for the predicted one."""
    flat = np.bincount(labels * classes + predicted, minlength=classes * classes)
    return np.asarray(flat.reshape(classes, classes), dtype=np.int64)


def recalls(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Recall of each class; NaN where a class has no image."""
    totals = confusion.sum(axis=1)
    return np.where(totals > 0, np.diag(confusion) / np.maximum(totals, 1), np.nan)


def precisions(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """Precision of each class; 0 where it was never predicted."""
    return np.asarray(np.diag(confusion) / np.maximum(confusion.sum(axis=0), 1), dtype=np.float64)


def f1_scores(confusion: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 of each class; NaN where a class has no image."""
    both = confusion.sum(axis=0) + confusion.sum(axis=1)
    scores = 2 * np.diag(confusion) / np.maximum(both, 1)
    return np.where(confusion.sum(axis=1) > 0, scores, np.nan)
