"""A drawn face, not a photograph, for where no picture of a person may be.

`Image.fromarray(draw_face(1)).save("emotion/classifier/golden.png", optimize=True)` writes what workers classify first.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion.classifier.images import RGB

SIDE: Final = 256

#: x, y, radius x, radius y (fractions of the side), softness of the edge, grey value; painted in this order.
_HEAD: Final = (
    (0.500, 0.420, 0.270, 0.330, 0.15, 45.0),  # hair
    (0.500, 0.850, 0.400, 0.220, 0.15, 70.0),  # shoulders
    (0.500, 0.680, 0.100, 0.150, 0.15, 150.0),  # neck
    (0.500, 0.500, 0.215, 0.275, 0.15, 178.0),  # face
    (0.500, 0.240, 0.200, 0.070, 0.50, 50.0),  # fringe
)
#: The same on both sides, with x measured outwards from the middle.
_SIDES: Final = (
    (0.085, 0.420, 0.055, 0.012, 0.50, 60.0),  # brow
    (0.085, 0.462, 0.042, 0.030, 0.80, 140.0),  # socket
    (0.085, 0.465, 0.034, 0.015, 0.30, 235.0),  # white of the eye
    (0.085, 0.465, 0.015, 0.015, 0.30, 30.0),  # iris
    (0.022, 0.575, 0.012, 0.008, 0.60, 90.0),  # nostril
    (0.100, 0.570, 0.050, 0.040, 1.50, 195.0),  # cheek
)
_MIDDLE: Final = (
    (0.500, 0.520, 0.020, 0.060, 1.20, 205.0),  # bridge of the nose
    (0.500, 0.570, 0.045, 0.020, 1.50, 150.0),  # tip of the nose
    (0.500, 0.652, 0.085, 0.024, 0.40, 70.0),  # lips
    (0.500, 0.645, 0.062, 0.012, 0.40, 230.0),  # teeth
)
_TINT: Final = (1.05, 0.9, 0.8)
_GRAIN: Final = 4.0


def draw_face(seed: int) -> RGB:
    """A drawn smiling head, 256 x 256; `seed` (32 bits) determines the grain."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    grey: NDArray[np.float64] = 90 + 40 * rows
    sides = [(middle, *shape) for outwards, *shape in _SIDES for middle in (0.5 - outwards, 0.5 + outwards)]
    for x, y, radius_x, radius_y, softness, value in (*_HEAD, *sides, *_MIDDLE):
        radius = np.hypot((columns - x) / radius_x, (rows - y) / radius_y)
        grey += (value - grey) * np.clip((1 - radius) / softness + 0.5, 0, 1)
    grey += np.random.RandomState(seed).uniform(-_GRAIN, _GRAIN, (SIDE, SIDE))
    return np.clip(np.rint(grey[..., np.newaxis] * _TINT), 0, 255).astype(np.uint8)
