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

from recommender.affect import PLEASANTNESS, as_vector
from recommender.mixture import Floats, find_mix
from recommender.mood import likelihoods_of
from recommender.observations import CheckIn, Observations, Readings
from recommender.usual_mix import desk_mix

Source = Literal["said", "seen"]

#: A face seen once says little about a day.
LEAST_READINGS: Final = 2
#: From this many days with check-ins on, days are told by what was said.
SAID_FLOOR: Final = 7


@dataclass(frozen=True, slots=True)
class DayValue:
    """Pleasantness of one day, -1..1, from `count` check-ins or readings."""

    date: date
    value: float
    source: Source
    count: int


def value_days(seen: Observations, *, prior: Sequence[float] | None) -> tuple[DayValue, ...]:
    """Oldest first, all of one source, so that days can be compared: what was said, once that was said often enough."""
    said = _said_days(seen.checkins)
    camera = _seen_days(seen.readings, prior)
    return said if len(said) >= SAID_FLOOR or len(said) >= len(camera) else camera


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
