"""Weekdays and parts of the day that differ from the others by more than noise."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final, Literal, TypeVar

from recommender.mood.baseline import AUTOCORRELATION_FACTOR
from recommender.mood.daily_values import DayValue
from recommender.mood.observations import CheckIn
from recommender.mood.summary import Estimate

T = TypeVar("T")

#: Values needed before a weekday or part of the day is compared with the others.
FLOOR: Final = 6
#: Standard errors that a difference needs: with a dozen groups, chance alone passes this for one person in ten.
_STANDS_OUT: Final = 2.6
#: Days needed to measure the change from day to day, and the share of the span that must be observed.
STEADY_DAYS: Final = 14
_STEADY_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Pattern:
    """A weekday (0 is Monday) or part of the day whose pleasantness differs by `difference` from the rest."""

    kind: Literal["weekday", "daypart"]
    name: str
    difference: Estimate
    count: int


def daypart_of(hour: int) -> str:
    hours = ((11, "morning"), (14, "midday"), (18, "afternoon"))
    return next((name for end, name in hours if hour < end), "evening")


def find_patterns(days: Sequence[DayValue], checkins: Sequence[CheckIn]) -> tuple[Pattern, ...]:
    """Weekdays of `days` and parts of the day of `checkins` that stand out, largest difference first."""
    weekdays = _compare("weekday", days, lambda day: str(day.date.weekday()), lambda day: day.value)
    parts = _compare("daypart", checkins, lambda c: daypart_of(c.at.hour), lambda c: c.pleasantness)
    return tuple(sorted((*weekdays, *parts), key=lambda pattern: -abs(pattern.difference.value)))


def measure_daily_change(days: Sequence[DayValue]) -> float | None:
    """The typical change from one day to the next, -1..1; None with too few days or too many gaps.

    Root mean square of successive differences, the squares divided by the days between (time-adjusted, as in Jahng,
    Wood and Trull 2008, doi:10.1037/a0014173).
    """
    if len(days) < STEADY_DAYS:
        return None
    span = (days[-1].date - days[0].date) / timedelta(days=1) + 1
    if len(days) / span < _STEADY_SHARE:
        return None
    steps = [
        (after.value - before.value) ** 2 / ((after.date - before.date) / timedelta(days=1))
        for before, after in pairwise(days)
    ]
    return math.sqrt(sum(steps) / len(steps))


def _compare(
    kind: Literal["weekday", "daypart"], items: Sequence[T], key: Callable[[T], str], value: Callable[[T], float]
) -> list[Pattern]:
    groups: dict[str, list[float]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(value(item))
    found = []
    for name, inside in groups.items():
        outside = [value for other, values in groups.items() if other != name for value in values]
        if len(inside) < FLOOR or len(outside) < FLOOR:
            continue
        difference, error = _difference(inside, outside)
        if abs(difference) > _STANDS_OUT * error:
            estimate = Estimate(difference, difference - 1.96 * error, difference + 1.96 * error)
            found.append(Pattern(kind, name, estimate, len(inside)))
    return found


def _difference(inside: Sequence[float], outside: Sequence[float]) -> tuple[float, float]:
    means = [sum(values) / len(values) for values in (inside, outside)]
    squares = sum((v - m) ** 2 for values, m in zip((inside, outside), means, strict=True) for v in values)
    spread = math.sqrt(squares / (len(inside) + len(outside) - 2))
    return means[0] - means[1], max(spread, 0.02) * math.sqrt(
        AUTOCORRELATION_FACTOR * (1 / len(inside) + 1 / len(outside))
    )
