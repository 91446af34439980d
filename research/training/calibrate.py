"""Calibrates the network's confidence, and chooses the threshold below which readings are withheld."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from emotion.classifier.spec import Calibration
from emotion.labels import EXPRESSIONS
from research.training import metrics

CLASSES = len(EXPRESSIONS)
BIAS_PENALTY = 5.0
"""Penalty on biases, in images: an expression with 20 images cannot move its own bias far."""

Floats = NDArray[np.floating]
Labels = NDArray[np.int64]


def fit_calibration(logits: Floats, labels: Labels, prior: Floats, *, training_prior: Floats) -> Calibration:
    """Temperature and biases that minimise the log loss of `softmax(z / T + b + log(prior / training_prior))`.

    Vector scaling (Guo et al. 2017) with one temperature; the problem is convex in 1/T and b.
    """
    shift = np.log(np.asarray(prior, dtype=np.float64) / training_prior)
    truth = np.eye(CLASSES)[labels]
    scores = np.asarray(logits, dtype=np.float64)

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        inverse, bias = point[0], point[1:]
        probabilities = metrics.softmax(scores * inverse + bias + shift)
        chosen = np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12)
        value = -np.log(chosen).sum() + BIAS_PENALTY * (bias**2).sum()
        gap = probabilities - truth
        slope = np.concatenate([[(gap * scores).sum()], gap.sum(axis=0) + 2 * BIAS_PENALTY * bias])
        return float(value) / len(labels), slope / len(labels)

    start = np.concatenate([[1.0], np.zeros(CLASSES)])
    bounds = [(0.05, 20.0), *[(-4.0, 4.0)] * CLASSES]
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B")
    bias = found.x[1:] - found.x[1:].mean()
    return Calibration(
        temperature=round(float(1 / found.x[0]), 5), bias=tuple(round(float(value), 5) for value in bias)
    )


def choose_low_confidence(
    probabilities: Floats, labels: Labels, *, worth: float = 0.5, most_refused: float = 0.1
) -> float:
    """Confidence below which a reading is withheld.

    The highest threshold, in steps of 0.01, at which less than `worth` of the withheld readings would have been right,
    and at most `most_refused` of all are withheld.
    """
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == labels
    best = 0.0
    for threshold in np.arange(0.15, 0.9, 0.01):
        refused = confidence < threshold
        if refused.mean() > most_refused:
            break
        if refused.any() and hit[refused].mean() < worth:
            best = float(threshold)
    return round(best, 2)
