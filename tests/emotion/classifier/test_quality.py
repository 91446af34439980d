import cv2
import numpy as np
import pytest

from emotion.classifier.faces import Face
from emotion.classifier.images import RGB
from emotion.classifier.quality import Measures, measure, rate, refuse_faces, refuse_look, turn
from emotion.classifier.spec import DEFAULT_THRESHOLDS

GOOD = Measures(size=150, turn=0.05, bright=0.8, contrast=0.6, glare=0.0, sharpness=0.4)


def make_face(size: float = 100, nose: float = 50) -> Face:
    points = [[30, 40], [70, 40], [nose, 60], [nose, 75], [10, 45], [90, 45]]
    return Face(score=0.9, box=(0, 0, size, size), points=np.array(points, np.float32))


def test_face_that_looks_ahead_has_no_turn() -> None:
    assert turn(make_face()) == pytest.approx(0)


def test_turn_grows_as_the_nose_nears_an_ear_and_is_the_same_on_both_sides() -> None:
    turns = [turn(make_face(nose=nose)) for nose in (50, 60, 70, 80, 90)]
    assert turns == sorted(turns)
    assert turns[-1] == pytest.approx(1)
    assert turn(make_face(nose=35)) == pytest.approx(turn(make_face(nose=65)))


def test_turn_does_not_change_with_roll() -> None:
    face = make_face(nose=62)
    angle = np.radians(30)
    turning = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    assert turn(Face(0.9, face.box, face.points @ turning.T)) == pytest.approx(turn(face), abs=1e-4)


def test_measures_of_a_square_half_black_half_white() -> None:
    square = np.zeros((96, 96, 3), np.uint8)
    square[:, 48:] = 255
    measures = measure(make_face(), square)
    assert (measures.size, measures.bright, measures.contrast, measures.glare) == (100, 1.0, 1.0, 0.5)
    assert measures.sharpness > 0


def test_blur_lowers_sharpness_and_dimming_does_not(smile: RGB) -> None:
    square = np.ascontiguousarray(smile[80:176, 178:274])
    sharp = measure(make_face(), square).sharpness
    assert measure(make_face(), cv2.GaussianBlur(square, (0, 0), 4)).sharpness < sharp / 4
    assert measure(make_face(), (square * 0.5).astype(np.uint8)).sharpness == pytest.approx(sharp, rel=0.1)


def test_nobody_or_several_or_a_far_face_is_refused() -> None:
    assert refuse_faces([], DEFAULT_THRESHOLDS) == "no_face"
    assert refuse_faces([make_face(100), make_face(61)], DEFAULT_THRESHOLDS) == "several_faces"
    assert refuse_faces([make_face(39)], DEFAULT_THRESHOLDS) == "too_small"


def test_one_near_face_passes_even_with_somebody_far_behind() -> None:
    assert refuse_faces([make_face(100)], DEFAULT_THRESHOLDS) is None
    assert refuse_faces([make_face(100), make_face(59)], DEFAULT_THRESHOLDS) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"bright": 0.09, "contrast": 0.05}, "too_dark"),
        ({"bright": 0.3, "contrast": 0.05}, "too_dark"),
        ({"bright": 0.9, "contrast": 0.05}, "too_bright"),
        ({"glare": 0.41}, "too_bright"),
        ({"sharpness": 0.04}, "blurred"),
        ({"turn": 0.95}, "turned_away"),
    ],
)
def test_each_measure_has_its_reason(change: dict[str, float], reason: str | None) -> None:
    measures = Measures(**{**{name: getattr(GOOD, name) for name in GOOD.__slots__}, **change})
    assert refuse_look(measures, DEFAULT_THRESHOLDS) == reason


def test_quality_is_that_of_the_worst_measure() -> None:
    assert rate(GOOD, DEFAULT_THRESHOLDS) == 1
    edge = Measures(size=40, turn=0.05, bright=0.8, contrast=0.6, glare=0.0, sharpness=0.4)
    assert rate(edge, DEFAULT_THRESHOLDS) == 0.25
    between = Measures(size=60, turn=0.05, bright=0.8, contrast=0.6, glare=0.0, sharpness=0.4)
    assert rate(between, DEFAULT_THRESHOLDS) == pytest.approx(0.625)
