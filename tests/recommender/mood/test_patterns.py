import math
from datetime import timedelta

import pytest

from recommender.mood.daily_values import DayValue
from recommender.mood.observations import CheckIn
from recommender.mood.patterns import find_patterns, measure_daily_change
from tests.recommender.people import NOW, TODAY, noisy, said_day, said_days


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


def said_at(hour: int, values: list[float]) -> list[CheckIn]:
    return [
        CheckIn(NOW.replace(hour=hour) - timedelta(days=ago), TODAY, value, 0.0) for ago, value in enumerate(values)
    ]


def test_a_part_of_the_day_and_its_margin_by_hand() -> None:
    morning, evening = said_at(9, [0.4, 0.6] * 3), said_at(19, [-0.1, 0.1] * 3)
    # Twelve values 0.1 from the means of their groups: variance 0.12 / 10, of the difference 1.6 * (1/6 + 1/6) as much.
    margin = 1.96 * math.sqrt(0.012 * 1.6 / 3)
    found = {pattern.name: pattern for pattern in find_patterns([], morning + evening)}
    assert {name: (pattern.kind, pattern.count) for name, pattern in found.items()} == {
        "morning": ("daypart", 6),
        "evening": ("daypart", 6),
    }
    for name, difference in (("morning", 0.5), ("evening", -0.5)):
        estimate = found[name].difference
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx(
            (difference, difference - margin, difference + margin)
        )
    assert find_patterns([], morning[:5] + evening) == ()


@pytest.mark.parametrize(("difference", "count"), [(0.037, 0), (0.039, 2)])
def test_values_all_alike_count_as_if_they_varied_by_a_fiftieth(difference: float, count: int) -> None:
    # 2.6 standard errors of 0.02 * sqrt(1.6 / 3) are 0.038.
    assert len(find_patterns([], said_at(9, [difference] * 6) + said_at(19, [0.0] * 6))) == count


def test_patterns_come_with_the_largest_difference_first() -> None:
    values = {9: [0.3] * 6, 12: [0.0] * 6, 19: [-0.9] * 6}
    found = find_patterns([], [checkin for hour, each in values.items() for checkin in said_at(hour, each)])
    assert [pattern.name for pattern in found] == ["evening", "morning"]


@pytest.mark.parametrize(("count", "gap", "known"), [(13, 1, False), (14, 1, True), (14, 15, True), (14, 16, False)])
def test_fourteen_days_that_fill_half_their_span_are_enough(count: int, gap: int, known: bool) -> None:
    days = [*said_days([0.1] * (count - 1), until=gap), said_day(0, 0.1)]
    assert measure_daily_change(days) == (pytest.approx(0.0) if known else None)
