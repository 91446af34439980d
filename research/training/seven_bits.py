"""Seven-bit weights for an int8 LiteRT file, so that every processor gives the same answer.

Processors without VNNI multiply 8-bit activations and weights in pairs and add each pair in 16 bits. With weights
beyond -64..64 this sum can saturate, which changes answers by whole logits; within this range it cannot
(2 x 255 x 64 < 2^15). See Intel, "Lower Numerical Precision Deep Learning Inference and Training" (2018), and the
"overflow fix" of OpenVINO's NNCF.
"""

from typing import Final

import numpy as np

from research.training.litert_file import Weights, read_layers

_MOST: Final = 64


def limit_weights(content: bytes) -> bytes:
    """The same network with weights in -64..64, doubled scales and adjusted biases.

    Layers already in this range, or not int8, are not changed. Raises ValueError when `content` is not a LiteRT file.
    """
    changed = bytearray(content)
    for layer in read_layers(changed):
        levels = layer[0].levels
        if levels.dtype == np.int8 and np.abs(levels.astype(np.int16)).max() > _MOST:
            for weights in layer:
                _halve(weights)
    return bytes(changed)


def _halve(weights: Weights) -> None:
    if weights.scale is not None:
        weights.levels[...] = np.rint(weights.levels / 2)
        weights.scale[...] *= 2
