"""Bayesian model of the reward of each activity for one person: evidence and fit first, then their own answers.

A normal model with one effect per category and one per activity, so that an answer counts fully for its activity and
partly for its category; the posterior is exact (Rasmussen and Williams 2006, chapter 2, a Gaussian process whose kernel
is "same category" plus "same activity").
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np

from emotion.labels import EXPRESSIONS
from recommender.mood.affect import ENERGY, PLEASANTNESS
from recommender.mood.prevalence import Floats
from recommender.mood.summary import Mood
from recommender.ranking.history import Answer, History
from vault.journal.kinds import Taste

SafetyClass = Literal["normal", "support", "crisis"]

#: Prior mean of the reward (0..1) by evidence grade; the differences are small because the effects are small
#: (micro-breaks: d = 0.35, doi:10.1371/journal.pone.0272460).
GRADE_MEAN: Final[Mapping[str, float]] = {"A": 0.62, "B": 0.58, "C": 0.54, "D": 0.50}
FIT_WEIGHT: Final = 0.25
#: Weights of the three questions of the first visit: small, until there are answers.
LIKED: Final = 0.1
TOO_LONG: Final = -0.1
COMPANY: Final = 0.08
#: Bonus for an activity that was never offered.
NOVELTY: Final = 0.03
#: Bonus on days that the person called low, for short activities without effort.
GENTLE: Final = 0.1
GENTLE_MINUTES: Final = 5
CATEGORY_VARIANCE: Final = 0.15**2
ACTIVITY_VARIANCE: Final = 0.15**2
_REWARD_VARIANCE: Final = 0.25**2
#: "Did it" without a rating; and "not now", which says more about the moment than about the activity.
_DID_REWARD, _NOT_NOW_REWARD, _NOT_NOW_WEIGHT = 0.6, 0.25, 0.75
#: Most faces at a desk are neutral most of the time, which is a weak need.
_NEUTRAL_WEIGHT: Final = 0.25
_AFFECT_REACH: Final = 0.45
#: Draws use this share of the posterior's standard deviation: with two offers a day there is no time to try everything.
#: Full Thompson sampling is still exploring after a month (`docs/recommender-report.md`).
POSTERIOR_SCALE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Candidate:
    """An activity, as needed for ranking. Empty `places` or `dayparts` mean anywhere, any time."""

    slug: str
    category: str
    targets: frozenset[str]
    minutes: int
    grade: str
    places: frozenset[str] = frozenset()
    dayparts: frozenset[str] = frozenset()
    limits: frozenset[str] = frozenset()
    cooldown_hours: int = 20
    safety: SafetyClass = "normal"
    active: bool = True
    review_due: date | None = None


@dataclass(frozen=True, slots=True)
class Posterior:
    """Normal posterior of the rewards (0..1) of n candidates: means (n) and covariance (n, n)."""

    means: Floats
    covariance: Floats

    def of(self, places: Sequence[int]) -> "Posterior":
        """The marginal posterior of some of the candidates."""
        return Posterior(self.means[places], self.covariance[np.ix_(places, places)])

    def draw(self, count: int, rng: np.random.Generator, *, scale: float = POSTERIOR_SCALE) -> Floats:
        """Draws of shape (count, n), with the standard deviation times `scale`."""
        root = np.linalg.cholesky(self.covariance)
        return np.asarray(self.means + scale * rng.standard_normal((count, len(self.means))) @ root.T)


def expect_rewards(candidates: Sequence[Candidate], *, history: History, taste: Taste | None = None) -> Posterior:
    """The posterior whatever the mood; `weigh_mood` is to be added to it.

    `candidates` should be the whole catalogue: answers to one activity inform others.
    """
    base = np.array([_prior_mean(candidate, taste) for candidate in candidates])
    new = np.array([NOVELTY * (candidate.slug not in history.last_offered) for candidate in candidates])
    categories = np.array([candidate.category for candidate in candidates])
    same = categories[:, None] == categories[None]
    kernel = CATEGORY_VARIANCE * same + ACTIVITY_VARIANCE * np.eye(len(candidates))
    rated = [place for place, candidate in enumerate(candidates) if candidate.slug in history.rewards]
    if not rated:
        return Posterior(base + new, kernel)
    sums, weights = np.array([_sum_answers(history.rewards[candidates[place].slug]) for place in rated]).T
    residual = sums / weights - base[rated]
    noise = np.diag(_REWARD_VARIANCE / weights)
    across = kernel[rated]
    gain = np.linalg.solve(kernel[np.ix_(rated, rated)] + noise, across).T
    return Posterior(base + new + gain @ residual, kernel - gain @ across)


def weigh_mood(candidates: Sequence[Candidate], *, needs: Mapping[str, float] | None, gentle: bool = False) -> Floats:
    """What the mood adds to each expected reward, shape (n): all of the ranking that depends on it."""
    scaled = scale_needs(needs)
    fit = np.array([fit_to(candidate, scaled) for candidate in candidates])
    soft = np.array([gentle and is_gentle(candidate) for candidate in candidates])
    return FIT_WEIGHT * (fit - 0.5) + GENTLE * soft


def find_needs(mood: Mood) -> dict[str, float] | None:
    """Weight of each expression as a need, summing to 1; None without enough check-ins or readings.

    Check-ins are mapped to expressions by the distance in pleasantness and energy.
    """
    if mood.said is not None:
        x, y = mood.said.pleasantness.value, mood.said.energy.value
        distances: dict[str, float] = {
            name: (PLEASANTNESS[name] - x) ** 2 + (ENERGY[name] - y) ** 2 for name in EXPRESSIONS
        }
        raw: dict[str, float] = {name: math.exp(-square / (2 * _AFFECT_REACH**2)) for name, square in distances.items()}
    elif mood.mix is not None:
        raw = {share.expression: share.value for share in mood.mix}
        raw["neutral"] *= _NEUTRAL_WEIGHT
    else:
        return None
    total = sum(raw.values()) or 1.0
    return {name: value / total for name, value in raw.items()}


def fit_to(candidate: Candidate, needs: Mapping[str, float] | None) -> float:
    """0..1: how well the activity meets scaled `needs`; without a mood, whether it is gentle."""
    if needs is None:
        return float("neutral" in candidate.targets and candidate.minutes <= GENTLE_MINUTES)
    return max([needs[name] for name in candidate.targets], default=0.0)


def scale_needs(needs: Mapping[str, float] | None) -> dict[str, float] | None:
    """Each divided by the largest."""
    if needs is None:
        return None
    most = max(needs.values())
    return {name: value / most for name, value in needs.items()}


def is_gentle(candidate: Candidate) -> bool:
    return candidate.minutes <= 2 * GENTLE_MINUTES and "effort" not in candidate.limits


def reward_of(answer: Answer) -> tuple[float, float]:
    """Reward (0..1) and its weight."""
    if answer.answer == "did":
        return (_DID_REWARD if answer.helped is None else (answer.helped + 2) / 4), 1.0
    return (_NOT_NOW_REWARD, _NOT_NOW_WEIGHT) if answer.answer == "not_now" else (0.0, 1.0)


def _prior_mean(candidate: Candidate, taste: Taste | None) -> float:
    value = GRADE_MEAN.get(candidate.grade, GRADE_MEAN["D"])
    if taste is None:
        return value
    if candidate.category in taste.likes:
        value += LIKED
    if taste.minutes is not None and candidate.minutes > taste.minutes:
        value += TOO_LONG
    if "company" in candidate.limits and taste.company != "either":
        value += COMPANY if taste.company == "with" else -COMPANY
    return value


def _sum_answers(answers: Sequence[Answer]) -> tuple[float, float]:
    """Weighted sum of the rewards, and sum of the weights."""
    pairs = [reward_of(answer) for answer in answers]
    return sum(reward * weight for reward, weight in pairs), sum(weight for _, weight in pairs)
