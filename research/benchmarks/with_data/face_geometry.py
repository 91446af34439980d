"""Positions of facial points in FER2013 crops: `python research/benchmarks/with_data/face_geometry.py ferplus.zip`.

Prints the medians for `emotion.classifier.spec.DEFAULT_CROP`, and their variation.
"""

import argparse
import io
import json
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emotion.classifier.faces import NEAR, BlazeFace, Face, roll

_SIDE = 192
_MARGIN = 72
_LEAST_SCORE = 0.7


def place_points(face: Face) -> NDArray[np.float64]:
    """Mean x, mean y and spread of the points, as fractions of the crop's side, after it is rotated upright."""
    points = (face.points - _MARGIN) / _SIDE - 0.5
    cosine, sine = np.cos(roll(face)), np.sin(roll(face))
    level = points @ np.array([[cosine, -sine], [sine, cosine]]) + 0.5
    center = level.mean(axis=0)
    return np.array([*center, np.sqrt(np.mean(np.sum((level - center) ** 2, axis=1)))])


def measure_faces(archive: zipfile.ZipFile, names: list[str]) -> NDArray[np.float64]:
    detector, rows = BlazeFace(NEAR), []
    for name in names:
        small = np.array(Image.open(io.BytesIO(archive.read(name))).convert("RGB"))
        large = cv2.resize(small, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(large, _MARGIN, _MARGIN, _MARGIN, _MARGIN, cv2.BORDER_REPLICATE)
        rows += [place_points(face) for face in detector.detect(framed, min_score=_LEAST_SCORE)[:1]]
    return np.array(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", type=Path)
    parser.add_argument("--faces", type=int, default=4000)
    options = parser.parse_args()
    with zipfile.ZipFile(options.archive) as archive:
        names = [name for name in archive.namelist() if name.startswith("FER2013Train/")]
        chosen = np.random.default_rng(0).permutation(len(names))[: options.faces]
        rows = measure_faces(archive, [names[i] for i in chosen])
    median, deviation = np.median(rows, axis=0), rows.std(axis=0)
    fields = ("center_x", "center_y", "spread")
    figures = {
        name: [round(float(m), 4), round(float(d), 4)] for name, m, d in zip(fields, median, deviation, strict=True)
    }
    print(json.dumps({"faces": len(rows), "median_and_deviation": figures}))


if __name__ == "__main__":
    main()
