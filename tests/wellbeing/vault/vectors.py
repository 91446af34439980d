"""Writes `docs/vectors.json`: sealed bytes that every later version must still open, with all that opens them.

    python -m tests.wellbeing.vault.vectors

Run it only when a format gains a version; old vectors stay in the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.wellbeing.vault.people import verify_key
from wellbeing.vault import (
    bind_public_key,
    format_recovery_code,
    key_id,
    lock_with_passphrase,
    lock_with_recovery,
    public_of,
    seal_entry,
    seal_for_session,
    seal_frames,
)
from wellbeing.vault.encoding import lp

PATH = Path(__file__).parents[3] / "docs" / "vectors.json"


def make_vectors() -> dict[str, Any]:
    """Keys are counted bytes, so that nobody mistakes them for real ones."""
    private, worker, signing, erasure, code, binding = (bytes(range(at, at + 32)) for at in range(0, 192, 32))
    public = public_of(private)
    vault_id, entry_id, capture_id = UUID(int=0xA), UUID(int=0xB), UUID(int=0xC)
    passphrase, payload = "correct horse battery staple", b'{"v":1,"kind":"checkin","at":1772452800.0,"data":{}}'
    half = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    frames = [b"\xff\xd8 frame one \xff\xd9", b"\xff\xd8 frame two \xff\xd9"]
    blobs, sealed_key = seal_frames(
        frames, capture_id=capture_id, vault_id=vault_id, recipient_public=public_of(worker)
    )
    place: dict[str, Any] = {"vault_id": vault_id, "public": public, "erasure_key": erasure}
    session: dict[str, Any] = {"purpose": "private key", "user_id": "7", "session_id": "abc", "expires": 1000}
    return {
        "lp": {"parts": [b"", b"ab", bytes(3)], "bytes": lp(b"", b"ab", bytes(3))},
        "vault": {"id": vault_id, "private": private, "public": public, "key_id": key_id(public)},
        "lock": {
            "erasure_key": erasure,
            "passphrase": passphrase,
            "passphrase_lock": lock_with_passphrase(private, passphrase, **place),
            "code": code,
            "code_text": format_recovery_code(code),
            "recovery_lock": lock_with_recovery(private, code, **place),
        },
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
        "session": {**session, "cookie_half": half, "stored": seal_for_session(private, half, **session)},
    }


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    PATH.write_text(json.dumps(make_vectors(), default=_plain, indent=1) + "\n")
