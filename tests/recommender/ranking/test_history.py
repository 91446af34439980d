from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from recommender.ranking.history import History, Situation, find_low_days, read_history, read_situation
from tests import entries
from tests.recommender.people import NOW, days_ago, journal_of, line
from vault.journal.contents import AnyEntry
from vault.journal.kinds import LowDays


def history_of(*lines: AnyEntry) -> History:
    return read_history(journal_of(lines))


def suggestion(activity: str, at: datetime, slot: int = 0) -> AnyEntry:
    return line(entries.suggestion(activity, slot, propensity=0.2), at)


def feedback(of: AnyEntry, answer: str, at: datetime, helped: int | None = None) -> AnyEntry:
    return line(entries.feedback(of.id, answer, helped), at)


def test_offers_come_oldest_first_with_their_latest_answer() -> None:
    walk, tea = suggestion("walk", days_ago(2)), suggestion("tea", days_ago(1), slot=1)
    history = history_of(tea, feedback(walk, "did", NOW, 2), feedback(walk, "not_now", days_ago(1)), walk)
    assert [(o.activity, o.slot, o.propensity) for o in history.offers] == [("walk", 0, 0.2), ("tea", 1, 0.2)]
    first, second = history.offers
    assert first.answer is not None
    assert (first.answer.answer, first.answer.helped) == ("did", 2)
    assert second.answer is None
    assert history.last_offered == {"walk": walk.at, "tea": tea.at}


def test_answers_to_nothing_are_left_out() -> None:
    history = history_of(suggestion("walk", NOW), feedback(suggestion("gone", NOW), "never", NOW))
    assert history.offers[0].answer is None
    assert history.refused == frozenset()


def test_what_was_refused_stays_refused_whatever_came_later() -> None:
    first, second = suggestion("walk", days_ago(9)), suggestion("walk", days_ago(1))
    history = history_of(first, feedback(first, "never", days_ago(9)), second)
    assert history.refused == {"walk"}


def test_today_is_a_day_of_the_person() -> None:
    auckland = NOW.astimezone(ZoneInfo("Pacific/Auckland"))
    early, late = suggestion("walk", days_ago(0.3)), suggestion("tea", NOW)
    assert [offer.activity for offer in history_of(early, late).of_today(auckland)] == ["tea"]
    assert [offer.activity for offer in history_of(early, late).of_today(NOW)] == ["walk", "tea"]


def situation_of(*lines: AnyEntry) -> Situation:
    return read_situation(journal_of(lines), now=NOW)


def preferences(at: datetime, place: str | None = "desk", minutes: int | None = 5, **told: Any) -> AnyEntry:
    return line(entries.preferences(place, minutes, **{"avoid": ("walking",)} | told), at)


def test_the_moment_of_nobody_who_told_anything() -> None:
    assert situation_of() == Situation(now=NOW)


def test_place_and_minutes_hold_for_a_day_and_limits_until_changed() -> None:
    assert situation_of(preferences(NOW)) == Situation(NOW, "desk", 5, frozenset({"walking"}))
    yesterday = preferences(days_ago(1))
    assert situation_of(yesterday) == Situation(NOW, avoid=frozenset({"walking"}))
    assert situation_of(preferences(NOW, kept=True)) == Situation(NOW, avoid=frozenset({"walking"}))
    changed = preferences(NOW, None, None, avoid=())
    assert situation_of(changed, yesterday) == Situation(NOW)


def test_an_answer_about_low_days_holds_for_as_long_as_is_set() -> None:
    for low, ago, expected in ((True, 13, (True, True)), (False, 13, (False, True)), (True, 14, (False, False))):
        journal = journal_of([line(LowDays(low=not low), days_ago(20)), line(LowDays(low=low), days_ago(ago))])
        asked = find_low_days(journal, now=NOW) is not None
        assert (read_situation(journal, now=NOW).gentle, asked) == expected
    assert read_situation(journal, now=NOW, gentle_days=15).gentle
