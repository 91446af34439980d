"""A whole training in small: real VGG16 with random weights on drawn faces, a few steps, down to the int8 file."""

import csv
import json
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from emotion.classifier.spec import Calibration, Calibrations, ModelSpec
from emotion.labels import EXPRESSIONS

pytest.importorskip("tensorflow")
import keras

from research.training.datasets import DatasetError, load_dataset
from research.training.export import litert_logits
from research.training.fit import (
    Averaged,
    _save_model,
    bottleneck_features,
    load_exported,
    mix_in_start,
    predict_logits,
    rate_factor,
    train,
)
from research.training.networks import CLASSES, build_backbone, build_head, join
from research.training.plan import TrainingPlan
from research.training.run import calibrate_exported
from research.training.write_spec import save_spec
from tests.research.training.drawn import SIDE, drawn_face

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("faces")
    for label, name in enumerate(EXPRESSIONS):
        (root / name).mkdir()
        for seed in range(6):
            Image.fromarray(drawn_face(label, seed)).save(root / name / f"{seed}.png")
    return root


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of VGG16 without top, so that the offline path is the one taken."""
    path = tmp_path_factory.mktemp("weights") / "vgg16.weights.h5"
    keras.utils.set_random_seed(1)
    keras.applications.VGG16(weights=None, include_top=False, input_shape=(SIDE, SIDE, 3)).save_weights(path)
    return str(path)


@pytest.fixture(scope="module")
def run(folders: Path, weights: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A run of one epoch that is then asked for a second."""
    out, faces = tmp_path_factory.mktemp("run"), load_dataset(folders)
    told: list[str] = []
    plan = TrainingPlan(
        out=str(out),
        size=SIDE,
        epochs=1,
        batch=8,
        warm_up=2,
        frozen_blocks=3,
        hidden=8,
        held_out=0.2,
        bottleneck_epochs=1,
        average=0.5,
        precision="bfloat16",
        backbone_weights=weights,
        licence="Mine alone.",
    )
    train(plan, faces, report=told.append)
    train(replace(plan, epochs=2), faces, report=told.append, resume=True)
    return out, told


@pytest.fixture(scope="module")
def export(run: tuple[Path, list[str]], folders: Path) -> tuple[Path, str]:
    """The folder that run is exported into, and what the command said."""
    told = StringIO()
    call_command("train_classifier", folders, name="mine-1", out=str(run[0]), export_only=True, stdout=told)
    return run[0] / "export", told.getvalue()


@pytest.fixture
def exported(export: tuple[Path, str], tmp_path: Path) -> Path:
    """A description of its own for each test, its weights beside it."""
    return shutil.copytree(export[0], tmp_path / "export") / "vgg16.json"


def test_a_stopped_run_goes_on_where_it_was(run: tuple[Path, list[str]]) -> None:
    out, told = run
    with (out / "history.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert "Going on after epoch 1." in told
    progress = json.loads((out / "progress.json").read_text())
    assert (progress["epoch"], progress["steps"]) == (2, 2 * (28 // 8))
    assert (out / "bottleneck.npy").is_file()
    assert float(rows[1]["learning_rate"]) < TrainingPlan(out="").learning_rate


def test_frozen_blocks_stay_as_imagenet_made_them_and_the_others_move(
    run: tuple[Path, list[str]], weights: str
) -> None:
    trained = keras.models.load_model(run[0] / "last.keras").get_layer("vgg16")
    before = build_backbone(size=SIDE, weights=weights)
    for name, moved in (("block1_conv1", False), ("block3_conv3", False), ("block4_conv1", True)):
        first, last = (np.asarray(network.get_layer(name).kernel) for network in (before, trained))
        assert np.array_equal(first, last) is not moved


def test_a_second_run_never_overwrites_the_first(run: tuple[Path, list[str]], folders: Path) -> None:
    with pytest.raises(CommandError, match="already holds a run"):
        call_command("train_classifier", folders, name="mine-1", out=str(run[0]), stdout=StringIO())


def test_the_command_exports_a_model_the_classifier_can_open(
    run: tuple[Path, list[str]], export: tuple[Path, str]
) -> None:
    spec = ModelSpec.load(export[0] / "vgg16.json")
    content = spec.read_weights(export[0])
    assert "held-out accuracy" in export[1]
    assert (spec.input.width, spec.readouts) == (SIDE, 1)
    assert spec.metrics["held_out"]["images"] == 14
    assert len(content) < 16_500_000
    assert (run[0] / "history.png").stat().st_size > 5_000
    assert litert_logits(content, np.zeros((2, SIDE, SIDE), np.uint8)).shape == (2, CLASSES)


def test_a_model_is_described_as_its_trainer_says(export: tuple[Path, str], folders: Path) -> None:
    spec = ModelSpec.load(export[0] / "vgg16.json")
    assert (spec.name, spec.licence, spec.data) == ("mine-1", "Mine alone.", (folders.name,))
    assert TrainingPlan(out="").licence == "Not stated."
    with pytest.raises(CommandError, match="--name"):
        call_command("train_classifier", str(folders), "--out", str(export[0]))


def test_all_a_model_learned_from_is_told_when_it_is_exported_later(
    run: tuple[Path, list[str]], folders: Path, tmp_path: Path
) -> None:
    out = shutil.copytree(run[0], tmp_path / "run")
    replace(TrainingPlan.load(out), data="my faces; ImageNet (VGG16)").save()
    call_command("train_classifier", folders, name="mine-2", out=str(out), export_only=True, stdout=StringIO())
    spec = ModelSpec.load(out / "export" / "vgg16.json")
    assert (spec.name, spec.data) == ("mine-2", ("my faces", "ImageNet (VGG16)"))


def test_an_export_that_is_calibrated_again_says_what_it_said_under_another_name(exported: Path, folders: Path) -> None:
    before = ModelSpec.load(exported)
    plain = Calibration(1.0, (0.0,) * CLASSES)
    save_spec(replace(before, calibration=Calibrations(plain, plain)), exported)
    again = calibrate_exported(exported, load_dataset(folders), name="mine-2", share=0.2, seed=7)
    assert again == replace(before, name="mine-2")
    assert ModelSpec.load(exported) == again


def test_a_model_whose_answers_change_does_not_keep_its_name(
    exported: Path, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("research.management.commands.calibrate_classifier.SPEC_PATH", exported)
    before = exported.read_bytes()
    with pytest.raises(CommandError, match="mine-1 is what it is called already"):
        call_command("calibrate_classifier", str(folders), "--name", "mine-1", "--held-out", "0.2")
    with pytest.raises(CommandError, match="--name"):
        call_command("calibrate_classifier", str(folders))
    with pytest.raises(CommandError, match="are not the 14 held out of mine-1"):
        call_command("calibrate_classifier", str(folders), "--name", "mine-2")
    assert exported.read_bytes() == before
    call_command("calibrate_classifier", str(folders), "--name", "mine-2", "--held-out", "0.2", stdout=StringIO())
    assert ModelSpec.load(exported).name == "mine-2"


def stop(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_other_faces_never_take_the_place_of_those_a_run_was_started_on(
    run: tuple[Path, list[str]], folders: Path, tmp_path: Path
) -> None:
    other = tmp_path / "faces"
    shutil.copytree(folders, other)
    (other / EXPRESSIONS[0] / "0.png").rename(other / EXPRESSIONS[1] / "00.png")
    held = (run[0] / "held_out.npy").read_bytes()
    for way in ({"resume": True}, {"export_only": True}):
        with pytest.raises(CommandError, match="was started on 42 faces and these 42 are not the same"):
            call_command("train_classifier", other, name="mine-1", out=str(run[0]), stdout=StringIO(), **way)
    assert (run[0] / "held_out.npy").read_bytes() == held


def test_a_run_that_does_not_say_its_faces_is_not_gone_on_with(
    run: tuple[Path, list[str]], folders: Path, tmp_path: Path
) -> None:
    shutil.copy(run[0] / "plan.json", tmp_path)
    with pytest.raises(CommandError, match="does not say which faces"):
        call_command("train_classifier", folders, name="mine-1", out=str(tmp_path), resume=True, stdout=StringIO())


def test_a_run_stopped_before_its_first_epoch_has_nothing_to_export(
    folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("research.training.fit._start_network", stop)
    with pytest.raises(KeyboardInterrupt):
        train(TrainingPlan(out=str(tmp_path), size=SIDE), load_dataset(folders), report=print)
    with pytest.raises(CommandError, match=r"has no best\.keras, which the first epoch leaves"):
        call_command("train_classifier", folders, name="mine-1", out=str(tmp_path), export_only=True, stdout=StringIO())


def test_features_stay_for_a_run_that_goes_on_and_go_where_another_begins(
    folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("research.training.fit._start_network", stop)
    plan, faces, features = (
        TrainingPlan(out=str(tmp_path), size=SIDE),
        load_dataset(folders),
        tmp_path / "bottleneck.npy",
    )
    for resume, kept in ((False, False), (True, True), (False, False)):
        features.touch()
        with pytest.raises(KeyboardInterrupt):
            train(plan, faces, report=print, resume=resume)
        assert features.exists() is kept


def test_half_a_file_of_features_is_never_read_back(
    weights: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, pixels, whole = tmp_path / "bottleneck.npy", drawn_face(3, 1)[None], np.save
    backbone = build_backbone(size=SIDE, weights=weights)

    def save_half(target: Path, maps: np.ndarray) -> None:
        whole(target, maps)
        target.write_bytes(target.read_bytes()[:500])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "save", save_half)
        with pytest.raises(KeyboardInterrupt):
            bottleneck_features(backbone, pixels, path)
    computed = bottleneck_features(backbone, pixels, path)
    assert np.array_equal(bottleneck_features(backbone, pixels, path), computed)
    assert [item.name for item in tmp_path.iterdir()] == ["bottleneck.npy"]


def test_a_stop_while_a_checkpoint_is_written_leaves_the_former_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    _save_model(network, path := tmp_path / "last.keras")
    former = path.read_bytes()

    def save_half(target: Path) -> None:
        target.write_bytes(former[: len(former) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr(network, "save", save_half)
    with pytest.raises(KeyboardInterrupt):
        _save_model(network, path)
    assert path.read_bytes() == former


def test_what_a_network_was_taught_is_not_held_out_when_it_is_trained_further(
    exported: Path, folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("research.training.fit._start_network", stop)
    faces = load_dataset(folders)
    plan = TrainingPlan(out=str(tmp_path), size=SIDE, held_out=0.2, start_from=str(exported))
    for wrong in ({"seed": 8}, {"held_out": 0.1}):
        with pytest.raises(DatasetError, match="was taught faces that are held out now"):
            train(replace(plan, **wrong), faces, report=print)
    for right in (plan, replace(plan, seed=8, out=str(tmp_path / "other"))):
        with pytest.raises(KeyboardInterrupt):
            train(right, faces if right is plan else faces.take(range(41)), report=print)


def test_only_the_pictures_held_out_of_a_network_calibrate_it(exported: Path, folders: Path) -> None:
    faces, before = load_dataset(folders), exported.read_bytes()
    older = replace(ModelSpec.load(exported), metrics={"held_out": {"images": 15}})
    for share, seed in ((0.1, 7), (0.2, 8)):
        with pytest.raises(DatasetError, match="are not the 14 held out of"):
            calibrate_exported(exported, faces, name="mine-2", share=share, seed=seed)
    assert exported.read_bytes() == before
    save_spec(older, exported)
    with pytest.raises(DatasetError, match="The 14 faces held out here are not the 15 held out of"):
        calibrate_exported(exported, faces, name="mine-2", share=0.2, seed=7)


def test_training_leaves_the_precision_of_others_as_it_was(run: tuple[Path, list[str]]) -> None:
    network = keras.models.load_model(run[0] / "best.keras", compile=False)
    assert network.get_layer("vgg16").get_layer("block4_conv1").compute_dtype == "bfloat16"
    assert keras.mixed_precision.dtype_policy().name == "float32"


def test_training_goes_on_from_an_exported_network(run: tuple[Path, list[str]], exported: Path, tmp_path: Path) -> None:
    backbone = build_backbone(size=SIDE, weights=None)
    hidden = keras.models.load_model(run[0] / "best.keras").get_layer("head").get_layer("hidden").units
    head = build_head(shape=backbone.output_shape[1:], hidden=hidden, readouts=2)
    load_exported(exported, backbone, head)
    pixels = np.stack([drawn_face(label, 1) for label in range(7)])
    spec = ModelSpec.load(exported)
    before = litert_logits(spec.read_weights(exported.parent), pixels)
    after = predict_logits(join(backbone, head), pixels)
    assert np.array_equal(after[:, :7], after[:, 7:])
    assert np.abs(after[:, :7] - before).max() < 0.15 * np.ptp(before)
    with pytest.raises(DatasetError, match="no network to start from"):
        load_exported(tmp_path / "vgg16.json", backbone, head)
    start = join(backbone, head).get_weights()
    fresh = build_backbone(size=SIDE, weights=None)
    trained = join(fresh, build_head(shape=fresh.output_shape[1:], hidden=hidden, readouts=2))
    new = trained.get_weights()
    mix_in_start(trained, TrainingPlan(out="", start_from=str(exported), start_share=0.25))
    for old, own, mixed in zip(start, new, trained.get_weights(), strict=True):
        np.testing.assert_allclose(mixed, 0.25 * old + 0.75 * own, rtol=1e-5, atol=1e-7)


def test_the_learning_rate_falls_to_nothing() -> None:
    assert [round(rate_factor(share), 3) for share in (-1, 0, 0.5, 1, 2)] == [1, 1, 0.5, 0, 0]


def test_the_mean_of_weights_follows_them_within_few_steps() -> None:
    averaged = Averaged(0.99)
    averaged.update([np.full(3, 1.0, np.float32)])
    for _ in range(6):
        averaged.update([np.full(3, 5.0, np.float32)])
    assert averaged.weights[0] == pytest.approx([4.99095] * 3, abs=1e-5)
