"""Made-up people with a known mix of expressions, and a made-up classifier whose mistakes are known."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emotion.labels import EXPRESSIONS
from recommender.mood import observations, summary
from recommender.mood.daily_values import DayValue
from recommender.mood.observations import Observations
from recommender.mood.summary import Affect, Coverage, Estimate, Mood, MoodRules, Share, window_start
from recommender.ranking.history import Answer, Offer, Situation
from recommender.ranking.reward_model import Candidate
from research.recommender.people import ANY, DESK, WEAK, MatrixFaces
from tests import entries
from vault.journal.contents import AnyEntry, Journal, JournalEntry
from vault.journal.kinds import AnswerWord, Correction, Kind

NOW = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
TODAY = NOW.date()
SITUATION = Situation(now=NOW)
#: Values of forty days of somebody who goes up and down a little.
WAVES = [0.1, 0.3] * 20
SIZE = len(EXPRESSIONS)

EVERYDAY = np.array(ANY)
DESK_WORKER = np.array(DESK)
#: Says no more than labels that are wrong as often as WEAK says.
WEAK_FACES = MatrixFaces.of(WEAK, ANY)


def line(data: Kind, at: datetime = NOW) -> AnyEntry:
    return JournalEntry(uuid.uuid4(), at, data)


def journal_of(lines: Iterable[AnyEntry]) -> Journal:
    """A journal with these entries, in whatever order they come."""
    return Journal(tuple(sorted(lines, key=lambda entry: entry.at)))


def observe(lines: Iterable[AnyEntry], *, zone: tzinfo | None = None) -> Observations:
    return observations.observe(journal_of(lines), zone=zone)


def summarise(
    lines: Iterable[AnyEntry], *, now: datetime, rules: MoodRules | None = None, prior: Sequence[float] | None = None
) -> Mood:
    """The mood at `now` of somebody whose journal has these entries."""
    seen = observations.observe(journal_of(lines), zone=now.tzinfo, until=now) if now.tzinfo else observe(())
    return summary.summarise(seen, now=now, rules=rules, prior=prior)


def one_hot(expression: str) -> list[float]:
    return [float(name == expression) for name in EXPRESSIONS]


def reading(expression: str | Sequence[float], at: datetime = NOW, *, quality: float = 1.0) -> AnyEntry:
    p = one_hot(expression) if isinstance(expression, str) else [float(value) for value in expression]
    return line(entries.reading(p=p, quality=quality, model="test"), at)


def no_reading(reason: str, at: datetime = NOW) -> AnyEntry:
    return line(entries.reading(p=None, outcome=reason, quality=0.0, model="test"), at)


def checkin(pleasantness: float, energy: float, at: datetime = NOW) -> AnyEntry:
    return line(entries.checkin(pleasantness, energy), at)


def correction(of: AnyEntry, expression: str, at: datetime = NOW) -> AnyEntry:
    return line(Correction(of=of.id, expression=expression), at)


def days_ago(days: float, *, now: datetime = NOW) -> datetime:
    return now - timedelta(days=days)


def spread(count: int, *, days: int = 7, now: datetime = NOW) -> list[datetime]:
    """`count` moments over the last `days` days, hours apart."""
    return [now - timedelta(days=index % days, hours=(index // days) % 12) for index in range(count)]


def said_day(ago: int, value: float) -> DayValue:
    return DayValue(TODAY - timedelta(days=ago), value, "said", 1)


def said_days(values: Sequence[float], *, until: int = 0) -> list[DayValue]:
    """Oldest first, the last one `until` days ago."""
    return [said_day(until + len(values) - 1 - index, value) for index, value in enumerate(values)]


def noisy(count: int, *, around: float, by: float, seed: int) -> list[float]:
    """`count` normal values with the standard deviation `by`."""
    rng = np.random.default_rng(seed)
    return [float(value) for value in rng.normal(around, by, count)]


def candidate(slug: str = "walk", **changes: Any) -> Candidate:
    plain = Candidate(slug, "somatic", frozenset({"sadness"}), 10, "B", review_due=date(2027, 1, 1))
    return replace(plain, **changes)


def mood_of(
    mix: dict[str, float] | None = None, *, said: tuple[float, float] | None = None, leading: str | None = None
) -> Mood:
    shares = tuple(Share(v, v, v, name) for name in EXPRESSIONS for v in [mix.get(name, 0.0)]) if mix else None
    point = [Estimate(value, value, value) for value in said or ()]
    affect = Affect(point[0], point[1], "said", 5) if said else None
    return Mood(window_start(NOW, 7), NOW, MoodRules(), Coverage(()), mix=shares, said=affect, leading=leading)


def offer(activity: str, at: datetime = NOW, answer: AnswerWord | None = None, helped: int | None = None) -> Offer:
    return Offer(uuid.uuid4(), activity, at, 0, answer=Answer(at, answer, helped) if answer else None)


FEW = mood_of()
SAD = mood_of({"sadness": 0.3, "happiness": 0.1, "neutral": 0.6}, leading="sadness")


@dataclass(frozen=True, slots=True)
class MadeUpClassifier:
    """Draws a score vector around the true class, answers calibrated probabilities under the everyday prior."""

    sharpness: float = 2.2

    def centres(self) -> NDArray[np.float64]:
        # Two classes lie as near to each other as they are mistaken for each other.
        weak = np.array(WEAK)
        likeness = (weak + weak.T) / 2
        np.fill_diagonal(likeness, 1.0)
        return np.asarray(self.sharpness * np.linalg.cholesky(likeness))

    def read(self, truth: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
        centres = self.centres()
        seen = centres[truth] + rng.normal(size=(len(truth), SIZE))
        log = -((seen[:, None, :] - centres[None]) ** 2).sum(axis=2) / 2 + np.log(EVERYDAY)
        likely = np.exp(log - log.max(axis=1, keepdims=True))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))
