"""Checks that suggestions never break a rule, and that no category fills too much of a person's offers."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from recommender.mood.summary import Mood
from recommender.ranking.history import Situation
from recommender.ranking.reward_model import Candidate
from recommender.ranking.suggest import blocking_constraint
from research.recommender.spread import spread
from research.recommender.world import Colleague, Ours, Pick, Policy, live, make_colleague, seeded


def check_rules(
    candidates: Sequence[Candidate], *, people: int, days: int, seed: int, processes: int = 1
) -> dict[str, Any]:
    """Violated constraints and cooldowns (expected: none), and the largest share of a category in a person's offers."""
    watched = spread(partial(_watch, candidates, days, seed), range(people), processes=processes)
    broken: Counter[str] = Counter()
    for found, _offers, _largest in watched:
        broken.update(found)
    return {
        "people": people,
        "days": days,
        "offers": sum(offers for _found, offers, _largest in watched),
        "broken": dict(broken),
        "largest_category": round(max(largest for _found, _offers, largest in watched), 4),
    }


def _watch(candidates: Sequence[Candidate], days: int, seed: int, number: int) -> tuple[Counter[str], int, float]:
    """For one person: violations, number of offers, and the largest share of one category."""
    broken: Counter[str] = Counter()
    by_slug = {candidate.slug: candidate for candidate in candidates}
    person = make_colleague(candidates, seeded(seed, number, 0))
    live(person, Witness(Ours(seeded(seed, number, 1)), broken), candidates, days=days)
    kinds = Counter(by_slug[offer.activity].category for offer in person.offers)
    return (
        broken + _count_early_offers(person, by_slug),
        len(person.offers),
        max(kinds.values()) / len(person.offers),
    )


class Witness:
    """Wraps a policy and counts what should not have been offered."""

    def __init__(self, policy: Policy, broken: Counter[str]) -> None:
        self._policy, self._broken = policy, broken

    def pick(self, person: Colleague, candidates: Sequence[Candidate], situation: Situation, mood: Mood) -> list[Pick]:
        picks = self._policy.pick(person, candidates, situation, mood)
        history = person.history
        for pick in picks:
            constraint = blocking_constraint(candidates[pick.index], situation=situation, history=history)
            if constraint is not None:
                self._broken[constraint] += 1
        if len({candidates[pick.index].category for pick in picks}) < len(picks):
            self._broken["same category twice"] += 1
        return picks

    def learn(self, person: Colleague, candidate: Candidate, mood: Mood, reward: float) -> None:
        self._policy.learn(person, candidate, mood, reward)


def _count_early_offers(person: Colleague, by_slug: dict[str, Candidate]) -> Counter[str]:
    """Offers of one activity within its cooldown, counted independently of the ranking's own history."""
    found: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    for offer in person.offers:
        before = last.get(offer.activity)
        if before is not None and offer.at - before < timedelta(hours=by_slug[offer.activity].cooldown_hours):
            found["cooldown"] += 1
        last[offer.activity] = offer.at
    return found
