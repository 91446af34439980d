import math

import pytest

from recommender.mood.baseline import Usual, find_usual
from recommender.mood.daily_values import DayValue
from recommender.mood.drop_detection import LowRules, find_drop, limit_for, measure_drop
from tests.recommender.people import TODAY, WAVES, noisy, said_day, said_days


def test_low_days_raise_an_alarm_and_usual_ones_do_not() -> None:
    assert find_drop(said_days([*WAVES, *WAVES[:14]]), today=TODAY) is None
    drop = find_drop(said_days([*WAVES, *[-0.1] * 10]), today=TODAY)
    assert drop is not None
    assert drop.below > 1
    assert drop.alarm > 1


def test_better_days_never_raise_an_alarm() -> None:
    assert find_drop(said_days([*WAVES, *[0.9] * 12]), today=TODAY) is None


def test_no_alarm_without_a_usual_nor_on_old_news() -> None:
    assert measure_drop(said_days([0.2] * 20), today=TODAY) is None
    assert find_drop(said_days([*WAVES, *[-0.5] * 10], until=5), today=TODAY) is None


def test_the_fewer_the_days_the_further_they_must_fall() -> None:
    many, few = (measure_drop(said_days([*WAVES, *[0.0] * count]), today=TODAY) for count in (13, 8))
    assert many is not None
    assert few is not None
    assert many.alarm > few.alarm


def test_caution_asks_less_and_a_longer_usual_asks_later() -> None:
    low = said_days([*WAVES, *[-0.1] * 10])
    plain, cautious, eager = (measure_drop(low, today=TODAY, rules=LowRules(caution=by)) for by in (1.0, 1.25, 0.8))
    assert plain is not None
    assert cautious is not None
    assert eager is not None
    assert cautious.alarm == pytest.approx(plain.alarm / 1.25)
    assert eager.alarm == pytest.approx(plain.alarm / 0.8)
    assert measure_drop(low, today=TODAY, rules=LowRules(usual_days=51)) is None


def test_days_that_are_all_alike_show_no_drop() -> None:
    drop = measure_drop(said_days([0.4] * 40), today=TODAY)
    assert drop is not None
    assert (drop.below, drop.alarm, drop.days) == (0, 0, 14)


def after_a_pause(bad_days: int) -> list[DayValue]:
    """Thirty usual days, nothing for thirty days, then bad days up to today."""
    usual = noisy(30, around=0.2, by=0.1, seed=1)
    return said_days(usual, until=30 + bad_days) + said_days([-0.8] * bad_days)


@pytest.mark.parametrize("count", [1, 2, 6])
def test_fewer_than_seven_bad_days_after_a_pause_are_too_few_to_compare(count: int) -> None:
    assert measure_drop(after_a_pause(count), today=TODAY) is None


def test_seven_bad_days_after_a_pause_are_asked_about() -> None:
    drop = find_drop(after_a_pause(7), today=TODAY)
    assert drop is not None
    assert drop.days == 7


def test_days_ahead_of_today_move_nothing() -> None:
    usual = said_days(noisy(40, around=0.2, by=0.1, seed=1))
    drop = measure_drop(usual, today=TODAY)
    assert drop is not None
    assert measure_drop([*usual, said_day(-5, -0.9)], today=TODAY) == drop


@pytest.mark.parametrize(
    ("days", "limit"), [(1, 2.0), (21, 2.0), (34, 2.0 + 0.1 / 3), (47, 2.0 + 0.2 / 3), (60, 2.1), (90, 2.1)]
)
def test_the_limit_rises_from_two_to_a_tenth_more_between_21_and_60_days(days: int, limit: float) -> None:
    assert limit_for(Usual(0.0, 0.1, days)) == pytest.approx(limit)


@pytest.mark.parametrize(("value", "clipped"), [(0.15, None), (-0.9, 2.5), (0.9, -2.5)])
def test_a_day_counts_by_its_spreads_below_the_usual_and_at_most_two_and_a_half(
    value: float, clipped: float | None
) -> None:
    days = said_days([*WAVES, *[value] * 14])
    usual, drop = find_usual(days[:40]), measure_drop(days, today=TODAY)
    assert usual is not None
    assert drop is not None
    assert drop.below == pytest.approx((usual.centre - value) / usual.spread if clipped is None else clipped)


def test_the_alarm_by_hand() -> None:
    """The weights of an average in which each day has a tenth, against 1.6 times the variance of independent days."""
    days = said_days([*WAVES, *[-0.9] * 14])
    weights = [0.1 * 0.9**ago for ago in range(14)]
    total, squares = sum(weights), sum(weight**2 for weight in weights)
    limit = 2.0 + 0.1 * 19 / 39
    drop = measure_drop(days, today=TODAY)
    assert drop is not None
    assert drop.alarm == pytest.approx(2.5 * total / math.sqrt(1.6 * (squares + total**2 / 40)) / limit)


@pytest.mark.parametrize(("until", "known"), [(3, True), (4, False)])
def test_the_last_day_is_at_most_three_days_old(until: int, known: bool) -> None:
    days = said_days([*WAVES, *[-0.5] * 10], until=until)
    assert (measure_drop(days, today=TODAY) is not None) == known
