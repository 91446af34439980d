"""Whether a face is good enough to classify, and if not, why. Measured on the network's input square."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from emotion.classifier.faces import LEFT_EAR, LEFT_EYE, NOSE, RIGHT_EAR, RIGHT_EYE, Face
from emotion.classifier.images import RGB, find_range
from emotion.classifier.spec import Thresholds
from emotion.labels import Outcome

#: Side (pixels) at which the measures are taken, whatever the size of the network's input.
SIDE: Final = 48
#: Luminance (0..255) from which a pixel counts as overexposed.
WHITE: Final = 250
#: Quality of a face that just passes one threshold; at twice the threshold it is 1.
JUST_PASSED: Final = 0.25


@dataclass(frozen=True, slots=True)
class Measures:
    """`size`: longer side of the face in pixels. `turn`: 0 facing the camera, 1 in profile. `bright`: 95th percentile
    of luminance, 0..1. `contrast`: that less the 5th percentile. `glare`: share of overexposed pixels. `sharpness`:
    variance of the Laplacian divided by the variance of luminance."""

    size: float
    turn: float
    bright: float
    contrast: float
    glare: float
    sharpness: float


def measure(face: Face, square: RGB) -> Measures:
    grey = cv2.cvtColor(cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    dark, bright = find_range(grey)
    return Measures(
        size=face.size,
        turn=turn(face),
        bright=bright,
        contrast=bright - dark,
        glare=float(np.mean(grey >= WHITE)),
        sharpness=float(np.var(cv2.Laplacian(grey, cv2.CV_32F)) / (np.var(grey) + 1)),
    )


def turn(face: Face) -> float:
    """Asymmetry of the face, 0..1, from the position of the nose between the ears and between the eyes."""
    points = face.points
    across = points[LEFT_EYE] - points[RIGHT_EYE]
    across = across / max(float(np.hypot(*across)), 1e-3)
    right = np.clip((points[NOSE] - points[[RIGHT_EAR, RIGHT_EYE]]) @ across, 0, None)
    left = np.clip((points[[LEFT_EAR, LEFT_EYE]] - points[NOSE]) @ across, 0, None)
    return float(np.mean(np.abs(right - left) / np.maximum(right + left, 1e-3)))


def refuse_faces(faces: Sequence[Face], limits: Thresholds) -> Outcome | None:
    """Why none of `faces` (largest first) can be taken for the person at the screen, else None."""
    if not faces:
        return "no_face"
    if len(faces) > 1 and faces[1].size >= limits.second_face * faces[0].size:
        return "several_faces"
    if faces[0].size < limits.min_face_px:
        return "too_small"
    return None


def refuse_scene(picture: RGB, limits: Thresholds) -> Outcome:
    """Why no face is found: with a covered lens or in a dark room none can be, even if a person is there."""
    small = cv2.cvtColor(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    return "too_dark" if find_range(small)[1] < limits.min_brightness else "no_face"


def refuse_look(measures: Measures, limits: Thresholds) -> Outcome | None:
    """Why this face cannot be classified, else None."""
    if measures.bright < limits.min_brightness:
        return "too_dark"
    if measures.glare > limits.max_glare:
        return "too_bright"
    if measures.contrast < limits.min_contrast:
        return "too_dark" if measures.bright < 0.5 else "too_bright"
    if measures.sharpness < limits.min_sharpness:
        return "blurred"
    if measures.turn > limits.max_turn:
        return "turned_away"
    return None


def rate(measures: Measures, limits: Thresholds) -> float:
    """0.25 for a face that just passes, up to 1; decided by its worst measure."""
    margins = (
        measures.size / limits.min_face_px - 1,
        measures.bright / limits.min_brightness - 1,
        measures.contrast / limits.min_contrast - 1,
        measures.sharpness / limits.min_sharpness - 1,
        2 * (1 - measures.glare / limits.max_glare),
        2 * (1 - measures.turn / limits.max_turn),
    )
    return JUST_PASSED + (1 - JUST_PASSED) * min(1.0, max(0.0, min(margins)))
