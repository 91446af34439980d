"""How much earlier weeks say of a window."""

import numpy as np
import pytest

from recommender.mood.affect import as_vector
from recommender.mood.personal_prior import (
    DESK_MIX,
    LEAST_READINGS,
    LEAST_WEEKS,
    WeightedReadings,
    desk_mix,
    find_variation,
    own_mix,
)
from recommender.mood.prevalence import EFFECTIVE_SAMPLE_FACTOR, to_likelihoods
from research.recommender.people import ANY, DESK, SIZE, WEAK, MatrixFaces

HAPPY, NEUTRAL, SAD = 3, 4, 5


def seen(weeks: list[dict[int, int]], *, weight: float = 1.0) -> WeightedReadings:
    """Faultless readings: how many of each expression in each week."""
    rows = [(name, week) for week, counts in enumerate(weeks) for name, count in counts.items() for _ in range(count)]
    names, numbers = np.array(rows).T
    return WeightedReadings(np.eye(SIZE)[names], np.full(len(rows), weight), numbers)


def test_a_desk_face_counts_four_readings() -> None:
    assert desk_mix() == pytest.approx(4 * as_vector(DESK_MIX))
    assert desk_mix().sum() == pytest.approx(4)


def test_weeks_all_alike_count_every_reading() -> None:
    earlier = seen([{HAPPY: 5, NEUTRAL: 15}] * 5)
    window = seen([{HAPPY: 5, NEUTRAL: 15}])
    own = own_mix(window, earlier)
    assert own.sum() == pytest.approx(EFFECTIVE_SAMPLE_FACTOR * 100)
    assert own[HAPPY] / own.sum() == pytest.approx((25 + 4 * 0.15) / 104, abs=1e-4)


@pytest.mark.parametrize(
    "earlier",
    [
        [{NEUTRAL: 40}] * (LEAST_WEEKS - 1),
        [{NEUTRAL: 15}, {NEUTRAL: 15}, {NEUTRAL: LEAST_READINGS - 31}],
    ],
)
def test_too_few_weeks_or_readings_say_nothing(earlier: list[dict[int, int]]) -> None:
    assert own_mix(seen([{NEUTRAL: 20}]), seen(earlier)).tolist() == [0.0] * SIZE


def test_variation_by_hand() -> None:
    # Weeks of 20 with 15 and 5 smiles: the spread of shares is 0.25 around 0.5, of which 1 in 20 is chance.
    earlier = seen([{HAPPY: 15, NEUTRAL: 5}, {HAPPY: 5, NEUTRAL: 15}] * 2)
    mix = 0.5 * np.eye(SIZE)[HAPPY] + 0.5 * np.eye(SIZE)[NEUTRAL]
    apart = 4 * 20 * 2 * 0.25**2 - 3 * 0.5
    assert find_variation(seen([{HAPPY: 10, NEUTRAL: 10}]), earlier, mix) == pytest.approx(apart / (0.5 * 60))


def test_weeks_that_differ_and_a_window_unlike_them_say_less() -> None:
    alike = seen([{HAPPY: 10, NEUTRAL: 10}] * 6)
    differing = seen([{HAPPY: 16, NEUTRAL: 4}, {HAPPY: 4, NEUTRAL: 16}] * 3)
    usual, unlike = seen([{HAPPY: 10, NEUTRAL: 10}]), seen([{SAD: 20}])
    plain = own_mix(usual, alike).sum()
    assert own_mix(usual, differing).sum() < 0.2 * plain
    assert own_mix(unlike, alike).sum() < 0.05 * plain


def test_misread_faces_do_not_pass_for_change() -> None:
    faces = MatrixFaces.of(WEAK, ANY)
    rng = np.random.default_rng(3)
    found = []
    for spread in (0.0, 1.0):
        for _ in range(30):
            mixes = [np.array(DESK) * np.exp(spread * rng.standard_normal(SIZE)) for _ in range(9)]
            truth = [rng.choice(SIZE, 60, p=mix / mix.sum()) for mix in mixes]
            parts = [to_likelihoods(faces.read(shown, rng)[0], ANY) for shown in truth]
            earlier = WeightedReadings(np.concatenate(parts[:8]), np.ones(480), np.arange(480) // 60)
            found.append(own_mix(WeightedReadings(parts[8], np.ones(60), np.zeros(60, dtype=np.int64)), earlier).sum())
    steady, changing = np.median(found[:30]), np.median(found[30:])
    assert steady > 40
    assert changing < 0.5 * steady
