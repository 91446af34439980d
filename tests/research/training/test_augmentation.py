import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.training.augmentation import NONE, PAPER, PRESETS, Augmentation


def picture(seed: int = 0, side: int = 48) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side)).astype(np.uint8)


def test_the_papers_preset_has_the_papers_numbers() -> None:
    assert Augmentation(rotation=20.0, zoom=(0.85, 1.15), shift=0.2, shear=0.15, flip=True) == PAPER


def test_no_augmentation_changes_nothing() -> None:
    assert np.array_equal(NONE.apply(picture(), np.random.default_rng(0)), picture())


def test_flip_alone_gives_the_picture_or_its_mirror_about_equally() -> None:
    random, flip = np.random.default_rng(0), Augmentation(flip=True)
    mirrored = [np.array_equal(flip.apply(picture(), random), picture()[:, ::-1]) for _ in range(100)]
    kept = [not hit for hit in mirrored]
    assert 30 < sum(mirrored) < 70
    assert sum(kept) + sum(mirrored) == 100


@pytest.mark.parametrize("preset", PRESETS)
@given(seed=st.integers(0, 2**32))
def test_every_preset_keeps_size_and_type_and_repeats_with_its_seed(preset: str, seed: int) -> None:
    change = PRESETS[preset]
    first = change.apply(picture(), np.random.default_rng(seed))
    again = change.apply(picture(), np.random.default_rng(seed))
    assert (first.shape, first.dtype) == ((48, 48), np.dtype(np.uint8))
    assert np.array_equal(first, again)


@given(seed=st.integers(0, 2**32))
def test_moving_a_plain_picture_about_fills_its_borders_from_the_nearest(seed: int) -> None:
    plain = np.full((48, 48), 90, np.uint8)
    assert np.array_equal(PAPER.apply(plain, np.random.default_rng(seed)), plain)


def test_an_augmentation_never_writes_into_the_original() -> None:
    original = picture()
    for seed in range(50):
        Augmentation(flip=False, erase=1.0).apply(original, np.random.default_rng(seed))
    assert np.array_equal(original, picture())
