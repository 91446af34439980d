"""Which activities to suggest now: constraints, fit to the mood, Thompson sampling, diversity.

The chance with which each suggestion was drawn travels with it, so that what was learned can be judged honestly later.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import numpy as np

from emotion.labels import EXPRESSIONS
from recommender.affect import ENERGY, PLEASANTNESS
from recommender.history import Answer, History, Situation
from recommender.mixture import Floats
from recommender.mood import Mood

PLACES: Final = ("desk", "break_room", "quiet_room", "outdoors", "home")
DAYPARTS: Final = ("morning", "midday", "afternoon", "evening")
GRADES: Final = ("A", "B", "C", "D")
#: What an activity may ask of somebody, and what a person may ask to be spared.
LIMITS: Final = ("walking", "standing", "hands", "breathing", "company", "sight", "hearing", "effort")
SafetyClass = Literal["normal", "support", "crisis"]
Hindrance = Literal[
    "switched_off",
    "no_evidence",
    "review_due",
    "not_ranked",
    "place",
    "minutes",
    "daypart",
    "limits",
    "refused",
    "rests",
]

#: Expected reward (0..1) before anything is known of the person; graded evidence moves it a little, as the
#: effects themselves are small (micro-breaks: d = 0.35, doi:10.1371/journal.pone.0272460).
GRADE_MEAN: Final[Mapping[str, float]] = {"A": 0.62, "B": 0.58, "C": 0.54, "D": 0.50}
FIT_WEIGHT: Final = 0.35
_PRIOR_VARIANCE: Final = 0.15**2
_REWARD_VARIANCE: Final = 0.25**2
#: How many answers in a category it takes before half of their surprise is believed of its other activities.
_CATEGORY_PATIENCE: Final = 6.0
#: "Did it" without a word on how, and "not now", which says more of the moment than of the activity.
_DID_REWARD, _NOT_NOW_REWARD, _NOT_NOW_WEIGHT = 0.6, 0.35, 0.25
#: Share of the chance spread evenly over everything allowed.
FLOOR_SHARE: Final = 0.1
_DRAWS: Final = 2000
GENTLE_MINUTES: Final = 5
#: Most desk faces are neutral most of the time; that alone asks for little.
_NEUTRAL_WEIGHT: Final = 0.25
_AFFECT_REACH: Final = 0.45
#: An expression seen less than this is no reason to name.
NOTABLE_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Option:
    """An activity as ranking sees it. Empty `places` or `dayparts` mean anywhere, any time."""

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
class Suggestion:
    """One activity offered, why, and the chance (0..1) with which it was drawn among those allowed."""

    slug: str
    reason: Mapping[str, Any]
    propensity: float


def find_hindrance(option: Option, *, situation: Situation, history: History) -> Hindrance | None:
    """The first constraint that keeps this activity from being offered now, else None."""
    return find_misfit(option, situation=situation, history=history) or (
        "rests" if _rests(option, situation.now, history.last_offered) else None
    )


def find_misfit(option: Option, *, situation: Situation, history: History) -> Hindrance | None:
    """As `find_hindrance`, but for one that is on offer already and so need not have rested."""
    checks: tuple[tuple[Hindrance, bool], ...] = (
        ("switched_off", not option.active),
        ("no_evidence", option.grade not in GRADES),
        ("review_due", option.review_due is None or option.review_due < situation.now.date()),
        ("not_ranked", option.safety != "normal"),
        ("place", bool(situation.place and option.places) and situation.place not in option.places),
        ("minutes", situation.minutes is not None and option.minutes > situation.minutes),
        ("daypart", bool(option.dayparts) and situation.daypart not in option.dayparts),
        ("limits", bool(option.limits & situation.avoid)),
        ("refused", option.slug in history.refused),
    )
    return next((name for name, hinders in checks if hinders), None)


def find_needs(mood: Mood) -> dict[str, float] | None:
    """How much each expression asks for, summing to 1; None while there is not enough to go by.

    What was said is placed among the expressions by its distance from their pleasantness and energy.
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


def fit_to(option: Option, needs: Mapping[str, float] | None) -> float:
    """0..1: how well the activity answers what is most needed; without a mood, how gentle it is."""
    if needs is None:
        return float("neutral" in option.targets and option.minutes <= GENTLE_MINUTES)
    return max((needs[name] for name in option.targets), default=0.0) / max(needs.values())


def suggest(
    options: Sequence[Option],
    *,
    mood: Mood,
    situation: Situation,
    history: History,
    rng: np.random.Generator,
    count: int = 3,
    shown: Iterable[str] = (),
) -> tuple[Suggestion, ...]:
    """Up to `count` suggestions, each of another category than those before it while there are others.

    `shown` names the activities already on the page. Fewer come back when the constraints leave fewer.
    """
    on_page = frozenset(shown)
    allowed = [
        option
        for option in options
        if option.slug not in on_page and find_hindrance(option, situation=situation, history=history) is None
    ]
    needs = find_needs(mood)
    means, deviations = expect_rewards(allowed, needs=needs, history=history, categories=_categories(options))
    draws = rng.normal(means, deviations, size=(_DRAWS, len(allowed)))
    taken = {option.category for option in options if option.slug in on_page}
    chosen: list[Suggestion] = []
    left = list(range(len(allowed)))
    while left and len(chosen) < count:
        fresh = [index for index in left if allowed[index].category not in taken] or left
        chances = chances_of(draws[:, fresh])
        position = int(rng.choice(len(fresh), p=chances))
        option = allowed[fresh[position]]
        reason = give_reason(option, mood=mood, history=history)
        chosen.append(Suggestion(option.slug, reason, round(float(chances[position]), 6)))
        taken.add(option.category)
        left.remove(fresh[position])
    return tuple(chosen)


def chances_of(draws: Floats) -> Floats:
    """How often each column of `draws` (n, options) wins, with a floor; sums to 1."""
    count = draws.shape[1]
    wins = np.bincount(draws.argmax(axis=1), minlength=count) / len(draws)
    return np.asarray((1 - FLOOR_SHARE) * wins + FLOOR_SHARE / count)


def expect_rewards(
    options: Sequence[Option],
    *,
    needs: Mapping[str, float] | None,
    history: History,
    categories: Mapping[str, str],
) -> tuple[Floats, Floats]:
    """Mean and standard deviation of what each activity may be worth to this person, two vectors.

    A normal prior from the evidence grade and the fit, moved by answers to the activity itself and, less, to others of
    its category; `categories` maps every known slug to its category.
    """
    rewards = _rewards_by_activity(history)
    drift = _category_drift(rewards, categories)
    means, variances = [], []
    for option in options:
        prior = GRADE_MEAN[option.grade] + FIT_WEIGHT * (fit_to(option, needs) - 0.5) + drift.get(option.category, 0.0)
        answers = rewards.get(option.slug, [])
        precision = 1 / _PRIOR_VARIANCE + sum(weight for _, weight in answers) / _REWARD_VARIANCE
        pull = prior / _PRIOR_VARIANCE + sum(reward * weight for reward, weight in answers) / _REWARD_VARIANCE
        means.append(pull / precision)
        variances.append(1 / precision)
    return np.array(means), np.sqrt(np.array(variances))


def give_reason(option: Option, *, mood: Mood, history: History) -> dict[str, Any]:
    """Why this activity, as data small enough for one journal entry; `recommender.wording` makes a sentence of it."""
    helped = [
        o.answer.helped
        for o in history.offers
        if o.activity == option.slug and o.answer and o.answer.helped is not None
    ]
    reason: dict[str, Any] = {"days": mood.rules.window_days, "grade": option.grade}
    if helped:
        reason |= {"tried": len(helped), "helped": round(sum(helped) / len(helped), 1)}
    if mood.said is not None:
        said = {"pleasantness": mood.said.pleasantness.value, "energy": mood.said.energy.value}
        return reason | {"rule": "said"} | {name: round(value, 2) for name, value in said.items()}
    if mood.mix is None:
        return reason | {"rule": "few", "readings": mood.coverage.readings}
    if mood.leading in option.targets:
        return reason | {
            "rule": "leading",
            "expression": mood.leading,
            "percent": round(mood.share(mood.leading) * 100),
        }
    target = max(option.targets, key=mood.share, default="neutral")
    if mood.share(target) < NOTABLE_SHARE:
        return reason | {"rule": "variety"}
    return reason | {"rule": "seen", "expression": target, "percent": round(mood.share(target) * 100)}


def reward_of(answer: Answer) -> tuple[float, float]:
    """Reward 0..1 and how much it weighs."""
    if answer.answer == "did":
        return (_DID_REWARD if answer.helped is None else (answer.helped + 2) / 4), 1.0
    return (_NOT_NOW_REWARD, _NOT_NOW_WEIGHT) if answer.answer == "not_now" else (0.0, 1.0)


def _rests(option: Option, now: datetime, last_offered: Mapping[str, datetime]) -> bool:
    last = last_offered.get(option.slug)
    return last is not None and now - last < timedelta(hours=option.cooldown_hours)


def _categories(options: Iterable[Option]) -> dict[str, str]:
    return {option.slug: option.category for option in options}


def _rewards_by_activity(history: History) -> dict[str, list[tuple[float, float]]]:
    rewards: dict[str, list[tuple[float, float]]] = {}
    for offer in history.offers:
        if offer.answer is not None:
            rewards.setdefault(offer.activity, []).append(reward_of(offer.answer))
    return rewards


def _category_drift(
    rewards: Mapping[str, Sequence[tuple[float, float]]], categories: Mapping[str, str]
) -> dict[str, float]:
    """How much better or worse than expected the person found each category, shrunk while answers are few."""
    middle = sum(GRADE_MEAN.values()) / len(GRADE_MEAN)
    sums: dict[str, list[float]] = {}
    for slug, answers in rewards.items():
        if slug in categories:
            totals = sums.setdefault(categories[slug], [0.0, 0.0])
            totals[0] += sum((reward - middle) * weight for reward, weight in answers)
            totals[1] += sum(weight for _, weight in answers)
    return {category: total / (weight + _CATEGORY_PATIENCE) for category, (total, weight) in sums.items()}
