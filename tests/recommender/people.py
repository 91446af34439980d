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
from research.recommender.people import ANY, DESK, WEAK, MatrixFaces

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
SIZE = len(EXPRESSIONS)

EVERYDAY = np.array(ANY)
DESK_WORKER = np.array(DESK)
#: Says no more than labels that are wrong as often as WEAK says.
WEAK_FACES = MatrixFaces.of(WEAK, ANY)


@dataclass(frozen=True, slots=True)
class Line:
    """A journal entry as `vault.journal` hands it out."""

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
        weak = np.array(WEAK)
        likeness = (weak + weak.T) / 2
        np.fill_diagonal(likeness, 1.0)
        return np.asarray(self.sharpness * np.linalg.cholesky(likeness))

    def read(self, truth: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
        centres = self.centres()
        seen = centres[truth] + rng.normal(size=(len(truth), SIZE))
        log = -((seen[:, None, :] - centres[None]) ** 2).sum(axis=2) / 2 + np.log(EVERYDAY)
        likely = np.exp(log - log.max(axis=1, keepdims=True))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))
