"""The mood of a window: what a face looked like, what its owner said, and how much of either there is.

Nothing here says how a person is. It sums up readings and check-ins, shows how sure that is, and stays silent while
there is too little of it. What the person said outranks what the camera saw.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from emotion.labels import EXPRESSIONS, READING
from recommender.mixture import Floats, Mixture, estimate_mix, normalise_rows

#: Pleasure and arousal of the words for six emotions, from Russell and Mehrabian, "Evidence for a three-factor
#: theory of emotions", Journal of Research in Personality 11 (1977), doi:10.1016/0092-6566(77)90037-X. Neutral is
#: 0/0 by convention. Surprise may be a good or a bad one, so its pleasure (.40 there) is left out: energy only.
PLEASANTNESS: Mapping[str, float] = {
    "anger": -0.51,
    "disgust": -0.60,
    "fear": -0.64,
    "happiness": 0.81,
    "neutral": 0.0,
    "sadness": -0.63,
    "surprise": 0.0,
}
ENERGY: Mapping[str, float] = {
    "anger": 0.59,
    "disgust": 0.35,
    "fear": 0.60,
    "happiness": 0.51,
    "neutral": 0.0,
    "sadness": -0.27,
    "surprise": 0.67,
}
#: What a face at a desk is taken to show until readings say otherwise: mostly nothing. It weighs as much as
#: `mixture.PRIOR_READINGS` readings. An assumption, chosen so that little evidence never invents an emotion.
USUAL_MIX: Mapping[str, float] = {
    "anger": 0.05,
    "disgust": 0.03,
    "fear": 0.04,
    "happiness": 0.15,
    "neutral": 0.60,
    "sadness": 0.08,
    "surprise": 0.05,
}

#: No day counts for more than this many readings, so that one busy day is not the week.
DAY_CAP = 12.0
#: An expression leads when it is the commonest besides neutral in this share of the resamplings.
LEAD_CERTAINTY = 0.75
LEAD_LEAST = 0.05
#: One check-in's spread when there are too few to measure it, on the scale -1..1; worth two check-ins.
_CHECKIN_SPREAD, _CHECKIN_PRIOR = 0.35, 2
_HOUR = 3600


class JournalLine(Protocol):
    """What `summarise` needs of a journal entry; `at` is aware."""

    @property
    def id(self) -> Any: ...
    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class MoodRules:
    """How administrators set the window; the floors say from when on a summary is shown."""

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
    """How much of the window a face showed one expression, 0..1."""

    expression: str

    @property
    def percent(self) -> int:
        return round(self.value * 100)


@dataclass(frozen=True, slots=True)
class Affect:
    """Pleasantness and energy, both -1..1, as said in check-ins or as seen by the camera."""

    pleasantness: Estimate
    energy: Estimate
    source: Literal["said", "seen"]
    count: int


@dataclass(frozen=True, slots=True)
class Day:
    """What one calendar day holds; a day without anything stays in the list."""

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
    """The summary of a window. Below their floors `mix` and `seen` (readings) and `said` (check-ins) are None."""

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
        """What was said, else what was seen."""
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


@dataclass(frozen=True, slots=True)
class _Reading:
    at: datetime
    day: date
    probabilities: Sequence[float]
    quality: float
    known: bool


@dataclass(frozen=True, slots=True)
class _Checkin:
    at: datetime
    pleasantness: float
    energy: float


def window_start(now: datetime, days: int) -> datetime:
    """Midnight `days` - 1 days ago in the time zone of `now`: today counts as the last of the days."""
    day = now.date() - timedelta(days=days - 1)
    return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)


def summarise(
    entries: Iterable[JournalLine],
    *,
    now: datetime,
    rules: MoodRules | None = None,
    confusion: Sequence[Sequence[float]] | None = None,
) -> Mood:
    """The mood of the last `rules.window_days` calendar days in the time zone of `now`.

    `confusion[i][j]` is the probability mass the classifier gives expression j when i is true, both in the order of
    EXPRESSIONS; without it the mix is not corrected. Raises ValueError when `now` is naive or the matrix is not 7x7.
    """
    if now.tzinfo is None:
        raise ValueError("`now` needs a time zone: it decides which day an entry belongs to.")
    rules = rules or MoodRules()
    since = window_start(now, rules.window_days)
    lines = [line for line in entries if line.at <= now]
    readings, reasons, missed = _collect_readings(lines, since=since, zone=now.tzinfo)
    checkins = _collect_checkins(lines, since=since)
    mood = Mood(
        since=since,
        until=now,
        rules=rules,
        coverage=_cover(readings, checkins, missed, reasons, since=since, rules=rules, zone=now.tzinfo),
        said=_summarise_checkins(checkins, now=now, rules=rules),
        corrected=sum(reading.known for reading in readings),
    )
    if mood.readings_needed or mood.days_needed:
        return mood
    mixture = _mix(readings, now=now, rules=rules, confusion=confusion)
    return replace(mood, mix=_shares(mixture), seen=_seen(mixture, len(readings)), leading=_leading(mixture))


def corrections_of(entries: Iterable[JournalLine]) -> dict[str, str]:
    """The latest correction of each entry: entry id -> expression."""
    latest = {}
    for line in sorted((line for line in entries if line.kind == "correction"), key=lambda line: line.at):
        if line.data.get("expression") in EXPRESSIONS:
            latest[str(line.data.get("of"))] = str(line.data["expression"])
    return latest


def _collect_readings(
    lines: Sequence[JournalLine], *, since: datetime, zone: tzinfo
) -> tuple[list[_Reading], Counter[str], Counter[date]]:
    corrections = corrections_of(lines)
    readings: list[_Reading] = []
    reasons: Counter[str] = Counter()
    missed: Counter[date] = Counter()
    for line in lines:
        if line.kind != "reading" or line.at < since:
            continue
        day = line.at.astimezone(zone).date()
        said = corrections.get(str(line.id)) if corrections else None
        if said is not None:
            one_hot = [float(name == said) for name in EXPRESSIONS]
            readings.append(_Reading(line.at, day, one_hot, 1.0, known=True))
        elif line.data.get("outcome") == READING and _is_distribution(line.data.get("p")):
            quality = min(max(float(line.data.get("quality", 1.0)), 0.05), 1.0)
            readings.append(_Reading(line.at, day, line.data["p"], quality, known=False))
        else:
            reasons[str(line.data.get("outcome"))] += 1
            missed[day] += 1
    return readings, reasons, missed


def _is_distribution(values: Any) -> bool:
    if not isinstance(values, list | tuple) or len(values) != len(EXPRESSIONS):
        return False
    try:
        return min(values) >= 0 and abs(sum(values) - 1) < 0.02
    except TypeError:
        return False


def _collect_checkins(lines: Sequence[JournalLine], *, since: datetime) -> list[_Checkin]:
    return [
        _Checkin(line.at, float(line.data["pleasantness"]), float(line.data["energy"]))
        for line in lines
        if line.kind == "checkin" and line.at >= since and {"pleasantness", "energy"} <= line.data.keys()
    ]


def _cover(
    readings: Sequence[_Reading],
    checkins: Sequence[_Checkin],
    missed: Counter[date],
    reasons: Counter[str],
    *,
    since: datetime,
    rules: MoodRules,
    zone: tzinfo,
) -> Coverage:
    seen = Counter(reading.day for reading in readings)
    said = Counter(checkin.at.astimezone(zone).date() for checkin in checkins)
    dates = [since.date() + timedelta(days=offset) for offset in range(rules.window_days)]
    return Coverage(tuple(Day(day, seen[day], missed[day], said[day]) for day in dates), dict(reasons))


def _age_weights(moments: Sequence[datetime], *, now: datetime, rules: MoodRules) -> Floats:
    stamps = np.array([moment.timestamp() for moment in moments])
    return np.asarray(0.5 ** ((now.timestamp() - stamps) / (86_400 * rules.half_life_days)))


def _cap_days(weights: Floats, days: Sequence[date]) -> Floats:
    """Scales the readings of a day with more than DAY_CAP of them down to that many."""
    counts = Counter(days)
    return np.asarray(weights * np.array([min(1.0, DAY_CAP / counts[day]) for day in days]))


def _mix(
    readings: Sequence[_Reading],
    *,
    now: datetime,
    rules: MoodRules,
    confusion: Sequence[Sequence[float]] | None,
) -> Mixture:
    size = len(EXPRESSIONS)
    matrix = np.eye(size) if confusion is None else normalise_rows(confusion)
    if matrix.shape != (size, size):
        raise ValueError(f"The confusion matrix must be {size}x{size}, not {matrix.shape}.")
    qualities = np.array([reading.quality for reading in readings])
    weights = qualities * _age_weights([reading.at for reading in readings], now=now, rules=rules)
    hours: NDArray[np.int64] = np.array([int(reading.at.timestamp()) // _HOUR for reading in readings], dtype=np.int64)
    return estimate_mix(
        np.array([reading.probabilities for reading in readings], dtype=np.float64),
        _cap_days(weights, [reading.day for reading in readings]),
        hours,
        known=np.array([reading.known for reading in readings]),
        confusion=matrix,
        usual=np.array([USUAL_MIX[name] for name in EXPRESSIONS]),
    )


def _shares(mixture: Mixture) -> tuple[Share, ...]:
    rows = np.eye(len(EXPRESSIONS))
    return tuple(Share(*mixture.interval(row), expression=name) for name, row in zip(EXPRESSIONS, rows, strict=True))


def _seen(mixture: Mixture, count: int) -> Affect:
    pleasure = np.array([PLEASANTNESS[name] for name in EXPRESSIONS])
    energy = np.array([ENERGY[name] for name in EXPRESSIONS])
    return Affect(Estimate(*mixture.interval(pleasure)), Estimate(*mixture.interval(energy)), "seen", count)


def _leading(mixture: Mixture) -> str | None:
    """The commonest expression besides neutral, unless that is too close to call or hardly ever seen."""
    others = [index for index, name in enumerate(EXPRESSIONS) if name != "neutral"]
    first = max(others, key=lambda index: float(mixture.point[index]))
    certain = float((mixture.draws[:, others].max(axis=1) == mixture.draws[:, first]).mean())
    return EXPRESSIONS[first] if certain >= LEAD_CERTAINTY and mixture.point[first] >= LEAD_LEAST else None


def _summarise_checkins(checkins: Sequence[_Checkin], *, now: datetime, rules: MoodRules) -> Affect | None:
    if len(checkins) < rules.floor_checkins:
        return None
    weights = _age_weights([checkin.at for checkin in checkins], now=now, rules=rules).tolist()
    return Affect(
        _weighted_mean([checkin.pleasantness for checkin in checkins], weights),
        _weighted_mean([checkin.energy for checkin in checkins], weights),
        "said",
        len(checkins),
    )


def _weighted_mean(values: Sequence[float], weights: Sequence[float]) -> Estimate:
    """Mean with a 95 % interval; few values borrow a typical spread, so that three alike do not look certain."""
    weights = [weight / max(weights) for weight in weights]
    total = sum(weights)
    mean = sum(value * weight for value, weight in zip(values, weights, strict=True)) / total
    effective = total**2 / sum(weight**2 for weight in weights)
    squares = sum(weight * (value - mean) ** 2 for value, weight in zip(values, weights, strict=True)) / total
    variance = (squares * effective + _CHECKIN_PRIOR * _CHECKIN_SPREAD**2) / (effective - 1 + _CHECKIN_PRIOR)
    margin = 1.96 * math.sqrt(variance / effective)
    return Estimate(mean, max(-1.0, mean - margin), min(1.0, mean + margin))
