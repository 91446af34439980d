"""Bursts are one picture and a few more taken just after it."""

import io

import numpy as np
from PIL import Image

from research.load.pictures import SIZE, load_bursts, load_pictures


def to_array(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)), np.int16)


def test_a_burst_of_one_is_the_picture() -> None:
    assert load_bursts(None, frames=1, count=2)[1] == [[picture] for picture in load_pictures(None, 2)[1]]


def test_the_frames_of_a_burst_differ_less_than_two_bursts_do() -> None:
    (first, second) = load_bursts(None, frames=3, count=2)[1]
    assert [len(first), len(second)] == [3, 3]
    assert len({*first, *second}) == 6
    assert {Image.open(io.BytesIO(frame)).size for frame in first} == {SIZE}
    within = [np.abs(to_array(first[0]) - to_array(frame)).mean() for frame in first[1:]]
    between = np.abs(to_array(first[0]) - to_array(second[0])).mean()
    assert 0 < max(within) < between / 2
