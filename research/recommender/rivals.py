"""The policies of MABWiser, with one arm per activity and several settings each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from emotion.labels import EXPRESSIONS
from recommender.mood.prevalence import Floats
from recommender.mood.summary import Mood
from recommender.ranking.reward_model import Candidate
from research.recommender.world import Chooser, Colleague, Policy

#: Makes the policy for one person from candidates, seed and the person's number.
Make = Callable[[Sequence[Candidate], int, int], Policy]
#: Prior gain of every activity, as one observation: about the mean of random offers.
#: Without it most policies keep to what they happened to try first.
FIRST_GAIN: Final = 0.34
RIVALS: Final[Mapping[str, tuple[Mapping[str, float], ...]]] = {
    "EpsilonGreedy": ({"epsilon": 0.0}, {"epsilon": 0.05}, {"epsilon": 0.1}),
    "UCB1": ({"alpha": 0.01}, {"alpha": 0.03}, {"alpha": 0.1}),
    "Softmax": ({"tau": 0.03}, {"tau": 0.05}, {"tau": 0.1}),
    "LinTS": ({"alpha": 0.1}, {"alpha": 0.3}),
}


def find_rivals() -> dict[str, dict[str, Make]]:
    """By policy and setting; empty if MABWiser is not installed."""
    if find_spec("mabwiser") is None:
        return {}
    return {
        kind: {_name(settings): partial(_make, kind, settings) for settings in every} for kind, every in RIVALS.items()
    }


def _make(kind: str, settings: Mapping[str, float], candidates: Sequence[Candidate], seed: int, number: int) -> Chooser:
    from mabwiser.mab import MAB, LearningPolicy  # noqa: PLC0415 -- a development dependency

    arms = [candidate.slug for candidate in candidates]
    bandit = MAB(arms=arms, learning_policy=getattr(LearningPolicy, kind)(**settings), seed=1000 * seed + number)
    return by_library(bandit, arms)


def by_library(bandit: Any, arms: Sequence[str]) -> Chooser:
    """A MABWiser bandit that starts with FIRST_GAIN for each arm and learns from every answer."""
    contexts = {"contexts": np.full((len(arms), len(EXPRESSIONS)), 1 / len(EXPRESSIONS))}
    bandit.fit(list(arms), [FIRST_GAIN] * len(arms), **(contexts if bandit.is_contextual else {}))

    def choose(
        _person: Colleague, candidates: Sequence[Candidate], among: list[int], mood: Mood, _now: datetime
    ) -> int:
        found = bandit.predict_expectations(*([features_of(mood)[None]] if bandit.is_contextual else []))
        return max(among, key=lambda index: found[candidates[index].slug])

    def learn(candidate: Candidate, mood: Mood, reward: float) -> None:
        contexts = {"contexts": features_of(mood)[None]} if bandit.is_contextual else {}
        bandit.partial_fit([candidate.slug], [reward], **contexts)

    return Chooser(choose, learn)


def features_of(mood: Mood) -> Floats:
    return np.array([mood.share(name) for name in EXPRESSIONS])


def _name(settings: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())
