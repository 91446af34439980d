"""What suggestions are worth to made-up colleagues, against rivals; rules never broken; off-policy honesty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

import numpy as np

from recommender.evaluation.world import (
    Colleague,
    Logged,
    Ours,
    Policy,
    all_knowing,
    at_random,
    by_library,
    by_table,
    live,
    make_colleague,
)
from recommender.history import History, Situation
from recommender.mixture import Floats
from recommender.ranking import find_hindrance
from recommender.rewards import Option

DAYS: Final = 30
LAST: Final = 5
#: MABWiser policies and their settings; the best of them in hindsight is what ours is held against.
RIVALS: Final = (
    ("EpsilonGreedy", {"epsilon": 0.1}),
    ("UCB1", {"alpha": 0.3}),
    ("Softmax", {"tau": 0.2}),
    ("LinTS", {"alpha": 0.3}),
    ("LinUCB", {"alpha": 0.3}),
)
_RESAMPLES: Final = 400

Make = Callable[[int], Policy]


def measure_rankings(options: Sequence[Option], *, people: int, rivals_people: int, seed: int) -> dict[str, Any]:
    """Mean gain of an offer on days 26 to 30, its standard error, and each day's mean.

    MABWiser is left out where it is not installed (`requirements/dev.txt`); its policies are slow, so they see the
    first `rivals_people` only, and `ours_for_the_same` is ours for those.
    """
    ours, log = _try(options, lambda n: Ours(_rng(seed, n, 1), logged=True), people, seed)
    curves = {
        "ours": ours,
        "random": _try(options, lambda n: at_random(_rng(seed, n, 1)), people, seed)[0],
        "table": _try(options, lambda n: by_table(), people, seed)[0],
        "all_knowing": _try(options, lambda n: all_knowing(), people, seed)[0],
    }
    report: dict[str, Any] = {name: _summarise(curve) for name, curve in curves.items()}
    report["ours_for_the_same"] = _summarise(ours[:rivals_people])
    report["mabwiser"] = {
        name: _summarise(_try(options, make, rivals_people, seed)[0]) for name, make in _rivals(options, seed)
    }
    report["off_policy"] = judge_off_policy(log)
    return report


def check_rules(options: Sequence[Option], *, people: int, days: int, seed: int) -> dict[str, Any]:
    """Broken constraints and cooldowns (none is right), and the largest share any category had of anybody's offers."""
    broken: Counter[str] = Counter()
    largest = 0.0
    by_slug = {option.slug: option for option in options}
    for number in range(people):
        person = make_colleague(options, _rng(seed, number, 0))
        witness = Witness(Ours(_rng(seed, number, 1)), broken)
        live(person, witness, options, days=days)
        kinds = Counter(by_slug[offer.activity].category for offer in person.offers)
        largest = max(largest, max(kinds.values()) / len(person.offers))
        broken.update(_rested_too_little(person, by_slug))
    return {"people": people, "days": days, "broken": dict(broken), "largest_category": round(largest, 4)}


class Witness:
    """Passes everything on and counts what should not have been offered."""

    def __init__(self, policy: Policy, broken: Counter[str]) -> None:
        self._policy, self._broken = policy, broken

    def pick(self, person: Colleague, options: Sequence[Option], situation: Situation, mood: Any) -> Any:
        picks = self._policy.pick(person, options, situation, mood)
        history = History(tuple(person.offers))
        for pick in picks:
            hindrance = find_hindrance(options[pick.index], situation=situation, history=history)
            if hindrance is not None:
                self._broken[hindrance] += 1
        if len({options[pick.index].category for pick in picks}) < len(picks):
            self._broken["same category twice"] += 1
        return picks

    def learn(self, *args: Any) -> None:
        self._policy.learn(*args)


def judge_off_policy(log: Sequence[Logged]) -> list[dict[str, Any]]:
    """What other policies would have gained, told from our log alone (SNIPS: Swaminathan and Joachims 2015,

    https://papers.nips.cc/paper/5748), with a 95 % interval from resampling people, beside the truth.
    """
    return [
        _estimate(log, "everything alike", lambda row: 1 / len(row.among), lambda row: float(np.mean(row.worths))),
        _estimate(
            log,
            "the lookup table, every second time",
            lambda row: 0.5 * (row.option == row.table) + 0.5 / len(row.among),
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


def _try(options: Sequence[Option], make: Make, people: int, seed: int) -> tuple[Floats, list[Logged]]:
    """Gains (people, DAYS) of the same people under a policy, and what was logged where it keeps its draws."""
    log: list[Logged] = []
    gains = []
    for number in range(people):
        policy, person = make(number), make_colleague(options, _rng(seed, number, 0))
        keep = log if isinstance(policy, Ours) and policy.logged else None
        gains.append(live(person, policy, options, days=DAYS, number=number, log=keep))
    return np.array(gains), log


def _summarise(curve: Floats) -> dict[str, Any]:
    last = curve[:, -LAST:].mean(axis=1)
    error = float(last.std(ddof=1) / np.sqrt(len(last)))
    return {
        "day_30": round(float(last.mean()), 4),
        "error": round(error, 4),
        "people": len(curve),
        "curve": [round(float(value), 4) for value in curve.mean(axis=0)],
    }


def _rivals(options: Sequence[Option], seed: int) -> list[tuple[str, Make]]:
    try:
        from mabwiser.mab import MAB, LearningPolicy  # noqa: PLC0415 -- a requirement of development alone
    except ImportError:
        return []
    arms = [option.slug for option in options]

    def make(kind: str, settings: dict[str, float]) -> Make:
        policy = getattr(LearningPolicy, kind)(**settings)
        return lambda number: by_library(
            MAB(arms=arms, learning_policy=policy, seed=number), options, _rng(seed, number, 1)
        )

    return [(kind, make(kind, settings)) for kind, settings in RIVALS]


def _rested_too_little(person: Colleague, by_slug: dict[str, Option]) -> Counter[str]:
    """Offers of one activity closer together than its cooldown, counted apart from what ranking believes."""
    found: Counter[str] = Counter()
    last: dict[str, Any] = {}
    for offer in person.offers:
        before = last.get(offer.activity)
        if before is not None and offer.at - before < timedelta(hours=by_slug[offer.activity].cooldown_hours):
            found["cooldown"] += 1
        last[offer.activity] = offer.at
    return found


def _rng(seed: int, number: int, stream: int) -> np.random.Generator:
    return np.random.default_rng([seed, number, stream])
