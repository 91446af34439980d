"""What makes a day, and its value, from check-ins and from readings."""

from datetime import timedelta

import pytest

from recommender.mood.daily_values import DayValue, value_days
from tests.entries import P
from tests.entries import reading as entry_of
from tests.recommender.people import NOW, TODAY, checkin, days_ago, line, observe, reading
from vault.journal.contents import AnyEntry


def value(*lines: AnyEntry) -> list[tuple[int, int]]:
    """How many days ago each day was, and how many readings or check-ins it had."""
    return [((TODAY - day.date).days, day.count) for day in value_days(observe(lines), prior=None, today=TODAY)]


def faint(ago: int) -> AnyEntry:
    return line(entry_of(p=P, outcome="low_confidence", quality=1.0, model="test"), days_ago(ago))


def look(ago: int, *, hours: int) -> list[AnyEntry]:
    return [reading("happiness", days_ago(ago) - timedelta(hours=hour)) for hour in range(hours)]


def test_two_clear_readings_make_a_day_and_one_does_not() -> None:
    assert value(*look(3, hours=1), *look(2, hours=2), *look(1, hours=3)) == [(2, 2), (1, 3)]


def test_a_faint_reading_does_not_make_a_day() -> None:
    assert value(*look(2, hours=1), faint(2), *look(1, hours=2), faint(1)) == [(1, 2)]


def test_a_day_of_check_ins_is_their_mean() -> None:
    said = [checkin(0.5, 0.0), checkin(-0.25, 0.0, NOW - timedelta(hours=1)), checkin(0.4, 0.0, days_ago(2))]
    assert value_days(observe(said), prior=None, today=TODAY) == (
        DayValue(TODAY - timedelta(days=2), 0.4, "said", 1),
        DayValue(TODAY, 0.125, "said", 2),
    )


@pytest.mark.parametrize(("checkin_days", "source"), [(3, "seen"), (4, "said")])
def test_as_many_days_with_check_ins_as_with_readings_decide_for_check_ins(checkin_days: int, source: str) -> None:
    said = [checkin(0.5, 0.0, days_ago(ago)) for ago in range(checkin_days)]
    looks = [each for ago in range(4) for each in look(ago, hours=2)]
    found = value_days(observe(looks + said), prior=None, today=TODAY)
    assert {day.source for day in found} == {source}
