"""The bytes promised in `docs/formats.md`, read from `docs/vectors.json` and by a second reading of RFC 9180."""

import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.vault.crypto.people import join_private_key
from tests.vault.crypto.vectors import PATH
from vault.crypto.binding import check_binding, is_authentic
from vault.crypto.entries import open_entry
from vault.crypto.errors import DamagedKeySlot
from vault.crypto.frames import open_frames
from vault.crypto.key_pairs import key_id, public_of
from vault.crypto.key_phrase import make_key_phrase
from vault.crypto.key_slots import Slot, open_key_slot
from vault.crypto.length_prefix import length_prefixed, split_length_prefixed
from vault.crypto.pages import Manifest, Page, PageNote, derive_page_key, manifest_mark, open_manifest, open_noted_page
from vault.crypto.recovery import format_recovery_code, parse_recovery_code

VECTORS: dict[str, Any] = json.loads(PATH.read_text())
VAULT = VECTORS["vault"]
VAULT_ID = UUID(VAULT["id"])
PRIVATE, PUBLIC = bytes.fromhex(VAULT["private"]), bytes.fromhex(VAULT["public"])


def taken(section: str, name: str) -> bytes:
    return bytes.fromhex(VECTORS[section][name])


def test_length_prefixed_parts() -> None:
    parts = [bytes.fromhex(part) for part in VECTORS["lp"]["parts"]]
    assert length_prefixed(*parts) == taken("lp", "bytes")
    assert split_length_prefixed(taken("lp", "bytes") + b"rest", 3) == (parts, b"rest")


def test_key_ids() -> None:
    assert public_of(PRIVATE) == PUBLIC
    assert key_id(PUBLIC) == taken("vault", "key_id")


@pytest.mark.parametrize("slot", ["passphrase", "recovery"])
def test_locks_open(slot: Slot) -> None:
    secret = VECTORS["lock"]["passphrase"] if slot == "passphrase" else taken("lock", "code")
    opened = open_key_slot(
        taken("lock", f"{slot}_lock"),
        secret,
        slot=slot,
        vault_id=VAULT_ID,
        public=PUBLIC,
        erasure_key=taken("lock", "erasure_key"),
    )
    assert opened == PRIVATE


def test_the_lock_of_a_passkey_opens() -> None:
    place: dict[str, Any] = {"vault_id": VAULT_ID, "public": PUBLIC, "erasure_key": taken("lock", "erasure_key")}
    lock, secret = taken("passkey", "lock"), taken("passkey", "secret")
    assert open_key_slot(lock, secret, slot="passkey", **place) == PRIVATE
    others: tuple[Slot, ...] = ("recovery", "passphrase")
    for slot in others:
        with pytest.raises(DamagedKeySlot):
            open_key_slot(lock, secret, slot=slot, **place)


def test_recovery_codes_read_back() -> None:
    assert format_recovery_code(taken("lock", "code")) == VECTORS["lock"]["code_text"]
    assert parse_recovery_code(VECTORS["lock"]["code_text"]) == taken("lock", "code")


def test_entries_open() -> None:
    payload = open_entry(
        taken("entry", "sealed"),
        private=PRIVATE,
        public=PUBLIC,
        vault_id=VAULT_ID,
        entry_id=UUID(VECTORS["entry"]["id"]),
        verify_keys=[taken("entry", "verify_key")],
    )
    assert payload == taken("entry", "payload")


def test_frames_open() -> None:
    frames = open_frames(
        [bytes.fromhex(blob) for blob in VECTORS["frames"]["blobs"]],
        taken("frames", "sealed_key"),
        private=taken("frames", "worker_private"),
        capture_id=UUID(VECTORS["frames"]["capture_id"]),
        vault_id=VAULT_ID,
    )
    assert [frame.hex() for frame in frames] == VECTORS["frames"]["frames"]


def test_pages_and_manifests_open() -> None:
    said = VECTORS["pages"]
    key = derive_page_key(PRIVATE, vault_id=VAULT_ID)
    assert key.raw == taken("pages", "key")
    page_id, month, version = UUID(said["page_id"]), said["month"], said["version"]
    note = PageNote(page_id, month, version, said["first_day"], taken("pages", "digest"))
    page = open_noted_page(taken("pages", "page"), key=key, note=note)
    assert page == Page(month, version, taken("pages", "body"))
    ancestors = tuple(bytes.fromhex(mark) for mark in said["trail"])
    assert open_manifest(taken("pages", "manifest"), key=key) == Manifest(version, (note,), ancestors)
    assert manifest_mark(taken("pages", "manifest")) == taken("pages", "mark")


def test_a_second_reading_of_the_formats_opens_a_page() -> None:
    """With nothing but AES-GCM, HMAC and this file's own numbers."""
    said = VECTORS["pages"]
    kid = hashlib.sha256(b"wb/v1/kid" + PUBLIC).digest()[:16]
    info = b"wb/v1/pages" + b"\0\x10" + VAULT_ID.bytes + b"\0\x10" + kid
    key = hmac.digest(hmac.digest(bytes(32), PRIVATE, "sha256"), info + b"\x01", "sha256")
    sealed, page_id = taken("pages", "page"), UUID(said["page_id"])
    context = b"\0\x07wb-page\0\x01\x01\0\x10" + VAULT_ID.bytes + b"\0\x10" + page_id.bytes
    plain = AESGCM(key).decrypt(sealed[1:13], sealed[13:], context)
    body = taken("pages", "body")
    head = said["month"].to_bytes(4, "big") + said["version"].to_bytes(8, "big") + len(body).to_bytes(4, "big")
    assert plain == (head + body).ljust(16 * 1024, b"\0")


def test_bindings_hold() -> None:
    owner = VECTORS["binding"]["owner"]
    keys = [taken("binding", "key")]
    check_binding(taken("binding", "mac"), PUBLIC, vault_id=VAULT_ID, owner=owner, binding_keys=keys)


def test_macs_of_rows_hold() -> None:
    keys = [taken("binding", "key")]
    assert set(VECTORS["macs"]) == {"wb-vault", "wb-consent", "wb-schedule", "wb-opened"}
    for label, said in VECTORS["macs"].items():
        parts, mac = [bytes.fromhex(part) for part in said["parts"]], bytes.fromhex(said["mac"])
        assert hmac.digest(keys[0], length_prefixed(label.encode(), b"\x01", *parts), "sha256") == mac
        assert is_authentic(mac, label, *parts, binding_keys=keys)


def test_a_key_has_its_phrase() -> None:
    assert make_key_phrase(PUBLIC) == VECTORS["phrase"]["words"]


def test_sessions_open() -> None:
    said = VECTORS["session"]
    private = join_private_key(
        said["cookie_half"],
        taken("session", "stored"),
        user_id=said["user_id"],
        session_id=said["session_id"],
        now=said["expires"] - 1,
    )
    assert private == PRIVATE


def _extract(salt: bytes, suite: bytes, label: bytes, key: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, "sha256")


def _expand(key: bytes, suite: bytes, label: bytes, info: bytes, size: int) -> bytes:
    labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.digest(key, labelled + b"\x01", "sha256")[:size]


def open_by_the_rfc(sealed: bytes, private: bytes, public: bytes, info: bytes) -> bytes:
    """RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-256-GCM 0x0002, sequence 0."""
    kem, suite = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"
    share, ciphertext = sealed[:32], sealed[32:]
    shared = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(share))
    secret = _expand(_extract(b"", kem, b"eae_prk", shared), kem, b"shared_secret", share + public, 32)
    context = b"\x00" + _extract(b"", suite, b"psk_id_hash", b"") + _extract(b"", suite, b"info_hash", info)
    root = _extract(secret, suite, b"secret", b"")
    key, nonce = _expand(root, suite, b"key", context, 32), _expand(root, suite, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def test_a_second_reading_of_the_rfc_opens_an_entry() -> None:
    entry_id = UUID(VECTORS["entry"]["id"])
    kid = hashlib.sha256(b"wb/v1/kid" + PUBLIC).digest()[:16]
    info = b"".join(
        len(part).to_bytes(2, "big") + part for part in (b"wb-entry", b"\x01", VAULT_ID.bytes, kid, entry_id.bytes)
    )
    inner = open_by_the_rfc(taken("entry", "sealed")[1:], PRIVATE, PUBLIC, info)
    payload = taken("entry", "payload")
    assert inner[64:] == len(payload).to_bytes(2, "big") + payload + bytes(1024 - 66 - len(payload))
