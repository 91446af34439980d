"""The head, fitted once more to labels while the layers below stay."""

import numpy as np
import pytest

pytest.importorskip("tensorflow")
import keras

from research.training.batches import Pictures, targets
from research.training.fit import predict_logits
from research.training.losses import AdjustedLoss
from research.training.networks import build_backbone, build_head, join
from research.training.plan import TrainingPlan
from research.training.refit import changed_features, refit_head
from tests.research.training.drawn import SIDE, drawn_face

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def test_refitting_moves_the_head_towards_the_labels_and_leaves_the_layers_below() -> None:
    keras.utils.set_random_seed(5)
    backbone = build_backbone(size=SIDE, weights=None)
    network = join(backbone, build_head(shape=backbone.output_shape[1:], hidden=16, dropout=0.0, readouts=2))
    labels = np.arange(140) % 7
    pixels = np.stack([drawn_face(int(label), seed) for seed, label in enumerate(labels)])
    taught = Pictures(pixels, np.eye(7, dtype=np.float32)[labels], labels, labels, labels >= 0)
    plan = TrainingPlan(out="", size=SIDE, augmentation="none", refit_copies=3)
    before = backbone.get_weights()
    loss = AdjustedLoss([[1 / 7] * 7] * 2, 1.0)
    losses = [float(np.mean(loss(targets(taught), predict_logits(network, pixels))))]
    refit_head(network, taught, plan)
    losses.append(float(np.mean(loss(targets(taught), predict_logits(network, pixels)))))
    assert all(np.array_equal(*pair) for pair in zip(before, backbone.get_weights(), strict=True))
    assert losses[1] < losses[0]


def test_the_same_copy_of_a_picture_is_changed_the_same_way_each_time() -> None:
    backbone = build_backbone(size=SIDE, weights=None)
    network = join(backbone, build_head(shape=backbone.output_shape[1:]))
    votes = np.eye(7, dtype=np.float32)
    taught = Pictures(
        np.stack([drawn_face(n, n) for n in range(7)]), votes, np.arange(7), np.full(7, -1), np.ones(7, bool)
    )
    first, again, other = (changed_features(network, taught, TrainingPlan(out=""), copy) for copy in (0, 0, 1))
    assert first.shape == (7, *backbone.output_shape[1:])
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
