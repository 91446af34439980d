from __future__ import annotations

import math

import pytest

from recommender.mood.daily_values import DayValue
from recommender.mood.patterns import find_patterns, measure_daily_change
from tests.recommender.people import noisy, said_day, said_days


def test_a_weekday_that_stands_out_is_told_and_noise_is_not() -> None:
    quiet = [said_day(ago, 0.2 + 0.1 * (ago * 7 % 5) / 5) for ago in range(80, 0, -1)]
    assert find_patterns(quiet, []) == ()
    fridays = [DayValue(d.date, d.value + 0.5 * (d.date.weekday() == 4), "said", 1) for d in quiet]
    (pattern,) = find_patterns(fridays, [])
    assert (pattern.kind, pattern.name) == ("weekday", "4")
    assert pattern.difference.value == pytest.approx(0.5, abs=0.05)


def test_ups_and_downs_need_two_weeks_with_few_gaps() -> None:
    assert measure_daily_change(said_days([0.0, 0.4] * 6)) is None
    assert measure_daily_change(said_days([0.0, 0.4] * 8)) == pytest.approx(0.4)
    assert measure_daily_change([said_day(ago * 3, 0.1) for ago in range(20, 0, -1)]) is None


def test_a_weekday_that_is_clearly_worse_is_told() -> None:
    quiet = said_days(noisy(84, around=0.2, by=0.05, seed=2))
    days = [DayValue(d.date, d.value - 0.7 * (d.date.weekday() == 0), "said", 1) for d in quiet]
    (pattern,) = find_patterns(days, ())
    assert (pattern.kind, pattern.name, pattern.count) == ("weekday", "0", 12)
    assert pattern.difference.value == pytest.approx(-0.7, abs=0.05)
    assert pattern.difference.low < pattern.difference.value < pattern.difference.high < 0


def test_a_step_over_four_days_weighs_a_quarter_of_one_over_a_day() -> None:
    level = said_days([0.0] * 13, until=4)
    assert measure_daily_change([*level, said_day(0, 0.4)]) == pytest.approx(math.sqrt(0.4**2 / 4 / 13))
    assert measure_daily_change([*level, said_day(3, 0.4)]) == pytest.approx(math.sqrt(0.4**2 / 13))
