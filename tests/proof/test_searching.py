import base64
import json
import os
import zlib
from urllib.parse import quote

import pytest

from tests.hostile import plain
from tests.proof.searching import Needles, pieces_of, shared_windows

NOTE = "marmalade für 7731"


@pytest.mark.parametrize(
    "held",
    [
        NOTE.encode(),
        NOTE.encode().hex().encode(),
        NOTE.encode().hex().upper().encode(),
        NOTE.encode("utf-16-le"),
        quote(NOTE).encode(),
        json.dumps({"note": NOTE}).encode(),
        base64.b64encode(f"a note: {NOTE}".encode()),
        base64.urlsafe_b64encode(f"a note: {NOTE}".encode()).rstrip(b"="),
        base64.b64encode(zlib.compress(f"a note: {NOTE}".encode())),
    ],
    ids=["plain", "hex", "HEX", "UTF-16", "quoted", "JSON", "Base64", "URL-safe Base64", "deflated"],
)
def test_a_secret_is_found_however_it_was_written_down(held: bytes) -> None:
    needles = Needles()
    needles.add("note", NOTE)
    assert needles.find(b"before " + held + b" after") == ["note"]
    assert needles.find(b"before  after", os.urandom(4000)) == []


def test_a_picture_is_known_by_any_stretch_of_its_data() -> None:
    pieces = pieces_of(plain())
    assert len(pieces) > 30
    assert all(len(piece) == 24 and piece in plain() for piece in pieces)
    assert len(set(pieces)) == len(pieces)


def test_equal_stretches_are_counted_wherever_they_stand() -> None:
    assert shared_windows([b"0123456789"], [b"xx0123456789"]) == 3
    assert shared_windows([b"01234567"], [b"89abcdef"]) == 0
