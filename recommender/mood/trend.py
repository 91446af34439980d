"""The longer view: a person's usual, how the latest days compare, and what stands out. Never a state, only days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from recommender.mood.baseline import Usual, change_from_usual, find_usual
from recommender.mood.daily_values import DayValue, value_days
from recommender.mood.drop_detection import RECENT_DAYS, Drop, LowRules, find_drop
from recommender.mood.observations import Observations
from recommender.mood.patterns import Pattern, find_patterns, find_swing
from recommender.mood.summary import Estimate

#: "Lately" is a week.
LATELY_DAYS = 7


@dataclass(frozen=True, slots=True)
class Trend:
    """`change`: of the last week from the usual before it; `drop`: far enough below it to ask; None: not known.

    `rules`: what all of it was found by.
    """

    days: tuple[DayValue, ...] = ()
    usual: Usual | None = None
    change: Estimate | None = None
    drop: Drop | None = None
    patterns: tuple[Pattern, ...] = ()
    day_to_day_change: float | None = None
    rules: LowRules = field(default_factory=LowRules)


def find_trend(
    seen: Observations, *, today: date, prior: Sequence[float] | None, rules: LowRules | None = None
) -> Trend:
    """Everything that can be told of the days up to `today`."""
    rules = rules or LowRules()
    days = value_days(seen, prior=prior, today=today)
    before = [day for day in days if day.date <= today - timedelta(days=RECENT_DAYS)]
    usual = find_usual(before, floor=rules.usual_days) or find_usual(days, floor=rules.usual_days)
    lately = [day for day in days if day.date > today - timedelta(days=LATELY_DAYS)]
    return Trend(
        days=days,
        usual=usual,
        change=change_from_usual(lately, usual) if usual else None,
        drop=find_drop(days, today=today, rules=rules),
        patterns=find_patterns(days, seen.checkins),
        day_to_day_change=find_swing(days),
        rules=rules,
    )
