"""Which activities to suggest now: constraints, fit to the mood, Thompson sampling, diversity.

Each suggestion carries its propensity, so that policies can be evaluated off-policy without bias.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import numpy as np

from recommender.mood.prevalence import Floats
from recommender.mood.summary import Mood
from recommender.ranking.history import History, Situation
from recommender.ranking.reasons import give_reason
from recommender.ranking.reward_model import GRADE_MEAN, POSTERIOR_SCALE, Candidate, expect_rewards, find_needs
from vault.journal.kinds import Taste

GRADES: Final = tuple(GRADE_MEAN)
Constraint = Literal[
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

#: How many are suggested at a time: more would be a list of tasks, fewer no choice.
SLOTS: Final = 2
#: A category with SHARE_MOST of the latest SHARE_REACH offers waits while there are others, so that none fills half.
SHARE_REACH: Final = 20
SHARE_MOST: Final = 8
#: Probability mass that is spread evenly over all that is allowed.
FLOOR_SHARE: Final = 0.1
_DRAWS: Final = 400


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One activity, the reason, and the probability (0..1) with which it was drawn among those allowed."""

    slug: str
    reason: Mapping[str, Any]
    propensity: float


def blocking_constraint(candidate: Candidate, *, situation: Situation, history: History) -> Constraint | None:
    """The first constraint, cooldown included, that keeps this activity from being offered now, else None."""
    return violated_constraint(candidate, situation=situation, history=history) or (
        "rests" if _rests(candidate, situation.now, history.last_offered) else None
    )


def violated_constraint(candidate: Candidate, *, situation: Situation, history: History) -> Constraint | None:
    """As `blocking_constraint`, but without the cooldown: for an activity that is already on offer."""
    return next(_violated_constraints(candidate, situation, history), None)


def _violated_constraints(candidate: Candidate, situation: Situation, history: History) -> Iterator[Constraint]:
    if not candidate.active:
        yield "switched_off"
    if candidate.grade not in GRADES:
        yield "no_evidence"
    if candidate.review_due is None or candidate.review_due < situation.now.date():
        yield "review_due"
    if candidate.safety != "normal":
        yield "not_ranked"
    if situation.place and candidate.places and situation.place not in candidate.places:
        yield "place"
    if situation.minutes is not None and candidate.minutes > situation.minutes:
        yield "minutes"
    if candidate.dayparts and situation.daypart not in candidate.dayparts:
        yield "daypart"
    if candidate.limits & situation.avoid:
        yield "limits"
    if candidate.slug in history.refused:
        yield "refused"


def suggest(
    candidates: Sequence[Candidate],
    *,
    mood: Mood,
    situation: Situation,
    history: History,
    rng: np.random.Generator,
    taste: Taste | None = None,
    count: int = SLOTS,
    shown: Iterable[str] = (),
    scale: float = POSTERIOR_SCALE,
) -> tuple[Suggestion, ...]:
    """Up to `count` suggestions, each of a new category while there are others; fewer if constraints leave fewer.

    `shown`: activities already on the page. `scale`: factor on the standard deviation of the draws.
    """
    page = set(shown)
    allowed = _find_allowed(candidates, situation=situation, history=history)
    fresh = cap_categories(candidates, allowed, page, history)
    if not fresh or count < 1:
        return ()
    rewards = expect_rewards(candidates, needs=find_needs(mood), history=history, taste=taste, gentle=situation.gentle)
    draws = rewards.of(allowed).draw(_DRAWS, rng, scale=scale)
    column = {index: place for place, index in enumerate(allowed)}
    chosen: list[Suggestion] = []
    while fresh and len(chosen) < count:
        chances = chances_of(draws[:, [column[index] for index in fresh]])
        position = int(rng.choice(len(fresh), p=chances))
        candidate = candidates[fresh[position]]
        reason = give_reason(candidate, mood=mood, situation=situation, history=history, taste=taste)
        chosen.append(Suggestion(candidate.slug, reason, round(float(chances[position]), 6)))
        page.add(candidate.slug)
        fresh = cap_categories(candidates, allowed, page, history)
    return tuple(chosen)


def find_candidates(
    candidates: Sequence[Candidate], *, situation: Situation, history: History, shown: Collection[str] = ()
) -> list[int]:
    """Indices in `candidates` of what may be drawn next: allowed, not on the page, and left by `cap_categories`."""
    return cap_categories(candidates, _find_allowed(candidates, situation=situation, history=history), shown, history)


def _find_allowed(candidates: Sequence[Candidate], *, situation: Situation, history: History) -> list[int]:
    return [
        index
        for index, candidate in enumerate(candidates)
        if blocking_constraint(candidate, situation=situation, history=history) is None
    ]


def cap_categories(
    candidates: Sequence[Candidate], allowed: Sequence[int], shown: Collection[str], history: History
) -> list[int]:
    """`allowed` without `shown` and, while there are others, without categories on the page or at their cap."""
    left = [index for index in allowed if candidates[index].slug not in shown]
    on_page = {candidate.category for candidate in candidates if candidate.slug in shown}
    full = find_full([candidate.category for candidate in _latest(candidates, history)])
    other = [index for index in left if candidates[index].category not in on_page] or left
    return [index for index in other if candidates[index].category not in full] or other


def chances_of(draws: Floats) -> Floats:
    """Probability that each column of `draws` (n, candidates) is largest, with a floor; sums to 1."""
    count = draws.shape[1]
    wins = np.bincount(draws.argmax(axis=1), minlength=count) / len(draws)
    return np.asarray((1 - FLOOR_SHARE) * wins + FLOOR_SHARE / count)


def find_full(offered: Sequence[str]) -> set[str]:
    """The categories that have reached their cap in the latest offers (oldest first)."""
    counts = Counter(offered[-(SHARE_REACH - 1) :])
    return {category for category, count in counts.items() if count >= SHARE_MOST}


def _latest(candidates: Sequence[Candidate], history: History) -> list[Candidate]:
    by_slug = {candidate.slug: candidate for candidate in candidates}
    latest = [offer for offer in history.offers if not offer.chosen][-SHARE_REACH:]
    return [by_slug[offer.activity] for offer in latest if offer.activity in by_slug]


def _rests(candidate: Candidate, now: datetime, last_offered: Mapping[str, datetime]) -> bool:
    last = last_offered.get(candidate.slug)
    return last is not None and now - last < timedelta(hours=candidate.cooldown_hours)
