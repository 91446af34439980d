"""A simulated workplace in which suggestions are offered and answered: tastes, moods, moments, rival policies."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import numpy as np

from emotion.labels import EXPRESSIONS
from recommender.choices import Place
from recommender.mood.prevalence import Floats
from recommender.mood.summary import Coverage, Mood, MoodRules, Share, window_start
from recommender.ranking.history import Answer, History, Offer, Situation
from recommender.ranking.reward_model import POSTERIOR_SCALE, Candidate, find_needs, fit_to, scale_needs
from recommender.ranking.suggest import SLOTS, blocking_constraint, find_waiting, suggest
from research.recommender.people import ANY, SIZE
from vault.journal.kinds import AnswerWord

START: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
#: The truth of this world, unknown to policies. Different on purpose from `recommender.ranking.reward_model`.
_GRADE: Final[Mapping[str, float]] = {"A": 0.55, "B": 0.52, "C": 0.5, "D": 0.46}
_FIT: Final = 0.2
_NOISE: Final = 0.2
#: Loss of value of an activity that was done the day before; it fades in a few days.
_TIRED: Final = 0.12
_TIRED_DAYS: Final = 4.0
_HOURS: Final = (9, 12, 15, 17)


@dataclass(frozen=True, slots=True)
class World:
    """Variation of tastes by category and by activity, and the share of offers that people answer."""

    category_spread: float = 0.16
    activity_spread: float = 0.16
    answered: float = 1.0


PLAIN: Final = World()


@dataclass
class Colleague:
    """One person: tastes by activity, a mood that changes weekly, and the offers so far."""

    tastes: Mapping[str, float]
    places: Sequence[str | None]
    minutes: Sequence[int | None]
    rng: np.random.Generator
    offers: list[Offer] = field(default_factory=list)
    done: dict[str, datetime] = field(default_factory=dict)
    mood: Mood | None = None
    needs: Mapping[str, float] | None = None
    answered: float = 1.0

    @property
    def history(self) -> History:
        return History(tuple(self.offers))


class Policy(Protocol):
    """Picks up to SLOTS of the allowed activities and may learn from the answers."""

    def pick(
        self, person: Colleague, candidates: Sequence[Candidate], situation: Situation, mood: Mood
    ) -> "list[Pick]": ...

    def learn(self, person: Colleague, candidate: Candidate, mood: Mood, reward: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Pick:
    """`among`: the indices that could have been drawn."""

    index: int
    propensity: float = 1.0
    among: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Logged:
    """One draw: the choice, the alternatives, the gain, and the true value of each."""

    person: int
    day: int
    candidate: int
    propensity: float
    among: tuple[int, ...]
    gain: float
    worths: tuple[float, ...]
    table: int


def seeded(seed: int, number: int, stream: int) -> np.random.Generator:
    """Random generator of one person (`number`): stream 0 for the person, 1 for the policy."""
    return np.random.default_rng([seed, number, stream])


def make_colleague(candidates: Sequence[Candidate], rng: np.random.Generator, world: World = PLAIN) -> Colleague:
    kinds = {candidate.category: rng.normal(0, world.category_spread) for candidate in candidates}
    tastes = {o.slug: _GRADE[o.grade] + kinds[o.category] + rng.normal(0, world.activity_spread) for o in candidates}
    here = [None, str(rng.choice(Place.values))]
    return Colleague(tastes, here, [None, int(rng.choice([5, 10, 20]))], rng, answered=world.answered)


def make_mood(now: datetime, rng: np.random.Generator) -> Mood:
    mix = rng.dirichlet(6 * np.array(ANY))
    shares = tuple(Share(v, v, v, name) for name, v in zip(EXPRESSIONS, mix.tolist(), strict=True))
    others = [index for index in range(SIZE) if EXPRESSIONS[index] != "neutral"]
    leading = EXPRESSIONS[max(others, key=lambda index: mix[index])]
    return Mood(window_start(now, 7), now, MoodRules(), Coverage(()), mix=shares, leading=leading)


def worth_of(candidate: Candidate, person: Colleague, now: datetime) -> float:
    """The true value of the activity for this person now, 0..1."""
    value = person.tastes[candidate.slug] + _FIT * (fit_to(candidate, person.needs) - 0.5)
    if candidate.slug in person.done:
        value -= _TIRED * math.exp(-((now - person.done[candidate.slug]) / timedelta(days=1)) / _TIRED_DAYS)
    return min(max(value, 0.0), 1.0)


def gain_of(worth: float) -> float:
    """Expected gain of an offer: probability that it is accepted, times its value."""
    return _chance(worth) * worth


def live(
    person: Colleague,
    policy: Policy,
    candidates: Sequence[Candidate],
    *,
    days: int,
    log: list[Logged] | None = None,
) -> Floats:
    """The mean expected gain of each day's offers, shape (days). One visit per day."""
    gains = np.zeros(days)
    for day in range(days):
        now = (START + timedelta(days=day)).replace(hour=int(person.rng.choice(_HOURS)))
        if person.mood is None or day % 7 == 0:
            person.mood = make_mood(now, person.rng)
            person.needs = scale_needs(find_needs(person.mood))
        situation = Situation(
            now, person.places[int(person.rng.integers(2))], person.minutes[int(person.rng.integers(2))]
        )
        picks = policy.pick(person, candidates, situation, person.mood)
        worths = [worth_of(candidates[pick.index], person, now) for pick in picks]
        gains[day] = np.mean([gain_of(worth) for worth in worths]) if worths else 0.0
        if log is not None:
            log.extend(_log(pick, person, candidates, person.mood, now, day) for pick in picks[:1])
        for slot, (pick, worth) in enumerate(zip(picks, worths, strict=True)):
            answer = _answer(worth, now, person.rng) if person.rng.random() < person.answered else None
            candidate = candidates[pick.index]
            person.offers.append(
                Offer(UUID(int=2 * day + slot), candidate.slug, now, slot, {}, pick.propensity, answer)
            )
            if answer is not None and answer.answer == "did":
                person.done[candidate.slug] = now
            if answer is not None:
                policy.learn(person, candidate, person.mood, _observed(answer))
    return gains


def _answer(worth: float, now: datetime, rng: np.random.Generator) -> Answer:
    if rng.random() > _chance(worth):
        word: AnswerWord = "never" if worth < 0.25 and rng.random() < 0.2 else "not_now"
        return Answer(now, word)
    return Answer(now, "did", int(np.clip(np.rint(4 * (worth + rng.normal(0, _NOISE)) - 2), -2, 2)))


def _chance(worth: float) -> float:
    return 0.2 + 0.7 * worth


def _observed(answer: Answer) -> float:
    """The reward that rival policies learn from: 0 when it was not done."""
    return 0.0 if answer.answer != "did" or answer.helped is None else (answer.helped + 2) / 4


def _log(pick: Pick, person: Colleague, candidates: Sequence[Candidate], mood: Mood, now: datetime, day: int) -> Logged:
    worths = tuple(gain_of(worth_of(candidates[index], person, now)) for index in pick.among)
    drawn = worths[pick.among.index(pick.index)]
    gain = float(person.rng.random() < drawn)
    table = min(pick.among, key=lambda index: table_key(candidates[index], mood))
    return Logged(0, day, pick.index, pick.propensity, pick.among, gain, worths, table)


def table_key(candidate: Candidate, mood: Mood) -> tuple[bool, str, str]:
    """Sort key of the lookup table: activities for the leading expression first, then by evidence, then by name."""
    return (mood.leading not in candidate.targets, candidate.grade, candidate.slug)


@dataclass
class Ours:
    """`recommender.ranking.suggest` as shipped."""

    rng: np.random.Generator
    scale: float = POSTERIOR_SCALE

    def pick(self, person: Colleague, candidates: Sequence[Candidate], situation: Situation, mood: Mood) -> list[Pick]:
        index = {candidate.slug: place for place, candidate in enumerate(candidates)}
        found = suggest(
            candidates, mood=mood, situation=situation, history=person.history, rng=self.rng, scale=self.scale
        )
        return [Pick(index[one.slug], one.propensity, tuple(index[slug] for slug in one.among)) for one in found]

    def learn(self, person: Colleague, candidate: Candidate, mood: Mood, reward: float) -> None:
        """Nothing to do: everything is in the history."""


Choose = Callable[[Colleague, Sequence[Candidate], list[int], Mood, datetime], int]


@dataclass
class Chooser:
    """A policy from a rule that chooses one of the allowed activities; called twice, never the same category."""

    choose: Choose
    taught: Callable[[Candidate, Mood, float], None] | None = None

    def pick(self, person: Colleague, candidates: Sequence[Candidate], situation: Situation, mood: Mood) -> list[Pick]:
        history = person.history
        shown: list[str] = []
        picks: list[Pick] = []
        for _ in range(SLOTS):
            among = _find_among(candidates, situation, history, shown)
            if among:
                place = self.choose(person, candidates, among, mood, situation.now)
                shown.append(candidates[place].slug)
                picks.append(Pick(place, 1.0, tuple(among)))
        return picks

    def learn(self, person: Colleague, candidate: Candidate, mood: Mood, reward: float) -> None:
        if self.taught is not None:
            self.taught(candidate, mood, reward)


def _find_among(
    candidates: Sequence[Candidate], situation: Situation, history: History, shown: Sequence[str]
) -> list[int]:
    """Indices of what is allowed and, while there are others, of no category on the page or at its cap."""
    left = [
        index
        for index, candidate in enumerate(candidates)
        if candidate.slug not in shown and blocking_constraint(candidate, situation=situation, history=history) is None
    ]
    on_page = {candidate.category for candidate in candidates if candidate.slug in shown}
    waiting = find_waiting(candidates, history)
    other = [index for index in left if candidates[index].category not in on_page] or left
    return [index for index in other if candidates[index].category not in waiting] or other


def at_random(rng: np.random.Generator) -> Chooser:
    return Chooser(lambda _p, _o, among, _m, _n: int(rng.choice(among)))


def by_table() -> Chooser:
    return Chooser(
        lambda _p, candidates, among, mood, _n: min(among, key=lambda index: table_key(candidates[index], mood))
    )


def all_knowing() -> Chooser:
    """The upper bound: it knows every true value."""
    return Chooser(
        lambda person, candidates, among, _mood, now: max(
            among, key=lambda index: worth_of(candidates[index], person, now)
        )
    )
