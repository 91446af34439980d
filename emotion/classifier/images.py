"""Decodes pictures to RGB arrays. OpenCV never decodes an employee's picture."""

import io
import warnings
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from emotion.jpeg import ImageRefused, check_jpeg, copy_picture

#: Height x width x 3; red, green, blue; 0..255.
RGB = NDArray[np.uint8]

_DARKEST_MIDDLE: Final = 0.3
_BRIGHTEST_MIDDLE: Final = 0.65

#: What Pillow raises when it cannot decode.
DECODE_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    Image.DecompressionBombError,
    # Pillow warns when it repairs a file; with warnings as errors, the file is refused.
    Warning,
)


class UnreadableImage(Exception):
    """The bytes or the file are not a picture that can be decoded."""


def decode_jpeg(data: bytes | bytearray) -> RGB:
    """Decode an uploaded frame with the JPEG decoder only. Raises UnreadableImage.

    Repeats the check of the upload, and gives the decoder the picture without its metadata.
    """
    stream = io.BytesIO()
    try:
        check_jpeg(data)
        copy_picture(data, stream)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(stream, formats=("JPEG",)) as picture:
                return np.array(picture.convert("RGB"), dtype=np.uint8)
    except (ImageRefused, *DECODE_ERRORS) as error:
        raise UnreadableImage("The frame cannot be decoded.") from error
    finally:
        with stream.getbuffer() as buffer:
            buffer[:] = bytes(len(buffer))


def stretch_contrast(square: RGB, least: float) -> RGB:
    """The picture itself, or a copy whose luminance spans `least` (0..1) around a middle grey near its own."""
    low, high = find_range(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY))
    if high - low >= least:
        return square
    gain = least / max(high - low, 1 / 255)
    middle = np.clip((low + high) / 2, _DARKEST_MIDDLE, _BRIGHTEST_MIDDLE)
    stretched = (square - 255 * (low + high) / 2) * gain + 255 * middle
    result: RGB = np.clip(np.rint(stretched), 0, 255).astype(np.uint8)
    return result


def find_range(grey: NDArray[np.uint8]) -> tuple[float, float]:
    """The 5th and the 95th percentile of luminance, 0..1."""
    ordered = np.sort(grey, axis=None)
    last = ordered.size - 1
    return float(ordered[round(0.05 * last)]) / 255, float(ordered[round(0.95 * last)]) / 255
