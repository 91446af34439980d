import numpy as np
import pytest

from research.training import metrics

pytest.importorskip("scipy")
from research.training.calibrate import choose_low_confidence, fit_calibration

EVEN = np.full(7, 1 / 7)
PRIOR = np.array([0.1, 0.05, 0.05, 0.3, 0.3, 0.1, 0.1])


def test_an_overconfident_network_gets_back_the_temperature_it_was_given() -> None:
    random = np.random.default_rng(0)
    honest = random.normal(0, 1.5, (20_000, 7))
    chances = metrics.softmax(honest + np.log(PRIOR * 7))
    labels = np.array([random.choice(7, p=row) for row in chances])
    found = fit_calibration(honest * 2.5, labels, PRIOR, training_prior=EVEN)
    assert found.temperature == pytest.approx(2.5, rel=0.05)
    assert np.abs(found.bias).max() < 0.15


def test_a_lean_of_the_network_is_taken_out_by_the_biases() -> None:
    random = np.random.default_rng(1)
    honest = random.normal(0, 1.5, (20_000, 7))
    labels = np.array([random.choice(7, p=row) for row in metrics.softmax(honest)])
    lean = np.array([0, 0, 0, 1.0, -1.0, 0, 0])
    found = fit_calibration(honest + lean, labels, EVEN, training_prior=EVEN)
    assert np.subtract(found.bias, -lean) == pytest.approx(np.zeros(7), abs=0.15)


def test_an_expression_hardly_ever_seen_cannot_move_its_bias_far() -> None:
    random = np.random.default_rng(2)
    logits = random.normal(0, 1, (50, 7))
    labels = np.where(np.arange(50) == 0, 1, 3)
    found = fit_calibration(logits, labels, PRIOR, training_prior=EVEN)
    assert np.abs(found.bias).max() < 3.0


def test_readings_are_withheld_where_they_would_be_wrong_more_often_than_right() -> None:
    confidence = np.linspace(0.2, 1.0, 1000)
    probabilities = np.column_stack([confidence, 1 - confidence, *[np.zeros(1000)] * 5])
    probabilities[probabilities[:, 0] < probabilities[:, 1], 1] = 0.0
    labels = np.where(confidence > 0.27, 0, 6)
    assert choose_low_confidence(probabilities, labels) == pytest.approx(0.27, abs=0.011)
    assert choose_low_confidence(probabilities, np.zeros(1000, np.int64)) == 0.0
