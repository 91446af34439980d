"""How far a window's mix lies from the truth, beside counting labels and beside a camera that never errs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from recommender.evaluation.people import ANY, DESK, LOW, SIZE, Faces, Labels
from recommender.mixture import Floats, estimate_mix
from recommender.mood import EARLIER_DAYS, likelihoods_of, usual_mix
from recommender.observations import Readings

COUNTS: Final = (30, 60, 200)
#: Readings of the weeks before the window, for those who have been there for a while.
EARLIER: Final = 180
POPULATIONS: Final[Mapping[str, Callable[[np.random.Generator], Floats]]] = {
    "desk": lambda _rng: np.array(DESK),
    "like a desk": lambda rng: rng.dirichlet(20 * np.array(DESK) + 0.05),
    "low": lambda _rng: np.array(LOW),
    "any": lambda rng: rng.dirichlet(8 * np.array(ANY) + 0.02),
}


def measure_mixes(
    faces: Faces, *, prior: Sequence[float], faint_below: float, people: int, seed: int
) -> dict[str, dict[str, dict[str, float]]]:
    """Mean absolute error of the seven shares and how often the 95 % intervals hold the truth.

    By population and number of readings. `counted`: labels counted; `faultless`: labels counted by a camera that never
    errs; `new`: a person's first window; `known`: with EARLIER readings before it.
    """
    rng = np.random.default_rng(seed)
    report: dict[str, dict[str, dict[str, float]]] = {}
    for name, draw in POPULATIONS.items():
        for count in COUNTS:
            rows = [_measure_one(draw(rng), count, faces, prior, faint_below, rng) for _ in range(people)]
            figures = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
            report.setdefault(name, {})[str(count)] = {key: round(value, 4) for key, value in figures.items()}
    return report


def _measure_one(
    mix: Floats, count: int, faces: Faces, prior: Sequence[float], faint_below: float, rng: np.random.Generator
) -> dict[str, Any]:
    truth = rng.choice(SIZE, count, p=mix)
    seen, labels = faces.read(truth, rng)
    window = as_readings(seen, faint_below=faint_below)
    before = as_readings(faces.read(rng.choice(SIZE, EARLIER, p=mix), rng)[0], faint_below=faint_below)
    shown = _shares(truth)
    votes = _shares(labels[~window.faint])
    row: dict[str, Any] = {"counted": _error(votes, mix), "faultless": _error(shown, mix)}
    row["counted_of_shown"] = _error(votes, shown)
    for name, earlier in (("new", before.where(np.zeros(EARLIER, dtype=bool))), ("known", before)):
        mixture = estimate_mix(
            likelihoods_of(window, prior),
            window.quality,
            (window.stamps // 3600).astype(np.int64),
            prior=usual_mix(earlier, prior=prior),
        )
        low, high = np.quantile(mixture.draws, [0.025, 0.975], axis=0)
        row[name] = _error(mixture.point, mix)
        row[f"{name}_of_shown"] = _error(mixture.point, shown)
        row[f"{name}_covered"] = float(((low <= mix) & (mix <= high)).mean())
    return row


def as_readings(probabilities: Floats, *, faint_below: float) -> Readings:
    """An hour apart, all of full quality."""
    count = len(probabilities)
    hours = np.arange(count)
    return Readings(
        stamps=hours.astype(np.float64) * 3600,
        days=hours // 8 + EARLIER_DAYS,
        hours=hours % 8 + 9,
        probabilities=probabilities,
        quality=np.ones(count),
        known=np.zeros(count, dtype=bool),
        faint=probabilities.max(axis=1) < faint_below,
    )


def _shares(labels: Labels) -> Floats:
    return np.bincount(labels, minlength=SIZE) / max(len(labels), 1)


def _error(found: Floats, truth: Floats) -> float:
    return float(np.abs(found - truth).mean())
