"""Crops the faces of the pictures: upright, all of the same size and position."""

from dataclasses import replace
from functools import cache
from typing import Final

import cv2
import numpy as np

from emotion.classifier.faces import FaceDetector, cut_square
from emotion.classifier.spec import DEFAULT_CROP
from research.training.datasets import FaceSet, LabelledFace, Pixels

SIDE: Final = 128
LEAST_SCORE: Final = 0.5


def cut_faces(faces: FaceSet) -> FaceSet:
    """The largest face of each picture as a grey square of side SIDE; a picture without a face is not changed."""
    return FaceSet(faces.name, tuple(_cut(face) for face in faces))


def _cut(face: LabelledFace) -> LabelledFace:
    picture = face.read()
    colour = picture if picture.ndim == 3 else np.repeat(picture[..., np.newaxis], 3, axis=-1)
    found = _detector().detect(colour, min_score=LEAST_SCORE)
    if not found:
        return face
    square: Pixels = cv2.cvtColor(cut_square(colour, found[0], DEFAULT_CROP, SIDE), cv2.COLOR_RGB2GRAY)
    return replace(face, read=lambda: square)


@cache
def _detector() -> FaceDetector:
    return FaceDetector()
