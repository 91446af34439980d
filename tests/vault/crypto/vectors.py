"""Writes `docs/vectors.json`: sealed bytes that every later version must still open, with all that opens them.

    python -m tests.vault.crypto.vectors

Run it when there is a new format or a format gains a version: what stands in the file stays as it is.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.vault.crypto.people import verify_key
from vault.crypto.binding import bind_public_key, make_mac
from vault.crypto.entries import seal_entry
from vault.crypto.frames import seal_frames
from vault.crypto.key_pairs import key_id, public_of
from vault.crypto.key_phrase import make_key_phrase
from vault.crypto.key_slots import wrap_with_passkey, wrap_with_passphrase, wrap_with_recovery
from vault.crypto.length_prefix import length_prefixed
from vault.crypto.pages import (
    Manifest,
    Page,
    PageKey,
    PageNote,
    derive_page_key,
    manifest_mark,
    page_digest,
    seal_manifest,
    seal_page,
)
from vault.crypto.recovery import format_recovery_code
from vault.crypto.session_halves import seal_for_session
from vault.journal.kinds import CheckIn

PATH = Path(__file__).parents[3] / "docs" / "vectors.json"


def make_vectors() -> dict[str, Any]:
    """Keys are counted bytes, so that nobody mistakes them for real ones."""
    private, worker, signing, erasure, code, binding, secret = (bytes(range(at, at + 32)) for at in range(0, 224, 32))
    public = public_of(private)
    vault_id, entry_id, capture_id = UUID(int=0xA), UUID(int=0xB), UUID(int=0xC)
    passphrase = "correct horse battery staple"
    payload = b'{"v":1,"kind":"%s","at":1772452800.0,"data":{}}' % CheckIn.kind.encode()
    half = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    frames = [b"\xff\xd8 frame one \xff\xd9", b"\xff\xd8 frame two \xff\xd9"]
    blobs, sealed_key = seal_frames(
        frames, capture_id=capture_id, vault_id=vault_id, recipient_public=public_of(worker)
    )
    place: dict[str, Any] = {"vault_id": vault_id, "public": public, "erasure_key": erasure}
    session: dict[str, Any] = {"purpose": "private key", "user_id": "7", "session_id": "abc", "expires": 1000}
    macs: dict[str, list[bytes]] = {
        "wb-vault": [vault_id.bytes, b"7", key_id(public), b"2026-03-02", b"90", b"2026-03-01"],
        "wb-consent": [
            capture_id.bytes, b"7", vault_id.bytes, key_id(public), b"camera", b"1", b"f" * 64,
            b"2026-03-02T08:00:00.000000+00:00", b"",
        ],
        "wb-schedule": [b"7", b"Europe/Berlin", bytes(32), b'{"enabled": true}'],
        "wb-opened": [vault_id.bytes, public],
    }  # fmt: skip
    return {
        "lp": {"parts": [b"", b"ab", bytes(3)], "bytes": length_prefixed(b"", b"ab", bytes(3))},
        "vault": {"id": vault_id, "private": private, "public": public, "key_id": key_id(public)},
        "lock": {
            "erasure_key": erasure,
            "passphrase": passphrase,
            "passphrase_slot": wrap_with_passphrase(private, passphrase, **place),
            "code": code,
            "code_text": format_recovery_code(code),
            "recovery_slot": wrap_with_recovery(private, code, **place),
        },
        "passkey": {"secret": secret, "lock": wrap_with_passkey(private, secret, **place)},
        "entry": {
            "id": entry_id,
            "payload": payload,
            "signing_key": signing,
            "verify_key": verify_key(signing),
            "sealed": seal_entry(payload, public=public, vault_id=vault_id, entry_id=entry_id, signing_key=signing),
        },
        "frames": {
            "capture_id": capture_id,
            "worker_private": worker,
            "frames": frames,
            "blobs": blobs,
            "sealed_key": sealed_key,
        },
        "binding": {
            "key": binding,
            "owner": "7",
            "mac": bind_public_key(public, vault_id=vault_id, owner="7", binding_keys=(binding,)),
        },
        "macs": {
            label: {"parts": parts, "mac": make_mac(label, *parts, binding_keys=(binding,))}
            for label, parts in macs.items()
        },
        "phrase": {"words": make_key_phrase(public)},
        "pages": _make_pages(derive_page_key(private, vault_id=vault_id)),
        "session": {**session, "cookie_half": half, "stored": seal_for_session(private, half, **session)},
    }


def _make_pages(key: PageKey) -> dict[str, Any]:
    body = (
        b'{"v":1,"entries":[["0000000000000000000000000000000b","%s",1772452800.0,{}]],"gone":[]}'
        % CheckIn.kind.encode()
    )
    page_id, month, version, first_day = UUID(int=0xD), 202603, 2, date(2026, 3, 2).toordinal()
    page = seal_page(Page(month, version, body), key=key, page_id=page_id)
    note = PageNote(page_id, month, version, first_day, page_digest(page))
    before = seal_manifest(Manifest(version=1), key=key)
    manifest = seal_manifest(Manifest(version, (note,), (manifest_mark(before),)), key=key)
    return {
        "key": key.raw,
        "page_id": page_id,
        "month": month,
        "version": version,
        "first_day": first_day,
        "body": body,
        "page": page,
        "digest": note.digest,
        "trail": [manifest_mark(before)],
        "manifest": manifest,
        "mark": manifest_mark(manifest),
    }


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    kept = json.loads(PATH.read_text()) if PATH.exists() else {}
    PATH.write_text(json.dumps(make_vectors() | kept, default=_plain, indent=1) + "\n")
