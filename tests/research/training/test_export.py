"""The int8 file beside the float network, and how each prior is read from it."""

import numpy as np
import pytest

pytest.importorskip("tensorflow")
import keras

from research.training.batches import Pictures
from research.training.calibrate import fit_calibration
from research.training.export import _fit_calibrations, choose_blends, litert_logits, to_litert
from research.training.fit import predict_logits
from research.training.networks import build_backbone, build_head, join
from tests.research.training.drawn import SIDE, drawn_face

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def test_faces_without_a_majority_count_half_for_the_everyday_reading_and_in_full_for_the_balanced() -> None:
    labels, clear = np.arange(70) % 7, np.arange(70) < 49
    right = np.where(clear | (np.arange(70) % 2 == 0), labels, (labels + 1) % 7)
    logits, even = 4 * np.eye(7)[right], np.full(7, 1 / 7)
    held = Pictures(np.zeros((70, 8, 8), np.uint8), np.eye(7, dtype=np.float32)[labels], labels, labels, clear)
    found = _fit_calibrations(logits, (0.0, 0.0), held, even)
    twice = np.concatenate([np.arange(70), np.flatnonzero(clear)])
    assert found.everyday == fit_calibration(logits[twice], labels[twice], even, training_prior=even)
    assert found.everyday.temperature < found.balanced.temperature
    assert found.balanced.bias == (0.0,) * 7


def test_int8_answers_nearly_as_the_float_network_does() -> None:
    keras.utils.set_random_seed(3)
    backbone = build_backbone(size=SIDE, weights=None)
    network = join(backbone, build_head(shape=backbone.output_shape[1:], hidden=16))
    pixels = np.stack([drawn_face(label, seed) for label in range(7) for seed in range(4)])
    exact = predict_logits(network, pixels)
    small = litert_logits(to_litert(network, pixels), pixels)
    assert np.abs(exact - small).max() < 0.15 * np.ptp(exact)
    assert np.abs(exact - litert_logits(to_litert(network, pixels, "float"), pixels)).max() < 1e-4


def test_each_prior_gets_the_blend_it_is_read_best_with() -> None:
    labels, posed = np.arange(70) % 7, (np.arange(70) + 1) % 7
    crowd, challenge = 5 * np.eye(7)[labels], 5 * np.eye(7)[posed]
    held = Pictures(np.zeros((70, 8, 8), np.uint8), np.eye(7, dtype=np.float32)[labels], labels, posed, labels >= 0)
    prior = np.full(7, 1 / 7)
    assert choose_blends(np.hstack([crowd, challenge]), held, prior) == (0.0, 0.45)
    assert choose_blends(np.hstack([-crowd, 3 * crowd]), held, prior) == (0.3, 1.0)
