from __future__ import annotations

import numpy as np

from emotion.classifier.golden import draw_golden_image


def test_drawing_is_the_same_every_time() -> None:
    assert np.array_equal(draw_golden_image(1), draw_golden_image(1))


def test_drawing_has_the_pixels_every_machine_must_draw() -> None:
    picture = draw_golden_image(1)
    assert (picture.shape, picture.dtype) == ((256, 256, 3), np.dtype(np.uint8))
    assert [picture[place].tolist() for place in ((0, 0), (128, 128), (119, 106), (166, 128))] == EXPECTED


def test_seed_changes_the_grain_alone() -> None:
    difference = np.abs(draw_golden_image(1).astype(int) - draw_golden_image(2))
    assert 0 < difference.max() <= 9


EXPECTED = [[94, 80, 71], [218, 187, 166], [35, 30, 27], [243, 208, 185]]
