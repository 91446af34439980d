"""Which faces are drawn how often, which are held out, and what the loss takes for their priors."""

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from research.training.batches import Batches, Pictures, drawn_priors, hold_out, sampling_weights, targets
from research.training.datasets import FaceSet, LabelledFace, one_hot
from research.training.plan import TrainingPlan
from tests.research.training.drawn import drawn_face

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


def test_rare_expressions_are_drawn_more_often_and_nobody_is_left_out() -> None:
    votes = np.eye(7, dtype=np.float32)[[3] * 90 + [1] * 10]
    chances = sampling_weights(votes, power=0.5, cap=3.0)
    assert chances[95] / chances[5] == pytest.approx(3.0, rel=0.25)
    pictures = Pictures(
        np.zeros((100, 8, 8), np.uint8), votes, votes.argmax(axis=1), np.full(100, -1), np.ones(100, bool)
    )
    batches = Batches(pictures, TrainingPlan(out="", size=16, batch=10, rare_power=0.0), 0)
    assert sorted(batches.order) == list(range(100))
    first = batches.order.tolist()
    batches.on_epoch_end()
    assert sorted(batches.order) == list(range(100))
    assert batches.order.tolist() != first


def test_the_priors_of_the_loss_are_those_of_the_faces_as_drawn() -> None:
    votes = np.eye(7, dtype=np.float32)[[0, 0, 0, 1]]
    pictures = Pictures(
        np.zeros((4, 8, 8), np.uint8), votes, votes.argmax(axis=1), np.array([2, -1, -1, 2]), np.ones(4, bool)
    )
    priors = drawn_priors(pictures, np.full(4, 0.25))
    assert priors[0].tolist() == [0.75, 0.25, 0, 0, 0, 0, 0]
    assert priors[1].tolist() == [0, 0, 1, 0, 0, 0, 0]
    assert targets(pictures)[1, 7:].sum() == 0


def face(label: int, subject: str | None) -> LabelledFace:
    return LabelledFace("face", "", one_hot(label), label, lambda: drawn_face(label, 0), subject=subject)


def test_nobody_is_on_both_sides_where_people_are_known() -> None:
    faces = FaceSet("made up", tuple(face(row % 7, "ABCDE"[row // 7]) for row in range(35)))
    kept, held = hold_out(faces, 0.2, 1)
    people = [{faces.faces[row].subject for row in rows} for rows in (kept.tolist(), held.tolist())]
    assert people[0].isdisjoint(people[1])
    assert (len(people[0]), len(people[1])) == (4, 1)


def test_every_expression_is_held_out_in_the_same_share() -> None:
    faces = FaceSet("made up", tuple(face(label, None) for label in range(7) for _ in range(10)))
    kept, held = hold_out(faces, 0.2, 1)
    assert np.bincount(faces.labels[held]).tolist() == [2] * 7
    assert sorted([*kept, *held]) == list(range(70))
