"""Whether the latest days were lower than somebody's usual. The answer is a reason to ask, never to conclude.

An exponentially weighted mean of the days since (Roberts 1959, doi:10.1080/00401706.1959.10489860) against the usual
before them, divided by its own standard error: the fewer days either stands on, the further it must fall. That is what
lowers false alarms where a fixed limit cries wolf after a short or patchy beginning.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from recommender.mood.baseline import AUTOCORRELATION_FACTOR, FLOOR_DAYS, Usual, find_usual
from recommender.mood.daily_values import DayValue

#: How long days that somebody called low keep the suggestions gentle, and the page from asking again.
GENTLE_DAYS: Final = 14
#: What a new day weighs.
WEIGHT: Final = 0.1
#: How many standard errors below the usual raise an alarm, by the days the usual rests on: the surer it is, the oftener
#: chance alone would pass the same limit within a month. Measured in `docs/recommender-report.md`.
LIMITS: Final = ((21, 2.0), (60, 2.1))
#: The latest days are left out of the usual once there are others, so that a slow slide does not become it.
RECENT_DAYS: Final = 14
#: The mean must rest on about seven observed days, the last of them no older than this.
_LEAST_WEIGHT: Final = 0.5
_FRESH_DAYS: Final = 3
_CLIP: Final = 2.5


@dataclass(frozen=True, slots=True)
class LowRules:
    """How administrators set the question about low days.

    `usual_days`: observed days it takes to know a usual; `caution` multiplies the limit; `gentle_days`: how long an
    answer keeps the page from asking again, and suggestions gentle after a yes.
    """

    usual_days: int = FLOOR_DAYS
    caution: float = 1.0
    gentle_days: int = GENTLE_DAYS


@dataclass(frozen=True, slots=True)
class Drop:
    """How far below the usual the latest days lie.

    `below` counts spreads of the usual. `alarm` is 1 and more when it is far enough to ask.
    """

    below: float
    alarm: float
    days: int
    usual: Usual


def find_drop(days: Sequence[DayValue], *, today: date, rules: LowRules | None = None) -> Drop | None:
    """The drop that raises an alarm today, else None. `days` are oldest first and of one source."""
    drop = measure_drop(days, today=today, rules=rules)
    return drop if drop is not None and drop.alarm >= 1 else None


def measure_drop(days: Sequence[DayValue], *, today: date, rules: LowRules | None = None) -> Drop | None:
    """As `find_drop` but whatever its size; None while there is too little to compare."""
    rules = rules or LowRules()
    known = [day for day in days if day.date <= today]
    cut = today - timedelta(days=RECENT_DAYS - 1)
    before = max(sum(day.date < cut for day in known), rules.usual_days)
    usual, recent = find_usual(known[:before], floor=rules.usual_days), known[before:]
    if usual is None or not recent or recent[-1].date < today - timedelta(days=_FRESH_DAYS):
        return None
    total = mean = squares = 0.0
    for day in recent:
        off = min(max((day.value - usual.expected(day)) / usual.spread, -_CLIP), _CLIP)
        total = (1 - WEIGHT) * total + WEIGHT
        mean = (1 - WEIGHT) * mean + WEIGHT * off
        squares = (1 - WEIGHT) ** 2 * squares + WEIGHT**2
    if total < _LEAST_WEIGHT:
        return None
    error = math.sqrt(AUTOCORRELATION_FACTOR * (squares + total**2 / usual.days))
    return Drop(-mean / total, -mean / error / (rules.caution * limit_for(usual)), len(recent), usual)


def limit_for(usual: Usual) -> float:
    """Standard errors it takes, rising with the days the usual rests on."""
    (few, low), (many, high) = LIMITS
    share = min(max((usual.days - few) / (many - few), 0.0), 1.0)
    return low + share * (high - low)
