"""Which activities to suggest now: constraints, fit to the mood, Thompson sampling, diversity.

The chance with which each suggestion was drawn travels with it, so that what was learned can be judged honestly later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import numpy as np

from recommender.mood.prevalence import Floats
from recommender.mood.summary import Mood
from recommender.ranking.history import History, Situation, Taste
from recommender.ranking.reasons import give_reason
from recommender.ranking.reward_model import EAGERNESS, GRADE_MEAN, Option, expect_rewards, find_needs

PLACES: Final = ("desk", "break_room", "quiet_room", "outdoors", "home")
DAYPARTS: Final = ("morning", "midday", "afternoon", "evening")
GRADES: Final = tuple(GRADE_MEAN)
#: What an activity may ask of somebody, and what a person may ask to be spared.
LIMITS: Final = ("walking", "standing", "hands", "breathing", "company", "sight", "hearing", "effort")
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

#: How many are suggested at a time; more is a list to work through, fewer leaves no choice.
SLOTS: Final = 2
#: A category with this many of the latest offers rests while there are others, so that none fills half of them.
SHARE_REACH: Final = 20
SHARE_MOST: Final = 8
#: Share of the chance spread evenly over everything allowed.
FLOOR_SHARE: Final = 0.1
_DRAWS: Final = 400


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
    return next(_find_misfits(option, situation, history), None)


def _find_misfits(option: Option, situation: Situation, history: History) -> Iterator[Hindrance]:
    if not option.active:
        yield "switched_off"
    if option.grade not in GRADES:
        yield "no_evidence"
    if option.review_due is None or option.review_due < situation.now.date():
        yield "review_due"
    if option.safety != "normal":
        yield "not_ranked"
    if situation.place and option.places and situation.place not in option.places:
        yield "place"
    if situation.minutes is not None and option.minutes > situation.minutes:
        yield "minutes"
    if option.dayparts and situation.daypart not in option.dayparts:
        yield "daypart"
    if option.limits & situation.avoid:
        yield "limits"
    if option.slug in history.refused:
        yield "refused"


def suggest(
    options: Sequence[Option],
    *,
    mood: Mood,
    situation: Situation,
    history: History,
    rng: np.random.Generator,
    taste: Taste | None = None,
    count: int = SLOTS,
    shown: Iterable[str] = (),
    eagerness: float = EAGERNESS,
) -> tuple[Suggestion, ...]:
    """Up to `count` suggestions, each of another category than those before it while there are others.

    `shown` names the activities already on the page. `eagerness`: how much of the true
    uncertainty draws are made with. Fewer come back when the constraints leave fewer.
    """
    page = set(shown)
    allowed = _find_allowed(options, situation=situation, history=history)
    fresh = _whose_turn(options, allowed, page, history)
    if not fresh or count < 1:
        return ()
    worth = expect_rewards(options, needs=find_needs(mood), history=history, taste=taste, gentle=situation.gentle)
    draws = worth.of(allowed).draw(_DRAWS, rng, eagerness=eagerness)
    column = {index: place for place, index in enumerate(allowed)}
    chosen: list[Suggestion] = []
    while fresh and len(chosen) < count:
        chances = chances_of(draws[:, [column[index] for index in fresh]])
        position = int(rng.choice(len(fresh), p=chances))
        option = options[fresh[position]]
        reason = give_reason(option, mood=mood, situation=situation, history=history, taste=taste)
        chosen.append(Suggestion(option.slug, reason, round(float(chances[position]), 6)))
        page.add(option.slug)
        fresh = _whose_turn(options, allowed, page, history)
    return tuple(chosen)


def find_candidates(
    options: Sequence[Option], *, situation: Situation, history: History, shown: Collection[str] = ()
) -> list[int]:
    """Places in `options` of what may be drawn next: allowed, not on the page, and of a category whose turn it is.

    While there are others, categories on the page wait, and so do those that filled much of the latest offers.
    """
    return _whose_turn(options, _find_allowed(options, situation=situation, history=history), shown, history)


def _find_allowed(options: Sequence[Option], *, situation: Situation, history: History) -> list[int]:
    return [
        index
        for index, option in enumerate(options)
        if find_hindrance(option, situation=situation, history=history) is None
    ]


def _whose_turn(
    options: Sequence[Option], allowed: Sequence[int], shown: Collection[str], history: History
) -> list[int]:
    left = [index for index in allowed if options[index].slug not in shown]
    on_page = {option.category for option in options if option.slug in shown}
    full = find_full([option.category for option in _latest(options, history)])
    other = [index for index in left if options[index].category not in on_page] or left
    return [index for index in other if options[index].category not in full] or other


def chances_of(draws: Floats) -> Floats:
    """How often each column of `draws` (n, options) wins, with a floor; sums to 1."""
    count = draws.shape[1]
    wins = np.bincount(draws.argmax(axis=1), minlength=count) / len(draws)
    return np.asarray((1 - FLOOR_SHARE) * wins + FLOOR_SHARE / count)


def find_full(offered: Sequence[str]) -> set[str]:
    """The categories that fill as much of the latest offers (oldest first) as one may."""
    counts = Counter(offered[-(SHARE_REACH - 1) :])
    return {category for category, count in counts.items() if count >= SHARE_MOST}


def _latest(options: Sequence[Option], history: History) -> list[Option]:
    by_slug = {option.slug: option for option in options}
    latest = [offer for offer in history.offers if not offer.chosen][-SHARE_REACH:]
    return [by_slug[offer.activity] for offer in latest if offer.activity in by_slug]


def _rests(option: Option, now: datetime, last_offered: Mapping[str, datetime]) -> bool:
    last = last_offered.get(option.slug)
    return last is not None and now - last < timedelta(hours=option.cooldown_hours)
