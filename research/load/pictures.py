"""Frames for benchmarks and fault tests: faces as in a webcam picture, each slightly different."""

import io
import random
from pathlib import Path
from typing import Final

from PIL import Image, ImageEnhance

SIZE: Final = (640, 480)
_QUALITY: Final = 85


def load_pictures(folder: Path | None, count: int = 48, seed: int = 1) -> tuple[str, list[bytes]]:
    """A description, and 640 x 480 JPEGs: from `folder`, else a real portrait if installed, else a drawn face."""
    if folder is not None:
        found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
        return str(folder.name), [_encode(Image.open(path).convert("RGB").resize(SIZE)) for path in found[:count]]
    name, portrait = _portrait()
    chance = random.Random(seed)
    return name, [_encode(_vary(portrait, chance)) for _ in range(count)]


def load_bursts(folder: Path | None, *, frames: int, count: int = 48, seed: int = 1) -> tuple[str, list[list[bytes]]]:
    """The same pictures as bursts of `frames` each; after the first frame, the head moves slightly."""
    name, pictures = load_pictures(folder, count, seed)
    chance = random.Random(seed)
    return name, [[first, *(_move(first, chance) for _ in range(frames - 1))] for first in pictures]


def _move(first: bytes, chance: random.Random) -> bytes:
    """Closer and to a side by up to a fiftieth of the picture."""
    left, top, right, bottom = (chance.uniform(0, 0.02) * side for side in (*SIZE, *SIZE))
    picture = Image.open(io.BytesIO(first))
    part = (left, top, SIZE[0] - right, SIZE[1] - bottom)
    return _encode(picture.resize(SIZE, Image.Resampling.BICUBIC, box=part))


def _portrait() -> tuple[str, Image.Image]:
    """4:3, with a face in the upper middle."""
    try:
        from skimage import data  # noqa: PLC0415 -- a development dependency
    except ImportError:
        from research.load.drawn_face import draw_face  # noqa: PLC0415 -- needs numpy, which is used only here

        frame = Image.new("RGB", SIZE, (120, 120, 120))
        frame.paste(Image.fromarray(draw_face(0)).resize((480, 480)), (80, 0))
        return "drawn face", frame
    # Eileen Collins, NASA, public domain.
    portrait = Image.fromarray(data.astronaut())
    return "astronaut", portrait.crop((0, 0, 512, 384))


def _vary(portrait: Image.Image, chance: random.Random) -> Image.Image:
    """Closer or farther, off centre, mirrored, slightly rotated, lighter or darker."""
    width, height = portrait.size
    part = chance.uniform(0.72, 1.0)
    left, top = chance.uniform(0.2, 0.8) * (1 - part) * width, chance.uniform(0, 0.5) * (1 - part) * height
    picture = portrait.rotate(chance.uniform(-8, 8), Image.Resampling.BICUBIC)
    picture = picture.crop((int(left), int(top), int(left + part * width), int(top + part * height)))
    if chance.random() < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return ImageEnhance.Brightness(picture.resize(SIZE, Image.Resampling.BICUBIC)).enhance(chance.uniform(0.7, 1.2))


def _encode(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
