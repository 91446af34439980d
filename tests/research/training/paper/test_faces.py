from pathlib import Path

import cv2
import numpy as np
from skimage import data

from research.training.datasets import FaceSet, LabelledFace, load_dataset, one_hot
from research.training.paper.faces import SIDE, cut_faces


def make_set(picture: np.ndarray) -> FaceSet:
    return FaceSet("made", (LabelledFace("a", "", one_hot(3), 3, read=lambda: picture, subject="AA"),))


def test_a_face_is_cut_out_alike_wherever_it_is_in_the_picture() -> None:
    portrait = np.asarray(data.astronaut())[:400, 60:460]
    [here] = cut_faces(make_set(portrait))
    [there] = cut_faces(make_set(np.pad(portrait, ((120, 0), (0, 90), (0, 0)), mode="edge")))
    assert here.read().shape == (SIDE, SIDE)
    assert (here.label, here.subject) == (3, "AA")
    (across, down), _ = cv2.phaseCorrelate(np.float64(here.read()), np.float64(there.read()))
    assert max(abs(across), abs(down)) < SIDE / 16


def test_a_picture_without_a_face_stays_as_it_is(jaffe: Path) -> None:
    faces = load_dataset(jaffe).take([0])
    assert np.array_equal(cut_faces(faces).faces[0].read(), faces.faces[0].read())
