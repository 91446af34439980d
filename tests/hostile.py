"""Hostile pictures, made by code: what each must be answered, and ways to spoil a good one.

`CORPUS` maps a name to the file and the answer: a code of `emotion.jpeg.check_jpeg`, or `DECODED` or `UNREADABLE` for
what passes that check and meets the one decoder. Markers: ITU-T T.81, table B.1.
"""

import gzip
import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import cache

from PIL import Image

from tests.faces import smile, to_jpeg

DECODED, UNREADABLE = "decoded", "unreadable"
#: Stands in comments, EXIF and tails; afterwards it must be nowhere.
MARK = b"hidden-message-4711"

EOI = b"\xff\xd9"
SOF0, DHT, SOS, DQT, DRI, COM, APP0, APP1, APP2, APP13, APP14 = (
    0xC0, 0xC4, 0xDA, 0xDB, 0xDD, 0xFE, 0xE0, 0xE1, 0xE2, 0xED, 0xEE
)  # fmt: skip


@cache
def plain(width: int = 320, height: int = 240) -> bytes:
    """A baseline JPEG as a browser's canvas makes it: APP0, two DQT, SOF0, four DHT, one scan."""
    return to_jpeg(smile(width, height), 80)


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def saved(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def before(marker: int, piece: bytes, jpeg: bytes | None = None) -> bytes:
    """The picture with `piece` in front of its first segment of that kind."""
    jpeg = jpeg or plain()
    at = jpeg.index(bytes([0xFF, marker]))
    return jpeg[:at] + piece + jpeg[at:]


def without(marker: int) -> bytes:
    """The picture without any segment of that kind in front of its scan."""
    jpeg, at, kept = plain(), 2, [plain()[:2]]
    while jpeg[at + 1] != SOS:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        kept += [] if jpeg[at + 1] == marker else [jpeg[at:end]]
        at = end
    return b"".join(kept) + jpeg[at:]


def frame(**changes: bytes) -> bytes:
    """The picture with bytes of its frame header replaced; see `places` for their names."""
    places = {"sof": 1, "length": 2, "bits": 4, "height": 5, "width": 7, "count": 9, "first": 10}
    jpeg = bytearray(plain())
    start = plain().index(b"\xff\xc0")
    for name, value in changes.items():
        at = start + places[name]
        jpeg[at : at + len(value)] = value
    return bytes(jpeg)


def sized(width: int, height: int) -> bytes:
    return frame(width=width.to_bytes(2, "big"), height=height.to_bytes(2, "big"))


def scan_only() -> bytes:
    return plain()[plain().index(b"\xff\xda") : -2]


def in_scan(piece: bytes) -> bytes:
    """The picture with `piece` in the middle of its compressed data."""
    jpeg = plain()
    at = (jpeg.index(b"\xff\xda") + len(jpeg)) // 2
    while b"\xff" in jpeg[at - 1 : at + 1]:
        at += 1
    return jpeg[:at] + piece + jpeg[at:]


def tables(counts: bytes, values: bytes) -> bytes:
    return segment(DHT, b"\x00" + counts + values)


def exif(entries: int, *, count: int = 1, kind: int = 2) -> bytes:
    """An APP1 whose directory names `entries` fields of `count` values that point into nowhere or at itself."""
    directory = b"".join(struct.pack("<HHII", 0x9000 + n % 4096, kind, count, 8) for n in range(entries))
    body = b"II*\x00" + struct.pack("<IH", 8, entries & 0xFFFF) + directory + struct.pack("<I", 8) + MARK
    return segment(APP1, b"Exif\0\0" + body)


def multi_picture(count: int) -> bytes:
    """An APP2 that claims `count` more pictures behind this one, where nothing is."""
    entry = struct.pack(">LLLHH", 0x030000, 0xFFFF, 0x7FFFFFFF, 0, 0)
    index = (
        struct.pack(">HHI4s", 0xB000, 7, 4, b"0100")
        + struct.pack(">HHII", 0xB001, 4, 1, count)
        + struct.pack(">HHII", 0xB002, 7, 16 * count, 50)
    )
    return segment(APP2, b"MPF\0MM\x00*" + struct.pack(">IH", 8, 3) + index + struct.pack(">I", 0) + entry * count)


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("run.sh", MARK)
    return stream.getvalue()


def box(kind: bytes, brand: bytes) -> bytes:
    return struct.pack(">I4s4sI4s", 20, kind, brand, 0, brand) + b"\0" * 64


def other_kinds() -> Iterator[tuple[str, bytes]]:
    picture = smile(320, 240)
    for kind in ("PNG", "GIF", "BMP", "WEBP", "TIFF", "PDF", "EPS", "ICO", "PPM", "TGA", "JPEG2000"):
        yield kind.lower(), saved(picture, kind)
    yield "svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    yield "mp4", box(b"ftyp", b"isom")
    yield "heic", box(b"ftyp", b"heic")
    yield "avif", box(b"ftyp", b"avif")
    yield "psd", b"8BPS\0\x01" + bytes(300)
    yield "jpeg xl", b"\xff\x0a" + bytes(200)
    yield "zip", archive()
    yield "gzip bomb", gzip.compress(bytes(4_000_000))
    yield "program", b"\x7fELF" + bytes(300)
    yield "html", b"<!doctype html><script>alert(1)</script>"
    yield "empty", b""
    yield "start alone", b"\xff\xd8"
    yield "byte order mark in front", b"\xef\xbb\xbf" + plain()
    yield "blank in front", b" " + plain()
    yield "base64", b"/9j/4AAQSkZJRgABAQAAAQABAAD"
    yield "zeros", bytes(100_000)


def bombs() -> Iterator[tuple[str, bytes, str]]:
    for width, height in ((65000, 65000), (30000, 30000), (65535, 65535), (1281, 960), (1280, 961), (65535, 120)):
        yield f"{width} x {height}", sized(width, height), "too_large_image"
    for width, height in ((0, 0), (0, 240), (320, 0), (159, 240), (320, 119), (1, 65535)):
        yield f"{width} x {height}", sized(width, height), "too_small_image"
    yield "header of a bigger picture", sized(1280, 960), DECODED
    yield "header of a smaller picture", sized(160, 120), DECODED
    yield "one byte over 512 KiB", plain() + bytes(512 * 1024 + 1 - len(plain())), "too_large"
    yield "three MiB of noise", b"\xff\xd8\xff" + random.Random(1).randbytes(3 << 20), "too_large"


def headers() -> Iterator[tuple[str, bytes, str]]:
    jpeg = plain()
    yield "450 KiB of EXIF", before(APP0, segment(APP1, b"Exif\0\0" + MARK + bytes(65_500)) * 7), DECODED
    yield "4,000 comments", before(DQT, segment(COM, MARK + bytes(60)) * 4000), "unsupported_jpeg"
    yield "100,000 empty segments", before(DQT, segment(0xEF, b"") * 100_000), "unsupported_jpeg"
    yield "EXIF that refers to itself", before(DQT, exif(3, count=1, kind=4)), DECODED
    yield "EXIF of 5,000 fields", before(DQT, exif(5000)), DECODED
    yield "EXIF with 4 billion values", before(DQT, exif(2, count=0xFFFFFFFF, kind=5)), DECODED
    yield "EXIF that is random", before(DQT, segment(APP1, b"Exif\0\0" + random.Random(2).randbytes(4000))), DECODED
    yield "EXIF with a second picture", before(DQT, segment(APP1, b"Exif\0\0II*\0" + jpeg + MARK)), DECODED
    yield "GPS in XMP", before(DQT, segment(APP1, b"http://ns.adobe.com/xap/1.0/\0<x>" + MARK)), DECODED
    yield (
        "Photoshop blocks that lie",
        before(DQT, segment(APP13, b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff")),
        DECODED,
    )
    yield "colour profile of 255 missing parts", before(DQT, segment(APP2, b"ICC_PROFILE\0\x01\xff" + MARK)), DECODED
    yield "more pictures promised", before(DQT, multi_picture(3)), DECODED
    yield "2,000 more pictures promised", before(DQT, multi_picture(2000)), DECODED
    yield "Adobe mark of an unknown colour space", before(DQT, segment(APP14, b"Adobe\0\x64\0\0\0\0\xff")), DECODED
    yield "script and comment in one", before(DQT, segment(COM, b"*/=alert(1);/*" + MARK)), DECODED
    yield "zip in a comment", before(DQT, segment(COM, archive())), DECODED
    yield "JPEG that is JavaScript", jpeg[:2] + segment(APP0, b"/*" + bytes(9000) + b"*/=1" + MARK) + jpeg[2:], DECODED
    yield "end marks in a comment", before(DQT, segment(COM, EOI * 500 + MARK)), DECODED
    yield "400,000 fill bytes before a mark", before(DQT, b"\xff" * 400_000), DECODED
    yield "fifty comments", before(DQT, segment(COM, MARK) * 50), DECODED
    yield "length nought", before(DQT, b"\xff\xfe\0\0"), "truncated"
    yield "length one", before(DQT, b"\xff\xfe\0\x01"), "truncated"
    yield "length past the end", before(DQT, b"\xff\xfe\xff\xff"), "truncated"
    yield "bytes between segments", before(DQT, b"junk"), "unsupported_jpeg"
    yield "second start", before(DQT, b"\xff\xd8"), "unsupported_jpeg"
    yield "second picture inside", before(DQT, jpeg), "unsupported_jpeg"
    yield "reserved mark", before(DQT, segment(0xF7, MARK)), "unsupported_jpeg"
    yield "restart mark among the headers", before(DQT, b"\xff\xd0"), "unsupported_jpeg"
    yield "arithmetic tables", before(DQT, segment(0xCC, b"\0\0")), "unsupported_jpeg"
    yield "height after the scan", sized(320, 0)[:-2] + segment(0xDC, b"\0\xf0") + EOI, "too_small_image"
    yield "height told again after the scan", jpeg[:-2] + segment(0xDC, b"\xff\xff") + EOI, "unsupported_jpeg"


def frames() -> Iterator[tuple[str, bytes, str]]:
    jpeg, picture = plain(), smile(320, 240)
    start = jpeg.index(b"\xff\xc0")
    own = jpeg[start : start + 19]
    yield "progressive", saved(picture, progressive=True), "progressive"
    for sof in (0xC2, 0xC6, 0xCA, 0xCE):
        yield f"frame kind {sof:X}", frame(sof=bytes([sof])), "progressive"
    for sof in (0xC1, 0xC3, 0xC5, 0xC7, 0xC8, 0xC9, 0xCB, 0xCD, 0xCF):
        yield f"frame kind {sof:X}", frame(sof=bytes([sof])), "unsupported_jpeg"
    for bits in (0, 1, 12, 16, 255):
        yield f"{bits} bits", frame(bits=bytes([bits])), "unsupported_jpeg"
    for count in (0, 2, 4, 255):
        yield f"{count} components", frame(count=bytes([count])), "unsupported_jpeg"
    yield "CMYK", saved(picture.convert("CMYK")), "unsupported_jpeg"
    yield "frame header cut short", frame(length=b"\0\x05"), "truncated"
    yield "frame header too long", frame(length=b"\0\x20"), "unsupported_jpeg"
    yield "two frame headers", before(SOF0, own), "unsupported_jpeg"
    yield "frame header behind the scan", jpeg[:-2] + own + EOI, "unsupported_jpeg"
    yield "no frame header", without(SOF0), "unsupported_jpeg"
    yield "progressive behind baseline", before(SOS, b"\xff\xc2" + own[2:]), "progressive"
    yield "sampling of 4 x 4", frame(first=b"\x01\x44"), UNREADABLE
    yield "sampling of nought", frame(first=b"\x01\x00"), UNREADABLE
    yield "sampling of 15 x 15", frame(first=b"\x01\xff"), UNREADABLE
    yield "component that has no table", frame(first=b"\x01\x22\x03"), UNREADABLE


def scans() -> Iterator[tuple[str, bytes, str]]:
    jpeg, scan = plain(), scan_only()
    yield "no scan", jpeg[: jpeg.index(b"\xff\xda")] + EOI, "truncated"
    yield "three scans of all components", jpeg[:-2] + scan * 2 + EOI, UNREADABLE
    yield "four scans", jpeg[:-2] + scan * 3 + EOI, "unsupported_jpeg"
    yield "thirty scans", jpeg[:-2] + scan * 29 + EOI, "unsupported_jpeg"
    yield "scan before the frame header", jpeg[:2] + scan + jpeg[2:], "unsupported_jpeg"
    yield "scan without data", jpeg[: jpeg.index(b"\xff\xda") + 14] + EOI, DECODED
    yield "scan of random bytes", before(SOS, b"")[: jpeg.index(b"\xff\xda") + 14] + _noise(8000) + EOI, DECODED
    yield "scan of no component", jpeg.replace(b"\xff\xda\x00\x0c\x03", b"\xff\xda\x00\x0c\x00"), UNREADABLE
    yield (
        "scan of an unknown component",
        jpeg.replace(b"\xff\xda\x00\x0c\x03\x01", b"\xff\xda\x00\x0c\x03\x09"),
        UNREADABLE,
    )
    yield "restart every block", saved(smile(320, 240), restart_marker_blocks=1), DECODED
    yield "restart marks nobody asked for", in_scan(b"\xff\xd3" * 400), DECODED
    yield "restart interval that is never kept", before(SOS, segment(DRI, b"\0\x01")), DECODED
    yield "comment in the scan", in_scan(segment(COM, MARK)), "unsupported_jpeg"
    yield "no Huffman tables", without(DHT), DECODED
    yield "no quantisation tables", without(DQT), UNREADABLE
    yield (
        "quantised by nought",
        without(DQT).replace(
            b"\xff\xc0", segment(DQT, b"\0" + bytes(64)) + segment(DQT, b"\1" + bytes(64)) + b"\xff\xc0"
        ),
        DECODED,
    )
    yield "Huffman table of 4,080 codes", before(SOS, tables(b"\xff" * 16, bytes(4080))), UNREADABLE
    yield "Huffman table with more codes than bytes", before(SOS, tables(b"\x10" * 16, b"")), UNREADABLE
    yield "Huffman table that overflows", before(SOS, tables(b"\x03" + bytes(15), b"\1\2\3")), UNREADABLE
    yield "table number 15", before(SOS, segment(DQT, b"\x0f" + bytes(64))), UNREADABLE


def _noise(size: int) -> bytes:
    return bytes(byte for byte in random.Random(3).randbytes(size) if byte != 0xFF)


def tails() -> Iterator[tuple[str, bytes, str]]:
    jpeg = plain()
    endings = {
        "zip": archive(), "html": b"<script>alert(1)</script>" + MARK, "gif": b"GIF89a" + MARK,
        "pdf": b"%PDF-1.7\n" + MARK,
        "mp4": box(b"ftyp", b"isom"), "php": b"<?php system($_GET[0]);", "another picture": jpeg, "end": EOI,
        "one byte": b"\0", "100 KiB of nothing": bytes(100_000),
    }  # fmt: skip
    for name, ending in endings.items():
        yield f"{name} behind the end", jpeg + ending, "trailing_bytes"
    yield (
        "two pictures as cameras save them",
        saved(smile(320, 240), "MPO", save_all=True, append_images=[smile(320, 240)]),
        "trailing_bytes",
    )
    yield "cut in the first segment", jpeg[:11], "truncated"
    yield "cut before the scan", jpeg[: jpeg.index(b"\xff\xda")], "truncated"
    yield "cut in the scan", jpeg[: len(jpeg) // 2], "truncated"
    yield "no end", jpeg[:-2], "truncated"
    yield "half an end", jpeg[:-1], "truncated"
    yield "half of the scan, ended", jpeg[: jpeg.index(b"\xff\xda") + 14] + _noise(200) + EOI, DECODED


def _build() -> dict[str, tuple[bytes, str]]:
    corpus = {f"{name} file": (data, "not_jpeg") for name, data in other_kinds()}
    for make in (bombs, headers, frames, scans, tails):
        corpus |= {name: (data, answer) for name, data, answer in make()}
    return corpus


CORPUS = _build()


def mutate(jpeg: bytes, rng: random.Random) -> bytes:
    """One to four random injuries: bits, bytes, cuts, doubled pieces, marks and lengths."""
    data = bytearray(jpeg)
    for _ in range(rng.randint(1, 4)):
        rng.choice(_INJURIES)(data, rng)
    return bytes(data)


def _flip(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _flip_header(data: bytearray, rng: random.Random) -> None:
    data[rng.randrange(min(len(data), 640))] ^= 1 << rng.randrange(8)


def _overwrite(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    piece = rng.randbytes(rng.randint(1, 16))
    data[at : at + len(piece)] = piece


def _cut(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(2, len(data))
    del data[at : at + rng.randint(1, 64)]
    data += b"" if len(data) > 32 else bytes(32)


def _double(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(data))
    data[at:at] = data[at : at + rng.randint(1, 400)]


def _plant_mark(data: bytearray, rng: random.Random) -> None:
    at = rng.randrange(2, len(data))
    data[at : at + 2] = bytes([0xFF, rng.randrange(0xC0, 0x100)])


def _plant_length(data: bytearray, rng: random.Random) -> None:
    marks = [at for at in range(2, min(len(data) - 4, 700)) if data[at] == 0xFF and data[at + 1] >= 0xC0] or [2]
    at = rng.choice(marks)
    data[at + 2 : at + 4] = rng.choice((b"\0\0", b"\0\2", b"\0\x11", b"\xff\xff", rng.randbytes(2)))


_INJURIES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _flip_header, _flip_header, _overwrite, _cut, _double, _plant_mark, _plant_length,
)  # fmt: skip
