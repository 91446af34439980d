from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender.mood.personal_prior import desk_mix
from recommender.mood.prevalence import (
    DRAWS,
    EFFECTIVE_SAMPLE_FACTOR,
    MAX_GROUPS,
    UNLIKE_PRIOR,
    Floats,
    Mixture,
    _group,
    chance_unlike,
    estimate_mix,
    find_mix,
    to_likelihoods,
)
from tests.recommender.people import (
    DESK_WORKER,
    EVERYDAY,
    SIZE,
    WEAK_FACES,
    MadeUpClassifier,
)

NOTHING = np.zeros(SIZE)
EYE = np.eye(SIZE)


def mix_of(
    likelihoods: Floats | Sequence[Floats],
    *,
    weights: Floats | None = None,
    groups: NDArray[np.int64] | None = None,
    prior: Floats | None = None,
    own: Floats | None = None,
    draws: int = DRAWS,
) -> Mixture:
    count = len(likelihoods)
    return estimate_mix(
        np.asarray(likelihoods, dtype=float),
        np.ones(count) if weights is None else weights,
        np.arange(count) if groups is None else groups,
        prior=desk_mix() if prior is None else prior,
        own=own,
        draws=draws,
    )


def test_a_probability_is_divided_by_the_prior_it_was_given_under() -> None:
    given_under = np.array([0.5, 0.25, 0.25])
    assert to_likelihoods(np.array([[0.5, 0.5, 0.0]]), given_under) == pytest.approx(np.array([[1 / 3, 2 / 3, 0]]))
    assert to_likelihoods(np.array([[0.2, 0.8]]), None) == pytest.approx(np.array([[0.2, 0.8]]))


@pytest.mark.parametrize("prior", [[1.0], [0.5, 0.5, 0.0], [0.5, 0.5, np.nan], [[0.3, 0.3, 0.4]]])
def test_a_prior_that_is_none_is_refused(prior: list[float] | list[list[float]]) -> None:
    with pytest.raises(ValueError, match="3 positive numbers"):
        to_likelihoods(np.array([[0.2, 0.3, 0.5]]), np.array(prior))


def test_faultless_readings_are_their_own_mix() -> None:
    mass = np.array([[1.0, 0, 0, 3.0, 4.0, 2.0, 0]])
    assert find_mix(EYE, mass, NOTHING + 1e-9) == pytest.approx(mass / 10, abs=1e-6)


def test_expected_counts_of_labels_are_turned_back_into_the_truth() -> None:
    confusion = WEAK_FACES.confusion
    truth = np.array([[0.1, 0.05, 0.05, 0.3, 0.3, 0.1, 0.1]])
    found = find_mix(np.ascontiguousarray(confusion.T), truth @ confusion * 1000, NOTHING + 1e-9)
    assert found == pytest.approx(truth, abs=5e-3)


def test_two_classes_by_hand() -> None:
    # Labels with recalls 0.9 and 0.8: 0.9 a + 0.2 (1 - a) = 0.55 has a = 1/2.
    likelihoods = np.array([[0.9, 0.2], [0.1, 0.8]])
    found = find_mix(likelihoods, np.array([[55.0, 45.0]]), np.full(2, 1e-9))
    assert found == pytest.approx(np.array([[0.5, 0.5]]), abs=1e-4)


def test_a_prior_counts_as_its_readings() -> None:
    mixture = mix_of([EYE[3]] * 45, prior=4 * EYE[4])
    assert mixture.point[3] == pytest.approx(EFFECTIVE_SAMPLE_FACTOR * 45 / (EFFECTIVE_SAMPLE_FACTOR * 45 + 4))
    assert mixture.point[4] == pytest.approx(4 / (EFFECTIVE_SAMPLE_FACTOR * 45 + 4))


def test_own_weeks_count_for_no_more_than_the_readings_at_hand() -> None:
    few, many = (mix_of([EYE[3]] * 45, prior=4 * EYE[4], own=count * EYE[5]) for count in (9.0, 1000.0))
    assert few.point[5] == pytest.approx(9 / (EFFECTIVE_SAMPLE_FACTOR * 45 + 4 + 9))
    assert many.point[5] == pytest.approx(EFFECTIVE_SAMPLE_FACTOR * 45 / (2 * EFFECTIVE_SAMPLE_FACTOR * 45 + 4))


def test_a_window_unlike_the_weeks_before_leaves_them_out_of_its_interval() -> None:
    # 45 smiles after weeks without one: where the past counts nothing, smiles are all but
    # 4 / (EFFECTIVE_SAMPLE_FACTOR * 45 + 4).
    mixture = mix_of([EYE[3]] * 45, prior=4 * EYE[4], own=1000 * EYE[5])
    assert (mixture.draws[:, 5] < 0.01).all()
    assert mixture.draws[:, 3].mean() == pytest.approx(
        EFFECTIVE_SAMPLE_FACTOR * 45 / (EFFECTIVE_SAMPLE_FACTOR * 45 + 4), abs=0.01
    )


def test_a_window_like_the_weeks_before_has_the_narrower_interval() -> None:
    smiles = [EYE[3]] * 20 + [EYE[4]] * 25
    low, high = np.quantile(mix_of(smiles, own=1000 * (20 * EYE[3] + 25 * EYE[4])).draws[:, 3], [0.025, 0.975])
    bare_low, bare_high = np.quantile(mix_of(smiles).draws[:, 3], [0.025, 0.975])
    assert high - low < 0.96 * (bare_high - bare_low)


def test_the_chance_of_being_unlike_is_what_either_foretells() -> None:
    # One reading: an even prior of 2 foretells it with 1/2, one that knows eight alike with 9/10.
    even, sure = np.ones(2), np.array([9.0, 1.0])
    odds = UNLIKE_PRIOR / (1 - UNLIKE_PRIOR)
    assert chance_unlike(np.array([1.0, 0.0]), even, sure) == pytest.approx(1 / (1 + 0.9 / 0.5 / odds))
    assert chance_unlike(np.array([0.0, 1.0]), even, sure) == pytest.approx(1 / (1 + 0.1 / 0.5 / odds))
    assert chance_unlike(np.array([3.0, 4.0]), even, even) == pytest.approx(UNLIKE_PRIOR)
    assert chance_unlike(np.array([0.0, 5000.0]), even, np.array([1e6, 1.0])) == pytest.approx(1.0)


def test_weights_are_relative_and_a_heavy_reading_lowers_the_effective_count() -> None:
    light = mix_of(EYE[[3, 4]], weights=np.array([1e-150, 3e-150]), prior=NOTHING)
    assert light.point[[3, 4]] == pytest.approx([0.25, 0.75], abs=1e-5)
    assert light.effective == pytest.approx(16 / 10)


def test_readings_of_one_hour_are_one_group() -> None:
    mixture = mix_of(EYE[[4] * 30], groups=np.zeros(30, dtype=np.int64))
    assert mixture.effective == pytest.approx(1.0)


def test_counting_alike_readings_together_keeps_the_mix() -> None:
    rng = np.random.default_rng(3)
    seen = MadeUpClassifier().read(rng.choice(SIZE, 5000, p=DESK_WORKER), rng)
    likelihoods = to_likelihoods(seen, EVERYDAY)
    exact = find_mix(likelihoods, np.ones((1, 5000)), NOTHING + 1e-9)[0]
    mixture = mix_of(likelihoods, prior=NOTHING)
    assert mixture.point == pytest.approx(exact, abs=1e-5)
    assert mixture.draws.mean(axis=0) == pytest.approx(exact, abs=5e-3)
    assert mixture.effective == pytest.approx(MAX_GROUPS)


def test_nothing_cannot_be_mixed() -> None:
    with pytest.raises(ValueError, match="nothing"):
        mix_of([EVERYDAY], weights=np.zeros(1))


@given(
    rows=st.lists(
        st.lists(st.floats(0.001, 1), min_size=SIZE, max_size=SIZE).map(lambda row: np.array(row) / sum(row)),
        min_size=1,
        max_size=25,
    ),
    data=st.data(),
)
@settings(max_examples=40, deadline=None)
def test_every_mix_is_a_mix_and_its_interval_holds_it(rows: list[Floats], data: st.DataObject) -> None:
    weights = np.array(data.draw(st.lists(st.floats(0.01, 1), min_size=len(rows), max_size=len(rows))))
    mixture = mix_of(rows, weights=weights, draws=50)
    assert mixture.point.sum() == pytest.approx(1)
    assert mixture.draws.sum(axis=1) == pytest.approx(np.ones(50))
    assert (mixture.point >= 0).all()
    assert (mixture.draws >= 0).all()
    for unit in EYE:
        value, low, high = mixture.interval(unit)
        assert 0 <= low <= value <= high <= 1 + 1e-9


def test_the_same_readings_always_show_the_same_interval() -> None:
    likelihoods = EYE[[3, 4, 4, 5] * 10]
    first, second = (mix_of(likelihoods) for _ in range(2))
    assert (first.draws == second.draws).all()


def test_the_mix_is_at_most_half_as_wrong_as_counting_labels_at_60_readings() -> None:
    rng = np.random.default_rng(60)
    counted, found = [], []
    for _ in range(200):
        truth = rng.choice(SIZE, 60, p=DESK_WORKER)
        seen, labels = WEAK_FACES.read(truth, rng)
        counted.append(np.abs(EYE[labels].mean(axis=0) - DESK_WORKER).mean())
        likelihoods = to_likelihoods(seen, EVERYDAY)
        found.append(np.abs(mix_of(likelihoods, draws=2).point - DESK_WORKER).mean())
    assert np.mean(found) <= np.mean(counted) / 2


@pytest.mark.parametrize("count", [30, 60, 200])
def test_intervals_cover_the_truth_as_often_as_they_say(count: int) -> None:
    rng = np.random.default_rng(count)
    classifier = MadeUpClassifier()
    hits = []
    for person in range(100):
        truth = DESK_WORKER if person % 2 else rng.dirichlet(8 * EVERYDAY)
        seen = classifier.read(rng.choice(SIZE, count, p=truth), rng)
        mixture = mix_of(to_likelihoods(seen, EVERYDAY))
        low, high = np.quantile(mixture.draws, [0.025, 0.975], axis=0)
        hits.append((low <= truth) & (truth <= high))
    assert 0.92 <= np.mean(hits) <= 0.98


@pytest.mark.parametrize(("count", "cells"), [(250, 250), (251, 1)])
def test_alike_readings_are_counted_together_from_the_251st_on(count: int, cells: int) -> None:
    likelihoods, masses = _group(EVERYDAY[None].repeat(count, axis=0), np.ones(count), np.zeros(count, dtype=np.int64))
    assert likelihoods == pytest.approx(EVERYDAY[None].repeat(cells, axis=0))
    assert masses == pytest.approx(np.full((1, cells), count / cells))
