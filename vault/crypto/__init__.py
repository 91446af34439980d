"""Keys and sealing: who can open what. Handles bytes only, without Django. Byte formats: `docs/formats.md`."""

from __future__ import annotations

from vault.crypto.binding import bind_public_key, check_binding
from vault.crypto.entries import MAX_PAYLOAD_BYTES, SEALED_ENTRY_BYTES, open_entry, seal_entry
from vault.crypto.errors import (
    BindingMismatch,
    Damaged,
    DamagedKeySlot,
    Forged,
    PayloadTooLong,
    RecoveryCodeInvalid,
    SealError,
    ServerKeysDamaged,
    SessionClosed,
    SessionExpired,
    VaultError,
    WrongSecret,
)
from vault.crypto.frames import open_frames, seal_frames, wipe
from vault.crypto.key_pairs import KeyPair, key_id, make_key_pair, public_of
from vault.crypto.key_slots import Slot, check_key_slot, open_key_slot, wrap_with_passphrase, wrap_with_recovery
from vault.crypto.pages import (
    Manifest,
    Page,
    PageKey,
    PageNote,
    derive_page_key,
    manifest_mark,
    open_manifest,
    open_noted_page,
    open_page,
    page_digest,
    seal_manifest,
    seal_page,
)
from vault.crypto.recovery import format_recovery_code, make_recovery_code, parse_recovery_code, split_groups
from vault.crypto.second_factors import open_seed, seal_seed
from vault.crypto.server_keys import ServerKeys, load_or_create_server_keys
from vault.crypto.session_halves import (
    expires_at,
    extend_private_key,
    join_private_key,
    make_cookie_half,
    open_for_session,
    seal_for_session,
    split_private_key,
)

__all__ = [
    "MAX_PAYLOAD_BYTES",
    "SEALED_ENTRY_BYTES",
    "BindingMismatch",
    "Damaged",
    "DamagedKeySlot",
    "Forged",
    "KeyPair",
    "Manifest",
    "Page",
    "PageKey",
    "PageNote",
    "PayloadTooLong",
    "RecoveryCodeInvalid",
    "SealError",
    "ServerKeys",
    "ServerKeysDamaged",
    "SessionClosed",
    "SessionExpired",
    "Slot",
    "VaultError",
    "WrongSecret",
    "bind_public_key",
    "check_binding",
    "check_key_slot",
    "derive_page_key",
    "expires_at",
    "extend_private_key",
    "format_recovery_code",
    "join_private_key",
    "key_id",
    "load_or_create_server_keys",
    "make_cookie_half",
    "make_key_pair",
    "make_recovery_code",
    "manifest_mark",
    "open_entry",
    "open_for_session",
    "open_frames",
    "open_key_slot",
    "open_manifest",
    "open_noted_page",
    "open_page",
    "open_seed",
    "page_digest",
    "parse_recovery_code",
    "public_of",
    "seal_entry",
    "seal_for_session",
    "seal_frames",
    "seal_manifest",
    "seal_page",
    "seal_seed",
    "split_groups",
    "split_private_key",
    "wipe",
    "wrap_with_passphrase",
    "wrap_with_recovery",
]
