from datetime import timedelta

import pytest

from recommender.choices import LEVELS
from recommender.dashboard.charts import WIDTH, draw_days, draw_year
from recommender.mood.affect import level_of
from recommender.mood.baseline import change_from_usual, find_usual
from recommender.mood.daily_values import DAYS_DRAWN, value_days
from recommender.mood.drop_detection import LowRules
from recommender.mood.trend import Trend, find_trend
from recommender.wording.moods import pleasantness_word
from recommender.wording.trends import tell_trend
from tests.recommender.people import NOW, TODAY, WAVES, checkin, days_ago, observe, reading, said_day, said_days
from vault.journal.contents import AnyEntry


def test_what_was_said_outranks_what_was_seen_day_by_day() -> None:
    seen = [reading("sadness", days_ago(ago, now=NOW) - timedelta(hours=hour)) for ago in range(9) for hour in range(3)]
    said = [checkin(0.5, 0.0, days_ago(ago)) for ago in range(7)]
    assert {d.source for d in value_days(observe(seen), prior=None, today=TODAY)} == {"seen"}
    found = value_days(observe(seen + said), prior=None, today=TODAY)
    assert {d.source for d in found} == {"said"}
    assert [d.value for d in found] == [0.5] * 7


def look(expression: str, ago: int) -> list[AnyEntry]:
    """A day the camera saw."""
    return [reading(expression, days_ago(ago) - timedelta(hours=hour)) for hour in range(3)]


def sources(entries: list[AnyEntry], *, ago: range) -> list[str]:
    """By what the days were told on each of those days, oldest first."""
    seen = observe(entries)
    return [value_days(seen, prior=None, today=TODAY - timedelta(days=day))[0].source for day in reversed(ago)]


def test_check_ins_of_long_ago_do_not_hide_what_the_camera_sees_now() -> None:
    said = [checkin(0.5, 0.0, days_ago(300 + ago)) for ago in range(40)]
    looks = [
        line for ago in range(70) for line in look("anger" if ago < 12 else "happiness" if ago % 2 else "neutral", ago)
    ]
    trend = find_trend(observe(said + looks), today=TODAY, prior=None)
    assert ({day.source for day in trend.days}, len(trend.days)) == ({"seen"}, 70)
    assert len(draw_days(trend.days, usual=trend.usual, until=TODAY).dots) == DAYS_DRAWN
    assert trend.drop is not None


def test_the_source_changes_soon_after_somebody_gives_up_checking_in() -> None:
    entries = [checkin(0.5, 0.0, days_ago(ago)) for ago in range(60, 90)]
    entries += [line for ago in range(90) for line in look("neutral", ago)]
    found = sources(entries, ago=range(60))
    # Three check-ins of the last 42 days are fewer than half of seven.
    assert found == ["said"] * 38 + ["seen"] * 22


def test_who_checks_in_about_once_a_week_is_not_switched_to_and_fro() -> None:
    weekly = [checkin(0.5, 0.0, days_ago(ago)) for ago in range(6, 200, 7) if ago % 5]
    weekly += [checkin(0.5, 0.0, days_ago(ago)) for ago in range(150, 157)]
    looks = [line for ago in range(200) for line in look("neutral", ago)]
    assert set(sources(weekly + looks, ago=range(150))) == {"said"}


def test_too_few_check_ins_leave_the_days_to_the_camera() -> None:
    said = [checkin(0.5, 0.0, days_ago(ago)) for ago in range(6)]
    looks = [line for ago in range(7) for line in look("neutral", ago)]
    assert sources(said + looks, ago=range(1)) == ["seen"]
    assert sources(said + looks[: 6 * 3], ago=range(1)) == ["said"]


@pytest.mark.parametrize("entries", [[checkin(0.5, 0.0, days_ago(200))], look("neutral", 200)])
def test_a_long_break_changes_no_source(entries: list[AnyEntry]) -> None:
    assert sources(entries, ago=range(1)) == sources(entries, ago=range(200, 201))


def test_nothing_at_all_gives_no_days() -> None:
    assert value_days(observe([]), prior=None, today=TODAY) == ()


def test_a_face_that_always_smiles_has_pleasant_days_and_one_look_is_no_day() -> None:
    often = [reading("happiness", days_ago(ago) - timedelta(hours=hour)) for ago in range(5) for hour in range(3)]
    found = value_days(observe([*often, reading("sadness", days_ago(20))]), prior=None, today=TODAY)
    assert len(found) == 5
    assert all(d.value > 0.6 for d in found)


def test_half_the_days_missing_widens_the_change_and_fills_nothing_in() -> None:
    values = said_days([*([0.1, 0.1, 0.3, 0.3] * 16), *([-0.1, -0.1, 0.1, 0.1] * 3)])
    kept = values[::2]
    usual, thinner = find_usual(values[:64]), find_usual(kept[:32])
    assert usual is not None
    assert thinner is not None
    whole, half = change_from_usual(values[64:], usual), change_from_usual(kept[32:], thinner)
    assert whole is not None
    assert half is not None
    assert half.high - half.low > 1.2 * (whole.high - whole.low)
    assert abs(half.value - whole.value) < (half.high - half.low) / 2
    chart = draw_days(kept, usual=thinner, until=TODAY)
    assert len(chart.dots) == 21
    assert chart.lines == ()


def test_a_chart_draws_gaps_as_gaps_and_the_usual_as_a_band() -> None:
    values = [said_day(5, 0.0), said_day(4, 1.0), said_day(2, -1.0), said_day(0, 0.5)]
    chart = draw_days(values, usual=None, until=TODAY, span=6)
    assert [dot.day.value for dot in chart.dots] == [0.0, 1.0, -1.0, 0.5]
    assert len(chart.lines) == 1
    assert chart.lines[0].count(",") == 2
    assert float(chart.dots[-1].x) == pytest.approx(WIDTH - 8)
    assert chart.band is None
    usual = find_usual(said_days(WAVES))
    assert draw_days(values, usual=usual, until=TODAY).band is not None


def test_a_year_has_every_day_once_and_empty_days_stay_empty() -> None:
    months = draw_year([said_day(0, 0.5)], year=2026, levels=LEVELS)
    cells = [cell for month in months for week in month.weeks for cell in week if cell]
    assert len(cells) == 365
    assert [cell.date for cell in cells if cell.level is not None] == [TODAY]
    assert all(len(week) == 7 for month in months for week in month.weeks)
    assert all(
        cell.date.weekday() == place for m in months for week in m.weeks for place, cell in enumerate(week) if cell
    )


@pytest.mark.parametrize("value", [-1.0, -0.4, -0.39, -0.1, 0.0, 0.1, 0.39, 0.4, 1.0])
def test_levels_agree_with_the_words(value: float) -> None:
    assert str(LEVELS[level_of(value)][1]) == pleasantness_word(value)


def test_sentences_say_what_was_said_and_never_what_somebody_is() -> None:
    assert tell_trend(Trend()) == ["Your usual is not known yet: it takes 21 observed days, and there are 0 so far."]
    said = [checkin(0.1 + 0.2 * (ago % 2), 0.0, days_ago(ago)) for ago in range(15, 60)]
    said += [checkin(-0.5, 0.0, days_ago(ago)) for ago in range(12)]
    trend = find_trend(observe(said, zone=NOW.tzinfo), today=TODAY, prior=None)
    assert trend.drop is not None
    assert tell_trend(trend)[0] == "In the last seven days what you said was less pleasant than your usual."


def test_days_are_counted_up_to_the_usual_that_administrators_ask_for() -> None:
    trend = find_trend(
        observe([checkin(0.2, 0.0, days_ago(ago)) for ago in range(30)], zone=NOW.tzinfo),
        today=TODAY,
        prior=None,
        rules=LowRules(usual_days=31),
    )
    assert tell_trend(trend)[0] == "Your usual is not known yet: it takes 31 observed days, and there are 30 so far."


def trend_of(count: int) -> Trend:
    """Of somebody who checked in on each of the last `count` days."""
    said = [checkin(0.1, 0.0, days_ago(ago)) for ago in range(count)]
    return find_trend(observe(said, zone=NOW.tzinfo), today=TODAY, prior=None)


def test_the_usual_leaves_the_last_two_weeks_out_unless_the_days_before_are_too_few() -> None:
    found = {count: usual.days if (usual := trend_of(count).usual) else None for count in (20, 21, 34, 35)}
    assert found == {20: None, 21: 21, 34: 34, 35: 21}


def test_the_change_is_that_of_seven_days() -> None:
    said = [checkin(0.5 if ago < 7 else -0.9 if ago == 7 else 0.1, 0.0, days_ago(ago)) for ago in range(60)]
    trend = find_trend(observe(said, zone=NOW.tzinfo), today=TODAY, prior=None)
    assert trend.change is not None
    assert trend.change.value == pytest.approx(0.4)
