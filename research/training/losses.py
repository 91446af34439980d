"""The loss over both readouts, and a metric; registered, so that checkpoints can refer to them by name."""

from typing import Any

import keras
import numpy as np

from research.training.networks import CLASSES


@keras.saving.register_keras_serializable(package="emotion")
class AdjustedLoss(keras.losses.Loss):
    """Logit-adjusted cross-entropy (Menon et al. 2021) of both readouts.

    `priors` (2, 7) are those of the sampled faces. Their logarithm is added in the loss, so that the logits themselves
    are for a uniform prior, and any other prior can be applied later.
    """

    def __init__(self, priors: list[list[float]], second_weight: float, **others: Any) -> None:
        super().__init__(name=others.pop("name", "adjusted_loss"), **others)
        self.priors, self.second_weight = priors, second_weight
        self.log_priors = np.log(np.maximum(np.array(priors, dtype=np.float32), 1e-4))

    def call(self, y_true: Any, y_pred: Any) -> Any:
        votes_of, logits_of = keras.ops.split(y_true, 2, axis=1), keras.ops.split(y_pred, 2, axis=1)
        first, second = (
            keras.ops.categorical_crossentropy(votes, logits + keras.ops.convert_to_tensor(prior), from_logits=True)
            for votes, logits, prior in zip(votes_of, logits_of, self.log_priors, strict=True)
        )
        return first + self.second_weight * second

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "priors": self.priors, "second_weight": self.second_weight}


@keras.saving.register_keras_serializable(package="emotion")
def agreement(y_true: Any, y_pred: Any) -> Any:
    """Share of the augmented pictures on which the first readout, under a uniform prior, agrees with the votes."""
    votes, logits = y_true[:, :CLASSES], y_pred[:, :CLASSES]
    return keras.ops.cast(keras.ops.argmax(votes, axis=1) == keras.ops.argmax(logits, axis=1), "float32")
