from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.mixture import correct_mass, estimate_mix, normalise_rows
from recommender.mood import USUAL_MIX
from tests.recommender.people import DESK_WORKER, EVERYDAY, RECALL_60, SIZE, MadeUpClassifier, label_readings

NOTHING = np.zeros(SIZE)
USUAL = np.array(list(USUAL_MIX.values()))


def mix_of(probabilities, confusion, **options):
    count = len(probabilities)
    return estimate_mix(
        np.asarray(probabilities, dtype=float),
        options.pop("weights", np.ones(count)),
        np.arange(count),
        known=options.pop("known", np.zeros(count, dtype=bool)),
        confusion=confusion,
        usual=options.pop("usual", USUAL),
        **options,
    )


def test_a_faultless_classifier_needs_no_correction():
    observed = np.array([[1.0, 0, 0, 3.0, 4.0, 2.0, 0]])
    corrected = correct_mass(observed, np.eye(SIZE), known=NOTHING, prior=NOTHING)
    assert corrected == pytest.approx(observed / 10, abs=1e-9)


def test_expected_counts_are_turned_back_into_the_truth():
    confusion = normalise_rows(RECALL_60)
    truth = np.array([[0.1, 0.05, 0.05, 0.3, 0.3, 0.1, 0.1]])
    corrected = correct_mass(truth @ confusion * 1000, confusion, known=NOTHING, prior=NOTHING)
    assert corrected == pytest.approx(truth, abs=2e-3)


def test_two_classes_by_hand():
    # 0.9 a + 0.2 (1 - a) = 0.55 has a = 1/2.
    confusion = np.array([[0.9, 0.1], [0.2, 0.8]])
    corrected = correct_mass(np.array([[55.0, 45.0]]), confusion, known=np.zeros(2), prior=np.zeros(2))
    assert corrected == pytest.approx(np.array([[0.5, 0.5]]), abs=1e-4)


def test_what_is_known_is_not_corrected():
    confusion = normalise_rows(RECALL_60)
    sad = np.eye(SIZE)[5]
    mixture = mix_of([sad] * 20, confusion, known=np.ones(20, dtype=bool), prior_readings=0.0)
    assert mixture.point == pytest.approx(sad, abs=1e-9)


def test_the_prior_counts_as_its_readings():
    happy = np.eye(SIZE)[3]
    mixture = mix_of([happy] * 36, np.eye(SIZE), usual=np.eye(SIZE)[4], prior_readings=4.0)
    assert mixture.point[3] == pytest.approx(36 / 40)
    assert mixture.point[4] == pytest.approx(4 / 40)


def test_weights_are_relative_and_a_heavy_reading_lowers_the_effective_count():
    rows = np.eye(SIZE)[[3, 4]]
    light = mix_of(rows, np.eye(SIZE), weights=np.array([1e-150, 3e-150]), prior_readings=0.0)
    assert light.point[[3, 4]] == pytest.approx([0.25, 0.75])
    assert light.effective == pytest.approx(16 / 10)


def test_readings_of_one_hour_are_one_group():
    probabilities = np.eye(SIZE)[[4] * 30]
    together = estimate_mix(
        probabilities,
        np.ones(30),
        np.zeros(30, dtype=np.int64),
        known=np.zeros(30, dtype=bool),
        confusion=np.eye(SIZE),
        usual=USUAL,
    )
    assert together.effective == pytest.approx(1.0)


def test_merging_many_groups_keeps_the_point():
    rng = np.random.default_rng(3)
    probabilities = np.eye(SIZE)[rng.choice(SIZE, 5000, p=DESK_WORKER)]
    mixture = mix_of(probabilities, np.eye(SIZE), prior_readings=0.0)
    assert mixture.point == pytest.approx(probabilities.mean(axis=0), abs=1e-9)
    assert mixture.effective == pytest.approx(1000.0)


def test_nothing_cannot_be_mixed():
    with pytest.raises(ValueError, match="nothing"):
        mix_of([EVERYDAY], np.eye(SIZE), weights=np.zeros(1))


@pytest.mark.parametrize("matrix", [[[1.0, 0.0]], [[1.0, -0.1], [0.0, 1.0]], [[float("nan"), 1.0], [0.0, 1.0]]])
def test_a_matrix_that_is_none_is_refused(matrix):
    with pytest.raises(ValueError, match="confusion matrix"):
        normalise_rows(matrix)


@given(
    rows=st.lists(
        st.lists(st.floats(0.001, 1), min_size=SIZE, max_size=SIZE).map(lambda row: np.array(row) / sum(row)),
        min_size=1,
        max_size=25,
    ),
    data=st.data(),
)
@settings(max_examples=40, deadline=None)
def test_every_mix_is_a_mix_and_its_interval_holds_it(rows, data):
    weights = np.array(data.draw(st.lists(st.floats(0.01, 1), min_size=len(rows), max_size=len(rows))))
    known = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    mixture = mix_of(rows, normalise_rows(RECALL_60), weights=weights, known=known, draws=50)
    assert mixture.point.sum() == pytest.approx(1)
    assert mixture.draws.sum(axis=1) == pytest.approx(np.ones(50))
    assert (mixture.point >= 0).all()
    assert (mixture.draws >= 0).all()
    for unit in np.eye(SIZE):
        value, low, high = mixture.interval(unit)
        assert 0 <= low <= value <= high <= 1 + 1e-9


def test_the_same_readings_always_show_the_same_interval():
    probabilities = np.eye(SIZE)[[3, 4, 4, 5] * 10]
    first, second = (mix_of(probabilities, np.eye(SIZE)) for _ in range(2))
    assert (first.draws == second.draws).all()


def test_correction_at_most_halves_the_error_of_counting_labels_at_60_readings():
    rng = np.random.default_rng(60)
    confusion = normalise_rows(RECALL_60)
    counted, corrected = [], []
    for _ in range(200):
        readings = label_readings(rng.choice(SIZE, 60, p=DESK_WORKER), rng)
        counted.append(np.abs(readings.mean(axis=0) - DESK_WORKER).mean())
        corrected.append(np.abs(mix_of(readings, confusion, draws=2).point - DESK_WORKER).mean())
    assert np.mean(corrected) <= np.mean(counted) / 2


@pytest.mark.parametrize("count", [30, 60, 200])
def test_intervals_cover_the_truth_as_often_as_they_say(count):
    rng = np.random.default_rng(count)
    classifier = MadeUpClassifier()
    confusion = classifier.confusion(rng)
    hits = []
    for person in range(100):
        truth = DESK_WORKER if person % 2 else rng.dirichlet(8 * EVERYDAY)
        mixture = mix_of(classifier.read(rng.choice(SIZE, count, p=truth), rng), confusion)
        low, high = np.quantile(mixture.draws, [0.025, 0.975], axis=0)
        hits.append((low <= truth) & (truth <= high))
    assert 0.92 <= np.mean(hits) <= 0.985
