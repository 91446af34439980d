import io
from typing import Any

import numpy as np
import pytest
import skimage.data
from PIL import Image

from emotion.classifier.images import RGB
from emotion.classifier.runtime import Classifier
from emotion.classifier.spec import (
    DEFAULT_CROP,
    Calibration,
    Calibrations,
    Confusion,
    Golden,
    Input,
    ModelSpec,
    Preprocessing,
)
from emotion.labels import EXPRESSIONS
from research.load.drawn_face import draw_face

EVEN = (1 / 7,) * 7


PLAIN = Calibration(temperature=1.0, bias=(0.0,) * 7)


def make_spec(**changes: Any) -> ModelSpec:
    fields: dict[str, Any] = {
        "name": "test-1",
        "weights": "test.tflite",
        "sha256": "0" * 64,
        "input": Input(height=48, width=48, channels=3, color="grey"),
        "preprocessing": Preprocessing(order="BGR", mean=(103.939, 116.779, 123.68), crop=DEFAULT_CROP),
        "labels": EXPRESSIONS,
        "calibration": Calibrations(PLAIN, PLAIN),
        "training_prior": EVEN,
        "everyday_prior": EVEN,
        "confusion": Confusion(everyday=(EVEN,) * 7, balanced=(EVEN,) * 7),
        "golden": Golden(seed=1, probabilities=EVEN, tolerance=0.03),
        "licence": "none",
        "data": ("made up",),
        "intended_use": "tests",
    }
    return ModelSpec(**{**fields, **changes})


def to_jpeg(picture: RGB) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def make_scene(face: RGB, *, left: int = 200, top: int = 120) -> RGB:
    """The drawn head in a plain room, 640 x 480."""
    scene = np.full((480, 640, 3), 105, np.uint8)
    scene[top : top + face.shape[0], left : left + face.shape[1]] = face
    return scene


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier.load()


@pytest.fixture(scope="session")
def drawn() -> RGB:
    return draw_face(1)


@pytest.fixture(scope="session")
def smile() -> RGB:
    return np.ascontiguousarray(skimage.data.astronaut())
