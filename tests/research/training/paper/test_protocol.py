from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.training.datasets import DatasetError, load_dataset
from research.training.paper.protocol import (
    CLASSES,
    Cell,
    class_labels,
    grid,
    select_six,
    split_at_random,
    split_by_people,
)


def test_the_grid_holds_every_row_of_both_tables_under_both_readings() -> None:
    cells = list(grid())
    assert len(cells) == len({cell.name for cell in cells}) == 2 * 2 * (1 + 2 * 5) + 2 + 2 * 2 * 2
    assert Cell("vgg16", "train_last", 4, "adam") in cells
    names = [cells[place].name for place in (0, 21, 22)]
    assert names == ["vgg16-train_last_5-adam", "vgg16-all-rmsprop", "vgg16-train_last_5-adam-unchanged"]


def test_neutral_is_left_out_as_in_the_paper(jaffe: Path) -> None:
    faces = load_dataset(jaffe)
    six = select_six(faces)
    assert (len(faces), len(six)) == (105, 90)
    assert np.bincount(class_labels(six)).tolist() == [15] * 6
    assert "neutral" not in CLASSES


def test_pictures_of_unnamed_people_are_refused(tmp_path: Path, jaffe: Path) -> None:
    for number, picture in enumerate(sorted(jaffe.iterdir())):
        folder = tmp_path / CLASSES[number % 6]
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.tiff").write_bytes(picture.read_bytes())
    with pytest.raises(DatasetError, match="does not name its people"):
        select_six(load_dataset(tmp_path))


def test_a_missing_expression_is_named(jaffe: Path) -> None:
    faces = load_dataset(jaffe).where(lambda face: ".FE" not in face.name)
    with pytest.raises(DatasetError, match="no picture of fear"):
        select_six(faces)


@given(counts=st.lists(st.integers(3, 40), min_size=2, max_size=6), seed=st.integers(0, 1000))
def test_the_random_split_uses_every_picture_once(counts: list[int], seed: int) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    split = split_at_random(labels, seed=seed)
    rows = np.concatenate([split.taught, split.chosen, split.judged])
    assert sorted(rows.tolist()) == list(range(len(labels)))
    for label, count in enumerate(counts):
        assert (labels[split.judged] == label).sum() == (labels[split.chosen] == label).sum() == round(0.15 * count)


@given(people=st.lists(st.sampled_from("abcdefgh"), min_size=20, max_size=60), folds=st.integers(2, 4))
def test_nobody_is_on_both_sides_and_everybody_is_judged_once(people: list[str], folds: int) -> None:
    if len(set(people)) < folds:
        with pytest.raises(ValueError, match="need as many people"):
            split_by_people(people, folds=folds, seed=1)
        return
    splits = split_by_people(people, folds=folds, seed=1)
    judged = np.concatenate([split.judged for split in splits])
    assert sorted(judged.tolist()) == list(range(len(people)))
    for split in splits:
        assert not {people[row] for row in split.taught} & {people[row] for row in split.judged}
        assert len(split.taught) + len(split.judged) == len(people)
        assert len(split.chosen) == 0
