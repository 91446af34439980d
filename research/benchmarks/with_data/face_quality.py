"""Effect of light, noise, blur, compression, roll, distance and covers on accuracy, and the refusals they cause.

`python research/benchmarks/with_data/face_quality.py DATASET [--cut] [--json docs/measurements/corruptions.json]
[--page docs/face-quality.md]` for any data set that `evaluate_classifier` accepts. The faces are placed in a 640 x 480
scene; `--cut`: they are already cropped to the face. The quality thresholds are set where these figures show that
readings are of little value.
"""

import argparse
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from emotion.classifier.faces import MOUTH, NOSE, Face, FaceDetector
from emotion.classifier.images import RGB, decode_jpeg
from emotion.classifier.runtime import Classifier, get_classifier
from emotion.classifier.spec import Prior
from emotion.labels import LOW_CONFIDENCE, READING
from research.training.datasets import load_dataset

WIDTH, HEIGHT = 640, 480
#: Size of the detector's box as a fraction of the side of a whole picture, and of a cropped one.
WHOLE_SHARE, CUT_SHARE = 0.55, 0.84

#: Size of the faces that are changed.
FACE_PX = 150
PRIORS: tuple[Prior, ...] = ("everyday", "balanced")

Change = Callable[[RGB], RGB]
#: A row per face, a column per prior (PRIORS): 1 right, 0 wrong, NaN without an answer.
Hits = NDArray[np.float64]


def set_scene(picture: RGB, face_px: float, *, cut: bool) -> RGB:
    """The picture scaled to a face of about `face_px`, at the bottom of a plain scene with sensor noise."""
    scale = face_px / (max(picture.shape[:2]) * (CUT_SHARE if cut else WHOLE_SHARE))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    inner = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=method)[:HEIGHT, :WIDTH]
    top, left = HEIGHT - inner.shape[0], (WIDTH - inner.shape[1]) // 2
    if cut:
        top //= 2
        below, right = HEIGHT - top - inner.shape[0], WIDTH - left - inner.shape[1]
        return np.asarray(cv2.copyMakeBorder(inner, top, below, left, right, cv2.BORDER_REPLICATE), np.uint8)
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


def grain(deviation: float) -> Change:
    random = np.random.default_rng(2)
    return lambda picture: np.clip(picture + random.normal(0, deviation, picture.shape), 0, 255).astype(np.uint8)


def compress(quality: int) -> Change:
    def change(picture: RGB) -> RGB:
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, "JPEG", quality=quality)
        return decode_jpeg(stream.getvalue())

    return change


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
        **{f"roll {degrees}": turn(degrees) for degrees in (-15, 15, 30, 45)},
        **{f"dim {light}": dim(light) for light in (0.5, 0.3, 0.2, 0.12, 0.08)},
        **{f"bright {gain}": brighten(gain) for gain in (1.5, 2.0, 3.0)},
        **{f"blur {sigma}": blur(sigma) for sigma in (2, 4, 6, 8)},
        **{f"noise {deviation}": grain(deviation) for deviation in (10, 20, 40)},
        **{f"JPEG {quality}": compress(quality) for quality in (50, 20, 10)},
        "mouth covered": cover(detector, hide_mouth),
        "half covered": cover(detector, hide_half),
    }


def ask_all(classifier: Classifier, scenes: Iterable[RGB], labels: list[int]) -> tuple[Counter[str], Hits]:
    """Counts of outcomes, and which answers are right under each prior, confident or not."""
    outcomes: Counter[str] = Counter()
    hits = np.full((len(labels), len(PRIORS)), np.nan)
    for row, (scene, label) in enumerate(zip(scenes, labels, strict=True)):
        look = classifier.look(scene)
        outcomes[classifier.conclude([look]).outcome] += 1
        if look.logits is not None:
            logits = look.logits
            hits[row] = [np.argmax(classifier.spec.posterior(logits, prior)) == label for prior in PRIORS]
    return outcomes, hits


def describe(change: str, outcomes: Counter[str], hits: Hits, unchanged: Hits) -> dict[str, Any]:
    """`answered`: share with an answer; `withheld`: share with outcome `low_confidence`; accuracy of the answered under
    each prior; `lost`: the loss of accuracy of the `compared`, which are answered both changed and unchanged."""
    answered = ~np.isnan(hits[:, 0])
    both = answered & ~np.isnan(unchanged[:, 0])
    return {
        "change": change,
        "answered": round(float(answered.mean()), 4),
        "withheld": round(outcomes[LOW_CONFIDENCE] / len(hits), 4),
        **_share(hits[answered]),
        "compared": int(both.sum()),
        "lost": _share(unchanged[both] - hits[both]),
        "margin": _margin(unchanged[both] - hits[both]),
        "outcomes": dict(outcomes.most_common()),
    }


def _share(values: Hits) -> dict[str, float | None]:
    return {prior: round(float(values[:, i].mean()), 4) if len(values) else None for i, prior in enumerate(PRIORS)}


def _margin(values: Hits) -> dict[str, float | None]:
    if not len(values):
        return dict.fromkeys(PRIORS)
    errors = 1.96 * values.std(axis=0) / np.sqrt(len(values))
    return {prior: round(float(errors[i]), 4) for i, prior in enumerate(PRIORS)}


def measure_all(pictures: list[RGB], labels: list[int], *, cut: bool) -> list[dict[str, Any]]:
    """One row per change; the first is unchanged."""
    classifier = get_classifier()
    scenes = [set_scene(picture, FACE_PX, cut=cut) for picture in pictures]
    outcomes, unchanged = ask_all(classifier, scenes, labels)
    rows = [describe("none", outcomes, unchanged, unchanged)]
    for size in tqdm((250, 100, 80, 60, 50, 40), desc="distances", disable=None):
        placed = (set_scene(picture, size, cut=cut) for picture in pictures)
        rows.append(describe(f"face of {size} px", *ask_all(classifier, placed, labels), unchanged))
    for name, change in tqdm(list_changes().items(), desc="changes", disable=None):
        rows.append(describe(name, *ask_all(classifier, map(change, scenes), labels), unchanged))
    return rows


def write_page(figures: dict[str, Any]) -> str:
    """The table of one run, in Markdown."""
    split = f" ({figures['split']})" if figures["split"] else ""
    lines = [
        "# What light, blur, roll, distance and covers cost",
        "",
        "Written by `python research/benchmarks/with_data/face_quality.py --page`"
        " from `measurements/corruptions.json`.",
        "",
        f"{figures['faces']} faces of {figures['dataset']}{split}, {figures['face_px']} pixels wide in a scene of"
        f" {WIDTH} x {HEIGHT}, read by {figures['model']} once as they are and once after each change. Points lost: of"
        " the faces answered both times, how many more were right unchanged, with 95 % margins. `low_confidence`"
        " counts as an answer.",
        "",
        "| change | answered | right, everyday | points lost | right, balanced | points lost | refused because |",
        "|---|---|---|---|---|---|---|",
        *map(_line, figures["rows"]),
        "",
    ]
    return "\n".join(lines)


def _line(row: dict[str, Any]) -> str:
    cells: list[str] = []
    for prior in PRIORS:
        right, lost, margin = row[prior], row["lost"][prior], row["margin"][prior]
        cells += ["" if right is None else f"{right:.1%}"]
        cells += ["" if lost is None else f"{100 * lost:.1f} ± {100 * margin:.1f}"]
    refused = {name: count for name, count in row["outcomes"].items() if name not in (READING, LOW_CONFIDENCE)}
    reasons = ", ".join(f"{name} {count}" for name, count in refused.items())
    return f"| {row['change']} | {row['answered']:.1%} | {' | '.join(cells)} | {reasons} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--cut", action="store_true")
    parser.add_argument("--split")
    parser.add_argument("--faces", type=int, default=1500, help="drawn at random, the same ones every time")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures here too")
    parser.add_argument("--page", type=Path, metavar="OUT", help="write them as a table here")
    options = parser.parse_args()
    found = load_dataset(options.dataset)
    found = found.split(options.split) if options.split else found
    rows = np.random.default_rng(0).permutation(len(found))[: options.faces].tolist()
    pictures = [to_rgb(found.faces[row].read()) for row in rows]
    spec = get_classifier().spec
    figures = {
        "dataset": found.name,
        "split": options.split,
        "model": spec.name,
        "sha256": spec.sha256,
        "faces": len(pictures),
        "face_px": FACE_PX,
        "rows": measure_all(pictures, [int(found.labels[row]) for row in rows], cut=options.cut),
    }
    text = json.dumps(figures, indent=1)
    if options.json:
        options.json.write_text(text + "\n")
    if options.page:
        options.page.write_text(write_page(figures))
    print(text)


def to_rgb(pixels: RGB) -> RGB:
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., np.newaxis], 3, axis=2)


if __name__ == "__main__":
    main()
