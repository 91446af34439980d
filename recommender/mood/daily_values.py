"""One value for each observed day: how pleasant it was said to be, or how pleasant the face looked.

A day without anything has no value. It is never filled in, neither with the day before nor with nothing.
"""

from __future__ import annotations

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

#: A face seen once says little about a day.
LEAST_READINGS: Final = 2
#: The latest days: as many as the chart of the weeks draws.
DAYS_DRAWN: Final = 42
#: With this many days with check-ins among the latest, days are told by what was said, however many the camera saw.
SAID_FLOOR: Final = 7


@dataclass(frozen=True, slots=True)
class DayValue:
    """Pleasantness of one day, -1..1, from `count` check-ins or readings."""

    date: date
    value: float
    source: Source
    count: int


def value_days(seen: Observations, *, prior: Sequence[float] | None, today: date) -> tuple[DayValue, ...]:
    """Oldest first, all of one source, so that days can be compared.

    The DAYS_DRAWN days up to `today` decide, so that nobody is told by what they did long ago. It is what was said once
    they hold SAID_FLOOR days with check-ins, or as many of them as days the camera saw. It stays so until they hold
    fewer than half of what that takes: the source does not go to and fro for somebody who checks in about once a week.
    """
    said = _said_days(seen.checkins)
    camera = _seen_days(seen.readings, prior)
    return said if _goes_by_said(said, camera, today) else camera


def _goes_by_said(said: Sequence[DayValue], camera: Sequence[DayValue], today: date) -> bool:
    """Whether, of all the days up to `today`, the last that began going by what was said came after any that ended it.

    Days with nothing of either kind before them leave it as it was.
    """
    first = min((day.date for day in (*said, *camera)), default=today)
    until = np.arange(first.toordinal(), today.toordinal() + 1)
    said_days, camera_days = (_count_latest(days, until) for days in (said, camera))
    takes = np.minimum(SAID_FLOOR, camera_days)
    begins = (said_days > 0) & (said_days >= takes)
    ends = 2 * said_days < takes
    return _last(begins) > _last(ends)


def _count_latest(days: Sequence[DayValue], until: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of `days` are among the DAYS_DRAWN up to each day of `until`."""
    dates = np.array([day.date.toordinal() for day in days], dtype=np.int64)
    return np.asarray(np.searchsorted(dates, until, "right") - np.searchsorted(dates, until - DAYS_DRAWN, "right"))


def _last(where: NDArray[np.bool_]) -> int:
    """Where the last True is; -1 without any."""
    return int(max(np.flatnonzero(where), default=-1))


def _said_days(checkins: Sequence[CheckIn]) -> tuple[DayValue, ...]:
    by_day: dict[date, list[float]] = defaultdict(list)
    for checkin in checkins:
        by_day[checkin.day].append(checkin.pleasantness)
    return tuple(DayValue(day, sum(v) / len(v), "said", len(v)) for day, v in sorted(by_day.items()))


def _seen_days(readings: Readings, prior: Sequence[float] | None) -> tuple[DayValue, ...]:
    """Each reading weighed against the person's whole mix, then averaged by the day."""
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
