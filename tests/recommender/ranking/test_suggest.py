from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotion.labels import EXPRESSIONS
from recommender.choices import Daypart, Limit, Place
from recommender.ranking.bound import LEAST
from recommender.ranking.history import Answer, History, Situation
from recommender.ranking.reward_model import (
    ACTIVITY_VARIANCE,
    CATEGORY_VARIANCE,
    COMPANY,
    FIT_WEIGHT,
    LIKED,
    NOVELTY,
    TOO_LONG,
    Candidate,
    expect_rewards,
    find_needs,
    fit_to,
    reward_of,
    scale_needs,
    weigh_mood,
)
from recommender.ranking.suggest import (
    FLOOR_SHARE,
    GRADES,
    SHARE_MOST,
    blocking_constraint,
    chances_of,
    find_waiting,
    suggest,
    violated_constraint,
)
from tests.recommender.people import FEW, NOW, SAD, SITUATION, candidate, days_ago, mood_of, offer
from vault.journal.kinds import AnswerWord, Taste

CATEGORIES = ("somatic", "social", "cognitive", "rest")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"active": False}, "switched_off"),
        ({"grade": ""}, "no_evidence"),
        ({"review_due": NOW.date() - timedelta(days=1)}, "review_due"),
        ({"review_due": NOW.date()}, None),
        ({"review_due": None}, "review_due"),
        ({"safety": "support"}, "not_ranked"),
        ({"safety": "crisis"}, "not_ranked"),
        ({"places": frozenset({"outdoors"})}, "place"),
        ({"places": frozenset({"outdoors", "desk"})}, None),
        ({"minutes": 16}, "minutes"),
        ({"minutes": 15}, None),
        ({"dayparts": frozenset({"morning"})}, "daypart"),
        ({"dayparts": frozenset({"afternoon"})}, None),
        ({"limits": frozenset({"walking"})}, "limits"),
        ({"limits": frozenset({"company"})}, None),
    ],
)
def test_each_constraint_hinders(changes: dict[str, Any], expected: str | None) -> None:
    situation = Situation(now=NOW, place="desk", minutes=15, avoid=frozenset({"walking"}))
    assert blocking_constraint(candidate(**changes), situation=situation, history=History()) == expected


def test_a_person_who_told_nothing_is_offered_every_place_and_length() -> None:
    anything = candidate(places=frozenset({"outdoors"}), minutes=90, limits=frozenset(Limit.values))
    assert blocking_constraint(anything, situation=SITUATION, history=History()) is None


@pytest.mark.parametrize(
    ("hour", "daypart"),
    [(0, "morning"), (10, "morning"), (11, "midday"), (13, "midday"), (14, "afternoon"), (18, "evening")],
)
def test_dayparts(hour: int, daypart: str) -> None:
    assert Situation(now=NOW.replace(hour=hour)).daypart == daypart


def test_an_activity_rests_for_its_cooldown_but_what_is_on_offer_stays() -> None:
    walk = candidate(cooldown_hours=24)
    fresh = History((offer("walk", days_ago(0.99)),))
    assert blocking_constraint(walk, situation=SITUATION, history=fresh) == "rests"
    assert violated_constraint(walk, situation=SITUATION, history=fresh) is None
    assert blocking_constraint(walk, situation=SITUATION, history=History((offer("walk", days_ago(1)),))) is None


def test_never_means_never() -> None:
    history = History((offer("walk", days_ago(400), "never"), offer("walk", days_ago(300), "did", 2)))
    assert blocking_constraint(candidate(), situation=SITUATION, history=history) == "refused"


def test_needs_follow_the_mix_with_neutral_asking_for_little() -> None:
    needs = find_needs(SAD)
    assert needs is not None
    assert needs["sadness"] == pytest.approx(0.3 / 0.55)
    assert needs["neutral"] == pytest.approx(0.15 / 0.55)
    assert sum(needs.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("said", "nearest"),
    [((-0.6, -0.3), "sadness"), ((0.8, 0.5), "happiness"), ((0.0, 0.0), "neutral"), ((-0.5, 0.6), "anger")],
)
def test_needs_of_what_was_said_outrank_the_camera(said: tuple[float, float], nearest: str) -> None:
    needs = find_needs(mood_of({"happiness": 1.0}, said=said))
    assert needs is not None
    assert max(needs, key=lambda name: needs[name]) == nearest


def test_without_a_mood_nothing_is_needed_and_the_gentle_fits() -> None:
    assert find_needs(FEW) is None
    assert fit_to(candidate(targets=frozenset({"neutral"}), minutes=5), None) == 1.0
    assert fit_to(candidate(targets=frozenset({"neutral"}), minutes=6), None) == 0.0
    assert fit_to(candidate(minutes=2), None) == 0.0


def test_fit_is_to_the_most_needed_of_the_targets() -> None:
    needs = scale_needs(find_needs(SAD))
    assert fit_to(candidate(), needs) == pytest.approx(1.0)
    assert fit_to(candidate(targets=frozenset({"happiness", "fear"})), needs) == pytest.approx(1 / 3)
    assert fit_to(candidate(targets=frozenset()), needs) == 0.0


@pytest.mark.parametrize(
    ("answer", "helped", "reward"),
    [
        ("did", 2, (1.0, 1.0)),
        ("did", -2, (0.0, 1.0)),
        ("did", 0, (0.5, 1.0)),
        ("did", None, (0.6, 1.0)),
        ("not_now", None, (0.25, 0.75)),
        ("never", None, (0.0, 1.0)),
    ],
)
def test_rewards(answer: AnswerWord, helped: int | None, reward: tuple[float, float]) -> None:
    assert reward_of(Answer(NOW, answer, helped)) == reward


def test_expected_reward_before_and_after_an_answer() -> None:
    fitting = FIT_WEIGHT / 2
    before = expect_rewards([candidate()], history=History())
    assert before.means == pytest.approx([0.58 + NOVELTY])
    assert weigh_mood([candidate()], needs=find_needs(SAD)) == pytest.approx([fitting])
    assert before.covariance == pytest.approx(np.array([[CATEGORY_VARIANCE + ACTIVITY_VARIANCE]]))
    helped = History((offer("walk", days_ago(3), "did", 2),))
    after = expect_rewards([candidate()], history=helped)
    gain = 0.045 / (0.045 + 0.0625)
    assert after.means == pytest.approx([0.58 + gain * (1 - 0.58)])
    assert after.covariance == pytest.approx(np.array([[0.045 * (1 - gain)]]))


def test_an_answer_speaks_half_for_its_category_and_not_for_others() -> None:
    candidates = [candidate("walk"), candidate("stretch"), candidate("call", category="social")]
    liked = History(tuple(offer("walk", days_ago(day), "did", 2) for day in range(1, 7)))
    before = expect_rewards(candidates, history=History()).means
    after = expect_rewards(candidates, history=liked).means
    assert after[0] + NOVELTY - before[0] == pytest.approx(2 * (after[1] - before[1]))
    assert after[1] > before[1] + 0.1
    assert after[2] == pytest.approx(before[2])


def test_three_answers_of_a_first_visit_move_the_expectation_a_little() -> None:
    taste = Taste(likes=("social",), minutes=5, company="with")
    candidates = [
        candidate("walk", minutes=5),
        candidate("long-walk", minutes=20),
        candidate("call", category="social", minutes=5),
        candidate("lunch", minutes=5, limits=frozenset({"company"})),
    ]
    plain = expect_rewards(candidates, history=History()).means
    asked = expect_rewards(candidates, history=History(), taste=taste).means
    assert asked - plain == pytest.approx([0, TOO_LONG, LIKED, COMPANY])


def test_a_category_that_filled_the_latest_offers_waits_while_there_are_others() -> None:
    candidates = [candidate(f"a-{i}") for i in range(3)] + [candidate("call", category="social")]
    filled = [offer(f"a-{i % 3}", days_ago(9 - i / 4)) for i in range(SHARE_MOST)]
    others = [offer("call", days_ago(4 - i / 4)) for i in range(12)]
    assert find_waiting(candidates, History(tuple(filled))) == {"somatic"}
    assert find_waiting(candidates, History(tuple(filled[1:]))) == set()
    assert find_waiting(candidates, History((*filled, *others))) == {"social"}
    rng = np.random.default_rng(1)
    picked = suggest(candidates, mood=SAD, situation=SITUATION, history=History(tuple(filled)), rng=rng)
    assert picked[0].slug == "call"
    assert len(picked) == 2


def test_what_a_person_picked_themselves_fills_no_category() -> None:
    candidates = [candidate(f"a-{i}") for i in range(3)]
    chosen = [replace(offer(f"a-{i % 3}", days_ago(9 - i / 4)), chosen=True) for i in range(SHARE_MOST)]
    assert find_waiting(candidates, History(tuple(chosen))) == set()


def test_chances_sum_to_one_and_keep_the_floor() -> None:
    rng = np.random.default_rng(0)
    draws = rng.normal([0.9, 0.5, 0.1, 0.1], 0.05, size=(500, 4))
    chances = chances_of(draws)
    assert chances.sum() == pytest.approx(1)
    assert chances == pytest.approx([0.925, 0.025, 0.025, 0.025])
    assert chances.min() >= FLOOR_SHARE / 4


def catalogue() -> list[Candidate]:
    rng = np.random.default_rng(4)

    def some(names: Sequence[str], most: int) -> frozenset[str]:
        return frozenset(rng.choice(names, size=rng.integers(0, most + 1), replace=False).tolist())

    return [
        candidate(
            f"activity-{index}",
            category=CATEGORIES[index % 4],
            targets=some(EXPRESSIONS, 3),
            minutes=int(rng.integers(1, 40)),
            grade=str(rng.choice(GRADES)),
            places=some(Place.values, 3),
            dayparts=some(Daypart.values, 3),
            limits=some(Limit.values, 2),
            cooldown_hours=int(rng.integers(1, 100)),
            active=bool(rng.random() > 0.1),
            safety="support" if rng.random() < 0.1 else "normal",
        )
        for index in range(60)
    ]


CATALOGUE = catalogue()


def test_no_constraint_is_broken_in_a_thousand_draws() -> None:
    rng = np.random.default_rng(1000)
    by_slug = {item.slug: item for item in CATALOGUE}
    places, lengths = [None, *Place.values], [None, 3, 10, 30]
    answers: tuple[AnswerWord, ...] = get_args(AnswerWord)
    offered = 0
    for _ in range(1000):
        situation = Situation(
            now=NOW.replace(hour=int(rng.integers(0, 24))),
            place=places[rng.integers(len(places))],
            minutes=lengths[rng.integers(len(lengths))],
            avoid=frozenset(rng.choice(Limit.values, size=2, replace=False).tolist()),
        )
        picks = rng.choice(len(CATALOGUE), size=20, replace=False)
        said = rng.integers(len(answers), size=20)
        history = History(
            tuple(
                offer(CATALOGUE[pick].slug, days_ago(float(rng.random() * 5)), answers[word])
                for pick, word in zip(picks, said, strict=True)
            )
        )
        suggestions = suggest(CATALOGUE, mood=SAD, situation=situation, history=history, rng=rng)
        chosen = [by_slug[suggestion.slug] for suggestion in suggestions]
        offered += len(chosen)
        assert [blocking_constraint(item, situation=situation, history=history) for item in chosen] == [None] * len(
            chosen
        )
        assert len({item.slug for item in chosen}) == len(chosen)
        allowed = {
            item.category
            for item in CATALOGUE
            if blocking_constraint(item, situation=situation, history=history) is None
        }
        assert len({item.category for item in chosen}) == min(len(chosen), len(allowed))
    assert offered > 1200


@given(seed=st.integers(0, 10_000), count=st.integers(1, 5), said=st.booleans())
@settings(max_examples=40, deadline=None)
def test_every_propensity_is_a_chance_above_the_floor(seed: int, count: int, said: bool) -> None:
    mood = mood_of(said=(0.3, -0.2)) if said else SAD
    rng = np.random.default_rng(seed)
    for suggestion in suggest(CATALOGUE, mood=mood, situation=SITUATION, history=History(), rng=rng, count=count):
        assert LEAST * FLOOR_SHARE / len(suggestion.among) <= suggestion.propensity <= 1
        assert suggestion.slug in suggestion.among
        assert {"rule", "days", "grade"} <= suggestion.reason.keys()


def test_what_is_on_the_page_is_not_offered_again_nor_its_category() -> None:
    rng = np.random.default_rng(2)
    candidates = [candidate("walk"), candidate("stretch"), candidate("call", category="social")]
    for _ in range(50):
        (only,) = suggest(
            candidates, mood=SAD, situation=SITUATION, history=History(), rng=rng, count=1, shown=["walk"]
        )
        assert only.slug == "call"


def test_a_category_repeats_only_when_no_other_is_left() -> None:
    candidates = [candidate("walk"), candidate("stretch"), candidate("dance")]
    rng = np.random.default_rng(2)
    suggestions = suggest(candidates, mood=SAD, situation=SITUATION, history=History(), rng=rng, count=3)
    assert {suggestion.slug for suggestion in suggestions} == {"walk", "stretch", "dance"}


def test_an_empty_catalogue_suggests_nothing() -> None:
    rng = np.random.default_rng(2)
    assert suggest([], mood=SAD, situation=SITUATION, history=History(), rng=rng) == ()
    off = [candidate(active=False)]
    assert suggest(off, mood=SAD, situation=SITUATION, history=History(), rng=rng) == ()


def test_without_a_mood_the_gentle_come_first() -> None:
    gentle = [candidate(f"gentle-{i}", targets=frozenset({"neutral"}), minutes=3, category=f"g{i}") for i in range(3)]
    others = [candidate(f"other-{i}", category=f"o{i}") for i in range(3)]
    rng = np.random.default_rng(6)
    picked = [
        suggest(gentle + others, mood=FEW, situation=SITUATION, history=History(), rng=rng, count=1)[0]
        for _ in range(200)
    ]
    assert sum(pick.slug.startswith("gentle") for pick in picked) > 120
    rules = {(pick.slug.split("-")[0], pick.reason["rule"]) for pick in picked}
    assert rules == {("gentle", "few"), ("other", "variety")}


def test_what_helped_this_person_is_offered_more_often() -> None:
    candidates = [candidate(f"activity-{index}", category=f"c{index}") for index in range(5)]
    liked = History(tuple(offer("activity-3", days_ago(day), "did", 2) for day in range(2, 9)))
    rng = np.random.default_rng(7)
    picks = [
        suggest(candidates, mood=SAD, situation=SITUATION, history=liked, rng=rng, count=1)[0].slug for _ in range(200)
    ]
    assert picks.count("activity-3") > 120
