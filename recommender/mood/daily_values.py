"""One value per observed day: the pleasantness from check-ins, or from readings.

A day without observations has no value and is never imputed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from recommender.mood.affect import PLEASANTNESS, as_vector
from recommender.mood.observations import CheckIn, Observations, Readings
from recommender.mood.personal_prior import desk_mix
from recommender.mood.prevalence import Floats, find_mix
from recommender.mood.summary import likelihoods_of

Source = Literal["said", "seen"]

#: One reading says little about a day.
LEAST_READINGS: Final = 2
#: Days that the chart shows; only the latest that many decide on the source.
DAYS_DRAWN: Final = 42
#: With this many days with check-ins among the latest, check-ins are the source, whatever the number of readings.
CHECKIN_DAYS_FLOOR: Final = 7


@dataclass(frozen=True, slots=True)
class DayValue:
    """Pleasantness of one day, -1..1, from `count` check-ins or readings."""

    date: date
    value: float
    source: Source
    count: int


def value_days(observed: Observations, *, prior: Sequence[float] | None, today: date) -> tuple[DayValue, ...]:
    """Oldest first, all from one source, so that days are comparable.

    Only the DAYS_DRAWN days up to `today` decide. Check-ins become the source once these hold CHECKIN_DAYS_FLOOR days
    with check-ins, or as many as days with readings, and stop being it below half of that. This hysteresis keeps the
    source stable for a person who checks in about once a week.
    """
    checkin_days = _value_checkins(observed.checkins)
    reading_days = _value_readings(observed.readings, prior)
    return checkin_days if _prefers_checkins(checkin_days, reading_days, today) else reading_days


def _prefers_checkins(checkin_days: Sequence[DayValue], reading_days: Sequence[DayValue], today: date) -> bool:
    """Whether, up to `today`, the last day that met the start condition came after the last that met the end condition.

    A day without observations before it changes nothing.
    """
    first = min((day.date for day in (*checkin_days, *reading_days)), default=today)
    until = np.arange(first.toordinal(), today.toordinal() + 1)
    checkins, readings = (_count_latest(days, until) for days in (checkin_days, reading_days))
    needed = np.minimum(CHECKIN_DAYS_FLOOR, readings)
    starts = (checkins > 0) & (checkins >= needed)
    ends = 2 * checkins < needed
    return _last(starts) > _last(ends)


def _count_latest(days: Sequence[DayValue], until: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each day of `until`: the number of `days` in the DAYS_DRAWN days up to it."""
    dates = np.array([day.date.toordinal() for day in days], dtype=np.int64)
    return np.asarray(np.searchsorted(dates, until, "right") - np.searchsorted(dates, until - DAYS_DRAWN, "right"))


def _last(where: NDArray[np.bool_]) -> int:
    """Index of the last True; -1 if there is none."""
    return int(max(np.flatnonzero(where), default=-1))


def _value_checkins(checkins: Sequence[CheckIn]) -> tuple[DayValue, ...]:
    by_day: dict[date, list[float]] = defaultdict(list)
    for checkin in checkins:
        by_day[checkin.day].append(checkin.pleasantness)
    return tuple(DayValue(day, sum(v) / len(v), "said", len(v)) for day, v in sorted(by_day.items()))


def _value_readings(readings: Readings, prior: Sequence[float] | None) -> tuple[DayValue, ...]:
    """Posterior of each reading given the person's overall mix, averaged by day."""
    if not len(readings):
        return ()
    shares = _responsibilities(readings, prior)
    days, index = np.unique(readings.days, return_inverse=True)
    clear = np.bincount(index, weights=~readings.faint)
    weight = np.bincount(index, weights=readings.quality)
    total = np.bincount(index, weights=readings.quality * (shares @ as_vector(PLEASANTNESS)))
    return tuple(
        DayValue(date.fromordinal(int(day)), float(total[i] / weight[i]), "seen", int(clear[i]))
        for i, day in enumerate(days)
        if clear[i] >= LEAST_READINGS
    )


def _responsibilities(readings: Readings, prior: Sequence[float] | None) -> Floats:
    likelihoods = likelihoods_of(readings, prior)
    mix = find_mix(likelihoods, readings.quality[None], desk_mix())[0]
    weighed = likelihoods * mix
    return np.asarray(weighed / np.maximum(weighed.sum(axis=1, keepdims=True), 1e-12))
