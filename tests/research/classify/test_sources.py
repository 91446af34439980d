from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from emotion.classifier.images import RGB, UnreadableImage
from research.classify.sources import Source, find_sources, read_stills


def write_video(path: Path, pictures: list[RGB], *, rate: float = 10) -> Path:
    height, width = pictures[0].shape[:2]
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (width, height))
    for picture in pictures:
        video.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    video.release()
    return path


def test_folders_are_walked_in_order_and_files_taken_as_named(tmp_path: Path) -> None:
    for name in ("b.png", "a/z.JPG", "a/notes.txt", "a/c/clip.mp4", "odd.name"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()
    found = find_sources([tmp_path / "in", tmp_path / "in" / "odd.name", tmp_path / "missing.png"])
    assert [str(source.name) for source in found] == ["a/c/clip.mp4", "a/z.JPG", "b.png", "odd.name", "missing.png"]
    assert [source.is_video for source in found] == [True, False, False, False, False]


def test_picture_is_one_still(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (20, 10), "red").save(path)
    stills = list(read_stills(Source(path, Path("a.png")), every=1))
    assert [(still.picture.shape, still.seconds) for still in stills] == [((10, 20, 3), None)]


@pytest.mark.parametrize(("every", "seconds"), [(1.0, [0.0, 1.0, 2.0]), (0.5, [0, 0.5, 1, 1.5, 2]), (60, [0.0])])
def test_video_is_sampled(tmp_path: Path, every: float, seconds: list[float]) -> None:
    pictures = [np.full((120, 160, 3), (level * 10, 0, 0), np.uint8) for level in range(25)]
    path = write_video(tmp_path / "clip.avi", pictures)
    stills = list(read_stills(Source(path, Path("clip.avi")), every=every))
    assert [still.seconds for still in stills] == seconds
    reds = [float(still.picture[..., 0].mean()) for still in stills]
    assert reds == pytest.approx([min(place * 100, 240) for place in seconds], abs=6)


def test_file_that_is_no_video_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_text("nothing to see")
    with pytest.raises(UnreadableImage, match=r"clip\.mp4"):
        list(read_stills(Source(path, Path("clip.mp4")), every=1))
