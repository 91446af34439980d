"""Checks that an uploaded frame is one small baseline JPEG and nothing else, before any decoder gets it.

Parses the headers in plain Python, cheap to import, for the web process. File format: ITU-T T.81, annex B.
"""

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

MAX_BYTES: Final = 512 * 1024
MIN_WIDTH: Final = 160
MAX_WIDTH: Final = 1280
MIN_HEIGHT: Final = 120
MAX_HEIGHT: Final = 960

_START: Final = b"\xff\xd8\xff"
#: A canvas writes 10, a camera about 30.
_MAX_SEGMENTS: Final = 100
_SOF0: Final = 0xC0
_END: Final = 0xD9
_SCAN: Final = 0xDA
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_DECODES: Final = frozenset({_SOF0, 0xC4, 0xDB, 0xDD, _SCAN})
_JFIF: Final = 0xE0
_ADOBE: Final = 0xEE
_DESCRIBES: Final = frozenset({0xFE, *range(0xE0, 0xF0)})
_PLAIN: Final = (_DECODES | _DESCRIBES) - {_SOF0, _SCAN}
#: In a scan FF 00 is data, FF D0..D7 are restart marks and FF FF is fill; anything else ends the scan.
_SCAN_END: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FILL: Final = re.compile(rb"\xff+")


class ImageRefused(Exception):
    """The frame is not taken. `code` says why and repeats nothing of what was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_jpeg(data: bytes | bytearray) -> tuple[int, int]:
    """Width and height of the picture, or ImageRefused.

    Codes: too_large, not_jpeg, progressive, unsupported_jpeg, too_small_image, too_large_image, truncated,
    trailing_bytes.
    """
    if len(data) > MAX_BYTES:
        raise ImageRefused("too_large")
    if not data.startswith(_START):
        raise ImageRefused("not_jpeg")
    size: tuple[int, int] | None = None
    components = scans = 0
    for marker, start, end in _walk_segments(data):
        if marker == _SOF0 and size is None:
            size, components = _read_frame_header(data[start:end])
        elif marker == _SCAN and size and scans < components:
            scans += 1
        elif marker in _PROGRESSIVE:
            raise ImageRefused("progressive")
        elif marker not in _PLAIN:
            raise ImageRefused("unsupported_jpeg")
    if size is None or not scans:
        raise ImageRefused("truncated")
    return size


def copy_picture(data: bytes | bytearray, target: BinaryIO) -> None:
    """Write the parts of a picture that a decoder needs, without metadata. `check_jpeg` must have accepted it.

    Comments, EXIF, profiles, thumbnails and further pictures are dropped, so that no parser of them runs. The segments
    that give the colour space, JFIF and Adobe, are rewritten with nothing else in them.
    """
    target.write(b"\xff\xd8")
    with memoryview(data) as view:
        for marker, start, end in _walk_segments(data):
            if marker in _DECODES:
                last = _skip_scan(data, end) if marker == _SCAN else end
                target.write(bytes((0xFF, marker)))
                target.write(view[start - 2 : last])
            elif marker == _JFIF and data[start : start + 5] == b"JFIF\0":
                target.write(b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0")
            elif marker == _ADOBE and data[start : start + 5] == b"Adobe" and end == start + 12:
                target.write(b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0" + data[end - 1 : end])
    target.write(b"\xff\xd9")


def _walk_segments(data: bytes | bytearray) -> Iterator[tuple[int, int, int]]:
    """Marker, and start and end of the content, of each segment between the start and end markers of the image."""
    at = 2
    for _ in range(_MAX_SEGMENTS):
        marker, at = _read_marker(data, at)
        if marker == _END:
            break
        if marker not in _DECODES and marker not in _DESCRIBES:
            yield marker, at, at
        length = int.from_bytes(data[at : at + 2], "big")
        end = at + length
        if length < 2 or end > len(data):
            raise ImageRefused("truncated")
        yield marker, at + 2, end
        at = _skip_scan(data, end) if marker == _SCAN else end
    else:
        raise ImageRefused("unsupported_jpeg")
    if at != len(data):
        raise ImageRefused("trailing_bytes")


def _read_marker(data: bytes | bytearray, at: int) -> tuple[int, int]:
    fill = _FILL.match(data, at)
    if fill is None:
        raise ImageRefused("unsupported_jpeg") if at < len(data) else ImageRefused("truncated")
    if fill.end() == len(data):
        raise ImageRefused("truncated")
    return data[fill.end()], fill.end() + 1


def _skip_scan(data: bytes | bytearray, at: int) -> int:
    found = _SCAN_END.search(data, at)
    if found is None:
        raise ImageRefused("truncated")
    return found.start()


def _read_frame_header(frame: bytes | bytearray) -> tuple[tuple[int, int], int]:
    if len(frame) < 6:
        raise ImageRefused("truncated")
    bits, height, width, components = struct.unpack_from(">BHHB", frame)
    if bits != 8 or components not in (1, 3) or len(frame) != 6 + 3 * components:
        raise ImageRefused("unsupported_jpeg")
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        raise ImageRefused("too_small_image")
    if width > MAX_WIDTH or height > MAX_HEIGHT:
        raise ImageRefused("too_large_image")
    return (width, height), components
