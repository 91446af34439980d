"""A real face to test with: the public-domain portrait of an astronaut that scikit-image ships. She smiles."""

import io
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data


@cache
def smile(width: int = 640, height: int = 480) -> Image.Image:
    """The upper part of the portrait, framed as a webcam would, RGB."""
    portrait = Image.fromarray(np.asarray(data.astronaut()))
    return portrait.crop((0, 0, 512, 384)).resize((width, height), Image.Resampling.LANCZOS)


def to_jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    """A baseline JPEG, as a browser's canvas makes it."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def write_fake_camera(path: Path, picture: Image.Image, frames: int = 30) -> Path:
    """An MJPEG file for Chromium's `--use-file-for-fake-video-capture`: it plays in a loop."""
    path.write_bytes(to_jpeg(picture, 95) * frames)
    return path
