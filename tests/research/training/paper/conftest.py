"""Drawn pictures with JAFFE's names: five people, seven expressions, three of each. Nobody's face."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from research.training.datasets import JAFFE_CODES

PEOPLE = ("AA", "BB", "CC", "DD", "EE")
SIDE = 32


def drawn_face(person: int, expression: int, number: int) -> np.ndarray:
    """A bright bar says the expression, a dark block the person."""
    pixels = np.random.default_rng(100 * person + 10 * expression + number).integers(60, 120, (SIDE, SIDE))
    pixels[4 * expression : 4 * expression + 4, :20] += 130
    pixels[6 * person : 6 * person + 5, 24:] = 0
    return pixels.astype(np.uint8)


@pytest.fixture(scope="session")
def jaffe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jaffe")
    for person, name in enumerate(PEOPLE):
        for expression, code in enumerate(JAFFE_CODES):
            for number in range(3):
                picture = Image.fromarray(drawn_face(person, expression, number))
                picture.save(folder / f"{name}.{code}{number + 1}.{person}{expression}{number}.tiff")
    return folder
