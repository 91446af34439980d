from datetime import timedelta

import pytest

from recommender.mood.baseline import FLOOR_DAYS, REACH_DAYS, change_from_usual, find_usual
from tests.recommender.people import TODAY, WAVES, said_day, said_days


def test_a_usual_takes_21_observed_days() -> None:
    assert find_usual(said_days(WAVES[: FLOOR_DAYS - 1])) is None
    usual = find_usual(said_days(WAVES))
    assert usual is not None
    assert usual.centre == pytest.approx(0.2)
    assert usual.spread == pytest.approx(0.1, rel=0.05)


def test_one_terrible_day_hardly_moves_the_usual() -> None:
    waves = [0.1, 0.15, 0.2, 0.25, 0.3] * 8
    plain, spoiled = (find_usual(said_days([*waves, extra])) for extra in (0.2, -1.0))
    assert plain is not None
    assert spoiled is not None
    # The mean would move by 1.2 / 41.
    assert abs(plain.centre - spoiled.centre) < 0.5 * 1.2 / 41


def test_mondays_that_are_always_worse_are_expected_to_be() -> None:
    values = [
        said_day(ago, -0.3 if (TODAY - timedelta(days=ago)).weekday() == 0 else 0.2 + ago % 3 / 50)
        for ago in range(80, 0, -1)
    ]
    usual = find_usual(values)
    assert usual is not None
    assert set(usual.weekdays) == {0}
    assert usual.weekdays[0] < -0.3
    mondays = [value for value in values if value.date.weekday() == 0][-4:]
    change = change_from_usual(mondays, usual)
    assert change is not None
    assert abs(change.value) < 0.2


def test_a_change_has_an_interval_and_needs_three_days() -> None:
    usual = find_usual(said_days(WAVES, until=7))
    assert usual is not None
    assert change_from_usual(said_days([0.0, 0.0]), usual) is None
    change = change_from_usual(said_days([-0.1] * 7), usual)
    assert change is not None
    assert change.value == pytest.approx(-0.3)
    assert change.low < change.value < change.high < 0


def test_exactly_21_days_are_enough() -> None:
    usual = find_usual(said_days([0.1 * (index % 3) for index in range(21)]))
    assert usual is not None
    assert usual.days == FLOOR_DAYS == 21
    assert usual.centre == pytest.approx(0.1)


def test_the_usual_is_that_of_the_latest_90_days() -> None:
    before = [-0.8 + 0.01 * (index % 5) for index in range(100)]
    since = [0.5 + 0.01 * (index % 5) for index in range(REACH_DAYS)]
    usual = find_usual(said_days([*before, *since]))
    assert usual is not None
    assert usual.days == 90
    assert usual.centre == pytest.approx(0.52)


def test_days_that_are_all_alike_have_a_usual_with_the_least_spread() -> None:
    usual = find_usual(said_days([0.4] * 40))
    assert usual is not None
    assert (usual.centre, usual.spread, usual.weekdays) == (0.4, 0.02, {})
