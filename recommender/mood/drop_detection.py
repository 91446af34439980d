"""Detects that the latest days were below a person's usual: a reason to ask, never a conclusion.

Compares an exponentially weighted moving average of the latest days (EWMA, Roberts 1959,
doi:10.1080/00401706.1959.10489860) with the usual before them, in standard errors of the difference: with fewer days,
a larger drop is needed. A fixed limit would give false alarms after few or irregular days.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from recommender.mood.baseline import AUTOCORRELATION_FACTOR, FLOOR_DAYS, Usual, find_usual
from recommender.mood.daily_values import DayValue

#: How long days that somebody called low keep the suggestions gentle, and the page from asking again.
GENTLE_DAYS: Final = 14
#: Weight of a new day in the average.
WEIGHT: Final = 0.1
#: Standard errors below the usual that raise an alarm, by the number of days behind the usual: with more days, chance
#: alone would pass the same limit more often in a month. Measured in `docs/recommender-report.md`.
LIMITS: Final = ((21, 2.0), (60, 2.1))
#: The latest days are excluded from the usual if there are others, so that it does not follow a slow decline.
RECENT_DAYS: Final = 14
#: The average needs about seven observed days, the last at most `_FRESH_DAYS` old.
_LEAST_WEIGHT: Final = 0.5
_FRESH_DAYS: Final = 3
_CLIP: Final = 2.5


@dataclass(frozen=True, slots=True)
class LowRules:
    """Administrators' settings of the question about low days.

    `usual_days`: observed days needed for a usual. `caution` multiplies the limit. `gentle_days`: how long after an
    answer the page does not ask again, and after a yes suggests gentle activities.
    """

    usual_days: int = FLOOR_DAYS
    caution: float = 1.0
    gentle_days: int = GENTLE_DAYS


@dataclass(frozen=True, slots=True)
class Drop:
    """How far the latest days are below the usual: `below` in its spreads, `alarm` in limits (1 or more: ask)."""

    below: float
    alarm: float
    days: int
    usual: Usual


def find_drop(days: Sequence[DayValue], *, today: date, rules: LowRules | None = None) -> Drop | None:
    """The drop that raises an alarm today, else None. `days` are oldest first and of one source."""
    drop = measure_drop(days, today=today, rules=rules)
    return drop if drop is not None and drop.alarm >= 1 else None


def measure_drop(days: Sequence[DayValue], *, today: date, rules: LowRules | None = None) -> Drop | None:
    """As `find_drop`, but of any size; None while there is too little to compare."""
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
    """Standard errors needed; rises with the number of days behind the usual."""
    (few, low), (many, high) = LIMITS
    share = min(max((usual.days - few) / (many - few), 0.0), 1.0)
    return low + share * (high - low)
