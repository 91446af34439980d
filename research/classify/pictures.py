"""Still pictures of any kind, from files that an operator names on a command line, never from uploads."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from emotion.classifier.images import DECODE_ERRORS, RGB, UnreadableImage


def read_image(path: Path) -> RGB:
    """Any still picture that Pillow reads, rotated by its EXIF; palettes and transparency become plain colour."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                plain = make_plain(ImageOps.exif_transpose(picture))
                return np.array(plain.convert("RGB"), dtype=np.uint8)
    except DECODE_ERRORS as error:
        raise UnreadableImage(f"{path} cannot be decoded.") from error


def make_plain(picture: Image.Image) -> Image.Image:
    """8 bits, grey ("L") or colour ("RGB"); of 16 bits the upper 8; transparent parts become white."""
    picture.load()
    if picture.mode == "I" or picture.mode.startswith("I;16"):
        return Image.fromarray(np.clip(np.asarray(picture) >> 8, 0, 255).astype(np.uint8))
    if "transparency" in picture.info or picture.mode in {"LA", "RGBA", "PA"}:
        plain = Image.new("RGBA", picture.size, "white")
        plain.alpha_composite(picture.convert("RGBA"))
        return plain.convert("RGB")
    return picture.convert("L" if picture.mode in {"1", "L"} else "RGB")
