"""Which activities to suggest now: constraints, diversity, Thompson sampling, fit to the mood within its bound.

Each suggestion carries its propensity, so that policies can be evaluated off-policy without bias.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import numpy as np

from recommender.mood.prevalence import Floats
from recommender.mood.summary import Mood
from recommender.ranking.bound import Pile, deal, hold_chances
from recommender.ranking.history import History, Situation
from recommender.ranking.reasons import give_reason
from recommender.ranking.reward_model import (
    GRADE_MEAN,
    POSTERIOR_SCALE,
    Candidate,
    expect_rewards,
    find_needs,
    weigh_mood,
)
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
#: Probability mass that is spread evenly over a pile before the mood is looked at.
FLOOR_SHARE: Final = 0.1
_DRAWS: Final = 400


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One activity, the reason, and the probability (0..1) with which it was drawn `among` the pile of its place."""

    slug: str
    reason: Mapping[str, Any]
    propensity: float
    among: tuple[str, ...]


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
    shown: Collection[str] = (),
    scale: float = POSTERIOR_SCALE,
) -> tuple[Suggestion, ...]:
    """Up to `count` suggestions, each of a new category while there are others; fewer if constraints leave fewer.

    `shown`: activities already on the page. `scale`: factor on the standard deviation of the draws.
    """
    piles = weigh_piles(
        candidates,
        needs=find_needs(mood),
        situation=situation,
        history=history,
        rng=rng,
        taste=taste,
        count=count,
        shown=shown,
        scale=scale,
    )
    chosen = []
    for pile, chances in piles:
        place = int(rng.choice(len(pile), p=chances))
        reason = give_reason(pile[place], mood=mood, situation=situation, history=history, taste=taste)
        among = tuple(candidate.slug for candidate in pile)
        chosen.append(Suggestion(pile[place].slug, reason, round(float(chances[place]), 6), among))
    return tuple(chosen)


def weigh_piles(
    candidates: Sequence[Candidate],
    *,
    needs: Mapping[str, float] | None,
    situation: Situation,
    history: History,
    rng: np.random.Generator,
    taste: Taste | None = None,
    count: int = SLOTS,
    shown: Collection[str] = (),
    scale: float = POSTERIOR_SCALE,
) -> list[tuple[Pile, Floats]]:
    """What may be drawn for each place on the page, and the chance of each: see `recommender.ranking.bound`.

    The same `rng` deals the same piles whatever `needs` and `situation.gentle` are.
    """
    index = [
        place
        for place, candidate in enumerate(candidates)
        if candidate.slug not in shown and blocking_constraint(candidate, situation=situation, history=history) is None
    ]
    if not index:
        return []
    allowed = [candidates[place] for place in index]
    blind = expect_rewards(candidates, history=history, taste=taste).of(index).draw(_DRAWS, rng, scale=scale)
    wanted = blind + weigh_mood(allowed, needs=needs, gentle=situation.gentle)
    column = {candidate.slug: place for place, candidate in enumerate(allowed)}
    piles = deal(
        sorted(allowed, key=lambda candidate: -blind[0, column[candidate.slug]]),
        count=count,
        on_page={candidate.category for candidate in candidates if candidate.slug in shown},
        waiting=find_waiting(candidates, history),
    )
    columns = [[column[candidate.slug] for candidate in pile] for pile in piles]
    return [
        (pile, hold_chances(chances_of(wanted[:, places]), chances_of(blind[:, places])))
        for pile, places in zip(piles, columns, strict=True)
    ]


def chances_of(draws: Floats) -> Floats:
    """Probability that each column of `draws` (n, candidates) is largest, with a floor; sums to 1."""
    count = draws.shape[1]
    wins = np.bincount(draws.argmax(axis=1), minlength=count) / len(draws)
    return np.asarray((1 - FLOOR_SHARE) * wins + FLOOR_SHARE / count)


def find_waiting(candidates: Sequence[Candidate], history: History) -> set[str]:
    """The categories that have reached their cap in the latest offers, not counting what a person picked themselves."""
    by_slug = {candidate.slug: candidate for candidate in candidates}
    latest = [offer.activity for offer in history.offers if not offer.chosen][1 - SHARE_REACH :]
    counts = Counter(by_slug[slug].category for slug in latest if slug in by_slug)
    return {category for category, offers in counts.items() if offers >= SHARE_MOST}


def _rests(candidate: Candidate, now: datetime, last_offered: Mapping[str, datetime]) -> bool:
    last = last_offered.get(candidate.slug)
    return last is not None and now - last < timedelta(hours=candidate.cooldown_hours)
