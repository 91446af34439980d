import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from emotion.classifier import runtime
from emotion.classifier.faces import NEAR, _read_release
from emotion.classifier.images import RGB, UnreadableImage, decode_jpeg
from emotion.classifier.runtime import Classifier, Look, Network, Reading, get_classifier
from emotion.classifier.spec import SPEC_PATH, Calibration, Calibrations, ModelDamaged, ModelMissing, ModelSpec
from emotion.labels import (
    EXPRESSIONS,
    LOW_CONFIDENCE,
    READING,
)
from research.training.write_spec import save_spec
from tests.emotion.classifier.conftest import make_scene, to_jpeg

HAPPINESS = EXPRESSIONS.index("happiness")
DATA = Path(skimage.data.__file__).parent
ROOM = np.full((480, 640, 3), 105, np.uint8)


def turn_head(picture: RGB, degrees: float) -> RGB:
    """The drawn head as if printed around a cylinder that turns by `degrees`."""
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    middle, radius = 128, 62
    across = (columns - middle) / radius
    angle = np.arcsin(np.clip(across, -1, 1)) - np.radians(degrees)
    source = np.where(np.abs(angle) < np.pi / 2, np.sin(angle), -np.sign(degrees))
    place = np.where(np.abs(across) < 1, middle + radius * source, columns).astype(np.float32)
    turned: RGB = cv2.remap(picture, place, rows, cv2.INTER_LINEAR)
    return turned


def write_model(directory: Path, spec: ModelSpec, content: bytes) -> Path:
    (directory / spec.weights).write_bytes(content)
    described = replace(spec, sha256=hashlib.sha256(content).hexdigest())
    save_spec(described, directory / "vgg16.json")
    return directory / "vgg16.json"


def test_public_domain_smile_is_read_as_happiness(classifier: Classifier, smile: RGB) -> None:
    reading = classifier.classify_array(smile)
    assert reading.outcome == READING
    assert reading.probabilities is not None
    assert reading.probabilities[HAPPINESS] > 0.9
    assert sum(reading.probabilities) == pytest.approx(1)
    assert reading.quality == 1
    assert reading.box == pytest.approx((178, 81, 272, 175), abs=3)
    assert reading.model == classifier.spec.name


@pytest.mark.parametrize("degrees", [-15, 15])
@pytest.mark.parametrize("light", [1.0, 0.3])
def test_rolled_and_dim_smile_is_still_happiness(
    classifier: Classifier, smile: RGB, degrees: float, light: float
) -> None:
    turning = cv2.getRotationMatrix2D((256, 256), degrees, 1)
    picture = cv2.warpAffine((smile * light).astype(np.uint8), turning, (512, 512))
    reading = classifier.classify_array(picture)
    assert reading.outcome == READING
    assert reading.probabilities is not None
    assert int(np.argmax(reading.probabilities)) == HAPPINESS


def test_mirrored_smile_is_still_happiness(classifier: Classifier, smile: RGB) -> None:
    reading = classifier.classify_array(np.ascontiguousarray(smile[:, ::-1]))
    assert reading.probabilities is not None
    assert int(np.argmax(reading.probabilities)) == HAPPINESS


def test_empty_chair_has_no_face(classifier: Classifier) -> None:
    assert classifier.classify_array(ROOM) == Reading("no_face", None, 0.0, None, classifier.spec.name)


@pytest.mark.parametrize("name", ["coffee.png", "motorcycle_left.png", "rocket.jpg"])
def test_real_scene_without_a_person_has_no_face(classifier: Classifier, name: str) -> None:
    assert classifier.classify_array(np.asarray(Image.open(DATA / name).convert("RGB"))).outcome == "no_face"


@pytest.mark.parametrize("glow", [0, 12])
def test_covered_lens_is_too_dark(classifier: Classifier, glow: int) -> None:
    noise = np.random.default_rng(1).normal(glow, 3, ROOM.shape)
    assert classifier.classify_array(np.clip(noise, 0, 255).astype(np.uint8)).outcome == "too_dark"


@pytest.mark.parametrize("degrees", [-75, -60, 60, 75])
def test_head_in_profile_is_turned_away(classifier: Classifier, drawn: RGB, degrees: float) -> None:
    assert classifier.classify_array(turn_head(drawn, degrees)).outcome == "turned_away"


def test_two_real_people_are_not_told_apart(classifier: Classifier, smile: RGB) -> None:
    both = np.hstack([smile[:384, 60:380], smile[:384, 60:380][:, ::-1]])
    assert classifier.classify_array(np.ascontiguousarray(both)).outcome == "several_faces"


def test_two_people_are_not_told_apart(classifier: Classifier, drawn: RGB) -> None:
    scene = make_scene(drawn, left=20)
    scene[120:376, 350:606] = drawn
    reading = classifier.classify_array(scene)
    assert (reading.outcome, reading.probabilities) == ("several_faces", None)


def test_dark_bright_blurred_and_far_faces_get_their_reason(classifier: Classifier, smile: RGB) -> None:
    bust = smile[:300, 75:375]
    far = make_scene(cv2.resize(bust, (110, 110), interpolation=cv2.INTER_AREA))
    outcomes = {
        "too_dark": (smile * 0.08).astype(np.uint8),
        "too_bright": np.clip(smile * 2.0, 0, 255).astype(np.uint8),
        "blurred": cv2.GaussianBlur(smile, (0, 0), 5),
        "too_small": far,
    }
    assert {reason: classifier.classify_array(picture).outcome for reason, picture in outcomes.items()} == {
        reason: reason for reason in outcomes
    }


def test_reason_keeps_the_box_of_the_face(classifier: Classifier, smile: RGB) -> None:
    reading = classifier.classify_array((smile * 0.08).astype(np.uint8))
    assert reading.box == pytest.approx((178, 81, 272, 175), abs=25)
    assert reading.quality == 0


def test_jpeg_of_the_smile_reads_as_the_array(classifier: Classifier, smile: RGB) -> None:
    from_jpeg = classifier.classify_jpegs([to_jpeg(smile)])
    assert from_jpeg.probabilities == pytest.approx(classifier.classify_array(smile).probabilities, abs=0.05)


def test_frames_of_one_capture_are_averaged_by_quality(classifier: Classifier, drawn: RGB, smile: RGB) -> None:
    first, second = classifier.look(smile), classifier.look(drawn)
    assert first.logits is not None
    assert second.logits is not None
    weighted = [replace(first, quality=0.75), replace(second, quality=0.25)]
    both = classifier.conclude(weighted)
    expected = 0.75 * np.array(classifier.spec.posterior(first.logits)) + 0.25 * np.array(
        classifier.spec.posterior(second.logits)
    )
    assert both.probabilities == pytest.approx(tuple(expected))
    assert both.quality == 0.5
    assert both.box == first.box


def test_box_is_that_of_the_best_frame(classifier: Classifier) -> None:
    logits = (0.0,) * (7 * classifier.spec.readouts)
    boxes = [(number, number, number + 9, number + 9) for number in range(3)]
    looks = [Look(READING, logits, quality, box) for quality, box in zip((0.2, 0.9, 0.5), boxes, strict=True)]
    assert classifier.conclude(looks).box == boxes[1]


def test_frame_without_a_face_does_not_spoil_the_others(classifier: Classifier, smile: RGB) -> None:
    frames = [to_jpeg(ROOM), to_jpeg(smile), to_jpeg(ROOM)]
    assert classifier.classify_jpegs(frames) == classifier.classify_jpegs(frames[1:2])


def test_capture_without_any_face_gets_the_commonest_reason(classifier: Classifier) -> None:
    looks = [Look("no_face"), Look("too_dark", box=(1, 2, 3, 4)), Look("too_dark", box=(5, 6, 7, 8))]
    assert classifier.conclude(looks) == Reading("too_dark", None, 0.0, (1, 2, 3, 4), classifier.spec.name)


def test_doubtful_face_has_low_confidence_and_keeps_its_probabilities(classifier: Classifier) -> None:
    even = [-shift for shift in classifier.spec.offsets()]
    logits = tuple(value * classifier.spec.calibration.everyday.temperature for value in even)
    logits *= classifier.spec.readouts
    reading = classifier.conclude([Look(READING, logits, 1.0, (0, 0, 9, 9))])
    assert reading.outcome == LOW_CONFIDENCE
    assert reading.probabilities == pytest.approx((1 / 7,) * 7)


def test_undecodable_frame_is_unreadable(classifier: Classifier, smile: RGB) -> None:
    for broken in (b"", b"not a picture", to_jpeg(smile)[:5000]):
        with pytest.raises(UnreadableImage):
            classifier.classify_jpegs([to_jpeg(smile), broken])


def test_capture_needs_a_frame(classifier: Classifier) -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        classifier.classify_jpegs([])


def test_cut_face_is_read_without_detection(classifier: Classifier, smile: RGB) -> None:
    reading = classifier.classify_array(np.ascontiguousarray(smile[72:184, 168:280]), detect=False)
    assert (reading.outcome, reading.box, reading.quality) == (READING, None, 1.0)
    assert reading.probabilities is not None
    assert int(np.argmax(reading.probabilities)) == HAPPINESS


def test_same_picture_gives_the_same_answer_whatever_came_before(
    classifier: Classifier, smile: RGB, drawn: RGB
) -> None:
    first = classifier.classify_array(smile)
    classifier.classify_jpegs([to_jpeg(drawn)])
    assert classifier.classify_array(smile) == first


def test_classifier_is_made_once_a_process() -> None:
    assert get_classifier() is get_classifier()


@pytest.mark.parametrize("content", [None, b"", b"not a picture"])
def test_built_in_picture_that_cannot_be_read_is_damaged(
    content: bytes | None, classifier: Classifier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "golden.png").write_bytes(content)
    monkeypatch.setattr(runtime, "GOLDEN_PATH", tmp_path / "golden.png")
    with pytest.raises(ModelDamaged, match=r"golden\.png cannot be read"):
        classifier.check_golden()


def test_wrong_calibration_is_found_by_the_built_in_picture(tmp_path: Path, classifier: Classifier) -> None:
    wrong = Calibration(temperature=9.0, bias=(0.0,) * 7)
    spec = replace(classifier.spec, calibration=Calibrations(wrong, wrong))
    path = write_model(tmp_path, spec, spec.read_weights())
    with pytest.raises(ModelDamaged, match="built-in picture"):
        Classifier.load(path)


def test_other_network_under_the_spec_is_refused(tmp_path: Path, classifier: Classifier) -> None:
    path = write_model(tmp_path, classifier.spec, _read_release(NEAR))
    with pytest.raises(ModelDamaged, match="another shape"):
        Classifier.load(path)


def test_file_that_is_no_network_is_refused(tmp_path: Path, classifier: Classifier) -> None:
    path = write_model(tmp_path, classifier.spec, b"TFL3" * 100)
    with pytest.raises(ModelDamaged, match="cannot be opened"):
        Classifier.load(path)


def test_missing_model_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        Classifier.load(tmp_path / SPEC_PATH.name)


@pytest.mark.parametrize("fails", [False, True])
def test_decoded_picture_is_overwritten_once_read(
    classifier: Classifier, smile: RGB, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    kept: list[RGB] = []

    def decode_and_keep(data: bytes | bytearray) -> RGB:
        kept.append(decode_jpeg(data))
        return kept[-1]

    def raise_memory_error(*_: object, **__: object) -> Look:
        assert kept[-1].any()
        raise MemoryError

    monkeypatch.setattr(runtime, "decode_jpeg", decode_and_keep)
    if fails:
        monkeypatch.setattr(Classifier, "look", raise_memory_error)
        with pytest.raises(MemoryError):
            classifier.classify_jpegs([to_jpeg(smile)])
    else:
        assert classifier.classify_jpegs([to_jpeg(smile)]).outcome == READING
    assert [picture.shape for picture in kept] == [smile.shape]
    assert not kept[0].any()


def test_network_forgets_the_last_picture(classifier: Classifier, smile: RGB) -> None:
    network = Network(classifier.spec, classifier.spec.read_weights())
    network.logits(smile)
    assert network._engine._input.any()
    network.forget()
    assert not network._engine._input.any()


def test_serving_imports_no_tensorflow() -> None:
    code = "import sys, emotion.classifier.runtime; print(sorted({'tensorflow', 'keras', 'django'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
