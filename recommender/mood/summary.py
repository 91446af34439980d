"""The mood of a window: what readings and check-ins show, and how much of either there is.

Nothing here says how a person is. It summarises readings and check-ins with their uncertainty, and gives nothing while
there are too few. Check-ins take precedence over readings.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emotion.labels import EXPRESSIONS
from recommender.mood.affect import ENERGY, PLEASANTNESS, as_vector
from recommender.mood.observations import CheckIn, Observations, Readings
from recommender.mood.personal_prior import EARLIER_DAYS, WeightedReadings, desk_mix, own_mix
from recommender.mood.prevalence import Floats, Mixture, estimate_mix, to_likelihoods

#: A day counts for at most this many readings, so that one busy day does not dominate the week.
DAY_CAP = 12.0
#: An expression leads when it is the commonest besides neutral in this share of the draws, and at least LEAD_LEAST.
LEAD_CERTAINTY = 0.75
LEAD_LEAST = 0.05
#: Prior standard deviation of a check-in on the scale -1..1; it counts as `_CHECKIN_PRIOR` check-ins.
_CHECKIN_SPREAD, _CHECKIN_PRIOR = 0.35, 2
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class MoodRules:
    """Administrators' settings of the window; below the floors no summary is shown."""

    window_days: int = 7
    half_life_days: float = 7.0
    floor_readings: int = 30
    floor_days: int = 3
    floor_checkins: int = 3


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Share(Estimate):
    """The share of the window in which a face showed one expression, 0..1."""

    expression: str

    @property
    def percent(self) -> int:
        return round(self.value * 100)


@dataclass(frozen=True, slots=True)
class Affect:
    """Pleasantness and energy, both -1..1, from check-ins ("said") or readings ("seen")."""

    pleasantness: Estimate
    energy: Estimate
    source: Literal["said", "seen"]
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """Counts of one calendar day; days without entries are included."""

    date: date
    readings: int = 0
    missed: int = 0
    checkins: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the window is known. `reasons` counts the captures that gave no reading."""

    days: tuple[Day, ...]
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def readings(self) -> int:
        return sum(day.readings for day in self.days)

    @property
    def checkins(self) -> int:
        return sum(day.checkins for day in self.days)

    @property
    def missed(self) -> int:
        return sum(day.missed for day in self.days)

    @property
    def days_with_readings(self) -> int:
        return sum(day.readings > 0 for day in self.days)


@dataclass(frozen=True, slots=True)
class Mood:
    """The summary of a window. Below the floors, `mix` and `seen` (readings) or `said` (check-ins) are None."""

    since: datetime
    until: datetime
    rules: MoodRules
    coverage: Coverage
    mix: tuple[Share, ...] | None = None
    seen: Affect | None = None
    said: Affect | None = None
    leading: str | None = None
    corrected: int = 0

    @property
    def enough(self) -> bool:
        return self.mix is not None or self.said is not None

    @property
    def affect(self) -> Affect | None:
        """From check-ins, else from readings."""
        return self.said or self.seen

    @property
    def readings_needed(self) -> int:
        return max(0, self.rules.floor_readings - self.coverage.readings)

    @property
    def days_needed(self) -> int:
        return max(0, self.rules.floor_days - self.coverage.days_with_readings)

    def share(self, expression: str) -> float:
        """0 while there is no mix."""
        return next((share.value for share in self.mix or () if share.expression == expression), 0.0)


def window_start(now: datetime, days: int) -> datetime:
    """Midnight `days` - 1 days ago in the time zone of `now`: today counts as the last of the days."""
    day = now.date() - timedelta(days=days - 1)
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def summarise(
    seen: Observations, *, now: datetime, rules: MoodRules | None = None, prior: Sequence[float] | None = None
) -> Mood:
    """The mood of the last `rules.window_days` calendar days in the time zone of `now`, the latest of `seen`.

    `prior`: the shares of EXPRESSIONS under which the classifier gave its probabilities, the spec's everyday prior;
    without it they are taken to be all alike. Readings of the EARLIER_DAYS before the window make the mix surer, as
    far as they look like it. Raises ValueError when `now` is naive or the prior has not seven positive numbers.
    """
    if now.tzinfo is None:
        raise ValueError("`now` needs a time zone: it decides which day an entry belongs to.")
    rules = rules or MoodRules()
    since = window_start(now, rules.window_days)
    seen = seen.since(since - timedelta(days=EARLIER_DAYS))
    window = seen.since(since)
    mood = Mood(
        since=since,
        until=now,
        rules=rules,
        coverage=_cover(window, since=since, rules=rules),
        said=_summarise_checkins(window.checkins, now=now, rules=rules),
        corrected=int(window.readings.known.sum()),
    )
    if mood.readings_needed or mood.days_needed:
        return mood
    earlier = seen.readings.where(seen.readings.stamps < since.timestamp())
    mixture = _mix(window.readings, earlier, now=now, rules=rules, prior=prior)
    return replace(mood, mix=_shares(mixture), seen=_seen(mixture, mood.coverage.readings), leading=_leading(mixture))


def likelihoods_of(readings: Readings, prior: Sequence[float] | None) -> Floats:
    """Likelihood of each picture under each expression; rows sum to 1. A correction is certain."""
    likelihoods = to_likelihoods(readings.probabilities, prior)
    likelihoods[readings.known] = readings.probabilities[readings.known]
    return likelihoods


def _cover(window: Observations, *, since: datetime, rules: MoodRules) -> Coverage:
    seen = Counter(window.readings.days[~window.readings.faint].tolist())
    said = Counter(checkin.day for checkin in window.checkins)
    missed = Counter(miss.day for miss in window.missed)
    dates = [since.date() + timedelta(days=offset) for offset in range(rules.window_days)]
    days = tuple(Day(day, seen[day.toordinal()], missed[day], said[day]) for day in dates)
    return Coverage(days, dict(Counter(miss.reason for miss in window.missed)))


def _age_weights(stamps: Floats, *, now: datetime, rules: MoodRules) -> Floats:
    return np.asarray(0.5 ** ((now.timestamp() - stamps) / (86_400 * rules.half_life_days)))


def _cap_days(weights: Floats, days: NDArray[np.int64]) -> Floats:
    """Scales the readings of a day with more than DAY_CAP of them down to that many."""
    _, index, counts = np.unique(days, return_inverse=True, return_counts=True)
    return np.asarray(weights * np.minimum(1.0, DAY_CAP / counts)[index])


def _mix(
    readings: Readings, earlier: Readings, *, now: datetime, rules: MoodRules, prior: Sequence[float] | None
) -> Mixture:
    weights = _cap_days(readings.quality * _age_weights(readings.stamps, now=now, rules=rules), readings.days)
    window, before = (
        WeightedReadings(likelihoods_of(part, prior), masses, (part.days - now.date().toordinal()) // 7)
        for part, masses in ((readings, weights), (earlier, earlier.quality))
    )
    return estimate_mix(
        window.likelihoods,
        weights,
        (readings.stamps // _HOUR).astype(np.int64),
        prior=desk_mix(),
        own=own_mix(window, before),
    )


def _shares(mixture: Mixture) -> tuple[Share, ...]:
    rows = np.eye(len(EXPRESSIONS))
    return tuple(Share(*mixture.interval(row), expression=name) for name, row in zip(EXPRESSIONS, rows, strict=True))


def _seen(mixture: Mixture, count: int) -> Affect:
    pleasantness, energy = (Estimate(*mixture.interval(as_vector(values))) for values in (PLEASANTNESS, ENERGY))
    return Affect(pleasantness, energy, "seen", count)


def _leading(mixture: Mixture) -> str | None:
    """The commonest expression besides neutral; None if that is uncertain or rare."""
    others = [index for index, name in enumerate(EXPRESSIONS) if name != "neutral"]
    first = max(others, key=lambda index: float(mixture.point[index]))
    certain = float((mixture.draws[:, others].max(axis=1) == mixture.draws[:, first]).mean())
    return EXPRESSIONS[first] if certain >= LEAD_CERTAINTY and mixture.point[first] >= LEAD_LEAST else None


def _summarise_checkins(checkins: Sequence[CheckIn], *, now: datetime, rules: MoodRules) -> Affect | None:
    if len(checkins) < rules.floor_checkins:
        return None
    weights = _age_weights(np.array([checkin.at.timestamp() for checkin in checkins]), now=now, rules=rules).tolist()
    return Affect(
        _weighted_mean([checkin.pleasantness for checkin in checkins], weights),
        _weighted_mean([checkin.energy for checkin in checkins], weights),
        "said",
        len(checkins),
    )


def _weighted_mean(values: Sequence[float], weights: Sequence[float]) -> Estimate:
    """Mean and 95 % interval; a prior spread keeps three equal values from looking certain."""
    heaviest = max(weights)
    weights = [weight / heaviest for weight in weights]
    total = sum(weights)
    mean = sum(value * weight for value, weight in zip(values, weights, strict=True)) / total
    effective = total**2 / sum(weight**2 for weight in weights)
    squares = sum(weight * (value - mean) ** 2 for value, weight in zip(values, weights, strict=True)) / total
    variance = (squares * effective + _CHECKIN_PRIOR * _CHECKIN_SPREAD**2) / (effective - 1 + _CHECKIN_PRIOR)
    margin = 1.96 * math.sqrt(variance / effective)
    return Estimate(mean, max(-1.0, mean - margin), min(1.0, mean + margin))
