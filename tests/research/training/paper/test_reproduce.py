"""The command in small: real networks with random weights on drawn pictures, stopped and gone on with."""

import json
from copy import deepcopy
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

pytest.importorskip("tensorflow")
import keras

from research.training.datasets import load_dataset
from research.training.paper.experiment import Experiment, Setup
from research.training.paper.networks import (
    Weights,
    build_backbone,
    copy_head,
    cuts,
    describe_weights,
    split_network,
    trained_layers,
)
from research.training.paper.protocol import Cell, Reading, select_six
from research.training.paper.report import _origin, best_cell, write_report

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
NONE = Weights(None, None)
TINY = Setup(size=32, copies=1, head_epochs=1, epochs=1, splits=2, folds=2, whole_splits=1, whole_folds=2)
CONVOLUTIONS = [f"block{b}_conv{c}" for b, count in enumerate((2, 2, 3, 3, 3), 1) for c in range(1, count + 1)]


@pytest.fixture(scope="module")
def vgg16() -> keras.Model:
    return build_backbone("vgg16", size=32, weights=NONE)


@pytest.mark.parametrize(
    ("reading", "layers", "trained"),
    [
        ("all", 0, CONVOLUTIONS),
        ("train_last", 1, []),
        ("train_last", 2, CONVOLUTIONS[-1:]),
        ("train_last", 4, CONVOLUTIONS[-3:]),
        ("train_last", 5, CONVOLUTIONS[-3:]),
        ("freeze_last", 1, CONVOLUTIONS),
        ("freeze_last", 4, CONVOLUTIONS[:-3]),
    ],
)
def test_layers_are_counted_as_keras_counts_them(
    vgg16: keras.Model, reading: Reading, layers: int, trained: list[str]
) -> None:
    assert list(trained_layers(vgg16, Cell("vgg16", reading, layers, "adam"))) == trained


def test_the_last_five_layers_of_inception_only_join_branches() -> None:
    inception = build_backbone("inceptionv3", size=32, weights=NONE)
    assert inception.input_shape[1:] == (75, 75, 3)
    assert trained_layers(inception, Cell("inceptionv3", "train_last", 5, "adam")) == ()


def test_the_frozen_part_and_the_trained_part_are_the_network(vgg16: keras.Model) -> None:
    pictures = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype(np.float32)
    parts = split_network(vgg16, tuple(CONVOLUTIONS[-2:]))
    assert parts.cut == "block5_conv1"
    frozen = keras.Model(vgg16.input, vgg16.get_layer(parts.cut).output)
    whole = split_network(vgg16, tuple(CONVOLUTIONS))
    whole.trained.set_weights([*vgg16.get_weights(), *parts.trained.get_weights()[-6:]])
    joined = parts.trained(frozen(pictures))
    assert np.allclose(joined, whole.trained(pictures), atol=1e-4)


def test_layers_above_those_trained_stay_frozen(vgg16: keras.Model) -> None:
    parts = split_network(vgg16, tuple(CONVOLUTIONS[:-3]))
    assert parts.cut is None
    trainable = {weight.path.split("/")[-2] for weight in parts.trained.trainable_weights}
    assert {name for name in trainable if not name.startswith("head_")} == set(CONVOLUTIONS[:-3])


def test_maps_are_made_at_every_cut_of_the_tables(vgg16: keras.Model) -> None:
    assert cuts(vgg16) == ("block4_pool", "block5_conv1", "block5_conv2", "block5_pool")


def test_a_network_with_one_cut_has_its_maps_too(jaffe: Path, tmp_path: Path) -> None:
    experiment = Experiment(select_six(load_dataset(jaffe)), TINY, NONE, tmp_path, lambda _: None)
    pixels = np.zeros((2, 75, 75), np.uint8)
    maps = experiment._maps(Cell("inceptionv3", "train_last", 1, "adam"), "mixed10", pixels)
    assert maps.shape == (2, 1, 1, 2048)


def test_a_layer_on_lower_maps_sees_larger_pictures_and_trains_nothing_below_it(jaffe: Path, tmp_path: Path) -> None:
    experiment = Experiment(select_six(load_dataset(jaffe)), TINY, NONE, tmp_path, lambda _: None)
    cell = Cell("vgg16", "maps_of", 3, "adam", changed=False)
    assert experiment._pixels(cell).shape == (90, 48, 48)
    learner = experiment._prepare(cell, ())
    assert learner.deep is None
    assert learner.maps.shape == (90, 6, 6, 256)
    weights = {weight.path.split("/")[-2]: weight.shape for weight in learner.head.network.weights}
    assert weights == {"head_scale": (6 * 6 * 256,), "head_logits": (6,)}
    [maps] = (tmp_path / "bottleneck").iterdir()
    assert maps.name.startswith("vgg16-block3_pool-48-")


@pytest.mark.parametrize("other", [replace(NONE, inception_inputs="0..1"), TINY], ids=["weights", "seed"])
def test_maps_of_other_weights_or_copies_are_made_anew(jaffe: Path, tmp_path: Path, other: Weights | Setup) -> None:
    faces, cell = select_six(load_dataset(jaffe)), Cell("vgg16", "maps_of", 3, "adam")
    setup, weights = (replace(TINY, seed=8), NONE) if isinstance(other, Setup) else (TINY, other)
    paths = [
        Experiment(faces, *given, tmp_path, lambda _: None)._maps_path(cell, "block3_pool", 90)
        for given in ((TINY, NONE), (TINY, NONE), (setup, weights))
    ]
    assert paths[0] == paths[1] != paths[2]


def test_more_folds_than_people_are_refused_before_anything_is_trained(jaffe: Path, tmp_path: Path) -> None:
    for setup in (replace(TINY, folds=6), replace(TINY, whole_folds=6)):
        with pytest.raises(ValueError, match="6 folds need as many people; there are 5"):
            Experiment(select_six(load_dataset(jaffe)), setup, NONE, tmp_path, lambda _: None)


def test_layers_on_different_maps_keep_their_results_apart(jaffe: Path, tmp_path: Path) -> None:
    experiment = Experiment(select_six(load_dataset(jaffe)), TINY, NONE, tmp_path, lambda _: None)
    for block in (3, 4):
        experiment.run(Cell("vgg16", "maps_of", block, "adam", changed=False))
    assert sorted(path.name.rsplit("-", 1)[0] for path in (tmp_path / "results").glob("*.json")) == [
        "vgg16-adam-maps_of_3",
        "vgg16-adam-maps_of_4",
    ]


def test_a_head_goes_on_from_what_it_learnt_alone(vgg16: keras.Model) -> None:
    head = split_network(vgg16, ()).trained
    deep = split_network(vgg16, tuple(CONVOLUTIONS)).trained
    copy_head(head, deep)
    pictures = np.random.default_rng(0).normal(size=(2, 32, 32, 3)).astype(np.float32)
    assert np.allclose(deep(pictures), head(vgg16(pictures)), atol=1e-4)


def test_rows_that_train_the_same_are_run_once_and_a_stopped_grid_goes_on(jaffe: Path, tmp_path: Path) -> None:
    told: list[str] = []
    experiment = Experiment(select_six(load_dataset(jaffe)), TINY, NONE, tmp_path, told.append)
    first = experiment.run(Cell("vgg16", "train_last", 4, "adam"))
    again = experiment.run(Cell("vgg16", "train_last", 5, "adam"))
    assert first == again
    assert len(told) == len(list((tmp_path / "results").glob("*.json"))) == 1
    assert len(list((tmp_path / "bottleneck").glob("*.npy"))) == 4
    cell = Cell("vgg16", "train_last", 4, "adam")
    assert len(experiment._pixels(cell)) == 2 * len(experiment._pixels(replace(cell, changed=False))) == 2 * 90
    assert {part: first[part]["images"] for part in ("valid", "test", "people")} == {
        "valid": 24,
        "test": 24,
        "people": 90,
    }


def test_where_more_than_the_last_layers_are_trained_there_are_splits_of_their_own(jaffe: Path, tmp_path: Path) -> None:
    setup = replace(TINY, whole_epochs=1)
    experiment = Experiment(select_six(load_dataset(jaffe)), setup, NONE, tmp_path, lambda _: None)
    deep, last = (
        experiment.run(Cell("vgg16", reading, 5, "adam", changed=False)) for reading in ("freeze_last", "train_last")
    )
    assert (deep["splits"], deep["folds"], deep["valid"]["images"]) == (1, 2, 12)
    assert (last["splits"], last["folds"], last["valid"]["images"]) == (2, 2, 24)


def test_the_best_row_is_chosen_by_validation_and_the_report_sets_it_beside_the_paper(
    jaffe: Path, tmp_path: Path
) -> None:
    experiment = Experiment(select_six(load_dataset(jaffe)), TINY, NONE, tmp_path, lambda _: None)
    cells = [Cell("vgg16", "train_last", 1, optimizer) for optimizer in ("adam", "rmsprop")]
    results = [(cell, experiment.run(cell)) for cell in cells]
    results[1][1]["valid"]["accuracy"] |= {"value": 1.0, "interval": [0.9, 1.0], "most": 1.0}
    assert best_cell(results)[0] == cells[1]
    baselines = {"svm": dict.fromkeys(("random", "people"), results[0][1]["test"])}
    text = write_report(TINY, results, baselines, {"vgg16": {}}, images=90, people=5, rows=44)
    assert "## Best row: vgg16, last 1 trained, rmsprop" in text
    assert "| accuracy | 92.86 % | 1.000 (0.90 to 1.00) |" in text
    assert "| svm | about 94 % |" in text
    assert "So far 2 of 44 rows" in text
    assert "## vgg16\n\nIt begins with the weights Keras fetches.\n" in text


def test_the_report_says_whose_weights_each_network_begins_with(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "relative.h5"
    path.parent.mkdir()
    path.write_bytes(b"layers")
    origin = describe_weights("inceptionv3", Weights(None, str(path), "0..1"))
    digest = "e3b816898ca5ba5f"
    assert origin["sha256"].startswith(digest)
    assert _origin(origin | {"note": "Half of it is not ImageNet's."}) == (
        f"It begins with the weights of `relative.h5` (SHA-256 `{digest}...`), fed values of 0 to 1."
        " Half of it is not ImageNet's."
    )


def test_a_best_row_that_is_not_the_papers_has_the_papers_best_beside_it(jaffe: Path, tmp_path: Path) -> None:
    experiment = Experiment(select_six(load_dataset(jaffe)), TINY, NONE, tmp_path, lambda _: None)
    ours = Cell("vgg16", "maps_of", 4, "adam", changed=False)
    found = experiment.run(ours)
    found["valid"]["accuracy"] |= {"value": 1.0}
    theirs = deepcopy(found)
    theirs["valid"]["accuracy"] |= {"value": 0.5, "interval": [0.4, 0.6]}
    row = (Cell("vgg16", "train_last", 2, "rmsprop"), theirs)
    baselines = {"svm": dict.fromkeys(("random", "people"), found["test"])}

    def report(*results: tuple[Cell, dict[str, Any]]) -> str:
        return write_report(TINY, results, baselines, {"vgg16": {}}, images=90, people=5, rows=54)

    text = report((ours, found), row)
    assert "## Best row: vgg16, one layer on the maps of block 4, no changed copies, adam" in text
    assert "Of the paper's own the best is vgg16, last 2 trained, rmsprop: accuracy 0.500 (0.40 to 0.60) in" in text
    assert "This row is ours" not in report(row)
    assert "None of the paper's own rows has been run yet." in report((ours, found))


def test_the_command_writes_report_results_and_pictures(
    jaffe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [Cell("vgg16", "train_last", 1, "adam")]
    monkeypatch.setattr("research.training.paper.run.grid", lambda networks: kept)
    weights = tmp_path / "vgg16.weights.h5"
    build_backbone("vgg16", size=32, weights=NONE).save_weights(weights)
    out, told = tmp_path / "out", StringIO()
    options = {"jaffe": str(jaffe), "out": str(out), "size": 32, "copies": 0, "epochs": 1, "folds": 2, "quick": True}
    docs = tmp_path / "docs"
    for folder in ("images", "measurements"):
        (docs / folder).mkdir(parents=True)
    options |= {"publish": docs}
    call_command("reproduce_paper", backbone_weights=str(weights), networks=["vgg16"], stdout=told, **options)
    assert f"Written: {out / 'report.md'}" in told.getvalue()
    results = json.loads((out / "results.json").read_text())
    assert results["best"] == kept[0].name
    assert results["weights"]["vgg16"]["file"] == "vgg16.weights.h5"
    assert str(tmp_path) not in (out / "report.md").read_text()
    pictures = {path.name for path in out.glob("*.png")}
    assert pictures == {
        *("curves.png", "confusion.png"),
        *("block1_conv2.png", "block2_conv2.png", "block3_conv3.png", "block4_conv3.png"),
    }
    assert {path.name for path in (docs / "images").iterdir()} == {"paper-curves.png", "paper-confusion.png"}
    page = (docs / "paper.md").read_text()
    assert "![curves](images/paper-curves.png)" in page
    assert "block1_conv2" not in page
    assert "So far" not in page
    assert "history" not in json.loads((docs / "measurements" / "paper.json").read_text())["cells"][kept[0].name]


@pytest.mark.parametrize(
    ("weights", "message"), [("missing.h5", "do not exist"), ("text.h5", "does not hold vgg16 without top")]
)
def test_weights_that_are_not_there_or_not_weights_are_named(
    jaffe: Path, tmp_path: Path, weights: str, message: str
) -> None:
    (tmp_path / "text.h5").write_text("no weights")
    with pytest.raises(CommandError, match=message):
        call_command(
            "reproduce_paper",
            jaffe=str(jaffe),
            out=str(tmp_path / "out"),
            backbone_weights=str(tmp_path / weights),
            quick=True,
            stdout=StringIO(),
        )
