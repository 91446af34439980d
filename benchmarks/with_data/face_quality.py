"""What dim light, glare, blur, roll, distance and covers cost, and which are refused and why.

`python benchmarks/with_data/face_quality.py DATASET [--cut]` for any data set that `evaluate_classifier` takes. The
faces are set into a 640 x 480 scene; `--cut` says that they are cut to the face already. The gates' thresholds stand
where these figures show a reading to be worth little.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import cv2
import numpy as np

from emotion.classifier.faces import MOUTH, NOSE, Face, FaceDetector
from emotion.classifier.images import RGB
from emotion.classifier.runtime import Classifier, get_classifier
from emotion.training.datasets import load_dataset

WIDTH, HEIGHT = 640, 480
#: Share of the side of a whole picture, and of a cut one, that the detector's box takes.
WHOLE_SHARE, CUT_SHARE = 0.55, 0.84

Change = Callable[[RGB], RGB]


def set_scene(picture: RGB, face_px: float, *, cut: bool) -> RGB:
    """The picture scaled so that its face has about `face_px`, at the foot of a plain scene with sensor noise."""
    scale = face_px / (max(picture.shape[:2]) * (CUT_SHARE if cut else WHOLE_SHARE))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    inner = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method)[:HEIGHT, :WIDTH]
    top, left = HEIGHT - inner.shape[0], (WIDTH - inner.shape[1]) // 2
    if cut:
        top //= 2
        below, right = HEIGHT - top - inner.shape[0], WIDTH - left - inner.shape[1]
        return cv2.copyMakeBorder(inner, top, below, left, right, cv2.BORDER_REPLICATE)
    scene = np.full((HEIGHT, WIDTH, 3), 115, np.uint8)
    scene[top:, left : left + inner.shape[1]] = inner
    return add_noise(scene, 1.0)


def add_noise(picture: RGB, light: float) -> RGB:
    noise = np.random.default_rng(1).normal(0, 2, picture.shape)
    return np.clip(picture * light + noise, 0, 255).astype(np.uint8)


def brighten(gain: float) -> Change:
    return lambda picture: np.clip(picture * gain, 0, 255).astype(np.uint8)


def dim(light: float) -> Change:
    return lambda picture: add_noise(picture, light)


def blur(sigma: float) -> Change:
    return lambda picture: cv2.GaussianBlur(picture, (0, 0), sigma)


def turn(degrees: float) -> Change:
    turning = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT * 0.6), degrees, 1)
    return lambda picture: cv2.warpAffine(picture, turning, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def cover(detector: FaceDetector, hide: Callable[[RGB, Face], None]) -> Change:
    def change(picture: RGB) -> RGB:
        covered = picture.copy()
        for face in detector.detect(picture, min_score=0.5)[:1]:
            hide(covered, face)
        return covered

    return change


def hide_mouth(picture: RGB, face: Face) -> None:
    x, y = face.points[MOUTH]
    axes = (round(face.size * 0.3), round(face.size * 0.2))
    cv2.ellipse(picture, (round(float(x)), round(float(y))), axes, 0, 0, 360, (150, 130, 120), -1)


def hide_half(picture: RGB, face: Face) -> None:
    picture[:, : max(0, int(face.points[NOSE, 0]))] = 70


def list_changes() -> dict[str, Change]:
    detector = FaceDetector()
    return {
        "clean": lambda picture: picture,
        **{f"roll {degrees}": turn(degrees) for degrees in (-15, 15, 30, 45)},
        **{f"dim {light}": dim(light) for light in (0.5, 0.3, 0.2, 0.12, 0.08)},
        **{f"bright {gain}": brighten(gain) for gain in (1.5, 2.0, 3.0)},
        **{f"blur {sigma}": blur(sigma) for sigma in (2, 4, 6, 8)},
        "mouth covered": cover(detector, hide_mouth),
        "half covered": cover(detector, hide_half),
    }


def ask_all(classifier: Classifier, scenes: list[RGB], labels: list[int]) -> dict[str, object]:
    """Share read, accuracy of those under either prior, and the reasons of the others."""
    outcomes: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for scene, label in zip(scenes, labels, strict=True):
        look = classifier.look(scene)
        outcomes[classifier.conclude([look]).outcome] += 1
        for prior in ("everyday", "balanced") if look.logits else ():
            right[prior] += int(np.argmax(classifier.spec.posterior(look.logits, prior))) == label
            right["of", prior] += 1
    accuracy = {prior: round(right[prior] / max(1, right["of", prior]), 4) for prior in ("everyday", "balanced")}
    return {"outcomes": dict(outcomes.most_common()), **accuracy}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--cut", action="store_true")
    parser.add_argument("--split")
    parser.add_argument("--faces", type=int, default=300)
    options = parser.parse_args()
    found = load_dataset(options.dataset)
    found = found.split(options.split) if options.split else found
    rows = np.random.default_rng(0).permutation(len(found))[: options.faces].tolist()
    pictures = [to_rgb(found.faces[row].read()) for row in rows]
    labels = [int(found.labels[row]) for row in rows]
    classifier = get_classifier()
    for size in (250, 150, 100, 80, 60, 50, 40):
        scenes = [set_scene(picture, size, cut=options.cut) for picture in pictures]
        print(json.dumps({"change": f"face of {size} px", **ask_all(classifier, scenes, labels)}), flush=True)
    scenes = [set_scene(picture, 150, cut=options.cut) for picture in pictures]
    for name, change in list_changes().items():
        changed = [change(scene) for scene in scenes]
        print(json.dumps({"change": name, **ask_all(classifier, changed, labels)}), flush=True)


def to_rgb(pixels: RGB) -> RGB:
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., np.newaxis], 3, axis=2)


if __name__ == "__main__":
    main()
