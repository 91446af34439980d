"""Gain of suggestions for made-up colleagues, compared with chance, a lookup table and the policies of MABWiser.

Settings are tuned on other people than those that the report uses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np

from recommender.mood.prevalence import Floats
from recommender.ranking.reward_model import POSTERIOR_SCALE, Candidate
from research.recommender.off_policy import judge_off_policy
from research.recommender.rivals import Make, find_rivals
from research.recommender.spread import spread
from research.recommender.world import (
    PLAIN,
    Chooser,
    Logged,
    Ours,
    World,
    all_knowing,
    at_random,
    by_table,
    live,
    make_colleague,
    seeded,
)

DAYS: Final = 30
LAST: Final = 5
#: Number of consecutive seeds of the report; tuning uses those from TUNING_SEED after them.
SEEDS: Final = 3
TUNING_SEED: Final = 1000
#: Posterior scales that are compared, and for how long.
EXPLORATION: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
LONG: Final = 90
WORLDS: Final[Mapping[str, World]] = {
    "as above": PLAIN,
    "every second offer answered": World(answered=0.5),
    "no taste by category": World(category_spread=0.0, activity_spread=0.226),
    "tastes half as strong": World(category_spread=0.08, activity_spread=0.08),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """Made-up people for a trial: how many per seed, and in how many processes."""

    candidates: Sequence[Candidate]
    seeds: Sequence[int]
    people: int
    processes: int = 1

    def live(self, make: Make, *, days: int = DAYS, world: World = PLAIN, log: list[Logged] | None = None) -> Floats:
        """Gains (seeds, people, days) under a policy; the people are the same for every policy. Draws go to `log`."""
        tasks = [(seed, number) for seed in self.seeds for number in range(self.people)]
        work = partial(_live_one, self.candidates, make, days, world, log is not None)
        found = spread(work, tasks, processes=self.processes)
        for place, (_gains, logged) in enumerate(found):
            if log is not None:
                log.extend(replace(row, person=place) for row in logged)
        return np.array([gains for gains, _logged in found]).reshape(len(self.seeds), self.people, days)


def measure_rankings(
    candidates: Sequence[Candidate], *, people: int, rivals_people: int, seed: int, processes: int = 1
) -> dict[str, Any]:
    """Mean gain of an offer on days 26 to 30, its standard error, and the means of each seed and day.

    `people` and `rivals_people` are per seed. MABWiser is left out if it is not installed (`requirements/dev.txt`); its
    policies are slow, so they run only for the first `rivals_people` of each seed.
    """
    shown = Trial(candidates, range(seed, seed + SEEDS), people, processes)
    few = replace(shown, people=rivals_people)
    log: list[Logged] = []
    curves = {"ours": shown.live(_ours, log=log), **{name: shown.live(make) for name, make in OTHERS.items()}}
    tried = try_rivals(_for_tuning(few))
    report: dict[str, Any] = {name: _summarise(curve) for name, curve in curves.items()}
    report["ours_for_the_same"] = _summarise(curves["ours"][:, :rivals_people])
    report["mabwiser"] = {
        name: {"setting": setting, **_summarise(few.live(find_rivals()[name][setting]))}
        for name, setting in _best_settings(tried).items()
    }
    return {**report, "rivals_tried": tried, "off_policy": judge_off_policy(log)}


def measure_worlds(
    candidates: Sequence[Candidate], *, people: int, seed: int, processes: int = 1
) -> dict[str, dict[str, float]]:
    """Gains of days 26 to 30 in worlds where tastes or answers differ from the model's assumptions."""
    trial = Trial(candidates, range(seed, seed + SEEDS), people, processes)
    policies = {"ours": _ours, **OTHERS}
    return {
        name: {policy: _at_the_end(trial.live(make, world=world)) for policy, make in policies.items()}
        for name, world in WORLDS.items()
    }


def measure_exploration(
    candidates: Sequence[Candidate], *, people: int, seed: int, processes: int = 1
) -> dict[str, dict[str, float]]:
    """Gains by posterior scale after one month and after three."""
    trial = _for_tuning(Trial(candidates, range(seed, seed + SEEDS), people, processes))
    found = {}
    for share in EXPLORATION:
        curve = trial.live(partial(_ours, scale=share), days=LONG)
        month, quarter = (float(curve[..., end - LAST : end].mean()) for end in (DAYS, LONG))
        found[str(share)] = {"day_30": round(month, 4), "day_90": round(quarter, 4)}
    return {"shipped": {"share": POSTERIOR_SCALE}, **found}


def try_rivals(trial: Trial) -> dict[str, dict[str, float]]:
    """The gain on days 26 to 30 of every MABWiser policy with every setting, on one seed."""
    one = replace(trial, seeds=trial.seeds[:1])
    return {
        name: {setting: _at_the_end(one.live(make)) for setting, make in settings.items()}
        for name, settings in find_rivals().items()
    }


def _for_tuning(trial: Trial) -> Trial:
    """Other people for tuning than for the report."""
    return replace(trial, seeds=[TUNING_SEED + seed for seed in trial.seeds])


def _best_settings(tried: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    return {name: max(gains, key=lambda setting: gains[setting]) for name, gains in tried.items()}


def _ours(_options: Sequence[Candidate], seed: int, number: int, *, scale: float = POSTERIOR_SCALE) -> Ours:
    return Ours(seeded(seed, number, 1), scale=scale)


def _at_random(_options: Sequence[Candidate], seed: int, number: int) -> Chooser:
    return at_random(seeded(seed, number, 1))


def _by_table(_options: Sequence[Candidate], _seed: int, _number: int) -> Chooser:
    return by_table()


def _all_knowing(_options: Sequence[Candidate], _seed: int, _number: int) -> Chooser:
    return all_knowing()


OTHERS: Final[Mapping[str, Make]] = {"random": _at_random, "table": _by_table, "all_knowing": _all_knowing}


def _live_one(
    candidates: Sequence[Candidate], make: Make, days: int, world: World, logs: bool, task: tuple[int, int]
) -> tuple[Floats, list[Logged]]:
    seed, number = task
    policy = make(candidates, seed, number)
    log: list[Logged] = []
    person = make_colleague(candidates, seeded(seed, number, 0), world)
    return live(person, policy, candidates, days=days, log=log if logs else None), log


def _at_the_end(curve: Floats) -> float:
    return round(float(curve[..., -LAST:].mean()), 4)


def _summarise(curve: Floats) -> dict[str, Any]:
    last = curve[..., -LAST:].mean(axis=2)
    error = float(last.std(ddof=1) / np.sqrt(last.size))
    return {
        "day_30": round(float(last.mean()), 4),
        "error": round(error, 4),
        "people": last.size,
        "by_seed": [round(float(value), 4) for value in last.mean(axis=1)],
        "curve": [round(float(value), 4) for value in curve.mean(axis=(0, 1))],
    }
