"""Error of a window's estimated mix, compared with counting labels and with a camera that never errs."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from recommender.mood.personal_prior import WeightedReadings, desk_mix, own_mix
from recommender.mood.prevalence import Floats, Mixture, estimate_mix, to_likelihoods
from research.recommender.people import ANY, DESK, LOW, SIZE, Faces, Labels
from research.recommender.spread import spread

#: Weeks before the window, with as many readings each, for people with a history.
EARLIER_WEEKS: Final = 8
POPULATIONS: Final[Mapping[str, Callable[[np.random.Generator], Floats]]] = {
    "desk": lambda _rng: np.array(DESK),
    "like a desk": lambda rng: rng.dirichlet(20 * np.array(DESK) + 0.05),
    "low": lambda _rng: np.array(LOW),
    "any": lambda rng: rng.dirichlet(8 * np.array(ANY) + 0.02),
}
#: Standard deviation of the log odds ratio between a week and the person's usual, per expression; None: the window is
#: another person's.
WEEKS: Final[Mapping[str, float | None]] = {"alike": 0.0, "little": 0.25, "some": 0.5, "much": 1.0, "another": None}
#: Number of mixes drawn from the true prior to compute the best possible estimate.
_PRIOR_DRAWS: Final = 2_000
#: Cases: variation of weeks, and readings per window.
CASES: Final = (
    *(("alike", count) for count in (30, 60, 200)),
    *(("some", count) for count in (30, 60, 200)),
    *(("little", 60), ("much", 60), ("another", 60)),
)


def measure_mixes(
    faces: Faces,
    *,
    prior: Sequence[float],
    faint_below: float,
    people: int,
    seed: int,
    processes: int = 1,
    cases: Sequence[tuple[str, int]] = CASES,
) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """Mean absolute error of the seven shares, and coverage of the 95 % intervals.

    By population, variation of weeks and number of readings. `counted`: counted labels; `faultless`: counted labels of
    a camera that never errs; `new`: a person's first window; `known`: with EARLIER_WEEKS before it; `best`: the Bayes
    estimate that knows the person's true usual and variation of weeks.
    """
    report: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for name in POPULATIONS:
        for place, (differ, count) in enumerate(cases):
            work = partial(_measure_one, name, differ, count, faces, prior, faint_below)
            rows = spread(work, [(seed, place, number) for number in range(people)], processes=processes)
            figures = {key: round(float(np.mean([row[key] for row in rows])), 4) for key in rows[0]}
            report.setdefault(name, {}).setdefault(differ, {})[str(count)] = figures
    return report


def _measure_one(
    name: str,
    differ: str,
    count: int,
    faces: Faces,
    prior: Sequence[float],
    faint_below: float,
    task: tuple[int, int, int],
) -> dict[str, Any]:
    rng = np.random.default_rng(task)
    usual, off = POPULATIONS[name](rng), WEEKS[differ]
    weeks = [vary(usual, off or 0.0, rng) for _ in range(EARLIER_WEEKS)]
    before = np.concatenate([rng.choice(SIZE, count, p=mix) for mix in weeks])
    mix = POPULATIONS["any"](rng) if off is None else vary(usual, off, rng)
    truth = rng.choice(SIZE, count, p=mix)
    probabilities, labels = faces.read(truth, rng)
    window = as_seen(probabilities, prior, week=EARLIER_WEEKS)
    earlier = as_seen(faces.read(before, rng)[0], prior, week=np.arange(len(before)) // count)
    clear = probabilities.max(axis=1) >= faint_below
    row: dict[str, Any] = {"counted": _error(_shares(labels[clear]), mix), "faultless": _error(_shares(truth), mix)}
    for whose, own in (("new", None), ("known", own_mix(window, earlier))):
        mixture = estimate_mix(window.likelihoods, window.weights, np.arange(count), prior=desk_mix(), own=own)
        row[whose] = _error(mixture.point, mix)
        row[f"{whose}_covered"] = _holds(mixture, mix)
    around = [POPULATIONS["any"](rng) for _ in range(_PRIOR_DRAWS)] if off is None else [usual] * _PRIOR_DRAWS
    row["best"] = _error(weigh(window.likelihoods, vary(np.array(around), off or 0.0, rng)), mix)
    return row


def vary(usual: Floats, spread: float, rng: np.random.Generator) -> Floats:
    """A week's mix, for each row of `usual`: each expression's odds times a random factor."""
    mix = usual * np.exp(spread * rng.standard_normal(usual.shape))
    return np.asarray(mix / mix.sum(axis=-1, keepdims=True))


def weigh(likelihoods: Floats, mixes: Floats) -> Floats:
    """Posterior mean of a window's mix over equally likely `mixes` (n, k), given its readings' likelihoods (m, k)."""
    log_likelihoods = np.log(np.maximum(mixes @ likelihoods.T, 1e-12)).sum(axis=1)
    weights = np.exp(log_likelihoods - log_likelihoods.max())
    return np.asarray(weights @ mixes / weights.sum())


def as_seen(probabilities: Floats, prior: Sequence[float], *, week: int | Labels) -> WeightedReadings:
    """As readings of quality 1."""
    count = len(probabilities)
    return WeightedReadings(
        to_likelihoods(probabilities, prior), np.ones(count), np.zeros(count, dtype=np.int64) + week
    )


def _holds(mixture: Mixture, mix: Floats) -> float:
    low, high = np.quantile(mixture.draws, [0.025, 0.975], axis=0)
    held = (np.minimum(low, mixture.point) <= mix) & (mix <= np.maximum(high, mixture.point))
    return float(held.mean())


def _shares(labels: Labels) -> Floats:
    return np.bincount(labels, minlength=SIZE) / max(len(labels), 1)


def _error(found: Floats, truth: Floats) -> float:
    return float(np.abs(found - truth).mean())
