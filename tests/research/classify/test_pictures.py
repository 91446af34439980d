from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from emotion.classifier.images import RGB, UnreadableImage
from research.classify.pictures import make_plain, read_image

GREY = np.full((480, 640, 3), 90, np.uint8)


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
