from dataclasses import replace

import pytest

from recommender.ranking.history import History
from recommender.ranking.reasons import give_reason
from tests.recommender.people import FEW, SAD, SITUATION, candidate, days_ago, mood_of, offer


def test_reasons_name_the_rule_that_spoke() -> None:
    none = History()
    assert give_reason(candidate(), mood=SAD, history=none, situation=SITUATION) == {
        "days": 7,
        "grade": "B",
        "rule": "leading",
        "expression": "sadness",
        "percent": 30,
    }
    happy = candidate(targets=frozenset({"happiness"}))
    assert give_reason(happy, mood=SAD, history=none, situation=SITUATION) | {"days": 7} == {
        "days": 7,
        "grade": "B",
        "rule": "seen",
        "expression": "happiness",
        "percent": 10,
    }
    assert (
        give_reason(candidate(targets=frozenset({"fear"})), mood=SAD, history=none, situation=SITUATION)["rule"]
        == "variety"
    )
    assert give_reason(candidate(), mood=FEW, history=none, situation=SITUATION)["rule"] == "variety"
    gentle = candidate(targets=frozenset({"neutral"}), minutes=5)
    assert give_reason(gentle, mood=FEW, history=none, situation=SITUATION) == {
        "days": 7,
        "grade": "B",
        "rule": "few",
        "readings": 0,
    }
    assert give_reason(candidate(), mood=mood_of(said=(-0.5, 0.123)), history=none, situation=SITUATION) == {
        "days": 7,
        "grade": "B",
        "rule": "said",
        "pleasantness": -0.5,
        "energy": 0.12,
    }
    worry = candidate(targets=frozenset({"fear"}))
    assert give_reason(worry, mood=mood_of(said=(0.5, 0.1)), history=none, situation=SITUATION)["rule"] == "variety"


def test_a_reason_tells_what_the_person_found_before() -> None:
    history = History((offer("walk", days_ago(9), "did", 2), offer("walk", days_ago(4), "did", 1), offer("walk")))
    reason = give_reason(candidate(), mood=SAD, history=history, situation=SITUATION)
    assert (reason["tried"], reason["helped"]) == (2, 1.5)


def test_on_low_days_the_gentle_are_called_so_and_no_others() -> None:
    low = replace(SITUATION, gentle=True)
    rules = {
        name: give_reason(one, mood=SAD, history=History(), situation=low)["rule"]
        for name, one in {
            "short": candidate(minutes=10),
            "long": candidate(minutes=11),
            "strenuous": candidate(minutes=10, limits=frozenset({"effort"})),
        }.items()
    }
    assert rules == {"short": "gentle", "long": "leading", "strenuous": "leading"}


@pytest.mark.parametrize("targets", [{"anger", "fear"}, {"fear", "surprise"}])
def test_of_several_targets_the_one_seen_most_is_named(targets: set[str]) -> None:
    mood = mood_of({"anger": 0.15, "fear": 0.25, "surprise": 0.2, "neutral": 0.4}, leading="sadness")
    reason = give_reason(candidate(targets=frozenset(targets)), mood=mood, history=History(), situation=SITUATION)
    assert (reason["rule"], reason["expression"], reason["percent"]) == ("seen", "fear", 25)
