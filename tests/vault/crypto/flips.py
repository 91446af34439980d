"""Flips every bit of what the vault seals, one at a time: how many were tried, and how many still opened.

    python -m tests.vault.crypto.flips

prints the counts as JSON.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tests.vault.crypto.people import ALICE, CAPTURE, ENTRY, SIGNING, VAULT, flip, verify_key
from vault.crypto.entries import open_entry, seal_entry
from vault.crypto.errors import VaultError
from vault.crypto.frames import open_frames, seal_frames
from vault.crypto.key_slots import open_key_slot, wrap_with_passkey, wrap_with_passphrase, wrap_with_recovery
from vault.crypto.pages import (
    Manifest,
    Page,
    PageNote,
    derive_page_key,
    open_manifest,
    open_page,
    page_digest,
    seal_manifest,
    seal_page,
)
from vault.crypto.session_halves import open_for_session, seal_for_session

ERASURE, CODE = b"e" * 32, b"c" * 32
PASSPHRASE = "mannish snipping ankle goon"
PAGE_ID = UUID(int=31)
#: Thousands of padded bytes, whose eight bits fare alike.
LONG = {"page", "manifest"}
KEY = derive_page_key(ALICE.private, vault_id=VAULT)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed bytes, and what opens them."""

    data: bytes
    open: Callable[[bytes], object]


def make_sealed() -> dict[str, Sealed]:
    """One of everything that is kept or on its way, by its name."""
    place: dict[str, Any] = {"vault_id": VAULT, "public": ALICE.public, "erasure_key": ERASURE}
    session: dict[str, Any] = {"purpose": "private key", "user_id": "7", "session_id": "abc"}
    half = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    blobs, sealed_key = seal_frames([b"a frame"], capture_id=CAPTURE, vault_id=VAULT, recipient_public=ALICE.public)

    def open_frame(blob: bytes, key: bytes) -> object:
        return open_frames([blob], key, private=ALICE.private, capture_id=CAPTURE, vault_id=VAULT)

    def open_line(data: bytes) -> bytes:
        keys = (verify_key(SIGNING),)
        return open_entry(
            data, private=ALICE.private, public=ALICE.public, vault_id=VAULT, entry_id=ENTRY, verify_keys=keys
        )

    entry = seal_entry(b"a reading", public=ALICE.public, vault_id=VAULT, entry_id=ENTRY, signing_key=SIGNING)
    page = seal_page(make_page(), key=KEY, page_id=PAGE_ID)
    manifest = seal_manifest(make_manifest(page), key=KEY)
    stored = seal_for_session(ALICE.private, half, **session, expires=1000)
    return {
        "passphrase lock": Sealed(
            wrap_with_passphrase(ALICE.private, PASSPHRASE, **place),
            lambda data: open_key_slot(data, PASSPHRASE, slot="passphrase", **place),
        ),
        "recovery lock": Sealed(
            wrap_with_recovery(ALICE.private, CODE, **place),
            lambda data: open_key_slot(data, CODE, slot="recovery", **place),
        ),
        "passkey lock": Sealed(
            wrap_with_passkey(ALICE.private, CODE, **place),
            lambda data: open_key_slot(data, CODE, slot="passkey", **place),
        ),
        "entry": Sealed(entry, open_line),
        "page": Sealed(page, lambda data: open_page(data, key=KEY, page_id=PAGE_ID)),
        "manifest": Sealed(manifest, lambda data: open_manifest(data, key=KEY)),
        "frame": Sealed(blobs[0], lambda data: open_frame(data, sealed_key)),
        "frame key": Sealed(sealed_key, lambda data: open_frame(blobs[0], data)),
        "session": Sealed(stored, lambda data: open_for_session(half, data, **session, now=1)),
    }


def make_page(month: int = 202603, version: int = 4, body: bytes = b"thirty days") -> Page:
    return Page(month, version, body)


def make_manifest(sealed_page: bytes) -> Manifest:
    note = PageNote(PAGE_ID, 202603, 4, date(2026, 3, 1).toordinal(), page_digest(sealed_page))
    return Manifest(4, (note,), (b"mark one", b"mark two"))


def every_bit(data: bytes) -> Iterable[int]:
    return range(8 * len(data))


def one_bit_a_byte(data: bytes) -> Iterable[int]:
    """The lowest bit of the first byte, the next of the second, and so on."""
    return (8 * place + place % 8 for place in range(len(data)))


def flip_each(sealed: Sealed, bits: Iterable[int]) -> tuple[int, int]:
    """How many flips were tried, and how many of them opened all the same."""
    tried = accepted = 0
    for bit in bits:
        tried += 1
        try:
            sealed.open(flip(sealed.data, bit))
        except VaultError:
            continue
        accepted += 1
    return tried, accepted


def count_flips(*, quick: bool = False) -> dict[str, dict[str, int]]:
    """`{"entry": {"tried": 8584, "accepted": 0}, ..., "all": ...}`; of what is `LONG`, one bit a byte where `quick`.

    Raises AssertionError when something whole does not open, so that a count of nothing is no success.
    """
    counts: dict[str, dict[str, int]] = {}
    for name, sealed in make_sealed().items():
        assert sealed.open(sealed.data), name
        bits_of = one_bit_a_byte if quick and name in LONG else every_bit
        tried, accepted = flip_each(sealed, bits_of(sealed.data))
        counts[name] = {"tried": tried, "accepted": accepted}
    counts["all"] = {key: sum(count[key] for count in counts.values()) for key in ("tried", "accepted")}
    return counts


if __name__ == "__main__":
    print(json.dumps(count_flips(), indent=1))
