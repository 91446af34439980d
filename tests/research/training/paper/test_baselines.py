from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")

from research.training.datasets import load_dataset
from research.training.paper.baselines import METHODS, run_baselines
from research.training.paper.protocol import class_labels, select_six


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_learns_bars_that_part_the_classes(method: type) -> None:
    random = np.random.default_rng(3)
    labels = np.tile(np.arange(4), 12)
    pictures = random.normal(0, 0.1, (48, 16, 16))
    for row, label in enumerate(labels):
        pictures[row, 4 * label : 4 * label + 3] += 1.0
    found = method().fit(pictures[:32], labels[:32]).predict(pictures[32:])
    assert found.tolist() == labels[32:].tolist()


def test_methods_are_judged_over_pictures_and_over_people(jaffe: Path) -> None:
    six = select_six(load_dataset(jaffe))
    people = [str(face.subject) for face in six]
    found = run_baselines(six.grey_images(32), class_labels(six), people, seed=1)
    assert set(found) == {"2d-lda", "svm", "2d-lda, then svm"}
    for ways in found.values():
        assert {way: ways[way]["images"] for way in ways} == {"random": 90, "people": 90}
        assert ways["random"]["accuracy"]["value"] > 0.9
