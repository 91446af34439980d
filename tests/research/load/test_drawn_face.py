import numpy as np
from PIL import Image

from emotion.classifier.runtime import GOLDEN_PATH
from emotion.classifier.spec import ModelSpec
from research.load.drawn_face import draw_face


def test_drawing_is_the_same_every_time() -> None:
    assert np.array_equal(draw_face(1), draw_face(1))


def test_drawing_has_the_pixels_every_machine_must_draw() -> None:
    picture = draw_face(1)
    assert (picture.shape, picture.dtype) == ((256, 256, 3), np.dtype(np.uint8))
    assert [picture[place].tolist() for place in ((0, 0), (128, 128), (119, 106), (166, 128))] == EXPECTED


def test_seed_changes_the_grain_alone() -> None:
    difference = np.abs(draw_face(1).astype(int) - draw_face(2))
    assert 0 < difference.max() <= 9


def test_picture_that_workers_read_is_the_drawing() -> None:
    with Image.open(GOLDEN_PATH) as picture:
        assert np.array_equal(np.asarray(picture), draw_face(ModelSpec.load().golden.seed))


EXPECTED = [[94, 80, 71], [218, 187, 166], [35, 30, 27], [243, 208, 185]]
