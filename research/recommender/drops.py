"""How often people are asked about low days: stable people (false alarms), and people whose days really dropped."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from recommender.mood.baseline import FLOOR_DAYS
from recommender.mood.daily_values import DayValue
from recommender.mood.drop_detection import measure_drop
from research.recommender.people import MISSING, draw_levels

START: Final = date(2026, 1, 5)
WATCHED: Final = 30
CAUGHT_WITHIN: Final = 14
#: A late drop comes after this many watched days, an early one at once.
LATE: Final = 10
_PLAIN_WEIGHT, _PLAIN_LIMIT = 0.2, 3.2
#: Factors on the shipped limit, for the curve.
FACTORS: Final = (0.8, 0.9, 1.0, 1.1, 1.2, 1.35)


def measure_drops(*, people: int, seed: int) -> dict[str, Any]:
    """Shares of people with an alarm: stable ones within 30 days, those who drop by one standard deviation within 14.

    `fresh`: watched from the day the usual is known (21 observed days); `settled`: from two months later. `curve`: the
    same with the limit times a factor.
    """
    rng = np.random.default_rng(seed)
    report: dict[str, Any] = {}
    for name, extra in (("fresh", 0), ("settled", 60)):
        calm = [make_days(rng, extra=extra) for _ in range(people)]
        fallen = [make_days(rng, extra=extra, drop=0) for _ in range(people)]
        stable = [watch(person) for person in calm]
        at_once = [watch(person, until=CAUGHT_WITHIN) for person in fallen]
        late = [make_days(rng, extra=extra, drop=LATE) for _ in range(people)]
        later = [watch(person, since=LATE, until=LATE + CAUGHT_WITHIN) for person in late]
        report[name] = {
            "stable_alarmed_in_30_days": _above(stable),
            "drop_caught_in_14_days": _above(at_once),
            "late_drop_caught_in_14_days": _above(later),
            "plain": {
                "stable": _share([watch_plainly(person) for person in calm]),
                "caught": _share([watch_plainly(person, until=CAUGHT_WITHIN) for person in fallen]),
            },
            "curve": [{"factor": at, "stable": _above(stable, at), "caught": _above(at_once, at)} for at in FACTORS],
        }
    return report


def make_days(rng: np.random.Generator, *, extra: int = 0, drop: int | None = None) -> tuple[list[DayValue], date]:
    """Observed days of one person and the first watched day; one standard deviation is 0.2."""
    length = 2 * FLOOR_DAYS + extra + 14 + WATCHED
    observed = rng.random(length) >= MISSING
    first = int(np.flatnonzero(observed.cumsum() >= FLOOR_DAYS)[0]) + 1 + extra
    levels = draw_levels(length, rng, drop_at=None if drop is None else first + drop)
    days = [
        DayValue(START + timedelta(days=day), 0.1 + 0.2 * float(levels[day]), "said", 1)
        for day in range(first + WATCHED)
        if observed[day]
    ]
    return days, START + timedelta(days=first)


def watch(person: tuple[Sequence[DayValue], date], *, since: int = 0, until: int = WATCHED) -> float:
    """The person's largest alarm value; 1 or more is an alarm."""
    days, first = person
    most = 0.0
    for offset in range(since, until):
        today = first + timedelta(days=offset)
        drop = measure_drop(days, today=today)
        most = max(most, drop.alarm if drop else 0.0)
    return most


def watch_plainly(person: tuple[Sequence[DayValue], date], *, until: int = WATCHED) -> bool:
    """Whether a textbook EWMA against median and median absolute deviation of the days before would raise an alarm."""
    days, first = person
    before = np.array([day.value for day in days if day.date < first])
    middle = np.median(before)
    spread = 1.4826 * np.median(np.abs(before - middle))
    mean = 0.0
    for day in days:
        if first <= day.date < first + timedelta(days=until):
            mean = (1 - _PLAIN_WEIGHT) * mean + _PLAIN_WEIGHT * float((day.value - middle) / spread)
            if -mean > _PLAIN_LIMIT * (_PLAIN_WEIGHT / (2 - _PLAIN_WEIGHT)) ** 0.5:
                return True
    return False


def _share(alarms: Sequence[bool]) -> float:
    return round(sum(alarms) / len(alarms), 4)


def _above(alarms: Sequence[float], factor: float = 1.0) -> float:
    return round(float(np.mean(np.array(alarms) >= factor)), 4)
