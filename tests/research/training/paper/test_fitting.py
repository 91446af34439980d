import numpy as np
import pytest

pytest.importorskip("tensorflow")
import keras

from research.training.paper.fitting import ChangedCopies, Course, Fitting
from research.training.paper.protocol import Optimizer, Rows

LABELS = np.tile(np.arange(6), 4)


def draw_maps(copies: int = 2) -> np.ndarray:
    """Numbers that tell the class, in every copy otherwise."""
    noise = np.random.default_rng(1).normal(0, 0.1, (copies * len(LABELS), 6))
    return (np.tile(np.eye(6)[LABELS], (copies, 1)) + noise).astype(np.float32)


def build() -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input((6,))
    return keras.Model(inputs, keras.layers.Dense(6)(inputs))


def rows(*numbers: int) -> Rows:
    return np.array(numbers, dtype=np.int64)


def test_every_second_epoch_learns_from_the_next_changed_copy_of_the_rows_taught_and_of_no_other() -> None:
    maps = np.arange(12, dtype=np.float32).reshape(12, 1)  # three copies of four pictures
    batches = ChangedCopies(maps, np.array([0, 1, 2, 3]), rows(0, 2, 3), batch=3, seed=1)
    seen = []
    for _ in range(6):
        values, labels = batches[0]
        assert (values[:, 0] % 4).tolist() == labels.tolist()
        seen.append(sorted(values[:, 0].tolist()))
        batches.on_epoch_end()
    assert seen == [[0, 2, 3], [4, 6, 7], [0, 2, 3], [8, 10, 11], [0, 2, 3], [4, 6, 7]]


def test_without_changed_copies_every_epoch_learns_from_the_pictures_as_they_are() -> None:
    batches = ChangedCopies(np.arange(4, dtype=np.float32)[:, None], np.arange(4), rows(1, 2), batch=2, seed=1)
    batches.on_epoch_end()
    assert sorted(batches[0][0][:, 0].tolist()) == [1, 2]


def test_batches_have_one_size() -> None:
    batches = ChangedCopies(draw_maps(), LABELS, np.arange(23), batch=5, seed=1)
    assert [len(batches[i][1]) for i in range(len(batches))] == [5, 5, 5, 5]


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_a_second_split_learns_as_if_it_were_the_first(optimizer: Optimizer) -> None:
    fitting = Fitting(build(), optimizer, Course(epochs=8, rate=0.05, batch=6, seed=3))
    maps, taught = draw_maps(), np.arange(18)
    first = fitting.run(maps, LABELS, taught, rows())
    fitting.set_back()
    assert fitting.run(maps, LABELS, taught, rows()) == first
    assert first[-1]["loss"] < first[0]["loss"]


def test_the_epoch_kept_is_the_best_on_the_pictures_to_choose_by() -> None:
    fitting = Fitting(build(), "adam", Course(epochs=6, rate=0.3, batch=6, seed=3))
    maps, chosen = draw_maps(), np.arange(18, 24)
    history = fitting.run(maps, LABELS, np.arange(18), chosen)
    best = max(row["val_accuracy"] for row in history)
    assert (fitting.predict(maps[:24])[chosen] == LABELS[chosen]).mean() == pytest.approx(best)
