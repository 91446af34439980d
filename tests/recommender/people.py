"""Made-up people with a known mix of expressions, and a made-up classifier whose mistakes are known."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion.labels import EXPRESSIONS

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
SIZE = len(EXPRESSIONS)

#: Recalls of a classifier trained on FER2013 alone, with its usual confusions beside them; rows are true.
RECALL_60 = np.array(
    [
        [0.56, 0.05, 0.11, 0.03, 0.12, 0.11, 0.02],
        [0.20, 0.58, 0.05, 0.03, 0.05, 0.07, 0.02],
        [0.10, 0.02, 0.43, 0.03, 0.12, 0.18, 0.12],
        [0.02, 0.00, 0.02, 0.86, 0.06, 0.02, 0.02],
        [0.06, 0.01, 0.06, 0.07, 0.60, 0.18, 0.02],
        [0.10, 0.01, 0.11, 0.04, 0.18, 0.55, 0.01],
        [0.02, 0.00, 0.10, 0.05, 0.04, 0.01, 0.78],
    ]
)
EVERYDAY = np.array([0.05, 0.02, 0.03, 0.20, 0.55, 0.10, 0.05])
DESK_WORKER = np.array([0.03, 0.01, 0.03, 0.06, 0.80, 0.05, 0.02])


@dataclass(frozen=True, slots=True)
class Line:
    """A journal entry as `emotion.journal` hands it out."""

    kind: str
    at: datetime
    data: dict[str, Any]
    id: uuid.UUID = field(default_factory=uuid.uuid4)


def one_hot(expression: str) -> list[float]:
    return [float(name == expression) for name in EXPRESSIONS]


def reading(expression: str | Sequence[float], at: datetime = NOW, *, quality: float = 1.0) -> Line:
    p = one_hot(expression) if isinstance(expression, str) else [float(value) for value in expression]
    return Line("reading", at, {"outcome": "reading", "p": p, "quality": quality, "model": "test"})


def no_reading(reason: str, at: datetime = NOW) -> Line:
    return Line("reading", at, {"outcome": reason, "p": None, "quality": 0.0, "model": "test"})


def checkin(pleasantness: float, energy: float, at: datetime = NOW) -> Line:
    return Line("checkin", at, {"pleasantness": pleasantness, "energy": energy, "words": [], "note": ""})


def correction(of: Line, expression: str, at: datetime = NOW) -> Line:
    return Line("correction", at, {"of": str(of.id), "expression": expression})


def days_ago(days: float, *, now: datetime = NOW) -> datetime:
    return now - timedelta(days=days)


def spread(count: int, *, days: int = 7, now: datetime = NOW) -> list[datetime]:
    """`count` moments over the last `days` days, hours apart."""
    return [now - timedelta(days=index % days, hours=(index // days) % 12) for index in range(count)]


@dataclass(frozen=True, slots=True)
class MadeUpClassifier:
    """Draws a score vector around the true class, answers calibrated probabilities under the everyday prior."""

    sharpness: float = 2.2

    def centres(self) -> NDArray[np.float64]:
        # Two classes lie as near to each other as they are mistaken for each other.
        likeness = (RECALL_60 + RECALL_60.T) / 2
        np.fill_diagonal(likeness, 1.0)
        return np.asarray(self.sharpness * np.linalg.cholesky(likeness))

    def read(self, truth: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
        centres = self.centres()
        seen = centres[truth] + rng.normal(size=(len(truth), SIZE))
        log = -((seen[:, None, :] - centres[None]) ** 2).sum(axis=2) / 2 + np.log(EVERYDAY)
        likely = np.exp(log - log.max(axis=1, keepdims=True))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def draw_labels(truth: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Labels, wrong as often as RECALL_60 says."""
    return np.array([rng.choice(SIZE, p=RECALL_60[index] / RECALL_60[index].sum()) for index in truth])


def worth_of(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Calibrated probabilities (n, 7) of a classifier that says no more than such labels, under EVERYDAY."""
    joint = EVERYDAY[:, None] * RECALL_60 / RECALL_60.sum(axis=1, keepdims=True)
    return np.asarray((joint / joint.sum(axis=0)).T[labels])
