import io
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from emotion.classifier.images import UnreadableImage, decode_jpeg, stretch_contrast
from tests.emotion.classifier.conftest import to_jpeg

GREY = np.full((480, 640, 3), 90, np.uint8)
NOISE = np.frombuffer(random.Random(1).randbytes(160 * 120 * 3), np.uint8).reshape(120, 160, 3)
PLAIN = to_jpeg(NOISE)


def test_jpeg_decodes_to_rgb() -> None:
    red = np.zeros((120, 160, 3), np.uint8)
    red[..., 0] = 255
    decoded = decode_jpeg(to_jpeg(red))
    assert decoded.shape == (120, 160, 3)
    assert decoded.dtype == np.uint8
    assert np.abs(decoded.astype(int) - red).max() <= 2


def test_grey_jpeg_decodes_to_three_equal_channels() -> None:
    stream = io.BytesIO()
    Image.new("L", (160, 120), 90).save(stream, "JPEG")
    assert np.array_equal(decode_jpeg(stream.getvalue()), GREY[:120, :160])


def test_bytearray_is_decoded_and_left_as_it_is() -> None:
    frame = bytearray(PLAIN)
    decode_jpeg(frame)
    assert frame == PLAIN


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_other_formats_are_unreadable(kind: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (160, 120)).save(stream, kind)
    with pytest.raises(UnreadableImage):
        decode_jpeg(stream.getvalue())


@pytest.mark.parametrize("data", [b"", b"hello", PLAIN[:-200], PLAIN[:30]])
def test_broken_bytes_are_unreadable(data: bytes) -> None:
    with pytest.raises(UnreadableImage):
        decode_jpeg(data)


def test_too_many_pixels_are_refused_from_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", None)
    at = PLAIN.index(b"\xff\xc0") + 5
    with pytest.raises(UnreadableImage):
        decode_jpeg(PLAIN[:at] + (2000).to_bytes(2, "big") * 2 + PLAIN[at + 4 :])


@settings(max_examples=150)
@given(at=st.integers(min_value=2, max_value=len(PLAIN) - 1), piece=st.binary(min_size=1, max_size=4))
def test_altered_jpeg_is_decoded_or_unreadable(at: int, piece: bytes) -> None:
    try:
        decoded = decode_jpeg(PLAIN[:at] + piece + PLAIN[at + len(piece) :])
    except UnreadableImage:
        return
    assert decoded.dtype == np.uint8


def test_picture_with_contrast_is_not_touched() -> None:
    assert stretch_contrast(NOISE, 0.5) is NOISE


@pytest.mark.parametrize("share", [0.5, 0.2, 0.1])
def test_dim_picture_is_stretched_to_the_contrast_asked(share: float) -> None:
    dim = (NOISE * share).astype(np.uint8)
    low, high = np.percentile(stretch_contrast(dim, 0.55) @ np.array([0.299, 0.587, 0.114]), (5, 95)) / 255
    assert high - low == pytest.approx(0.55, abs=0.06)
    assert 0.25 < (low + high) / 2 < 0.7


def test_flat_picture_stays_flat() -> None:
    assert np.ptp(stretch_contrast(GREY, 0.55)) == 0
