"""Evaluates answers on labelled faces under both priors, with bootstrap intervals; needs no tensorflow."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion.classifier.runtime import Classifier, Look
from emotion.classifier.spec import ModelSpec, Prior
from emotion.labels import EXPRESSIONS
from research.training import metrics
from research.training.datasets import FaceSet, Pixels

CLASSES = len(EXPRESSIONS)
PRIORS: tuple[Prior, ...] = ("everyday", "balanced")
BINS = 15
RESAMPLES = 1000

Floats = NDArray[np.float64]


Ask = Callable[[Pixels], Look]


def ask_classifier(classifier: Classifier, *, detect: bool) -> Ask:
    """A function that asks the classifier; without `detect`, pictures must already be cropped to the face."""

    def ask(image: Pixels) -> Look:
        colour = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=-1)
        return classifier.look(colour, detect=detect)

    return ask


@dataclass(frozen=True, slots=True)
class Answers:
    """Logits of the answered pictures, and the true labels of all.

    `rows`: indices of the answered ones. `units`: the unit of the bootstrap for each picture: the person if known, else
    the picture.
    """

    labels: NDArray[np.int64]
    rows: NDArray[np.int64]
    logits: Floats
    outcomes: tuple[str, ...]
    units: NDArray[np.int64]

    def where(self, keep: NDArray[np.bool_]) -> "Answers":
        place = np.cumsum(keep) - 1
        answered = keep[self.rows]
        return Answers(
            labels=self.labels[keep],
            rows=place[self.rows[answered]],
            logits=self.logits[answered],
            outcomes=tuple(np.array(self.outcomes)[keep].tolist()),
            units=np.unique(self.units[keep], return_inverse=True)[1],
        )


def collect_answers(faces: FaceSet, ask: Ask, *, progress: Callable[[int], object] | None = None) -> Answers:
    """Classify every face; `progress` is called with 1 after each."""
    rows, logits, outcomes = [], [], []
    for row, face in enumerate(faces):
        answer = ask(face.read())
        outcomes.append(answer.outcome)
        if answer.logits is not None:
            rows.append(row)
            logits.append(answer.logits)
        if progress is not None:
            progress(1)
    subjects = [face.subject if face.subject is not None else str(row) for row, face in enumerate(faces)]
    return Answers(
        labels=faces.labels,
        rows=np.array(rows, dtype=np.int64),
        logits=np.array(logits, dtype=np.float64) if logits else np.zeros((0, CLASSES)),
        outcomes=tuple(outcomes),
        units=np.unique(subjects, return_inverse=True)[1],
    )


def evaluate(faces: FaceSet, answers: Answers, spec: ModelSpec, *, seed: int = 0) -> dict[str, Any]:
    """The whole report. A picture without an answer counts as wrong, so that refusing gains nothing.

    `majority_only`: the figures for faces on which more than half of the counted FER+ votes agree, as the FER+ authors
    report them; absent if all labels are clear.
    """
    report: dict[str, Any] = {
        "dataset": faces.name,
        "model": spec.name,
        "sha256": spec.sha256,
        "images": len(faces),
        "answered": len(answers.rows),
        "outcomes": dict(sorted(Counter(answers.outcomes).items())),
        "bootstrap": {"resamples": RESAMPLES, "of": "people" if faces.faces[0].subject else "images"},
        **{prior: measure(answers, spec, prior, seed=seed) for prior in PRIORS},
        "selective": risk_coverage(answers, spec),
    }
    clear = faces.clear
    if not clear.all() and clear.any():
        part = answers.where(clear)
        report["majority_only"] = {
            "images": int(clear.sum()),
            **{prior: measure(part, spec, prior, seed=seed) for prior in PRIORS},
        }
    return report


def posteriors(logits: Floats, spec: ModelSpec, prior: Prior) -> Floats:
    """Calibrated probabilities (n, 7): `ModelSpec.posterior`, vectorised."""
    calibration = spec.calibration.under(prior)
    seven = blend(logits, calibration.second)
    return metrics.softmax(seven / calibration.temperature + np.array(spec.offsets(prior)))


def blend(logits: NDArray[np.floating], second: float) -> NDArray[np.floating]:
    """Logits (n, 7) from one readout (n, 7) or two (n, 14); `second` is the weight of the second."""
    if logits.shape[1] == CLASSES:
        return logits
    mixed: NDArray[np.floating] = (1 - second) * logits[:, :CLASSES] + second * logits[:, CLASSES:]
    return mixed


def measure(answers: Answers, spec: ModelSpec, prior: Prior, *, seed: int = 0) -> dict[str, Any]:
    """Accuracy, macro recall and F1, calibration error, classes and confusion under one prior."""
    probabilities = posteriors(answers.logits, spec, prior)
    tallies = _tally(answers, probabilities)
    totals = tallies.sum(axis=0, keepdims=True)
    point = {name: float(values[0]) for name, values in _summaries(totals).items()}
    random = np.random.default_rng(seed)
    drawn = random.multinomial(len(tallies), np.full(len(tallies), 1 / len(tallies)), size=RESAMPLES)
    resampled = _summaries(drawn.astype(np.float64) @ tallies)
    whole = _confusions(totals)[0]
    return {
        **{name: _rounded(value) for name, value in point.items()},
        "intervals": {name: _interval(values) for name, values in resampled.items()},
        "per_class": _per_class(whole),
        "confusion": whole[:, :CLASSES].astype(int).tolist(),
        "reliability": _reliability(totals[0, CLASSES * (CLASSES + 1) :]),
    }


def risk_coverage(answers: Answers, spec: ModelSpec) -> dict[str, Any]:
    """Coverage and accuracy by confidence threshold (everyday prior)."""
    probabilities = posteriors(answers.logits, spec, "everyday")
    confidence = probabilities.max(axis=1)
    hit = probabilities.argmax(axis=1) == answers.labels[answers.rows]
    curve = []
    for threshold in np.arange(0.0, 0.95, 0.05):
        kept = confidence >= threshold
        curve.append(
            {
                "threshold": round(float(threshold), 2),
                "coverage": _rounded(float(kept.sum() / max(1, len(answers.labels)))),
                "accuracy": _rounded(float(hit[kept].mean())) if kept.any() else None,
            }
        )
    kept = confidence >= spec.thresholds.low_confidence
    return {
        "low_confidence": spec.thresholds.low_confidence,
        "coverage": _rounded(float(kept.sum() / max(1, len(answers.labels)))),
        "accuracy": _rounded(float(hit[kept].mean())) if kept.any() else None,
        "curve": curve,
    }


def expected_confusion(probabilities: Floats, labels: NDArray[np.int64]) -> tuple[tuple[float, ...], ...]:
    """Mean probabilities for the pictures of each true expression, as in `ModelSpec.confusion`."""
    rows = []
    for label in range(CLASSES):
        mine = probabilities[labels == label]
        row = mine.mean(axis=0) if len(mine) else np.eye(CLASSES)[label]
        rows.append(tuple(float(value) for value in np.round(row / row.sum(), 6)))
    return tuple(rows)


def _tally(answers: Answers, probabilities: Floats) -> Floats:
    """Additive counts per unit: confusion with an eighth column for no answer; then number, hits and summed confidence
    of each confidence bin."""
    predicted = np.full(len(answers.labels), CLASSES)
    predicted[answers.rows] = probabilities.argmax(axis=1)
    width = CLASSES * (CLASSES + 1)
    tallies = np.zeros((int(answers.units.max()) + 1, width + 3 * BINS))
    np.add.at(tallies, (answers.units, answers.labels * (CLASSES + 1) + predicted), 1.0)
    confidence = probabilities.max(axis=1)
    hit = predicted[answers.rows] == answers.labels[answers.rows]
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    units = answers.units[answers.rows]
    np.add.at(tallies, (units, width + bins), 1.0)
    np.add.at(tallies, (units, width + BINS + bins), hit.astype(np.float64))
    np.add.at(tallies, (units, width + 2 * BINS + bins), confidence)
    return tallies


def _confusions(totals: Floats) -> Floats:
    return totals[:, : CLASSES * (CLASSES + 1)].reshape(-1, CLASSES, CLASSES + 1)


def _summaries(totals: Floats) -> dict[str, Floats]:
    """Each figure for every row of summed tallies; classes without pictures are left out of the means."""
    confusion = _confusions(totals)
    right = np.diagonal(confusion[:, :, :CLASSES], axis1=1, axis2=2)
    true, predicted = confusion.sum(axis=2), confusion[:, :, :CLASSES].sum(axis=1)
    there = true > 0
    recall = np.where(there, right / np.maximum(true, 1), 0.0)
    f1 = np.where(there, 2 * right / np.maximum(true + predicted, 1), 0.0)
    classes = np.maximum(there.sum(axis=1), 1)
    counts, hits, confidence = np.split(totals[:, CLASSES * (CLASSES + 1) :], 3, axis=1)
    gaps = np.abs(hits - confidence).sum(axis=1) / np.maximum(counts.sum(axis=1), 1)
    return {
        "accuracy": right.sum(axis=1) / np.maximum(true.sum(axis=1), 1),
        "macro_recall": recall.sum(axis=1) / classes,
        "macro_f1": f1.sum(axis=1) / classes,
        "expected_calibration_error": gaps,
    }


def _per_class(confusion: Floats) -> dict[str, dict[str, float | int | None]]:
    predicted = confusion[:, :CLASSES].sum(axis=0)
    table: dict[str, dict[str, float | int | None]] = {}
    for index, name in enumerate(EXPRESSIONS):
        right, true = confusion[index, index], confusion[index].sum()
        table[name] = {
            "precision": _rounded(right / predicted[index]) if predicted[index] else None,
            "recall": _rounded(right / true) if true else None,
            "f1": _rounded(2 * right / (true + predicted[index])) if true else None,
            "images": int(true),
        }
    return table


def _reliability(tallies: Floats) -> list[dict[str, float | int]]:
    counts, hits, confidence = np.split(tallies, 3)
    return [
        {
            "images": int(count),
            "confidence": _rounded(confidence[place] / count),
            "accuracy": _rounded(hits[place] / count),
        }
        for place, count in enumerate(counts)
        if count
    ]


def _interval(values: Sequence[float] | Floats) -> list[float]:
    low, high = np.percentile(values, [2.5, 97.5])
    return [_rounded(low), _rounded(high)]


def _rounded(value: float) -> float:
    return round(float(value), 4) if math.isfinite(value) else 0.0
