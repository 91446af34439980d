"""Pictures that an operator names on a command line: files, folders, and stills from videos."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2

from emotion.classifier.images import RGB, UnreadableImage
from research.classify.pictures import read_image

PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".pgm", ".ppm"})
VIDEOS: Final = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm"})


@dataclass(frozen=True, slots=True)
class Source:
    """`name`: the path relative to the named folder, used to name copies."""

    path: Path
    name: Path

    @property
    def is_video(self) -> bool:
        return self.path.suffix.lower() in VIDEOS


@dataclass(frozen=True, slots=True)
class Still:
    """`seconds`: position in the video; None for a picture."""

    picture: RGB
    seconds: float | None = None


def find_sources(paths: Iterable[Path]) -> list[Source]:
    """Named files of any type, and all pictures and videos below named folders, sorted."""
    return [source for path in paths for source in _find_below(path)]


def read_stills(source: Source, *, every: float) -> Iterator[Still]:
    """The picture, or a still of the video every `every` seconds. Raises UnreadableImage."""
    if source.is_video:
        yield from _sample_video(source.path, every)
    else:
        yield Still(read_image(source.path))


def _find_below(path: Path) -> list[Source]:
    if not path.is_dir():
        return [Source(path, Path(path.name))]
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in PICTURES | VIDEOS and file.is_file())
    return [Source(file, file.relative_to(path)) for file in files]


def _sample_video(path: Path, every: float) -> Iterator[Still]:
    video = cv2.VideoCapture(str(path))
    try:
        rate = video.get(cv2.CAP_PROP_FPS) or 25.0
        step = max(1, round(rate * every))
        number = 0
        while video.grab():
            if number % step == 0:
                read, picture = video.retrieve()
                if not read:
                    break
                yield Still(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), seconds=round(number / rate, 3))
            number += 1
    finally:
        video.release()
    if number == 0:
        raise UnreadableImage(f"{path} cannot be decoded.")
