"""What an uploaded frame must be before any decoder sees it: one small baseline JPEG and nothing else.

A header walk in plain Python, cheap to import, for the web process. Layout of the file: ITU-T T.81, annex B.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MAX_BYTES: Final = 512 * 1024
MIN_WIDTH: Final = 160
MAX_WIDTH: Final = 1280
MIN_HEIGHT: Final = 120
MAX_HEIGHT: Final = 960

_START: Final = b"\xff\xd8\xff"
_SOF0: Final = 0xC0
_DHT: Final = 0xC4
_END: Final = 0xD9
_SCAN: Final = 0xDA
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_OTHER_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {_SOF0, _DHT} - _PROGRESSIVE
_PLAIN: Final = frozenset({_DHT, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)})
#: In a scan FF 00 is data, FF D0..D7 are restart marks and FF FF is fill; anything else ends the scan.
_SCAN_END: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class ImageRefused(Exception):
    """The frame is not taken. `code` is for programs, `detail` for people; neither repeats what was sent."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class JpegHeader:
    width: int
    height: int


def check_jpeg(data: bytes | bytearray) -> JpegHeader:
    """The size of the picture, or ImageRefused.

    Codes: too_large, not_jpeg, progressive, unsupported_jpeg, too_small_image, too_large_image, truncated,
    trailing_bytes.
    """
    if len(data) > MAX_BYTES:
        raise ImageRefused("too_large", f"A picture may have at most {MAX_BYTES // 1024} KiB.")
    if not data.startswith(_START):
        raise ImageRefused("not_jpeg", "The picture is not a JPEG.")
    header: JpegHeader | None = None
    components = scans = 0
    for marker, start, end in _walk_segments(data):
        if marker == _SOF0 and header is None:
            header, components = _read_frame_header(data[start:end])
        elif marker == _SCAN and header is not None and scans < components:
            scans += 1
        elif marker in _PROGRESSIVE:
            raise ImageRefused("progressive", "The picture is a progressive JPEG; a baseline JPEG is needed.")
        elif marker not in _PLAIN:
            raise _unsupported()
    if header is None or not scans:
        raise _truncated()
    return header


def _walk_segments(data: bytes | bytearray) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of the content of each segment between the start and the end of the image."""
    at = 2
    while True:
        marker, at = _read_marker(data, at)
        if marker == _END:
            break
        if marker in _OTHER_FRAMES or marker in _PROGRESSIVE:
            yield marker, at, at
        length = int.from_bytes(data[at : at + 2], "big")
        end = at + length
        if length < 2 or end > len(data):
            raise _truncated()
        yield marker, at + 2, end
        at = _skip_scan(data, end) if marker == _SCAN else end
    if at != len(data):
        raise ImageRefused("trailing_bytes", "There is something behind the end of the picture.")


def _read_marker(data: bytes | bytearray, at: int) -> tuple[int, int]:
    if data[at : at + 1] not in (b"\xff", b""):
        raise _unsupported()
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise _truncated()
    return data[at], at + 1


def _skip_scan(data: bytes | bytearray, at: int) -> int:
    found = _SCAN_END.search(data, at)
    if found is None:
        raise _truncated()
    return found.start()


def _read_frame_header(frame: bytes | bytearray) -> tuple[JpegHeader, int]:
    if len(frame) < 6:
        raise _truncated()
    bits, height, width, components = frame[0], *_read_size(frame), frame[5]
    if bits != 8 or components not in (1, 3) or len(frame) != 6 + 3 * components:
        raise _unsupported()
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        raise ImageRefused("too_small_image", f"A picture needs at least {MIN_WIDTH} x {MIN_HEIGHT} pixels.")
    if width > MAX_WIDTH or height > MAX_HEIGHT:
        raise ImageRefused("too_large_image", f"A picture may have at most {MAX_WIDTH} x {MAX_HEIGHT} pixels.")
    return JpegHeader(width, height), components


def _read_size(frame: bytes | bytearray) -> tuple[int, int]:
    return int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")


def _truncated() -> ImageRefused:
    return ImageRefused("truncated", "The picture is cut off.")


def _unsupported() -> ImageRefused:
    return ImageRefused("unsupported_jpeg", "The picture is not an ordinary 8-bit grey or colour JPEG.")
