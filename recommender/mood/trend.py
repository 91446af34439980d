"""The trend of weeks: a person's usual, how the latest days compare, and patterns. It describes days, never a state."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from recommender.mood.baseline import Usual, change_from_usual, find_usual
from recommender.mood.daily_values import DayValue, value_days
from recommender.mood.drop_detection import RECENT_DAYS, Drop, LowRules, find_drop
from recommender.mood.observations import Observations
from recommender.mood.patterns import Pattern, find_patterns, measure_daily_change
from recommender.mood.summary import Estimate

#: Days that are compared with the usual.
LATEST_DAYS = 7


@dataclass(frozen=True, slots=True)
class Trend:
    """`change`: of the last week against the usual before it; `drop`: if it is large enough to ask. None: not known.

    `rules`: the settings that were used.
    """

    days: tuple[DayValue, ...] = ()
    usual: Usual | None = None
    change: Estimate | None = None
    drop: Drop | None = None
    patterns: tuple[Pattern, ...] = ()
    day_to_day_change: float | None = None
    rules: LowRules = field(default_factory=LowRules)


def find_trend(
    observed: Observations, *, today: date, prior: Sequence[float] | None, rules: LowRules | None = None
) -> Trend:
    """The trend of the days up to `today`."""
    rules = rules or LowRules()
    days = value_days(observed, prior=prior, today=today)
    before = [day for day in days if day.date <= today - timedelta(days=RECENT_DAYS)]
    usual = find_usual(before, floor=rules.usual_days) or find_usual(days, floor=rules.usual_days)
    latest = [day for day in days if day.date > today - timedelta(days=LATEST_DAYS)]
    return Trend(
        days=days,
        usual=usual,
        change=change_from_usual(latest, usual) if usual else None,
        drop=find_drop(days, today=today, rules=rules),
        patterns=find_patterns(days, observed.checkins),
        day_to_day_change=measure_daily_change(days),
        rules=rules,
    )
