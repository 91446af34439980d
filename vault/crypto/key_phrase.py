"""A short phrase made of a vault's public key: who finds the words on their paper finds the same vault."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

_WORDS: Final = 5
_WORD_LIST: Final = Path(__file__).parent / "words" / "eff_large.txt"


def make_key_phrase(public: bytes) -> str:
    """Five words of 12.9 bits each: another key with the same ones takes some 2^64 tries."""
    words = _words()
    number = int.from_bytes(hashlib.sha256(b"wb/v1/phrase" + public).digest(), "big")
    return " ".join(words[number // len(words) ** place % len(words)] for place in range(_WORDS))


@cache
def _words() -> tuple[str, ...]:
    return tuple(_WORD_LIST.read_text().split())
