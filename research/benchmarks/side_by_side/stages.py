"""The classifier from JPEG bytes to probabilities, whole and by stage.

Milliseconds per 640 x 480 frame on one thread: `wall` is the median; `cpu` the mean of processor time, which depends
less on other work on the machine.
"""

import io
import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from emotion.classifier.faces import cut_square
from emotion.classifier.images import decode_jpeg
from emotion.classifier.quality import measure
from emotion.classifier.runtime import Classifier, get_classifier
from emotion.jpeg import check_jpeg
from research.load.drawn_face import draw_face

_WARM_UP = 20


def draw_frame(share: float = 1.0) -> bytes:
    """A person at a desk as a 640 x 480 JPEG; `share` shrinks the head."""
    side = round(400 * share)
    scene = np.full((480, 640, 3), 105, np.uint8)
    scene[480 - side :, 320 - side // 2 : 320 - side // 2 + side] = cv2.resize(draw_face(1), (side, side))
    noisy = np.clip(scene + np.random.default_rng(1).normal(0, 4, scene.shape), 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noisy).save(stream, "JPEG", quality=85)
    return stream.getvalue()


def time_calls(call: Callable[[], object], calls: int) -> dict[str, float]:
    for _ in range(_WARM_UP):
        call()
    walls, cpu = [], time.process_time()
    for _ in range(calls):
        start = time.perf_counter()
        call()
        walls.append(time.perf_counter() - start)
    spent = time.process_time() - cpu
    return {"wall_ms": round(statistics.median(walls) * 1e3, 3), "cpu_ms": round(spent / calls * 1e3, 3)}


def time_stages(frame: bytes, calls: int) -> dict[str, dict[str, float]]:
    classifier = get_classifier()
    limits, crop = classifier.spec.thresholds, classifier.spec.preprocessing.crop
    picture = decode_jpeg(frame)
    face = classifier.detector.detect(picture, min_score=limits.face_score)[0]
    square = cut_square(picture, face, crop, classifier.spec.input.width)
    stages: dict[str, Callable[[], object]] = {
        "header check": lambda: check_jpeg(frame),
        "decode": lambda: decode_jpeg(frame),
        "find faces": lambda: classifier.detector.detect(picture, min_score=limits.face_score),
        "cut": lambda: cut_square(picture, face, crop, classifier.spec.input.width),
        "quality": lambda: measure(face, square),
        "network": lambda: classifier.network.logits(square),
        "frame, all": lambda: classifier.conclude([classifier._look_at_jpeg(frame)]),
        "overwriting its traces": lambda: _forget(classifier),
    }
    return {name: time_calls(stage, calls) for name, stage in stages.items()}


def _forget(classifier: Classifier) -> None:
    classifier.detector._near._engine._used = classifier.network._engine._used = True
    classifier.forget()
