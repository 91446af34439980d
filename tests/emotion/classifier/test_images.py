from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from emotion.classifier.images import RGB, UnreadableImage, decode_jpeg, make_plain, read_image, stretch_contrast
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


def read_saved(picture: Image.Image, path: Path, **options: Any) -> RGB:
    picture.save(path, **options)
    return read_image(path)


def test_palette_tiff_is_read(tmp_path: Path) -> None:
    picture = Image.fromarray(GREY).quantize(4)
    assert np.array_equal(read_saved(picture, tmp_path / "a.tiff"), GREY)


def test_sixteen_bit_png_is_read_with_its_high_byte(tmp_path: Path) -> None:
    picture = Image.fromarray(np.full((120, 160), 90 * 256, np.uint16))
    assert np.array_equal(read_saved(picture, tmp_path / "a.png"), GREY[:120, :160])


@pytest.mark.parametrize(("order", "ending"), [("<", "pgm"), ("<", "tiff"), (">", "tiff")])
def test_sixteen_bits_are_read_in_either_order(tmp_path: Path, order: str, ending: str) -> None:
    values = np.arange(0, 65536, 4, dtype=np.uint16).reshape(128, 128)
    mode = "I;16" if order == "<" else "I;16B"
    picture = Image.frombytes(mode, (128, 128), values.astype(f"{order}u2").tobytes())
    assert np.array_equal(read_saved(picture, tmp_path / f"a.{ending}")[..., 0], values >> 8)


@pytest.mark.parametrize("mode", ["L", "RGB", "1", "P", "CMYK", "YCbCr"])
def test_eight_bits_are_left_as_they_are(mode: str) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    picture = Image.fromarray(noise).convert(mode)
    assert np.array_equal(np.asarray(make_plain(picture).convert("RGB")), np.asarray(picture.convert("RGB")))


def test_transparent_pixels_become_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (160, 120), (0, 0, 0, 0))
    assert read_saved(picture, tmp_path / "a.png").min() == 255


def test_exif_orientation_is_followed(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_saved(Image.new("RGB", (160, 120)), tmp_path / "a.jpg", exif=exif).shape == (160, 120, 3)


def test_missing_and_foreign_files_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("not a picture")
    for name in ("a.jpg", "missing.jpg"):
        with pytest.raises(UnreadableImage, match=name):
            read_image(tmp_path / name)


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
