import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
from django.core.management import CommandError, call_command
from PIL import Image

from emotion.labels import EXPRESSIONS

ROOT = Path(__file__).resolve().parents[3]
KEYS = {"path", "outcome", "label", "probabilities", "box", "model", "quality"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    (folder / "below").mkdir(parents=True)
    Image.fromarray(skimage.data.astronaut()).save(folder / "smile.png")
    Image.fromarray(skimage.data.astronaut()).quantize(256).save(folder / "below" / "palette.tiff")
    Image.new("RGB", (320, 240), "grey").save(folder / "room.jpg")
    return folder


def classify(*arguments: object) -> list[str]:
    stream = io.StringIO()
    call_command("classify", *map(str, arguments), stdout=stream)
    return stream.getvalue().splitlines()


def as_json(*arguments: object) -> list[dict[str, Any]]:
    return [json.loads(line) for line in classify("--json", *arguments)]


def test_json_has_one_line_a_picture(folder: Path) -> None:
    lines = as_json(folder)
    assert [line["path"] for line in lines] == [
        str(folder / name) for name in ("below/palette.tiff", "room.jpg", "smile.png")
    ]
    assert all(set(line) == KEYS for line in lines)
    assert [line["outcome"] for line in lines] == ["reading", "no_face", "reading"]
    assert [line["label"] for line in lines] == ["happiness", None, "happiness"]
    assert tuple(lines[0]["probabilities"]) == EXPRESSIONS
    assert (lines[1]["probabilities"], lines[1]["box"]) == (None, None)


def test_text_has_one_line_a_picture(folder: Path) -> None:
    assert classify(folder / "room.jpg") == [f"{folder / 'room.jpg'}: no face"]
    line = classify(folder / "smile.png")[0]
    assert line.startswith(f"{folder / 'smile.png'}: happiness ")
    assert line.endswith("%")


def test_bad_file_is_unreadable_and_fails_at_the_end(folder: Path) -> None:
    (folder / "a-broken.jpg").write_bytes(b"not a picture")
    stream = io.StringIO()
    with pytest.raises(CommandError, match="2 could not be read") as caught:
        call_command("classify", "--json", str(folder), str(folder / "gone.png"), stdout=stream)
    assert caught.value.returncode == 1
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["outcome"] for line in lines] == ["unreadable", "reading", "no_face", "reading", "unreadable"]
    assert all(set(line) == KEYS for line in lines)


def test_cut_pictures_are_read_whole(folder: Path) -> None:
    Image.fromarray(skimage.data.astronaut()[72:184, 168:280]).resize((48, 48)).save(folder / "cut.png")
    line = as_json("--no-detect", folder / "cut.png")[0]
    assert (line["outcome"], line["label"], line["box"]) == ("reading", "happiness", None)


def test_video_is_sampled(folder: Path) -> None:
    video = cv2.VideoWriter(str(folder / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (512, 512))
    for _ in range(15):
        video.write(cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR))
    for _ in range(10):
        video.write(np.full((512, 512, 3), 90, np.uint8))
    video.release()
    lines = as_json("--every", 0.5, folder / "clip.avi")
    assert [(line["seconds"], line["label"]) for line in lines] == [
        (0.0, "happiness"),
        (0.5, "happiness"),
        (1.0, "happiness"),
        (1.5, None),
        (2.0, None),
    ]


def test_annotated_copies_lie_as_the_pictures_did(folder: Path, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    classify(folder, "--annotate", copies)
    found = sorted(str(path.relative_to(copies)) for path in copies.rglob("*.png"))
    assert found == ["below/palette.tiff.png", "room.jpg.png", "smile.png.png"]
    assert np.array(Image.open(copies / "room.jpg.png")).shape == (480, 640, 3)
    copy = np.array(Image.open(copies / "smile.png.png"))
    assert copy.shape[0] > 512 + 7 * 12
    rows, columns = np.nonzero(np.any(copy[:512] != skimage.data.astronaut(), axis=-1))
    assert (rows.max(), columns.min()) == pytest.approx((175, 178), abs=5)
    assert copy[512:].std(axis=(0, 1)).min() > 10


def test_two_pictures_that_would_be_copied_to_one_are_refused(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(folder / "smile.png", other)
    with pytest.raises(CommandError, match=r"would be copied to smile\.png"):
        classify(folder / "smile.png", other / "smile.png", "--annotate", tmp_path / "copies")
    assert not (tmp_path / "copies").exists()
    assert len(as_json(folder / "smile.png", other / "smile.png")) == 2


def test_folder_without_pictures_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no picture"):
        classify(tmp_path)


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "soon"])
def test_sampling_needs_a_time_above_nothing(folder: Path, seconds: str) -> None:
    with pytest.raises(CommandError, match="--every"):
        classify("--every", seconds, folder)


def test_command_line_fails_with_one_for_a_bad_file(folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"not a picture")
    command = [sys.executable, "manage.py", "classify", "--json", str(folder / "broken.jpg")]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert json.loads(answer.stdout)["outcome"] == "unreadable"
    assert "Traceback" not in answer.stderr
