"""Made-up employees: mixes of expressions, variable and missing days, tastes; and simulated classifiers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from emotion.labels import EXPRESSIONS
from recommender.mood.affect import PLEASANTNESS, as_vector
from recommender.mood.prevalence import Floats

SIZE: Final = len(EXPRESSIONS)
Labels = NDArray[np.int64]

#: Mixes of EXPRESSIONS of made-up people at desks. Assumptions, not measurements.
DESK: Final = (0.03, 0.01, 0.03, 0.06, 0.80, 0.05, 0.02)
LOW: Final = (0.04, 0.03, 0.05, 0.07, 0.45, 0.30, 0.06)
ANY: Final = (0.05, 0.02, 0.03, 0.20, 0.55, 0.10, 0.05)
#: Confusion matrix of a classifier trained only on FER2013; rows are true.
WEAK: Final = (
    (0.56, 0.05, 0.11, 0.03, 0.12, 0.11, 0.02),
    (0.20, 0.58, 0.05, 0.03, 0.05, 0.07, 0.02),
    (0.10, 0.02, 0.43, 0.03, 0.12, 0.18, 0.12),
    (0.02, 0.00, 0.02, 0.86, 0.06, 0.02, 0.02),
    (0.06, 0.01, 0.06, 0.07, 0.60, 0.18, 0.02),
    (0.10, 0.01, 0.11, 0.04, 0.18, 0.55, 0.01),
    (0.02, 0.00, 0.10, 0.05, 0.04, 0.01, 0.78),
)
#: Correlation of a day with the day before, and share of days without observations.
AUTOCORRELATION_FACTOR: Final = 0.3
MISSING: Final = 0.3
READINGS_A_DAY: Final = 6
#: Change of an expression's log odds on a day that is one standard deviation better, times its pleasantness.
_TILT: Final = 0.7
#: Effect of Monday to Sunday, in standard deviations of a person's days.
WEEKDAYS: Final = (-0.3, -0.1, 0.0, 0.0, 0.3, 0.2, 0.0)
_SPREAD: Final = 0.25


class Faces(Protocol):
    """A simulated classifier: true labels (n) to calibrated probabilities (n, 7) and predicted labels (n)."""

    def read(self, truth: Labels, rng: np.random.Generator) -> tuple[Floats, Labels]: ...


@dataclass(frozen=True, slots=True)
class MatrixFaces:
    """Draws labels from `confusion` (rows are true), and gives each its posterior under `prior`."""

    confusion: Floats
    prior: Floats

    @classmethod
    def of(cls, confusion: Sequence[Sequence[float]], prior: Sequence[float]) -> "MatrixFaces":
        rows = np.array(confusion)
        return cls(rows / rows.sum(axis=1, keepdims=True), np.array(prior))

    def read(self, truth: Labels, rng: np.random.Generator) -> tuple[Floats, Labels]:
        joint = self.prior[:, None] * self.confusion
        posteriors = (joint / joint.sum(axis=0)).T
        bounds = self.confusion.cumsum(axis=1)[truth]
        labels = np.asarray((rng.random((len(truth), 1)) > bounds[:, :-1]).sum(axis=1), dtype=np.int64)
        return np.asarray(posteriors[labels]), labels


@dataclass(frozen=True, slots=True)
class RealFaces:
    """The model's real answers on labelled faces: each time one with the same true label, at random."""

    probabilities: Floats
    labels: Labels

    def read(self, truth: Labels, rng: np.random.Generator) -> tuple[Floats, Labels]:
        places = [np.flatnonzero(self.labels == name) for name in range(SIZE)]
        picks = [places[name][rng.integers(len(places[name]))] for name in truth]
        found = np.asarray(self.probabilities[picks])
        return found, np.asarray(found.argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class MadeUpDay:
    """`level`: how good the day is, in standard deviations of the person's days; `observed`: not missing."""

    date: date
    level: float
    mix: tuple[float, ...]
    observed: bool
    shown: tuple[int, ...] = ()
    readings: tuple[tuple[float, ...], ...] = ()
    checkin: float | None = None


@dataclass(frozen=True, slots=True)
class Employee:
    """`drop_at`: the day from which everything is one standard deviation worse, if any."""

    number: int
    mix: tuple[float, ...]
    drop_at: int | None
    days: tuple[MadeUpDay, ...] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """`shown` as names of EXPRESSIONS."""
        return {
            "person": self.number,
            "mix": [round(share, 4) for share in self.mix],
            "drop_at": self.drop_at,
            "days": [
                {
                    "date": day.date.isoformat(),
                    "level": round(day.level, 4),
                    "mix": [round(share, 4) for share in day.mix],
                    "observed": day.observed,
                    "shown": [EXPRESSIONS[index] for index in day.shown],
                    "readings": [[round(p, 5) for p in row] for row in day.readings],
                    "checkin": None if day.checkin is None else round(day.checkin, 3),
                }
                for day in self.days
            ],
        }


def draw_levels(days: int, rng: np.random.Generator, *, drop_at: int | None = None, drop: float = 1.0) -> Floats:
    """Daily levels (standard deviation 1, autocorrelation AUTOCORRELATION_FACTOR), lower by `drop` from `drop_at`."""
    shocks = rng.standard_normal(days) * np.sqrt(1 - AUTOCORRELATION_FACTOR**2)
    levels = np.empty(days)
    level = rng.standard_normal()
    for day in range(days):
        level = AUTOCORRELATION_FACTOR * level + shocks[day]
        levels[day] = level
    if drop_at is not None:
        levels[drop_at:] -= drop
    return levels


def make_employee(
    number: int,
    *,
    faces: Faces,
    rng: np.random.Generator,
    days: int = 60,
    start: date = date(2026, 1, 5),
    centre: Sequence[float] = ANY,
    drop_at: int | None = None,
) -> Employee:
    """A person with a mix around `centre`, weekday effects, and a share MISSING of days without observations."""
    mix = rng.dirichlet(20 * np.array(centre) + 0.05)
    levels = draw_levels(days, rng, drop_at=drop_at)
    made = []
    for offset, level in enumerate(levels):
        day = start + timedelta(days=offset)
        made.append(_make_day(day, float(level) + WEEKDAYS[day.weekday()], mix, faces, rng))
    return Employee(number, tuple(mix.tolist()), drop_at, tuple(made))


def _make_day(day: date, level: float, mix: Floats, faces: Faces, rng: np.random.Generator) -> MadeUpDay:
    tilted = mix * np.exp(_TILT * level * as_vector(PLEASANTNESS))
    tilted /= tilted.sum()
    shares = tuple(tilted.tolist())
    if rng.random() < MISSING:
        return MadeUpDay(day, level, shares, observed=False)
    truth = rng.choice(SIZE, READINGS_A_DAY, p=tilted)
    readings, _ = faces.read(truth, rng)
    checkin = float(np.clip(0.1 + _SPREAD * level, -1, 1)) if rng.random() < 0.5 else None
    return MadeUpDay(day, level, shares, True, tuple(truth.tolist()), tuple(map(tuple, readings.tolist())), checkin)
