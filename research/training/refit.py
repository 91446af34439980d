"""Trains the head again on features of augmented pictures, and averages it with the former head."""

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from research.training.augmentation import PRESETS
from research.training.batches import Pictures, drawn_priors, sampling_weights, targets
from research.training.losses import AdjustedLoss
from research.training.networks import preprocess
from research.training.plan import TrainingPlan

EPOCHS, LEARNING_RATE, BATCH = 2, 3e-4, 128

Maps = NDArray[np.float16]


def refit_head(network: keras.Model, taught: Pictures, plan: TrainingPlan) -> None:
    """Refit the head with equal weight for both readouts, and set `network` to the mean of the old and new head.

    The layers below are fixed, so the features of `plan.refit_copies` augmented copies of each picture are computed
    once. The mean of both heads keeps the strengths of each (Wortsman et al. 2022, model soups): refitting alone gains
    on posed faces and loses on the crowd's.
    """
    head = network.get_layer("head")
    before = head.get_weights()
    copies = [changed_features(network, taught, plan, copy) for copy in range(plan.refit_copies)]
    chances = sampling_weights(taught.votes, power=plan.rare_power, cap=plan.rare_cap)
    steps = EPOCHS * len(copies) * max(1, len(taught) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    loss = AdjustedLoss(drawn_priors(taught, chances).tolist(), 1.0)
    head.compile(optimizer=keras.optimizers.Adam(rate), loss=loss, jit_compile=False)
    weight = (chances * len(taught)).astype(np.float32)
    for maps in copies * EPOCHS:
        head.fit(maps, targets(taught), sample_weight=weight, batch_size=BATCH, epochs=1, verbose=0)
    head.set_weights([(old + new) / 2 for old, new in zip(before, head.get_weights(), strict=True)])


def changed_features(network: keras.Model, taught: Pictures, plan: TrainingPlan, copy: int) -> Maps:
    """Feature maps of every picture, augmented by the plan; `copy` determines the changes."""
    random, change = np.random.default_rng((plan.seed, copy)), PRESETS[plan.augmentation]
    backbone = network.get_layer("vgg16")
    backbone.compile(jit_compile=False)
    parts = []
    for start in tqdm(range(0, len(taught), BATCH), desc=f"features {copy + 1}", leave=False, disable=None):
        pixels = np.stack([change.apply(picture, random) for picture in taught.pixels[start : start + BATCH]])
        parts.append(backbone.predict_on_batch(preprocess(pixels)).astype(np.float16))
    return np.concatenate(parts)
