from datetime import timedelta

import numpy as np
import pytest

from recommender.mood.agreement import ENOUGH, Agreement, measure_agreement, wilson
from recommender.wording.moods import tell_agreement
from tests.entries import reading as make_reading
from tests.recommender.people import NOW, checkin, correction, journal_of, line, reading
from vault.journal.contents import AnyEntry

FACES = {"unpleasant": "sadness", "in between": "neutral", "pleasant": "happiness"}
WORDS = {"unpleasant": -0.7, "in between": 0.0, "pleasant": 0.7}
ANSWERS = tuple(FACES)


def agree(lines: list[AnyEntry]) -> Agreement:
    return measure_agreement(journal_of(lines), now=NOW)


def person(*, right: float, pairs: int, seed: int, moods: tuple[float, ...] = (0.3, 0.4, 0.3)) -> list[AnyEntry]:
    """Somebody whose camera says what they say in a share `right` of moments, and any of the three else."""
    rng = np.random.default_rng(seed)
    lines = []
    for index in range(pairs):
        at = NOW - timedelta(hours=3 * index + 1)
        said = ANSWERS[rng.choice(3, p=moods)]
        seen = said if rng.random() < right else ANSWERS[rng.integers(3)]
        lines += [checkin(WORDS[said], 0.0, at), reading(FACES[seen], at + timedelta(minutes=5))]
    return lines


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("pairs", [ENOUGH, 90])
def test_a_camera_at_chance_adds_nothing(seed: int, pairs: int) -> None:
    agreement = agree(person(right=0, pairs=pairs, seed=seed))
    assert (agreement.pairs, agreement.verdict) == (pairs, "adds_nothing")


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("pairs", [ENOUGH, 90])
def test_a_good_camera_adds_something(seed: int, pairs: int) -> None:
    assert agree(person(right=0.85, pairs=pairs, seed=seed)).verdict == "adds"


def test_a_camera_that_is_mostly_right_adds_nothing_for_who_is_mostly_the_same() -> None:
    agreement = agree(person(right=0.7, pairs=100, seed=1, moods=(0.05, 0.9, 0.05)))
    assert agreement.share > 0.7
    assert agreement.guess_share > 0.8
    assert (agreement.commonest, agreement.verdict) == ("in between", "adds_nothing")


def test_below_thirty_pairs_nothing_is_said() -> None:
    agreement = agree(person(right=0, pairs=ENOUGH - 1, seed=1))
    assert agreement.verdict == "too_few"
    assert tell_agreement(agreement).startswith("So far 29 readings can be compared")


def test_nothing_to_compare_is_no_agreement() -> None:
    assert agree([]) == Agreement(0, 0, 0, None, 0.0, 1.0)
    lonely = [checkin(0.5, 0.5), reading("happiness", NOW - timedelta(minutes=31))]
    assert agree(lonely).pairs == 0


def test_a_reading_speaks_for_the_closest_check_in_alone() -> None:
    at = NOW - timedelta(hours=1)
    lines = [
        reading("happiness", at),
        checkin(0.8, 0, at + timedelta(minutes=4)),
        checkin(-0.8, 0, at + timedelta(minutes=6)),
        reading("neutral", at + timedelta(minutes=29)),
    ]
    agreement = agree(lines)
    assert (agreement.pairs, agreement.agreed) == (2, 1)


@pytest.mark.parametrize("p", [None, [0.0] * 7, [0.5] * 7])
def test_a_reading_without_probabilities_says_nothing(p: list[float] | None) -> None:
    empty = line(make_reading(p=p))
    told = [empty, checkin(0.5, 0.5), correction(empty, "fear")]
    assert agree(told).pairs == 0
    assert agree([*told, reading("happiness")]).pairs == 1


def test_a_correction_keeps_what_the_camera_said_beside_it() -> None:
    wrong, right, odd = reading("sadness"), reading("happiness"), reading("fear")
    lines = [
        wrong,
        correction(wrong, "neutral"),
        right,
        correction(right, "happiness"),
        odd,
        correction(odd, "surprise"),
    ]
    agreement = agree(lines)
    assert (agreement.pairs, agreement.agreed, agreement.guessed) == (2, 1, 1)


def test_a_corrected_reading_does_not_speak_twice() -> None:
    wrong = reading("sadness")
    assert agree([wrong, correction(wrong, "neutral"), checkin(0.0, 0.0)]).pairs == 1


@pytest.mark.parametrize(
    ("said", "answer"), [(-0.2, "unpleasant"), (-0.15, "in between"), (0.15, "in between"), (0.2, "pleasant")]
)
def test_a_fifth_of_the_way_from_the_middle_is_no_longer_in_between(said: float, answer: str) -> None:
    agreement = agree([checkin(said, 0.0), reading(FACES[answer])])
    assert (agreement.commonest, agreement.pairs, agreement.agreed) == (answer, 1, 1)


def test_what_is_older_than_the_window_no_longer_counts() -> None:
    at = NOW - timedelta(days=91)
    assert agree([checkin(0, 0, at), reading("neutral", at)]).pairs == 0


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (13, 14, 0.6853, 0.9873)]
)
def test_wilson_intervals_are_those_of_the_tables(hits: int, count: int, low: float, high: float) -> None:
    assert wilson(hits, count) == pytest.approx((low, high), abs=1e-4)


def test_the_figures_are_told_in_words() -> None:
    told = tell_agreement(Agreement(40, 30, 16, "in between", *wilson(30, 40)))
    assert told == (
        "In 30 of 40 comparisons the camera and you said the same (75%, could be 60 to 86%). Always guessing "
        '"in between" would have been right 40% of the time. So it does tell you something, though your own word '
        "still counts for more."
    )
    assert tell_agreement(Agreement(40, 18, 16, "pleasant", *wilson(18, 40))).endswith("adds nothing that shows.")
