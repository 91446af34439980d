import io
import random
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from emotion.jpeg import MAX_BYTES, ImageRefused, check_jpeg, copy_picture
from emotion.services.accept import REFUSED_PICTURES


def make_jpeg(width: int = 640, height: int = 480, mode: str = "RGB", **options: Any) -> bytes:
    noise = random.Random(7).randbytes(40 * 30 * len(Image.new(mode, (1, 1)).getbands()))
    picture = Image.frombytes(mode, (40, 30), noise).resize((width, height))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", **options)
    return stream.getvalue()


PLAIN = make_jpeg()


def refusal(data: bytes) -> str:
    with pytest.raises(ImageRefused) as caught:
        check_jpeg(data)
    assert caught.value.code in REFUSED_PICTURES
    return caught.value.code


@pytest.mark.parametrize(
    "options",
    [
        {"quality": 85},
        {"quality": 40, "subsampling": 2},
        {"quality": 95, "subsampling": 0},
        {"optimize": True},
        {"restart_marker_blocks": 4},
        {"comment": b"anything \xff\xd9 at all"},
        {"exif": b"Exif\0\0" + b"\xff\xd8\xff\xd9" * 40},
        {"keep_rgb": True},
    ],
)
def test_baseline_jpeg_is_accepted(options: dict[str, Any]) -> None:
    assert check_jpeg(make_jpeg(**options)) == (640, 480)


def test_grey_jpeg_is_accepted() -> None:
    assert check_jpeg(make_jpeg(mode="L")) == (640, 480)


@pytest.mark.parametrize("size", [(160, 120), (1280, 960), (480, 640)])
def test_sizes_within_the_limits_are_accepted(size: tuple[int, int]) -> None:
    assert check_jpeg(make_jpeg(*size)) == size


@pytest.mark.parametrize(
    ("size", "code"),
    [
        ((159, 120), "too_small_image"),
        ((160, 119), "too_small_image"),
        ((1281, 960), "too_large_image"),
        ((1280, 961), "too_large_image"),
    ],
)
def test_sizes_beyond_the_limits_are_refused(size: tuple[int, int], code: str) -> None:
    assert refusal(make_jpeg(*size)) == code


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xd8", b"GIF89a", b"\x89PNG\r\n\x1a\n", PLAIN[1:], b" " + PLAIN])
def test_other_files_are_not_jpeg(data: bytes) -> None:
    assert refusal(data) == "not_jpeg"


def test_png_is_not_jpeg() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (640, 480)).save(stream, "PNG")
    assert refusal(stream.getvalue()) == "not_jpeg"


def test_progressive_jpeg_is_refused() -> None:
    assert refusal(make_jpeg(progressive=True)) == "progressive"


def test_cmyk_jpeg_is_refused() -> None:
    assert refusal(make_jpeg(mode="CMYK")) == "unsupported_jpeg"


def test_huge_frame_in_a_small_file_is_refused() -> None:
    at = PLAIN.index(b"\xff\xc0") + 5
    bomb = PLAIN[:at] + (30000).to_bytes(2, "big") * 2 + PLAIN[at + 4 :]
    assert refusal(bomb) == "too_large_image"


def test_file_of_too_many_bytes_is_refused() -> None:
    assert refusal(PLAIN + b"\0" * MAX_BYTES) == "too_large"


@pytest.mark.parametrize("tail", [b"\0", b"\xff\xd9", b"PK\x03\x04", b"<script>alert(1)</script>", PLAIN])
def test_bytes_behind_the_end_are_refused(tail: bytes) -> None:
    assert refusal(PLAIN + tail) == "trailing_bytes"


def test_second_frame_header_is_refused() -> None:
    start = PLAIN.index(b"\xff\xc0")
    frame = PLAIN[start : start + 19]
    assert refusal(PLAIN[:start] + frame + PLAIN[start:]) == "unsupported_jpeg"


def test_more_scans_than_components_are_refused() -> None:
    scan = PLAIN[PLAIN.index(b"\xff\xda") : -2]
    assert check_jpeg(PLAIN[:-2] + scan * 2 + b"\xff\xd9") == (640, 480)
    assert refusal(PLAIN[:-2] + scan * 3 + b"\xff\xd9") == "unsupported_jpeg"


@given(st.integers(min_value=3, max_value=len(PLAIN) - 1))
def test_every_cut_is_refused(length: int) -> None:
    assert refusal(PLAIN[:length]) in {"truncated", "unsupported_jpeg"}


@settings(max_examples=400)
@given(
    st.lists(
        st.tuples(st.integers(min_value=0, max_value=len(PLAIN) - 1), st.binary(min_size=0, max_size=6)),
        min_size=1,
        max_size=8,
    )
)
def test_altered_jpeg_is_taken_or_refused_and_never_crashes(changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(PLAIN)
    for at, piece in changes:
        data[at : at + len(piece) // 2] = piece
    try:
        width, height = check_jpeg(bytes(data))
    except ImageRefused:
        return
    assert 160 <= width <= 1280
    assert 120 <= height <= 960


@given(st.binary(max_size=300))
def test_any_bytes_behind_the_start_are_taken_or_refused(tail: bytes) -> None:
    assert refusal(b"\xff\xd8\xff" + tail) in {
        "truncated",
        "unsupported_jpeg",
        "progressive",
        "trailing_bytes",
        "too_small_image",
        "too_large_image",
    }


def test_frame_of_twelve_bits_is_refused() -> None:
    at = PLAIN.index(b"\xff\xc0") + 4
    assert PLAIN[at] == 8
    assert refusal(PLAIN[:at] + b"\x0c" + PLAIN[at + 1 :]) == "unsupported_jpeg"


def copy_with(segment: bytes) -> bytes:
    """What is copied of a picture that begins with this segment of Adobe's."""
    target = io.BytesIO()
    length = (len(segment) + 2).to_bytes(2, "big")
    copy_picture(PLAIN[:2] + b"\xff\xee" + length + segment + PLAIN[2:], target)
    return target.getvalue()


def test_of_an_adobe_segment_the_colour_transform_alone_is_copied() -> None:
    segment = b"Adobe\0\x65\x12\x34\x56\x78\x01"
    assert copy_with(segment).startswith(b"\xff\xd8\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\x01")


@pytest.mark.parametrize("segment", [b"Adobe\0\x64\0\0\0\1", b"Adobe\0\x64\0\0\0\0\1\1", b"Odobe\0\x64\0\0\0\0\1"])
def test_an_adobe_segment_of_another_shape_is_not_copied(segment: bytes) -> None:
    assert b"\xff\xee" not in copy_with(segment)[:6]
    assert b"dobe" not in copy_with(segment)


def test_import_loads_no_decoder() -> None:
    heavy = "{'cv2', 'numpy', 'PIL', 'django', 'openvino'}"
    code = f"import sys, emotion.jpeg; print(sorted({heavy} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
