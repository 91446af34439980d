"""A person's baseline ("usual"): centre and spread of their own days, learned from their data only."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from recommender.mood.daily_values import DayValue
from recommender.mood.summary import Estimate

#: Observed days needed for a usual, and how many of the latest are used.
FLOOR_DAYS: Final = 21
REACH_DAYS: Final = 90
#: A weekday gets its own level when this many of it were observed and they differ by this many standard errors of a
#: median; a lower limit would add noise to every comparison. At `_WEEKDAY_PATIENCE` days, it is shrunk by half.
_WEEKDAY_FLOOR: Final = 5
_WEEKDAY_ERRORS: Final = 2.5
_WEEKDAY_PATIENCE: Final = 3
_MEDIAN_ERROR: Final = 1.25
#: Days further out than this many spreads are clipped, so that one bad day does not move the usual.
_REACH: Final = 2.5
_MAD_TO_SD: Final = 1.4826
#: Corrects the spread of a clipped normal, which is this much too small.
_CLIPPED: Final = 1.02
_LEAST_SPREAD: Final = 0.02
#: Neighbouring days are correlated: at 0.3, with some days missing, n days are worth n / 1.6 independent ones.
AUTOCORRELATION_FACTOR: Final = 1.6


@dataclass(frozen=True, slots=True)
class Usual:
    """`centre` and `spread` (standard deviation) of daily values; `weekdays`: difference of each from the centre."""

    centre: float
    spread: float
    days: int
    weekdays: Mapping[int, float] = field(default_factory=dict)

    def expected(self, day: DayValue) -> float:
        return self.centre + self.weekdays.get(day.date.weekday(), 0.0)


def find_usual(days: Sequence[DayValue], *, floor: int = FLOOR_DAYS) -> Usual | None:
    """Median and median absolute deviation, refined by clipped mean and spread. None below `floor` observed days."""
    latest = days[-REACH_DAYS:]
    if len(latest) < floor:
        return None
    weekdays = _find_weekdays(latest)
    values = [day.value - weekdays.get(day.date.weekday(), 0.0) for day in latest]
    middle = median(values)
    reach = _REACH * _MAD_TO_SD * median(abs(value - middle) for value in values)
    clipped = [min(max(value - middle, -reach), reach) for value in values]
    mean = sum(clipped) / len(clipped)
    variance = sum((value - mean) ** 2 for value in clipped) / (len(clipped) - 1)
    return Usual(middle + mean, max(_CLIPPED * math.sqrt(variance), _LEAST_SPREAD), len(latest), weekdays)


def change_from_usual(recent: Sequence[DayValue], usual: Usual) -> Estimate | None:
    """Difference between the mean of `recent` days and the usual, on the scale -1..1; None below three days."""
    if len(recent) < 3:
        return None
    change = sum(day.value - usual.expected(day) for day in recent) / len(recent)
    margin = 1.96 * usual.spread * math.sqrt(AUTOCORRELATION_FACTOR * (1 / len(recent) + 1 / usual.days))
    return Estimate(change, change - margin, change + margin)


def _find_weekdays(days: Sequence[DayValue]) -> dict[int, float]:
    """Shrunk differences from the overall median, for the weekdays that clearly differ."""
    middle = median(day.value for day in days)
    spread = _MAD_TO_SD * median(abs(day.value - middle) for day in days)
    by_weekday: dict[int, list[float]] = defaultdict(list)
    for day in days:
        by_weekday[day.date.weekday()].append(day.value - middle)
    return {
        weekday: median(values) * len(values) / (len(values) + _WEEKDAY_PATIENCE)
        for weekday, values in by_weekday.items()
        if len(values) >= _WEEKDAY_FLOOR
        and abs(median(values)) > _WEEKDAY_ERRORS * _MEDIAN_ERROR * spread / math.sqrt(len(values))
    }
