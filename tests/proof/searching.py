"""Finding a secret in whatever an attacker holds, in each form it might have been written down in."""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

#: Long runs that may be Base64 of something.
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_LONGEST_DECODED = 4 << 20


@dataclass(slots=True)
class Needles:
    """What gives a person away, by what it is: `passphrase of alice` to the bytes it may appear as."""

    forms: dict[str, set[bytes]] = field(default_factory=dict)

    def add(self, name: str, secret: str | bytes) -> None:
        raw = secret.encode() if isinstance(secret, str) else secret
        self.forms.setdefault(name, set()).update(_writings(raw))

    def add_piece(self, name: str, piece: bytes) -> None:
        """Bytes looked for as they are: there are many of them."""
        self.forms.setdefault(name, set()).add(piece)

    def __len__(self) -> int:
        return sum(map(len, self.forms.values()))

    def find(self, *haystacks: bytes) -> list[str]:
        """Names of what is in there: as it stands, in its Base64, or compressed."""
        found: set[str] = set()
        for haystack in haystacks:
            for layer in (haystack, *_layers(haystack)):
                found |= {name for name, forms in self.forms.items() if any(form in layer for form in forms)}
        return sorted(found)


def _writings(raw: bytes) -> Iterator[bytes]:
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return
    yield text.encode("utf-16-le")
    yield quote(text).encode()
    yield json.dumps(text).strip('"').encode()


def _layers(haystack: bytes) -> Iterator[bytes]:
    """What decoding and inflating brings to light, joined."""
    decoded = [plain for run in _BASE64.findall(haystack) for plain in _decode(run)]
    yield b"\n".join(decoded)
    yield b"\n".join(inflated for part in decoded for inflated in _inflate(part))


def _decode(run: bytes) -> Iterator[bytes]:
    text = run.rstrip(b"=")
    for alphabet in (b"+/", b"-_"):
        try:
            yield base64.b64decode(text + b"=" * (-len(text) % 4), altchars=alphabet)
        except (binascii.Error, ValueError):
            continue


def _inflate(part: bytes) -> Iterator[bytes]:
    for wbits in (15, 31, -15):
        try:
            yield zlib.decompressobj(wbits).decompress(part, _LONGEST_DECODED)
        except zlib.error:
            continue


def pieces_of(jpeg: bytes, length: int = 24) -> list[bytes]:
    """Stretches of the compressed data, which no other picture has."""
    start = jpeg.index(b"\xff\xda") + 64
    return [jpeg[at : at + length] for at in range(start, len(jpeg) - length, max(length, len(jpeg) // 40))]


def shared_windows(first: Iterable[bytes], second: Iterable[bytes], width: int = 8) -> int:
    """How many stretches of `width` bytes occur in both, wherever they stand."""
    return len(_windows(first, width) & _windows(second, width))


def _windows(parts: Iterable[bytes], width: int) -> set[bytes]:
    return {part[at : at + width] for part in parts for at in range(len(part) - width + 1)}
