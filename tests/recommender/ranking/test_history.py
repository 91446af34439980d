from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from recommender.dashboard.wording import CHECKIN_WORDS
from recommender.ranking.history import Situation, find_own_words, read_history, read_situation
from tests.recommender.people import NOW, Line, days_ago


def suggestion(activity: str, at: datetime, slot: int = 0) -> Line:
    return Line("suggestion", at, {"activity": activity, "slot": slot, "reason": {"rule": "few"}, "propensity": 0.2})


def feedback(of: Line, answer: str, at: datetime, helped: int | None = None) -> Line:
    data = {"suggestion": str(of.id), "activity": of.data["activity"], "answer": answer, "helped": helped}
    return Line("feedback", at, data)


def test_offers_come_oldest_first_with_their_latest_answer():
    walk, tea = suggestion("walk", days_ago(2)), suggestion("tea", days_ago(1), slot=1)
    entries = [tea, feedback(walk, "did", NOW, 2), feedback(walk, "not_now", days_ago(1)), walk]
    history = read_history(entries)
    assert [(o.activity, o.slot, o.propensity) for o in history.offers] == [("walk", 0, 0.2), ("tea", 1, 0.2)]
    first, second = history.offers
    assert first.answer is not None
    assert (first.answer.answer, first.answer.helped) == ("did", 2)
    assert second.answer is None
    assert history.last_offered == {"walk": walk.at, "tea": tea.at}


def test_answers_to_nothing_and_unknown_answers_are_left_out():
    walk = suggestion("walk", NOW)
    entries = [walk, feedback(walk, "maybe", NOW), feedback(suggestion("gone", NOW), "never", NOW)]
    history = read_history(entries)
    assert history.offers[0].answer is None
    assert history.refused == frozenset()


def test_what_was_refused_stays_refused_whatever_came_later():
    first, second = suggestion("walk", days_ago(9)), suggestion("walk", days_ago(1))
    history = read_history([first, feedback(first, "never", days_ago(9)), second])
    assert history.refused == {"walk"}


def test_today_is_a_day_of_the_person():
    auckland = NOW.astimezone(ZoneInfo("Pacific/Auckland"))
    early, late = suggestion("walk", days_ago(0.3)), suggestion("tea", NOW)
    assert [offer.activity for offer in read_history([early, late]).of_today(auckland)] == ["tea"]
    assert [offer.activity for offer in read_history([early, late]).of_today(NOW)] == ["walk", "tea"]


def preferences(at: datetime, **told) -> Line:
    return Line("preferences", at, {"place": "desk", "minutes": 5, "avoid": ["walking"]} | told)


def test_the_moment_of_nobody_who_told_anything():
    assert read_situation([], now=NOW) == Situation(now=NOW)


def test_place_and_minutes_hold_for_a_day_and_limits_until_changed():
    assert read_situation([preferences(NOW)], now=NOW) == Situation(NOW, "desk", 5, frozenset({"walking"}))
    yesterday = preferences(days_ago(1))
    assert read_situation([yesterday], now=NOW) == Situation(NOW, avoid=frozenset({"walking"}))
    changed = preferences(NOW, place=None, minutes=None, avoid=[])
    assert read_situation([changed, yesterday], now=NOW) == Situation(NOW)


def with_words(*words: str) -> Line:
    return Line("checkin", NOW, {"pleasantness": 0.0, "energy": 0.0, "words": list(words)})


def test_a_persons_own_words_are_those_that_are_not_offered_the_most_used_first() -> None:
    entries = [
        with_words("wired", CHECKIN_WORDS[0]),
        with_words("flat", "wired"),
        Line("checkin", NOW, {"pleasantness": 0.0, "energy": 0.0}),
        Line("reading", NOW, {"words": ["seen"] * 3}),
    ]
    assert find_own_words(entries) == ("wired", "flat")
    assert find_own_words(entries, count=1) == ("wired",)


def test_eight_of_a_persons_own_words_are_told() -> None:
    assert find_own_words([with_words(*"abcdefghi")]) == tuple("abcdefgh")
