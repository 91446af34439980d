"""Seven-bit weights for an int8 LiteRT file, so that every processor gives the same answer.

Processors without VNNI multiply eight-bit activations and weights in pairs and add each pair into sixteen bits; with
weights beyond -64..64 that sum saturates, and answers change by whole logits. With them inside it cannot
(2 x 255 x 64 < 2^15). See Intel, "Lower Numerical Precision Deep Learning Inference and Training" (2018), and the
same remedy in OpenVINO's NNCF ("overflow fix").
"""

from __future__ import annotations

from typing import Final

import numpy as np

from research.training.litert_file import NO_BIAS, LiteRtFile, Weights

_MOST: Final = 64


def limit_weights(content: bytes) -> bytes:
    """The same network with weights in -64..64 and scales twice as large; biases follow.

    What is within already, or not int8, comes back as it was. Raises ValueError when it is no LiteRT file.
    """
    file, changed = LiteRtFile(content), False
    for kernel, bias in file.layers:
        weights = file.read(kernel)
        if weights.levels.dtype == np.int8 and np.abs(weights.levels.astype(np.int16)).max() > _MOST:
            file.replace(kernel, _halve(weights))
            if bias != NO_BIAS:
                file.replace(bias, _halve(file.read(bias)))
            changed = True
    return file.to_bytes() if changed else content


def _halve(weights: Weights) -> Weights:
    if weights.scale is None:
        return weights
    return Weights(np.rint(weights.levels / 2).astype(weights.levels.dtype), weights.scale * 2)
